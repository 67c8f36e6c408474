"""The most characteristic terms of an article, by which similar articles are found."""

from collections import Counter
from collections.abc import Callable, Mapping
from heapq import nlargest
from math import log

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.model.article import Article

MAX_TEXT = 20_000
"""Characters of the body that are analyzed."""
MAX_TERMS = 25
_CANDIDATES = 100
_TITLE_WEIGHT = 3
"""Number of times that a word of the title counts."""


def interesting_terms(
    article: Article, analyzer: Analyzer, doc_freq: Callable[[list[str]], Mapping[str, int]], articles: int
) -> dict[str, float]:
    """Return the most characteristic stems of an article with their weights (tf-idf), of which the greatest is 1.

    `doc_freq` returns the document frequency of each stem, and `articles` is the number of articles in the index. Stems of
    no other article, and of all articles, are left out.
    """
    counts = Counter(analyzer.terms(article.body[:MAX_TEXT]))
    for term in analyzer.terms(article.title):
        counts[term] += _TITLE_WEIGHT
    weights = {}
    candidates = counts.most_common(_CANDIDATES)
    frequencies = doc_freq([term for term, _ in candidates])
    for term, count in candidates:
        frequency = frequencies[term]
        if 1 < frequency < articles:
            weights[term] = count / (count + 1.2) * log(articles / frequency)
    best = nlargest(MAX_TERMS, weights.items(), key=lambda item: (item[1], item[0]))
    return {term: weight / best[0][1] for term, weight in best}
