"""A report of the queries in an access log: the most frequent, those without hits, and the slowest."""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nlargest
from statistics import median

import orjson

MAX_QUERIES = 200_000
"""Distinct queries that are counted. Further ones only count as searches."""


@dataclass(frozen=True, slots=True)
class QuerySummary:
    """A query, regardless of case and spaces. `total` is the number of hits of its last search."""

    text: str
    times: int
    median_ms: float
    slowest_ms: float
    total: int


@dataclass(frozen=True, slots=True)
class QueryReport:
    """The queries of a log. `unread` counts the lines that are not from an access log."""

    searches: int
    unread: int
    frequent: tuple[QuerySummary, ...]
    without_hits: tuple[QuerySummary, ...]
    slow: tuple[QuerySummary, ...]


def query_report(lines: Iterable[bytes], top: int) -> QueryReport:
    """Return a report of the lines of an access log, with the `top` queries of each kind."""
    durations: dict[str, list[float]] = {}
    totals: dict[str, int] = {}
    searches = unread = 0
    for line in lines:
        try:
            entry = orjson.loads(line)
            if "q" not in entry:
                continue
            text, milliseconds, total = " ".join(entry["q"].casefold().split()), float(entry["ms"]), int(entry["total"])
        except (ValueError, TypeError, KeyError, AttributeError):
            unread += 1
            continue
        searches += 1
        if text in totals or len(totals) < MAX_QUERIES:
            durations.setdefault(text, []).append(milliseconds)
            totals[text] = total
    found = [QuerySummary(text, len(ms), median(ms), max(ms), totals[text]) for text, ms in durations.items()]
    return QueryReport(
        searches,
        unread,
        tuple(nlargest(top, found, key=lambda each: (each.times, each.text))),
        tuple(nlargest(top, (each for each in found if not each.total), key=lambda each: (each.times, each.text))),
        tuple(nlargest(top, found, key=lambda each: (each.slowest_ms, each.text))),
    )
