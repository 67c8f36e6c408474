"""The list of all values of a field: prefixes of words, orders and pages."""

import pytest

from searchsvc.model import FieldFacet
from searchsvc.model.results import FacetValue
from searchsvc.search.facet_values import PAGE, Order, facet_page

PLACES = ("New Delhi", "Delhi", "Old-Delhi Road", "Čapek", "東京都", "Łódź", "delhi", "42nd Street", "—")


def facet(*values: str, other: int = 0) -> FieldFacet:
    """Return a facet of these values, the first the most frequent."""
    counts = range(len(values), 0, -1)
    return FieldFacet("place", tuple(FacetValue(value, count) for value, count in zip(values, counts, strict=True)), other)


@pytest.mark.parametrize(
    ("prefix", "values"),
    [
        ("", PLACES),
        ("del", ("New Delhi", "Delhi", "Old-Delhi Road", "delhi")),
        ("DELHI", ("New Delhi", "Delhi", "Old-Delhi Road", "delhi")),
        ("delhi r", ("Old-Delhi Road",)),
        ("new-del", ("New Delhi",)),
        ("elhi", ()),  # the middle of a word
        ("delhi new", ()),  # the words in another order
        ("capek", ("Čapek",)),
        ("ČAP", ("Čapek",)),
        ("lodz", ("Łódź",)),
        ("東", ("東京都",)),
        ("京都", ("東京都",)),
        ("都京", ()),
        ("4", ("42nd Street",)),
        ("2", ()),
        ("!?", PLACES),  # no word at all
        (" ", PLACES),
        ("del*", ("New Delhi", "Delhi", "Old-Delhi Road", "delhi")),  # text, not a pattern
        ("x" * 5_000, PLACES),  # too long for a word
    ],
)
def test_values_with_a_word_that_begins_with_the_prefix_are_kept(prefix: str, values: tuple[str, ...]) -> None:
    page = facet_page(facet(*PLACES), prefix, "count", 1)
    assert tuple(each.value for each in page.values) == values
    assert page.total == len(values)


@pytest.mark.parametrize(
    ("order", "values"),
    [
        ("count", PLACES),
        ("value", ("—", "42nd Street", "Čapek", "Delhi", "delhi", "Łódź", "New Delhi", "Old-Delhi Road", "東京都")),
    ],
)
def test_values_are_in_the_order_of_counts_or_of_their_words(order: Order, values: tuple[str, ...]) -> None:
    page = facet_page(facet(*PLACES), "", order, 1)
    assert tuple(each.value for each in page.values) == values


@pytest.mark.parametrize(
    ("number", "page", "first", "length", "pages"),
    [
        (0, 1, None, 0, 0),
        (1, 1, "v0000", 1, 1),
        (PAGE, 1, "v0000", PAGE, 1),
        (PAGE, 2, None, 0, 1),
        (PAGE + 1, 1, "v0000", PAGE, 2),
        (PAGE + 1, 2, "v0100", 1, 2),
        (PAGE + 1, 3, None, 0, 2),
        (250, 3, "v0200", 50, 3),
        (250, 10_000, None, 0, 3),
    ],
)
def test_pages_have_a_hundred_values_and_end(number: int, page: int, first: str | None, length: int, pages: int) -> None:
    found = facet_page(facet(*(f"v{each:04d}" for each in range(number))), "", "count", page)
    assert (found.field, found.page, found.pages, found.total) == ("place", page, pages, number)
    assert len(found.values) == length
    assert (found.values[0].value if found.values else None) == first


@pytest.mark.parametrize(("other", "complete"), [(0, True), (1, False), (70_000, False)])
def test_a_list_is_complete_unless_the_hits_have_more_values(other: int, complete: bool) -> None:
    assert facet_page(facet("a", other=other), "", "count", 1).complete is complete


def test_selected_values_stay_selected_in_every_order() -> None:
    chosen = FieldFacet("place", (FacetValue("b", 2), FacetValue("a", 0, selected=True)))
    assert facet_page(chosen, "", "value", 1).values == (FacetValue("a", 0, selected=True), FacetValue("b", 2))
