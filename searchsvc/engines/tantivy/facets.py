"""Facet counts: exact, and disjunctive, so that selecting a value never changes the counts of its neighbours."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tantivy import Query, Searcher

from searchsvc.engines.facets import date_facet, field_facet
from searchsvc.engines.tantivy.compiler import Compiler, RequestQueries
from searchsvc.engines.tantivy.queries import conjunction
from searchsvc.engines.tantivy.schema import count, meta_path
from searchsvc.model.periods import Period, day_label, facet_scope
from searchsvc.model.results import DateFacet, Facets, FieldFacet
from searchsvc.query.request import SearchRequest

_MAX_PERIODS = 60_000
"""Tantivy refuses more than 65,000 buckets. The years of the calendar have 120,000 months, but no archive does."""
_OF_SEGMENT, _MANY_OF_SEGMENT = 500, 5_000
"""The most frequent values of a segment that are counted. More would take long in archives of very many values."""
_FEW = 10  # values that are counted again one by one, which takes less time than one more pass
_DATES = "dates"


class FacetCounter:
    """Counts the facets of one request."""

    def __init__(self, searcher: Searcher, compiler: Compiler, request: SearchRequest, queries: RequestQueries) -> None:
        self._searcher = searcher
        self._compiler = compiler
        self._request = request
        self._queries = queries
        self._scope = facet_scope(request.dates)
        self._unit = request.facet_unit

    def facets(self) -> Facets:
        """Return the requested facets. One pass counts all that are not filtered, and each filtered one takes its own."""
        request, query = self._request, self._queries.matching()
        together = [name for name in request.facets if name not in request.filtered_fields]
        with_dates = request.date_facet and not request.dates
        wanted = {str(number): self._values(name, request.facet_values) for number, name in enumerate(together)}
        wanted |= {_DATES: self._periods()} if with_dates else {}
        answer = self._searcher.aggregate(query, wanted) if wanted else {}
        counted = {name: self._field_facet(name, query, answer[str(number)]) for number, name in enumerate(together)}
        fields = tuple(counted.get(name) or self.filtered(name, request.facet_values) for name in request.facets)
        if not request.date_facet:
            return Facets(fields)
        return Facets(fields, self._date_facet(answer[_DATES]) if with_dates else self._filtered_dates())

    def filtered(self, name: str, most: int) -> FieldFacet:
        """Return up to `most` values of a metadata field, counted without its own filter."""
        query = self._queries.without_field(name)
        return self._field_facet(name, query, self._searcher.aggregate(query, {name: self._values(name, most)})[name])

    def _filtered_dates(self) -> DateFacet:
        query, period = self._queries.without_dates(), Period.parse(self._scope)
        within = conjunction([query, self._compiler.date_range(*period)]) if period else query
        return self._date_facet(self._searcher.aggregate(within, {_DATES: self._periods()})[_DATES])

    def _values(self, name: str, most: int) -> dict[str, Any]:
        of_segment = _OF_SEGMENT if most <= _FEW else max(most, _MANY_OF_SEGMENT)
        return {"terms": {"field": meta_path("meta", name), "size": most, "segment_size": of_segment}}

    def _periods(self) -> dict[str, Any]:
        return {"terms": {"field": "day" if self._unit == "day" else "month", "size": _MAX_PERIODS}}

    def _field_facet(self, name: str, query: Query, answer: Mapping[str, Any]) -> FieldFacet:
        counts = {bucket["key"][1:]: int(bucket["doc_count"]) for bucket in self._exact_buckets(name, query, answer)}
        other = int(answer["sum_other_doc_count"]) + sum(int(bucket["doc_count"]) for bucket in answer["buckets"])
        selected = self._request.filters.get(name, ())
        missing = [value for value in selected if value not in counts]
        for value in missing:
            counts[value] = self._count_value(name, query, value)
        return field_facet(name, counts, other - sum(counts.values()), selected)

    def _exact_buckets(self, name: str, query: Query, answer: Mapping[str, Any]) -> list[Any]:
        """Return the values of an answer with their exact counts.

        Of each segment, Tantivy counts only the most frequent values. If a value may be rare in one of them, what was found
        is counted once more.
        """
        buckets: list[Any] = answer["buckets"]
        if not answer["doc_count_error_upper_bound"]:
            return buckets
        if len(buckets) <= _FEW:
            return [{**each, "doc_count": self._count_value(name, query, each["key"][1:])} for each in buckets]
        found = [bucket["key"] for bucket in buckets]
        again = {"terms": {"field": meta_path("meta", name), "size": len(found), "include": found}}
        exact: list[Any] = self._searcher.aggregate(query, {name: again})[name]["buckets"]
        return exact

    def _count_value(self, name: str, query: Query, value: str) -> int:
        return count(self._searcher, conjunction([query, self._compiler.value(name, [value])]))

    def _date_facet(self, answer: Mapping[str, Any]) -> DateFacet:
        counts: Counter[str] = Counter()
        for bucket in answer["buckets"]:
            counts[day_label(int(bucket["key"]), self._unit)] += int(bucket["doc_count"])
        return date_facet(counts, self._unit, self._request.dates)
