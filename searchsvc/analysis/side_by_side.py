"""What differs between two texts as rows of paragraphs, the first text on one side and the second on the other."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple

from searchsvc.analysis.differences import TOKEN, Differences, Run, RunKind

MAX_ROWS = 2_000  # into which two texts are parted; the last one has the rest of both
_END: Final = "\n\n"  # of a paragraph


class Piece(NamedTuple):
    """Words of one side: that both texts have, or that only this one has. Spaces in front of them belong to it."""

    kind: RunKind
    text: str


@dataclass(slots=True)
class Row:
    """Paragraphs of both texts that belong together. One side is empty if only the other text has them."""

    first: list[Piece] = field(default_factory=list)
    second: list[Piece] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        return all(piece.kind == "equal" for piece in (*self.first, *self.second))


def rows(one: str, other: str, differences: Differences) -> Iterator[Row]:
    """Yield the rows of two texts. A row ends with a paragraph, where the next one begins with words of the same kind."""
    row, number, before, places = Row(), 1, "", [0, 0]
    for run in (part for whole in differences.runs for part in _paragraphs(whole, one, other)):
        if before and number < MAX_ROWS and _begins_paragraph(run.kind, before, one, other, places):
            yield row
            row, number = Row(), number + 1
        if run.kind != "insert":
            row.first.append(_piece(run.kind, one, places[0], run.span))
            places[0] = run.span[1]
        if run.kind != "delete":
            span = run.other or run.span
            row.second.append(_piece(run.kind, other, places[1], span))
            places[1] = span[1]
        before = run.kind
    if before:
        yield row


def _piece(kind: RunKind, text: str, place: int, span: tuple[int, int]) -> Piece:
    return Piece(kind, text[place : span[1]])


def _begins_paragraph(kind: RunKind, before: str, one: str, other: str, places: list[int]) -> bool:
    """Return whether words of a kind begin a row, behind words of another kind. Deleted and inserted ones stay together."""
    if "equal" not in (kind, before):
        return False
    sides = {"delete": ((one, places[0]),), "insert": ((other, places[1]),)}
    looked_at = sides.get(kind) or ((one, places[0]), (other, places[1]))
    return any(text.startswith(_END, place) for text, place in looked_at)


def _paragraphs(run: Run, one: str, other: str) -> Iterator[Run]:
    """Yield the paragraphs of words that both texts have, where both have the end of one. Yield any other run as it is."""
    if run.other is None or one.find(_END, *run.span) < 0:
        yield run
        return
    own, others = (list(TOKEN.finditer(text, *span)) for text, span in ((one, run.span), (other, run.other)))
    ends = [number for number, word in enumerate(own, 1) if number < len(own) and one.startswith(_END, word.end())]
    bounds = [0, *(end for end in ends if other.startswith(_END, others[end - 1].end())), len(own)]
    for first, end in pairwise(bounds):
        yield Run(run.kind, (own[first].start(), own[end - 1].end()), (others[first].start(), others[end - 1].end()))
