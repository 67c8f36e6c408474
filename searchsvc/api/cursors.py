"""Cursors as opaque text, for the parameter `cursor` and for links."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from searchsvc.model.cursors import MAX_OFFSET, Cursor, InstantCursor, RankCursor, UndatedCursor
from searchsvc.search.answer import Answer

FIRST = "*"
"""The cursor of the first page."""
_CURSOR = re.compile(r"(instant|undated|rank)\.(\d{1,6})\.(-?\d{1,12})\.(g\d{6,12})")


def encode(cursor: Cursor | None, generation: str) -> str:
    """Return the text of a cursor made in `generation`. None is the cursor of the first page."""
    match cursor:
        case None:
            return FIRST
        case InstantCursor(instant, offset):
            text = f"instant.{offset}.{instant}.{generation}"
        case UndatedCursor(offset):
            text = f"undated.{offset}.0.{generation}"
        case RankCursor(offset):
            text = f"rank.{offset}.0.{generation}"
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(text: str) -> tuple[Cursor | None, str] | None:
    """Return the cursor and its generation: None and "" for the first page. Return None for text that is not a cursor."""
    if text == FIRST:
        return None, ""
    try:
        found = _CURSOR.fullmatch(urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)).decode())
    except ValueError:
        return None
    if found is None:
        return None
    kind, offset, instant, generation = found.groups()
    if kind == "instant":
        return InstantCursor(int(instant), int(offset)), generation
    return (UndatedCursor(int(offset)) if kind == "undated" else RankCursor(int(offset))), generation


def next_cursor(answer: Answer) -> str | None:
    """Return the text of the cursor of the next page, or None after the last page."""
    cursor = answer.results.next
    return encode(cursor, answer.generation) if cursor is not None and cursor.offset <= MAX_OFFSET else None
