"""How often searches find something over time, beside the articles that the archive has of each period."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import accumulate, pairwise
from time import perf_counter
from typing import TYPE_CHECKING, Literal, assert_never, get_args

from searchsvc.engines.protocol import Engine
from searchsvc.errors import UserError
from searchsvc.messages import Message
from searchsvc.model.periods import Period, Unit, days_of_week, latest_day, periods_between, week_of
from searchsvc.query.ast import DateRange, MatchAll, Or, conjunction
from searchsvc.query.request import SearchRequest
from searchsvc.search.question import Question

if TYPE_CHECKING:
    from searchsvc.search.searcher import Searcher

TrendUnit = Literal["year", "month", "week", "day"]
TREND_UNITS: tuple[TrendUnit, ...] = get_args(TrendUnit)
Per = Literal["archive", "filters"]
"""What shares are of: the articles of the archive, or those that the filters leave."""
PERS: tuple[Per, ...] = get_args(Per)
MAX_SEARCHES = 5
MAX_PERIODS = 10_000
_FEW, _JUMP = 50, 20
"""Articles are scattered if they are at most 1 in 50, and a year follows with 20 times as many as they are."""
_STRETCHING, _GAP = 10, 10
"""At most 1 in 10 are too, if the years without articles behind them are ten more than twice the rest of the years."""


@dataclass(frozen=True, slots=True)
class Trend:
    """One search over time. `counts` has the periods with hits. Hits are also dated outside the periods, or undated."""

    question: Question
    counts: Mapping[str, int]
    total: int
    earlier: int
    later: int

    @property
    def undated(self) -> int:
        return self.total - self.earlier - self.later - sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Trends:
    """Several searches over the same periods. `base` has the articles that shares are of."""

    unit: TrendUnit
    per: Per
    periods: tuple[str, ...]
    base: Trend
    trends: tuple[Trend, ...]
    took_ms: float


def trends(searcher: "Searcher", questions: Sequence[Question], unit: TrendUnit, per: Per = "archive") -> Trends:
    """Count the hits of searches by a unit of time, over the days that the first one is restricted to.

    Without a first day, periods begin with the bulk of the archive. Without a last one, they end today. Raise UserError if
    that makes too many periods.
    """
    begun = perf_counter()
    counted = "day" if unit == "week" else unit
    request = questions[0].request
    counts_base = _archive_counts if per == "archive" else _filtered_counts
    whole, articles = counts_base(searcher, request, counted)
    days = Period(date.min, date.max) if request.dates else span(searcher.periods(""), request)
    periods = _periods_of(days, whole, request, unit)
    found = tuple(_trend(each, *_counts(searcher.engine, each.request, counted), unit, periods) for each in questions)
    base = _trend(Question(), whole, articles, unit, periods)
    return Trends(unit, per, periods, base, found, (perf_counter() - begun) * 1000)


def period_counts(engine: Engine, request: SearchRequest) -> Mapping[str, int]:
    """Return the number of hits in each period of the date facet."""
    dates = engine.search(_counting(request)).facets().dates
    return {value.value: value.count for value in dates.values} if dates else {}


def span(years: Mapping[str, int], request: SearchRequest) -> Period:
    """Return the days that a chart shows: those that a request asks for, within the plausible ones of an archive."""
    start = request.start or _first_year(tuple(years.items()), request.today.year)
    end = request.today if request.start is None or request.start <= request.today else date.max
    return Period(start, request.end or end)


@lru_cache(maxsize=100)  # every chart of a generation asks for it
def _first_year(counts: tuple[tuple[str, int], ...], this_year: int) -> date:
    """Return the first day of the year with which the bulk of an archive begins.

    Articles before it are few and scattered: mostly their dates are wrong, and a chart that showed them would show little
    else. Archives that grow slowly have no such year.
    """
    years = dict(counts)
    names = sorted(name for name in years if years[name] and int(name) <= this_year)
    if not names:
        return date.min
    total, before = sum(years[name] for name in names), accumulate(years[name] for name in names)
    first = names[0]
    for few, (last, name) in zip(before, pairwise(names), strict=False):
        has_jump = few * _FEW <= total and years[name] >= few * _JUMP
        stretches = int(name) - int(last) > 2 * (int(names[-1]) - int(name) + 1) + _GAP
        if has_jump or (few * _STRETCHING <= total and stretches):
            first = name
    return date(int(first), 1, 1)


def _periods_of(days: Period, whole: Mapping[str, int], request: SearchRequest, unit: TrendUnit) -> tuple[str, ...]:
    """Return the periods within some days, from the first that the archive has articles of to the last."""
    kept = sorted(name for name in within(days, whole) if _is_selected(name, request.dates))
    if not kept:
        return ()
    _check_number(_number_between(kept[0], kept[-1], unit))
    names = periods_between(kept[0], kept[-1])
    return tuple(dict.fromkeys(week_of(date.fromisoformat(day)) for day in names) if unit == "week" else names)


def within(days: Period, names: Iterable[str]) -> set[str]:
    """Return the years, months or days that overlap some days."""
    first, last = (day.isoformat() for day in days)
    return {name for name in names if first[: len(name)] <= name <= last[: len(name)]}


def _is_selected(name: str, dates: Sequence[str]) -> bool:
    """Return whether a period overlaps the selected ones, if there are any."""
    return not dates or any(name.startswith(each) or each.startswith(name) for each in dates)


def _number_between(first: str, last: str, unit: TrendUnit) -> int:
    """Return the number of periods from one to another. To make them all would take seconds for a calendar of days."""
    (first_year, *first_rest), (last_year, *last_rest) = (map(int, name.split("-")) for name in (first, last))
    match unit:
        case "year":
            return last_year - first_year + 1
        case "month":
            return (last_year - first_year) * 12 + last_rest[0] - first_rest[0] + 1
        case "week" | "day":
            start, end = date(first_year, *first_rest), date(last_year, *last_rest)
            length = 7 if unit == "week" else 1
            first_number, last_number = (
                (day.toordinal() - 1) // length for day in (start, end)
            )  # the first day is a Monday
            return last_number - first_number + 1
        case _:
            assert_never(unit)


def _check_number(number: int) -> None:
    """Raise UserError if there are too many periods."""
    if number > MAX_PERIODS:
        counts = {"number": number, "limit": MAX_PERIODS}
        detail = Message(
            "there are %(number)s periods; the limit is %(limit)s: choose a longer unit, or fewer days", **counts
        )
        raise UserError(detail, param="unit")


def _archive_counts(searcher: "Searcher", request: SearchRequest, unit: Unit) -> tuple[Mapping[str, int], int]:
    """Return all articles by period, and their number, on the days that a request is restricted to.

    Shares would otherwise compare the hits of some days with the articles of a whole month or year.
    """
    if not (request.dates or request.start or request.end):
        return searcher.periods("", unit), searcher.info.articles
    asked = SearchRequest(dates=request.dates, start=request.start, end=request.end, today=request.today)
    return _counts(searcher.engine, asked, unit)


def _filtered_counts(searcher: "Searcher", request: SearchRequest, unit: Unit) -> tuple[Mapping[str, int], int]:
    """Return the articles by period that the filters of a request leave, whatever it searches for, and their number."""
    return _counts(searcher.engine, replace(request, tree=MatchAll()), unit)


def _counts(engine: Engine, request: SearchRequest, unit: Unit) -> tuple[Mapping[str, int], int]:
    """Return the hits by period, and their number. Unlike the date facet, this obeys the selected dates."""
    ranges = tuple(DateRange(*days) for each in request.dates if (days := Period.parse(each)))
    tree = request.tree if not ranges else conjunction((request.tree, Or(ranges) if len(ranges) > 1 else ranges[0]))
    page = engine.search(_counting(replace(request, tree=tree, dates=(), date_unit=unit)))
    dates = page.facets().dates
    return {value.value: value.count for value in dates.values} if dates else {}, page.total


def _counting(request: SearchRequest) -> SearchRequest:
    """Return a request for the date facet alone. Its hits are not looked at, so that their order is the cheapest."""
    return replace(request, sort="oldest", page=1, per_page=1, after=None, facets=(), date_facet=True)


def _trend(question: Question, counts: Mapping[str, int], total: int, unit: TrendUnit, periods: tuple[str, ...]) -> Trend:
    found = _by_week(counts) if unit == "week" else counts
    first, last = (periods[0], periods[-1]) if periods else ("", "")
    inside = {name: number for name, number in found.items() if first <= name <= last}
    earlier = sum(number for name, number in found.items() if name < first)
    later = sum(number for name, number in found.items() if name > last)
    return Trend(question, inside, total, earlier, later)


def _by_week(days: Mapping[str, int]) -> Mapping[str, int]:
    weeks: Counter[str] = Counter()
    for day, number in days.items():
        weeks[week_of(date.fromisoformat(day))] += number
    return weeks


def days_of(period: str) -> Period:
    """Return the days of a year, a month, a week or a day."""
    return (days_of_week(period) if "W" in period else Period.parse(period)) or Period(latest_day(), latest_day())
