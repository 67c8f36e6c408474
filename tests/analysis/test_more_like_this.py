"""The most characteristic terms of an article."""

from collections.abc import Iterable

from searchsvc.analysis import Analyzer
from searchsvc.analysis.more_like_this import interesting_terms
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
