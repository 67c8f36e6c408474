"""Words that some write in one piece and others in two: `e-mail`, `COVID-19`, `1,000`.

They are indexed in both ways, and looked for in both, so that each finds the other.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from searchsvc.model.languages import UNSPACED

_MAX_PREFIX = 2  # letters of a first part such as that of `e-mail` and `re-election`
_MAX_LENGTH = 40  # of both parts
_HYPHENS, _SEPARATORS = "-\u2010\u2011", ",.\u00a0\u202f"
_HYPHEN, _SEPARATOR = f"[{_HYPHENS}]", f"[{_SEPARATORS}]"
_LETTER = rf"[^\W_{UNSPACED}]"
_GROUPS = re.compile(rf"({_SEPARATOR})[0-9]{{3}}(?:\1[0-9]{{3}})*(?![0-9])")
_UNSPACED = re.compile(f"[{UNSPACED}]")
_THOUSANDS = re.compile("[0-9]{1,3}")


class JoinedWord(NamedTuple):
    """A word in two parts, [start, end) in characters of a text, and the same word in one piece."""

    start: int
    end: int
    word: str


def joined_words(text: str) -> Iterator[JoinedWord]:
    """Yield the words of a text that are also written in one piece, in order.

    One of two parts is a number or a prefix of one or two letters, or the parts are groups of three digits.
    """
    found = (joint.start() for char in _HYPHENS + _SEPARATORS if char in text for joint in _joint(char).finditer(text))
    for at in sorted(found):
        joints, pattern = (_HYPHENS, _parts()) if text[at] in _HYPHENS else (_SEPARATORS, _GROUPS)
        start, parts = _start_of_part(text, at), pattern.match(text, at)
        if parts is None or _has_part_before(text, start - 1, joints) or _has_marks(text, start - 1, parts.end()):
            continue
        if word := _joined(text[start:at], parts[0]):
            yield JoinedWord(start, parts.end(), word)


def distinct_joined_words(text: str) -> list[str]:
    """Return the joined words of a text, each once."""
    return list(dict.fromkeys(each.word for each in joined_words(text)))


def joined_word(text: str) -> str:
    """Return a word of two parts in one piece. Return "" if the text is not one such word."""
    found = None if text.isalnum() else next(joined_words(text), None)
    if found is None or any(map(str.isalnum, text[: found.start] + text[found.end :])):
        return ""
    return found.word


@cache  # to compile these patterns would make every command start later
def _joint(char: str) -> re.Pattern[str]:
    """Return a pattern of one character between parts: the regex engine finds one much faster than a class.

    In front of a hyphen are a few letters, or on either side of it are digits.
    """
    if char in _SEPARATORS:
        return re.compile(rf"{re.escape(char)}(?<=[0-9].)(?=[0-9]{{3}})")
    short = "|".join(f"(?<=(?<!{_LETTER}){_LETTER * letters}.)" for letters in range(1, _MAX_PREFIX + 1))
    return re.compile(rf"{re.escape(char)}(?:(?:(?<=[0-9].)|{short})(?={_LETTER})|(?<={_LETTER}.)(?=[0-9]))")


@cache
def _parts() -> re.Pattern[str]:
    return re.compile(rf"(?:{_HYPHEN}{_LETTER}+)+")


def _start_of_part(text: str, at: int) -> int:
    """Return the start of the letters that end at a place, as far back as a joined word may be long."""
    start, least = at, max(0, at - _MAX_LENGTH)
    while start > least and text[start - 1].isalnum() and not _UNSPACED.match(text, start - 1):
        start -= 1
    return start


def _joined(first: str, others: str) -> str:
    if others[0] in _SEPARATORS:
        return first + re.sub(_SEPARATOR, "", others) if _THOUSANDS.fullmatch(first) else ""
    second = others[1:]
    has_more = re.search(_HYPHEN, second) is not None
    is_usual = first.isdigit() != second.isdigit() or (len(first) <= _MAX_PREFIX and not first.isdigit())
    return first + second if is_usual and not has_more and len(first + second) < _MAX_LENGTH else ""


def _has_part_before(text: str, before: int, joints: str) -> bool:
    return before > 0 and text[before] in joints and text[before - 1].isalnum()


def _has_marks(text: str, before: int, behind: int) -> bool:
    """Return whether there is a mark in front of a word or behind it, which belongs to a letter."""
    return (before >= 0 and _is_mark(text[before])) or (behind < len(text) and _is_mark(text[behind]))


def _is_mark(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Mc", "Me", "Cf")
