"""Averages over a window of periods, by which a trend shows through the noise of short periods."""

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

MAX_WINDOW = 99
"""Periods of a window, of which the middle one gets its average."""


class Window(NamedTuple):
    """The hits and the articles of the periods around one, and the number of these periods."""

    hits: int
    articles: int
    periods: int

    @property
    def average(self) -> float:
        """The hits of a period."""
        return self.hits / self.periods

    @property
    def share(self) -> float:
        """The hits per 1,000 articles. Each article counts the same, in whichever period it is."""
        return 1_000 * self.hits / self.articles


def windows(hits: Sequence[int], articles: Sequence[int], width: int) -> list[Window | None]:
    """Return the window around each period, which has `width` periods, an odd number. Those at the ends have fewer.

    Periods without articles have no window, and are left out of others: nothing could be found in them.
    """
    reach, number = width // 2, len(hits)
    sums = [[0, *accumulate(each)] for each in (hits, articles, map(bool, articles))]
    found: list[Window | None] = []
    for at in range(number):
        first, last = max(0, at - reach), min(number, at + reach + 1)
        found.append(Window(*(each[last] - each[first] for each in sums)) if articles[at] else None)
    return found
