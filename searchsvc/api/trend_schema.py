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
    """Number of articles that shares are of. Where there are none, nothing can be found."""


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
    """Hits per 1,000 articles in each period, or null if there are none."""
    smoothed_counts: tuple[float | None, ...] | None
    """Average number of hits of the periods around each, or null if it has no articles. Null if there is no average."""
    smoothed_shares: tuple[float | None, ...] | None
    """Hits of the periods around each, per 1,000 of their articles."""
    earlier: int
    """Number of hits dated before the periods."""
    later: int
    """Number of hits dated after the periods."""
    undated: int
    link: str


@dataclass
class KeyCounts(Strict):
    """How many articles of a peak have a word or a value, and how many of the rest."""

    a: int
    """Number of articles of the peak that have it."""
    b: int
    """Number of articles of the rest that have it."""
    c: int
    """Number of articles of the peak that were looked at."""
    d: int
    """Number of articles of the rest that were looked at."""
    g2: float
    """Log-likelihood ratio, from 10.83 on."""
    link: str
    """The hits of the peak that have it."""


@dataclass
class KeyWord(KeyCounts):
    """A word that is over-represented in a peak, as it is written most often."""

    text: str


@dataclass
class KeyValue(KeyCounts):
    """A value of a metadata field that is over-represented in a peak."""

    field: str
    value: str


@dataclass
class Burst(Strict):
    """What explains a peak of the first search: what is over-represented in it, against the rest of its hits."""

    period: str
    first: date
    last: date
    articles: int
    """Number of hits in the period."""
    rest: int
    """Number of all other hits."""
    words: tuple[KeyWord, ...]
    values: tuple[KeyValue, ...]


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
    per: Literal["archive", "filters"]
    """What shares are of: all articles of the archive, or those that the filters leave."""
    smooth: int
    """Number of periods of an average, or 1 for none."""
    periods: tuple[TrendPeriod, ...]
    """Without gaps, from the first with an article to the last."""
    searches: tuple[TrendSearch, ...]
    """In the order of the parameters: `q`, then each `vs`."""
    earlier: int
    """Number of the articles that shares are of, dated before the periods."""
    later: int
    undated: int
    burst: Burst | None
    took_ms: float
    index: Index
    links: TrendLinks
