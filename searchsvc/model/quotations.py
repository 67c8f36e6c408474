"""What the archive printed of a quotation, and which words of both differ."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from searchsvc.model.article import Article

Span = tuple[int, int]
"""[start, end) in characters."""
CONTEXT = 120  # characters around a passage that are shown with it
TextField = Literal["title", "body"]
DifferenceKind = Literal["changed", "added", "missing", "spacing"]


class Difference(NamedTuple):
    """Words of a quotation that were not printed so, and what was printed instead. Either may be empty, at its place.

    Words were `changed` into others, `added` to what was printed, or are `missing` from the quotation. With `spacing`, the
    letters are the same, parted into other words.
    """

    kind: DifferenceKind
    quoted: Span
    printed: Span


@dataclass(frozen=True, slots=True)
class Printing:
    """A passage as an article printed it, and its place in one of the text fields.

    `kept` is the number of words of the quotation that it has in their order. `articles` is the number of articles with the
    words of the passage, of which this is the earliest.
    """

    article: Article
    field: TextField
    place: Span
    kept: int
    similarity: float = 1.0
    differences: tuple[Difference, ...] = ()
    articles: int = 1

    @property
    def text(self) -> str:
        """The text of the field."""
        return text_of(self.article, self.field)

    @property
    def passage(self) -> str:
        """The text of the passage."""
        return self.text[slice(*self.place)]

    @property
    def before(self) -> str:
        """The end of the paragraph before the passage, from a word on."""
        start = max(0, self.place[0] - CONTEXT)
        around = self.text[start : self.place[0]]
        paragraph = around.rpartition("\n\n")[2]
        is_cut = start > 0 and len(paragraph) == len(around)
        return paragraph.partition(" ")[2] or paragraph if is_cut else paragraph

    @property
    def after(self) -> str:
        """The beginning of the paragraph behind the passage, up to a word."""
        end = self.place[1] + CONTEXT
        around = self.text[self.place[1] : end]
        paragraph = around.partition("\n\n")[0]
        is_cut = end < len(self.text) and len(paragraph) == len(around)
        return paragraph.rpartition(" ")[0] or paragraph if is_cut else paragraph


def text_of(article: Article, field: TextField) -> str:
    """Return the title or the body of an article."""
    return article.title if field == "title" else article.body
