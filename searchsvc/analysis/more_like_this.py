"""What an article is about: the terms by which others like it are found."""

from collections import Counter
from collections.abc import Callable, Mapping
from heapq import nlargest
from math import log

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.model.article import Article

MAX_TEXT = 20_000
"""Characters of the body that are looked at."""
MAX_TERMS = 25
_CANDIDATES = 100
_TITLE = 3
"""Times that a word in the title counts."""


def interesting_terms(
    article: Article, analyzer: Analyzer, doc_freq: Callable[[list[str]], Mapping[str, int]], articles: int
) -> dict[str, float]:
    """The stems that say most of the article, and what each weighs, 1 for the heaviest (tf-idf).

    `doc_freq` gives the number of articles that have each of some stems, of `articles` in all. Stems that no other
    article has lead nowhere and are left out.
    """
    counts = Counter(analyzer.terms(article.body[:MAX_TEXT]))
    for term in analyzer.terms(article.title):
        counts[term] += _TITLE
    weights = {}
    candidates = counts.most_common(_CANDIDATES)
    found = doc_freq([term for term, _ in candidates])
    for term, count in candidates:
        having = found[term]
        if 1 < having < articles:
            weights[term] = count / (count + 1.2) * log(articles / having)
    best = nlargest(MAX_TERMS, weights.items(), key=lambda item: (item[1], item[0]))
    return {term: weight / best[0][1] for term, weight in best}
