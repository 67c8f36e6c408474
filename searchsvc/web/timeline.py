"""The date facet as a histogram: years, the months of a selected year, or the days of a selected month."""

from calendar import month_abbr, month_name, monthrange
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from searchsvc.api.links import Links
from searchsvc.model.periods import canonical
from searchsvc.model.results import DateFacet
from searchsvc.query.request import SearchRequest

HEIGHT = 72
"""Pixels of the highest bar of hits."""
SHARE_HEIGHT = 36
"""Pixels of the highest bar of shares, and of the archive behind them."""
FEW = 20
"""Articles in a period below which a share of them says little."""
_MAX_YEARS = 200
"""Span beyond which years without articles are not drawn."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One period: its hits, the address that selects or deselects it, and its place in the drawing.

    `label` is "" between labels. `articles` counts the whole archive in that period. `share` is the number of hits per
    1,000 of these, or None if there are none. `x` and the heights are in pixels.
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
        """The height of the drawing in pixels, without its labels."""
        return 128 if self.has_shares else 76


class _Counts(NamedTuple):
    """The hits of a period, and the articles of the whole archive in it."""

    value: str
    hits: int
    articles: int

    @property
    def share(self) -> float | None:
        """The hits per 1,000 articles, or None if there are no articles."""
        return 1_000 * self.hits / self.articles if self.articles else None


class _Scale(NamedTuple):
    """The values that are drawn as the highest bars."""

    hits: int
    share: float
    archive: int


def timeline(facet: DateFacet, request: SearchRequest, links: Links, archive: Mapping[str, int]) -> Timeline | None:
    """Return the histogram of a date facet, or None if no hit has a date. `archive` counts all articles by period.

    It spans the whole archive, or the requested days, so that periods without hits are visible too.
    """
    hits = {value.value: value.count for value in facet.values}
    if not hits:
        return None
    names = _periods(facet.unit, sorted(hits.keys() | _within_span(archive, request)))
    counts = [_Counts(name, hits.get(name, 0), archive.get(name, 0)) for name in names]
    step = 12 if facet.unit == "day" else max(14, min(40, 480 // len(counts)))
    label_step = 1 if facet.unit == "month" else -(-36 // step)
    scale = _scale(counts, max(archive.values(), default=0))
    bars = []
    for at, each in enumerate(counts):
        label = _label(each.value) if at % label_step == 0 else ""
        bars.append(_bar(each, label, at * step, scale, _Selection(request.dates, links)))
    return Timeline(facet.unit, tuple(bars), len(bars) * step, step, _crumbs(facet.unit, counts[0].value, links))


def _within_span(archive: Collection[str], request: SearchRequest) -> set[str]:
    """Return the periods of the archive between the requested days."""
    first, last = (day.isoformat() if day else "" for day in (request.start, request.end))
    return {name for name in archive if name >= first[: len(name)] and (not last or name <= last[: len(name)])}


def _scale(counts: list[_Counts], archive: int) -> _Scale:
    """Return the scale of a drawing. Periods with few articles do not determine the scale of the shares."""
    shares = [(each.articles, each.share) for each in counts if each.share is not None]
    reliable = [share for articles, share in shares if articles >= FEW] or [share for _, share in shares]
    return _Scale(max(each.hits for each in counts), max(reliable, default=0), archive)


class _Selection(NamedTuple):
    """The selected periods, and the links that change the selection."""

    dates: tuple[str, ...]
    links: Links

    def toggle(self, value: str) -> str:
        """Return the address with a period selected, or deselected if it is selected."""
        if value not in self.dates:
            return self.links.replacing("date", value)
        others = tuple(each for each in self.dates if each != value)
        enclosing = canonical(value.rpartition("-")[0])
        return self.links.replacing("date", *(others or filter(None, [enclosing])))


def _bar(counts: _Counts, label: str, x: int, scale: _Scale, selection: _Selection) -> Bar:
    return Bar(
        value=counts.value,
        name=spelled_period(counts.value),
        label=label,
        count=counts.hits,
        articles=counts.articles,
        share=counts.share,
        link=selection.toggle(counts.value),
        selected=counts.value in selection.dates,
        x=x,
        height=_height(counts.hits, scale.hits, HEIGHT),
        share_height=_height(counts.share or 0, scale.share, SHARE_HEIGHT),
        archive_height=_height(counts.articles, scale.archive, SHARE_HEIGHT),
    )


def _height(number: float, most: float, available: int) -> int:
    """Return the height of a bar in pixels, at least 2 unless the number is 0."""
    return min(available, max(2, round(number * available / most))) if number and most else 0


def spelled_period(name: str) -> str:
    """Return a period as people write it: 2022, December 2022 or 23 December 2022."""
    year, *rest = name.split("-")
    month = f"{month_name[int(rest[0])]} " if rest else ""
    return f"{f'{int(rest[1])} ' if len(rest) > 1 else ''}{month}{year}"


def _periods(unit: str, names: list[str]) -> Iterator[str]:
    """Yield the periods to draw, including those without articles."""
    year, *rest = names[0].split("-")
    if unit == "year":
        first, last = int(names[0]), int(names[-1])
        yield from (f"{number:04d}" for number in range(first, last + 1)) if last - first < _MAX_YEARS else names
    elif unit == "month":
        yield from (f"{year}-{number:02d}" for number in range(1, 13))
    else:
        days = monthrange(int(year), int(rest[0]))[1]
        yield from (f"{year}-{rest[0]}-{number:02d}" for number in range(1, days + 1))


def _crumbs(unit: str, first: str, links: Links) -> tuple[tuple[str, str], ...]:
    if unit == "year":
        return ()
    crumbs = [("All years", links.replacing("date")), (first[:4], links.replacing("date", first[:4]))]
    if unit == "day":
        crumbs.append((spelled_period(first[:7]), links.replacing("date", first[:7])))
    return tuple(crumbs)


def _label(name: str) -> str:
    parts = name.split("-")
    if len(parts) == 1:
        return name
    return month_abbr[int(parts[1])] if len(parts) == 2 else str(int(parts[2]))
