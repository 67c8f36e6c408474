"""The commands and their options. Each command imports the modules that do its work when it runs."""

import os
from pathlib import Path
from typing import IO, Any, get_args

import click

from searchsvc import __version__
from searchsvc.cli.options import (
    CheckedOption,
    CommandGroup,
    filter_options,
    is_given,
    json_option,
    page_options,
    query_options,
    settings_options,
)
from searchsvc.config import FILE, Settings, settings_file
from searchsvc.errors import UserError
from searchsvc.model.article import ExportFormat
from searchsvc.model.limits import MAX_PER_PAGE, PER_PAGE

_MAX_STDIN = 1_000_000  # characters of standard input that are read, so that what has no end is refused as too long


@click.group("searchsvc", cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="searchsvc")
@click.option(
    "--config",
    type=click.Path(dir_okay=False),
    cls=CheckedOption,
    metavar="FILE",
    help=f"Settings file. [default: {FILE}, if it exists]",
)
@click.pass_context
def main(ctx: click.Context, config: str | None) -> None:
    """Full-text search for an archive of articles.

    Settings come from options, environment variables (SEARCHSVC_CORPUS, SEARCHSVC_INDEX, …) or lines of searchsvc.toml.
    """
    ctx.obj = settings_file(os.environ, config)


@main.command(short_help="Update the index from the folder of articles.")
@click.option("--full", is_flag=True, help="Reread every file, even if it has not changed.")
@click.option("--part", metavar="N/M", help="Read one of M parts of the corpus; the last to finish publishes.")
@click.option("--watch", is_flag=True, help="Keep running, and follow the folder until ctrl-C.")
@settings_options("corpus", "index", "engine", "language", "reading_processes")
@json_option
def reindex(settings: Settings, full: bool, part: str | None, watch: bool, as_json: bool) -> None:
    """Update the index: read new and changed files, and publish the result as a new generation."""
    # A process with threads, such as those of NumPy's library for matrices, cannot fork the processes that read files.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from searchsvc.cli import reindexing

    if part is None:
        reindexing.run(settings, full=full, as_json=as_json)
        if watch:
            reindexing.follow(settings, as_json=as_json)
    elif full or watch:
        raise UserError("--part cannot be combined with --full or --watch: it always rereads its files", param="part")
    else:
        reindexing.run_part(settings, part, as_json=as_json)


@main.command(short_help="Search, and print highlighted hits.")
@click.argument("words", nargs=-1)
@click.option("--batch", metavar="FILE", help="Search for each line of a file, or of a .csv or .tsv table; - is stdin.")
@click.option("--column", metavar="NAME", help="With --batch: name or number of the table's column that has the queries.")
@click.option("--kwic", is_flag=True, help="Print every match in its line (keyword in context).")
@query_options("relevance")
@page_options
@settings_options("index")
@json_option
def search(settings: Settings, words: tuple[str, ...], as_json: bool, **given: Any) -> None:
    """Search for WORDS, and print the hits with highlighted matches.

    Quote a phrase for your shell too, as in '"working group"'. Write -- before words that begin with a hyphen, as in
    -- tide -tea.

    With --batch, search for each query of a list, and print a table of totals and first hits as CSV, or as JSON Lines.
    With --kwic, print every match in its line, sorted by the words to its right, or by --sort left, newest and others.
    """
    kwic = given.pop("kwic")
    listed = given.pop("batch"), given.pop("column")
    if listed != (None, None):
        from searchsvc.cli import batch

        if kwic:
            raise UserError("--kwic cannot be combined with --batch", param="kwic")
        _refuse(given, "versions", "--batch, which counts every article")
        batch.run(settings, _pairs(given), batch.query_list(words, *listed), as_json=as_json)
        return
    if kwic:
        from searchsvc.cli import concordance
        from searchsvc.search.concordance import LINES

        _refuse(given, "versions", "--kwic, which prints the lines of every article")
        _refuse(given, "per_page", f"--kwic, which prints {LINES} lines on a page")
        concordance.run(settings, _pairs({"q": " ".join(words), **given}), as_json=as_json)
        return
    from searchsvc.api import Addresses, parse_question, search_answer
    from searchsvc.cli.output import print_answer, print_json
    from searchsvc.search import SearchService
    from searchsvc.search.earliest import earliest_versions

    pairs = _pairs({"q": " ".join(words), **given})
    searcher = SearchService(settings).acquire()
    answer = searcher.search(parse_question(pairs, searcher))
    if as_json:
        print_json(search_answer(answer, Addresses()))
    else:
        print_answer(answer, earliest_versions(searcher.engine, (*answer.results.hits, *answer.partial)))


