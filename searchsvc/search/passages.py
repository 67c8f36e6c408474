"""Where a passage like a quotation may be: phrases that find articles, and landmarks that find the place in a text."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from math import log
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.analysis.alignment import Word, words_of
from searchsvc.analysis.term_matching import normalize
from searchsvc.errors import UserError
from searchsvc.highlight.scanner import TokenScanner
from searchsvc.messages import Message, plural_message
from searchsvc.model.quotations import Span

if TYPE_CHECKING:
    from searchsvc.search.searcher import Searcher

MIN_WORDS, MAX_WORDS = 3, 500  # of a quotation
MAX_TEXT = 1_000_000  # characters of an article in which passages are looked for that are only like a quotation
PHRASE_WORDS = 3  # of a phrase by which articles are found
_MAX_PHRASES = 24
_MAX_POSTINGS = 200_000  # articles with the rarest word of each phrase, added up: each takes about a microsecond
_RARE = 0.3  # part of all articles that may have a landmark
_MIN_LANDMARKS = 8  # if the quotation has so many words: some of the rare ones may be those that are wrong
_MARGIN = 100  # characters that a passage may have more than the quotation, before and behind each landmark


class Part(NamedTuple):
    """A part of a text that may have a passage like the quotation, and the weight of the landmarks in it."""

    weight: float
    start: int
    end: int


class _Landmark(NamedTuple):
    """A word of the quotation that is looked for, with its rarity and its first and last place in the quotation."""

    weight: float
    first: int
    last: int


class QuotedPassage:
    """The words of a quotation, and how rare they are in the archive. Raise UserError if there are too few or too many."""

    def __init__(self, text: str, searcher: "Searcher") -> None:
        self._searcher = searcher
        self._length = len(text)
        self.analyzer = searcher.analyzers.main
        self.words: Sequence[Word] = words_of(text, self.analyzer)
        _check_number(self.words)

    def phrases(self, size: int) -> list[Span]:
        """Return the places of phrases of `size` words all over the quotation, the rarest first."""
        number = len(self.words) - size + 1
        cells = min(number, _MAX_PHRASES)
        bounds = [number * cell // cells for cell in range(cells + 1)]

        def rarity(start: int) -> tuple[bool, int]:
            # Words that the dictionary lacks are very rare, or were never printed.
            articles = [self._articles[word.term] for word in self.words[start : start + size]]
            return 0 in articles, min(articles)

        rarest = sorted((min(range(*cell), key=rarity) for cell in pairwise(bounds)), key=rarity)
        postings = accumulate(rarity(start)[1] for start in rarest)
        chosen = [start for start, read in zip(rarest, postings, strict=True) if read <= _MAX_POSTINGS]
        return [(self.words[start].start, self.words[start + size - 1].end) for start in chosen or rarest[:1]]

    def find_in(self, text: str) -> Part | None:
        """Return the part of a text that has most landmarks of the quotation close together. Return None if it has none."""
        words = ((start, normalize(word, self.analyzer)) for start, word in self._scanner.scan(text[:MAX_TEXT]))
        return self._densest([place for place in words if place[1] in self._landmarks])

    @cached_property
    def _articles(self) -> Mapping[str, int]:
        """The number of articles with each word, which is 0 for very rare words too."""
        count = self._searcher.dictionary.count
        return {word.term: count(word.term) for word in self.words}

    @cached_property
    def _landmarks(self) -> Mapping[str, _Landmark]:
        """The rare words of the phrases, and a few others if there are not many."""
        everything, found = self._searcher.info.articles, dict[str, _Landmark]()
        spans = self.phrases(PHRASE_WORDS)
        for term, at, _ in (word for word in self.words if any(start <= word.start < end for start, end in spans)):
            before = found.get(term)
            weight = log((everything + 2) / (self._articles[term] + 1))
            found[term] = before._replace(last=at) if before else _Landmark(weight, at, at)
        known = sorted(filter(self._articles.get, found), key=lambda term: (len(term.encode()) == 1, self._articles[term]))
        rare = sum(self._articles[term] <= _RARE * everything for term in known)
        frequent = known[max(rare, _MIN_LANDMARKS) :]
        return {term: landmark for term, landmark in found.items() if term not in frequent}

    @cached_property
    def _scanner(self) -> TokenScanner:
        return TokenScanner(self._landmarks)

    def _densest(self, places: Sequence[tuple[int, str]]) -> Part | None:
        """Return the part with the landmarks that weigh most, no farther apart than in the quotation, each counted once."""
        best, most, weight, first = None, 0.0, 0.0, 0
        counts = Counter[str]()
        for number, (start, term) in enumerate(places):
            weight += 0.0 if counts[term] else self._landmarks[term].weight
            counts[term] += 1
            while start - places[first][0] > self._length + _MARGIN:
                gone = places[first][1]
                counts[gone] -= 1
                weight -= 0.0 if counts[gone] else self._landmarks[gone].weight
                first += 1
            if weight > most:
                best, most = (places[first], places[number]), weight
        return self._around(most, *best) if best else None

    def _around(self, weight: float, first: tuple[int, str], last: tuple[int, str]) -> Part:
        """Return the part of a text that has the whole passage, given its first and last landmark."""
        before = self._landmarks[first[1]].last + _MARGIN
        behind = self._length - self._landmarks[last[1]].first + _MARGIN
        return Part(weight, max(0, first[0] - before), last[0] + behind)


def _check_number(words: Sequence[Word]) -> None:
    """Raise UserError if there are too few or too many words."""
    if not words:
        raise UserError(Message("the passage has no words; it needs at least %(least)s", least=MIN_WORDS), param="text")
    if len(words) < MIN_WORDS:
        detail = plural_message(
            "the passage has one word; it needs at least %(least)s",
            "the passage has %(number)s words; it needs at least %(least)s",
            len(words),
            least=MIN_WORDS,
        )
        raise UserError(detail, param="text")
    if len(words) > MAX_WORDS:
        counts = {"number": len(words), "limit": MAX_WORDS}
        detail = Message("the passage has %(number)s words; the limit is %(limit)s: check it in parts", **counts)
        raise UserError(detail, param="text", position=words[MAX_WORDS].start)
