"""Dates as publishers write them: the day as it stands there, and the instant where the time and its zone are known."""

import datetime as dt
import re
import warnings
from functools import lru_cache
from typing import NamedTuple

from dateutil import parser

EARLIEST_YEAR = 1000
"""Years before it are markers for "unknown" (0001-01-01), not dates of articles."""

_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?![\d])", re.ASCII)
_HAS_YEAR = re.compile(r"\d{4}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2}(?!\d)|['’]\d{2}(?!\d)")
_HAS_DAY = re.compile(r"\d{8}|(?:\d+\D+){2}\d+|\d[^\d]*[A-Za-z]{3}|[A-Za-z]{3,}\D*\d", re.ASCII)
_ZONES = {
    name: int(hours * 3600)
    for name, hours in {
        **{"UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7},
        **{"CET": 1, "CEST": 2, "BST": 1, "IST": 5.5, "JST": 9},
    }.items()
}


class PublicationDate(NamedTuple):
    """A day, and the instant if there was a time; a time without a zone counts as UTC."""

    date: dt.date
    published: dt.datetime | None = None


def parse_date(value: object) -> PublicationDate | None:
    """The date of a value found in a file: text, a date, or seconds (or milliseconds) since 1970. None where it is none.

    What a reader has found out itself stays as it is.
    """
    if isinstance(value, PublicationDate):
        return value
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _from_epoch(value)
    text = str(value).strip()
    return _parse_text(text) if 4 < len(text) <= 100 else None


@lru_cache(maxsize=4096)
def _parse_text(text: str) -> PublicationDate | None:
    try:
        if _ISO_DAY.match(text):
            moment = _iso(text)
        elif _HAS_YEAR.search(text) and _HAS_DAY.search(text):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", parser.UnknownTimezoneWarning)  # the day stands, whatever the zone
                moment = parser.parse(text, default=dt.datetime(1, 1, 1), tzinfos=_ZONES)
        else:
            return None
    except (ValueError, OverflowError, parser.ParserError):
        return None
    if moment.year < EARLIEST_YEAR:
        return None
    has_time = ":" in text or "T" in text[10:11]
    return PublicationDate(moment.date(), _instant(moment) if has_time else None)


def _iso(text: str) -> dt.datetime:
    """ISO 8601; where what follows the day is something else, the day alone."""
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        day = dt.date.fromisoformat(text[:10])
        return dt.datetime(day.year, day.month, day.day)


def _instant(moment: dt.datetime) -> dt.datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)


def _from_epoch(number: float) -> PublicationDate | None:
    """Seconds, or milliseconds where seconds would lie beyond the year 5138; small numbers are years or counts."""
    seconds = number / 1000 if abs(number) > 10**11 else number
    if abs(seconds) < 10**7:
        return None
    try:
        moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return PublicationDate(moment.date(), moment)