@main.command(short_help="Find where a quotation was printed.")
@click.argument("text", nargs=-1)
@click.option(
    "--limit",
    cls=CheckedOption,
    type=click.IntRange(1, MAX_PER_PAGE),
    metavar="N",
    usual=PER_PAGE,
    help="Number of articles or passages to show.",
)
@filter_options
@settings_options("index")
@json_option
def quote(settings: Settings, text: tuple[str, ...], as_json: bool, **given: Any) -> None:
    """Check a quotation: print the articles that have TEXT word for word, or the passages most like it.

    Without TEXT, or if it is -, the passage is read from standard input.
    """
    from searchsvc.api import Addresses
    from searchsvc.api.parameters import parse_quotation
    from searchsvc.api.quotations import quotation_check
    from searchsvc.cli.output import print_json, print_quotation
    from searchsvc.search import SearchService

    from_stdin = text in ((), ("-",))
    passage = click.open_file("-", encoding="utf-8", errors="replace").read(_MAX_STDIN) if from_stdin else " ".join(text)
    pairs = _pairs({"text": passage, **given})
    searcher = SearchService(settings).acquire()
    check = searcher.check_quotation(parse_quotation(pairs, searcher))
    if as_json:
        print_json(quotation_check(check, Addresses()))
    else:
        print_quotation(check)


@main.command(short_help="List the articles with most versions.")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, metavar="N", help="Number of stories."
)
@settings_options("index")
@json_option
def stories(settings: Settings, limit: int, as_json: bool) -> None:
    """List the stories of most versions: articles that share most of their text, by the earliest of them."""
    from searchsvc.api import serialize
    from searchsvc.api.versions import stories_json
    from searchsvc.cli.output import print_json, print_stories
    from searchsvc.search import SearchService

    searcher = SearchService(settings).acquire()
    found = searcher.story_reader.largest(limit)
    if as_json:
        about = serialize.index(searcher.generation.name, searcher.info)
        print_json(stories_json(found, searcher.stories, about))
    else:
        print_stories(found, searcher.stories)


@main.command(short_help="Write the articles of a search to a file.")
@click.argument("words", nargs=-1)
@click.option(
    *("--format", "form"),
    type=click.Choice(get_args(ExportFormat)),
    help="Format. By default that of the file's suffix, or jsonl if it has none.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default="-",
    metavar="FILE",
    help="File to write; - is standard output, the default.",
)
@query_options("newest")
@settings_options("index")
@json_option
def export(
    settings: Settings,
    words: tuple[str, ...],
    form: ExportFormat | None,
    output: Path,
    as_json: bool,
    **given: Any,
) -> None:
    """Write the articles that WORDS find, or all articles, the newest first.

    The formats are JSON Lines, which reindex can read again, CSV for spreadsheets, and RIS for reference managers.
    """
    from searchsvc.cli import exporting

    pairs = _pairs({"q": " ".join(words), **given})
    exporting.run(settings, pairs, form or exporting.format_of(output), output, as_json=as_json)


