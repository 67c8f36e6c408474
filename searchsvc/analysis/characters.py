"""The characters of words: which are letters, which are left out, and the plain form of each.

Readers do not type most marks: accents, stress, Hebrew and Arabic points, characters without width. They are left out and
never split a word. Vowel signs of other scripts and Indic viramas are part of the spelling, and count as letters.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from tantivy import TextAnalyzerBuilder, Tokenizer

from searchsvc.model.languages import DIRECTION_MARKS, UNSEEN, UNSPACED

_PLANES = ((0, 0xD800), (0xE000, 0x10000), (0x10000, 0x33480), (0xE0000, 0xE01F0))  # no surrogates, no unassigned planes
_MARKED_PLANES = (  # with marks and digits, without the largest scripts, so that a look at each character is quick
    *((0xAD, 0x3100), (0xA600, 0xAC00), (0xFB1E, 0x10000)),
    *((0x10000, 0x12000), (0x16000, 0x17000), (0x1BC00, 0x1BD00), (0x1CF00, 0x1FC00), (0xE0001, 0xE01F0)),
)
BASIC = 0x10000  # the first code point beyond the basic plane
_ALL = 0x110000
_ASCII = bytes(range(0x80))
_VIRAMA = 9  # the combining class of signs that join consonants

_INVISIBLE = f"{UNSEEN}{DIRECTION_MARKS}\u180e\u200b-\u200d\u2061-\u2065\u206a-\u206f\U000e0001-\U000e007f"
"""Format characters without width: soft hyphens, joiners, spaces, marks of direction and of byte order, tags."""
_SIGNS = "\u02b9-\u02bb\u02bd-\u02bf\u02c8\u02cc\u0640\ufc5e-\ufc63\ufcf2-\ufcf4\ufe70-\ufe7f"
"""Letters by Unicode that readers leave out: signs of transliteration and stress, tatweel, Arabic points by themselves."""
_NO_LETTER = re.compile(f"[{_INVISIBLE}{_SIGNS}]")
_POINTS = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0711\u0730-\u074a\u08ca-\u08ff"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufb1e\ufe20-\ufe2f]"
)
"""Combining, Hebrew, Arabic and Syriac marks. Some of them are alphabetic by Unicode."""
APOSTROPHE = "\u02bc"  # a letter by Unicode, but typed like any other apostrophe
_UNSPACED = re.compile(f"[{UNSPACED}]")
HALF_WIDTH_KANA = "\uff66-\uff9f"

_DECOMPOSED = re.compile(
    "[µ\u0370-\u03ff\u1f00-\u1fff\u0587\ufb13-\ufb17\ufb20-\ufb4f\u0620-\u06ff\ufb50-\ufdfb\ufe80-\ufefc]"
)
"""Greek, Arabic, and ligatures and other forms of Armenian, Hebrew and Arabic letters.

Tantivy folds Latin letters. Those of other scripts are letters of their own, such as the Russian й.
"""
_VARIANTS = {"Е": "ЁЀ", "е": "ёѐ", "И": "Ѝ", "и": "ѝ", "σ": "ς", "ا": "ٱ", "ي": "ىیے", "ك": "ک", "ه": "ةہەۃ"}
"""Letters and their variants. The Arabic ones are those of Lucene's normalizers for Arabic and Persian."""
_PLAIN = {variant: letter for letter, variants in _VARIANTS.items() for variant in variants}


class EncodedText(NamedTuple):
    """A text in UTF-8, and its characters beyond ASCII, usually a few quotation marks and dashes.

    Bytes are looked through several times as fast as characters.
    """

    text: bytes
    others: str


def encode(text: str) -> EncodedText:
    """Encode a text. Raise UnicodeEncodeError if it has lone surrogates."""
    encoded = text.encode()
    return EncodedText(encoded, "" if len(encoded) == len(text) else encoded.translate(None, _ASCII).decode())


class _Marks(NamedTuple):
    """The characters that are left out of words, the viramas, and the digits beyond ASCII."""

    left_out: tuple[str, ...]
    viramas: tuple[str, ...]
    digits: frozenset[str]


