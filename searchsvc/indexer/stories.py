"""The stories of a draft: which of its articles are versions of one text, and which of them is the earliest.

Articles are decided in the order of time, and by their ids where that is the same. An article that is a version of the
first article of an earlier story joins the story that it shares most with. Any other begins a story. So each version is
compared with the first one only: a text that is rewritten step by step begins a new story once it shares too little with
the first, and no chain of small changes joins texts that have nothing in common.

What this gives depends on the articles only, not on the order in which they arrive. An update therefore decides only those
that may be different now: new articles, those whose story has lost its first article, and later ones than an article that
has come to begin a story, or does so no longer, if it counts among what they are compared with. Signatures tell which
articles are worth comparing; the texts of these are read. An article with the signature of an earlier one belongs to its
story without that.
"""

from collections import defaultdict
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
_FEW = 32  # articles that have a value: of more, no pairs are formed
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
        self._is_update = changed is not None
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
        """Yield the first article with each signature. Note the others, which belong to its story whatever that is."""
        first: dict[bytes, int] = {}
        for row in sorted(rows, key=self._time):
            original = first.setdefault(self._signatures.values[row].tobytes(), row)
            if original == row:
                yield row
            else:
                self._begins[row] = False
                self._copies.append((row, original))

    def _take_over(self, former: Stories, changed: Sequence[str]) -> None:
        """Take over the stories of the generation before, except for what has changed."""
        row_of, are_changed = self._signatures.row, frozenset(changed)
        joined = set[str]()  # changed articles that did not begin a story
        for versions in former:
            joined.update(version.id for version in versions[1:] if version.id in are_changed)
            first, *others = (None if version.id in are_changed else row_of(version.id) for version in versions)
            rows = [row for row in others if row is not None]
            if first is None:
                self._decide_anew(rows)
            else:
                self._join(rows, first)
        self._decide_anew(row for article_id in changed if (row := row_of(article_id)) is not None)
        self._remove(joined)

    def _remove(self, joined: set[str]) -> None:
        """Postpone what depends on former signatures of changed articles, of which some had joined a story."""
        former, ids = self._signatures.former, self._signatures.ids
        began = [row for row in former if ids[row] not in joined]
        self._begins[began] = True
        self._candidates.cover([*former, *self._undecided])
        for row in former:
            has_begun, self._begins[row] = bool(self._begins[row]), False
            self._postpone_all(self._candidates.dependent(row, self._begins) if has_begun else self._candidates.copies(row))

    def _decide_anew(self, rows: Iterable[int]) -> None:
        """Note that articles have to be decided, which are not in any story until then."""
        for row in rows:
            self._begins[row] = False
            self._postpone(row)

    def _postpone(self, row: int) -> None:
        if row not in self._undecided:
            self._undecided.add(row)
            heappush(self._heap, (*self._time(row), row))

    def _postpone_all(self, rows: Iterable[int]) -> None:
        for row in rows:
            self._postpone(row)

    def _join(self, rows: Iterable[int], first: int) -> None:
        for row in rows:
            self._begins[row] = False
            self._first_of[row] = first
            self._others[first].add(row)

    def _decide(self, row: int) -> None:
        """Decide which story an article belongs to. Postpone articles for which that matters, which are all later."""
        has_begun, former = bool(self._begins[row]), self._first_of.pop(row, None)
        if former is not None:
            self._others[former].discard(row)
        first = self._first_version(row)
        if first is not None:
            self._join([row], first)
            self._postpone_all(self._others.pop(row, ()))
        else:
            self._begins[row] = True
        if not self._is_update:
            return  # all later ones are undecided
        if has_begun != (first is None):
            self._postpone_all(self._candidates.dependent(row, self._begins))
        elif first != former:
            self._postpone_all(self._candidates.copies(row))

    def _first_version(self, row: int) -> int | None:
        """Return the earlier article of which a version is, and with which it shares most. Return None if there is none."""
        original = self._candidates.original(row) if self._is_update else None
        if original is not None:
            return self._first_of.get(original, original)
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
        self._is_former = np.zeros(len(signatures.ids), np.bool_)
        self._is_former[signatures.former.start :] = True
        self._values = np.zeros(0, np.uint32)  # of which several articles have each, in order
        self._rows: _Rows = np.zeros(0, np.intp)  # that have them
        self._ranks: _Rows = np.zeros(len(signatures.ids), np.intp)  # their places in the order of time

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
        found, numbers = np.unique(self._rows, return_counts=True)
        has_frequent = np.isin(found, self._rows[np.repeat(sizes >= _FEW, sizes)])
        rows: list[int] = np.union1d(self._rows_of_pairs(few), found[has_frequent & (numbers >= MIN_COMMON)]).tolist()
        return rows

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
        """Look for the values of some articles in all signatures. This takes 50 ms for a million articles."""
        self._is_covered[list(rows)] = True
        values = self._signatures.values
        is_wanted = np.zeros(2**_FILTER_BITS, np.bool_)
        is_wanted[values[self._is_covered] % len(is_wanted)] = True
        cells = np.flatnonzero(is_wanted[values.ravel() % len(is_wanted)])
        self._index(cells[(self._signatures.present | self._is_former)[cells // SIGNATURE_SIZE]])

    def earlier(self, row: int, begins: NDArray[np.bool_]) -> list[_Near]:
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
        same: _Rows = fewest[self._signatures.present[fewest] & (values[fewest] == values[row]).all(axis=1)]
        return same

    def _later(self, row: int, others: _Rows) -> _Rows:
        later: _Rows = others[self._signatures.present[others] & (self._ranks[others] > self._ranks[row])]
        return later

    def _with_values_of(self, row: int) -> list[_Rows]:
        """Return the articles that have each value of one, if there are several."""
        own = self._signatures.values[row]
        starts, ends = (np.searchsorted(self._values, own, side).tolist() for side in _SIDES)
        return [self._rows[start:end] for start, end in zip(starts, ends, strict=True) if end - start > 1]

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
        own = np.unique(self._rows).tolist()
        self._ranks[sorted(own, key=self._signatures.time)] = np.arange(len(own))
