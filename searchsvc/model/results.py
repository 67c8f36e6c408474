"""What a search answers."""

from dataclasses import dataclass, field
from typing import NamedTuple

from searchsvc.model.article import Article
from searchsvc.model.cursors import After
from searchsvc.model.periods import Unit


@dataclass(frozen=True, slots=True)
class Snippet:
    """Plain text and the spans of it that match, as [start, end) in characters, in order and apart."""

    text: str
    spans: tuple[tuple[int, int], ...] = ()


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
