"""Words near each other: what `"working group"~3` means, in the same way for every engine.

A sloppy phrase is found where its words can be moved to their places, side by side and in order, in at most so many steps
in all; a step moves one word by one place, so that two neighbours that are swapped are two steps apart.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

Positions = Mapping[str, Sequence[int]]
"""Where each word stands in a text, as the numbers of tokens, in order."""


def positions_of(words: Sequence[str]) -> dict[str, list[int]]:
    """Where each word of a text stands."""
    positions: dict[str, list[int]] = {}
    for at, word in enumerate(words):
        positions.setdefault(word, []).append(at)
    return positions


def sloppy_matches(positions: Positions, terms: Sequence[str], slop: int) -> Iterator[tuple[int, ...]]:
    """Positions of the words, one for each, that `slop` steps bring together; nothing where there are none.

    Wherever the phrase may be, one placement with the fewest steps is given; placements may share words.
    """
    targets: dict[str, list[int]] = {}
    for place, term in enumerate(terms):
        targets.setdefault(term, []).append(place)
    if not all(positions.get(term) for term in targets):
        return
    rarest = min(targets, key=lambda term: len(positions[term]))
    shifts = range(-slop, slop + 1)
    starts = sorted({at - place + shift for at in positions[rarest] for place in targets[rarest] for shift in shifts})
    for start in starts:
        placed = _placed(positions, targets, start, slop)
        if placed is not None:
            yield placed


def _placed(positions: Positions, targets: Mapping[str, list[int]], start: int, slop: int) -> tuple[int, ...] | None:
    """The positions that are nearest to a phrase that begins at `start`; None where they are more than `slop` steps off."""
    left = slop
    found: list[int] = []
    for term, places in targets.items():
        near = _nearest(positions[term], [start + place for place in places], left)
        if near is None:
            return None
        steps, chosen = near
        left -= steps
        found += chosen
    return tuple(sorted(found))


def _nearest(at: Sequence[int], wanted: Sequence[int], slop: int) -> tuple[int, list[int]] | None:
    """The fewest steps from different positions to those that are wanted (both in order), and the positions."""
    first, last = bisect_left(at, wanted[0] - slop), bisect_left(at, wanted[-1] + slop + 1)
    best: list[tuple[int, list[int]] | None] = [(0, []), *([None] * len(wanted))]
    for position in at[first:last]:
        # Whoever comes first takes the place that comes first: paths that cross are never shorter.
        for number in range(len(wanted), 0, -1):
            before, now = best[number - 1], best[number]
            if before is not None:
                steps = before[0] + abs(position - wanted[number - 1])
                if steps <= slop and (now is None or steps < now[0]):
                    best[number] = steps, [*before[1], position]
    return best[-1]
