"""The date facet as a histogram: years, a ticked year's months, a ticked month's days."""

from calendar import month_abbr, month_name, monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from searchsvc.api.links import Links
from searchsvc.model.periods import canonical
from searchsvc.model.results import Facet
from searchsvc.query.request import SearchRequest

HEIGHT = 72
SHARE_HEIGHT = 36
FEW = 20
"""Articles of a period below which a share of them says little."""
_MAX_YEARS = 200
"""Beyond as many, years without articles are not drawn."""
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


@dataclass(frozen=True, slots=True)
class Bar:
    """One period: its name, a label ("" between labels), hits, where ticking it leads, and its place in the drawing.

    `articles` are those of the whole archive in that period, and `share` hits per 1,000 of them, None where there are none.
    Heights are pixels: of the hits, of their share, and of the archive behind it.
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
        """Whether the archive has so few articles of the period that their share says little."""
        return 0 < self.articles < FEW


@dataclass(frozen=True, slots=True)
class Timeline:
    """The bars, the width of the drawing, and the way back up: names and addresses of the periods around."""

    unit: str
    bars: tuple[Bar, ...]
    width: int
    step: int
    crumbs: tuple[tuple[str, str], ...]

    @property
    def has_shares(self) -> bool:
        """Whether the hits are not simply the whole archive, of which every share would be the same."""
        return any(bar.count != bar.articles for bar in self.bars)

    @property
    def height(self) -> int:
        """Of the drawing without its labels."""
        return 128 if self.has_shares else 76


def timeline(facet: Facet, request: SearchRequest, links: Links, archive: Mapping[str, int]) -> Timeline | None:
    """The drawing of a date facet, with how many articles the archive has of each period; None where no hit has a date.

    It reaches as far as the archive does, or as the days asked for, so that years without hits are seen to have none.
    """
    counts = {value.value: value.count for value in facet.values}
    if not counts:
        return None
    unit, dates = facet.unit or "year", request.dates
    first, last = (day.isoformat() if day else "" for day in (request.start, request.end))
    within = {name for name in archive if name >= first[: len(name)] and (not last or name <= last[: len(name)])}
    periods = list(_periods(unit, sorted(counts.keys() | within)))
    step = 12 if unit == "day" else max(14, min(40, 480 // len(periods)))
    every = 1 if unit == "month" else -(-36 // step)
    shares = {name: 1_000 * counts.get(name, 0) / archive[name] for name in periods if archive.get(name)}
    telling = [share for name, share in shares.items() if archive[name] >= FEW] or list(shares.values())
    heights = _Heights(max(counts.values()), max(telling, default=0), max(archive.values(), default=0))
    bars = []
    for position, name in enumerate(periods):
        count, selected = counts.get(name, 0), name in dates
        bars.append(
            Bar(
                value=name,
                name=spelled_period(name),
                label=_label(name) if position % every == 0 else "",
                count=count,
                articles=archive.get(name, 0),
                share=shares.get(name),
                link=links.replacing("date", *_up(name, dates)) if selected else links.replacing("date", name),
                selected=selected,
                x=position * step,
                height=_height(count, heights.hits, HEIGHT),
                share_height=_height(shares.get(name, 0), heights.share, SHARE_HEIGHT),
                archive_height=_height(archive.get(name, 0), heights.archive, SHARE_HEIGHT),
            )
        )
    return Timeline(unit, tuple(bars), len(periods) * step, step, _crumbs(unit, periods[0], links))


class _Heights(NamedTuple):
    """The most of each that a period has: what is drawn highest."""

    hits: int
    share: float
    archive: int


def _height(number: float, most: float, room: int) -> int:
    """In pixels; whatever there is can be seen."""
    return min(room, max(2, round(number * room / most))) if number and most else 0


def spelled_period(name: str) -> str:
    """A period as people write it: 2022, December 2022, 23 December 2022."""
    year, *rest = name.split("-")
    month = f"{month_name[int(rest[0])]} " if rest else ""
    return f"{f'{int(rest[1])} ' if len(rest) > 1 else ''}{month}{year}"


def _periods(unit: str, names: list[str]) -> Iterator[str]:
    """All periods that belong into the drawing, also those without hits."""
    year, *rest = names[0].split("-")
    if unit == "year":
        first, last = int(names[0]), int(names[-1])
        yield from (f"{number:04d}" for number in range(first, last + 1)) if last - first < _MAX_YEARS else names
    elif unit == "month":
        yield from (f"{year}-{number:02d}" for number in range(1, 13))
    else:
        days = monthrange(int(year), int(rest[0]))[1]
        yield from (f"{year}-{rest[0]}-{number:02d}" for number in range(1, days + 1))


def _up(name: str, dates: tuple[str, ...]) -> tuple[str, ...]:
    """What stays ticked when a period is unticked: the other ticked ones, else the period around it."""
    others = tuple(value for value in dates if value != name)
    around = canonical(name.rpartition("-")[0])
    return others or ((around,) if around else ())


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
