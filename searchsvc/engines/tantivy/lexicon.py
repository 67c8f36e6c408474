"""What the index knows of words: which a pattern stands for, which values have them, and which titles have them alone."""

from functools import lru_cache
from typing import cast

from tantivy import Query, Searcher

from searchsvc.analysis import Analyzer
from searchsvc.engines.stored import load
from searchsvc.engines.tantivy.schema import meta_path
from searchsvc.forms import literal_prefix, matcher
from searchsvc.highlight import MAX_TEXT, Highlighter
from searchsvc.tree import Field, Fuzzy, Node, Pattern

MAX_WORDS = 1_024
"""Words that the prefixes and wildcards of one query may stand for; the most frequent of each are kept."""
_MAX_VALUES = 60_000
_MAX_VERIFIED = 1_000


class Lexicon:
    """The words of one generation."""

    def __init__(self, searcher: Searcher, analyzer: Analyzer) -> None:
        self._searcher = searcher
        self._analyzer = analyzer
        self._values = lru_cache(maxsize=64)(self._distinct_values)

    def words(self, field: str, pattern: Pattern) -> list[str]:
        """The words of a field of words as written that the pattern stands for, the most frequent first."""
        matches, prefix = matcher(pattern, self._analyzer), literal_prefix(pattern, self._analyzer)
        found = self._searcher.terms_with_prefix(field, prefix) if prefix else []
        return [word for word, _ in found if matches(word)]

    def values(self, name: str, node: Pattern | Fuzzy) -> list[str]:
        """The values of a metadata field that have a word that the node stands for, the most frequent first."""
        matches = matcher(node, self._analyzer)
        return [value for value, words in self._values(name) if any(map(matches, words))]

    def only_in_title(self, candidates: Query, node: Node) -> list[str]:
        """Ids of those articles whose body, looked at as a whole, does not have what the node looks for.

        At most 1,000 articles are looked at; those beyond count as having it.
        """
        highlighter = Highlighter(Field("body", node), self._analyzer)
        found = self._searcher.search(candidates, limit=_MAX_VERIFIED, count=False).hits
        articles = [load(cast(bytes, self._searcher.doc(address).get_first("article"))) for _, address in found]
        return [each.id for each in articles if len(each.body) <= MAX_TEXT and not highlighter.text(each.body).spans]

    def _distinct_values(self, name: str) -> list[tuple[str, tuple[str, ...]]]:
        wanted = {"values": {"terms": {"field": meta_path("meta", name), "size": _MAX_VALUES}}}
        buckets = self._searcher.aggregate(Query.all_query(), wanted)["values"]["buckets"]
        values = [bucket["key"][1:] for bucket in buckets]
        return [(value, tuple(self._analyzer.written(value))) for value in values]
