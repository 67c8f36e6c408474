"""Two nouns that stand beside each other in a title, for examples of queries, found without knowing the language."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

from searchsvc.model.article import Article
from searchsvc.query.letters import count_letters, is_letter

_LETTERS = range(4, 21)  # of a word in an example
_NOUN = 0.1  # of the places of a noun, those where only nouns stand; adjectives are rarely there
_BODY = 2_000  # characters of each body that are read
_FUNCTION_WORDS = 40  # the most frequent words of the articles, such as articles, prepositions and auxiliary verbs


class WordPair(NamedTuple):
    """Two different adjacent words of a title, in lower case."""

    first: str
    second: str


class _Spelling(dict[int, str]):
    """Letters and spaces as they are, and a comma for everything else, which parts words that are not adjacent."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = char if char == " " or (is_letter(char) and not char.isnumeric()) else ","
        return self[code]


def word_pair(articles: Sequence[Article]) -> WordPair | None:
    """Return two adjacent words of a title, nouns if possible, that are often together. Return None if there are none.

    In most languages, a noun is the word between the most frequent word, such as “the”, and another function word or the
    end of a part of a sentence: “the ferry is”, but not “the old ferry”.
    """
    spelling = _Spelling()
    bodies = [part for each in articles for part in _parts(each.body[:_BODY], spelling)]
    nouns = _nouns(bodies)
    pairs = list(chain.from_iterable(_neighbours(part) for each in articles for part in _parts(each.title, spelling)))
    together = Counter(chain(pairs, chain.from_iterable(map(_neighbours, bodies))))

    def rank(pair: WordPair) -> tuple[bool, int, float]:
        certainty = min(nouns.get(word, 0.0) for word in pair)
        return certainty >= _NOUN, together[pair], certainty

    return max(pairs, key=rank, default=None)


def _parts(text: str, spelling: _Spelling) -> Iterator[list[str]]:
    """Yield the words of each part of a text between punctuation."""
    return (part.split() for part in text.replace("\n", " ").translate(spelling).lower().split(","))


def _nouns(parts: Iterable[Sequence[str]]) -> dict[str, float]:
    """Return for each word in which part of its places nouns stand."""
    parts = [["", *part, ""] for part in parts if part]
    counts = Counter(chain.from_iterable(part[1:-1] for part in parts))
    frequent = [word for word, _ in counts.most_common(_FUNCTION_WORDS)]
    behind, before = frozenset(("", *frequent)), frequent[:1]
    found = Counter[str]()
    for part in parts:
        for (article, word), (_, following) in pairwise(pairwise(part)):
            if article in before and word not in behind and following in behind:
                found[word] += 1
    return {word: number / counts[word] for word, number in found.items()}


def _neighbours(words: Sequence[str]) -> Iterator[WordPair]:
    for first, second in pairwise(words):
        if count_letters(first) in _LETTERS and count_letters(second) in _LETTERS and first != second:
            yield WordPair(first, second)
