"""The stories of a draft: which of its articles are versions of one text, and which of them is the earliest.

Articles are decided in the order of time, and by their ids where that is the same. An article that is a version of the
first article of an earlier story joins the story that it shares most with. Any other begins a story. So each version is
compared with the first one only: a text that is rewritten step by step begins a new story once it shares too little with
the first, and no chain of small changes joins texts that have nothing in common.

What this gives depends on the articles only, not on the order in which they arrive. An update therefore decides only those
that may be different now: new articles, those whose story has lost its first article, and those that may be versions of an
article that begins a story. Signatures tell which articles are worth comparing; the texts of these are read.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from functools import lru_cache
from heapq import heappop, heappush
from itertools import accumulate
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis.signature import (
    MIN_COMMON,
    Likeness,
    Passages,
    are_surely_versions,
    compare,
    may_be_versions,
    passages,
    signature,
)
from searchsvc.engines.protocol import Backend, Engine
from searchsvc.errors import ServiceError
from searchsvc.index import Generation
from searchsvc.index.signatures import NewSignatures, Signatures, updated
from searchsvc.index.stories import NO_STORIES, UNDATED, Stories, Version, read_stories
from searchsvc.indexer.field_names import FieldNames
from searchsvc.model.article import Article, dump, instant
from searchsvc.model.limits import SIGNATURE_SIZE

MAX_COMPARED = 5  # articles whose texts are compared with that of one, those with most values in common
MAX_STORIES = 32  # earlier ones that may have a passage: one that more of them have says nothing about an article
_FEW = 32  # articles that have a value: of more, only those that begin stories are looked at
_MANY_EQUAL = 100  # articles with one signature
_MAX_TEXTS = 256  # whose passages are remembered
_FILTER_BITS = 20  # of values, by which most signatures are passed over at once
_SIDES: Final[tuple[Literal["left", "right"], ...]] = ("left", "right")
_HALF, _LOWER_HALF = np.uint64(32), np.uint64(2**32 - 1)
_Rows = NDArray[np.intp]


class _Near(NamedTuple):
    """The row of an article, and the number of values that its signature shares with that of another one."""

    row: int
    common: int


def sign(article: Article, new: NewSignatures) -> None:
    """Add the signature of an article that is written to the index."""
    found = passages(article.body)
    values = signature(found)
    if values is None:
        new.delete(article.id)
    else:
        new.add(article.id, instant(article) if article.date is not None else UNDATED, len(found), values.tobytes())


def record_stories(draft: Generation, base: Generation | None, engine: Engine, new: NewSignatures) -> dict[str, bool]:
    """Write the signatures and the stories of a draft on `base`, to which it adds these signatures.

    Return the articles that have to be written again, and whether they have other versions: see `mark_versions`.
    """
    table = new.table()
    signatures = updated(base, table)
    signatures.write(draft, base)
    former = read_stories(base) if base is not None else NO_STORIES
    if former is None:
        raise ServiceError("the stories of the live generation cannot be read")
    changed = table.ids if base is not None else None
    stories = StoryBuilder(signatures, former, changed, _text_comparer(engine)).build()
    stories.write(draft)
    return _to_be_written_again(stories, former if base is not None else NO_STORIES, frozenset(table.ids))


def _to_be_written_again(stories: Stories, former: Stories, written: frozenset[str]) -> dict[str, bool]:
    """Return the articles that come to have other versions, or lose them, and whether they have any now.

    Those that were `written` since the former stories are not known to have any.
    """
    versioned = {version.id for story in stories for version in story}
    before = {version.id for story in former for version in story} - written
    return dict.fromkeys(sorted(versioned - before), True) | dict.fromkeys(sorted(before - versioned), False)


def mark_versions(
    draft: Generation, backend: Backend, language: tuple[str, ...], changes: Mapping[str, bool], fields: FieldNames
) -> None:
    """Write articles again that come to have other versions, or lose them. Few of an archive have any."""
    if not changes:
        return
    engine = backend.open(draft.engine, language)
    writing = backend.reopen(draft.engine, language) if backend.reopen else backend.writer(draft.engine, language, 0)
    with closing(writing) as writer:
        for article_id, versioned in changes.items():
            article = engine.get(article_id)
            if article is not None:
                writer.delete(article_id)
                writer.add(fields.restrict(article), dump(article), versioned=versioned)
        writer.commit()


def _text_comparer(engine: Engine) -> Callable[[str, str], Likeness]:
    """Return a function that compares the texts of two articles, given their ids."""

    @lru_cache(maxsize=_MAX_TEXTS)
    def passages_of(article_id: str) -> Passages:
        article = engine.get(article_id)
        return passages(article.body if article is not None else "")

    return lambda one, other: compare(passages_of(one), passages_of(other))


class StoryBuilder:
    """Decides the stories of articles with these signatures, given those of the generation before.

    `changed` are the ids of articles that were added, changed or deleted since then, or None for all.
    """

    def __init__(
        self,
        signatures: Signatures,
        former: Stories,
        changed: Sequence[str] | None,
        compare_texts: Callable[[str, str], Likeness],
    ) -> None:
        self._signatures = signatures
        self._compare_texts = compare_texts
        self._candidates = _Candidates(signatures)
        self._begins = signatures.present.copy()  # whether an article begins a story, perhaps of its own only
        self._first_of: dict[int, int] = {}  # the first version, by every other one of its story
        self._others: defaultdict[int, set[int]] = defaultdict(set)  # the reverse
        self._heap: list[tuple[int, str, int]] = []  # undecided articles by time
        self._undecided: set[int] = set()
        self._copies: list[tuple[int, int]] = []  # with an earlier article that has the same signature
        if changed is None:
            self._decide_anew(self._without_copies(self._candidates.all_rows()))
        else:
            self._take_over(former, changed)

    def build(self) -> Stories:
        """Decide all articles that may have other stories than before. Return the stories of several versions."""
        while self._heap:
            *_, row = heappop(self._heap)
            if not self._candidates.covers(row):
                self._candidates.cover(self._undecided)
            self._undecided.discard(row)
            self._decide(row)
        for copy, original in self._copies:
            self._join([copy], self._first_of.get(original, original))
        return Stories.of(self._versions(first, others) for first, others in sorted(self._others.items()) if others)

    def _versions(self, first: int, others: Iterable[int]) -> list[Version]:
        ids, instants = self._signatures.ids, self._signatures.instants
        return [Version(ids[row], int(instants[row])) for row in (first, *sorted(others, key=self._time))]

    def _without_copies(self, rows: list[int]) -> Iterable[int]:
        """Yield articles without copies of the first one with each signature, which belong to its story whatever that is.

        The texts of very many articles with one signature are taken for copies unread: they are forms that were filled in.
        """
        keys = {row: self._signatures.values[row].tobytes() for row in sorted(rows, key=self._time)}
        numbers, first = Counter(keys.values()), dict[bytes, int]()
        for row, key in keys.items():
            original = first.setdefault(key, row)
            if original == row or not (numbers[key] > _MANY_EQUAL or self._is_copy(row, original)):
                yield row
            else:
                self._begins[row] = False
                self._copies.append((row, original))

    def _is_copy(self, row: int, original: int) -> bool:
        """Return whether two articles with equal signatures have the same passages: those of similar texts may be equal."""
        if self._signatures.lengths[row] != self._signatures.lengths[original]:
            return False
        ids = self._signatures.ids
        return self._compare_texts(ids[original], ids[row]).shared == 1

    def _take_over(self, former: Stories, changed: Sequence[str]) -> None:
        """Take over the stories of the generation before, except for what has changed."""
        row_of, are_changed = self._signatures.row, frozenset(changed)
        for versions in former:
            first, *others = (None if version.id in are_changed else row_of(version.id) for version in versions)
            rows = [row for row in others if row is not None]
            if first is None:
                self._decide_anew(rows)
            else:
                self._join(rows, first)
        self._decide_anew(row for article_id in changed if (row := row_of(article_id)) is not None)

    def _decide_anew(self, rows: Iterable[int]) -> None:
        """Note that articles have to be decided, which are not in any story until then."""
        for row in rows:
            self._begins[row] = False
            self._postpone(row)

    def _postpone(self, row: int) -> None:
        if row not in self._undecided:
            self._undecided.add(row)
            heappush(self._heap, (*self._time(row), row))

    def _join(self, rows: Iterable[int], first: int) -> None:
        for row in rows:
            self._begins[row] = False
            self._first_of[row] = first
            self._others[first].add(row)

    def _decide(self, row: int) -> None:
        """Decide which story an article belongs to. Postpone articles for which that matters, which are all later."""
        has_begun = bool(self._begins[row])
        if row in self._first_of:
            self._others[self._first_of.pop(row)].discard(row)
        first = self._first_version(row)
        if first is not None:
            self._join([row], first)
            for other in self._others.pop(row, ()):
                self._postpone(other)
        elif not has_begun:
            self._begins[row] = True
            for other in self._candidates.later(row, self._begins):
                self._postpone(other)

    def _first_version(self, row: int) -> int | None:
        """Return the earlier article of which a version is, and with which it shares most. Return None if there is none."""
        earlier = self._candidates.earlier(row, self._begins)
        earlier.sort(key=lambda each: (-each.common, self._time(each.row)))
        if earlier and are_surely_versions(earlier[0].common):
            return earlier[0].row
        best, most = None, 0.0
        for other, _ in earlier[:MAX_COMPARED]:
            likeness = self._compare_texts(self._signatures.ids[other], self._signatures.ids[row])
            if likeness.are_versions and likeness.shared > most:
                best, most = other, likeness.shared
        return best

    def _time(self, row: int) -> tuple[int, str]:
        return self._signatures.time(row)


class _Candidates:
    """The articles that share values of their signatures with others."""

    def __init__(self, signatures: Signatures) -> None:
        self._signatures = signatures
        self._is_covered = np.zeros(len(signatures.ids), np.bool_)
        self._values = np.zeros(0, np.uint32)  # of which several articles have each, in order
        self._rows: _Rows = np.zeros(0, np.intp)  # that have them

    def covers(self, row: int) -> bool:
        """Return whether the values of an article have been looked for."""
        return bool(self._is_covered[row])

    def all_rows(self) -> list[int]:
        """Cover all articles. Return those that share enough values with others for being versions."""
        self._is_covered[:] = True
        self._index(np.flatnonzero(self._signatures.present.repeat(SIGNATURE_SIZE)))
        starts = np.flatnonzero(np.diff(self._values, prepend=self._values[:1] + 1))
        sizes = np.diff(starts, append=len(self._values))
        few = [self._rows[starts[sizes == size][:, None] + np.arange(size)] for size in range(2, _FEW)]
        frequent, numbers = np.unique(self._rows[np.repeat(sizes >= _FEW, sizes)], return_counts=True)
        rows: list[int] = np.union1d(self._rows_of_pairs(few), frequent[numbers >= MIN_COMMON]).tolist()
        return rows

    def _rows_of_pairs(self, groups: Iterable[NDArray[np.intp]]) -> _Rows:
        """Return the articles that may be versions of each other. The rows of each array have one value."""
        ends = ((rows, np.triu_indices(rows.shape[1], 1)) for rows in groups)
        pairs = np.concatenate([((rows[:, one] << 32) | rows[:, other]).ravel() for rows, (one, other) in ends])
        found, common = np.unique(pairs, return_counts=True)
        one, other = found >> 32, found & 0xFFFFFFFF
        lengths = self._signatures.lengths
        kept = may_be_versions(common, lengths[one], lengths[other])
        rows: _Rows = np.union1d(one[kept], other[kept])
        return rows

    def cover(self, rows: Iterable[int]) -> None:
        """Look for the values of some articles in all signatures. This takes 50 ms for a million articles."""
        self._is_covered[list(rows)] = True
        values = self._signatures.values
        is_wanted = np.zeros(2**_FILTER_BITS, np.bool_)
        is_wanted[values[self._is_covered] % len(is_wanted)] = True
        cells = np.flatnonzero(is_wanted[values.ravel() % len(is_wanted)])
        self._index(cells[self._signatures.present[cells // SIGNATURE_SIZE]])

    def earlier(self, row: int, begins: NDArray[np.bool_]) -> list[_Near]:
        """Return the earlier articles that begin a story, and of which one may be a version."""
        groups = self._with_values_of(row)
        if len(groups) < MIN_COMMON:
            return []
        rows, sizes = np.concatenate(groups), list(map(len, groups))
        is_earlier = begins[rows]
        is_earlier[is_earlier] = self._are_before(row, rows[is_earlier])
        stories = np.add.reduceat(is_earlier, [0, *accumulate(sizes[:-1])], dtype=np.intp)
        return self._near(row, rows[is_earlier & np.repeat(stories <= MAX_STORIES, sizes)])

    def later(self, row: int, begins: NDArray[np.bool_]) -> list[int]:
        """Return the later articles that may be versions of one that begins a story."""
        groups = [each if len(each) <= _FEW else each[begins[each]] for each in self._with_values_of(row)]
        if len(groups) < MIN_COMMON:
            return []
        rows = np.concatenate(groups)
        return [each.row for each in self._near(row, rows[~self._are_before(row, rows)])]

    def _with_values_of(self, row: int) -> list[_Rows]:
        """Return the articles that have each value of one, if there are several."""
        own = self._signatures.values[row]
        starts, ends = (np.searchsorted(self._values, own, side).tolist() for side in _SIDES)
        return [self._rows[start:end] for start, end in zip(starts, ends, strict=True) if end - start > 1]

    def _are_before(self, row: int, others: _Rows) -> NDArray[np.bool_]:
        """Return which of the articles are earlier than one."""
        signatures = self._signatures
        instants, own = signatures.instants[others], signatures.instants[row]
        is_before: NDArray[np.bool_] = instants < own
        for place in np.flatnonzero(instants == own).tolist():
            is_before[place] = signatures.ids[others[place]] < signatures.ids[row]
        return is_before

    def _near(self, row: int, found: _Rows) -> list[_Near]:
        """Return the articles that may be versions of one, given those that have each of its values in turn."""
        if len(found) < MIN_COMMON:
            return []
        rows, common = np.unique(found, return_counts=True)
        lengths = self._signatures.lengths
        kept = may_be_versions(common, lengths[row], lengths[rows]) & (rows != row)
        return list(map(_Near, rows[kept].tolist(), common[kept].tolist()))

    def _index(self, cells: _Rows) -> None:
        """Keep the values in some cells of the table of signatures, if several articles have them."""
        # A number has the value and then the row: sorting numbers is ten times as fast as finding their order.
        pairs = self._signatures.values.ravel()[cells].astype(np.uint64) << _HALF | (cells // SIGNATURE_SIZE).astype(
            np.uint64
        )
        pairs.sort()
        found = (pairs >> _HALF).astype(np.uint32)
        is_shared = np.zeros(len(found), np.bool_)
        is_shared[1:] = found[1:] == found[:-1]
        is_shared[:-1] |= is_shared[1:]
        self._values, self._rows = found[is_shared], (pairs[is_shared] & _LOWER_HALF).astype(np.intp)
