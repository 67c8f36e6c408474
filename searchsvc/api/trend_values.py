"""The values of searches over time as a chart draws them, and the highest of them."""

from collections.abc import Iterable

from searchsvc.api.trend_parameters import TrendView
from searchsvc.search.smoothing import Window, windows
from searchsvc.search.trends import Trend, Trends

FEW = 20
"""Articles in a period below which a share of them says little."""


def counts_of(trend: Trend, found: Trends) -> list[int]:
    """Return the hits of a search in each period."""
    return [trend.counts.get(period, 0) for period in found.periods]


def drawn_value(window: Window, view: TrendView) -> float:
    """Return the value that a chart draws: hits or their share, of one period or of those around it."""
    if view.per:
        return window.share
    return window.average if view.smooth > 1 else window.hits


def least_articles(found: Iterable[Window], view: TrendView) -> int:
    """Return how many articles a value has to be of to count. Shares of few count only if there are no others."""
    return FEW if view.per and any(each.articles >= FEW for each in found) else 0


def highest(found: Trends, view: TrendView, number: int = 0) -> str:
    """Return the period of the highest value that a chart draws of a search. Return "" without hits.

    It has hits itself. Of equal ones, it is that with the most hits, or the earliest.
    """
    hits = counts_of(found.trends[number], found)
    around = windows(hits, counts_of(found.base, found), view.smooth)
    with_hits = {at: each for at, each in enumerate(around) if each is not None and hits[at]}
    least = least_articles(with_hits.values(), view)
    values = {at: drawn_value(each, view) for at, each in with_hits.items() if each.articles >= least}
    return found.periods[max(values, key=lambda at: (values[at], hits[at], -at))] if values else ""
