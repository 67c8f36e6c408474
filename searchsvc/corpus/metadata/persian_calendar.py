"""Dates of the Persian calendar, by which Iran and Afghanistan write them: 15 Esfand 1399 is 5 March 2021."""

import datetime as dt
import re

_MONTHS = "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند"
_NUMBERS = {name: number for number, name in enumerate(_MONTHS.split(), start=1)}
_YEARS = range(1250, 1500)  # of texts that may be meant: 1871 to 2120
_NAMED = re.compile(rf"(\d{{1,2}})\s*({'|'.join(_NUMBERS)})\s*(?:ماه)?\s*[،,]?\s*(\d{{4}})")
_NUMERIC = re.compile(r"(?<!\d)(\d{4})([/.-])(\d{1,2})\2(\d{1,2})(?!\d)")
_CYCLE = 33  # years, of which eight are leap years, each fourth one with the last after five
_NEW_YEAR_1400 = dt.date(2021, 3, 21).toordinal()


def find_persian_day(text: str, *, has_persian_digits: bool) -> dt.date | None:
    """Return the day that a text with ASCII digits gives in the Persian calendar, or None if it gives none.

    A day in numbers is one if its digits were Persian, which tells it from a Gregorian year of that time.
    """
    if (match := _NAMED.search(text)) is not None:
        return _gregorian(int(match[3]), _NUMBERS[match[2]], int(match[1]))
    match = _NUMERIC.search(text) if has_persian_digits else None
    return _gregorian(int(match[1]), int(match[3]), int(match[4])) if match is not None else None


def _gregorian(year: int, month: int, day: int) -> dt.date | None:
    """Return a day of the Persian calendar as a Gregorian one, or None if that calendar is not meant."""
    if year not in _YEARS or not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    days_of_years = (year - 1400) * 365 + _leap_days(year) - _leap_days(1400)
    days_of_months = (month - 1) * 31 - max(0, month - 7)
    return dt.date.fromordinal(_NEW_YEAR_1400 + days_of_years + days_of_months + day - 1)


def _leap_days(year: int) -> int:
    """Return how many leap days there are before a year, but for a constant."""
    cycles, years = divmod(year + 1595, _CYCLE)
    return cycles * 8 + (years + 3) // 4
