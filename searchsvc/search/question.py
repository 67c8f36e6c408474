"""A search as people ask it."""

from dataclasses import dataclass, field, replace

from searchsvc.model.cursors import After
from searchsvc.query.parser import Note
from searchsvc.query.request import Match, SearchRequest


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asked: the text as typed, what was made of it, and the request for the engine."""

    text: str = ""
    match: Match = "all"
    notes: tuple[Note, ...] = ()
    request: SearchRequest = field(default_factory=SearchRequest)
    by_cursor: bool = False
    generation: str = ""
    """The generation in which the cursor was made."""
    parse_ms: float = field(default=0.0, compare=False)
    """How long it took to read it, in milliseconds."""

    def on_page(self, number: int) -> "Question":
        """The same search, another page of it."""
        return replace(self, request=replace(self.request, page=number, after=None), by_cursor=False)

    def on_page_after(self, after: After, generation: str) -> "Question":
        """The same search, the page that begins there, in this generation."""
        request = replace(self.request, page=1, after=after)
        return replace(self, request=request, by_cursor=True, generation=generation)
