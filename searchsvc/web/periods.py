"""The periods on the axis of a chart, and their labels."""

from calendar import monthrange
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from itertools import islice

from searchsvc.model.periods import Period, Unit, facet_scope, periods_between, unit_of
from searchsvc.query.request import SearchRequest
from searchsvc.search.trends import span, within
from searchsvc.web.dates import period_label

MAX_PERIODS = 200
"""In a longer span, periods without articles are not drawn. More months or days than these make no chart."""
_MAX_DAYS, _MAX_MONTHS = 62, 36
"""What a chart shows by day, or by month, because it has no more of these."""
STEPS: Mapping[Unit, tuple[int, ...]] = {
    "year": (1, 2, 5, 10, 20, 50, 100, 200),
    "month": (1, 2, 3, 6, 12, 24),
    "day": (1, 2, 5, 10, 15, 30),
}
"""Every how many periods have a label."""


def chart_unit(years: Mapping[str, int], request: SearchRequest) -> Unit | None:
    """Return the unit of the bars between two days, or None if that is left to the selected dates."""
    if request.dates or not years:
        return None
    days = span(years, request)
    last = min(days.last, max(request.today, days.first), date(int(max(years)), 12, 31))
    if last < days.first:  # the requested days come before those of the archive
        return None
    months = (last.year - days.first.year) * 12 + last.month - days.first.month + 1
    if (last - days.first).days < _MAX_DAYS:
        return "day"
    return "month" if months <= _MAX_MONTHS else None


def axis(
    unit: Unit, request: SearchRequest, years: Mapping[str, int], archive: Collection[str], hits: Collection[str]
) -> list[str]:
    """Return the periods to draw, including those without articles.

    They are those of the selected year or month. Without one, they span the plausible dates of the archive, and the hits if
    all of these lie outside. The requested days bound them.
    """
    if scope := facet_scope(request.dates):
        asked = Period(request.start or date.min, request.end or date.max)
        return sorted(within(asked, _periods_in(scope)) | set(hits))
    selected = {each for each in request.dates if unit_of(each) == unit}
    days = span(years, request)
    are_outside = hits and not selected and not within(days, hits)
    names = sorted(hits if are_outside else within(days, archive) | selected)
    if not names:
        return []
    filled = list(islice(periods_between(names[0], names[-1]), MAX_PERIODS + 1))
    if len(filled) <= MAX_PERIODS:
        return filled
    return names if unit == "year" or len(names) <= MAX_PERIODS else []


def _periods_in(scope: str) -> Iterator[str]:
    """Yield the months of a year, or the days of a month."""
    year, *month = map(int, scope.split("-"))
    last = monthrange(year, month[0])[1] if month else 12
    yield from (f"{scope}-{number:02d}" for number in range(1, last + 1))


def number_of(name: str) -> int:
    """Return the number by which labels are thinned. Those of days and months begin with the first of the month or year."""
    year, *rest = map(int, name.split("-"))
    return year if not rest else year * 12 + rest[0] - 1 if len(rest) == 1 else rest[1] - 1


def has_several_scopes(names: Collection[str]) -> bool:
    """Return whether periods lie in several of the next longer ones."""
    return len({name.rpartition("-")[0] for name in names}) > 1


def label(name: str, *, names_scope: bool) -> str:
    """Return the text below a period. With `names_scope`, it names the next longer period where that begins."""
    year, *rest = name.split("-")
    if not rest:
        return name
    is_first = rest[-1] == "01" and names_scope
    if len(rest) == 1:
        return year if is_first else period_label(name)
    return period_label(name[:7]) if is_first else period_label(name)
