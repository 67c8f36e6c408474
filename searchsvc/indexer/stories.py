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

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from functools import lru_cache
from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis.signature import Likeness, Passages, are_surely_versions, compare, passages
from searchsvc.engines.protocol import Backend, Engine
from searchsvc.errors import ServiceError
from searchsvc.index import Generation
from searchsvc.index.signatures import Signatures, SignatureTable, updated
from searchsvc.index.stories import NO_STORIES, Stories, Version, read_stories, share_stories
from searchsvc.indexer.field_names import FieldNames
from searchsvc.indexer.story_candidates import Candidates
from searchsvc.model.article import dump

MAX_COMPARED = 5  # articles whose texts are compared with that of one, those with most values in common
_MAX_TEXTS = 256  # whose passages are remembered


class StoryChanges(NamedTuple):
    """The stories of a draft that may differ from those before: the numbers of the former ones, and what replaces them."""

    replaced: frozenset[int]
    stories: list[list[Version]]


def record_stories(draft: Generation, base: Generation | None, engine: Engine, new: SignatureTable) -> dict[str, bool]:
    """Write the signatures and the stories of a draft on `base`, to which it adds these signatures.

    Return the articles that have to be written again, and whether they have other versions: see `mark_versions`.
    """
    signatures = updated(base, new)
    signatures.write(draft, base)
    former = read_stories(base) if base is not None else NO_STORIES
    if former is None:
        raise ServiceError("the stories of the live generation cannot be read")
    changed = new.ids if base is not None else None
    changes = StoryBuilder(signatures, former, changed, _text_comparer(engine)).build()
    if base is None or changes.stories or changes.replaced:
        former.replaced(changes.replaced, changes.stories).write(draft)
    else:
        share_stories(draft, base)
    return _to_be_written_again(changes, former, frozenset(new.ids))


def _to_be_written_again(changes: StoryChanges, former: Stories, written: frozenset[str]) -> dict[str, bool]:
    """Return the articles that come to have other versions, or lose them, and whether they have any now.

    Those that were `written` since the former stories are not known to have any.
    """
    versioned = {version.id for story in changes.stories for version in story}
    before = {version.id for number in changes.replaced for version in former.versions(number)} - written
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

    `changed` are the ids of articles that were added, changed or deleted since then, or None for all. A former story is
    taken over once one of its articles has changed or is compared. All others stay as they are.
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
        self._candidates = Candidates(signatures)
        self._is_update = changed is not None
        self._former = former
        self._changed = frozenset(changed or ())
        self._taken_over: set[int] = set()  # the numbers of former stories
        self._looked_up: set[int] = set()  # the rows of which it is known whether they begin a story
        self._begins = signatures.present.copy()  # whether an article begins a story, perhaps of its own only
        self._first_of: dict[int, int] = {}  # the first version, by every other one of its story
        self._others: defaultdict[int, set[int]] = defaultdict(set)  # the reverse
        self._heap: list[tuple[int, str, int]] = []  # undecided articles by time
        self._undecided: set[int] = set()
        self._copies = array("q")  # articles with the signatures of earlier ones
        self._originals = array("q")  # these, in the same order
        if changed is None:
            self._decide_anew(self._without_copies(self._candidates.all_rows()))
        else:
            self._update(changed)

    def build(self) -> StoryChanges:
        """Decide all articles that may have other stories than before. Return the stories of several versions."""
        while self._heap:
            *_, row = heappop(self._heap)
            if not self._candidates.covers(row):
                self._cover(self._undecided)
            self._undecided.discard(row)
            self._decide(row)
        for copy, original in zip(self._copies, self._originals, strict=True):
            self._join([copy], self._first_of.get(original, original))
        stories = [self._versions(first, others) for first, others in sorted(self._others.items()) if others]
        return StoryChanges(frozenset(self._taken_over), stories)

    def _versions(self, first: int, others: Iterable[int]) -> list[Version]:
        ids, instants = self._signatures.ids, self._signatures.instants
        return [Version(ids[row], int(instants[row])) for row in (first, *sorted(others, key=self._time))]

    def _without_copies(self, rows: NDArray[np.intp]) -> Iterable[int]:
        """Yield the first article with each signature. Note the others, which belong to its story whatever that is."""
        first: dict[bytes, int] = {}
        for row in self._signatures.in_order_of_time(rows).tolist():
            original = first.setdefault(self._signatures.values[row].tobytes(), row)
            if original == row:
                yield row
            else:
                self._begins[row] = False
                self._copies.append(row)
                self._originals.append(original)

    def _update(self, changed: Sequence[str]) -> None:
        """Take over the former stories of changed articles. Note what has to be decided since they have changed."""
        for article_id in changed:
            self._take_over_story_of(article_id)
        self._decide_anew(row for article_id in changed if (row := self._signatures.row(article_id)) is not None)
        former, ids = self._signatures.former, self._signatures.ids
        self._begins[[row for row in former if not self._former.is_later_version(ids[row])]] = True
        self._cover([*former, *self._undecided])
        self._remove_former()

    def _take_over_story_of(self, article_id: str) -> None:
        """Take over the former story of an article, except for what has changed, unless that has been done."""
        number = self._former.number_of(article_id) if self._is_update else None
        if number is None or number in self._taken_over:
            return
        self._taken_over.add(number)
        versions = [version.id for version in self._former.versions(number)]
        first, *others = (None if each in self._changed else self._signatures.row(each) for each in versions)
        rows = [row for row in others if row is not None]
        if first is None:
            self._decide_anew(rows)
        else:
            self._begins[rows] = False
            self._first_of.update(dict.fromkeys(rows, first))
            self._others[first].update(rows)

    def _cover(self, rows: Iterable[int]) -> None:
        """Look for the values of some articles, and look up which of the articles that have them begin a story."""
        self._candidates.cover(rows)
        ids = self._signatures.ids
        for row in self._candidates.rows if self._is_update else ():
            if row < self._signatures.former.start and row not in self._looked_up:
                self._looked_up.add(row)
                if self._former.is_later_version(ids[row]) and self._former.number_of(ids[row]) not in self._taken_over:
                    self._begins[row] = False

    def _remove_former(self) -> None:
        """Postpone what depends on former signatures of changed articles."""
        for row in self._signatures.former:
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
        self._take_over_story_of(self._signatures.ids[first])
        for row in rows:
            self._begins[row] = False
            self._first_of[row] = first
            self._others[first].add(row)

    def _decide(self, row: int) -> None:
        """Decide which story an article belongs to. Postpone articles for which that matters, which are all later."""
        self._take_over_story_of(self._signatures.ids[row])
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
            self._take_over_story_of(self._signatures.ids[original])
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
