"""What explains a peak: the words and values that are over-represented in the hits of a period, against its other hits.

What counts is the number of articles that have them, not how often they occur: one long article is no burst. Values are
counted in all articles. Words are counted in a fair sample of each side, because texts have to be read for it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import NamedTuple

from searchsvc.analysis.analyzer import Analyzers
from searchsvc.engines.protocol import Engine
from searchsvc.model.periods import Period
from searchsvc.query.ast import DateRange, Node, Not, conjunction
from searchsvc.query.request import SearchRequest
from searchsvc.search.burst_words import LEAST_ARTICLES, key_words, sample, spelled
from searchsvc.search.keyness import Counts, KeyItem, key_items
from searchsvc.search.question import Question
from searchsvc.search.remembered import Scope
from searchsvc.search.turns import taking_turns

MAX_FOUND = 20
"""Words, and values, that explain a peak."""
_CANDIDATES = 100  # words, of which those are left out that are frequent in the whole archive
_COMMON = 3  # of so many articles, one has a word that says nothing: these are function words, of any language
_PEAK_VALUES, _ALL_VALUES = 50, 1_000  # of each field that are counted in the peak, and in all hits
_COUNTED_ALONE = 100  # values that are counted one by one, because they are not among those of all hits
_REMEMBERED = 8  # explanations


@dataclass(frozen=True, slots=True)
class Burst:
    """What explains a peak, the surest first. Its `articles` were compared with the `rest` of the hits.

    If all hits are in the peak, there is nothing to compare it with, and nothing is over-represented.
    """

    articles: int
    rest: int
    words: tuple[KeyItem, ...] = ()
    values: tuple[KeyItem, ...] = ()


class _Peak(NamedTuple):
    """A peak, hashable: the days of the hits of a search, and the fields whose values may explain it."""

    tree: Node
    scope: Scope
    days: Period
    fields: tuple[str, ...]

    def requests(self) -> tuple[SearchRequest, SearchRequest, SearchRequest]:
        """Return the requests for all hits, for those in the peak, and for the rest, which includes undated ones."""
        whole, within = replace(self.scope.request(self.tree), sort="oldest"), DateRange(*self.days)
        peak, rest = (replace(whole, tree=conjunction((self.tree, each))) for each in (within, Not(within)))
        return whole, peak, rest


class BurstReader:
    """Explains peaks in one generation, and remembers the last explanations. Thread-safe."""

    def __init__(self, engine: Engine, analyzers: Analyzers) -> None:
        self._explain = lru_cache(maxsize=_REMEMBERED)(partial(_explain, engine, analyzers))

    def explain(self, question: Question, days: Period, fields: Iterable[str], share_of: Callable[[str], float]) -> Burst:
        """Explain a peak of a search. `share_of` returns in which part of the articles of the archive a word is.

        Raise OverloadError if others take too long.
        """
        request = question.request
        unfiltered = tuple(name for name in fields if name not in request.filtered_fields)
        found = self._explain(_Peak(request.tree, Scope.of(request), days, unfiltered))
        words = [each for each in found.words if share_of(each.term) * _COMMON < 1]
        return replace(found, words=tuple(words[:MAX_FOUND]))


def _explain(engine: Engine, analyzers: Analyzers, peak: _Peak) -> Burst:
    with taking_turns():
        whole, within, rest = peak.requests()
        articles = engine.count(within)
        others = engine.count(whole) - articles
        if not articles or not others:
            return Burst(articles, others)
        values = _key_values(engine, whole, within, peak.fields, (articles, others))
        read = sample(engine, analyzers, within, articles, with_spellings=True)
        words = key_words(read, sample(engine, analyzers, rest, others), peak.tree, analyzers)
        return Burst(articles, others, tuple(spelled(words[:_CANDIDATES], read, analyzers.main)), values)


def _key_values(
    engine: Engine, whole: SearchRequest, peak: SearchRequest, fields: Sequence[str], sizes: tuple[int, int]
) -> tuple[KeyItem, ...]:
    """Return the values of metadata fields that are over-represented in a peak. `sizes` are of the peak and of the rest."""
    found = (
        KeyItem(field, value, value, Counts(number, total - number, *sizes))
        for field, value, number, total in _value_counts(engine, whole, peak, fields)
    )
    return tuple(key_items(found)[:MAX_FOUND])


def _value_counts(
    engine: Engine, whole: SearchRequest, peak: SearchRequest, fields: Sequence[str]
) -> Iterator[tuple[str, str, int, int]]:
    """Yield fields and values with the number of articles of the peak, and of all hits, that have them."""
    in_peak = engine.search(_counting(peak, fields, _PEAK_VALUES)).facets().fields
    in_all = engine.search(_counting(whole, fields, _ALL_VALUES)).facets().fields
    alone = 0
    for facet, every in zip(in_peak, in_all, strict=True):
        totals = {each.value: each.count for each in every.values}
        for value, number in ((each.value, each.count) for each in facet.values if each.count >= LEAST_ARTICLES):
            total = totals.get(value)
            if total is None and alone < _COUNTED_ALONE:
                alone += 1
                total = engine.count(replace(whole, filters={**whole.filters, facet.field: (value,)}))
            if total is not None:
                yield facet.field, value, number, total


def _counting(request: SearchRequest, fields: Sequence[str], values: int) -> SearchRequest:
    return replace(request, facets=tuple(fields), facet_values=values)
