"""Calendar periods as text: `2022`, `2022-12` or `2022-12-23`, in filters, facets and the query language alike."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from typing import Literal, NamedTuple

Unit = Literal["year", "month", "day"]
_PERIOD = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)


class Period(NamedTuple):
    """A span of days, both ends included."""

    first: date
    last: date

    @classmethod
    def parse(cls, text: str) -> "Period | None":
        """Return the days of a year, a month or a day. Return None for other text and for days that no calendar has."""
        match = _PERIOD.fullmatch(text)
        if match is None:
            return None
        year, month, day = (int(part) if part else None for part in match.groups())
        try:
            first = date(year or 0, 1 if month is None else month, 1 if day is None else day)
            last_month = 12 if month is None else month
            return cls(first, date(first.year, last_month, monthrange(first.year, last_month)[1] if day is None else day))
        except ValueError:
            return None

    @classmethod
    def parse_natural(cls, text: str, today: date) -> "Period | None":
        """Return the days of `yesterday`, `last month`, `last 7 days` and the like. Return None for other text."""
        words = " ".join(text.casefold().split())
        if words in ("today", "yesterday"):
            day = today - timedelta(days=words == "yesterday")
            return cls(day, day)
        if found := re.fullmatch(r"last (\d{1,4}) days", words):
            return cls(today - timedelta(days=max(0, int(found[1]) - 1)), today)
        which, _, unit = words.partition(" ")
        if which not in ("this", "last") or unit not in ("week", "month", "year"):
            return None
        current = cls._around(today, unit)
        return current if which == "this" else cls._around(current.first - timedelta(days=1), unit)

    @classmethod
    def _around(cls, day: date, unit: str) -> "Period":
        if unit == "week":  # from Monday on
            monday = day - timedelta(days=day.weekday())
            return cls(monday, monday + timedelta(days=6))
        return cls.parse(f"{day.year:04d}" if unit == "year" else f"{day.year:04d}-{day.month:02d}") or cls(day, day)


def latest_day() -> date:
    """Return the last day that has begun anywhere. Articles dated later are dated in the future, wherever they are from."""
    return (datetime.now(UTC) + timedelta(hours=14)).date()


def unit_of(text: str) -> Unit:
    """Return the unit of a well-formed period: year, month or day."""
    return ("year", "month", "day")[text.count("-")]


def canonical(text: str) -> str | None:
    """Return the period with all its digits (`2022-1` becomes `2022-01`), or None if the text is no period."""
    period = Period.parse(text)
    return None if period is None else truncate(period.first, unit_of(text))


def truncate(day: date, unit: Unit) -> str:
    """Return the year, month or day of a date as text."""
    return day.isoformat()[: {"year": 4, "month": 7, "day": 10}[unit]]


def periods_between(first: str, last: str) -> Iterator[str]:
    """Yield the years, months or days from the first to the last, which have the same unit."""
    unit, end = unit_of(first), last
    if unit == "year":
        yield from (f"{year:04d}" for year in range(int(first), int(last) + 1))
        return
    period = Period.parse(first)
    while period is not None and (name := truncate(period.first, unit)) <= end:
        yield name
        period = Period.parse(truncate(period.last + timedelta(days=1), unit)) if period.last < date.max else None


def week_of(day: date) -> str:
    """Return the week of a day by ISO 8601, such as 2022-W51."""
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def days_of_week(week: str) -> Period:
    """Return the days of a week by ISO 8601, from Monday on. The last week of the calendar ends with its last day."""
    monday = date.fromisoformat(week)
    return Period(monday, monday + timedelta(days=min(6, (date.max - monday).days)))


def facet_scope(dates: tuple[str, ...]) -> str:
    """Return the year or month that the date facet breaks down: the one that all selected periods share, or "" for none."""
    levels = zip(*(value.split("-")[:2] for value in dates), strict=False)
    return "-".join(parts[0] for parts in takewhile(lambda parts: len(set(parts)) == 1, levels))


def facet_unit(scope: str) -> Unit:
    """Return the unit that the date facet shows within a scope: years, the months of a year, or the days of a month."""
    return "day" if "-" in scope else "month" if scope else "year"


def day_number(day: date) -> int:
    """Return a day as the number that engines index: 20221223."""
    return day.year * 10_000 + day.month * 100 + day.day


def day_label(number: int, unit: Unit) -> str:
    """Return the text of a day number (20221223) or a month number (202212) as a day, a month or a year."""
    digits = f"{number:08d}" if unit == "day" else f"{number:06d}"
    return "-".join(filter(None, (digits[:4], digits[4:6] if unit != "year" else "", digits[6:])))
