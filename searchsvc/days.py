"""Calendar periods as text: `2022`, `2022-12` or `2022-12-23`, in filters, facets and the query language alike."""

import re
from calendar import monthrange
from datetime import date
from typing import Literal

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


def unit_of(text: str) -> Literal["year", "month", "day"]:
    """What a well-formed period is: a year, a month or a day."""
    return ("year", "month", "day")[text.count("-")]


def canonical(text: str) -> str | None:
    """The period with all its digits (`2022-1` is `2022-01`); None where it is none."""
    days = period(text)
    if days is None:
        return None
    return days[0].isoformat()[: (4, 7, 10)[text.count("-")]]
