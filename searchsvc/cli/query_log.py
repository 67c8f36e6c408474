"""What was searched for, from the access log: what is asked most, finds nothing, or takes long. It holds nobody's name."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import nlargest
from statistics import median

import orjson

MAX_QUERIES = 200_000
"""Different queries that are told apart; of more, those that come first."""


@dataclass(frozen=True, slots=True)
class AskedQuery:
    """A query, without regard to case and spaces: how often, how long (milliseconds), and what it found last."""

    text: str
    times: int
    median_ms: float
    slowest_ms: float
    total: int


@dataclass(frozen=True, slots=True)
class QueryReport:
    """The queries of a log; `unread` counts lines that are none of ours."""

    searches: int
    unread: int
    frequent: tuple[AskedQuery, ...]
    without_hits: tuple[AskedQuery, ...]
    slow: tuple[AskedQuery, ...]


@dataclass(slots=True)
class _Seen:
    milliseconds: list[float] = field(default_factory=list)
    total: int = 0


def query_report(lines: Iterable[bytes], top: int) -> QueryReport:
    """The `top` queries of each kind, from the lines of an access log."""
    seen: dict[str, _Seen] = defaultdict(_Seen)
    searches = unread = 0
    for line in lines:
        try:
            entry = orjson.loads(line)
            if "q" not in entry:
                continue
            text, spent, total = " ".join(entry["q"].casefold().split()), float(entry["ms"]), int(entry["total"])
        except (ValueError, TypeError, KeyError, AttributeError):
            unread += 1
            continue
        searches += 1
        if text in seen or len(seen) < MAX_QUERIES:
            seen[text].milliseconds.append(spent)
            seen[text].total = total
    asked = [
        AskedQuery(text, len(each.milliseconds), median(each.milliseconds), max(each.milliseconds), each.total)
        for text, each in seen.items()
    ]
    return QueryReport(
        searches,
        unread,
        tuple(nlargest(top, asked, key=lambda each: (each.times, each.text))),
        tuple(nlargest(top, (each for each in asked if not each.total), key=lambda each: (each.times, each.text))),
        tuple(nlargest(top, asked, key=lambda each: (each.slowest_ms, each.text))),
    )
