"""The forms of words: the index has words as written, and a query looks for all words of one stem."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from math import log

from tantivy import Occur, Query, Schema, Searcher

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.engines.tantivy.schema import count
from searchsvc.query.ast import TEXT_FIELDS

MAX_PHRASE_FORMS = 100  # of each word of a phrase in any form, the most frequent: in some languages, words have hundreds
_STEMS = 10_000  # whose forms are remembered
_BEGINNINGS = 8  # whose words are remembered

Forms = Mapping[str, Sequence[str]]
"""Words as written, by their stems or by the text fields that have them."""


class FormsReader:
    """Finds the forms of stems in the term dictionary of one generation. Threads can share it.

    `of` returns the forms of a stem in each text field, the most frequent first. `articles` returns the number of articles
    that have one of them.
    """

    def __init__(self, searcher: Searcher, schema: Schema, analyzer: Analyzer) -> None:
        self._searcher = searcher
        # Without references to this object, which would keep a generation in memory.
        begun = lru_cache(maxsize=_BEGINNINGS)(partial(_words_by_stem, searcher, analyzer))
        self.of = lru_cache(maxsize=_STEMS)(partial(_forms_of, searcher, analyzer, begun))
        self.articles = lru_cache(maxsize=_STEMS)(partial(_count, searcher, schema, self.of))

    def rarity(self, stem: str) -> float:
        """Return the inverse document frequency of a stem."""
        return self._idf(self.articles(stem))

    def doc_freq(self, field: str, stem: str) -> int:
        """Return the document frequencies of the forms of a stem in a field, added up."""
        return sum(self._searcher.doc_freq(field, form) for form in self.of(stem)[field])

    def weight(self, stem: str, field: str, form: str) -> float:
        """Return the factor by which the score of a form becomes that of its stem."""
        return self.rarity(stem) / self._idf(self._searcher.doc_freq(field, form))

    def phrase_weight(self, field: str, stems: Iterable[str], forms: Iterable[str]) -> float:
        """Return the factor by which the score of a phrase of forms becomes that of its stems."""
        rarities = (self._idf(self._searcher.doc_freq(field, form)) for form in forms)
        return sum(map(self.rarity, stems)) / sum(rarities)

    def _idf(self, articles: int) -> float:
        """Return the inverse document frequency, as Tantivy's BM25 has it."""
        everything = max(self._searcher.num_docs, articles)  # deleted articles still count in the number that have a word
        return log(1 + (everything - articles + 0.5) / (articles + 0.5))


def _words_by_stem(searcher: Searcher, analyzer: Analyzer, field: str, beginning: str) -> Forms:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for word, _ in searcher.terms_with_prefix(field, beginning):
        found[analyzer.stem_of(word)].append(word)
    return found


def _forms_of(searcher: Searcher, analyzer: Analyzer, begun: Callable[[str, str], Forms], stem: str) -> Forms:
    beginnings = analyzer.beginnings(stem)
    found: dict[str, list[str]] = {}
    for field in TEXT_FIELDS:
        forms = {form for beginning in beginnings for form in begun(field, beginning).get(stem, ())}
        found[field] = sorted(forms, key=lambda form: (-searcher.doc_freq(field, form), form))
    return found


def _count(searcher: Searcher, schema: Schema, forms_of: Callable[[str], Forms], stem: str) -> int:
    queries = [
        (Occur.Should, Query.term_query(schema, field, form, index_option="basic"))
        for field, forms in forms_of(stem).items()
        for form in forms
    ]
    return count(searcher, Query.boolean_query(queries))
