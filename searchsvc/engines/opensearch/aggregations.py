"""Facets as aggregations of the search itself. Each facet is counted without its own filter."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from searchsvc.engines.facets import date_facet, field_facet
from searchsvc.engines.opensearch.compiler import days_filter
from searchsvc.engines.opensearch.dsl import Query, conjunction
from searchsvc.engines.opensearch.mapping import field_prefix, prefixed
from searchsvc.model.periods import Period, day_label, facet_scope
from searchsvc.model.results import DateFacet, Facets, FieldFacet
from searchsvc.query.request import SearchRequest

_MAX_BUCKETS = 60_000
_SHARD_VALUES = 10_000
"""Values of a field that each shard counts. If a field has more, counts over several shards may be too small."""
_DATES = "dates"


class FacetAggregations:
    """The aggregations for the facets of one request, and the facets from their results.

    `filters` are the request's filters by field, with None for the date facet. Up to `limit` values of a field are counted.
    """

    def __init__(self, request: SearchRequest, filters: Mapping[str | None, Query], limit: int) -> None:
        self._request = request
        self._filters = filters
        self._limit = limit
        self._scope = facet_scope(request.dates)
        self._unit = request.facet_unit

    def build(self) -> dict[str, Any]:
        """Return the aggregations: those of fields by number, since field names may have any characters."""
        fields = {str(number): self._field(name) for number, name in enumerate(self._request.facets)}
        return fields | ({_DATES: self._dates()} if self._request.date_facet else {})

    def read(self, results: Mapping[str, Any]) -> Facets:
        """Return the facets, given the results of the aggregations."""
        fields = (self._read_field(name, results[str(number)]) for number, name in enumerate(self._request.facets))
        return Facets(tuple(fields), self._read_dates(results[_DATES]) if self._request.date_facet else None)

    def _field(self, name: str) -> dict[str, Any]:
        size = {"size": self._limit, "shard_size": max(self._limit, _SHARD_VALUES)}
        aggregations = {"values": count_values(name, **size)}
        if selected := self._request.filters.get(name):  # these may be too rare to be among the values
            filters = {str(number): {"term": {"meta": prefixed(name, value)}} for number, value in enumerate(selected)}
            aggregations["selected"] = {"filters": {"filters": filters}}
        return {"filter": conjunction(self._without(name)), "aggs": aggregations}

    def _dates(self) -> dict[str, Any]:
        scope = Period.parse(self._scope)
        filters = [*self._without(None), *([days_filter(*scope)] if scope else [])]
        terms = {"field": "day" if self._unit == "day" else "month", "size": _MAX_BUCKETS}
        return {"filter": conjunction(filters), "aggs": {"values": {"terms": terms}}}

    def _without(self, own: str | None) -> list[Query]:
        return [query for key, query in self._filters.items() if key != own]

    def _read_field(self, name: str, results: Mapping[str, Any]) -> FieldFacet:
        start = len(field_prefix(name))
        counts = {bucket["key"][start:]: int(bucket["doc_count"]) for bucket in results["values"]["buckets"]}
        selected = self._request.filters.get(name, ())
        rare = {
            value: int(results["selected"]["buckets"][str(number)]["doc_count"])
            for number, value in enumerate(selected)
            if value not in counts
        }
        other = max(0, int(results["values"]["sum_other_doc_count"]) - sum(rare.values()))
        return field_facet(name, counts | rare, other, selected)

    def _read_dates(self, results: Mapping[str, Any]) -> DateFacet:
        counts: Counter[str] = Counter()
        for bucket in results["values"]["buckets"]:
            counts[day_label(int(bucket["key"]), self._unit)] += int(bucket["doc_count"])
        return date_facet(counts, self._unit, self._request.dates)


def count_values(field: str, **size: int) -> dict[str, Any]:
    """Return an aggregation that counts the values of a metadata field."""
    return {"terms": {"field": "meta", **size, "include": f"{field_prefix(field)}.*"}}
