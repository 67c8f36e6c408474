"""What the index knows of words: which a pattern stands for, which values have them, and which articles a phrase."""

from collections import Counter
from functools import lru_cache

from tantivy import Query, Searcher

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.term_dictionary import MAX_WORDS as MAX_VOCABULARY
from searchsvc.analysis.term_matching import literal_prefix, term_predicate, value_matcher
from searchsvc.engines.tantivy.schema import article_at, meta_path
from searchsvc.highlight.highlighter import Highlighter
from searchsvc.highlight.matches import MAX_TEXT
from searchsvc.query.ast import Field, Fuzzy, Phrase, Term, Wildcard

MAX_LOOKUPS = 400
"""Articles that one query may have looked at one by one."""
MAX_NEAR = 32
"""Pairs of words that one query may look for near each other, about 20 ms each for the most frequent ones."""
_MAX_VALUES = 60_000
_MAX_KNOWN = 64
"""Sloppy phrases of which is known which articles lack them."""


class TermsReader:
    """The words of one generation."""

    def __init__(self, searcher: Searcher, analyzer: Analyzer) -> None:
        self._searcher = searcher
        self._analyzer = analyzer
        self._values = lru_cache(maxsize=64)(self._distinct_values)
        self._lacking: dict[tuple[str, int], tuple[int, list[str]]] = {}

    def words(self, fields: list[str], pattern: Wildcard) -> list[str]:
        """The words of fields of words as written that the pattern stands for, the most frequent first."""
        matches, prefix = term_predicate(pattern, self._analyzer), literal_prefix(pattern, self._analyzer)
        found: Counter[str] = Counter()
        for field in fields if prefix else ():
            for word, count in self._searcher.terms_with_prefix(field, prefix):
                found[word] += count
        return sorted(filter(matches, found), key=lambda word: (-found[word], word))

    def frequent(self) -> list[tuple[str, int]]:
        """The most frequent words of all bodies, and the number of articles that have each."""
        everything = Query.all_query()  # without it, words of deleted articles count too
        return self._searcher.terms_with_prefix("body_words", "", limit=MAX_VOCABULARY, filter_query=everything)

    def complete(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        """The most frequent words of a field that begin so, and the number of articles that have each."""
        return self._searcher.terms_with_prefix(field, prefix, limit=limit, filter_query=Query.all_query())

    def values(self, name: str, node: Term | Phrase | Wildcard | Fuzzy) -> list[str]:
        """The values of a metadata field that have the words of a sloppy phrase, or a word that the node stands for."""
        fits = value_matcher(node, self._analyzer)
        return [value for value, words in self._values(name) if fits(words)]

    def reject_false_positives(self, candidates: Query, node: Field, limit: int) -> tuple[int, list[str]]:
        """How many of the candidates were looked at, at most `limit`, and the ids of those that lack what the node says.

        The candidates are those of the node, so that what was found out is good for the next query that has it.
        """
        if limit < 1:
            return 0, []
        key = str(node), limit
        known = self._lacking.get(key)  # other threads may forget it at any moment
        if known is None:
            known = self._look_at(candidates, node, limit)
            if len(self._lacking) >= _MAX_KNOWN:
                self._lacking.clear()
            self._lacking[key] = known
        return known

    def _look_at(self, candidates: Query, node: Field, limit: int) -> tuple[int, list[str]]:
        highlighter = Highlighter(node, self._analyzer)
        found = self._searcher.search(candidates, limit=limit, count=False).hits
        articles = [article_at(self._searcher, address) for _, address in found]
        short = (each for each in articles if len(each.body) <= MAX_TEXT)
        return len(articles), [each.id for each in short if not highlighter.is_near(each.title, each.body)]

    def _distinct_values(self, name: str) -> list[tuple[str, tuple[str, ...]]]:
        wanted = {"values": {"terms": {"field": meta_path("meta", name), "size": _MAX_VALUES}}}
        buckets = self._searcher.aggregate(Query.all_query(), wanted)["values"]["buckets"]
        values = [bucket["key"][1:] for bucket in buckets]
        return [(value, tuple(self._analyzer.tokens(value))) for value in values]
