"""Which articles are worth comparing: those whose signatures share values."""

from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis.signature import MIN_COMMON, may_be_versions
from searchsvc.index.signatures import Signatures
from searchsvc.model.limits import SIGNATURE_SIZE

MAX_STORIES = 32  # earlier ones that may have a passage: one that more of them have says nothing about an article
_PAIRS_PER_ARTICLE = 16  # that have a value in common, at most; where there would be more, each article is looked at alone
_MAX_PAIRS = 4_000_000
_CELLS_AT_ONCE = 4_000_000  # values that are sorted at once, so that those of many articles need no gigabytes
_HASHES = 2**32  # different values
_LOWER_BITS = np.uint32(2**20 - 1)  # of values, by which most signatures are passed over at once
_SIDES: Final[tuple[Literal["left", "right"], ...]] = ("left", "right")
_HALF, _LOWER_HALF = np.uint64(32), np.uint64(2**32 - 1)
_Rows = NDArray[np.intp]
_Values = NDArray[np.uint32]


class Near(NamedTuple):
    """The row of an article, and the number of values that its signature shares with that of another one."""

    row: int
    common: int


class _Cells(NamedTuple):
    """Values of signatures, and the row of each."""

    rows: _Rows
    values: _Values


class Candidates:
    """The articles that share values of their signatures with others."""

    def __init__(self, signatures: Signatures) -> None:
        self._signatures = signatures
        self._is_covered = np.zeros(len(signatures.ids), np.bool_)
        self._is_former = np.zeros(len(signatures.ids), np.bool_)
        self._is_former[signatures.former.start :] = True
        self._values = np.zeros(0, np.uint32)  # of which several articles have each, in order
        self._rows: _Rows = np.zeros(0, np.intp)  # that have them
        self._ranks: _Rows = np.zeros(len(signatures.ids), np.intp)  # their places in the order of time

    @property
    def rows(self) -> list[int]:
        """The articles that share a value of those that have been looked for."""
        found: list[int] = np.unique(self._rows).tolist()
        return found

    def covers(self, row: int) -> bool:
        """Return whether the values of an article have been looked for."""
        return bool(self._is_covered[row])

    def all_rows(self) -> _Rows:
        """Cover all articles. Return those that share enough values with others for being versions."""
        self._is_covered[:] = True
        parts = max(1, len(self._is_covered) * SIGNATURE_SIZE // _CELLS_AT_ONCE)
        size = _HASHES // parts + 1
        self._index(
            self._cells_between(np.uint32(first), np.uint32(min(first + size, _HASHES) - 1))
            for first in range(0, _HASHES, size)
        )
        starts = np.flatnonzero(np.diff(self._values, prepend=self._values[:1] + 1))
        sizes = np.diff(starts, append=len(self._values))
        largest = _largest_paired(sizes, min(_PAIRS_PER_ARTICLE * len(self._signatures.ids), _MAX_PAIRS))
        paired = np.unique(sizes[sizes <= largest]).tolist()
        groups = [self._rows[starts[sizes == size][:, None] + np.arange(size)] for size in paired]
        numbers = np.bincount(self._rows, minlength=len(self._ranks))
        has_frequent = np.zeros(len(self._ranks), np.bool_)
        has_frequent[self._rows[np.repeat(sizes > largest, sizes)]] = True
        return np.union1d(self._rows_of_pairs(groups), np.flatnonzero(has_frequent & (numbers >= MIN_COMMON)))

    def _rows_of_pairs(self, groups: Iterable[NDArray[np.intp]]) -> _Rows:
        """Return the articles that may be versions of each other. The rows of each array have one value."""
        ends = ((rows, np.triu_indices(rows.shape[1], 1)) for rows in groups)
        of_groups = [((rows[:, one] << 32) | rows[:, other]).ravel() for rows, (one, other) in ends]
        pairs = np.concatenate([np.zeros(0, np.intp), *of_groups])
        found, common = np.unique(pairs, return_counts=True)
        one, other = found >> 32, found & 0xFFFFFFFF
        lengths = self._signatures.lengths
        kept = may_be_versions(common, lengths[one], lengths[other])
        rows: _Rows = np.union1d(one[kept], other[kept])
        return rows

    def cover(self, rows: Iterable[int]) -> None:
        """Look for the values of some articles in all signatures. This takes 20 ms for a million articles."""
        self._is_covered[list(rows)] = True
        own = self._signatures.values.of_rows(np.flatnonzero(self._is_covered))
        is_wanted = np.zeros(_LOWER_BITS + 1, np.bool_)
        is_wanted[own & _LOWER_BITS] = True
        # To clip needs no check of bounds.
        self._index([self._cells(lambda values: is_wanted.take(values & _LOWER_BITS, mode="clip"))])

    def _cells_between(self, first: np.uint32, last: np.uint32) -> _Cells:
        return self._cells(lambda values: (values >= first) & (values <= last))

    def _cells(self, are_wanted: Callable[[_Values], NDArray[np.bool_]]) -> _Cells:
        """Return the values that are wanted, of the signatures that articles have or had before, and the row of each."""
        rows, values = [np.zeros(0, np.intp)], [np.zeros(0, np.uint32)]
        counts = self._signatures.present | self._is_former
        for start, part in self._signatures.values.slices():
            cells = np.flatnonzero(are_wanted(part.ravel()))
            found = start + cells // SIGNATURE_SIZE
            cells, found = cells[counts[found]], found[counts[found]]
            rows.append(found)
            values.append(part.ravel()[cells])
        return _Cells(np.concatenate(rows), np.concatenate(values))

    def earlier(self, row: int, begins: NDArray[np.bool_]) -> list[Near]:
        """Return the earlier articles that begin a story, and of which one may be a version."""
        groups = self._with_values_of(row)
        if len(groups) < MIN_COMMON:
            return []
        rows, sizes = np.concatenate(groups), list(map(len, groups))
        is_earlier = begins[rows] & (self._ranks[rows] < self._ranks[row])
        stories = np.add.reduceat(is_earlier, [0, *accumulate(sizes[:-1])], dtype=np.intp)
        return self._near(row, rows[is_earlier & np.repeat(stories <= MAX_STORIES, sizes)])

    def dependent(self, row: int, begins: NDArray[np.bool_]) -> set[int]:
        """Return the later articles for which it may matter whether one begins a story.

        They may be versions of it, or have a value that as many others begin stories with as may have one.
        """
        groups = self._with_values_of(row)
        if not groups:
            return set()
        found = {near.row for near in self._near(row, self._later(row, np.concatenate(groups)))}
        for group in groups:
            if len(group) > MAX_STORIES:
                found.update(self._at_limit(row, group, begins).tolist())
        return found

    def _at_limit(self, row: int, group: _Rows, begins: NDArray[np.bool_]) -> _Rows:
        """Return the later articles, of those that have a value, before which `MAX_STORIES` others begin a story."""
        ranks = np.sort(self._ranks[group[begins[group] & (group != row)]])
        if len(ranks) < MAX_STORIES:
            return ranks[:0]
        later = self._later(row, group)
        found = self._ranks[later]
        last = ranks[MAX_STORIES] if len(ranks) > MAX_STORIES else len(self._ranks)
        at_limit: _Rows = later[(found > ranks[MAX_STORIES - 1]) & (found <= last)]
        return at_limit

    def original(self, row: int) -> int | None:
        """Return the first article with the same signature, or None if that is the article itself."""
        same = self._same(row)
        first = int(same[self._ranks[same].argmin()]) if len(same) else row
        return first if self._ranks[first] < self._ranks[row] else None

    def copies(self, row: int) -> list[int]:
        """Return the later articles with the same signature."""
        rows: list[int] = self._later(row, self._same(row)).tolist()
        return rows

    def _same(self, row: int) -> _Rows:
        """Return the articles with the same signature, perhaps the article itself among them."""
        groups, values = self._with_values_of(row), self._signatures.values
        if len(groups) < SIGNATURE_SIZE:
            return np.zeros(0, np.intp)
        fewest = min(groups, key=len)
        same: _Rows = fewest[self._signatures.present[fewest] & (values.of_rows(fewest) == values[row]).all(axis=1)]
        return same

    def _later(self, row: int, others: _Rows) -> _Rows:
        later: _Rows = others[self._signatures.present[others] & (self._ranks[others] > self._ranks[row])]
        return later

    def _with_values_of(self, row: int) -> list[_Rows]:
        """Return the articles that have each value of one, if there are several."""
        own = self._signatures.values[row]
        starts, ends = (np.searchsorted(self._values, own, side).tolist() for side in _SIDES)
        return [self._rows[start:end] for start, end in zip(starts, ends, strict=True) if end - start > 1]

    def _near(self, row: int, found: _Rows) -> list[Near]:
        """Return the articles that may be versions of one, given those that have each of its values in turn."""
        if len(found) < MIN_COMMON:
            return []
        rows, common = np.unique(found, return_counts=True)
        lengths = self._signatures.lengths
        kept = may_be_versions(common, lengths[row], lengths[rows]) & (rows != row)
        return list(map(Near, rows[kept].tolist(), common[kept].tolist()))

    def _index(self, parts: Iterable[_Cells]) -> None:
        """Keep the values that several articles have. Each part has all rows of its values, which follow those before."""
        shared = list(map(_shared, parts))
        self._rows = np.concatenate([cells.rows for cells in shared])
        self._values = np.concatenate([cells.values for cells in shared])
        has_any = np.zeros(len(self._ranks), np.bool_)
        has_any[self._rows] = True
        own = self._signatures.in_order_of_time(np.flatnonzero(has_any))
        self._ranks[own] = np.arange(len(own))


def _shared(cells: _Cells) -> _Cells:
    """Return the values that are in several rows, in order."""
    # A number has the value and then the row: sorting numbers is ten times as fast as finding their order.
    pairs = cells.values.astype(np.uint64) << _HALF | cells.rows.astype(np.uint64)
    pairs.sort()
    found = (pairs >> _HALF).astype(np.uint32)
    is_shared = np.zeros(len(found), np.bool_)
    is_shared[1:] = found[1:] == found[:-1]
    is_shared[:-1] |= is_shared[1:]
    return _Cells((pairs[is_shared] & _LOWER_HALF).astype(np.intp), found[is_shared])


def _largest_paired(sizes: NDArray[np.intp], max_pairs: int) -> int:
    """Return the size of the largest groups of which pairs are formed, so that there are at most so many pairs in all."""
    ordered = np.sort(sizes)
    within = int(np.cumsum(ordered * (ordered - 1) // 2).searchsorted(max_pairs, side="right"))
    return int(ordered[within]) - 1 if within < len(ordered) else int(ordered.max(initial=0))
