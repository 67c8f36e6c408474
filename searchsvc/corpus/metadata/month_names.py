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
MAX_LONGER = 50  # names that begin with an abbreviation: two suffice to tell that it is ambiguous
MIN_STEM, MAX_ENDING = 4, 4  # letters of a name that an inflected form keeps, and of the ending that it may have

_WORD = re.compile(r"[^\s\d.,:;/()\[\]·'’׳״|،-]+")
_ACCENT = re.compile("[\u0300-\u036f]")
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10, "XI": 11, "XII": 12}
_IN_HEBREW = "ב"  # “in”, which is written together with the name


class NamedMonth(NamedTuple):
    """A month that a text names: its number, where its name begins and ends, and whether the name is Thai."""

    number: int
    start: int
    end: int
    is_thai: bool


def find_month(text: str) -> NamedMonth | None:
    """Return the month that a text names, or None if it names none.

    A name that is in the table wins over one that only resembles one, then the longest, then the last: `mar.` is Tuesday
    in `mar. 5 janv. 2021`.
    """
    words = [*_WORD.finditer(text)]
    best: tuple[bool, int, int] | None = None
    found = None
    for index, word in enumerate(words):
        for last in words[index : index + 3]:
            written = text[word.start() : last.end()]
            name = _key(written)
            number = _months().get(name) or _ROMAN.get(written)
            rank = (number is not None, len(name), index)
            number = number or (_resembling(name) if last is word else None)
            if number is not None and (best is None or rank > best):
                best, found = rank, NamedMonth(number, word.start(), last.end(), "ก" <= name[0] <= "๛")
    return found


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
