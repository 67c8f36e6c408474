"""The JSON about quotations as dataclasses, like those of `schema`."""

from dataclasses import dataclass
from typing import Literal

from searchsvc.api.schema import Index, Metadata, Strict


@dataclass
class Difference(Strict):
    """Words of the quotation that were not printed so, and what was printed instead. One of both may be empty."""

    kind: Literal["changed", "added", "missing", "spacing"]
    """Added to what was printed, missing from the quotation, or with the same letters parted into other words."""
    quoted: str
    printed: str
    quoted_span: tuple[int, int]
    """[start, end) in the text of the answer, in characters. Without words, start and end are their place."""
    printed_span: tuple[int, int]
    """The same in the passage."""


@dataclass
class Printing(Metadata):
    """A passage as an article printed it."""

    field: Literal["title", "body"]
    span: tuple[int, int]
    """The place of the passage in the title or the body, [start, end) in characters."""
    passage: str
    passage_html: str
    """Escaped HTML. Words that only the quotation has are in <del>, and words that only the article has in <ins>."""
    before: str
    """The text in front of the passage, up to 120 characters of its paragraph."""
    after: str
    similarity: float
    """The part of the words of quotation and passage that is the same in both, from 0 to 1."""
    kept: int
    """Number of words of the quotation that were printed so, in this order."""
    differences: tuple[Difference, ...]
    articles: int
    """Number of articles with the words of this passage, of which this is the earliest."""


@dataclass
class QuotationLinks(Strict):
    """The same quotation elsewhere."""

    search: str | None
    """The search for all articles that have it word for word, or null if it is too long for a query."""


@dataclass
class QuotationCheck(Strict):
    """Where a quotation was printed, or what was printed instead."""

    text: str
    """The quotation, to which the spans refer."""
    words: int
    verbatim: bool
    """Whether the results have the quotation word for word. If not, they are like it."""
    total: int
    """The exact number of articles that have it word for word."""
    took_ms: float
    index: Index
    results: tuple[Printing, ...]
    """Word for word, the earliest first; else the most similar first."""
    links: QuotationLinks
