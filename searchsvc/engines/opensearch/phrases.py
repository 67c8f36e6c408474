"""Sloppy phrases, verified by reading articles."""

from collections.abc import Callable

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.term_matching import value_predicate
from searchsvc.engines.opensearch.compiler import FalsePositives
from searchsvc.engines.opensearch.dsl import Query
from searchsvc.engines.opensearch.searcher import IndexSearcher
from searchsvc.highlight.highlighter import Highlighter
from searchsvc.highlight.matches import MAX_TEXT
from searchsvc.model.article import Article, metadata
from searchsvc.query.ast import TEXT_FIELDS, Field, Phrase, Term


class PhraseVerifier:
    """Reader of candidates, which rejects those that do not have a sloppy phrase."""

    def __init__(self, searcher: IndexSearcher, analyzer: Analyzer) -> None:
        self._searcher = searcher
        self._analyzer = analyzer

    def reject_false_positives(self, candidates: Query, node: Field, limit: int) -> FalsePositives:
        """Read up to `limit` candidates and return those that do not have the sloppy phrase of a field."""
        if limit < 1:
            return FalsePositives(0, [])
        articles = self._searcher.articles({"query": candidates, "size": limit})
        has_phrase = _phrase_predicate(node, self._analyzer)
        return FalsePositives(len(articles), [each.id for each in articles if not has_phrase(each)])


def _phrase_predicate(node: Field, analyzer: Analyzer) -> Callable[[Article], bool]:
    """Return whether an article has a sloppy phrase. Texts longer than the highlighter reads are taken to have it."""
    if node.name in TEXT_FIELDS:
        highlighter = Highlighter(node, analyzer)
        return lambda article: len(article.body) > MAX_TEXT or highlighter.is_near(article.title, article.body)
    assert isinstance(node.node, Term | Phrase), node  # noqa: S101  no other node has slop
    matches = value_predicate(node.node, analyzer)
    return lambda article: any(matches(analyzer.tokens(value)) for value in metadata(article).get(node.name, ()))
