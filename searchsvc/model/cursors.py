"""Cursors: positions in an ordered list of hits, from which the next page continues at any depth."""

from dataclasses import dataclass

MAX_OFFSET = 999_999
"""The largest offset that a cursor may carry. No cursor continues after more hits that share one instant."""


@dataclass(frozen=True, slots=True)
class InstantCursor:
    """Continue after the first `offset` hits published at `instant`, in seconds since 1970."""

    instant: int
    offset: int


@dataclass(frozen=True, slots=True)
class UndatedCursor:
    """Continue after the first `offset` hits without a date. They follow the dated hits, in both orders."""

    offset: int


@dataclass(frozen=True, slots=True)
class FutureCursor:
    """Continue after the first `offset` hits dated in the future. They follow all others if the newest come first."""

    offset: int


@dataclass(frozen=True, slots=True)
class RankCursor:
    """Continue after the first `offset` hits, ordered by relevance."""

    offset: int


Cursor = InstantCursor | UndatedCursor | FutureCursor | RankCursor
