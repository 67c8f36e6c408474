"""The most characteristic terms of an article, by which similar articles are found."""

from collections import Counter
from collections.abc import Callable, Mapping
from heapq import nlargest
from math import log

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.model.article import Article

MAX_TEXT = 20_000  # characters of the body that are analyzed
MAX_TERMS = 25
_TITLE_WEIGHT = 3  # number of times that a word of the title counts


def interesting_terms(
    article: Article, analyzer: Analyzer, doc_freq: Callable[[list[str]], Mapping[str, int]], articles: int
) -> dict[str, float]:
    """Return the most characteristic stems of an article with their weights (tf-idf), of which the greatest is 1.

    `doc_freq` returns document frequencies. Stems of no other article, and of all `articles` in the index, are left out.
    """
    counts = Counter(analyzer.terms(article.body[:MAX_TEXT]))
    counts.update(analyzer.terms(article.title) * _TITLE_WEIGHT)
    candidates = dict(counts.most_common(100))
    found = (
        (candidates[term], term, number) for term, number in doc_freq(list(candidates)).items() if 1 < number < articles
    )
    weights = {term: count / (count + 1.2) * log(articles / number) for count, term, number in found}
    best = nlargest(MAX_TERMS, weights.items(), key=lambda item: (item[1], item[0]))
    return {term: weight / best[0][1] for term, weight in best}
