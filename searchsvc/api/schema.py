"""The JSON of the API as dataclasses. Docstrings of classes and attributes describe them in OpenAPI.

They are plain ones: orjson writes those ten times as fast as frozen ones with slots, and a page has hundreds of values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal

from searchsvc.model.results import Snippet


class Strict:
    """Has pydantic refuse unknown members, and describe attributes by their docstrings."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid", "use_attribute_docstrings": True}


@dataclass
class Note(Strict):
    """A part of the query that was ignored, cut or changed."""

    message: str
    position: int | None
    """In characters from 0. Null if the note is about the whole query."""


@dataclass
class NamedValue(Strict):
    """A value of a metadata field that the whole query names, such as an author."""

    field: str
    value: str
    total: int
    """Number of articles that have it, under the filters of the search."""
    link: str
    """The address of the search for the value instead of the query."""


@dataclass
class Correction(Strict):
    """The query with its misspelt words corrected."""

    text: str
    total: int
    link: str


@dataclass
class Reading(Strict):
    """A looser reading of a search that finds little."""

    text: str
    spans: tuple[tuple[int, int], ...]
    """The characters of the text that differ from the quotation as typed, [start, end)."""
    why: str
    """What was changed, such as: other forms, one word differs, near each other, without quotation marks."""
    total: int
    link: str


@dataclass
class Query(Strict):
    """The query and its interpretation."""

    text: str
    parsed: str
    match: Literal["all", "any"]
    notes: tuple[Note, ...]
    values: tuple[NamedValue, ...]
    """Values of metadata fields that the whole query names, most frequent first."""
    suggestion: Correction | None
    readings: tuple[Reading, ...]
    """Looser readings of a search that finds fewer than five articles, nearest first."""


@dataclass
class Index(Strict):
    """The generation that answered."""

    generation: str
    engine: str
    articles: int
    updated: datetime


@dataclass
class Metadata(Strict):
    """An article without its text. Unknown values are null or empty."""

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


@dataclass
class Article(Metadata):
    """A whole article."""

    body: str
    """Plain text, with a blank line between paragraphs."""


@dataclass
class Highlighted(Strict):
    """The matches of a query in an article. Half of the members are left out if `highlight` asks for the others."""

    title_html: str
    """Escaped HTML, with the matches in <mark>."""
    title_spans: tuple[tuple[int, int], ...]
    """The matches in the title, [start, end) in characters."""
    body_html: str
    body_spans: tuple[tuple[int, int], ...]


@dataclass
class ArticleAnswer(Article):
    """A whole article, with the matches of a query."""

    story: str
    """The id of the earliest version of its text: its own if that is the earliest, or the only one."""
    versions: int
    """Number of versions of its text in the archive, itself included."""
    highlight: Highlighted | None
    """Null without a query."""


@dataclass
class OtherVersion(Strict):
    """Another version of a hit."""

    id: str
    title: str
    date: date | None
    source: str | None


@dataclass
class Hit(Metadata):
    """An article that was found. Every result has `id` and `title`; the request chooses which other members it has."""

    story: str
    """The id of the earliest version of its text: its own if that is the earliest, or the only one."""
    versions: int
    """Number of versions of its text in the archive, itself included."""
    more_versions: int
    """Number of other versions that the search finds too, if it lists one hit of each story."""
    other_versions: tuple[OtherVersion, ...]
    """The first five of those, the earliest first."""
    score: float | None
    """Null if the hits are sorted by date."""
    title_html: str
    """Escaped HTML, with the matches in <mark>."""
    title_spans: tuple[tuple[int, int], ...]
    snippets_html: tuple[str, ...]
    snippets: tuple[Snippet, ...]


@dataclass
class Value(Strict):
    """A value of a field."""

    value: str
    count: int
    """Number of hits with the value. The filter of its own field is left out, so that other values have counts too."""
    selected: bool
    excluded: bool
    toggle: str
    """The address of the search with the value selected, or deselected."""
    exclude: str
    """The address of the search without the articles that have the value, or with them again."""


