"""Where in a text its words may stand whose beginning is known: what highlighting has to look at, of all its words."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from searchsvc.analysis.tokenizer import beyond_ascii, has_odd_letters, token_pattern

_LONG_HEAD = 2
"""Letters from which on a head is so rare that looking for each takes less time than looking at every word."""
_MANY_LETTERS = 50
"""Where there are more letters beyond ASCII, every word with one of them is not worth a look of its own."""

_WORD = re.compile(r"[^\W_]+")
_ASCII_WORD = re.compile(r"[^\W_]+", re.ASCII)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f\u2010-\u203a]")
"""But for quotation marks and dashes, which most texts have."""

Found = tuple[int, str]
"""Where a word begins, in characters, and the word."""


class TokenScanner:
    """Finds the words that begin with one of some heads, and those with letters beyond ASCII: folding may change these.

    A head has its accents folded and is in lower case; where one is empty, every word is found.
    """

    def __init__(self, heads: Iterable[str]) -> None:
        self._heads = frozenset(heads)
        self._rare = bool(self._heads) and all(len(head) >= _LONG_HEAD and head.isascii() for head in self._heads)
        self._firsts = _first_letters(self._heads) if "" not in self._heads else ""

    def within(self, text: str) -> Iterable[Found]:
        """The words in the order in which they stand."""
        if not self._heads:
            return ()
        others = beyond_ascii(text)
        if has_odd_letters(others):
            return _matches(token_pattern(text), text)
        letters = sum(map(str.isalnum, others))
        if self._rare and letters <= _MANY_LETTERS and len(lower := text.lower()) == len(text):
            found = self._heads_within(text, lower)
            if letters:
                found.update(_beyond_ascii_within(text))
            return sorted(found.items())
        pattern = _candidate_pattern(self._firsts, text.isascii()) if self._firsts else _WORD
        return _matches(pattern, text)

    def _heads_within(self, text: str, lower: str) -> dict[int, str]:
        word_at = _WORD.match
        found: dict[int, str] = {}
        for head in self._heads:
            start = lower.find(head)
            while start >= 0:
                if (not start or not text[start - 1].isalnum()) and (word := word_at(text, start)) is not None:
                    found[start] = word.group()
                start = lower.find(head, start + 1)
        return found


def every_word(text: str) -> set[str]:
    """The words of a text, each once."""
    others = beyond_ascii(text)
    if has_odd_letters(others):
        return set(token_pattern(text).findall(text))
    return set((_WORD if any(map(str.isalnum, others)) else _ASCII_WORD).findall(text))


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[Found]:
    return ((found.start(), found.group()) for found in pattern.finditer(text))


def _beyond_ascii_within(text: str) -> Iterator[Found]:
    """The words with a letter beyond ASCII."""
    end = 0
    for other in _BEYOND_ASCII.finditer(text):
        start = other.start()
        if start < end or not other.group().isalnum():
            continue
        while start and text[start - 1].isalnum():
            start -= 1
        if (word := _WORD.match(text, start)) is not None:
            end = word.end()
            yield start, word.group()


def _first_letters(heads: Iterable[str]) -> str:
    firsts = {head[0] for head in heads}
    return "".join(sorted({*map(str.lower, firsts), *map(str.upper, firsts)}))


@lru_cache(maxsize=1024)
def _candidate_pattern(firsts: str, ascii_only: bool) -> re.Pattern[str]:
    """Words that begin with one of these letters, or beyond ASCII.

    The class in front lets the regex engine skip from candidate to candidate; classes of ASCII compile quickly.
    """
    others = re.escape("".join(char for char in map(chr, range(0x80)) if char not in firsts))
    begins_here = r"(?<=[^\W_])(?<![^\W_].)"
    return re.compile(rf"[^{others}]{begins_here}[^\W_]*", re.DOTALL | (re.ASCII if ascii_only else re.UNICODE))
