"""How rare words are, from which their scores are made.

In an archive of many languages, every word of a small one is rare among all articles. So a word is judged where it is at
home: among the articles of the language in which most articles have it.
"""

from collections import Counter
from functools import cache, partial
from math import log

from tantivy import Query, Searcher

from searchsvc.engines.tantivy.schema import count, meta_path

_LEAST = 0.01  # of the articles: fewer may be in a language by mistake, and are counted together
_MAX_LANGUAGES = 1_000
_UNKNOWN = "="


class RarityReader:
    """Tells the inverse document frequencies of words in one generation. Threads can share it.

    `documents` is their number with the deleted ones. `is_mixed` says whether there are articles in several languages.
    """

    def __init__(self, searcher: Searcher, documents: int, *, is_mixed: bool) -> None:
        self._searcher = searcher
        self._documents = documents
        self._is_mixed = is_mixed
        # Without a reference to this object, which would keep a generation in memory.
        self._everything = cache(partial(_large_languages, searcher))

    def of(self, query: Query) -> float:
        """Return the inverse document frequency of a word, given the query for the articles with it."""
        if not self._is_mixed:
            return _idf(count(self._searcher, query), self._searcher.num_docs)
        known, having = self._everything(), Counter[str]()
        for code, articles in _by_language(self._searcher, query).items():
            having[code if code in known else _UNKNOWN] += articles
        home = max(known, key=having.__getitem__)
        return _idf(having[home], known[home])

    def of_form(self, field: str, form: str) -> float:
        """Return the inverse document frequency by which the library scores a form. Deleted articles still count in it."""
        return _idf(self._searcher.doc_freq(field, form), self._documents)


def _idf(articles: int, everything: int) -> float:
    """Return the inverse document frequency, as Tantivy's BM25 has it."""
    return log(1 + (everything - articles + 0.5) / (articles + 0.5))


def _large_languages(searcher: Searcher) -> Counter[str]:
    """Return the number of articles in each language, and of those in small ones together."""
    found, large = _by_language(searcher, Query.all_query()), Counter[str]()
    for code, articles in found.items():
        large[code if articles >= _LEAST * found.total() else _UNKNOWN] += articles
    return large


def _by_language(searcher: Searcher, query: Query) -> Counter[str]:
    terms = {"field": meta_path("meta", "language"), "size": _MAX_LANGUAGES, "missing": _UNKNOWN}
    buckets = searcher.aggregate(query, {"languages": {"terms": terms}})["languages"]["buckets"]
    return Counter({str(bucket["key"]): int(bucket["doc_count"]) for bucket in buckets})
