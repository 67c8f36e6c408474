"""Facet counts in the search itself: disjunctive, so that ticking a value never changes the counts of its neighbours."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from searchsvc.engines.opensearch.compiler import Compiler, Query, conjunction
from searchsvc.engines.opensearch.mapping import mark, meta_value
from searchsvc.engines.stored import day_label
from searchsvc.model.periods import facet_scope, facet_unit, period, unit_of
from searchsvc.model.results import Facet, FacetValue
from searchsvc.query.request import SearchRequest

_MAX_BUCKETS = 60_000
_SHARD_VALUES = 10_000
"""Values of a field that each shard counts: beyond them, counts over several shards may be too small."""


class FacetCounter:
    """What to ask for the facets of one request, and how to read the answer.

    `filters` are the request's filters by the field that each is of. At most `most` values of a field are listed.
    """

    def __init__(self, compiler: Compiler, request: SearchRequest, filters: Mapping[str, Query], most: int) -> None:
        self._compiler = compiler
        self._request = request
        self._filters = filters
        self._most = most
        self._scope = facet_scope(request.dates)
        self._unit = facet_unit(self._scope)

    def asked(self) -> dict[str, Any]:
        """An aggregation for each facet, on the hits as if its own field were not filtered."""
        return {str(number): self._asked(name) for number, name in enumerate(self._request.facets)}

    def facets(self, answer: Mapping[str, Any]) -> tuple[Facet, ...]:
        """The facets in the order in which they were asked for."""
        found = enumerate(self._request.facets)
        return tuple(
            self._dates(answer[str(n)]) if name == "date" else self._facet(name, answer[str(n)]) for n, name in found
        )

    def _asked(self, name: str) -> dict[str, Any]:
        others = [query for field, query in self._filters.items() if field != name]
        if name != "date":
            terms = {"field": "meta", "size": self._most, "include": f"{mark(name)}.*"}
            shards = {"shard_size": max(self._most, _SHARD_VALUES)}
            inner = {"values": {"terms": terms | shards}, **self._ticked(name)}
        else:
            inner = {"values": {"terms": {"field": "day" if self._unit == "day" else "month", "size": _MAX_BUCKETS}}}
            days = period(self._scope)
            others += [self._compiler.days(*days)] if days else []
        return {"filter": conjunction(others), "aggs": inner}

    def _ticked(self, name: str) -> dict[str, Any]:
        """The counts of the values that are filtered by, which may be too rare to be listed."""
        values = self._request.filters.get(name, ())
        if not values:
            return {}
        keyed = {str(number): {"term": {"meta": meta_value(name, value)}} for number, value in enumerate(values)}
        return {"ticked": {"filters": {"filters": keyed}}}

    def _facet(self, name: str, answer: Mapping[str, Any]) -> Facet:
        before = len(mark(name))
        counts = {bucket["key"][before:]: int(bucket["doc_count"]) for bucket in answer["values"]["buckets"]}
        selected = self._request.filters.get(name, ())
        missing = 0
        for number, value in enumerate(selected):
            if value not in counts:
                counts[value] = int(answer["ticked"]["buckets"][str(number)]["doc_count"])
                missing += counts[value]
        values = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        other = max(0, int(answer["values"]["sum_other_doc_count"]) - missing)
        return Facet(name, tuple(FacetValue(value, count, value in selected) for value, count in values), other)

    def _dates(self, answer: Mapping[str, Any]) -> Facet:
        """Years; within a ticked year its months, within a ticked month its days."""
        counts: Counter[str] = Counter()
        for bucket in answer["values"]["buckets"]:
            counts[day_label(int(bucket["key"]), self._unit)] += int(bucket["doc_count"])
        for value in self._request.dates:
            if unit_of(value) == self._unit:
                counts[value] += 0
        values = (FacetValue(value, count, value in self._request.dates) for value, count in sorted(counts.items()))
        return Facet("date", tuple(values), unit=self._unit)
