"""Facets from counts, the same for every engine."""

from collections import Counter
from collections.abc import Mapping

from searchsvc.model.periods import Unit, unit_of
from searchsvc.model.results import DateFacet, FacetValue, FieldFacet


def field_facet(field: str, counts: Mapping[str, int], other: int, selected: tuple[str, ...]) -> FieldFacet:
    """Return the facet of a metadata field, most frequent values first, then in alphabetical order.

    `counts` must include every selected value. `other` counts the values of hits that are not in `counts`.
    """
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return FieldFacet(field, tuple(FacetValue(value, count, value in selected) for value, count in ordered), other)


def date_facet(counts: Mapping[str, int], unit: Unit, dates: tuple[str, ...]) -> DateFacet:
    """Return the date facet from counts by a unit. Selected periods without hits are listed with zero."""
    counted = Counter(counts)
    for value in dates:
        if unit_of(value) == unit:
            counted[value] += 0
    return DateFacet(unit, tuple(FacetValue(value, count, value in dates) for value, count in sorted(counted.items())))
