"""The most characteristic terms of an article, by which similar articles are found, and how alike two articles are."""

from collections import Counter
from collections.abc import Callable, Mapping
from heapq import nlargest
from math import hypot, log

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.model.article import Article

MAX_TEXT = 20_000  # characters of the body that are analyzed
MAX_TERMS = 25
LIKENESS_TEXT = 5_000  # characters of the body by which two articles are compared
# The least likeness of similar articles. Of the articles that engines find to articles of a news archive, nine in ten are
# above it, and of any two articles one in forty (bench/similar.py). It was chosen on one half of the archive, where most
# pairs below it have a word or a person in common, but no subject. On the other half, the shares are the same.
LEAST_LIKENESS = 0.1
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


def term_weights(article: Article, analyzer: Analyzer, count: Callable[[str], int], articles: int) -> dict[str, float]:
    """Return the stems of an article with their weights (tf-idf).

    `count` returns the number of articles that have a word as written, of which the most frequent stands for its stem. It
    says the same whatever the engine is, and so do the weights.
    """
    found: Counter[str] = Counter()
    frequencies: dict[str, int] = {}
    for text, weight in ((article.title, _TITLE_WEIGHT), (article.body[:LIKENESS_TEXT], 1)):
        for stem, word in zip(*analyzer.analyze_both(text), strict=True):
            found[stem] += weight
            frequencies[stem] = max(frequencies.get(stem, 1), count(word))
    rare = {stem: number for stem, number in frequencies.items() if number < articles}
    return {stem: found[stem] / (found[stem] + 1.2) * log(articles / number) for stem, number in rare.items()}


def likeness(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Return how alike the weights of two articles are: the cosine of their angle, from 0 to 1."""
    lengths = hypot(*one.values()) * hypot(*other.values())
    return sum(weight * other[term] for term, weight in one.items() if term in other) / lengths if lengths else 0.0
