"""Cursors as text."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from searchsvc.model.cursors import After

FIRST = "*"
"""The cursor of the first page."""
MAX_NUMBER = 999_999
"""Hits of one instant, or without a date, after which no cursor goes on."""
_CURSOR = re.compile(r"(instant|undated|rank)\.(\d{1,6})\.(-?\d{1,12})\.(g\d{6,12})")


def cursor(after: After | None, generation: str) -> str:
    """The value of `cursor` for a page that begins there."""
    if after is None:
        return FIRST
    text = f"{after.kind}.{after.number}.{after.instant}.{generation}"
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decoded(cursor: str) -> str:
    """What a cursor says; "" where it is none."""
    try:
        return urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode()
    except ValueError:
        return ""
