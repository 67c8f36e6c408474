"""Sloppy phrases such as `"working group"~3`, with one meaning for all engines.

A sloppy phrase matches words that at most `slop` steps in all move to their places, adjacent and in order. A step moves one
word by one position, so swapping two neighbours takes two steps.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from searchsvc.analysis.tokenizer import GAP

Positions = Mapping[str, Sequence[int]]  # the positions of each word in a text: token numbers in ascending order


def positions_of(*readings: Sequence[str]) -> dict[str, list[int]]:
    """Return the positions of each word of a text, or of its readings, between which there is a gap."""
    positions: dict[str, list[int]] = {}
    start = 0
    for words in readings:
        for at, word in enumerate(words, start):
            positions.setdefault(word, []).append(at)
        start += len(words) + GAP
    return positions


class _Assignment(NamedTuple):
    """Positions for the first of the places of a word: the steps between them, the last position and those before."""

    steps: int
    at: int
    before: "_Assignment | None"

    def positions(self) -> Iterator[int]:
        each = self
        while each.before is not None:
            yield each.at
            each = each.before


_START = _Assignment(0, -1, None)


def sloppy_matches(positions: Positions, terms: Sequence[str], slop: int) -> Iterator[tuple[int, ...]]:
    """Yield the matches of a sloppy phrase, each as the sorted positions of its words.

    For each possible start of the phrase, yield one match with the fewest steps. Matches may share words. A phrase without
    words, because they are all too long, has no match.
    """
    targets: dict[str, list[int]] = {}
    for place, term in enumerate(terms):
        targets.setdefault(term, []).append(place)
    if not terms or not all(positions.get(term) for term in targets):
        return
    if not slop:
        yield from (tuple(range(start, start + len(terms))) for start in _exact_starts(positions, terms))
        return
    rarest = min(targets, key=lambda term: len(positions[term]))
    shifts = range(-slop, slop + 1)
    starts = sorted({at - place + shift for at in positions[rarest] for place in targets[rarest] for shift in shifts})
    for start in starts:
        if (match := _match_at(positions, targets, start, slop)) is not None:
            yield match


def _exact_starts(positions: Positions, terms: Sequence[str]) -> list[int]:
    """Return where the words stand side by side and in order."""
    first, *others = sorted(enumerate(terms), key=lambda each: len(positions[each[1]]))
    starts = {at - first[0] for at in positions[first[1]]}
    for place, term in others:
        if not starts:
            break
        starts.intersection_update(at - place for at in positions[term])
    return sorted(starts)


def _match_at(positions: Positions, targets: Mapping[str, list[int]], start: int, slop: int) -> tuple[int, ...] | None:
    """Return the positions nearest to a phrase that starts at `start`. Return None if they need more than `slop` steps."""
    found: list[int] = []
    for term, places in targets.items():
        nearest = _nearest(positions[term], [start + place for place in places], slop)
        if nearest is None:
            return None
        slop -= nearest.steps
        found += nearest.positions()
    return tuple(sorted(found))


def _nearest(at: Sequence[int], wanted: Sequence[int], slop: int) -> _Assignment | None:
    """Return the fewest steps, up to `slop`, that move distinct sorted positions to the wanted ones."""
    if len(wanted) == 1:
        return _nearest_to(at, wanted[0], slop)
    row = [_START]
    for place in wanted:
        first = bisect_left(at, place - slop)
        row = list(_extended(row, at[first : bisect_left(at, place + slop + 1, first)], place, slop))
        if not row:
            return None
    return min(row)


def _nearest_to(at: Sequence[int], place: int, slop: int) -> _Assignment | None:
    """Return the fewest steps from one of the sorted positions to one place, as nearly all words have."""
    following = bisect_left(at, place)
    steps = at[following] - place if following < len(at) else slop + 1
    if following and place - at[following - 1] <= steps:
        following -= 1
        steps = place - at[following]
    return _Assignment(steps, at[following], _START) if steps <= slop else None


def _extended(row: Sequence[_Assignment], candidates: Sequence[int], place: int, slop: int) -> Iterator[_Assignment]:
    """Yield the assignments that put each candidate into the next place, after the best that ends before it.

    Crossing assignments are never shorter.
    """
    best: _Assignment | None = None
    number = 0
    for candidate in candidates:
        while number < len(row) and row[number].at < candidate:
            best = row[number] if best is None or row[number].steps < best.steps else best
            number += 1
        if best is not None and (steps := best.steps + abs(candidate - place)) <= slop:
            yield _Assignment(steps, candidate, best)
