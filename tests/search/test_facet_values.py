"""The list of all values of a field: prefixes of words, orders and pages."""

import pytest

from searchsvc.model import FieldFacet
from searchsvc.model.results import FacetValue
from searchsvc.search.facet_values import PAGE, FieldValues, Order, folded
from searchsvc.search.first_letters import MAX_LETTERS, first_letter

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
    page = FieldValues(facet(*PLACES)).page(prefix, "count", 1)
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
    page = FieldValues(facet(*PLACES)).page("", order, 1)
    assert tuple(each.value for each in page.values) == values


def test_numbers_are_in_their_own_order() -> None:
    page = FieldValues(facet("10", "9", "1e2", "ten", "-3", "2.5", "9 pages")).page("", "value", 1)
    assert [each.value for each in page.values] == ["-3", "2.5", "9", "10", "1e2", "9 pages", "ten"]


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
    found = FieldValues(facet(*(f"v{each:04d}" for each in range(number)))).page("", "count", page)
    assert (found.field, found.page, found.pages, found.total) == ("place", page, pages, number)
    assert len(found.values) == length
    assert (found.values[0].value if found.values else None) == first


@pytest.mark.parametrize(("other", "complete"), [(0, True), (1, False), (70_000, False)])
def test_a_list_is_complete_unless_the_hits_have_more_values(other: int, complete: bool) -> None:
    assert FieldValues(facet("a", other=other)).page("", "count", 1).complete is complete


def test_selected_values_stay_selected_in_every_order() -> None:
    chosen = FieldFacet("place", (FacetValue("b", 2), FacetValue("a", 0, selected=True)))
    assert FieldValues(chosen).page("", "value", 1).values == (FacetValue("a", 0, selected=True), FacetValue("b", 2))


@pytest.mark.parametrize(
    ("value", "letter"),
    [
        ("Čapek", "C"),
        ("łódź", "L"),
        ("42nd Street", "0-9"),
        ("٤ Street", "0-9"),
        ("—", ""),
        ("Дмитрий", "Д"),
        ("Ἑλένη", "Ε"),
        ("김철수", "ㄱ"),
        ("힣", "ㅎ"),
        ("محمد", "م"),
        ("अमित", "अ"),
        ("山田", "山"),
        ("ßtraße", "S"),
    ],
)
def test_a_value_stands_under_a_letter_of_its_script(value: str, letter: str) -> None:
    assert first_letter(folded(value)) == letter
    page = FieldValues(facet(value, "Other")).page("", "count", 1, letter)
    assert [each.value for each in page.values] == ([value] if letter else [value, "Other"])


def test_letters_are_those_of_the_values_with_the_prefix_in_order() -> None:
    values = FieldValues(facet(*PLACES))
    assert values.page("", "count", 1).letters == ("0-9", "C", "D", "L", "N", "O", "東")
    assert values.page("delhi", "count", 1, "N").letters == ("D", "N", "O")
    assert values.page("", "count", 1, "X").total == 0


def test_of_very_many_letters_those_with_the_most_values_are_listed() -> None:
    rare = [chr(0x4E00 + number) for number in range(200)]
    letters = FieldValues(facet(*rare, "Ann", "Amy", "Bo", "Ben")).page("", "count", 1).letters
    assert len(letters) == MAX_LETTERS
    assert letters[:2] == ("A", "B")
