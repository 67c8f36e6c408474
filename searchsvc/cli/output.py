"""Output of the commands for people, and JSON for programs."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from searchsvc.api.serialize import to_json
from searchsvc.cli.query_log import QueryReport
from searchsvc.index.stories import Stories
from searchsvc.model.article import Article, is_earlier
from searchsvc.model.quotations import Printing
from searchsvc.model.results import Hit, Results, Snippet
from searchsvc.model.skipped import UNKNOWN_FORMAT, SkippedFiles
from searchsvc.search.answer import Answer
from searchsvc.search.quotations import QuotationCheck

if TYPE_CHECKING:
    from searchsvc.alerts.reading import State
    from searchsvc.indexer import ReindexReport  # loads the readers of files, which takes a third of a second
    from searchsvc.indexer.distributed import PartReport
    from searchsvc.search.versions import LargeStory

MAX_SUFFIXES = 10  # of skipped files; --json lists more
MAX_LINES = 20  # of failures and duplicate ids; --json lists all


def print_json(data: object) -> None:
    """Print data or an object of the API's schema as indented JSON."""
    click.echo(to_json(data, indent=True).decode())


def print_answer(answer: Answer, earliest: Mapping[str, Article]) -> None:
    """Print the hits with their matches, and the counts of the facets. `earliest` has the earliest versions of hits."""
    console = Console(highlight=False)
    for line in _answer_lines(answer, earliest):
        # Lines are wrapped in a terminal only, so that other programs get whole lines.
        console.print(line, soft_wrap=not console.is_terminal)


def _answer_lines(answer: Answer, earliest: Mapping[str, Article]) -> Iterator[Text]:
    results, request = answer.results, answer.question.request
    yield from (Text(f"note: {printable(note.message)}", style="dim") for note in answer.notes)
    pages = f", page {request.page} of {answer.pages:,}" if answer.pages > 1 else ""
    stories = "" if results.listed == results.total else f", {_stories(results.listed)}"
    yield Text(f"{counted(results.total, 'article')}{stories} in {answer.took_ms:.1f} ms{pages}", style="bold")
    yield from (Text(printable(f"{each.field}: {each.value} ({each.total:,})")) for each in answer.values)
    yield from (Text(printable(f"{each.why}: {each.question.text} ({each.total:,})")) for each in answer.readings)
    yield from _hit_lines(results.hits, (request.page - 1) * request.per_page + 1, earliest)
    if answer.partial:
        yield Text()
        yield Text("Some of the words:", style="bold")
        yield from _hit_lines(answer.partial, results.listed + 1, earliest)
    yield from _facet_lines(results)


def _stories(number: int) -> str:
    return "1 story" if number == 1 else f"{number:,} stories"


def _hit_lines(hits: Iterable[Hit], first: int, earliest: Mapping[str, Article]) -> Iterator[Text]:
    for number, hit in enumerate(hits, first):
        yield Text()
        yield Text(f"{number}. ", style="bold") + _highlighted(hit.title)
        article, day = hit.article, hit.article.date.isoformat() if hit.article.date else ""
        about = filter(None, (day, article.source, ", ".join(article.place[:3]), article.id))
        yield Text("   " + printable(" · ".join(about)), style="dim")
        yield from (Text("   ") + _highlighted(snippet) for snippet in hit.snippets)
        if hit.versions > 1:
            yield Text(f"   {printable(_describe_versions(hit, earliest.get(hit.story)))}", style="dim")


def _describe_versions(hit: Hit, first: Article | None) -> str:
    """Return how many versions a hit has, how many of the others match unless all or none do, and the earliest of all."""
    number, total = hit.others.number, hit.versions
    is_part = 0 < number < total - 1
    matching = f"{number:,} more {'version matches' if number == 1 else 'versions match'}"
    versions = matching if is_part else counted(number, "more version") if number else counted(total, "version")
    of_all = f" of {total:,}" if is_part else ""
    if first is not None and is_earlier(first, hit.article):
        about = ", ".join(filter(None, (first.source, first.date.isoformat() if first.date else "")))
        return f"{versions} · earliest{of_all}: {about}"
    is_earliest = hit.story == hit.article.id and hit.article.date is not None
    return f"{versions} · this is the earliest{of_all}" if is_earliest else versions


def print_quotation(check: QuotationCheck) -> None:
    """Print where a quotation was printed, or the passages most like it with the words that differ."""
    console = Console(highlight=False)
    for line in _quotation_lines(check):
        console.print(line, soft_wrap=not console.is_terminal)


def _quotation_lines(check: QuotationCheck) -> Iterator[Text]:
    articles = counted(check.total, "article")
    near = "not printed word for word" if check.printings else "not found, and nothing close to it"
    yield Text(f"{f'printed word for word in {articles}' if check.total else near}, {check.took_ms:.1f} ms", style="bold")
    for number, printing in enumerate(check.printings, start=1):
        yield Text()
        yield Text(f"{number}. ", style="bold") + Text(printable(printing.article.title))
        yield Text("   " + printable(_describe_printing(printing, check)), style="dim")
        yield Text("   ") + _compared(printing, check.quotation.text)


