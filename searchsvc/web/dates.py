"""Days, months and numbers as the language of the request writes them (CLDR). Pages have hundreds, so they are cached."""

import datetime as dt
from functools import lru_cache

from babel.dates import format_date, format_interval, format_skeleton
from babel.numbers import format_decimal
from flask_babel import gettext

from searchsvc.model.periods import days_of_week
from searchsvc.web.languages import page_language

_GROUPED = 1_000  # from which on languages write numbers differently: most numbers of a page are smaller
_ENGLISH_DAY = "d MMMM y"  # 23 December 2022, as most of the world writes English, not December 23, 2022
_ENGLISH = "en_GB"  # whose spans are 19–25 Dec 2022 for the same reason
_CACHED = 5_000  # of each kind, in all languages: Babel takes 10 to 50 µs for one


def format_day(day: dt.date | None) -> str:
    """Return a day as people write it, such as 23 December 2022, or "" for None."""
    return _day(day, page_language().locale) if day else ""


def format_number(number: float, decimals: int = 0) -> str:
    """Return a number with its thousands grouped, such as 1,234, with as many decimals."""
    if not decimals and type(number) is int and 0 <= number < _GROUPED:
        return str(number)
    return _number(number, decimals, page_language().locale)


def spelled_period(name: str) -> str:
    """Return a period as people write it: 2022, December 2022, week 51 of 2022 with its days, or 23 December 2022."""
    return _period(name, page_language().locale)


def period_label(name: str) -> str:
    """Return a period as briefly as the axis of a chart allows: 2022, Dec or 23, whose year and month stand elsewhere."""
    return _label(name, page_language().locale)


def day_and_month(day: dt.date) -> str:
    """Return a day without its year, briefly, such as 19 Dec."""
    return _day_and_month(day, page_language().locale)


@lru_cache(_CACHED)
def _day_and_month(day: dt.date, locale: str) -> str:
    return format_skeleton("MMMd", day, locale=_ENGLISH if locale == "en" else locale)


@lru_cache(_CACHED)
def _day(day: dt.date, locale: str) -> str:
    return format_date(day, _ENGLISH_DAY if locale == "en" else "long", locale)


@lru_cache(_CACHED)
def _number(number: float, decimals: int, locale: str) -> str:
    return format_decimal(number, f"#,##0.{'0' * decimals}" if decimals else None, locale)


@lru_cache(_CACHED)
def _period(name: str, locale: str) -> str:
    if "W" in name:
        return _week(name, locale)
    numbers = [int(part) for part in name.split("-")]
    if len(numbers) == 3:
        return _day(dt.date(*numbers), locale)
    first = dt.date(*numbers, *[1] * (3 - len(numbers)))
    return format_skeleton("yMMMM" if len(numbers) == 2 else "y", first, locale=locale)


def _week(name: str, locale: str) -> str:
    """Return a week by its number, as ISO 8601 counts them, and its days, from Monday to Sunday."""
    year, week = name.split("-W")
    days = format_interval(*days_of_week(name), "yMMMd", locale=_ENGLISH if locale == "en" else locale)
    return str(gettext("Week %(week)s of %(year)s (%(days)s)", week=str(int(week)), year=year, days=days))


@lru_cache(_CACHED)
def _label(name: str, locale: str) -> str:
    year, *rest = name.split("-")
    if not rest:
        return year
    if len(rest) == 2:
        return str(int(rest[1]))
    return format_date(dt.date(int(year), int(rest[0]), 1), "LLL", locale)
