"""A fast scan of a text for words with known prefixes, so that highlighting analyzes only a few of its words."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from searchsvc.analysis.tokenizer import beyond_ascii, needs_token_pattern, token_pattern

_LONG_PREFIX = 2  # letters of a prefix that is rare enough for `str.find` to be faster than a pattern of first letters
_MANY_LETTERS = 50  # number of letters beyond ASCII up to which their words are looked up one by one

_WORD = re.compile(r"[^\W_]+")
_ASCII_WORD = re.compile(r"[^\W_]+", re.ASCII)

WordAt = tuple[int, str]  # the offset of a word in characters, and the word


class TokenScanner:
    """A scanner for words that may begin with one of some normalized prefixes. An empty prefix finds every word.

    Words with letters beyond ASCII are always found, because folding may change their first letters.
    """

    def __init__(self, prefixes: Iterable[str]) -> None:
        self._prefixes = frozenset(prefixes)
        self._rare = all(len(prefix) >= _LONG_PREFIX and prefix.isascii() for prefix in self._prefixes)
        self._encoded = [prefix.encode() for prefix in self._prefixes] if self._rare else []
        firsts = "".join(prefix[:1] for prefix in self._prefixes)
        self._firsts = "".join(sorted({*firsts.lower(), *firsts.upper()})) if "" not in self._prefixes else ""

    def scan(self, text: str) -> Iterable[WordAt]:
        """Return the words in the order of the text."""
        if not self._prefixes:
            return ()
        others = beyond_ascii(text)
        if needs_token_pattern(text, others):
            return self._may_begin(_find_all(token_pattern(text), text))
        letters = list(filter(str.isalnum, others))
        if self._rare and len(letters) <= _MANY_LETTERS:
            found = self._words_with_prefixes(text)
            for letter in set(letters):
                found.update(_words_with(letter, text))
            return sorted(found.items())
        pattern = _candidate_pattern(self._firsts, text.isascii()) if self._firsts else _WORD
        return _find_all(pattern, text)

    def _may_begin(self, words: Iterable[WordAt]) -> Iterable[WordAt]:
        """Return the words whose first letters may begin a prefix: to stem the others takes longer than to find them."""
        firsts = self._firsts
        return ((at, word) for at, word in words if word[0] in firsts or word[0] > "\x7f") if firsts else words

    def _words_with_prefixes(self, text: str) -> dict[int, str]:
        lower = text.encode("ascii", "replace").lower()  # a byte for each character, and faster than the text in lower case
        word_at = _WORD.match
        found: dict[int, str] = {}
        for prefix in self._encoded:
            start = lower.find(prefix)
            while start >= 0:
                if (not start or not text[start - 1].isalnum()) and (word := word_at(text, start)) is not None:
                    found[start] = word.group()
                start = lower.find(prefix, start + 1)
        return found


def distinct_words(text: str) -> set[str]:
    """Return the distinct words of a text."""
    others = beyond_ascii(text)
    if needs_token_pattern(text, others):
        return set(token_pattern(text).findall(text))
    return set((_WORD if any(map(str.isalnum, others)) else _ASCII_WORD).findall(text))


def _find_all(pattern: re.Pattern[str], text: str) -> Iterator[WordAt]:
    return ((found.start(), found.group()) for found in pattern.finditer(text))


def _words_with(letter: str, text: str) -> Iterator[WordAt]:
    """Yield the words that contain a letter."""
    start = text.find(letter)
    while start >= 0:
        while start and text[start - 1].isalnum():
            start -= 1
        word = _WORD.match(text, start)
        if word is None:
            break
        yield start, word.group()
        start = text.find(letter, word.end())


@lru_cache(maxsize=1024)
def _candidate_pattern(firsts: str, ascii_only: bool) -> re.Pattern[str]:
    """Return a pattern of words that begin with one of these letters, or beyond ASCII.

    It begins with a character class, so that the regex engine skips from candidate to candidate. The class is negated and
    of ASCII characters, because that compiles quickly.
    """
    others = re.escape("".join(char for char in map(chr, range(0x80)) if char not in firsts))
    begins_here = r"(?<=[^\W_])(?<![^\W_].)"
    return re.compile(rf"[^{others}]{begins_here}[^\W_]*", re.DOTALL | (re.ASCII if ascii_only else re.UNICODE))
