"""The words of an archive as written: what a word that is being typed may become, and what a misspelt one meant."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from heapq import nsmallest
from itertools import chain, islice

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract_iter

MAX_WORDS = 50_000
"""Words that are kept, the most frequent: rarer ones are seldom what somebody means."""
MAX_ENDINGS = 20
"""Words that the last one typed may become in a title, the most frequent."""
MIN_ENDING = 2
"""Letters from which on titles are suggested."""
MIN_LETTERS = 4
LONG_WORD = 8
"""Letters from which on a word may have two mistakes."""

_MANY = 500

TermCount = tuple[str, int]
"""A word, accents folded and in lower case, and the number of articles that have it."""


class TermDictionary:
    """Words and in how many articles each is."""

    def __init__(self, words: Iterable[TermCount]) -> None:
        self._frequent = sorted(words, key=_by_frequency)
        self._counts = dict(self._frequent)
        self._words = sorted(self._counts)
        self._of_length: defaultdict[int, list[str]] = defaultdict(list)
        self._reversed = sorted(word[::-1] for word in self._words)
        for word in self._words:
            self._of_length[len(word)].append(word)

    def count(self, word: str) -> int:
        """The number of articles that have the word; 0 for a rare one."""
        return self._counts.get(word, 0)

    def complete(self, prefix: str, limit: int) -> list[TermCount]:
        """The most frequent words that begin so."""
        words = _beginning(self._words, prefix)
        if len(words) > _MANY:  # so many that the first few come soon among the most frequent of all
            return list(islice((counted for counted in self._frequent if counted[0].startswith(prefix)), limit))
        return nsmallest(limit, ((word, self._counts[word]) for word in words), key=_by_frequency)

    def correct_spelling(self, word: str, least: int) -> str | None:
        """The word that was meant by a misspelt one: of those within a typing mistake, the most frequent.

        Where it is long, the archive does not have it, and nothing is nearer, within two. Only words that at least so many
        articles have are looked at. None where there is none, and for words of less than four letters and numbers.
        """
        if len(word) < MIN_LETTERS or not word.isalpha():
            return None
        one_off = self._most_frequent(word, self._perhaps_one_off(word), 1, least)
        if one_off is not None or len(word) < LONG_WORD or word in self._counts:
            return one_off
        # Two mistakes change the length by two letters at most.
        lengths = range(len(word) - 2, len(word) + 3)
        return self._most_frequent(word, chain.from_iterable(self._of_length.get(each, ()) for each in lengths), 2, least)

    def _most_frequent(self, word: str, others: Iterable[str], mistakes: int, least: int) -> str | None:
        found = extract_iter(word, others, scorer=OSA.distance, score_cutoff=mistakes)
        near = {other for other, _, _ in found if other != word and self._counts[other] >= least}
        return min(near, key=lambda other: (-self._counts[other], other), default=None)

    def _perhaps_one_off(self, word: str) -> Iterator[str]:
        """Every word within one mistake, and some others: one mistake leaves one half as it is, or swaps the letters where
        the halves meet."""
        half = len(word) // 2
        yield from _beginning(self._words, word[:half])
        yield from (reverse[::-1] for reverse in _beginning(self._reversed, word[half:][::-1]))
        swapped = word[: half - 1] + word[half] + word[half - 1] + word[half + 1 :]
        if swapped in self._counts:
            yield swapped


def _beginning(words: list[str], prefix: str) -> list[str]:
    """Those of some words in the order of the alphabet that begin so."""
    return words[bisect_left(words, prefix) : bisect_left(words, f"{prefix}\U0010ffff")]


def _by_frequency(counted: TermCount) -> tuple[int, str]:
    return -counted[1], counted[0]