@main.command(short_help="Serve the search page and the API.")
@settings_options("host", "port", "workers", "threads", "corpus", "index", "engine", "language", serving=True)
@click.option("--reindex", "first_reindex", is_flag=True, help="Update the index first.")
@click.option("--open", "open_browser", is_flag=True, help="Open the search page in a browser.")
def serve(settings: Settings, first_reindex: bool, open_browser: bool) -> None:
    """Serve the search page and the API with gunicorn."""
    from searchsvc.cli import serving

    serving.check(settings)
    if first_reindex:
        from searchsvc.cli import reindexing

        reindexing.run(settings, full=False, as_json=False)
    serving.run(settings, click.get_current_context().obj, open_browser=open_browser)


@main.command(short_help="Describe the live index.")
@settings_options("index")
@json_option
def stats(settings: Settings, as_json: bool) -> None:
    """Show the articles, files and fields of the live generation, and the alerts that cannot be delivered."""
    from searchsvc.cli import describing

    describing.show(settings, as_json=as_json)


@main.command(short_help="List, test and send the alerts.")
@click.option("--send", is_flag=True, help="Try the articles that are new, and send the messages that are due.")
@click.option("--retry", is_flag=True, help="As --send, and send the messages of targets that fail at once.")
@click.option("--watch", is_flag=True, help="Keep running, and do so after each publication until ctrl-C.")
@click.option("--test", metavar="NAME", help="Send a test message to the targets of the alert with this name.")
@settings_options("index")
@json_option
def alerts(settings: Settings, test: str | None, as_json: bool, **chosen: bool) -> None:
    """List the alerts of the settings file, what they have reported, and the targets that fail."""
    from searchsvc.cli import alerting

    given = [name for name, is_given in chosen.items() if is_given] + (["test"] if test is not None else [])
    match given:
        case []:
            alerting.show(settings, as_json=as_json)
        case ["test"]:
            alerting.test(settings, test or "", as_json=as_json)
        case ["watch"]:
            alerting.watch(settings)
        case ["send"] | ["retry"]:
            alerting.send(settings, now=given == ["retry"], as_json=as_json)
        case _:
            raise UserError("choose one of --send, --retry, --watch and --test", param=given[-1])


@main.command(short_help="Serve assistants by the Model Context Protocol.")
@click.option("--http", "over_http", is_flag=True, help="Serve over HTTP, not over standard input and output.")
@settings_options("host", "port", "index")
def mcp(settings: Settings, over_http: bool) -> None:
    """Let an assistant search the archive: it starts this command, or connects to it with --http.

    It has the tools search, get_article, list_facets, trends, versions and check_quote, and articles as resources.
    """
    from searchsvc.cli import assisting

    if not over_http:
        for name in ("host", "port"):
            if is_given(click.get_current_context(), name):
                raise UserError(f"--{name} is for --http: add --http, or leave out --{name}", param=name)
    assisting.run(settings, over_http=over_http)


