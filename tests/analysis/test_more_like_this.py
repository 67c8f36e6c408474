"""The most characteristic terms of an article."""

from collections.abc import Iterable
from math import log

import pytest

from searchsvc.analysis import Analyzer
from searchsvc.analysis.more_like_this import interesting_terms, likeness, term_weights
from searchsvc.model.article import Article

FREQUENCIES = {"the": 100, "tea": 10, "trade": 10, "harvest": 2, "alipov": 1}


def test_frequent_words_of_few_articles_are_the_most_characteristic() -> None:
    article = Article("1", "The tea trade", "Alipov on the tea harvest and the tea trade", "p")

    def doc_freq(stems: Iterable[str]) -> dict[str, int]:
        return {stem: FREQUENCIES.get(stem, 0) for stem in stems}

    weights = interesting_terms(article, Analyzer("english"), doc_freq, 100)
    assert sorted(weights, key=weights.__getitem__, reverse=True) == ["tea", "harvest", "trade"]
    assert max(weights.values()) == 1
    assert interesting_terms(Article("2", "Alipov", "", "p"), Analyzer("english"), doc_freq, 100) == {}


def test_a_term_weighs_by_the_most_frequent_of_its_words_and_counts_more_in_the_title() -> None:
    article = Article("1", "Harvests", "The tea harvest", "p")
    counts = {"the": 100, "tea": 10, "harvest": 20, "harvests": 2}
    weights = term_weights(article, Analyzer("english"), lambda word: counts.get(word, 0), 100)
    assert weights == {"tea": pytest.approx(log(10) / 2.2), "harvest": pytest.approx(4 / 5.2 * log(5))}


def test_likeness_is_the_cosine_of_weights() -> None:
    one, other = {"a": 3.0, "b": 4.0}, {"b": 1.0}
    assert likeness(one, one) == pytest.approx(1)
    assert likeness(one, other) == likeness(other, one) == pytest.approx(0.8)
    assert likeness(one, {"c": 1.0}) == likeness(one, {}) == likeness({}, {}) == 0