@dataclass
class ValuesFacet(Strict):
    """The most frequent values of a field."""

    field: str
    kind: Literal["values"]
    values: tuple[Value, ...]
    other: int
    """Number of values beyond those listed."""


@dataclass
class PeriodCount(Strict):
    """A year, a month or a day."""

    value: str
    count: int
    """Number of hits of that time. The selected dates are left out, so that other periods have counts too."""
    selected: bool
    toggle: str
    """The address of the search with the period selected, or deselected."""


@dataclass
class DatesFacet(Strict):
    """The years of the hits, the months of a selected year, or the days of a selected month."""

    kind: Literal["dates"]
    unit: Literal["year", "month", "day"]
    values: tuple[PeriodCount, ...]


@dataclass
class PageLinks(Strict):
    """The pages around this one."""

    next: str | None
    prev: str | None


@dataclass
class SearchLinks(PageLinks):
    """The pages around this one, and the same search in other formats."""

    self: str
    html: str
    atom: str
    csv: str
    jsonl: str
    ris: str


@dataclass
class SearchAnswer(Strict):
    """The answer to a search."""

    query: Query
    total: int
    """The exact number of articles that match."""
    stories: int | None
    """The exact number of their stories, of each of which there is one hit. Null if every article is a hit."""
    page: int | None
    """Null if the page was requested by cursor."""
    per_page: int
    cursor: str | None
    """The cursor of the next page, or null after the last hit."""
    pages: int
    took_ms: float
    index: Index
    results: tuple[Hit, ...]
    partial: tuple[Hit, ...]
    """The best articles that lack some of the words. They fill up the first page, and no other number counts them."""
    facets: tuple[ValuesFacet | DatesFacet, ...]
    """In the order in which they were asked for; the dates come last by default."""
    links: SearchLinks


@dataclass
class Similar(Strict):
    """Similar articles, best first."""

    id: str
    results: tuple[Hit, ...]


@dataclass
class SuggestedWord(Strict):
    """The query with its last word completed, and the number of articles that it finds, or null if not counted."""

    text: str
    total: int | None


@dataclass
class SuggestedValue(Strict):
    """A query for a value of a field, and the number of articles that it finds, or null if not counted."""

    text: str
    field: str
    value: str
    total: int | None


@dataclass
class SuggestedTitle(Strict):
    """The title of an article."""

    text: str
    id: str


@dataclass
class Suggestions(Strict):
    """Completions of a partly typed query."""

    text: str
    words: tuple[SuggestedWord, ...]
    values: tuple[SuggestedValue, ...]
    titles: tuple[SuggestedTitle, ...]


@dataclass
class NumberCount(Strict):
    """Numbers from `least` to `most`, both included. Null leaves an end open."""

    least: float | None
    most: float | None
    count: int
    """Number of hits with such a number. The filters of its own field are left out."""
    selected: bool
    toggle: str
    """The address of the search with this range as the only one of the field, or without it."""


@dataclass
class Values(Strict):
    """A page of the values of a field among the hits."""

    field: str
    total: int
    complete: bool
    """False if only the 60,000 most frequent values are listed."""
    page: int
    pages: int
    letters: tuple[str, ...]
    """What the values with the prefix begin with, for the parameter `letter`: up to 60 capitals, and `0-9`."""
    values: tuple[Value, ...]
    histogram: tuple[NumberCount, ...]
    """Up to ten ranges with round bounds, if nearly all values of the field are numbers. Else there are none."""
    links: PageLinks


@dataclass
class Health(Strict):
    """The service is alive, or ready to answer."""

    status: Literal["ok"]


@dataclass
class Problem(Strict):
    """A problem (RFC 9457)."""

    type: str
    """The address of its description, or `about:blank` if the server refused the request before it knew its own name."""
    title: str
    status: int
    detail: str
    param: str | None
    """The parameter at fault."""
    position: int | None
    """The position of the fault in the parameter, in characters from 0."""
    hint: str | None
    """The nearest valid value."""
