"""Cursors as text: each kind, forged text, and the round trip."""

import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.api.cursors import FIRST, PATTERN, decode, encode, is_in_order, next_cursor
from searchsvc.model.cursors import MAX_OFFSET, Cursor, FutureCursor, InstantCursor, RankCursor, UndatedCursor
from searchsvc.model.results import Results
from searchsvc.query.parser import parse
from searchsvc.query.request import Sort
from searchsvc.search.answer import Answer
from searchsvc.search.question import Question
from tests.api.example import INFO

TABLE: dict[str, tuple[Cursor | None, str]] = {
    "*": (None, ""),
    "instant.2.1671753600.g000001": (InstantCursor(1_671_753_600, 2), "g000001"),
    "instant.0.-62135596800.g000001": (InstantCursor(-62_135_596_800, 0), "g000001"),
    "undated.7.0.g000001": (UndatedCursor(7), "g000001"),
    "future.3.0.g000001": (FutureCursor(3), "g000001"),
    "rank.10.0.g1234567": (RankCursor(10), "g1234567"),
}


@pytest.mark.parametrize("text", TABLE)
def test_text_and_cursor(text: str) -> None:
    assert decode(text) == TABLE[text]
    assert encode(*TABLE[text]) == text


FORGED = (
    *("", "**", "x", "é", "\udcff", "a b", "rank.10.0.g1234567x"),
    *("rank", "score.1.0.g000001", "rank.-1.0.g000001", "rank.1.0.g1", "rank.1.0.../g000001"),
    *("rank.1000000.0.g000001", "instant.1.9999999999999.g000001", "rank.1.0.g000001\n", "rank.²10.0.g000001"),
)


@pytest.mark.parametrize("text", FORGED)
def test_text_that_no_answer_contained_is_no_cursor(text: str) -> None:
    assert decode(text) is None


@given(st.text(max_size=80))
def test_any_text_decodes_without_an_error(text: str) -> None:
    assert (decode(text) is not None) == (re.search(PATTERN, text) is not None and not text.endswith("\n"))


_offset = st.integers(0, MAX_OFFSET)
_seconds = st.integers(-62_135_596_800, 253_402_300_799)  # from the year 1 to 9999
_cursors: st.SearchStrategy[Cursor] = st.one_of(
    st.builds(InstantCursor, _seconds, _offset),
    *(st.builds(kind, _offset) for kind in (UndatedCursor, FutureCursor, RankCursor)),
)
_generations = st.from_regex(r"g[0-9]{6,12}", fullmatch=True)


@given(_cursors, _generations)
def test_cursors_survive_the_round_trip(cursor: Cursor, generation: str) -> None:
    text = encode(cursor, generation)
    assert decode(text) == (cursor, generation)
    assert text.isascii()
    assert not {"=", "+", "/", "&"} & set(text)
    assert re.search(PATTERN, text)


NEXT: dict[Cursor | None, tuple[Cursor | None, str] | None] = {
    None: None,
    RankCursor(10): (RankCursor(10), "g000001"),
    RankCursor(MAX_OFFSET): (RankCursor(MAX_OFFSET), "g000001"),
    RankCursor(MAX_OFFSET + 1): None,
    InstantCursor(0, MAX_OFFSET + 1): None,
}


@pytest.mark.parametrize("cursor", NEXT)
def test_an_answer_has_the_cursor_of_its_next_page(cursor: Cursor | None) -> None:
    text = next_cursor(Answer(Question(), Results(99, (), next=cursor), "g000001", INFO))
    assert (text and decode(text)) == NEXT[cursor]
    assert text != FIRST


@pytest.mark.parametrize(
    ("cursor", "orders"),
    [
        (RankCursor(1), {"relevance tea"}),
        (InstantCursor(1, 1), {"relevance te*", "newest tea", "newest te*", "oldest tea", "oldest te*"}),
        (UndatedCursor(1), {"relevance te*", "newest tea", "newest te*", "oldest tea", "oldest te*"}),
        (FutureCursor(1), {"relevance te*", "newest tea", "newest te*"}),
    ],
)
def test_a_cursor_belongs_to_an_order(cursor: Cursor, orders: set[str]) -> None:
    trees = {query: parse(query, ()).tree for query in ("tea", "te*")}
    every = [(sort, query) for sort in get_args(Sort) for query in trees]
    assert {f"{sort} {query}" for sort, query in every if is_in_order(cursor, sort, trees[query])} == orders
