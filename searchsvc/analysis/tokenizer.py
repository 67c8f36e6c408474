"""Text to words, with regular expressions that find them at their places in the text.

A word is a run of letters and digits, with marks that are left out of it. It goes on behind a hyphen at the end of a line.
Each Chinese, Japanese, Thai, Lao, Khmer or Burmese character is a word of its own, because these scripts put no spaces
between words.
"""

import re
import unicodedata
from functools import cache

from searchsvc.analysis.characters import (
    APOSTROPHE,
    BASIC,
    HALF_WIDTH_KANA,
    PLAIN_FORMS,
    EncodedText,
    changing,
    encode,
    letters,
    marks,
)
from searchsvc.analysis.joined_words import distinct_joined_words
from searchsvc.model.languages import UNSPACED
from searchsvc.query.parser import MAX_SLOP

MAX_WORD_BYTES = 200  # Words of this length or longer, usually encoded data, count as not there.
GAP = MAX_SLOP + 1  # positions between two readings of a text, which no sloppy phrase bridges
_MAX_BYTES = 8  # of the plain form of one character
_MANY = 50  # different characters from which on a text is translated as a whole
_SPACED = bytes(byte if byte >= 0x80 or chr(byte).isalnum() else 0x20 for byte in range(0x100))
_SPACED_ASCII = _SPACED[:0x80] + b" " * 0x80
_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")
_NOT_WORD = r"\W+"
_UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")
_HALF_WIDTH_KANA = re.compile(f"[{HALF_WIDTH_KANA}]+")
_HALF_WIDTH = frozenset(map(chr, range(0xFF66, 0xFFA0)))
_VOICING = re.compile("[\u3099\u309a]")  # a mark that no kana has combined with
_LINE_END = r"(?<![\s\d!-/:-@\[-`{-~])[-\u2010\u2e17]\n[ \t]*(?=[^\W\d_])"
_PARTED = re.compile(_LINE_END)
_HYPHEN_END = re.compile("-\n")  # which a pattern finds faster than `in`


def beyond_ascii(text: str) -> str:
    """Return the characters of a text that are not ASCII, usually a few quotation marks and dashes."""
    return encode(text).others


def has_odd_letters(text: str) -> bool:
    r"""Return whether words of this text, or of `beyond_ascii(text)`, may differ from runs of `\w` without `_`."""
    return _odd_letter_pattern().search(text) is not None


def has_parted_words(text: str) -> bool:
    """Return whether a line of the text ends with a hyphen within a word."""
    may_have_any = _HYPHEN_END.search(text) is not None or "\u2010" in text or "\u2e17" in text
    return may_have_any and _PARTED.search(text) is not None


def needs_token_pattern(text: str, others: str) -> bool:
    r"""Return whether the words of a text may differ from runs of `\w` without `_`. `others` is `beyond_ascii(text)`."""
    return has_odd_letters(others) or has_parted_words(text)


def readings(text: str) -> list[tuple[int, str]]:
    """Return the text, and again the lines that part words, with their offsets. There the parts are words.

    Whether a hyphen at the end of a line belongs to the word, nobody can tell: `infor-\\nmation`, `well-\\nknown`.
    """
    lines = _lines_of_parted_words(text) if has_parted_words(text) else []
    return [(0, text), *((start, text[start:end].replace("\n", " ")) for start, end in lines)]


def _lines_of_parted_words(text: str) -> list[tuple[int, int]]:
    """Return the start and end of the lines that share a parted word. Lines that follow one another so are one piece."""
    found: list[tuple[int, int]] = []
    for hyphen in _PARTED.finditer(text):
        goes_on = bool(found) and hyphen.start() < found[-1][1]
        start = found.pop()[0] if goes_on else text.rfind("\n", 0, hyphen.start()) + 1
        end = text.find("\n", hyphen.end())
        found.append((start, end if end >= 0 else len(text)))
    return found


def searchable(text: str) -> str:
    """Return the text as it is analyzed: its words in plain form between spaces, without those that are too long.

    Words that a line end parts are joined. Capital letters and Latin accents are left to the analyzer.
    """
    return _searchable(encode(_PARTED.sub("", text) if has_parted_words(text) else text))


def searchable_readings(text: str) -> list[str]:
    """Return each of the `readings` of a text, and its joined words, in the form of `searchable`."""
    encoded = encode(text)
    joined = map(searchable, distinct_joined_words(encoded))
    if has_parted_words(text):
        return [*(searchable(reading) for _, reading in readings(text)), *joined]
    return [_searchable(encoded), *joined]


def _searchable(text: EncodedText) -> str:
    """Return the words of a text in plain form, between spaces, without those that are too long."""
    encoded, others = text
    if all(PLAIN_FORMS[ord(char)] == " " for char in {*others}):
        words = encoded.translate(_SPACED_ASCII)
        return (_without_long_words(words) if _has_long_words(words) else words).decode()
    plain = _replace(encoded.translate(_SPACED).decode(), {*"".join(changing().findall(others))})
    plain = _UNSPACED_CHARACTER.sub(r" \g<0> ", plain) if _UNSPACED_CHARACTER.search(others) else plain
    words = plain.encode()
    return _without_long_words(words).decode() if _has_long_words(words) else plain


def _without_long_words(words: bytes) -> bytes:
    return b" ".join(word for word in words.split() if len(word) < MAX_WORD_BYTES)


def _replace(words: str, found: set[str]) -> str:
    """Return the words with the characters that were found in plain form."""
    if not found.isdisjoint(_HALF_WIDTH):
        words = _HALF_WIDTH_KANA.sub(_full_width, words)
    if len(found) > _MANY:
        return words.translate(PLAIN_FORMS)
    for char in found:
        words = words.replace(char, PLAIN_FORMS[ord(char)])
    return words


def _full_width(kana: re.Match[str]) -> str:
    return _VOICING.sub(" ", unicodedata.normalize("NFKC", kana[0]))


def _has_long_words(words: bytes) -> bool:
    """Return whether a word is too long. Nearly no text has one, so few of its spaces are looked at."""
    begin, last = 0, len(words) - MAX_WORD_BYTES
    while begin <= last:
        space = words.rfind(b" ", begin, begin + MAX_WORD_BYTES)
        if space < 0:
            return True
        begin = space + 1
    return False


def is_too_long(word: str) -> bool:
    """Return whether a word counts as not there, because its plain form is too long."""
    return len(word) * _MAX_BYTES >= MAX_WORD_BYTES and not searchable(word).strip()


def token_pattern(text: str) -> re.Pattern[str]:
    """Return a pattern that matches the words of this text."""
    return _token_pattern(0x110000 if _BEYOND_BMP.search(text) else BASIC)


@cache
def _odd_letter_pattern() -> re.Pattern[str]:
    # Vowel signs, characters that are left out or unspaced and, because their classes are slow, all beyond the basic plane.
    return re.compile(f"[{letters(_NOT_WORD, BASIC)}{marks(BASIC)}{APOSTROPHE}{UNSPACED}\U00010000-\U0010ffff]")


@cache
def _token_pattern(limit: int) -> re.Pattern[str]:
    """Return the pattern for texts whose code points are below `limit`. Classes beyond the first 65,536 are slow."""
    kana = "[\uff66-\uff9d][\uff9e\uff9f]?"
    unspaced = letters(f"(?:(?![{HALF_WIDTH_KANA}])[{UNSPACED}])+", limit)
    first = letters(f"[^{UNSPACED}]+", limit)
    further = f"[{first}{marks(limit)}]"
    return re.compile(f"[{first}]{further}*(?:{_LINE_END}{further}+)*|[{unspaced}]|{kana}")
