"""The words of an archive as written: what a word that is being typed may become, and what a misspelt one meant."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
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

Counted = tuple[str, int]
"""A word, accents folded and in lower case, and the number of articles that have it."""


class Vocabulary:
    """Words and in how many articles each is."""

    def __init__(self, words: Iterable[Counted]) -> None:
        self._frequent = sorted(words, key=_by_frequency)
        self._counts = dict(self._frequent)
        self._words = sorted(self._counts)
        self._of_length: defaultdict[int, list[str]] = defaultdict(list)
        for word, _ in self._frequent:
            self._of_length[len(word)].append(word)

    def count(self, word: str) -> int:
        """The number of articles that have the word; 0 for a rare one."""
        return self._counts.get(word, 0)

    def beginning(self, prefix: str, limit: int) -> list[Counted]:
        """The most frequent words that begin so."""
        first, end = bisect_left(self._words, prefix), bisect_left(self._words, f"{prefix}\U0010ffff")
        if end - first > _MANY:  # so many that the first few come soon among the most frequent of all
            return list(islice((counted for counted in self._frequent if counted[0].startswith(prefix)), limit))
        return nsmallest(limit, ((word, self._counts[word]) for word in self._words[first:end]), key=_by_frequency)

    def near(self, word: str, least: int = 1, limit: int = 3) -> list[Counted]:
        """Words within a typing mistake or, of a long word, two; those with fewer mistakes first, then the more frequent.

        Only words that at least so many articles have. Nothing for words of less than four letters and for numbers.
        """
        if len(word) < MIN_LETTERS or not word.isalpha():
            return []
        mistakes = 2 if len(word) >= LONG_WORD else 1
        # A mistake changes the length by one letter at most, so that most words need not be looked at.
        lengths = range(len(word) - mistakes, len(word) + mistakes + 1)
        alike = chain.from_iterable(self._so_frequent(self._of_length.get(length, []), least) for length in lengths)
        found = extract_iter(word, alike, scorer=OSA.distance, score_cutoff=mistakes)
        near = ((int(distance), (other, self._counts[other])) for other, distance, _ in found if other != word)
        return [counted for _, counted in nsmallest(limit, near, key=lambda item: (item[0], *_by_frequency(item[1])))]

    def _so_frequent(self, words: list[str], least: int) -> list[str]:
        """Those of some words, which come with the most frequent first, that at least so many articles have."""
        return words[: bisect_right(words, -least, key=lambda word: -self._counts[word])]


def _by_frequency(counted: Counted) -> tuple[int, str]:
    return -counted[1], counted[0]
