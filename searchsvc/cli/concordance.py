"""The command `search --kwic`: the matches of a search below each other, each in its line."""

from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from searchsvc.api import Addresses
from searchsvc.api.concordance import check_page, concordance_json, parse_concordance
from searchsvc.cli.output import counted, print_json, printable
from searchsvc.config import Settings
from searchsvc.search import SearchService
from searchsvc.search.concordance import CONTEXT, Concordance, Line

_DAY = 12  # columns of a date and the room behind it
_MIN_SIDE = 10  # columns in front of a match, however narrow the terminal is


def run(settings: Settings, pairs: list[tuple[str, str]], *, as_json: bool) -> None:
    """Print a page of the concordance of a search. In a terminal, lines are cut to its width.

    Raise NotFoundError if there is no such page.
    """
    searcher = SearchService(settings).acquire()
    found = searcher.concordances.read(*parse_concordance(pairs, searcher))
    if as_json:
        print_json(concordance_json(found, searcher.generation.name, searcher.info, Addresses()))
        return
    check_page(found)
    console = Console(highlight=False)
    width = console.width if console.is_terminal else 0
    for line in _lines(found, width):
        console.print(line, soft_wrap=True)


def _lines(found: Concordance, width: int) -> Iterator[Text]:
    """Yield the total and the lines, cut to a width unless it is 0."""
    yield from (Text(f"note: {printable(note.message)}", style="dim") for note in found.question.notes)
    number, read = found.question.request.page, found.read
    lines = counted(found.total, "line")
    about = "about " if read.is_estimate else ""
    total = f"a fair sample of {found.total:,} of {about}{read.expected:,} lines" if read.is_sample else lines
    pages = f", page {number} of {found.pages:,}" if found.pages > 1 else ""
    yield Text(f"{total} in {counted(read.articles, 'article')}{pages}", style="bold")
    side = max(_MIN_SIDE, (width - _DAY) * 2 // 5) if width else CONTEXT
    yield from (_text(line, side, width) for line in found.lines)


def _text(line: Line, side: int, width: int) -> Text:
    """Return a line with its match behind `side` columns of text."""
    day, before = line.article.date.isoformat() if line.article.date else "", printable(line.before)[-side:]
    while cell_len(before) > side:  # letters of some scripts are two columns wide
        before = before[1:]
    text = Text.assemble(
        (day.ljust(_DAY), "dim"),
        " " * (side - cell_len(before)) + before,
        (printable(line.match), "bold yellow"),
        printable(line.after),
    )
    if width:
        text.truncate(width)
    return text
