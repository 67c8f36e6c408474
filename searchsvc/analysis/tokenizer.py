"""Text to terms: the one definition of a word that indexing, searching and highlighting share.

A word is a run of letters and digits (Unicode's Alphabetic or Number, as Tantivy's tokenizer has it); each Chinese,
Japanese, Thai, Lao, Khmer or Burmese character is a word of its own, because these scripts put no spaces between words.
Terms have their accents folded and are in lower case; stems are cut by the Snowball stemmer of the archive's language.
"""

import re
from functools import cache

from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

from searchsvc.model.languages import UNSPACED

MAX_WORD_BYTES = 200
"""Runs of letters as long as this (encoded data, as a rule) are not indexed, nor are longer ones."""
_ASCII = bytes(range(0x80))
_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")
_NOT_WORD = r"\W+"
_UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")


def beyond_ascii(text: str) -> str:
    """The characters of a text that are not ASCII, as a rule a few quotation marks and dashes."""
    return "" if text.isascii() else text.encode().translate(None, _ASCII).decode()


def has_odd_letters(text: str) -> bool:
    r"""Whether tokens of this text differ from runs of Python's `\w` without the underscore.

    Its characters beyond ASCII are enough, and take less time.
    """
    return _odd_letter_pattern().search(text) is not None


def separate_cjk(text: str) -> str:
    """The text with spaces around characters that are words of their own, so that the tokenizer parts them."""
    if _UNSPACED_CHARACTER.search(beyond_ascii(text)) is None:
        return text
    return _UNSPACED_CHARACTER.sub(r" \g<0> ", text)


def token_pattern(text: str) -> re.Pattern[str]:
    """Matches each token of this text exactly as the tokenizer cuts it."""
    return _token_pattern(0x110000 if _BEYOND_BMP.search(text) else 0x10000)


@cache
def _odd_letter_pattern() -> re.Pattern[str]:
    r"""Matches what makes tokens of a text differ from runs of Python's `\w` (but for the underscore).

    That is: vowel signs, characters that are words of their own, and, to be quick, all beyond the basic plane.
    """
    return re.compile(f"[{_ranges(_NOT_WORD, 0x10000)}{UNSPACED}\U00010000-\U0010ffff]")


@cache
def _token_pattern(limit: int) -> re.Pattern[str]:
    """For texts whose code points are below the limit: beyond the first 65,536, regex classes are slow."""
    return re.compile(f"[{_ranges(f'[{UNSPACED}]+', limit)}]|[{_ranges(f'[^{UNSPACED}]+', limit)}]+")


def _ranges(kept: str, limit: int) -> str:
    """The inside of a regex class: the tokenizer's characters below a code point that this pattern matches."""
    pattern = re.compile(kept)
    runs = (run for run in _alphanumeric_runs() if ord(run[0]) < limit)
    return "".join(f"{part[0]}-{part[-1]}" for run in runs for part in pattern.findall(run))


@cache
def _alphanumeric_runs() -> tuple[str, ...]:
    """Every character that Tantivy's tokenizer keeps, in runs, asked of the tokenizer itself."""
    tokenizer = TextAnalyzerBuilder(Tokenizer.simple()).build()
    planes = ((0, 0xD800), (0xE000, 0x33480), (0xE0000, 0xE01F0))
    return tuple(run for first, end in planes for run in tokenizer.analyze("".join(map(chr, range(first, end)))))


def _folding() -> TextAnalyzerBuilder:
    tokens = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(MAX_WORD_BYTES))
    return tokens.filter(Filter.ascii_fold()).filter(Filter.lowercase())
