"""What the index knows of words: which a pattern stands for, which values have them, and which titles have them alone."""

from collections.abc import Callable
from functools import cache, lru_cache

from tantivy import Query, Searcher

from searchsvc.analysis import Analyzer
from searchsvc.engines.tantivy.schema import article_at, meta_path
from searchsvc.forms import literal_prefix, matcher
from searchsvc.highlight import MAX_TEXT, Highlighter
from searchsvc.tree import Field, Fuzzy, Node, Pattern, Phrase, Word

MAX_WORDS = 1_024
"""Words that the prefixes and wildcards of one query may stand for; the most frequent of each are kept."""
MAX_LOOKUPS = 1_000
"""Articles that one query may have looked at one by one; of words as written, a third of it."""
_MAX_VALUES = 60_000


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

    def only_in_title(self, candidates: Query, node: Phrase | Word | Pattern | Fuzzy, limit: int) -> tuple[int, list[str]]:
        """How many articles were looked at, and the ids of those whose body does not have what the node looks for.

        At most `limit` articles are looked at; those beyond count as having it.
        """
        if limit < 1:
            return 0, []
        has = self._form_finder(node) if isinstance(node, Pattern | Fuzzy) else self._phrase_finder(node)
        found = self._searcher.search(candidates, limit=limit, count=False).hits
        articles = [article_at(self._searcher, address) for _, address in found]
        return len(articles), [each.id for each in articles if len(each.body) <= MAX_TEXT and not has(each.body)]

    def _phrase_finder(self, node: Node) -> Callable[[str], bool]:
        highlighter = Highlighter(Field("body", node), self._analyzer)
        return lambda body: bool(highlighter.text(body).spans)

    def _form_finder(self, node: Pattern | Fuzzy) -> Callable[[str], bool]:
        matches = cache(matcher(node, self._analyzer))
        return lambda body: any(map(matches, set(self._analyzer.written(body))))

    def _distinct_values(self, name: str) -> list[tuple[str, tuple[str, ...]]]:
        wanted = {"values": {"terms": {"field": meta_path("meta", name), "size": _MAX_VALUES}}}
        buckets = self._searcher.aggregate(Query.all_query(), wanted)["values"]["buckets"]
        values = [bucket["key"][1:] for bucket in buckets]
        return [(value, tuple(self._analyzer.written(value))) for value in values]