def _describe_printing(printing: Printing, check: QuotationCheck) -> str:
    article = printing.article
    day = article.date.isoformat() if article.date else "undated"
    same = "" if check.total else f"{printing.kept} of {counted(check.words, 'word')}"
    others = f"the earliest of {printing.articles:,} articles" if not check.total and printing.articles > 1 else ""
    return " · ".join(filter(None, (day, article.source, article.id, same, others)))


def _compared(printing: Printing, quoted: str) -> Text:
    """Return a passage with the words that only the quotation has as [-…-], and those that it lacks as {+…+}."""
    found, position = Text(), printing.place[0]
    for _, quoted_span, (first, last) in printing.differences:
        found += Text(printable(printing.text[position:first]))
        deleted, inserted = printable(quoted[slice(*quoted_span)]), printable(printing.text[first:last])
        if not inserted and first > printing.place[0]:  # deleted words have no space of their own in the text
            found += Text(" ")
        if deleted:
            found += Text(f"[-{deleted}-]", style="red")
        if deleted and (inserted or first == printing.place[0]):
            found += Text(" ")
        if inserted:
            found += Text(f"{{+{inserted}+}}", style="green")
        position = last
    return found + Text(printable(printing.text[position : printing.place[1]]))


def print_stories(found: "Iterable[LargeStory]", archive: Stories) -> None:
    """Print the stories of most versions, each by the earliest one."""
    click.echo(f"{_stories(len(archive))} of several versions, {counted(archive.articles, 'article')} in all")
    for article, versions in found:
        about = filter(None, (article.date.isoformat() if article.date else "undated", article.source, article.id))
        click.echo(f"{versions:>7,} versions  {printable(article.title)}")
        click.echo(f"                  {printable(' · '.join(about))}")


def _facet_lines(results: Results) -> Iterator[Text]:
    dates = [("date", results.dates.values[-12:])] if results.dates is not None else []
    facets = [*((each.field, each.values[:6]) for each in results.facets), *dates]
    if any(values for _, values in facets):
        yield Text()
    for name, values in facets:
        if values:
            counts = ", ".join(f"{'*' if value.selected else ''}{value.value} {value.count:,}" for value in values)
            yield Text(f"{name}: ", style="bold") + Text(printable(counts))


def counted(number: int, what: str) -> str:
    """Return a number with what it counts, which is in the singular, as in “1 article” and “2 articles”."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def printable(text: str) -> str:
    """Return the text with control characters replaced by spaces. An archive must not control the terminal."""
    return "".join(char if char.isprintable() else " " for char in text)


def _highlighted(snippet: Snippet) -> Text:
    """Return the snippet with its matches bold and coloured, and “…” where its text goes on."""
    text = Text(printable(snippet.text))
    for start, end in snippet.spans:
        text.stylize("bold yellow", start, end)
    return Text("… " if snippet.cut_start else "") + text + Text(" …" if snippet.cut_end else "")


def field_lines(fields: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each field: its name, its value, and the part of the file that it is from."""
    for name, found in fields.items():
        value, where = found["value"], found["from"]
        text = " ".join((", ".join(value) if isinstance(value, tuple) else str(value)).split())
        shown = text if len(text) <= 100 else f"{text[:100]}… ({len(text):,} characters)"
        yield f"{name:>12}  {shown}" + (f"   [{where}]" if where else "")


def print_report(report: "ReindexReport", *, table: bool = True) -> None:
    """Print the report of a reindex. Failures and duplicate ids go to standard error."""
    _print_failures(report)
    _print_first([f"note: {note}" for note in report.notes])
    _print_first([f"duplicate id: {duplicate}" for duplicate in report.duplicates])
    _print_first([f"shared id: {alias}" for alias in report.aliases])
    if report.unindexed_fields:
        click.echo(describe_unindexed(report.unindexed_fields), err=True)
    if report.skipped:
        click.echo(printable(describe_skipped(report.skipped_files)), err=True)
    if not (report.articles or report.failures):
        click.echo(_describe_emptiness(report), err=True)
    if not report.published:
        click.echo(f"nothing changed: {report.generation} has {counted(report.articles, 'article')}")
        return
    why = f" (all files, {report.full})" if report.full else ""
    click.echo(
        f"published {report.generation}{why}: {counted(report.articles, 'article')}; {report.added:,} added, "
        f"{report.changed:,} changed, {report.removed:,} removed; {report.read:,} of {counted(report.files, 'file')} read, "
        f"{counted(len(report.failures), 'failure')}, {report.seconds:.1f} s"
    )
    if table and report.formats:
        formats = _table("format", "files", "size", "articles", "failures")
        for name, each in sorted(report.formats.items()):
            formats.add_row(
                name or "no suffix", f"{each.files:,}", decimal(each.bytes), f"{each.articles:,}", f"{each.failures:,}"
            )
        Console(highlight=False).print(formats)


