"""Text to tokens, as Tantivy's `simple` tokenizer splits it, with regular expressions that agree with it.

A token is a run of letters and digits (Unicode's Alphabetic or Number). Each Chinese, Japanese, Thai, Lao, Khmer or Burmese
character is a token of its own, because these scripts put no spaces between words.
"""

import re
from functools import cache

from tantivy import TextAnalyzerBuilder, Tokenizer

from searchsvc.model.languages import UNSPACED

MAX_WORD_BYTES = 200  # Words of this length or longer, usually encoded data, count as not there.
_WINDOW = MAX_WORD_BYTES // 2  # such a word fills at least one of the windows of this size that a text consists of
_ASCII = bytes(range(0x80))
_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")
_NOT_WORD = r"\W+"
_UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")


def beyond_ascii(text: str) -> str:
    """Return the characters of a text that are not ASCII, usually a few quotation marks and dashes."""
    return "" if text.isascii() else text.encode().translate(None, _ASCII).decode()


def has_odd_letters(text: str) -> bool:
    r"""Return whether tokens of this text, or of `beyond_ascii(text)`, may differ from runs of `\w` without `_`."""
    return _odd_letter_pattern().search(text) is not None


def separate_cjk(text: str) -> str:
    """Return the text with spaces around each character of an unspaced script, so that the tokenizer splits them."""
    if _UNSPACED_CHARACTER.search(beyond_ascii(text)) is None:
        return text
    return _UNSPACED_CHARACTER.sub(r" \g<0> ", text)


def searchable(text: str) -> str:
    """Return the text as it is analyzed: characters of unspaced scripts separated, and without words that are too long."""
    text = separate_cjk(text)
    if not may_have_long_words(text):
        return text
    return token_pattern(text).sub(lambda token: " " if is_too_long(token[0]) else token[0], text)


def may_have_long_words(text: str) -> bool:
    """Return whether a text may have a word that is too long. Nearly no text has, and that is quick to find out."""
    encoded = text.encode()
    return not all(b" " in encoded[at : at + _WINDOW] for at in range(0, len(encoded) - _WINDOW + 1, _WINDOW))


def is_too_long(word: str) -> bool:
    """Return whether a word has as many bytes as words have that count as not there."""
    return len(word) * 4 >= MAX_WORD_BYTES and len(word.encode()) >= MAX_WORD_BYTES


def token_pattern(text: str) -> re.Pattern[str]:
    """Return a pattern that matches the tokens of this text exactly as the tokenizer splits them."""
    return _token_pattern(0x110000 if _BEYOND_BMP.search(text) else 0x10000)


@cache
def _odd_letter_pattern() -> re.Pattern[str]:
    # Vowel signs, characters of unspaced scripts and, because their classes are slow, all beyond the basic plane.
    return re.compile(f"[{_ranges(_NOT_WORD, 0x10000)}{UNSPACED}\U00010000-\U0010ffff]")


@cache
def _token_pattern(limit: int) -> re.Pattern[str]:
    """Return the pattern for texts whose code points are below `limit`. Classes beyond the first 65,536 are slow."""
    return re.compile(f"[{_ranges(f'[{UNSPACED}]+', limit)}]|[{_ranges(f'[^{UNSPACED}]+', limit)}]+")


def _ranges(kept: str, limit: int) -> str:
    """Return the tokenizer's characters below `limit` that match the pattern `kept`, as the inside of a regex class."""
    pattern = re.compile(kept)
    runs = (run for run in _alphanumeric_runs() if ord(run[0]) < limit)
    return "".join(f"{part[0]}-{part[-1]}" for run in runs for part in pattern.findall(run))


@cache
def _alphanumeric_runs() -> tuple[str, ...]:
    """Return all characters that Tantivy's tokenizer keeps, in runs, by tokenizing every code point."""
    tokenizer = TextAnalyzerBuilder(Tokenizer.simple()).build()
    planes = ((0, 0xD800), (0xE000, 0x33480), (0xE0000, 0xE01F0))
    return tuple(run for first, end in planes for run in tokenizer.analyze("".join(map(chr, range(first, end)))))
