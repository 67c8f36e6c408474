"""Cursors: three kinds of positions, which never stand for one another."""

from typing import get_args

import pytest

from searchsvc.model.cursors import MAX_OFFSET, Cursor, InstantCursor, RankCursor, UndatedCursor
from searchsvc.query.request import MAX_DEPTH

ALL = (InstantCursor(0, 3), InstantCursor(3, 0), InstantCursor(-1, 3), UndatedCursor(3), RankCursor(3))


def test_cursors_of_different_kinds_or_positions_are_different() -> None:
    assert len(set(ALL)) == len(ALL)
    assert [each == other for each in ALL for other in ALL].count(True) == len(ALL)


@pytest.mark.parametrize("cursor", ALL)
def test_a_cursor_is_one_of_three_kinds_and_can_be_matched_by_its_parts(cursor: Cursor) -> None:
    assert isinstance(cursor, get_args(Cursor))
    match cursor:
        case InstantCursor(instant, offset):
            assert cursor == InstantCursor(instant=instant, offset=offset)
        case UndatedCursor(offset) | RankCursor(offset):
            assert offset == 3


def test_cursors_reach_deeper_than_numbered_pages() -> None:
    assert MAX_OFFSET > MAX_DEPTH
