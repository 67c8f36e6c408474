"""The company that words keep: which words follow others and occur with them, told from a sample of articles.

To count how often two words stand together takes too long for every word that one is typing could become. A few articles
tell the likely ones, which are then counted.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.engines.protocol import Engine
from searchsvc.model.article import Article
from searchsvc.query.request import SearchRequest

MAX_ARTICLES = 40  # of a sample, those that the query ranks first: more take longer than typing allows
MAX_TEXT = 1_000  # characters that are read of each article
_LONGER = 10  # times that a word counts if it follows both of the last two words, not only the last


class Company(NamedTuple):
    """Words of a sample: how often they follow the words that were typed, and in how many articles they occur.

    `whole` is whether the sample has all that the query finds, so that other words occur in none of it.
    """

    following: Mapping[str, int]
    together: Mapping[str, int]
    whole: bool

    def likely(self, prefix: str) -> list[str]:
        """Return the words that begin with a prefix, the likeliest first."""
        found = [word for word in self.together if word.startswith(prefix)]
        return sorted(found, key=lambda word: (-self.following.get(word, 0), -self.together[word], word))


def read_company(engine: Engine, analyzer: Analyzer, request: SearchRequest, words: tuple[str, ...]) -> Company:
    """Return the company of the last of some words, among the articles that a request finds."""
    page = engine.search(request)
    following: Counter[str] = Counter()
    together: Counter[str] = Counter()
    whole = page.total <= len(page.articles)
    for article, cut in _sample([each.article for each in page.articles]):
        tokens = analyzer.tokens(article)
        whole = whole and not cut
        together.update(set(tokens))
        following.update(_following(tokens, words))
    return Company(following, together, whole)


def _sample(articles: list[Article]) -> Iterator[tuple[str, bool]]:
    """Yield texts of articles, each title once, and whether something was left out."""
    titles: set[str] = set()
    for article in articles:
        text = article.body if article.title in titles else f"{article.title}\n{article.body}"
        titles.add(article.title)
        yield text[:MAX_TEXT], len(text) > MAX_TEXT


def _following(tokens: list[str], words: tuple[str, ...]) -> Counter[str]:
    if not words:
        return Counter()
    *_, last = words
    found = Counter(second for first, second in pairwise(tokens) if first == last)
    if len(words) > 1 and found:
        triples = zip(tokens, tokens[1:], tokens[2:], strict=False)
        longer = Counter(third for first, second, third in triples if (first, second) == words[-2:])
        found.update({word: number * _LONGER for word, number in longer.items()})
    return found
