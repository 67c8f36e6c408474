"""The filters of a request: exact values of metadata fields, and days."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from searchsvc.engines.opensearch.dsl import MATCH_NONE, Query, disjunction, number_range
from searchsvc.engines.opensearch.mapping import prefixed
from searchsvc.model.periods import Period, day_number
from searchsvc.query.request import SearchRequest


class Filters(NamedTuple):
    """The filters of a request, split by their effect on the facets.

    `common` filters hits and facets alike. `post` filters hits after the facets are counted. It has the filters of the
    requested facets by field, with None for the date facet.
    """

    common: list[Query]
    post: Mapping[str | None, Query]


def compile_filters(request: SearchRequest) -> Filters:
    """Return the filters of a request."""
    filters: dict[str | None, Query] = {
        name: values_filter(name, values) for name, values in request.filters.items() if values
    }
    if request.dates:
        periods = filter(None, map(Period.parse, request.dates))
        filters[None] = disjunction([days_filter(*period) for period in periods])
    facets = {*request.facets, *((None,) if request.date_facet else ())}
    common = [query for key, query in filters.items() if key not in facets]
    if request.start or request.end:
        common.append(days_filter(request.start, request.end))
    return Filters(common, {key: query for key, query in filters.items() if key in facets})


def values_filter(field: str, values: Iterable[str]) -> Query:
    """Match articles that have one of these exact values in a metadata field."""
    return {"terms": {"meta": [prefixed(field, value) for value in values]}}


def days_filter(start: date | None, end: date | None) -> Query:
    """Match articles dated within these days, both included. None leaves an end open."""
    if start is not None and end is not None and start > end:
        return MATCH_NONE
    return number_range("day", {"gte": day_number(start) if start else None, "lte": day_number(end) if end else None})