@cache
def marks(limit: int = _ALL) -> str:
    """Return the characters below `limit` that are left out of words, as the inside of a regex class."""
    return _class_of(_marks(limit).left_out)


@cache
def letters(kept: str = "(?s:.)+", limit: int = _ALL) -> str:
    """Return the letters and digits below `limit` that match the pattern `kept`, as the inside of a regex class."""
    pattern, spelled = re.compile(kept), re.compile(f"[^{marks(limit)}{APOSTROPHE}]+")
    runs = (part for run in (*_alphanumeric_runs(limit), *_marks(limit).viramas) for part in spelled.findall(run))
    return "".join(f"{part[0]}-{part[-1]}" for run in runs for part in pattern.findall(run))


@cache
def changing() -> re.Pattern[str]:
    """Return a pattern of runs of characters beyond ASCII whose plain form may be another."""
    blocks = (*_DECOMPOSED.findall("".join(map(chr, range(0x80, BASIC)))), *_PLAIN)
    folded = _class_of(sorted(char for char in blocks if PLAIN_FORMS[ord(char)] != char))
    unchanged = letters(f"[^{HALF_WIDTH_KANA}{folded}{_class_of(sorted(_marks(BASIC).digits))}]+", BASIC)
    return re.compile(f"[^\x00-\x7f{unchanged}]+")


class _PlainForms(dict[int, str]):
    """The plain forms of characters by code point: "" if they are left out, " " if they are outside words.

    Capital letters and Latin accents are kept.
    """

    def __missing__(self, point: int) -> str:
        self[point] = form = _plain_form(chr(point))
        return form


PLAIN_FORMS = _PlainForms()


def _plain_form(char: str) -> str:
    limit = BASIC if ord(char) < BASIC else _ALL  # the tables of the basic plane are made in a third of the time
    if _pattern(marks(limit)).match(char):
        return ""
    if not _pattern(letters(limit=limit)).match(char):
        return " "
    if char in _marks(limit).digits:
        return str(unicodedata.decimal(char))
    if _DECOMPOSED.match(char):
        parts = _pattern(marks(limit)).sub("", unicodedata.normalize("NFKD", char))
        plain = "".join(_PLAIN.get(part, part) for part in parts)
        return plain if plain.isalnum() else char  # not of the few ligatures of several words
    return _PLAIN.get(char, char)


@cache
def _pattern(inside: str) -> re.Pattern[str]:
    return re.compile(f"[{inside}]")


@cache
def _marks(limit: int) -> _Marks:
    planes = (range(first, min(end, limit)) for first, end in _MARKED_PLANES)
    chars = _UNSPACED.sub("", "".join(chr(point) for plane in planes for point in plane))
    category = unicodedata.category
    combining = [char for char in chars if category(char)[0] == "M"]
    alphabetic = {*"".join(_tokenize(" ".join(combining)))}
    others = [char for char in combining if char not in alphabetic]
    viramas = [char for char in others if unicodedata.combining(char) == _VIRAMA]
    left_out = {char for char in combining if _POINTS.match(char)}.union(others, filter(_NO_LETTER.match, chars))
    digits = frozenset(char for char in chars if category(char) == "Nd")
    return _Marks(tuple(sorted(left_out.difference(viramas))), tuple(viramas), digits)


def _class_of(chars: Iterable[str]) -> str:
    """Return the inside of a regex class with these characters, in which neighbours are one range."""
    ranges: list[str] = []
    last = ""
    for char in chars:
        if last and ord(char) == ord(last) + 1:
            ranges[-1] = f"{ranges[-1][0]}-{char}"
        else:
            ranges.append(char)
        last = char
    return "".join(ranges)


@cache
def _alphanumeric_runs(limit: int) -> tuple[str, ...]:
    """Return all characters below `limit` that are Alphabetic or Number for Tantivy, in runs, by tokenizing code points."""
    planes = (range(first, min(end, limit)) for first, end in _PLANES)
    return tuple(run for plane in planes if plane for run in _tokenize("".join(map(chr, plane))))


def _tokenize(text: str) -> list[str]:
    return TextAnalyzerBuilder(Tokenizer.simple()).build().analyze(text)
