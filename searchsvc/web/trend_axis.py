"""The axis of trends: their unit, and the labels of years, months, weeks and days over any span."""

from collections.abc import Mapping
from datetime import date

from searchsvc.model.periods import Period
from searchsvc.query.request import SearchRequest
from searchsvc.search.searcher import Searcher
from searchsvc.search.trends import TrendUnit, days_of, span
from searchsvc.web.dates import day_and_month, period_label

_MAX_DAYS, _MAX_MONTHS = 62, 120
"""What is shown by day, or by month, if nobody chooses a unit."""
_MONTH = 30  # numbers of a month, of which its days have one each
_MULTIPLES = (1, 2, 5, 10, 20, 50, 100, 200, 500)
STEPS: Mapping[TrendUnit, tuple[int, ...]] = {
    "year": (*_MULTIPLES, 1_000, 2_000, 5_000),
    "month": (1, 2, 3, 6, *(12 * each for each in _MULTIPLES)),
    "week": (1, 2, 4, 13, 26, *(52 * each for each in _MULTIPLES)),
    "day": (1, 2, 5, 10, 15, 30, 60, 90, 180, *(12 * _MONTH * each for each in _MULTIPLES)),
}
"""Every how many periods have a label."""


def default_unit(searcher: Searcher, request: SearchRequest) -> TrendUnit:
    """Return the unit that suits the days of a request: days of two months, months of ten years, or years."""
    years = searcher.periods("")
    if not years:
        return "year"
    selected = [period for each in request.dates if (period := Period.parse(each))]
    days = span(years, request)
    first = min((each.first for each in selected), default=days.first)
    last = max((each.last for each in selected), default=min(days.last, request.today, date(int(max(years)), 12, 31)))
    if (last - first).days < _MAX_DAYS:
        return "day"
    return "month" if (last.year - first.year) * 12 + last.month - first.month < _MAX_MONTHS else "year"


def number_of(name: str) -> int:
    """Return the number by which labels are thinned. Multiples of longer units are those with which these begin."""
    if "W" in name:
        year, week = name.split("-W")
        return int(year) * 52 + min(int(week), 52) - 1  # the last of 53 weeks has the number of the one before
    year, *rest = name.split("-")
    if not rest:
        return int(year)
    month = int(year) * 12 + int(rest[0]) - 1
    return month if len(rest) == 1 else month * _MONTH + min(int(rest[1]), _MONTH) - 1


def label(name: str) -> str:
    """Return the text below a period. The first one of a year has the name of the year, and so has that of a month."""
    year, *rest = name.split("-")
    if not rest or all(each in ("01", "W01") for each in rest):
        return year
    if "W" in name:
        return day_and_month(days_of(name).first)
    return period_label(name[:7] if rest[-1] == "01" else name)
