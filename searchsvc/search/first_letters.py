"""The letter under which a value stands in an alphabetical list, in any script."""

from collections import Counter
from collections.abc import Iterable

DIGITS = "0-9"
"""The one entry for all values that begin with a digit."""
MAX_LETTERS = 60  # that are listed, those with the most values: Chinese has thousands
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_FIRST_SYLLABLE, _LAST_SYLLABLE, _PER_INITIAL = 0xAC00, 0xD7A3, 588


def first_letter(words: str) -> str:
    """Return the capital under which folded words stand, `0-9` for digits, or "" without any word.

    Korean syllables stand under their first consonant, as in dictionaries.
    """
    first = words[:2].strip()
    if not first:
        return ""
    if first.isdigit():
        return DIGITS
    if _FIRST_SYLLABLE <= ord(first) <= _LAST_SYLLABLE:
        return _INITIALS[(ord(first) - _FIRST_SYLLABLE) // _PER_INITIAL]
    capital = first.upper()
    return capital if len(capital) == 1 else first


def letters_of(values: Iterable[str]) -> tuple[str, ...]:
    """Return the first letters of folded values in order, of very many those with the most values."""
    counted = Counter(map(first_letter, values))
    del counted[""]
    return tuple(sorted(letter for letter, _ in counted.most_common(MAX_LETTERS)))
