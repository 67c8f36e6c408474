"""Facet counts: exact, and disjunctive, so that ticking a value never changes the counts of its neighbours."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from tantivy import Query, Searcher

from searchsvc.days import period, unit_of
from searchsvc.engines import MAX_FACET_VALUES
from searchsvc.engines.tantivy.compiler import Compiler, conjunction
from searchsvc.engines.tantivy.schema import meta_path, total_of
from searchsvc.model import Facet, FacetValue, SearchRequest

_MAX_BUCKETS = 60_000
"""Tantivy refuses more than 65,000; the years of the calendar have 120,000 months, but no archive does."""


class FacetCounter:
    """Counts the facets of one request.

    `matching` gives the query without the filter of one field: what that field's counts are made on.
    """

    def __init__(
        self, searcher: Searcher, compiler: Compiler, request: SearchRequest, matching: Callable[[str | None], Query]
    ) -> None:
        self._searcher = searcher
        self._compiler = compiler
        self._request = request
        self._matching = matching

    def count(self) -> tuple[Facet, ...]:
        """The facets in the order in which they were asked for. One pass counts all fields that are not filtered."""
        names = [name for name in self._request.facets if name != "date"]
        together = [name for name in names if name not in self._request.filters]
        counted = self._terms(self._matching(None), together) if together else {}
        for name in names:
            if name in self._request.filters:
                counted |= self._terms(self._matching(name), [name])
        return tuple(self._dates() if name == "date" else counted[name] for name in self._request.facets)

    def _terms(self, query: Query, names: list[str]) -> dict[str, Facet]:
        wanted = {
            str(number): {"terms": {"field": meta_path("meta", name), "size": MAX_FACET_VALUES}}
            for number, name in enumerate(names)
        }
        answer = self._searcher.aggregate(query, wanted)
        return {name: self._facet(name, query, answer[str(number)]) for number, name in enumerate(names)}

    def _facet(self, name: str, query: Query, answer: Mapping[str, Any]) -> Facet:
        counts = {bucket["key"][1:]: int(bucket["doc_count"]) for bucket in answer["buckets"]}
        selected = self._request.filters.get(name, ())
        missing = [value for value in selected if value not in counts]
        for value in missing:
            with_value = conjunction([query, self._compiler.value(name, [value])])
            counts[value] = total_of(self._searcher.search(with_value, limit=1))
        values = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        other = int(answer["sum_other_doc_count"]) - sum(counts[value] for value in missing)
        return Facet(name, tuple(FacetValue(value, count, value in selected) for value, count in values), max(0, other))

    def _dates(self) -> Facet:
        """Years; within a ticked year its months, within a ticked month its days."""
        scope = facet_scope(self._request.dates)
        unit = ("year", "month", "day")[scope.count("-") + 1 if scope else 0]
        query = self._matching("date")
        if scope:
            query = conjunction([query, self._compiler.days(*(period(scope) or (None, None)))])
        field = "day" if unit == "day" else "month"
        answer = self._searcher.aggregate(query, {"dates": {"terms": {"field": field, "size": _MAX_BUCKETS}}})
        counts: Counter[str] = Counter()
        for bucket in answer["dates"]["buckets"]:
            counts[_label(int(bucket["key"]), unit)] += int(bucket["doc_count"])
        for value in self._request.dates:
            if unit_of(value) == unit:
                counts[value] += 0
        values = (FacetValue(value, count, value in self._request.dates) for value, count in sorted(counts.items()))
        return Facet("date", tuple(values), unit=unit)  # type: ignore[arg-type]  # mypy widens the indexed tuple


def facet_scope(dates: tuple[str, ...]) -> str:
    """The year or month whose parts the date facet shows: the one that all ticked values share; "" for all years."""
    scope = ""
    for parts in zip(*(value.split("-")[:2] for value in dates), strict=False):
        if len(set(parts)) > 1:
            break
        scope = f"{scope}-{parts[0]}" if scope else parts[0]
    return scope


def _label(number: int, unit: str) -> str:
    """20221223 as a day is 2022-12-23, 202212 as a month 2022-12 and as a year 2022."""
    digits = f"{number:08d}" if unit == "day" else f"{number:06d}"
    return "-".join(filter(None, (digits[:4], digits[4:6] if unit != "year" else "", digits[6:])))
