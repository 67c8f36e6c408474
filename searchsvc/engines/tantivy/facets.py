"""Facet counts: exact, and disjunctive, so that ticking a value never changes the counts of its neighbours."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from tantivy import Query, Searcher

from searchsvc.engines.protocol import MAX_FACET_VALUES
from searchsvc.engines.stored import day_label
from searchsvc.engines.tantivy.compiler import Compiler, conjunction
from searchsvc.engines.tantivy.schema import meta_path, total_of
from searchsvc.model.periods import facet_scope, facet_unit, period, unit_of
from searchsvc.model.results import Facet, FacetValue
from searchsvc.query.request import SearchRequest

_MAX_BUCKETS = 60_000
"""Tantivy refuses more than 65,000; the years of the calendar have 120,000 months, but no archive does."""


class FacetCounter:
    """Counts the facets of one request.

    `matching` gives the query without the filter of one field: what that field's counts are made on. At most `most` values
    of a field are listed.
    """

    def __init__(
        self,
        searcher: Searcher,
        compiler: Compiler,
        request: SearchRequest,
        matching: Callable[[str | None], Query],
        most: int = MAX_FACET_VALUES,
    ) -> None:
        self._searcher = searcher
        self._compiler = compiler
        self._request = request
        self._matching = matching
        self._most = most
        self._scope = facet_scope(request.dates)
        self._unit = facet_unit(self._scope)

    def count(self) -> tuple[Facet, ...]:
        """The facets in the order in which they were asked for. One pass counts all fields that are not filtered."""
        wanted = self._request.facets
        filtered = {name for name in wanted if name in self._request.filters or (name == "date" and self._request.dates)}
        counted = self._count([name for name in wanted if name not in filtered], self._matching(None))
        for name in filtered:
            query = self._matching(name)
            counted |= self._count([name], self._within_scope(query) if name == "date" else query)
        return tuple(counted[name] for name in wanted)

    def _count(self, names: list[str], query: Query) -> dict[str, Facet]:
        if not names:
            return {}
        answer = self._searcher.aggregate(query, {str(number): self._terms(name) for number, name in enumerate(names)})
        facets = {}
        for number, name in enumerate(names):
            found = answer[str(number)]
            facets[name] = self._dates(found) if name == "date" else self._facet(name, query, found)
        return facets

    def _terms(self, name: str) -> dict[str, Any]:
        if name == "date":
            return {"terms": {"field": "day" if self._unit == "day" else "month", "size": _MAX_BUCKETS}}
        return {"terms": {"field": meta_path("meta", name), "size": self._most}}

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

    def _within_scope(self, query: Query) -> Query:
        days = period(self._scope)
        return conjunction([query, self._compiler.days(*days)]) if days else query

    def _dates(self, answer: Mapping[str, Any]) -> Facet:
        """Years; within a ticked year its months, within a ticked month its days."""
        counts: Counter[str] = Counter()
        for bucket in answer["buckets"]:
            counts[day_label(int(bucket["key"]), self._unit)] += int(bucket["doc_count"])
        for value in self._request.dates:
            if unit_of(value) == self._unit:
                counts[value] += 0
        values = (FacetValue(value, count, value in self._request.dates) for value, count in sorted(counts.items()))
        return Facet("date", tuple(values), unit=self._unit)
