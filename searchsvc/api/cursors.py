"""Cursors as text, for the parameter `cursor` and for links. Clients take them as they are."""

import re
from collections.abc import Callable, Mapping

from searchsvc.model.cursors import MAX_OFFSET, Cursor, FutureCursor, InstantCursor, RankCursor, UndatedCursor
from searchsvc.query.ast import Node, has_relevance
from searchsvc.query.request import Sort
from searchsvc.search.answer import Answer

FIRST = "*"
"""The cursor of the first page."""
_PATTERN = r"(instant|undated|future|rank)\.([0-9]{1,6})\.(-?[0-9]{1,12})\.(g[0-9]{6,12})"
_BY_OFFSET: Mapping[str, Callable[[int], Cursor]] = {
    "undated": UndatedCursor,
    "future": FutureCursor,
    "rank": RankCursor,
}
_CURSOR = re.compile(_PATTERN)
PATTERN = rf"^(\*|{_PATTERN})$"
"""A regular expression for all cursors."""


def encode(cursor: Cursor | None, generation: str) -> str:
    """Return the text of a cursor made in `generation`. None is the cursor of the first page."""
    match cursor:
        case None:
            return FIRST
        case InstantCursor(instant, offset):
            return f"instant.{offset}.{instant}.{generation}"
        case UndatedCursor(offset):
            return f"undated.{offset}.0.{generation}"
        case FutureCursor(offset):
            return f"future.{offset}.0.{generation}"
        case RankCursor(offset):
            return f"rank.{offset}.0.{generation}"


def decode(text: str) -> tuple[Cursor | None, str] | None:
    """Return the cursor and its generation: None and "" for the first page. Return None for text that is not a cursor."""
    if text == FIRST:
        return None, ""
    found = _CURSOR.fullmatch(text)
    if found is None:
        return None
    kind, offset, instant, generation = found.groups()
    if kind == "instant":
        return InstantCursor(int(instant), int(offset)), generation
    return _BY_OFFSET[kind](int(offset)), generation


def is_in_order(cursor: Cursor, sort: Sort, tree: Node) -> bool:
    """Return whether a cursor can be that of an answer in an order. In another one, it stands for no place."""
    by_relevance = sort == "relevance" and has_relevance(tree)
    match cursor:
        case RankCursor():
            return by_relevance
        case FutureCursor():
            return not by_relevance and sort != "oldest"
        case InstantCursor() | UndatedCursor():
            return not by_relevance


def next_cursor(answer: Answer) -> str | None:
    """Return the text of the cursor of the next page, or None after the last page."""
    cursor = answer.results.next
    return encode(cursor, answer.generation) if cursor is not None and cursor.offset <= MAX_OFFSET else None
