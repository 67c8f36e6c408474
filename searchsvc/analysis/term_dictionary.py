"""The most frequent words of an archive: completions of a prefix, and corrections of a misspelt word."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from heapq import nsmallest
from itertools import chain, islice

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from searchsvc.model.results import TermCount

MAX_WORDS = 50_000  # Number of words that are kept. Rarer words are seldom what a reader means.
MIN_LETTERS = 4  # letters of a word that is corrected
LONG_WORD = 8  # letters that a word needs before two mistakes are allowed


class TermDictionary:
    """The words of an archive with their document frequencies. A process has one for each generation that it reads."""

    def __init__(self, words: Iterable[tuple[str, int]]) -> None:
        self._counts = dict(sorted(words, key=_by_frequency))
        self._words = sorted(self._counts)
        self._by_ending = sorted(self._words, key=_reversed)
        self._of_length: defaultdict[int, list[str]] = defaultdict(list)
        for word in self._words:
            self._of_length[len(word)].append(word)

    def count(self, word: str) -> int:
        """Return the document frequency of a word, or 0 if the dictionary does not have it."""
        return self._counts.get(word, 0)

    def complete(self, prefix: str, limit: int) -> list[TermCount]:
        """Return the most frequent words that begin with a prefix."""
        words = _with_prefix(self._words, prefix)
        if len(words) > 500:  # the first few are then soon found among the most frequent words of all
            frequent = islice((word for word in self._counts if word.startswith(prefix)), limit)
            return [TermCount(word, self._counts[word]) for word in frequent]
        return nsmallest(limit, (TermCount(word, self._counts[word]) for word in words), key=_by_frequency)

    def similar(self, word: str, least: int, limit: int = 1) -> list[str]:
        """Return the most frequent terms within edit distance 1 of `word`, up to `limit` of them.

        Their document frequencies are at least `least`. If there are none, the distance is 2 for a long, unknown word.
        Return [] if `word` is short or not only letters.
        """
        if len(word) < MIN_LETTERS or not word.isalpha():
            return []
        one_off = self._most_frequent(word, [list(self._one_mistake_candidates(word))], 1, least, limit)
        if one_off or len(word) < LONG_WORD or word in self._counts:
            return one_off
        lengths = range(len(word) - 2, len(word) + 3)
        return self._most_frequent(word, (self._of_length.get(each, []) for each in lengths), 2, least, limit)

    def _most_frequent(self, word: str, groups: Iterable[list[str]], mistakes: int, least: int, limit: int) -> list[str]:
        # On lists, `extract` takes three quarters of the time of `extract_iter`.
        found = chain.from_iterable(
            extract(word, group, scorer=OSA.distance, score_cutoff=mistakes, limit=None) for group in groups
        )
        near = {other for other, _, _ in found if other != word and self._counts[other] >= least}
        return nsmallest(limit, near, key=lambda other: (-self._counts[other], other))

    def _one_mistake_candidates(self, word: str) -> Iterator[str]:
        """Yield every word within edit distance 1, and some others."""
        # One mistake leaves one half of the word unchanged, or swaps the letters where the halves meet.
        half = len(word) // 2
        yield from _with_prefix(self._words, word[:half])
        yield from self._with_ending(word[half:])
        swapped = word[: half - 1] + word[half] + word[half - 1] + word[half + 1 :]
        if swapped in self._counts:
            yield swapped

    def _with_ending(self, ending: str) -> list[str]:
        first = bisect_left(self._by_ending, _reversed(ending), key=_reversed)
        return self._by_ending[first : bisect_left(self._by_ending, f"{_reversed(ending)}\U0010ffff", key=_reversed)]


def _with_prefix(words: list[str], prefix: str) -> list[str]:
    return words[bisect_left(words, prefix) : bisect_left(words, f"{prefix}\U0010ffff")]


def _by_frequency(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def _reversed(word: str) -> str:
    return word[::-1]
