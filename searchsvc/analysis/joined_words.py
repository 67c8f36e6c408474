"""Words that some write in one piece and others in two: `e-mail`, `COVID-19`, `1,000`.

They are indexed in both ways, and looked for in both, so that each finds the other.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from searchsvc.analysis.characters import EncodedText
from searchsvc.model.languages import UNSPACED

MAX_JOINED_WORDS = 10_000  # of a title or body: each takes a kilobyte while its article waits to be indexed
_MAX_PREFIX = 2  # letters of a first part such as that of `e-mail` and `re-election`
_MAX_LENGTH = 40  # of both parts
_HYPHENS, _SEPARATORS = "-\u2010\u2011", ",.\u00a0\u202f"
_HYPHEN, _SEPARATOR = f"[{_HYPHENS}]", f"[{_SEPARATORS}]"
_MAX_REMEMBERED, _REMEMBERED = 64, 20_000  # bytes of a part of a text whose joined words are remembered, and such parts
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
    ends = {_HYPHENS: 0, _SEPARATORS: 0}  # of the parts that were looked at last
    for at in sorted(found):
        joints, pattern = (_HYPHENS, _parts()) if text[at] in _HYPHENS else (_SEPARATORS, _GROUPS)
        if at < ends[joints] or (parts := pattern.match(text, at)) is None:
            continue  # There is another part in front of it, or none behind it.
        ends[joints] = parts.end()
        start = _start_of_part(text, at)
        if _has_part_before(text, start - 1, joints) or _has_marks(text, start - 1, parts.end()):
            continue
        if word := _joined(text[start:at], parts[0]):
            yield JoinedWord(start, parts.end(), word)


def distinct_joined_words(text: EncodedText) -> list[str]:
    """Return the joined words of a text, each once, up to `MAX_JOINED_WORDS`."""
    found: dict[str, None] = {}
    for part in _parts_with_joints(text):
        words = _joined_words_within(part) if len(part) <= _MAX_REMEMBERED else _joined_words_of(part)
        found.update(dict.fromkeys(words))
        if len(found) >= MAX_JOINED_WORDS:
            break
    return list(found)[:MAX_JOINED_WORDS]


def _parts_with_joints(encoded: EncodedText) -> Iterator[bytes]:
    """Yield the parts of a text, cut at spaces and line ends, that may have joined words."""
    text, others = encoded
    chars = [char for char in _HYPHENS + _SEPARATORS if char.isascii() or char in others]
    end = space = 0
    for at in sorted(joint.start() for char in chars for joint in _encoded_joint(char).finditer(text)):
        if at < end:
            continue
        begin = max(end, text.rfind(b" ", end, at) + 1, text.rfind(b"\n", end, at) + 1)
        if space < at:
            space = text.find(b" ", at)
            space = space if space >= 0 else len(text)
        end = text.find(b"\n", at, space)
        end = end if end >= 0 else space
        yield text[begin:end]


def _joined_words_of(part: bytes) -> list[str]:
    return [each.word for each in joined_words(part.decode())]


_joined_words_within = lru_cache(maxsize=_REMEMBERED)(_joined_words_of)  # most of an article have been seen before


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
def _encoded_joint(char: str) -> re.Pattern[bytes]:
    """Return a pattern that finds, in UTF-8, whatever that of `_joint` finds, and a few others."""
    joint = re.escape(char.encode())
    if char in _SEPARATORS:
        return re.compile(rb"%b(?<=[0-9]%b)(?=[0-9]{3})" % (joint, b"." * len(char.encode())))
    if not char.isascii():
        return re.compile(joint)
    letter = rb"[0-9A-Za-z\x80-\xff]"
    digit = rb"(?<=[0-9\x80-\xff].)|(?<=%b.)(?=[0-9\x80-\xff])" % letter
    short = rb"(?<=(?<![0-9A-Za-z])%b.)|(?<=(?<![0-9A-Za-z])%b{2}.)" % (letter, letter)
    return re.compile(rb"-(?=%b)(?:%b|%b)" % (letter, digit, short))


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
