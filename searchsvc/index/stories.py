"""The stories of a generation: which of its articles are versions of one text.

The file stories.arrays has only stories of several versions. Their articles are its rows, story by story and each in the
order of time. A row is found by a hash of the article's id. The file is mapped into memory.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b
from heapq import nsmallest
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from searchsvc.index.arrays import Arrays, packed, read_arrays, text_at, write_arrays
from searchsvc.index.generation import Generation

UNDATED = 2**62  # the instant of articles without a date, which come last
_KIND = "stories 1"


class Version(NamedTuple):
    """An article of a story: its id, and its instant in seconds since 1970, or UNDATED."""

    id: str
    instant: int


class Stories:
    """The stories of several versions. Each has the id of its earliest version."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays
        self._starts = arrays["starts"]  # the first row of each story, and the number of rows
        self._hashes = arrays["hashes"]  # of ids, in order
        self._rows = arrays["rows"]  # that have them

    @classmethod
    def of(cls, stories: Iterable[Sequence[Version]]) -> "Stories":
        """Return stories, given the versions of each in the order of time."""
        versions, starts = list[Version](), [0]
        for story in stories:
            versions += story
            starts.append(len(versions))
        hashes = sorted((_hash(version.id), row) for row, version in enumerate(versions))
        numbers = {
            "starts": array("q", starts),
            "instants": array("q", (version.instant for version in versions)),
            "hashes": array("Q", (each for each, _ in hashes)),
            "rows": array("q", (row for _, row in hashes)),
        }
        views = {name: memoryview(each) for name, each in numbers.items()}
        return cls(views | packed([version.id for version in versions]))

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __iter__(self) -> Iterator[list[Version]]:
        return map(self._versions, range(len(self)))

    @property
    def articles(self) -> int:
        """The number of articles that have other versions."""
        return len(self._rows)

    def number_of(self, article_id: str) -> int | None:
        """Return the number of the story of an article, from 0, or None if the article has no other versions."""
        number = _hash(article_id)
        place = bisect_left(self._hashes, number)
        if place == len(self._hashes) or self._hashes[place] != number:
            return None
        row: int = self._rows[place]
        return bisect_right(self._starts, row) - 1 if self._id(row) == article_id else None

    def story_of(self, article_id: str) -> tuple[str, int]:
        """Return the id of the story of an article, and the number of its versions."""
        number = self.number_of(article_id)
        if number is None:
            return article_id, 1
        start, end = self._starts[number : number + 2]
        return self._id(start), end - start

    def versions_of(self, article_id: str) -> list[Version]:
        """Return the versions of the story of an article in the order of time. Return [] if it has no others."""
        number = self.number_of(article_id)
        return [] if number is None else self._versions(number)

    def largest(self, number: int) -> list[list[Version]]:
        """Return the stories of most versions. Of stories of one size, those that began earlier come first."""
        instants = self._arrays["instants"]
        sizes = ((start - end, instants[start], story) for story, (start, end) in enumerate(pairwise(self._starts)))
        return [self._versions(story) for _, _, story in nsmallest(number, sizes)]

    def write(self, draft: Generation) -> None:
        """Write the stories of a draft."""
        write_arrays(_file(draft), _KIND, self._arrays)

    def _versions(self, number: int) -> list[Version]:
        rows = range(*self._starts[number : number + 2])
        instants = self._arrays["instants"]
        return [Version(self._id(row), instants[row]) for row in rows]

    def _id(self, row: int) -> str:
        return text_at(self._arrays, row)


def read_stories(generation: Generation) -> Stories | None:
    """Return the stories of a generation. Return None if they cannot be read: `check` names the damaged file."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        return Stories(read_arrays(_file(generation), _KIND))
    return None


def _hash(article_id: str) -> int:
    return int.from_bytes(blake2b(article_id.encode(), digest_size=8).digest(), "little")


def _file(generation: Generation) -> Path:
    return generation.folder / "stories.arrays"


NO_STORIES = Stories.of(())
"""The stories of an archive in which no article has other versions."""
