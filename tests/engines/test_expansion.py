"""The limit on the words that the patterns of one query expand to."""

import pytest

from searchsvc.engines.expansion import Expansion
from searchsvc.query.ast import Fuzzy, Wildcard
from searchsvc.query.request import MAX_WORDS


def words(number: int) -> list[str]:
    return [f"te{each}" for each in range(number)]


@pytest.mark.parametrize(
    ("number", "kept", "notes"),
    [
        (0, 0, []),
        (1, 1, []),
        (MAX_WORDS, MAX_WORDS, []),
        (MAX_WORDS + 1, MAX_WORDS, ["“te*” matches 1,025 words; the 1,024 most frequent were used"]),
        (50_000, MAX_WORDS, ["“te*” matches 50,000 words; the 1,024 most frequent were used"]),
    ],
)
def test_the_most_frequent_words_are_kept_and_a_cut_is_noted(number: int, kept: int, notes: list[str]) -> None:
    noted: list[str] = []
    assert Expansion(noted).kept(Wildcard("te*"), words(number)) == words(number)[:kept]
    assert noted == notes


def test_the_patterns_of_one_query_share_the_limit() -> None:
    notes: list[str] = []
    expansion = Expansion(notes)
    assert len(expansion.kept(Wildcard("te*"), words(1_000))) == 1_000
    assert expansion.kept(Fuzzy("team", 2), words(30)) == words(24)
    assert expansion.kept(Wildcard("wo?k"), words(2)) == []
    assert expansion.kept(Wildcard("no*"), []) == []
    assert notes == [
        "“team~2” matches 30 words; the 24 most frequent were used",
        "“wo?k” matches 2 words; the 0 most frequent were used",
    ]


def test_each_query_has_the_whole_limit() -> None:
    notes: list[str] = []
    assert all(len(Expansion(notes).kept(Wildcard("te*"), words(MAX_WORDS))) == MAX_WORDS for _ in range(2))
    assert notes == []


def test_a_request_may_allow_fewer_words() -> None:
    notes: list[str] = []
    expansion = Expansion(notes, 3)
    assert [len(expansion.kept(Wildcard("te*"), words(2))) for _ in range(3)] == [2, 1, 0]
    assert notes == [f"“te*” matches 2 words; the {left} most frequent were used" for left in (1, 0)]
