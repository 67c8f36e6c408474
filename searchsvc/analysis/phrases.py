"""Sloppy phrases such as `"working group"~3`, with one meaning for all engines.

A sloppy phrase matches words that at most `slop` steps in all move to their places, adjacent and in order. A step moves one
word by one position, so swapping two neighbours takes two steps.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

Positions = Mapping[str, Sequence[int]]  # the positions of each word in a text: token numbers in ascending order


def positions_of(words: Sequence[str]) -> dict[str, list[int]]:
    """Return the positions of each word of a text."""
    positions: dict[str, list[int]] = {}
    for at, word in enumerate(words):
        positions.setdefault(word, []).append(at)
    return positions


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
    rarest = min(targets, key=lambda term: len(positions[term]))
    shifts = range(-slop, slop + 1)
    starts = sorted({at - place + shift for at in positions[rarest] for place in targets[rarest] for shift in shifts})
    for start in starts:
        if (match := _match_at(positions, targets, start, slop)) is not None:
            yield match


def _match_at(positions: Positions, targets: Mapping[str, list[int]], start: int, slop: int) -> tuple[int, ...] | None:
    """Return the positions nearest to a phrase that starts at `start`. Return None if they need more than `slop` steps."""
    found: list[int] = []
    for term, places in targets.items():
        near = _nearest(positions[term], [start + place for place in places], slop)
        if near is None:
            return None
        slop -= near[0]
        found += near[1]
    return tuple(sorted(found))


def _nearest(at: Sequence[int], wanted: Sequence[int], slop: int) -> tuple[int, list[int]] | None:
    """Return the fewest steps, up to `slop`, that move distinct sorted positions to the wanted ones, and the positions."""
    first, last = bisect_left(at, wanted[0] - slop), bisect_left(at, wanted[-1] + slop + 1)
    best: list[tuple[int, list[int]] | None] = [(0, []), *([None] * len(wanted))]
    for position in at[first:last]:
        # Positions are assigned in order, because crossing assignments are never shorter.
        for number in range(len(wanted), 0, -1):
            before, now = best[number - 1], best[number]
            if before is not None:
                steps = before[0] + abs(position - wanted[number - 1])
                if steps <= slop and (now is None or steps < now[0]):
                    best[number] = steps, [*before[1], position]
    return best[-1]
