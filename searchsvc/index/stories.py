"""The stories of a generation: which of its articles are versions of one text.

The file stories.arrays has only stories of several versions. Their articles are its rows, story by story and each in the
order of time. A row is found by the number of an article, which is made of its id. The file is mapped into memory.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from heapq import nsmallest
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from searchsvc.index.arrays import Arrays, PackedTexts, packed, read_arrays, write_arrays
from searchsvc.index.generation import Generation, link_or_copy
from searchsvc.model.article import number_of

UNDATED = 2**62  # the instant of articles without a date, which come last
_KIND = "stories 2"


class Version(NamedTuple):
    """An article of a story: its id, and its instant in seconds since 1970, or UNDATED."""

    id: str
    instant: int


class Stories:
    """The stories of several versions. Each has the id of its earliest version."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays
        self._starts = arrays["starts"]  # the first row of each story, and the number of rows
        self._numbers = arrays["numbers"]  # of articles, in order
        self._rows = arrays["rows"]  # that have them
        self._ids = PackedTexts(arrays)

    @classmethod
    def of(cls, stories: Iterable[Sequence[Version]]) -> "Stories":
        """Return stories, given the versions of each in the order of time."""
        versions, starts = list[Version](), [0]
        for story in stories:
            versions += story
            starts.append(len(versions))
        numbers = sorted((number_of(version.id), row) for row, version in enumerate(versions))
        columns = {
            "starts": array("q", starts),
            "instants": array("q", (version.instant for version in versions)),
            "numbers": array("q", (number for number, _ in numbers)),
            "rows": array("q", (row for _, row in numbers)),
        }
        views = {name: memoryview(each) for name, each in columns.items()}
        return cls(views | packed([version.id for version in versions]))

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __iter__(self) -> Iterator[list[Version]]:
        return map(self.versions, range(len(self)))

    @property
    def articles(self) -> int:
        """The number of articles that have other versions."""
        return len(self._rows)

    def number_of(self, article_id: str) -> int | None:
        """Return the number of the story of an article, from 0, or None if the article has no other versions."""
        row = self._row_of(article_id)
        return None if row is None else bisect_right(self._starts, row) - 1

    def is_later_version(self, article_id: str) -> bool:
        """Return whether an article is in a story, but is not the earliest version there."""
        row = self._row_of(article_id)
        return row is not None and self._starts[bisect_right(self._starts, row) - 1] != row

    def story_of(self, article_id: str) -> tuple[str, int]:
        """Return the id of the story of an article, and the number of its versions."""
        number = self.number_of(article_id)
        if number is None:
            return article_id, 1
        start, end = self._starts[number : number + 2]
        return self.id(start), end - start

    def versions_of(self, article_id: str) -> list[Version]:
        """Return the versions of the story of an article in the order of time. Return [] if it has no others."""
        number = self.number_of(article_id)
        return [] if number is None else self.versions(number)

    def largest(self, number: int) -> list[list[Version]]:
        """Return the stories of most versions. Of stories of one size, those that began earlier come first."""
        instants = self._arrays["instants"]
        sizes = ((start - end, instants[start], story) for story, (start, end) in enumerate(pairwise(self._starts)))
        return [self.versions(story) for _, _, story in nsmallest(number, sizes)]

    def column(self, name: str) -> "memoryview[int]":
        """Return a column: `starts`, `instants`, or `numbers` in order, and `rows` that have them."""
        return self._arrays[name]

    def id(self, row: int) -> str:
        """Return the id of the article in a row."""
        return self._ids[row]

    def replaced(self, numbers: Collection[int], stories: Iterable[Sequence[Version]]) -> "Stories":
        """Return these stories but for some, which are given by their numbers, and other ones behind them."""
        found = [self.versions(number) for number in range(len(self)) if number not in numbers]
        return Stories.of([*found, *stories])

    def write(self, draft: Generation) -> None:
        """Write the stories of a draft."""
        write_arrays(_file(draft), _KIND, self._arrays)

    def versions(self, number: int) -> list[Version]:
        """Return the versions of a story in the order of time, given its number."""
        rows = range(*self._starts[number : number + 2])
        instants = self._arrays["instants"]
        return [Version(self.id(row), instants[row]) for row in rows]

    def _row_of(self, article_id: str) -> int | None:
        number = number_of(article_id)
        place = bisect_left(self._numbers, number)
        if place == len(self._numbers) or self._numbers[place] != number:
            return None
        row: int = self._rows[place]
        return row if self.id(row) == article_id else None


def read_stories(generation: Generation) -> Stories | None:
    """Return the stories of a generation. Return None if they cannot be read: `check` names the damaged file."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        return Stories(read_arrays(_file(generation), _KIND))
    return None


def share_stories(draft: Generation, base: Generation) -> None:
    """Give a draft the stories of the generation that it is based on, which no article has changed."""
    link_or_copy(_file(base), _file(draft))


def _file(generation: Generation) -> Path:
    return generation.folder / "stories.arrays"


NO_STORIES = Stories.of(())
"""The stories of an archive in which no article has other versions."""