def describe_skipped(skipped: Sequence[SkippedFiles]) -> str:
    """Return a sentence about files that are not read: how many for each reason, and of which suffixes."""
    groups: dict[str, list[SkippedFiles]] = {}
    for each in skipped:
        groups.setdefault(each.reason, []).append(each)
    reasons = (f"{sum(each.files for each in group):,} {reason}{_suffixes(group)}" for reason, group in groups.items())
    files = sum(each.files for each in skipped)
    return f"skipped {counted(files, 'file')}: {'; '.join(reasons)}"


def _suffixes(group: Sequence[SkippedFiles]) -> str:
    """Return the most frequent suffixes in parentheses, or "" if they are not the reason."""
    if not any(each.suffix for each in group) and group[0].reason != UNKNOWN_FORMAT:
        return ""
    counts = [f"{each.suffix or 'no suffix'} {each.files:,}" for each in group[:MAX_SUFFIXES]]
    more = len(group) - len(counts)
    others = f" and {more:,} other {'suffix' if more == 1 else 'suffixes'}" if more else ""
    return f" ({', '.join(counts)}{others})"


def _describe_emptiness(report: "ReindexReport") -> str:
    from searchsvc.corpus import known_suffixes

    if report.files:
        which = "the only file has none" if report.files == 1 else f"none of the {report.files:,} files has any"
        return f"no articles: {which}; `searchsvc stats` says which could not be read"
    what = "has no file of a known format" if report.skipped else "is empty"
    return f"no articles: the corpus {what}; known formats are {', '.join(known_suffixes())}"


def describe_unindexed(fields: int) -> str:
    """Return a sentence about metadata fields that are not indexed."""
    kept = "is kept with its" if fields == 1 else "are kept with their"
    return f"{counted(fields, 'further metadata field')} {kept} articles, but not indexed: only the most frequent are"


def failing_lines(state: "State") -> Iterator[str]:
    """Yield a line about the messages that wait, if there are any, and a line for each target that fails."""
    if state.waiting:
        yield f"alerts: {counted(state.waiting, 'message')} waiting"
    for each in state.failing:
        times = f"failed {counted(each.failures, 'time')} since {each.since:%Y-%m-%d %H:%M} UTC"
        waiting = f"{counted(each.waiting, 'message')} waiting, next try {each.next_try:%Y-%m-%d %H:%M} UTC"
        yield f"{each.target}: {times}; {waiting}: {each.reason}"


def print_part(report: "PartReport") -> None:
    """Print the report of one part of a distributed reindex."""
    if report.published:
        print_report(report)
        return
    _print_failures(report)
    waiting = f"waiting for part {', '.join(map(str, report.missing))}"
    published = f"{report.generation} has been published by the last part to finish"
    click.echo(
        f"part {report.part} is done: {counted(report.added, 'article')}, {report.read:,} of "
        f"{counted(report.files, 'file')} read, "
        f"{counted(len(report.failures), 'failure')}, {report.seconds:.1f} s; {waiting if report.missing else published}"
    )


def _print_failures(report: "ReindexReport") -> None:
    _print_first([f"{failure.path}: {failure.reason}" for failure in report.failures])
    if len(report.failures) > MAX_LINES:
        reasons = Counter(failure.reason.partition(":")[0] for failure in report.failures).most_common(5)
        click.echo("most frequent reasons: " + ", ".join(f"{reason} ({count:,})" for reason, count in reasons), err=True)


def _print_first(lines: list[str]) -> None:
    for line in lines[:MAX_LINES]:
        click.echo(printable(line), err=True)
    if len(lines) > MAX_LINES:
        click.echo(f"… and {len(lines) - MAX_LINES:,} more; --json lists all", err=True)


def print_queries(report: QueryReport) -> None:
    """Print a report of the queries in an access log."""
    console = Console(highlight=False)
    are = "is" if report.unread == 1 else "are"
    unread = f"; {counted(report.unread, 'line')} {are} not from an access log" if report.unread else ""
    console.print(f"{report.searches:,} {'search' if report.searches == 1 else 'searches'}{unread}")
    kinds = (("most frequent", report.frequent), ("found nothing", report.without_hits), ("slowest", report.slow))
    for name, queries in kinds:
        table = _table(name, "times", "median ms", "slowest ms", "found")
        for each in queries:
            numbers = (f"{each.times:,}", f"{each.median_ms:.1f}", f"{each.slowest_ms:.1f}", f"{each.total:,}")
            table.add_row(Text(printable(each.text) or "(all articles)"), *numbers)
        if queries:
            console.print()
            console.print(table)


def _table(name: str, *numbers: str) -> Table:
    table = Table(name, box=None, pad_edge=False, padding=(0, 2))
    for number in numbers:
        table.add_column(number, justify="right")
    return table
