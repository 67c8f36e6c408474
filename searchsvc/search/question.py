"""A search as a person asks it, before and beside the request that engines answer."""

from dataclasses import dataclass, field, replace

from searchsvc.model.cursors import Cursor
from searchsvc.model.number_ranges import NumberRange
from searchsvc.query import Note
from searchsvc.query.request import Match, SearchRequest


@dataclass(frozen=True, slots=True)
class Question:
    """A query as typed, the notes of its parser, and the request for the engine."""

    text: str = ""
    match: Match = "all"
    notes: tuple[Note, ...] = ()
    request: SearchRequest = field(default_factory=SearchRequest)
    by_cursor: bool = False
    generation: str = ""  # the one that made the cursor, if the question continues from one
    language: str = ""  # of messages, if a program chooses one
    parse_ms: float = field(default=0.0, compare=False)

    def on_page(self, number: int) -> "Question":
        """Return the question for a page of the same search."""
        if number == self.request.page and self.request.after is None and not self.by_cursor:
            return self
        return replace(self, request=replace(self.request, page=number, after=None), by_cursor=False)

    def on_page_after(self, after: Cursor, generation: str) -> "Question":
        """Return the question for the page that begins at a cursor of `generation`."""
        request = replace(self.request, page=1, after=after)
        return replace(self, request=request, by_cursor=True, generation=generation)

    def with_range(self, field: str, wanted: NumberRange | None) -> "Question":
        """Return the question for the first page of the search with one range of a field, or none."""
        first = self.on_page(1)
        ranges = {**first.request.ranges, field: (wanted,) if wanted else ()}
        return replace(first, request=replace(first.request, ranges=ranges))
