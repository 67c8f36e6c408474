"""The date facet as a histogram: years, the months of a selected year, or the days of a selected month."""

from calendar import monthrange
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from flask_babel import gettext

from searchsvc.api.links import Links
from searchsvc.model.periods import canonical
from searchsvc.model.results import DateFacet
from searchsvc.query.request import SearchRequest
from searchsvc.web.dates import period_label, spelled_period

HEIGHT = 72
"""Pixels of the highest bar of hits."""
SHARE_HEIGHT = 36
"""Pixels of the highest bar of shares, and of the archive behind them."""
FEW = 20
"""Articles in a period below which a share of them says little."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One period: its hits, the articles of the whole archive, and its place in the drawing in pixels.

    `label` is "" between labels. `share` is the number of hits per 1,000 articles, or None if there are none.
    """

    value: str
    name: str
    label: str
    count: int
    articles: int
    share: float | None
    link: str
    selected: bool
    x: int
    height: int
    share_height: int
    archive_height: int

    @property
    def is_thin(self) -> bool:
        """True if the archive has so few articles of the period that their share says little."""
        return 0 < self.articles < FEW


@dataclass(frozen=True, slots=True)
class Timeline:
    """The bars of a histogram and its width in pixels. `crumbs` are the names and addresses of the enclosing periods."""

    unit: str
    bars: tuple[Bar, ...]
    width: int
    step: int
    crumbs: tuple[tuple[str, str], ...]

    @property
    def has_shares(self) -> bool:
        """True if shares are worth drawing. If the hits are the whole archive, all shares are equal."""
        return any(bar.count != bar.articles for bar in self.bars)

    @property
    def height(self) -> int:
        return 128 if self.has_shares else 76


def timeline(facet: DateFacet, request: SearchRequest, links: Links, archive: Mapping[str, int]) -> Timeline | None:
    """Return the histogram of a date facet, or None if no hit has a date. `archive` counts all articles by period.

    It spans the whole archive, or the requested days, so that periods without hits are visible too.
    """
    hits = {value.value: value.count for value in facet.values}
    if not hits:
        return None
    names = list(_periods(facet.unit, sorted(hits.keys() | _within_span(archive, request))))
    shares = {name: 1_000 * hits.get(name, 0) / archive[name] for name in names if archive.get(name)}
    # Periods with few articles do not determine the scale of the shares.
    most_share = max([share for name, share in shares.items() if archive[name] >= FEW] or shares.values(), default=0)
    most_hits, most_articles = max(hits.values()), max(archive.values(), default=0)
    step = 12 if facet.unit == "day" else max(14, min(40, 480 // len(names)))
    label_step = 1 if facet.unit == "month" else -(-36 // step)
    bars = tuple(
        Bar(
            value=name,
            name=spelled_period(name),
            label=period_label(name) if at % label_step == 0 else "",
            count=hits.get(name, 0),
            articles=archive.get(name, 0),
            share=shares.get(name),
            link=_toggle(name, request.dates, links),
            selected=name in request.dates,
            x=at * step,
            height=_height(hits.get(name, 0), most_hits, HEIGHT),
            share_height=_height(shares.get(name, 0), most_share, SHARE_HEIGHT),
            archive_height=_height(archive.get(name, 0), most_articles, SHARE_HEIGHT),
        )
        for at, name in enumerate(names)
    )
    return Timeline(facet.unit, bars, len(bars) * step, step, _crumbs(facet.unit, names[0], links))


def _within_span(archive: Collection[str], request: SearchRequest) -> set[str]:
    """Return the periods of the archive between the requested days."""
    first, last = (day.isoformat() if day else "" for day in (request.start, request.end))
    return {name for name in archive if name >= first[: len(name)] and (not last or name <= last[: len(name)])}


def _toggle(value: str, dates: tuple[str, ...], links: Links) -> str:
    """Return the address with a period selected, or deselected if it is selected."""
    if value not in dates:
        return links.replacing("date", value)
    others = [each for each in dates if each != value]
    return links.replacing("date", *(others or filter(None, [canonical(value.rpartition("-")[0])])))


def _height(number: float, most: float, available: int) -> int:
    """Return the height of a bar in pixels, at least 2 unless the number is 0."""
    return min(available, max(2, round(number * available / most))) if number and most else 0


def _periods(unit: str, names: list[str]) -> Iterator[str]:
    """Yield the periods to draw, including those without articles."""
    year, *rest = names[0].split("-")
    if unit == "year":
        first, last = int(names[0]), int(names[-1])
        # In a very long span, years without articles are not drawn.
        yield from (f"{number:04d}" for number in range(first, last + 1)) if last - first < 200 else names
    elif unit == "month":
        yield from (f"{year}-{number:02d}" for number in range(1, 13))
    else:
        days = monthrange(int(year), int(rest[0]))[1]
        yield from (f"{year}-{rest[0]}-{number:02d}" for number in range(1, days + 1))


def _crumbs(unit: str, first: str, links: Links) -> tuple[tuple[str, str], ...]:
    if unit == "year":
        return ()
    enclosing = (first[:4], first[:7]) if unit == "day" else (first[:4],)
    crumbs = ((spelled_period(name), links.replacing("date", name)) for name in enclosing)
    return (gettext("All years"), links.replacing("date")), *crumbs
