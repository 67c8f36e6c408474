"""The forms of words: the index has words as written, and a query looks for all words of one stem.

Each language of the archive has forms of its own, which are looked for in the articles of that language.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from itertools import chain, compress, product
from math import prod

from tantivy import Occur, Query, Schema, Searcher

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.engines.scoring import EXACT_WEIGHT
from searchsvc.engines.tantivy.queries import best_of
from searchsvc.engines.tantivy.rarity import RarityReader
from searchsvc.engines.tantivy.schema import count
from searchsvc.model.languages import UNSPACED
from searchsvc.query.ast import TEXT_FIELDS

MAX_PHRASE_FORMS = 100  # of each word of a phrase in any form, the most frequent: in some languages, words have hundreds
_TITLE_WEIGHT = 1.5  # weight of a word in the title
_MAX_PHRASES = 8  # phrases of forms beyond which one query with patterns takes less time
_STEMS = 10_000  # whose forms are remembered
_BEGINNINGS = 8  # whose words are remembered by their stems
_FEW_WORDS = 2_000  # that are compared with a stem: to group them by their stems takes as long as ten such comparisons
_READ = 64  # beginnings whose words are remembered

_MAX_RUN = 3  # characters of a text without spaces that are a word where any word is enough
_UNSPACED = re.compile(f"[{UNSPACED}]")
WordsWith = Callable[[str, str], Sequence[str]]
"""Returns the words of a field that begin so."""
WordsOf = Callable[[str], Iterable[str]]
"""Returns the words that have a stem."""
Forms = Mapping[str, Sequence[str]]
"""Words as written, by the text fields that have them."""


class FormsReader:
    """Finds the forms of stems of one language in the term dictionary of one generation. Threads can share it.

    `of` returns the forms of a stem in each text field, the most frequent first, and `listed` the same as a tuple, by which
    languages are compared. `articles` returns the number of articles that have one of them, and `rarity` their rarity.
    """

    def __init__(
        self,
        searcher: Searcher,
        schema: Schema,
        analyzer: Analyzer,
        words_with: WordsWith,
        rarity: RarityReader,
    ) -> None:
        self.analyzer = analyzer
        self._searcher = searcher
        self._schema = schema
        self._rarity = rarity
        # Without references to this object, which would keep a generation in memory.
        begun = lru_cache(maxsize=_BEGINNINGS)(partial(_words_by_stem, words_with, analyzer))
        self.of = lru_cache(maxsize=_STEMS)(partial(_forms_of, searcher, analyzer, begun))
        self.listed = lru_cache(maxsize=_STEMS)(partial(_listed, self.of))
        self.articles = lru_cache(maxsize=_STEMS)(partial(_count, searcher, schema, self.of))
        self.rarity = lru_cache(maxsize=_STEMS)(partial(_rarity, rarity, schema, self.of))
        self._rarity_of_run = lru_cache(maxsize=_STEMS)(partial(_rarity_of_run, rarity, schema))

    def doc_freqs(self, stems: Iterable[str]) -> dict[str, int]:
        """Return the number of articles that have a form of each stem."""
        return {stem: self.articles(stem) for stem in stems}

    def doc_freq(self, field: str, stem: str) -> int:
        """Return the document frequencies of the forms of a stem in a field, added up."""
        return sum(self._searcher.doc_freq(field, form) for form in self.of(stem)[field])

    def word(self, stem: str, typed: str = "", scope: str | None = None) -> Query:
        """Return a query for articles with a form of this stem, scored by BM25 and most by the form that was typed."""
        forms, queries = self.of(stem), []
        for field in (scope,) if scope else TEXT_FIELDS:
            for form in forms[field]:
                weight = self._weight(stem, field, form) * (_TITLE_WEIGHT if field == "title" and not scope else 1)
                term = Query.term_query(self._schema, field, form, index_option="freq")
                queries.append(Query.boost_query(term, weight * (1 + EXACT_WEIGHT * (form == typed))))
        return best_of(queries) if queries else Query.empty_query()

    def adjacent(self, field: str, terms: Sequence[str]) -> Query:
        """Return a query for adjacent words in all their forms."""
        return self._at(field, list(enumerate(terms)), 0)

    def near(self, field: str, pair: Sequence[str], slop: int, places: int = 1) -> Query:
        """Return a query for two different terms `places` positions apart, give or take `slop` steps. It is exact."""
        return self._at(field, [(0, pair[0]), (places, pair[1])], slop)

    def _at(self, field: str, terms: Sequence[tuple[int, str]], slop: int) -> Query:
        """Return a query for terms in all their forms at positions relative to each other."""
        places, stems = zip(*terms, strict=True)
        forms = [self.of(stem)[field][:MAX_PHRASE_FORMS] for stem in stems]
        if prod(map(len, forms)) > _MAX_PHRASES:
            patterns: list[str | tuple[int, str]] = list(zip(places, map("|".join, forms), strict=True))
            found = Query.regex_phrase_query(self._schema, field, patterns, slop=slop)
            return Query.boost_query(found, self._phrase_weight(field, stems, chain(*forms)))
        phrases = [
            Query.boost_query(
                Query.phrase_query(self._schema, field, list(zip(places, words, strict=True)), slop=slop),
                self._phrase_weight(field, stems, words),
            )
            for words in product(*forms)
        ]
        return best_of(phrases) if phrases else Query.empty_query()

    def _weight(self, stem: str, field: str, form: str) -> float:
        """Return the factor by which the score of a form becomes that of its stem."""
        return self.rarity(stem) / self._rarity.of_form(field, form)

    def _phrase_weight(self, field: str, stems: Sequence[str], forms: Iterable[str]) -> float:
        """Return the factor by which the score of a phrase of forms becomes that of its stems.

        Two or three characters of a script without spaces are scored by their own rarity: they are one word, not several.
        """
        rarities = sum(self._rarity.of_form(field, form) for form in forms)
        if 1 < len(stems) <= _MAX_RUN and all(map(_is_unspaced, stems)):
            return self._rarity_of_run(field, stems) / rarities
        return sum(map(self.rarity, stems)) / rarities


def words_reader(searcher: Searcher) -> WordsWith:
    """Return a function that reads the words of a text field that begin so, and remembers some, for all languages."""
    return lru_cache(maxsize=_READ)(partial(_words_with, searcher))


def _words_with(searcher: Searcher, field: str, beginning: str) -> list[str]:
    return [word for word, _ in searcher.terms_with_prefix(field, beginning)]


def _words_by_stem(words_with: WordsWith, analyzer: Analyzer, field: str, beginning: str) -> WordsOf:
    words = words_with(field, beginning)
    stems = analyzer.stems(words)
    if len(words) <= _FEW_WORDS:
        return lambda stem: compress(words, map(stem.__eq__, stems))
    found: defaultdict[str, list[str]] = defaultdict(list)
    for word, stem in zip(words, stems, strict=True):
        found[stem].append(word)
    return lambda stem: found.get(stem, ())


def _forms_of(searcher: Searcher, analyzer: Analyzer, begun: Callable[[str, str], WordsOf], stem: str) -> Forms:
    beginnings = analyzer.beginnings(stem)
    found: dict[str, list[str]] = {}
    for field in TEXT_FIELDS:
        forms = {form for beginning in beginnings for form in begun(field, beginning)(stem)}
        found[field] = sorted(forms, key=lambda form: (-searcher.doc_freq(field, form), form))
    return found


def _listed(forms_of: Callable[[str], Forms], stem: str) -> tuple[tuple[str, ...], ...]:
    return tuple(map(tuple, forms_of(stem).values()))


def _count(searcher: Searcher, schema: Schema, forms_of: Callable[[str], Forms], stem: str) -> int:
    return count(searcher, _any_form(schema, forms_of(stem)))


def _rarity(rarity: RarityReader, schema: Schema, forms_of: Callable[[str], Forms], stem: str) -> float:
    return rarity.of(_any_form(schema, forms_of(stem)))


def _any_form(schema: Schema, forms_by_field: Forms) -> Query:
    queries = [
        (Occur.Should, Query.term_query(schema, field, form, index_option="basic"))
        for field, forms in forms_by_field.items()
        for form in forms
    ]
    return Query.boolean_query(queries)


def _rarity_of_run(rarity: RarityReader, schema: Schema, field: str, characters: Sequence[str]) -> float:
    return rarity.of(Query.phrase_query(schema, field, [*characters]))


def _is_unspaced(word: str) -> bool:
    return len(word) == 1 and _UNSPACED.match(word) is not None
