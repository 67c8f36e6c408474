"""Publication dates as publishers write them: the calendar day, and the instant if time and zone are known."""

import datetime as dt
import re
import warnings
from functools import lru_cache
from typing import NamedTuple

EARLIEST_YEAR = 1000  # earlier years are placeholders for unknown dates, such as 0001-01-01
_MAX_SECONDS = 10**11  # larger numbers are milliseconds: as seconds, they would be after the year 5138
_MIN_SECONDS = 10**7  # smaller numbers are years or counts
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?![\d])", re.ASCII)
_HAS_YEAR = re.compile(r"\d{4}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2}(?!\d)|['’]\d{2}(?!\d)")
_HAS_DAY = re.compile(r"\d{8}|(?:\d+\D+){2}\d+|\d[^\d]*[A-Za-z]{3}|[A-Za-z]{3,}\D*\d", re.ASCII)
_ZONE_HOURS = {
    **{"UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7},
    **{"CET": 1, "CEST": 2, "BST": 1, "IST": 5.5, "JST": 9},
}
_ZONES = {name: int(hours * 3600) for name, hours in _ZONE_HOURS.items()}


class PublicationDate(NamedTuple):
    """A calendar day, and the instant if a time was given. A time without a zone counts as UTC."""

    date: dt.date
    published: dt.datetime | None = None


def parse_date(value: object) -> PublicationDate | None:
    """Parse a date from text, or from seconds or milliseconds since 1970. Return None if the value is not a date."""
    if isinstance(value, PublicationDate):
        return value
    if isinstance(value, int | float):
        return _parse_epoch(value)
    text = str(value).strip()
    return _parse_text(text) if 4 < len(text) <= 100 else None


@lru_cache(maxsize=4096)
def _parse_text(text: str) -> PublicationDate | None:
    try:
        if _ISO_DAY.match(text):
            moment = _parse_iso(text)
        elif _HAS_YEAR.search(text) and _HAS_DAY.search(text):
            moment = _parse_free_form(text)
        else:
            return None
    except (ValueError, OverflowError):
        return None
    if moment.year < EARLIEST_YEAR:
        return None
    if ":" not in text and "T" not in text[10:11]:
        return PublicationDate(moment.date())
    return PublicationDate(moment.date(), moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC))


def _parse_iso(text: str) -> dt.datetime:
    """Parse an ISO 8601 date and time, or only the day if something else follows it."""
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return dt.datetime.fromisoformat(text[:10])


def _parse_free_form(text: str) -> dt.datetime:
    from dateutil import parser

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", parser.UnknownTimezoneWarning)  # the day is known, whatever the zone
        return parser.parse(text, default=dt.datetime(1, 1, 1), tzinfos=_ZONES)


def _parse_epoch(number: float) -> PublicationDate | None:
    seconds = number / 1000 if abs(number) > _MAX_SECONDS else number
    if abs(seconds) < _MIN_SECONDS:
        return None
    try:
        moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return PublicationDate(moment.date(), moment)
