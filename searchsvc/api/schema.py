"""The JSON of the API as dataclasses, which orjson serializes and the OpenAPI document describes.

The docstrings of the classes and of their attributes are the descriptions in the document.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal


class _Strict:
    """The base of the classes. Pydantic refuses unknown members, and takes descriptions from docstrings of attributes."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid", "use_attribute_docstrings": True}


@dataclass(frozen=True, slots=True)
class Note(_Strict):
    """A part of the query that was ignored, cut or changed."""

    message: str
    position: int | None
    """The position in the query, in characters from 0, or null."""


@dataclass(frozen=True, slots=True)
class Correction(_Strict):
    """The query with its misspelt words corrected."""

    text: str
    total: int
    link: str


@dataclass(frozen=True, slots=True)
class Clause(_Strict):
    """A part of a search that found nothing."""

    clause: str
    parameter: str
    total: int
    """Articles that match the clause."""
    total_without: int
    """Articles that match the search without the clause."""
    without: str
    """The address of the search without the clause."""


@dataclass(frozen=True, slots=True)
class Query(_Strict):
    """The query and its interpretation."""

    text: str
    parsed: str
    match: Literal["all", "any"]
    any_words: bool
    """True if no article has all the words, so that the results have any of them."""
    notes: tuple[Note, ...]
    suggestion: Correction | None
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Index(_Strict):
    """The generation that answered."""

    generation: str
    engine: str
    articles: int
    updated: datetime


@dataclass(frozen=True, slots=True)
class Metadata(_Strict):
    """An article without its text. Unknown values are null or empty lists."""

    id: str
    title: str
    url: str | None
    path: str
    """The file in the corpus."""
    date: date | None
    """The day as the publisher wrote it."""
    published: datetime | None
    source: str | None
    section: str | None
    author: tuple[str, ...]
    place: tuple[str, ...]
    tag: tuple[str, ...]
    language: str | None
    extra: Mapping[str, tuple[str, ...]]
    """Every other metadata field under its own name."""


@dataclass(frozen=True, slots=True)
class Article(Metadata):
    """A whole article."""

    body: str
    """Plain text, with a blank line between paragraphs."""


@dataclass(frozen=True, slots=True)
class Snippet(_Strict):
    """A fragment of the text with its matches."""

    text: str
    spans: tuple[tuple[int, int], ...]
    """Matches as [start, end) in characters."""


@dataclass(frozen=True, slots=True)
class Hit(Metadata):
    """An article that was found."""

    score: float | None
    """Null if the hits are sorted by date."""
    title_html: str
    """Escaped HTML, with the matches in <mark>."""
    snippets_html: tuple[str, ...]
    snippets: tuple[Snippet, ...]


@dataclass(frozen=True, slots=True)
class Value(_Strict):
    """A value and the number of hits that have it, counted without the filter of its own field."""

    value: str
    count: int
    selected: bool
    toggle: str
    """The address of the search with the value selected, or deselected."""


@dataclass(frozen=True, slots=True)
class Facet(_Strict):
    """The most frequent values of a field."""

    values: tuple[Value, ...]
    other: int
    """Number of values beyond those listed."""


@dataclass(frozen=True, slots=True)
class DateFacet(_Strict):
    """The years of the hits, the months of a selected year, or the days of a selected month."""

    unit: Literal["year", "month", "day"]
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class SearchLinks(_Strict):
    """The pages around this one, and the same search in other formats."""

    self: str
    next: str | None
    prev: str | None
    html: str
    atom: str
    csv: str
    jsonl: str


@dataclass(frozen=True, slots=True)
class SearchAnswer(_Strict):
    """The answer to a search."""

    query: Query
    total: int
    """The exact number of hits."""
    page: int | None
    """Null if the page was requested by cursor."""
    per_page: int
    cursor: str | None
    """The cursor of the next page, or null after the last hit."""
    pages: int
    took_ms: float
    index: Index
    results: tuple[Hit, ...]
    facets: Mapping[str, Facet | DateFacet]
    links: SearchLinks


@dataclass(frozen=True, slots=True)
class Similar(_Strict):
    """Similar articles, best first."""

    id: str
    results: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class SuggestedWord(_Strict):
    """The text with its last word completed, and the number of articles with that word."""

    text: str
    articles: int


@dataclass(frozen=True, slots=True)
class SuggestedTitle(_Strict):
    """The title of an article."""

    text: str
    id: str


@dataclass(frozen=True, slots=True)
class Suggestions(_Strict):
    """Completions of a partly typed query."""

    text: str
    words: tuple[SuggestedWord, ...]
    titles: tuple[SuggestedTitle, ...]


@dataclass(frozen=True, slots=True)
class PageLinks(_Strict):
    """The pages around this one."""

    next: str | None
    prev: str | None


@dataclass(frozen=True, slots=True)
class Values(_Strict):
    """A page of the values of a field among the hits."""

    field: str
    total: int
    complete: bool
    """False if only the 60,000 most frequent values are listed."""
    page: int
    pages: int
    values: tuple[Value, ...]
    links: PageLinks


@dataclass(frozen=True, slots=True)
class Health(_Strict):
    """The service is alive, or ready to answer."""

    status: Literal["ok"]


@dataclass(frozen=True, slots=True)
class Change(_Strict):
    """A change to the corpus."""

    id: str
    path: str
    """The file in the corpus that records the change."""
    generation: str | None
    """The first generation with the change, or null if it is not published yet."""


@dataclass(frozen=True, slots=True)
class Progress(_Strict):
    """The progress of a reindex. Bytes are those of the files to read."""

    total_bytes: int
    done_bytes: int
    articles: int
    failures: int


@dataclass(frozen=True, slots=True)
class Format(_Strict):
    """Counts of one file format."""

    files: int
    bytes: int
    articles: int
    failures: int


@dataclass(frozen=True, slots=True)
class ReadFailure(_Strict):
    """A file or record that could not be read."""

    path: str
    reason: str
    transient: bool
    """True if the system refused access, so that the next reindex tries again."""


@dataclass(frozen=True, slots=True)
class Report(_Strict):
    """The result of a reindex."""

    generation: str | None
    """The live generation afterwards, or null if the corpus was empty."""
    full: str
    """The reason for reading every file, or empty if only changes were read."""
    published: bool
    articles: int
    files: int
    read: int
    added: int
    changed: int
    removed: int
    failures: tuple[ReadFailure, ...]
    duplicates: tuple[str, ...]
    formats: Mapping[str, Format]
    seconds: float


@dataclass(frozen=True, slots=True)
class Reindex(_Strict):
    """The state of the last background reindex."""

    state: Literal["none", "running", "done", "failed"]
    full: bool
    started: datetime | None
    finished: datetime | None
    progress: Progress | None
    report: Report | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Problem(_Strict):
    """A problem as RFC 9457 defines it."""

    type: str
    """The address of the description of this kind of problem."""
    title: str
    status: int
    detail: str
    param: str = ""
    """The parameter at fault."""
    position: int | None = None
    """The position of the fault in the value, in characters from 0."""
    hint: str = ""
    """The nearest valid name or value."""
