"""Publication dates as publishers write them: the calendar day, and the instant if time and zone are known."""

import datetime as dt
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from searchsvc.corpus.metadata.written_dates import MAX_DAYS_AHEAD, MAX_TEXT, NumericDate, find_numeric, parse_written

EARLIEST_YEAR = 1000  # earlier years are placeholders for unknown dates, such as 0001-01-01
_MAX_SECONDS = 10**11  # larger numbers are milliseconds or less: as seconds, they would be after the year 5138
_NEVER = range(253_402_214_400, 253_402_300_800)  # 9999-12-31, which as milliseconds would be in 1978
_MIN_SECONDS = 10**7  # smaller numbers are years or counts
_MAX_NUMBER = 10**20  # nanoseconds of this millennium have 19 digits
_MAX_DEPTH, _MAX_ITEMS = 8, 100  # of a value that contains dates
_DATE_NUMBER = re.compile(r"((?:19|20)\d{6}(?:\d{4}|\d{6})?)(?:\.0)?")  # as seconds, 20210305 would be in 1970
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?![\d])", re.ASCII)
_EPOCH = re.compile(r"(-?\d{9,19}(?:\.\d*)?|\d\.\d{5,}[eE]\+?\d\d?)|/Date\((-?\d{9,19})(?:[+-]\d{4})?\)/", re.ASCII)
_DAY_IN_PATH = re.compile(
    r"(?<!\d)((?:1[6-9]|20)\d\d)([-_./])(\d\d)\2(\d\d)(?!\d)|/((?:1[6-9]|20)\d\d)(\d\d)(\d\d)(?:\d{4}|\d{6})?(?!\d)",
    re.ASCII,
)
_DATE_KEY = re.compile("date|time|value|text|iso|seconds|long", re.IGNORECASE)


class PublicationDate(NamedTuple):
    """A calendar day, and the instant if a time was given. A time without a zone counts as UTC."""

    date: dt.date
    published: dt.datetime | None = None


def parse_date(value: object, *, day_first: bool = False) -> PublicationDate | None:
    """Parse a date from text, from seconds or milliseconds since 1970, or from a list or an object with one of these.

    `day_first` says how to read a date in numbers that can be read in two ways. Return None if the value is not a date.
    """
    dates = (_parse_scalar(scalar, day_first) for scalar in _iter_scalars(value))
    latest = dt.date.today() + dt.timedelta(MAX_DAYS_AHEAD)
    earliest = dt.date(EARLIEST_YEAR, 1, 1)
    return next((date for date in dates if date is not None and earliest <= date.date <= latest), None)


def day_in_path(path: str) -> PublicationDate | None:
    """Return the day that the path of a file names, such as `_posts/2021-03-05-tea.md`. Return None if it names none.

    The last one counts, so that of a file precedes that of its folder.
    """
    days = [parse_date("-".join(filter(str.isdigit, match.groups("")))) for match in _DAY_IN_PATH.finditer(f"/{path}")]
    return next(filter(None, reversed(days)), None)


def numeric_date(value: object) -> NumericDate | None:
    """Return the first date in numbers that a value contains, or None if it contains none."""
    return next(filter(None, (find_numeric(text) for text in _iter_scalars(value) if isinstance(text, str))), None)


def _iter_scalars(value: Any, depth: int = 0) -> Iterator[Any]:
    """Yield what a value contains that can be a date, of an object first what is named as such."""
    if isinstance(value, PublicationDate) or not isinstance(value, dict | list | tuple):
        yield value
    elif depth < _MAX_DEPTH and (day := _day_of_numbers(value)):
        yield day
    elif depth < _MAX_DEPTH:
        items = [value[key] for key in sorted(value, key=_rank)] if isinstance(value, dict) else value
        for item in items[:_MAX_ITEMS]:
            yield from _iter_scalars(item, depth + 1)


def _rank(key: object) -> bool:
    return _DATE_KEY.search(str(key)) is None


def _day_of_numbers(value: dict[Any, Any] | list[Any] | tuple[Any, ...]) -> str:
    """Return the day of `{"year": 2021, "month": 3, "day": 5}`, or of `[2021, 3, 5]`, as Crossref and Java write it."""
    parts = [value.get(key) for key in ("year", "month", "day")] if isinstance(value, dict) else value[:3]
    match parts:
        case [int(year), int(month), int(day)] if EARLIEST_YEAR <= year <= 9999:
            return f"{year}-{month:02}-{day:02}"
    return ""


def _parse_scalar(value: object, day_first: bool) -> PublicationDate | None:
    if isinstance(value, PublicationDate):
        return value
    if isinstance(value, int | float):
        return _parse_number(value)
    text = str(value).strip()
    return _parse_text(text, day_first) if 4 < len(text) <= MAX_TEXT else None


@lru_cache(maxsize=4096)
def _parse_text(text: str, day_first: bool) -> PublicationDate | None:
    try:
        if _ISO_DAY.match(text) and (iso := _parse_iso(text)) is not None:
            return iso
        found = parse_written(text, day_first=day_first)
    except ValueError:
        found = None
    if found is None:
        epoch = _EPOCH.fullmatch(text)
        return _parse_epoch(float(epoch[1] or epoch[2])) if epoch is not None else None
    day, time = found
    return PublicationDate(day, dt.datetime.combine(day, time) if time is not None else None)


def _parse_iso(text: str) -> PublicationDate | None:
    """Return an ISO 8601 date and time. Return None if something else follows the day."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    if ":" not in text and "T" not in text[10:11]:
        return PublicationDate(moment.date())
    return PublicationDate(moment.date(), moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC))


def _parse_number(number: float) -> PublicationDate | None:
    """Return the date whose digits a number has, such as 20210305, or else the moment of so many seconds since 1970."""
    written = _DATE_NUMBER.fullmatch(str(number)) if 0 < number < _MAX_NUMBER else None
    return (_parse_text(written[1], False) if written is not None else None) or _parse_epoch(number)


def _parse_epoch(number: float) -> PublicationDate | None:
    if not _MIN_SECONDS <= abs(number) <= _MAX_NUMBER:
        return None
    while abs(number) > _MAX_SECONDS:
        if int(number) in _NEVER:
            return None
        number /= 1000
    try:
        moment = dt.datetime.fromtimestamp(number, dt.UTC)
    except ValueError:
        return None  # it is before the year 1
    return PublicationDate(moment.date(), moment)
