"""The JSON of several searches over time."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from searchsvc.api.schema import Index, Note, Strict


@dataclass
class TrendPeriod(Strict):
    """A year, a month, a week or a day."""

    value: str
    """Such as 2022, 2022-12, 2022-W51 (ISO 8601) or 2022-12-23."""
    first: date
    last: date
    articles: int
    """Number of articles of the whole archive. Where there are none, nothing can be found."""


@dataclass
class TrendSearch(Strict):
    """One search over time."""

    text: str
    parsed: str
    notes: tuple[Note, ...]
    total: int
    counts: tuple[int, ...]
    """Number of hits in each period."""
    shares: tuple[float | None, ...]
    """Hits per 1,000 articles of the archive in each period, or null if it has none."""
    earlier: int
    """Number of hits dated before the periods."""
    later: int
    """Number of hits dated after the periods."""
    undated: int
    link: str


@dataclass
class TrendLinks(Strict):
    """The same searches elsewhere."""

    self: str
    html: str
    csv: str


@dataclass
class Trends(Strict):
    """Several searches over time."""

    unit: Literal["year", "month", "week", "day"]
    match: Literal["all", "any"]
    periods: tuple[TrendPeriod, ...]
    """Without gaps, from the first with an article to the last."""
    searches: tuple[TrendSearch, ...]
    """In the order of the parameters: `q`, then each `vs`."""
    earlier: int
    """Number of articles of the whole archive dated before the periods."""
    later: int
    undated: int
    took_ms: float
    index: Index
    links: TrendLinks
