"""A report of the queries in an access log: the most frequent, those without hits, and the slowest."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class _Seen:
    milliseconds: list[float] = field(default_factory=list)
    total: int = 0

    def summary(self, text: str) -> QuerySummary:
        return QuerySummary(text, len(self.milliseconds), median(self.milliseconds), max(self.milliseconds), self.total)


def query_report(lines: Iterable[bytes], top: int) -> QueryReport:
    """Return a report of the lines of an access log, with the `top` queries of each kind."""
    seen: dict[str, _Seen] = defaultdict(_Seen)
    searches = unread = 0
    for line in lines:
        try:
            entry = _parse(line)
        except (ValueError, TypeError, KeyError, AttributeError):
            unread += 1
            continue
        if entry is None:
            continue
        searches += 1
        text, milliseconds, total = entry
        if text in seen or len(seen) < MAX_QUERIES:
            seen[text].milliseconds.append(milliseconds)
            seen[text].total = total
    found = [each.summary(text) for text, each in seen.items()]
    return QueryReport(
        searches,
        unread,
        tuple(nlargest(top, found, key=lambda each: (each.times, each.text))),
        tuple(nlargest(top, (each for each in found if not each.total), key=lambda each: (each.times, each.text))),
        tuple(nlargest(top, found, key=lambda each: (each.slowest_ms, each.text))),
    )


def _parse(line: bytes) -> tuple[str, float, int] | None:
    """Parse a line of the log into query, milliseconds and hits. Return None for a request without a query."""
    entry = orjson.loads(line)
    if "q" not in entry:
        return None
    return " ".join(entry["q"].casefold().split()), float(entry["ms"]), int(entry["total"])
