"""The table of month names, and names that are not written as in the table."""

from importlib.resources import files

import pytest

from dev.month_names import table
from searchsvc.corpus.metadata.month_names import find_month


@pytest.mark.slow
def test_the_table_is_that_of_the_unicode_cldr() -> None:
    written = files("searchsvc.corpus.metadata").joinpath("month_names.txt").read_text(encoding="utf-8")
    assert written == table(), "run python -m dev.month_names > searchsvc/corpus/metadata/month_names.txt"


def test_each_name_of_the_table_is_found_and_few_mean_another_month_in_another_language() -> None:
    others = set()
    for line in table().splitlines():
        code, _, months = line.partition(": ")
        for number, names in enumerate(months.split("; "), start=1):
            for name in names.split(" | "):
                month = find_month(f"5 {name} 2021")
                assert month is not None, name
                if month.number != number:
                    others.add((code, name))
    assert {code for code, _ in others} <= {"hr", "lb"}
    assert ("hr", "listopada") in others


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("septem 2021", 9),
        ("febru.", 2),
        ("Septembers", 9),
        ("mar. 5 mai", 5),
        ("5 mai (mar.)", 5),
        ("mar. 5 mar.", 3),
        ("jui", None),
        ("", None),
    ],
)
def test_abbreviations_and_inflected_forms_mean_what_they_can_only_mean(text: str, number: int | None) -> None:
    month = find_month(text)
    assert (month.number if month else None) == number
