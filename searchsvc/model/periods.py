"""Calendar periods as text: `2022`, `2022-12` or `2022-12-23`, in filters, facets and the query language alike."""

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import Literal

Unit = Literal["year", "month", "day"]
Period = tuple[date, date]
"""First and last day, both included."""

_PERIOD = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)


def period(text: str) -> Period | None:
    """The days that a year, a month or a day spans; None where the text is none of these, or no day of the calendar."""
    match = _PERIOD.fullmatch(text)
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        return (
            date(year or 0, month or 1, day or 1),
            date(year or 0, month or 12, day or monthrange(year or 0, month or 12)[1]),
        )
    except ValueError:
        return None


def unit_of(text: str) -> Unit:
    """What a well-formed period is: a year, a month or a day."""
    return ("year", "month", "day")[text.count("-")]


def canonical(text: str) -> str | None:
    """The period with all its digits (`2022-1` is `2022-01`); None where it is none."""
    days = period(text)
    if days is None:
        return None
    return days[0].isoformat()[: (4, 7, 10)[text.count("-")]]


def natural_period(text: str, today: date) -> Period | None:
    """The days that `yesterday`, `last month`, `last 7 days` and the like span; None for what is none of them.

    Weeks begin on Monday; `last N days` end with today.
    """
    words = " ".join(text.casefold().split())
    if words in ("today", "yesterday"):
        day = today - timedelta(days=words == "yesterday")
        return day, day
    if found := re.fullmatch(r"last (\d{1,4}) days", words):
        return today - timedelta(days=max(0, int(found[1]) - 1)), today
    which, _, unit = words.partition(" ")
    if which not in ("this", "last") or unit not in ("week", "month", "year"):
        return None
    first, last = _around(today, unit)
    return (first, last) if which == "this" else _around(first - timedelta(days=1), unit)


def _around(day: date, unit: str) -> Period:
    """The week, month or year that a day is in."""
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    text = f"{day.year:04d}" if unit == "year" else f"{day.year:04d}-{day.month:02d}"
    return period(text) or (day, day)


def facet_scope(dates: tuple[str, ...]) -> str:
    """The year or month whose parts the date facet shows: the one that all ticked values share; "" for all years."""
    scope = ""
    for parts in zip(*(value.split("-")[:2] for value in dates), strict=False):
        if len(set(parts)) > 1:
            break
        scope = f"{scope}-{parts[0]}" if scope else parts[0]
    return scope


def facet_unit(scope: str) -> Unit:
    """What the date facet shows within a scope: all years, the months of a year, or the days of a month."""
    return "day" if "-" in scope else "month" if scope else "year"
