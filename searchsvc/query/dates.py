"""The dates of the query language: `date:2022-12`, `before:2023`, `after:yesterday`."""

from datetime import date, timedelta

from searchsvc.model.periods import Period
from searchsvc.query.ast import DateRange

DATE_FIELDS = ("date", "before", "after")
_DAY = timedelta(days=1)
_NEVER = DateRange(date.max, date.min)


def parse_days(field: str, text: str, today: date) -> DateRange | None:
    """Return the days of `date:`, `before:` or `after:` with this text. Return None if the text is not a date."""
    if field == "date" and ".." in text:
        return _parse_range(text)
    days = Period.parse(text) or Period.parse_natural(text, today)
    if days is None:
        return None
    first, last = days
    match field:
        case "before":
            return DateRange(None, first - _DAY) if first > date.min else _NEVER
        case "after":
            return DateRange(last + _DAY, None) if last < date.max else _NEVER
        case _:
            return DateRange(first, last)


def _parse_range(text: str) -> DateRange | None:
    first, _, last = text.partition("..")
    start, end = Period.parse(first), Period.parse(last)
    wrong = (first and start is None) or (last and end is None) or not (first or last)
    return None if wrong else DateRange(start and start.first, end and end.last)
