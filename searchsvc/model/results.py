"""What a search returns: hits with snippets, facets, and the timings of the work."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from searchsvc.model.article import Article
from searchsvc.model.cursors import Cursor
from searchsvc.model.periods import Unit


@dataclass(frozen=True, slots=True)
class Snippet:
    """Plain text and its matches, as sorted, non-overlapping [start, end) spans of characters.

    `cut_start` and `cut_end` are true for a fragment in front of or behind which its text goes on.
    """

    text: str
    spans: tuple[tuple[int, int], ...] = ()
    cut_start: bool = False
    cut_end: bool = False


class ScoredArticle(NamedTuple):
    """An article that an engine found. `score` is None if hits are sorted by date."""

    article: Article
    score: float | None


class OtherVersions(NamedTuple):
    """The other versions of a hit that the search finds too: their number, and the first ones in the order of time."""

    number: int = 0
    first: tuple[Article, ...] = ()


class Hit(NamedTuple):
    """An article that was found, with its title highlighted and fragments of its body.

    `story` is the id of the earliest version of its text, or "" if it is the only one. `versions` is their number in the
    whole archive. `others` stand under the hit, if hits are folded.
    """

    article: Article
    score: float | None
    title: Snippet
    snippets: tuple[Snippet, ...]
    story: str = ""
    versions: int = 1
    others: OtherVersions = OtherVersions()


class Neighbours(NamedTuple):
    """The hits before and after one of a search, each None if there is no such hit, and the number of all hits."""

    before: Article | None
    after: Article | None
    total: int


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value and the number of hits that have it, counted without the filter of its own field."""

    value: str
    count: int
    selected: bool = False


@dataclass(frozen=True, slots=True)
class FieldFacet:
    """The values of a metadata field among the hits, most frequent first. `other` counts the values beyond those listed."""

    field: str
    values: tuple[FacetValue, ...]
    other: int = 0


class DateFacet(NamedTuple):
    """The years, months or days of the hits, earliest first."""

    unit: Unit
    values: tuple[FacetValue, ...]


class Facets(NamedTuple):
    """The facets that a request asked for: metadata fields in its order, and the date facet or None."""

    fields: tuple[FieldFacet, ...] = ()
    dates: DateFacet | None = None


@dataclass(frozen=True, slots=True)
class ResultPage:
    """One page of an engine's answer.

    `total` is the exact number of hits. `next` is where the next page begins, or None after the last hit. `notes` name the
    parts of the query that were cut. `facets` waits for the facets and may raise EngineError; call it once.
    """

    total: int
    articles: tuple[ScoredArticle, ...]
    next: Cursor | None = None
    notes: tuple[str, ...] = ()
    facets: Callable[[], Facets] = Facets


class Timings(NamedTuple):
    """Milliseconds spent in each step of a search. `facets` is the time spent waiting for counts after the snippets."""

    hits: float = 0.0
    snippets: float = 0.0
    facets: float = 0.0


@dataclass(frozen=True, slots=True)
class Results:
    """One page of hits with snippets, and the facets. `dates` is None if no date facet was requested.

    `total` is the number of articles. If there is one hit of each story only, `stories` is their number, or else None.
    """

    total: int
    hits: tuple[Hit, ...]
    facets: tuple[FieldFacet, ...] = ()
    dates: DateFacet | None = None
    next: Cursor | None = None
    notes: tuple[str, ...] = ()
    timings: Timings = field(default=Timings(), compare=False)
    stories: int | None = None

    @property
    def listed(self) -> int:
        """The number of hits on all pages."""
        return self.total if self.stories is None else self.stories


class TermCount(NamedTuple):
    """A word as written, folded, and the number of articles that contain it."""

    term: str
    articles: int


class WordSuggestion(NamedTuple):
    """A query with its last word completed, and the number of articles that it finds. None if they were not counted."""

    text: str
    total: int | None


class ValueSuggestion(NamedTuple):
    """A query for a value of a metadata field, and the number of articles that it finds. None if they were not counted."""

    text: str
    field: str
    value: str
    total: int | None


class TitleSuggestion(NamedTuple):
    """The title of an article that contains every word of a partly typed query."""

    title: str
    id: str


class Suggestions(NamedTuple):
    """Completions of a partly typed query: words and values, the likeliest first, and titles, newest first."""

    words: tuple[WordSuggestion, ...] = ()
    titles: tuple[TitleSuggestion, ...] = ()
    values: tuple[ValueSuggestion, ...] = ()
