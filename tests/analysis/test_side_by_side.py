"""Two texts as rows of paragraphs."""

from time import process_time

import pytest
from hypothesis import given

from searchsvc.analysis.differences import find_differences
from searchsvc.analysis.side_by_side import MAX_ROWS, Row, rows
from tests.analysis.test_differences import TEXTS


def parted(one: str, other: str) -> list[Row]:
    return list(rows(one, other, find_differences(one, other)))


def shown(one: str, other: str) -> list[tuple[str, str]]:
    """Return both sides of each row, with deleted words as -words- and inserted ones as +words+."""
    signs = {"equal": "", "delete": "-", "insert": "+"}
    return [
        ("".join(f"{signs[kind]}{text.strip()}{signs[kind]}" for kind, text in row.first),
         "".join(f"{signs[kind]}{text.strip()}{signs[kind]}" for kind, text in row.second))
        for row in parted(one, other)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a b\n\nc d", "a b\n\nc d", [("a b", "a b"), ("c d", "c d")]),
        ("a b\n\nc d", "a b c d", [("a b\n\nc d", "a b c d")]),
        ("a\n\nb", "a\n\nnew\n\nb", [("a", "a"), ("", "+new+"), ("b", "b")]),
        ("a\n\nold\n\nb", "a\n\nnew\n\nb", [("a", "a"), ("-old-", "+new+"), ("b", "b")]),
        ("a x b\n\nc", "a y b\n\nc", [("a-x-b", "a+y+b"), ("c", "c")]),
        ("a\n\nb", "x\n\ny", [("-a\n\nb-", "+x\n\ny+")]),
        ("", "", []),
    ],
)
def test_paragraphs_stand_beside_each_other(one: str, other: str, expected: list[tuple[str, str]]) -> None:
    assert shown(one, other) == expected


@given(TEXTS, TEXTS)
def test_the_sides_are_both_texts(one: str, other: str) -> None:
    found = parted(one, other)
    assert "".join(text for row in found for _, text in row.first).strip() == one.strip()
    assert "".join(text for row in found for _, text in row.second).strip() == other.strip()


def test_very_many_paragraphs_are_few_rows_and_quick() -> None:
    text = "a\n\n" * 160_000
    begun = process_time()
    found = parted(text, f"{text}b")
    assert process_time() - begun < 5
    assert len(found) == MAX_ROWS
