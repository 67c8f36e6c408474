"""The date facet as a histogram: years, a ticked year's months, a ticked month's days."""

from calendar import month_abbr, month_name, monthrange
from collections.abc import Iterator
from dataclasses import dataclass

from searchsvc.address import Links
from searchsvc.days import canonical
from searchsvc.model import Facet

HEIGHT = 72
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
    """One period: its name, a label ("" between labels), hits, where ticking it leads, and its place in the drawing."""

    name: str
    label: str
    count: int
    link: str
    selected: bool
    x: int
    height: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """The bars, the width of the drawing, and the way back up: names and addresses of the periods around."""

    unit: str
    bars: tuple[Bar, ...]
    width: int
    crumbs: tuple[tuple[str, str], ...]


def timeline(facet: Facet, dates: tuple[str, ...], links: Links) -> Timeline | None:
    """The drawing of a date facet; None where no hit has a date."""
    counts = {value.value: value for value in facet.values}
    if not counts:
        return None
    periods = list(_periods(facet.unit or "year", sorted(counts)))
    step = 12 if facet.unit == "day" else max(14, min(40, 480 // len(periods)))
    most = max(value.count for value in facet.values) or 1
    every = -(-36 // step)
    bars = []
    for position, name in enumerate(periods):
        value = counts.get(name)
        count = value.count if value else 0
        selected = name in dates
        link = links.replacing("date", *_up(name, dates)) if selected else links.replacing("date", name)
        label = _label(name) if position % every == 0 or facet.unit == "month" else ""
        height = max(2, round(count * HEIGHT / most)) if count else 0
        bars.append(Bar(written(name), label, count, link, selected, position * step, height))
    return Timeline(
        facet.unit or "year", tuple(bars), len(periods) * step, _crumbs(facet.unit or "year", periods[0], links)
    )


def written(name: str) -> str:
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
        crumbs.append((written(first[:7]), links.replacing("date", first[:7])))
    return tuple(crumbs)


def _label(name: str) -> str:
    parts = name.split("-")
    if len(parts) == 1:
        return name
    return month_abbr[int(parts[1])] if len(parts) == 2 else str(int(parts[2]))
