"""Facets from counts, the same for every engine."""

import pytest

from searchsvc.engines.facets import date_facet, field_facet
from searchsvc.model import DateFacet, FieldFacet
from searchsvc.model.periods import Unit
from searchsvc.model.results import FacetValue


@pytest.mark.parametrize(
    ("counts", "selected", "values"),
    [
        ({}, (), []),
        ({"a": 1}, (), [("a", 1, False)]),
        ({"a": 1, "b": 2}, (), [("b", 2, False), ("a", 1, False)]),
        (
            {"b": 1, "a": 1, "B": 1, "é": 1, "10": 1, "9": 1},
            (),
            [(each, 1, False) for each in ("10", "9", "B", "a", "b", "é")],
        ),
        ({"a": 1, "b": 2}, ("a",), [("b", 2, False), ("a", 1, True)]),
        ({"a": 0, "b": 2}, ("a",), [("b", 2, False), ("a", 0, True)]),
        ({"a": 1}, ("A",), [("a", 1, False)]),
    ],
)
def test_values_are_the_most_frequent_first_then_in_alphabetical_order(
    counts: dict[str, int], selected: tuple[str, ...], values: list[tuple[str, int, bool]]
) -> None:
    assert field_facet("place", counts, 3, selected) == FieldFacet("place", tuple(FacetValue(*each) for each in values), 3)


@pytest.mark.parametrize(
    ("counts", "dates", "unit", "values"),
    [
        ({}, (), "year", []),
        ({"2022": 1, "0001": 2, "2021": 3}, (), "year", [("0001", 2, False), ("2021", 3, False), ("2022", 1, False)]),
        ({"2022-01": 1}, ("2022",), "month", [("2022-01", 1, False)]),
        ({}, ("2022",), "month", []),  # a year is no month
        ({"2022-02": 1}, ("2022-01",), "day", [("2022-02", 1, False)]),
        ({"2022-01-02": 1}, ("2022-01",), "day", [("2022-01-02", 1, False)]),
        ({"2022-01-02": 1}, ("2022-01-01",), "day", [("2022-01-01", 0, True), ("2022-01-02", 1, False)]),
        ({"2022-01": 1}, ("2022-01", "2022-03"), "month", [("2022-01", 1, True), ("2022-03", 0, True)]),
        ({"2020": 1}, ("2021", "2022-03"), "year", [("2020", 1, False), ("2021", 0, True)]),
        ({"2021": 4}, ("2021", "2022"), "year", [("2021", 4, True), ("2022", 0, True)]),
    ],
)
def test_periods_are_the_earliest_first_with_those_selected_of_the_same_unit(
    counts: dict[str, int], dates: tuple[str, ...], unit: Unit, values: list[tuple[str, int, bool]]
) -> None:
    before = dict(counts)
    assert date_facet(counts, unit, dates) == DateFacet(unit, tuple(FacetValue(*each) for each in values))
    assert counts == before
