"""The nouns: what flows between the parts. Frozen values without behaviour; dicts, JSON and HTML are made at the edge."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from searchsvc.days import Unit
from searchsvc.tree import Everything, Node

METADATA = ("section", "source", "place", "author", "tag", "language")
"""Metadata fields that an article may have beside those in `extra`, in the order in which facets are offered."""

FIELDS = ("id", "title", "body", "date", "author", "source", "section", "place", "tag", "language", "url")
"""Fields of an article that records may name."""
Naming = tuple[tuple[str, str], ...]
"""Names in records and the fields that they mean, beside the usual ones and before them."""

Sort = Literal["relevance", "newest", "oldest"]
Match = Literal["all", "any"]


@dataclass(frozen=True, slots=True)
class Article:
    """One article of the archive.

    `date` is the calendar day as the publisher wrote it, `published` the instant where one is known (always with a time
    zone). `extra` holds every other metadata field under its own name. Unknown text is "", unknown values are ().
    """

    id: str
    title: str
    body: str
    path: str
    date: dt.date | None = None
    published: dt.datetime | None = None
    author: tuple[str, ...] = ()
    source: str = ""
    section: str = ""
    place: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    language: str = ""
    url: str = ""
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snippet:
    """Plain text and the spans of it that match, as [start, end) in characters, in order and apart."""

    text: str
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class After:
    """Where a page of hits goes on after another, however deep.

    `instant`: after the first `number` hits of this instant, in seconds since 1970. `undated`: after so many hits without a
    date. `rank`: after so many hits, where the order is by relevance.
    """

    kind: Literal["instant", "undated", "rank"]
    number: int
    instant: int = 0


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search, as every engine takes it.

    `filters` maps metadata fields to exact values (values of one field are alternatives, fields all hold). `dates` are
    the ticked values of the date facet: years, months or days. `start` and `end` are days, both included. `facets` are
    the metadata fields to count, in the order wanted; the date facet is `date`. With `after`, the page begins there, and
    `page` says nothing.
    """

    tree: Node = field(default_factory=Everything)
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dates: tuple[str, ...] = ()
    start: dt.date | None = None
    end: dt.date | None = None
    sort: Sort = "relevance"
    page: int = 1
    after: After | None = None
    per_page: int = 10
    facets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found. `score` is None where the order is by date."""

    article: Article
    score: float | None
    title: Snippet
    snippets: tuple[Snippet, ...]


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value and how many hits have it, were its own field not filtered."""

    value: str
    count: int
    selected: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of one field among the hits: most frequent first, dates in order of time.

    `other` counts the values of hits beyond those listed. `unit` says what the values of a date facet are, and is None
    for other fields.
    """

    field: str
    values: tuple[FacetValue, ...]
    other: int = 0
    unit: Unit | None = None


class Timings(NamedTuple):
    """How long the parts of a search took, in milliseconds, one after the other."""

    hits: float = 0.0
    snippets: float = 0.0
    facets: float = 0.0
    """Where facets are counted beside the hits: what was waited for them in the end."""


@dataclass(frozen=True, slots=True)
class Results:
    """What an engine answers: the exact number of hits, one page of them, and the facets that were asked for.

    `next` is where the next page begins, None after the last hit. `notes` say what of the query was left out, so that fewer
    hits were found than it means.
    """

    total: int
    hits: tuple[Hit, ...]
    facets: tuple[Facet, ...]
    next: After | None = None
    notes: tuple[str, ...] = ()
    timings: Timings = field(default=Timings(), compare=False)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A completion of what somebody is typing: a word with the number of articles that have it, or an article's title."""

    text: str
    articles: int
    id: str | None = None
