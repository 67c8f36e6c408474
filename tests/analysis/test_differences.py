"""What differs between two texts, word by word."""

from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis.differences import MAX_WORDS, find_differences

TEXTS = st.lists(st.sampled_from(["a", "b", "c,", "d.\n\n", "茶", "日本", "“e”"]), max_size=30).map(" ".join)


def runs(one: str, other: str) -> list[tuple[str, str]]:
    """Return the kind and the text of each run."""
    found = find_differences(one, other)
    assert found.complete
    return [(run.kind, (other if run.kind == "insert" else one)[slice(*run.span)]) for run in found.runs]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("", "", []),
        ("The tea is green.", "The  tea\nis green.", [("equal", "The tea is green.")]),
        ("", "new words", [("insert", "new words")]),
        ("old words", "", [("delete", "old words")]),
        (
            "The tea is green, he said.",
            "The tea was black, he said.",
            [("equal", "The tea"), ("delete", "is green,"), ("insert", "was black,"), ("equal", "he said.")],
        ),
        (
            "今日は晴れ。",
            "明日は雨。",
            [("delete", "今"), ("insert", "明"), ("equal", "日は"), ("delete", "晴れ"), ("insert", "雨"), ("equal", "。")],
        ),
    ],
)
def test_words_are_kept_deleted_and_inserted(one: str, other: str, expected: list[tuple[str, str]]) -> None:
    assert runs(one, other) == expected


@given(TEXTS, TEXTS)
def test_the_runs_are_both_texts(one: str, other: str) -> None:
    found = find_differences(one, other).runs
    own = [one[slice(*run.span)] for run in found if run.kind != "insert"]
    others = [
        other[slice(*(run.span if run.kind == "insert" else run.other or (0, 0)))] for run in found if run.kind != "delete"
    ]
    assert ("".join("".join(own).split()), "".join("".join(others).split())) == (
        "".join(one.split()),
        "".join(other.split()),
    )
    for run in found:
        if run.other is not None:
            assert one[slice(*run.span)].split() == other[slice(*run.other)].split()
    assert all(before.kind != behind.kind for before, behind in pairwise(found))


def test_very_long_texts_are_compared_in_part_and_at_once() -> None:
    one, other = (" ".join(f"{letter}{number % 7_919}" for number in range(200_000)) for letter in "ab")
    begun = process_time()
    found = find_differences(f"both begin {one}", f"both begin {other}")
    assert process_time() - begun < 5
    assert not found.complete
    assert [run.kind for run in found.runs] == ["equal", "delete", "insert"]
    assert len(f"both begin {one}"[slice(*found.runs[1].span)].split()) == MAX_WORDS


def test_very_long_texts_that_are_nearly_the_same_are_compared_as_a_whole() -> None:
    one = " ".join(str(number) for number in range(60_000))
    assert [kind for kind, _ in runs(one, one.replace(" 30000 ", " other "))] == ["equal", "delete", "insert", "equal"]
