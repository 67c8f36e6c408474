"""Names of months in about eighty languages, in the forms that dates have and abbreviated.

The table `month_names.txt` is made from the Unicode CLDR: see dev/month_names.py.
"""

import re
import unicodedata
from bisect import bisect_left
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

MIN_ABBREVIATION = 3
MAX_WORDS = 3  # of a name, such as `ม.ค.` or `Meán Fómhair`
MAX_LONGER = 50  # names that begin with an abbreviation: two suffice to tell that it is ambiguous
MIN_STEM, MAX_ENDING = 4, 4  # letters of a name that an inflected form keeps, and of the ending that it may have

_WORD = re.compile(r"[^\s\d.,:;/()\[\]·'’׳״|،-]+")
_ACCENT = re.compile("[\u0300-\u036f]")
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10, "XI": 11, "XII": 12}
_TUESDAY = "mar"  # in French, Spanish, Italian and Romanian, where the weekday precedes the date
_IN_HEBREW = "ב"  # “in”, which is written together with the name


class NamedMonth(NamedTuple):
    """A month that a text names: its number, where its name begins and ends, and whether the name is Thai."""

    number: int
    start: int
    end: int
    is_thai: bool


def find_month(text: str) -> NamedMonth | None:
    """Return the first month that a text names, or None if it names none.

    A name that is in the table precedes one that only resembles one.
    """
    words = [*_WORD.finditer(text)]
    exact = [
        month for index in range(len(words)) if (month := _named_at(text, words[index : index + MAX_WORDS])) is not None
    ]
    if len(exact) > 1 and _key(text[exact[0].start : exact[0].end]) == _TUESDAY:
        return exact[1]
    resembling = (_month(text, word, word, number) for word in words if (number := _resembling(_key(word[0]))) is not None)
    return exact[0] if exact else next(resembling, None)


def _named_at(text: str, words: list[re.Match[str]]) -> NamedMonth | None:
    """Return the month whose name begins with the first word. Return None if the table has none. The longest counts."""
    for last in reversed(words):
        written = text[words[0].start() : last.end()]
        if (number := _months().get(_key(written)) or _ROMAN.get(written)) is not None:
            return _month(text, words[0], last, number)
    return None


def _month(text: str, first: re.Match[str], last: re.Match[str], number: int) -> NamedMonth:
    return NamedMonth(number, first.start(), last.end(), "ก" <= text[first.start()] <= "๛")


@lru_cache(maxsize=1024)
def _resembling(name: str) -> int | None:
    """Return the month of which a word is an abbreviation or an inflected form. Return None if it could be several."""
    months, names = _months(), _sorted_names()
    if len(name) >= MIN_ABBREVIATION:
        position = bisect_left(names, name)
        longer = {months[each] for each in names[position : position + MAX_LONGER] if each.startswith(name)}
        if longer:
            return longer.pop() if len(longer) == 1 else None
    stems = (name[:length] for length in range(len(name) - 1, max(MIN_STEM, len(name) - MAX_ENDING) - 1, -1))
    own = months.get(name[1:]) if name.startswith(_IN_HEBREW) else None
    return own or next(filter(None, map(months.get, stems)), None)


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    """Return the words of a name in lower case and without accents."""
    folded = " ".join(_WORD.findall(name.casefold())).replace("ı", "i")
    return (
        folded if folded.isascii() else unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFD", folded)))
    )


@cache
def _sorted_names() -> list[str]:
    return sorted(_months())


@cache
def _months() -> dict[str, int]:
    """Return the number of the month of each name in the table."""
    months: dict[str, int] = {}
    table = files(__package__).joinpath("month_names.txt").read_text(encoding="utf-8")
    for line in table.splitlines():
        for number, names in enumerate(line.partition(": ")[2].split("; "), start=1):
            for name in names.split(" | "):
                months.setdefault(_key(name), number)  # the first language wins
    return months
