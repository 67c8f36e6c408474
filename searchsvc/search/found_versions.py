"""Of the articles that a search finds, those of which it finds other versions too. NumPy goes through them all at once."""

from array import array
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchsvc.index.stories import UNDATED, Stories
from searchsvc.model.article import Article, instant, number_of
from searchsvc.model.cursors import Cursor, FutureCursor, InstantCursor, UndatedCursor

_Integers = NDArray[np.int64]
_PART = 10**14
"""The distance between the places of dated, undated and future articles: more than the seconds of the calendar."""


class VersionTable:
    """The versions of all stories of a generation, in the order of their numbers."""

    def __init__(self, stories: Stories) -> None:
        columns = {
            name: np.frombuffer(stories.column(name), np.int64) for name in ("numbers", "rows", "starts", "instants")
        }
        self.numbers, self.rows = columns["numbers"], columns["rows"]
        self.story: _Integers = np.searchsorted(columns["starts"], self.rows, side="right") - 1
        self.instants: _Integers = columns["instants"][self.rows]
        self.stories = stories


class LeftOut(NamedTuple):
    """The articles that stand under a hit, in the order of a list by date: their places there, and their numbers.

    Places of one instant are equal.
    """

    places: _Integers
    numbers: _Integers


class BestHits(NamedTuple):
    """The numbers of the best hits of a search in order, as far as they have been read, and whether they are all."""

    numbers: "array[int]"
    are_all: bool


class FoundVersions:
    """The versions among the hits of a search, given the numbers of hits that may have others.

    Only those count of which several versions are found. It is remembered from one page to the next, so it keeps arrays
    and no numbers of Python's, which take four times as much memory. Threads can share it.
    """

    def __init__(self, table: VersionTable, numbers: Sequence[int]) -> None:
        self._table = table
        found = np.array(numbers, np.int64)
        places = np.searchsorted(table.numbers, found)
        places = places[table.numbers.take(places, mode="clip") == found]
        story = table.story[places]
        order = story.argsort()
        is_next = story[order][1:] == story[order][:-1]  # in the same story as the one before
        several = np.zeros(len(order), np.bool_)
        several[1:] = is_next
        self.left_out = int(np.count_nonzero(is_next))
        """The number of hits that are neither the only version that is found of their story, nor the best one."""
        several[:-1] |= is_next
        self._places = np.sort(places[order[several]])
        self._by_date: dict[bool, LeftOut] = {}
        self.best = BestHits(array("q"), are_all=False)
        """What has been read of the hits by relevance. Another thread may replace it at any moment, by more of the same."""

    def remember(self, numbers: "array[int]", *, are_all: bool) -> BestHits:
        """Keep and return the numbers of the best hits, unless more are known."""
        read = BestHits(numbers, are_all)
        if len(numbers) >= len(self.best.numbers):
            self.best = read
        return read

    @cached_property
    def _numbers(self) -> _Integers:
        """The numbers of the versions, in order."""
        numbers: _Integers = self._table.numbers[self._places]
        return numbers

    def stories(self, numbers: Sequence[int]) -> list[int]:
        """Return the story of each of these articles, or -1 if it is none of the versions."""
        given = np.array(numbers, np.int64)
        places = self._numbers.searchsorted(given)
        is_version = self._numbers.take(places, mode="clip") == given
        stories = self._table.story[self._places.take(places, mode="clip")]
        found: list[int] = np.where(is_version, stories, -1).tolist()
        return found

    def others(self, articles: Sequence[Article]) -> Iterator[list[str]]:
        """Yield the ids of the other versions that are found of each article, in the order of time."""
        for article, story in zip(articles, self.stories([number_of(each.id) for each in articles]), strict=True):
            yield [each for each in self._ids(story) if each != article.id] if story >= 0 else []

    def _ids(self, story: int) -> Iterator[str]:
        """Yield the ids of the versions that are found of a story, in the order of time."""
        table = self._table
        rows = np.sort(table.rows[self._places[table.story[self._places] == story]])
        return map(table.stories.id, rows.tolist())

    def latest(self) -> int:
        """Return the latest instant of the versions that are dated."""
        instants = self._table.instants[self._places]
        return int(instants[instants < UNDATED].max(initial=-_PART))

    def by_date(self, *, newest_first: bool, future: Collection[int]) -> LeftOut:
        """Return the articles that are not the first of their story in a list by date. Those of the `future` come last."""
        if future:
            return self._left_out(newest_first=newest_first, future=future)
        known = self._by_date.get(newest_first)
        if known is None:
            self._by_date[newest_first] = known = self._left_out(newest_first=newest_first, future=())
        return known

    def _left_out(self, *, newest_first: bool, future: Collection[int]) -> LeftOut:
        at = self._places
        instants, rows, numbers = self._table.instants[at], self._table.rows[at], self._table.numbers[at]
        is_undated = instants >= UNDATED
        places = np.where(is_undated, _PART, -instants if newest_first else instants)
        if future:
            places[np.isin(numbers, np.array(list(future), np.int64))] += 2 * _PART
        ties = np.where(is_undated, rows, -rows) if newest_first else rows
        order = np.lexsort((ties, places))
        story = self._table.story[at[order]]
        by_story = story.argsort(kind="stable")
        is_next = np.zeros(len(order), np.bool_)
        is_next[by_story[1:]] = story[by_story[1:]] == story[by_story[:-1]]
        left_out = order[is_next]
        return LeftOut(places[left_out], numbers[left_out])


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
