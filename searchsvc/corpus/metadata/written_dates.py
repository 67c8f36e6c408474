"""Dates as people write them: numbers in any order and in any digits, and months by name."""

import datetime as dt
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from searchsvc.corpus.metadata.month_names import find_month
from searchsvc.corpus.metadata.persian_calendar import find_persian_day
from searchsvc.model.languages import DIRECTION_MARKS, UNSEEN

MAX_TEXT = 100  # characters of a date
MAX_DAYS_AHEAD = 731  # later days are markers, such as 9999-12-31 for “never”

_NUMERIC = re.compile(r"(?<![\d.,:])(\d{1,4})\s?([./-])\s?(\d{1,2})\s?\2\s?['’]?(\d{4}|\d{1,2})(?![\d:]|\.\d)")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:[T ]?(\d\d)(\d\d)(\d\d)?)?(?:\.\d+)?Z?")
_EAST_ASIAN = re.compile(r"(\d{1,4})\s?[年년]\s?(\d{1,2})\s?[月월](?:\s?(\d{1,2}))?")
_VIETNAMESE = re.compile(r"(\d{1,2})\s+(?:tháng|thg\.?)\s*(\d{1,2})\D{1,10}(\d{4})", re.IGNORECASE)
_ERA = re.compile(r"(令和|平成|昭和|大正|明治|民[國国])\s?(\d{1,3}|元)(?=\s?年)")
_ERA_BEGINS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867, "民國": 1911, "民国": 1911}
_PERSIAN_DIGIT = re.compile("[۰-۹]")
_CHINESE_NUMBER = re.compile("[〇○零一二三四五六七八九十]+(?=[年月日号號])")
_CHINESE_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_NUMBER = re.compile(r"(?<!\d)\d+")
_BEFORE_CHRIST = re.compile(r"-0001(?!\d)")  # how PHP writes the year of 0000-00-00
_INVISIBLE = re.compile(f"[{UNSEEN}{DIRECTION_MARKS}]")
_PUNCTUATION = str.maketrans("‐‑–−／．－：", "----/.-:")
_BUDDHIST = range(2400, 2700)  # years of the Thai calendar
_BUDDHIST_AHEAD = 543