@main.command(short_help="Show how a file is read.")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--limit", type=click.IntRange(1), default=3, show_default=True, metavar="N", help="Number of articles to show."
)
@settings_options()
@json_option
def inspect(settings: Settings, path: Path, limit: int, as_json: bool) -> None:
    """Show how a file is read: its encoding, and each field, its value, and where it was found."""
    from searchsvc.api import serialize
    from searchsvc.cli.output import describe_skipped, field_lines, print_json, printable
    from searchsvc.corpus import ExtractedArticle, ReadFailure, ReadNote, find_format, inspect_file, plugin_of, plugins
    from searchsvc.model.skipped import SkippedFiles

    if not path.is_file():
        raise UserError(f"{path} is not a file", param="path")
    if settings.synonyms_file.exists() and path.samefile(settings.synonyms_file):
        _inspect_synonyms(path, as_json=as_json)
        return
    file_format, told_by = find_format(path)
    found, decisions = inspect_file(path, settings.mapping, limit)
    failures = [{"path": item.path, "reason": item.reason} for item in found if isinstance(item, ReadFailure)]
    articles = [serialize.provenance(item.article, item.provenance) for item in found if isinstance(item, ExtractedArticle)]
    notes = [*(f"{item.path}: {item.text}" for item in found if isinstance(item, ReadNote)), *plugins().problems]
    plugin = plugin_of(path.name)
    skipped = [item for item in found if isinstance(item, SkippedFiles)]
    if as_json:
        read_as = {
            "format": {"suffix": file_format, "from": told_by, "reader": plugin or "searchsvc"},
            "decisions": decisions,
        }
        print_json(read_as | {"articles": articles, "failures": failures, "notes": notes, "skipped_files": skipped})
        return
    click.echo(printable(f"read as {file_format}{f' by {plugin}' if plugin else ''}, because of {told_by}"))
    for subject, decision in decisions.items():
        click.echo(printable(f"{subject}: {decision}"))
    for article in articles:
        click.echo("\n".join(map(printable, field_lines(article["fields"]))) + "\n")
    for failure in failures:
        click.echo(printable(f"{failure['path']}: {failure['reason']}"), err=True)
    for note in notes:
        click.echo(printable(f"note: {note}"), err=True)
    if skipped:
        click.echo(printable(describe_skipped(skipped)), err=True)


def _inspect_synonyms(path: Path, *, as_json: bool) -> None:
    """Show how many entries of a file have synonyms, and the lines that are skipped."""
    from searchsvc.cli.output import print_json, printable
    from searchsvc.search.synonym_file import read_synonyms

    found, notes = read_synonyms(path)
    if as_json:
        print_json({"synonyms": len(found.rules), "notes": notes})
        return
    entries = "1 entry has" if len(found.rules) == 1 else f"{len(found.rules):,} entries have"
    click.echo(f"read as a list of synonyms: {entries} some")
    for note in notes:
        click.echo(printable(f"note: {note}"), err=True)


@main.command(short_help="Check the index and its answers.")
@click.option(
    "--verify", type=click.IntRange(0, 100_000), default=0, metavar="N", help="Compare N random queries with a plain scan."
)
@click.option("--seed", type=int, default=None, metavar="N", help="Seed of the random queries, to repeat them.")
@settings_options("index")
@json_option
def check(settings: Settings, verify: int, seed: int | None, as_json: bool) -> None:
    """Check the files of the live generation and, with --verify, its answers."""
    from searchsvc.cli import checking

    checking.check(settings, verify, seed, as_json=as_json)


@main.command(short_help="Summarise the queries of an access log.")
@click.argument("log", type=click.File("rb"))
@click.option("--top", type=click.IntRange(1, 10_000), default=20, metavar="N", help="Queries to list of each kind.")
@json_option
def report(log: IO[bytes], top: int, as_json: bool) -> None:
    """List the most frequent, fruitless and slowest queries of an access log; - is standard input."""
    from searchsvc.cli.output import print_json, print_queries
    from searchsvc.cli.query_log import query_report

    found = query_report(log, top)
    if as_json:
        print_json(found)
    else:
        print_queries(found)


@main.command(short_help="Go back to the generation before.")
@settings_options("index")
@json_option
def rollback(settings: Settings, as_json: bool) -> None:
    """Make the last undamaged generation before the live one live again."""
    from searchsvc.cli.output import print_json
    from searchsvc.search import SearchService

    generation = SearchService(settings).rollback()
    if as_json:
        print_json({"generation": generation.name})
    else:
        click.echo(f"{generation.name} is live again")


def _refuse(given: dict[str, Any], name: str, other: str) -> None:
    """Raise UserError if an option is given that does not go together with another one."""
    if given[name] is not None:
        raise UserError(f"--{name.replace('_', '-')} cannot be combined with {other}", param=name)


def _pairs(given: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the parameters of a search that options and arguments give."""
    filters = [("filter", text) for text in given.pop("filters")]
    return [*((name, value) for name, value in given.items() if value is not None), *filters]
