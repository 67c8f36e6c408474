"""Of the articles that a search finds, those of which it finds other versions too. NumPy goes through them all at once."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchsvc.index.stories import UNDATED, Stories
from searchsvc.model.article import Article, instant
from searchsvc.model.cursors import Cursor, FutureCursor, InstantCursor, UndatedCursor

_Integers = NDArray[np.int64]
_PART = 10**14
"""The distance between the keys of dated, undated and future articles: more than the seconds of the calendar."""


class LeftOut(NamedTuple):
    """The articles that stand under a hit, in the order of a list by date: their places there, and their numbers.

    Places of one instant are equal.
    """

    places: _Integers
    numbers: _Integers


class FoundVersions:
    """The versions among the hits of a search, given the numbers of hits that may have others.

    Only those count of which several versions are found.
    """

    def __init__(self, stories: Stories, numbers: Sequence[int]) -> None:
        self._stories = stories
        rows, own_numbers = _rows(stories, np.array(numbers, np.int64))
        story = np.searchsorted(np.frombuffer(stories.column("starts"), np.int64), rows, side="right") - 1
        _, which, counts = np.unique(story, return_inverse=True, return_counts=True)
        several = counts[which] > 1
        self._rows, self._story, self._numbers = rows[several], story[several], own_numbers[several]
        self.left_out = int((counts - 1).sum())
        """The number of hits that are not the only version that is found of their story, nor the best one."""

    def story_of_numbers(self) -> dict[int, int]:
        """Return the story of each of the versions, by their numbers."""
        return dict(zip(self._numbers.tolist(), self._story.tolist(), strict=True))

    def others(self, article_id: str) -> list[str]:
        """Return the ids of the other versions that are found of an article, in the order of time."""
        story = self._stories.number_of(article_id)
        if story is None:
            return []
        first, end = (int(np.searchsorted(self._story, story, side)) for side in ("left", "right"))
        return [each for each in map(self._stories.id, self._rows[first:end].tolist()) if each != article_id]

    def latest(self) -> int:
        """Return the latest instant of the versions that are dated."""
        instants = self._instants()
        return int(instants[instants < UNDATED].max(initial=-_PART))

    def by_date(self, *, newest_first: bool, future: Collection[int]) -> LeftOut:
        """Return the articles that are not the first of their story in a list by date. Those of the `future` come last."""
        numbers, instants = self._numbers, self._instants()
        is_undated = instants >= UNDATED
        places = np.where(is_undated, _PART, -instants if newest_first else instants)
        places[np.isin(numbers, np.array(list(future), np.int64))] += 2 * _PART
        ties = np.where(is_undated | (not newest_first), self._rows, -self._rows)
        order = np.lexsort((ties, places))
        _, firsts = np.unique(self._story[order], return_index=True)
        left_out = np.delete(order, firsts)
        return LeftOut(places[left_out], numbers[left_out])

    def _instants(self) -> _Integers:
        return np.frombuffer(self._stories.column("instants"), np.int64)[self._rows]


def _rows(stories: Stories, numbers: _Integers) -> tuple[_Integers, _Integers]:
    """Return the rows of articles in order, and their numbers, given these. Those without a row are no versions."""
    known = np.frombuffer(stories.column("numbers"), np.int64)
    places = np.searchsorted(known, numbers)
    places = places[known.take(places, mode="clip") == numbers] if len(known) else places[:0]
    rows = np.frombuffer(stories.column("rows"), np.int64)[places]
    order = np.argsort(rows)
    return rows[order], known[places[order]]


def place_of(article: Article, today: date, *, newest_first: bool) -> int:
    """Return the place of an article in a list by date."""
    if article.date is None:
        return _PART
    if not newest_first:
        return instant(article)
    return (2 * _PART if article.date > today else 0) - instant(article)


def place_of_cursor(after: Cursor | None, *, newest_first: bool) -> int:
    """Return the place in a list by date at which a page begins, or one before it."""
    match after:
        case InstantCursor(seconds, _):
            return -seconds if newest_first else seconds
        case UndatedCursor():
            return _PART
        case FutureCursor():
            return 2 * _PART - _PART // 2
        case _:
            return -_PART