_ZONE_HOURS = {
    **{"Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "CET": 1, "WEST": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3},
    **{"IST": 5.5, "HKT": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11},
    **{"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7},
}
_TIME = re.compile(
    rf"""
    (?<![\d.,/-])
    (?P<noon>午前|午後|上午|下午|오전|오후)?\s?
    (?P<hour>[01]?\d|2[0-3])
    (?: \s?[:hH.時时點点시]\s?(?P<minute>[0-5]\d)(?!\d)
        (?:\s?[:.분分]\s?(?P<second>[0-5]\d)(?:[.,](?P<fraction>\d{{1,9}}))?)?
      | (?=\s?[AaPp]\.?[Mm]\b) )
    (?:\s?(?P<half>[AaPp])\.?[Mm]\b)?
    (?:[\s(]{{0,2}}(?P<zone>(?:UTC|GMT)?(?P<offset>[+-]\d{{1,2}}(?::?\d\d)?)(?!\d)|(?:{"|".join(_ZONE_HOURS)})\b))?
    """,
    re.VERBOSE,
)


class NumericDate(NamedTuple):
    """Three numbers of a date, and the character between them. `is_foreign` says that the digits are not those of ASCII."""

    first: str
    second: str
    third: str
    separator: str
    is_foreign: bool

    @property
    def has_short_year(self) -> bool:
        return len(self.third) < 4

    @property
    def is_ambiguous(self) -> bool:
        """Whether nothing but custom decides if the day or the month stands first."""
        is_certain = self.separator == "." or self.is_foreign or self._begins_with_year or self.first == self.second
        return not is_certain and int(self.first) <= 12 and int(self.second) <= 12

    @property
    def is_day_first(self) -> bool | None:
        """Whether the day stands first, or None if the date is ambiguous, or none that tells how others are meant."""
        if self.separator == "." or self.is_foreign or self._begins_with_year or self.is_ambiguous:
            return None
        return int(self.first) > 12 if int(self.first) != int(self.second) else None

    def day(self, *, day_first: bool) -> dt.date:
        """Return the day. Raise ValueError if there is none."""
        first, second, third = int(self.first), int(self.second), int(self.third)
        if self._begins_with_year:
            return dt.date(full_year(self.first), second, third)
        if len(self.third) == 1:
            raise ValueError
        is_day_first = first > 12 or (second <= 12 and (day_first or self.separator == "." or self.is_foreign))
        day, month = (first, second) if is_day_first else (second, first)
        return dt.date(full_year(self.third), month, day)

    @property
    def _begins_with_year(self) -> bool:
        return len(self.first) > 2 or int(self.first) > 31


@lru_cache(maxsize=4096)
def find_numeric(text: str) -> NumericDate | None:
    """Return the date in numbers that a text contains, or None if it contains none."""
    match = _NUMERIC.search(_plain(text)) if len(text) <= MAX_TEXT else None
    return _numeric(match, text) if match is not None else None


def parse_written(text: str, *, day_first: bool) -> tuple[dt.date, dt.time | None] | None:
    """Return the day and the time of a text, or None if it is no date. A time without a zone is in UTC.

    Raise ValueError for a day that no calendar has.
    """
    plain = _plain(text)
    if _BEFORE_CHRIST.search(plain):
        return None
    persian = find_persian_day(plain, has_persian_digits=_PERSIAN_DIGIT.search(text) is not None)
    if persian is not None:
        return persian, None
    if (match := _NUMERIC.search(plain)) is not None:
        time, _ = _split_time(f"{plain[: match.start()]} {plain[match.end() :]}")
        return _numeric(match, text).day(day_first=day_first), time
    if (match := _COMPACT.fullmatch(plain)) is not None:
        year, month, day, hour, minute, second = (int(group or 0) for group in match.groups())
        return dt.date(year, month, day), dt.time(hour, minute, second, tzinfo=dt.UTC) if match[4] else None
    time, rest = _split_time(plain)
    named = _find_east_asian(rest) or _find_named(rest)
    return (named, time) if named is not None else None


def full_year(digits: str) -> int:
    """Return the year of two digits or four: of two, the last such year that can be that of an article."""
    year = int(digits)
    if year in _BUDDHIST:
        return year - _BUDDHIST_AHEAD
    if len(digits) > 2:
        return year
    latest = (dt.date.today() + dt.timedelta(MAX_DAYS_AHEAD)).year
    return latest - (latest - year) % 100


def _plain(text: str) -> str:
    """Return a text with ASCII digits and punctuation, and without marks of direction."""
    if text.isascii():
        return text
    digits = "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in text)
    return _INVISIBLE.sub("", digits.translate(_PUNCTUATION))


def _numeric(match: re.Match[str], text: str) -> NumericDate:
    is_foreign = any(each.isdecimal() and not (each.isascii() or "０" <= each <= "９") for each in text)
    return NumericDate(match[1], match[3], match[4], match[2], is_foreign)


def _split_time(text: str) -> tuple[dt.time | None, str]:
    """Return the time of day in a text, or None if there is none, and the text around it."""
    match = _TIME.search(text)
    if match is None:
        return None, text
    hour = int(match["hour"])
    is_afternoon = (match["half"] or "") in "Pp" if match["half"] else match["noon"] in ("午後", "下午", "오후")
    if match["half"] or match["noon"]:
        hour = hour % 12 + 12 * is_afternoon
    microsecond = int((match["fraction"] or "0").ljust(6, "0")[:6])
    time = dt.time(hour, int(match["minute"] or 0), int(match["second"] or 0), microsecond, _zone(match))
    return time, f"{text[: match.start()]} {text[match.end() :]}"


def _zone(match: re.Match[str]) -> dt.timezone:
    """Return the time zone of a time: as an offset, by name, or UTC if it is not known."""
    if not match["offset"]:
        return dt.timezone(dt.timedelta(hours=_ZONE_HOURS[match["zone"] or "UTC"]))
    sign, digits = match["offset"][0], match["offset"][1:].replace(":", "")
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    return dt.timezone(dt.timedelta(hours=hours, minutes=minutes) * (-1 if sign == "-" else 1))


def _find_east_asian(text: str) -> dt.date | None:
    """Return the day that a text gives in Chinese, Japanese, Korean or Vietnamese, or None if it gives none."""
    if (match := _VIETNAMESE.search(text)) is not None:
        return dt.date(int(match[3]), int(match[2]), int(match[1]))
    western = _ERA.sub(_western_year, _CHINESE_NUMBER.sub(_arabic_number, text))
    match = _EAST_ASIAN.search(western)
    return dt.date(full_year(match[1]), int(match[2]), int(match[3] or 1)) if match is not None else None


def _western_year(match: re.Match[str]) -> str:
    return str(_ERA_BEGINS[match[1]] + (1 if match[2] == "元" else int(match[2])))


def _arabic_number(match: re.Match[str]) -> str:
    """Return a number in Chinese characters, which is that of a day or month if it has a ten, in digits."""
    tens, ten, ones = match[0].partition("十")
    if not ten:
        return tens.translate(_CHINESE_DIGITS)
    return f"{tens.translate(_CHINESE_DIGITS) or '1'}{ones.translate(_CHINESE_DIGITS) or '0'}"


def _find_named(text: str) -> dt.date | None:
    """Return the day of a month that a text names, with the year. Return None if it does not give both."""
    month = find_month(text)
    if month is None:
        return None
    numbers = [number for number in _NUMBER.finditer(text) if len(number[0]) <= 4]
    year = _year_among(numbers)
    if year is None:
        return None
    days = [number for number in numbers if number is not year and len(number[0]) <= 2]
    nearest = min(days, key=lambda number: max(month.start - number.end(), number.start() - month.end), default=None)
    is_short_thai = month.is_thai and len(year[0]) == 2
    return dt.date(full_year(f"25{year[0]}" if is_short_thai else year[0]), month.number, int(nearest[0]) if nearest else 1)


def _year_among(numbers: list[re.Match[str]]) -> re.Match[str] | None:
    """Return the number that is the year: that of four digits, one that can be no day, or the second."""
    long = [number for number in numbers if len(number[0]) == 4]
    high = [number for number in numbers if int(number[0]) > 31]
    return next(iter(long or high or numbers[1:2]), None)
