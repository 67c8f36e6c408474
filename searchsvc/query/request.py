"""The request that an engine answers, and the limits of requests."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from searchsvc.model.cursors import Cursor
from searchsvc.model.limits import MAX_DEPTH, MAX_PER_PAGE, PER_PAGE, Match, Sort, VersionChoice
from searchsvc.model.number_ranges import NumberRange
from searchsvc.model.periods import Unit, facet_scope, facet_unit, latest_day
from searchsvc.query.ast import MatchAll, Node

__all__ = [
    "FACET_VALUES",
    "MAX_DEPTH",
    "MAX_PER_PAGE",
    "MAX_QUERY",
    "MAX_WORDS",
    "PAGE_FACET_VALUES",
    "PAGE_SNIPPETS",
    "PER_PAGE",
    "SNIPPETS",
    "Match",
    "SearchRequest",
    "Sort",
    "VersionChoice",
]

MAX_QUERY = 1_000  # characters of a query
SNIPPETS = 3  # fragments of the body of a hit
PAGE_SNIPPETS = 2  # those that a page shows
FACET_VALUES = 50  # values of each facet that are counted
PAGE_FACET_VALUES = 8  # those that a page shows
MAX_WORDS = 1_024  # words that the wildcards of one query may expand to in all

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search, independent of the engine.

    `filters` maps metadata fields to exact values, and `ranges` to numbers. Those of one field are alternatives, and every
    field must match. `excluded` has the values and ranges that no hit may have.
    `dates` are the selected periods of the date facet: years, months or days. `start` and `end` are days, both included.
    `snippets` is the most fragments of the body of each hit; engines find no fragments.
    `facets` names the metadata fields to count, in order, and `facet_values` is the number of values of each; `date_facet`
    requests the date facet, which counts by `date_unit` or, if that is None, by the next smaller unit within `dates`.
    Articles dated after `today` come last if the newest come first. If `after` is given, the page begins there, and `page`
    is ignored. Of the words that the wildcards of `tree` match, engines that expand them use the `max_words` most frequent.
    If `share` is below 1, only that share of the articles can be hits. They are chosen by their ids, as if at random, by
    every engine the same. Articles whose numbers are in `without` are no hits, but facets count them.
    `versions` says whether a searcher lists one hit of each story, or every article. Engines know nothing of stories.
    """

    tree: Node = field(default_factory=MatchAll)
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ranges: Mapping[str, tuple[NumberRange, ...]] = field(default_factory=dict)
    excluded: Mapping[str, tuple[str | NumberRange, ...]] = field(default_factory=dict)
    dates: tuple[str, ...] = ()
    start: dt.date | None = None
    end: dt.date | None = None
    share: float = 1.0
    without: tuple[int, ...] = ()
    versions: VersionChoice = "one"
    sort: Sort = "relevance"
    page: int = 1
    after: Cursor | None = None
    per_page: int = PER_PAGE
    max_words: int = MAX_WORDS
    facets: tuple[str, ...] = ()
    facet_values: int = FACET_VALUES
    date_facet: bool = False
    date_unit: Unit | None = None
    today: dt.date = field(default_factory=latest_day)
    snippets: int = SNIPPETS

    @property
    def filtered_fields(self) -> tuple[str, ...]:
        """The metadata fields that have a filter of any kind."""
        given = (self.filters, self.ranges, self.excluded)
        return tuple(dict.fromkeys(name for filters in given for name, values in filters.items() if values))

    @property
    def facet_unit(self) -> Unit:
        """The unit by which the date facet counts."""
        return self.date_unit or facet_unit(facet_scope(self.dates))

    def field_filters(self) -> Iterator[tuple[str, str | NumberRange, bool]]:
        """Yield each value or range of the filters by metadata fields, with its field, and whether it is excluded."""
        for given, is_excluded in ((self.filters, False), (self.ranges, False), (self.excluded, True)):
            for name, values in sorted(given.items()):
                yield from ((name, value, is_excluded) for value in values)

    def required_values(self, name: str) -> tuple[str, ...] | None:
        """Return the values of a field of which every hit has one. Return None if it may have any."""
        values, ranges = self.filters.get(name, ()), self.ranges.get(name, ())
        return _values_of((*values, *ranges)) if values or ranges else None

    def excluded_values(self, name: str) -> tuple[str, ...]:
        """Return the values of a field that no hit has."""
        return _values_of(self.excluded.get(name, ()))

    def without_filter(self, name: str) -> "SearchRequest":
        """Return the request without the filters of a field."""
        filters, ranges = _without(self.filters, name), _without(self.ranges, name)
        return replace(self, filters=filters, ranges=ranges, excluded=_without(self.excluded, name))


def _values_of(given: Iterable[str | NumberRange]) -> tuple[str, ...]:
    values = (value for each in given for value in (each.values if isinstance(each, NumberRange) else (each,)))
    return tuple(dict.fromkeys(values))


def _without(filters: Mapping[str, _T], name: str) -> dict[str, _T]:
    return {other: given for other, given in filters.items() if other != name}
