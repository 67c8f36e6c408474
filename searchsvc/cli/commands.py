"""The commands and their options. Exit status: 0 for success, 1 for a failure, 2 for wrong usage.

Each command imports the modules that do its work when it runs. Help and shell completion stay fast, since they load no
engine and no reader of files.
"""

from pathlib import Path
from typing import IO

import click

from searchsvc import __version__
from searchsvc.cli.options import CommandGroup, json_option, load, settings_options
from searchsvc.config import FILE, PREFIX
from searchsvc.errors import UserError


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="searchsvc")
@click.option(
    "--config", type=click.Path(path_type=Path), default=Path(FILE), envvar=f"{PREFIX}CONFIG", help="Settings file."
)
@click.pass_context
def main(ctx: click.Context, config: Path) -> None:
    """Full-text search for an archive of articles.

    Settings come from options, environment variables (SEARCHSVC_CORPUS, SEARCHSVC_INDEX, …) or lines of searchsvc.toml.
    """
    ctx.obj = config


@main.command()
@click.option("--full", is_flag=True, help="Reread every file, even if it has not changed.")
@click.option("--part", metavar="N/M", help="Read one of M parts of the corpus; the last to finish publishes.")
@click.option("--watch", is_flag=True, help="Keep running, and follow the folder until ctrl-C.")
@settings_options("corpus", "index", "engine", "language", "workers")
@json_option
@click.pass_obj
def reindex(config: Path, /, full: bool, part: str | None, watch: bool, as_json: bool, **given: str | None) -> None:
    """Update the index: read new and changed files, and publish the result as a new generation."""
    from searchsvc.cli import reindexing

    settings = load(config, **given)
    if part is None:
        reindexing.run(settings, full=full, as_json=as_json)
        if watch:
            reindexing.follow(settings, as_json=as_json)
    elif full or watch:
        raise UserError("--part cannot be combined with --full or --watch: it always rereads its files", param="part")
    else:
        reindexing.run_part(settings, part, as_json=as_json)


@main.command()
@click.argument("query", default="")
@click.option(
    "--filter",
    "filters",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Only articles with this value of a metadata field; repeatable.",
)
@click.option("--from", "start", metavar="DATE", help="First day, month or year: 2022-12-23, 2022-12 or 2022.")
@click.option("--to", "end", metavar="DATE", help="Last day, month or year.")
@click.option("--sort", metavar="ORDER", help="Sort order: relevance, newest or oldest.")
@click.option("--match", metavar="HOW", help="Words to match: all or any.")
@click.option("--page", metavar="N", help="Page number.")
@click.option("--per-page", "per_page", metavar="N", help="Hits per page.")
@settings_options("index")
@json_option
@click.pass_obj
def search(
    config: Path, /, query: str, filters: tuple[str, ...], as_json: bool, index: str | None, **given: str | None
) -> None:
    """Search, and print the hits with highlighted matches."""
    from searchsvc.cli import reports

    names = {"start": "from", "end": "to"}
    pairs = [("q", query), *((names.get(name, name), value) for name, value in given.items() if value is not None)]
    reports.search(load(config, index=index), [*pairs, *map(_filter, filters)], as_json=as_json)


@main.command()
@settings_options("host", "port", "workers", "threads", "corpus", "index", "engine", "language")
@click.option("--reindex", "first_reindex", is_flag=True, help="Update the index first.")
@click.option("--open", "open_browser", is_flag=True, help="Open the search page in a browser.")
@click.pass_obj
def serve(config: Path, /, first_reindex: bool, open_browser: bool, **given: str | None) -> None:
    """Serve the search page and the API with gunicorn."""
    from searchsvc.cli import serving

    settings = load(config, **given)
    if first_reindex:
        from searchsvc.cli import reindexing

        reindexing.run(settings, full=False, as_json=False)
    serving.serve(settings, config, open_browser=open_browser)


@main.command()
@settings_options("index")
@json_option
@click.pass_obj
def stats(config: Path, /, index: str | None, as_json: bool) -> None:
    """Show the articles, files and fields of the live generation."""
    from searchsvc.cli import reports

    reports.stats(load(config, index=index), as_json=as_json)


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--limit", type=click.IntRange(1), default=3, metavar="N", help="Number of articles to show.")
@json_option
@click.pass_obj
def inspect(config: Path, /, path: Path, limit: int, as_json: bool) -> None:
    """Show how a file is read: each field, its value, and where it was found."""
    from searchsvc.cli import reports

    reports.inspect(load(config), path, limit, as_json=as_json)


@main.command()
@click.option(
    "--verify",
    type=click.IntRange(0, 100_000),
    default=0,
    metavar="N",
    help="Compare N random queries with a plain scan.",
)
@click.option("--seed", type=int, default=None, metavar="N", help="Seed of the random queries, to repeat them.")
@settings_options("index")
@json_option
@click.pass_obj
def check(config: Path, /, verify: int, seed: int | None, index: str | None, as_json: bool) -> None:
    """Check the files of the live generation and, with --verify, its answers."""
    from searchsvc.cli import checking

    checking.check(load(config, index=index), verify, seed, as_json=as_json)


@main.command()
@click.argument("log", type=click.File("rb"))
@click.option("--top", type=click.IntRange(1, 10_000), default=20, metavar="N", help="Queries to list of each kind.")
@json_option
def report(log: IO[bytes], top: int, as_json: bool) -> None:
    """List the most frequent, fruitless and slowest queries of an access log; - is standard input."""
    from searchsvc.cli import reports

    reports.queries(log, top, as_json=as_json)


@main.command()
@settings_options("index")
@json_option
@click.pass_obj
def rollback(config: Path, /, index: str | None, as_json: bool) -> None:
    """Make the last undamaged generation before the live one live again."""
    from searchsvc.cli import reports

    reports.rollback(load(config, index=index), as_json=as_json)


def _filter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UserError(f"--filter {text}: use FIELD=VALUE, such as place=India", param="filter")
    return name, value
