"""What completions of queries look up in one generation, remembered from one letter typed to the next."""

import datetime as dt
from collections.abc import Callable
from functools import lru_cache, partial
from typing import NamedTuple

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.engines.protocol import Engine
from searchsvc.model.number_ranges import NumberRange
from searchsvc.query.ast import MatchAll, Node
from searchsvc.query.request import SearchRequest
from searchsvc.search.company import MAX_ARTICLES, Company, read_company
from searchsvc.search.facet_values import FieldValues, folded

MAX_VALUES = 10_000  # of each field, the most frequent: more take longer than typing allows
_TOTALS, _COMPANIES, _FIELDS, _FOUND_FIELDS = 2_000, 16, 16, 8  # that are remembered
_LISTED = 4  # whole lists of values, which have up to 60,000 each


class Scope(NamedTuple):
    """The filters of a request and its share of the articles, hashable."""

    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    ranges: tuple[tuple[str, tuple[NumberRange, ...]], ...] = ()
    excluded: tuple[tuple[str, tuple[str | NumberRange, ...]], ...] = ()
    dates: tuple[str, ...] = ()
    start: dt.date | None = None
    end: dt.date | None = None
    share: float = 1.0

    @classmethod
    def of(cls, request: SearchRequest) -> "Scope":
        given = (tuple(request.filters.items()), tuple(request.ranges.items()), tuple(request.excluded.items()))
        return cls(*given, request.dates, request.start, request.end, request.share)

    def request(self, tree: Node, per_page: int = 1) -> SearchRequest:
        """Return the request for a tree in this scope."""
        given = dict(self.filters), dict(self.ranges), dict(self.excluded)
        return SearchRequest(tree, *given, self.dates, self.start, self.end, self.share, per_page=per_page)


class Value(NamedTuple):
    """A value of a metadata field, its words as written, each behind a space, and the number of articles that have it."""

    value: str
    words: str
    articles: int


class Remembered:
    """Totals, companies of words, and values of fields. Threads can share it.

    It has no references to itself, which would keep a generation in memory until garbage is collected.
    """

    def __init__(self, engine: Engine, analyzer: Analyzer) -> None:
        self.total = lru_cache(maxsize=_TOTALS)(partial(_total, engine))
        self.company = lru_cache(maxsize=_COMPANIES)(partial(_company, engine, analyzer))
        self.values = lru_cache(maxsize=_FIELDS)(partial(_values, engine, MatchAll(), Scope()))
        self.value_words = lru_cache(maxsize=_FIELDS)(partial(_value_words, self.values))
        self.found_values = lru_cache(maxsize=_FOUND_FIELDS)(partial(_values, engine))
        all_values = lru_cache(maxsize=_LISTED)(partial(_all_values, engine))
        self.field_values = lru_cache(maxsize=_LISTED)(partial(_field_values, engine, all_values))


def _total(engine: Engine, tree: Node, scope: Scope) -> int:
    return engine.count(scope.request(tree))


def _company(engine: Engine, analyzer: Analyzer, tree: Node, scope: Scope, words: tuple[str, ...]) -> Company:
    return read_company(engine, analyzer, scope.request(tree, MAX_ARTICLES), words)


def _all_values(engine: Engine, field: str) -> FieldValues:
    """Return all values of a metadata field in the whole archive."""
    return FieldValues(engine.facet(SearchRequest(), field))


def _field_values(
    engine: Engine, all_values: Callable[[str], FieldValues], tree: Node, scope: Scope, field: str
) -> FieldValues:
    """Return all values of a metadata field in the articles that a query finds."""
    known = all_values(field)
    if tree == MatchAll() and scope == Scope():
        return known
    return FieldValues(engine.facet(scope.request(tree), field), known.words_of)


def _value_words(values: Callable[[str], list[Value]], field: str) -> list[str]:
    return [each.words for each in values(field)]


def _values(engine: Engine, tree: Node, scope: Scope, field: str) -> list[Value]:
    """Return the values of a metadata field in the articles that a query finds, the most frequent first."""
    found = engine.facet(scope.request(tree), field).values[:MAX_VALUES]
    return [Value(each.value, folded(each.value), each.count) for each in found]
