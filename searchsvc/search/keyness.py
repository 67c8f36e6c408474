"""Keyness: how surely something is more frequent in some articles than in others, by their log-likelihood ratio, G2."""

from collections.abc import Iterable
from math import log
from typing import NamedTuple

LEAST_G2 = 10.83
"""The least ratio of what is over-represented. Chance alone exceeds it once in 1,000 times (chi-squared, one degree)."""


class Counts(NamedTuple):
    """A table of articles: `a` of the peak and `b` of the rest have something, of `c` and `d` articles in all."""

    a: int
    b: int
    c: int
    d: int

    @property
    def is_over(self) -> bool:
        """True if a larger part of the peak has it than of the rest."""
        return self.a * self.d > self.b * self.c

    @property
    def g2(self) -> float:
        """The log-likelihood ratio of the table (Dunning 1993; Rayson and Garside 2000).

        It compares all four cells with those that would be expected if the peak were like the rest. Articles without the
        word are two of them, because a word may be in most articles.
        """
        a, b, c, d = self
        cells = ((a, a + b, c), (b, a + b, d), (c - a, c + d - a - b, c), (d - b, c + d - a - b, d))
        return 2 * sum(seen * log(seen * (c + d) / (row * column)) for seen, row, column in cells if seen)


class KeyItem(NamedTuple):
    """A word or a value of a field, and how many articles have it. A word has no `field`.

    `text` is a word as it is written most often, and `term` the same as the index has it.
    """

    field: str
    text: str
    term: str
    counts: Counts


def key_items(found: Iterable[KeyItem]) -> list[KeyItem]:
    """Return what is over-represented in the peak, the surest first."""
    over = (each for each in found if each.counts.is_over and each.counts.g2 >= LEAST_G2)
    return sorted(over, key=lambda each: (-each.counts.g2, each.field, each.text))
