"""The archive in figures, for the foot of every page."""

import datetime as dt
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from flask import g

from searchsvc.errors import SearchsvcError
from searchsvc.search.searcher import Searcher

_FEW = 0.005
"""Part of the articles below which the first years of an archive say nothing of it: most of them are mistakes."""


class Facts(NamedTuple):
    """How many articles there are, from which year to which, and when they last changed. Years are "" without dates."""

    articles: int
    first: str
    last: str
    updated: dt.date


def archive_facts() -> Facts | None:
    """Return the figures of the archive that answers the request. Return None if none does, or it cannot count."""
    searcher: Searcher | None = g.get("searcher")
    if searcher is None:
        return None
    updated = dt.datetime.fromisoformat(searcher.info.created).date()
    try:
        first, last = _bulk(tuple(searcher.periods("").items()), updated.year)
    except SearchsvcError:
        return None
    return Facts(searcher.info.articles, first, last, updated)


@lru_cache(10)  # the same on every page of a generation
def _bulk(years: tuple[tuple[str, int], ...], latest: int) -> tuple[str, str]:
    """Return the first and the last year of nearly all articles, without those that are still to come."""
    past = sorted((year, count) for year, count in years if int(year) <= latest)
    least = _FEW * sum(count for _, count in past)
    within = [year for (year, _), total in zip(past, accumulate(count for _, count in past), strict=True) if total > least]
    return (within[0], within[-1]) if within else ("", "")
