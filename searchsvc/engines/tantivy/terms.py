"""The term dictionary of an index: expansion of wildcards, values by their words, and phrases verified in the text."""

import re
from collections import Counter
from functools import lru_cache, partial

from tantivy import Query, Searcher

from searchsvc.analysis.analyzer import Analyzer, Analyzers
from searchsvc.analysis.term_matching import literal_prefix, term_predicate, value_predicate
from searchsvc.engines.protocol import MAX_LISTED_VALUES
from searchsvc.engines.tantivy.schema import meta_path
from searchsvc.engines.tantivy.stored_articles import ArticleReader
from searchsvc.highlight.highlighter import Highlighters
from searchsvc.model.results import TermCount
from searchsvc.query.ast import Field, Fuzzy, Phrase, Term, Wildcard

MAX_LOOKUPS = 200  # articles that one query may read to verify its sloppy phrases, each in some milliseconds
# Articles in which one query may look for pairs of words near each other. Each article takes about a microsecond.
MAX_NEAR = 300_000
_MAX_KNOWN = 64  # sloppy phrases whose false positives are remembered


class TermsReader:
    """Reads the terms of one generation."""

    def __init__(self, searcher: Searcher, articles: ArticleReader, analyzers: Analyzers) -> None:
        self._searcher = searcher
        self._articles = articles
        self._analyzers = analyzers
        self._analyzer = analyzer = analyzers.main
        self._values = lru_cache(maxsize=64)(partial(_distinct_values, searcher, analyzer))  # without a cycle: see Searcher
        self._rejected: dict[tuple[str, str, int], tuple[int, list[str]]] = {}

    def words(self, fields: list[str], pattern: Wildcard) -> list[str]:
        """Return the words as written of some fields that match a wildcard, most frequent first."""
        matches, prefix = term_predicate(pattern, self._analyzer), literal_prefix(pattern, self._analyzer)
        found: Counter[str] = Counter()
        for field in fields if prefix else ():
            for word, count in self._searcher.terms_with_prefix(field, prefix):
                found[word] += count
        # Every word with the prefix matches `te*`: thousands need no look at each.
        words = found if re.fullmatch(r"[^*?]*\*", pattern.text) else filter(matches, found)
        return sorted(words, key=lambda word: (-found[word], word))

    def with_prefix(self, field: str, prefix: str, limit: int) -> list[TermCount]:
        """Return the words of a field that begin with `prefix` and their document frequencies, most frequent first."""
        # Without the filter, words of deleted articles count too.
        found = self._searcher.terms_with_prefix(field, prefix, limit=limit, filter_query=Query.all_query())
        return [TermCount(term, count) for term, count in found]

    def values(self, name: str, node: Term | Phrase | Wildcard | Fuzzy) -> list[str]:
        """Return the values of a metadata field that match a word, sloppy phrase, wildcard or fuzzy word."""
        fits = value_predicate(node, self._analyzer)
        return [value for value, words in self._values(name) if fits(words)]

    def reject_false_positives(self, candidates: Query, node: Field, languages: str, limit: int) -> tuple[int, list[str]]:
        """Read up to `limit` candidates. Return how many were read, and the ids of those that do not match `node`.

        The result depends on the node and the languages of the candidates, and is remembered for later queries.
        """
        if limit < 1:
            return 0, []
        key = str(node), languages, limit
        known = self._rejected.get(key)  # other threads may forget it at any moment
        if known is None:
            known = self._verify(candidates, node, limit)
            if len(self._rejected) >= _MAX_KNOWN:
                self._rejected.clear()
            self._rejected[key] = known
        return known

    def _verify(self, candidates: Query, node: Field, limit: int) -> tuple[int, list[str]]:
        highlighters = Highlighters(node, self._analyzers)
        found = self._searcher.search(candidates, limit=limit, count=False).hits
        articles = [self._articles.at(address) for _, address in found]
        return len(articles), [each.id for each in articles if not highlighters.is_near(each)]


def _distinct_values(searcher: Searcher, analyzer: Analyzer, name: str) -> list[tuple[str, tuple[str, ...]]]:
    wanted = {"values": {"terms": {"field": meta_path("meta", name), "size": MAX_LISTED_VALUES}}}
    buckets = searcher.aggregate(Query.all_query(), wanted)["values"]["buckets"]
    return [(value, tuple(analyzer.tokens(value))) for value in (bucket["key"][1:] for bucket in buckets)]
