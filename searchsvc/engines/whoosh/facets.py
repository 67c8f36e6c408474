"""Facet counts: exact, and disjunctive, so that ticking a value never changes the counts of its neighbours."""

from collections import Counter

from searchsvc.engines.protocol import MAX_FACET_VALUES
from searchsvc.engines.whoosh.archive import Archive, Documents
from searchsvc.engines.whoosh.matching import Matching
from searchsvc.model.periods import facet_scope, facet_unit, unit_of
from searchsvc.model.results import Facet, FacetValue
from searchsvc.query.request import SearchRequest


def counted(archive: Archive, matching: Matching, request: SearchRequest) -> tuple[Facet, ...]:
    """The facets in the order in which they were asked for."""
    return tuple(
        _dates(archive, matching.documents(name), request) if name == "date" else values(archive, matching, request, name)
        for name in request.facets
    )


def values(archive: Archive, matching: Matching, request: SearchRequest, name: str, most: int = MAX_FACET_VALUES) -> Facet:
    """At most so many values of a metadata field, the most frequent first."""
    hits = matching.documents(name)
    numbers = {value: len(documents & hits) for value, documents in archive.values(name).items()}
    counts = sorted(((value, number) for value, number in numbers.items() if number), key=_by_count)
    selected = request.filters.get(name, ())
    shown = dict(counts[:most])
    shown |= {value: numbers.get(value, 0) for value in selected}
    other = sum(number for value, number in counts if value not in shown)
    listed = (FacetValue(value, number, value in selected) for value, number in sorted(shown.items(), key=_by_count))
    return Facet(name, tuple(listed), other)


def _dates(archive: Archive, hits: Documents, request: SearchRequest) -> Facet:
    """Years; within a ticked year its months, within a ticked month its days."""
    scope = facet_scope(request.dates)
    unit = facet_unit(scope)
    counts: Counter[str] = Counter()
    for day, number in archive.days(hits).items():
        if day.startswith(scope):
            counts[day[: {"year": 4, "month": 7, "day": 10}[unit]]] += number
    for value in request.dates:
        if unit_of(value) == unit:
            counts[value] += 0
    values = (FacetValue(value, number, value in request.dates) for value, number in sorted(counts.items()))
    return Facet("date", tuple(values), unit=unit)


def _by_count(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]
