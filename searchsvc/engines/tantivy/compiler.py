"""Compilation of query trees into Tantivy's queries. No text reaches the library's own parser."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import combinations
from typing import NamedTuple

from tantivy import FieldType, Occur, Query, Schema

from searchsvc.analysis.term_matching import is_exact, normalize, slop_of, terms_of, words_of
from searchsvc.engines.compiler import TreeCompiler
from searchsvc.engines.expansion import Expansion, unverified
from searchsvc.engines.tantivy.forms import MAX_PHRASE_FORMS, FormsReader
from searchsvc.engines.tantivy.queries import boolean, conjunction, disjunction, unscored
from searchsvc.engines.tantivy.schema import meta_path, meta_value
from searchsvc.engines.tantivy.terms import MAX_LOOKUPS, MAX_NEAR, TermsReader
from searchsvc.messages import Message
from searchsvc.model.article import last_number
from searchsvc.model.languages import language_filter
from searchsvc.model.periods import Period, day_number
from searchsvc.query.ast import TEXT_FIELDS, Field, Fuzzy, Node, Phrase, Term, Wildcard
from searchsvc.query.request import MAX_WORDS, SearchRequest

_MANY_VALUES = 200  # of a field, from which on a set of terms is faster than alternatives
_MAX_PAIRED = 6  # words of a sloppy phrase of which every two are looked for near each other


class _InLanguages(NamedTuple):
    """What a node looks for in the articles of some languages, in which its words have the same forms."""

    languages: list[str]
    forms: FormsReader
    terms: tuple[str, ...]


class Compiler(TreeCompiler[Query]):
    """Compiles one request. `notes` collects the parts of the query that were cut.

    `forms` are those of the languages of the archive, the most frequent language first.
    """

    def __init__(
        self, schema: Schema, terms: TermsReader, forms: Sequence[FormsReader], max_words: int = MAX_WORDS
    ) -> None:
        self._schema = schema
        self._analyzer = forms[0].analyzer
        self._terms = terms
        self._forms = forms
        self.notes: list[str] = []
        self._expansion = Expansion(self.notes, max_words)
        self._lookups_left = MAX_LOOKUPS
        self._near_left = MAX_NEAR

    def matching(self, tree: Node) -> Query:
        """Compile a whole tree. A tree without searchable terms matches every article."""
        return self.compile(tree) or Query.all_query()

    def exact_values(self, values: Iterable[str], name: str) -> Query:
        return self.value(name, values)

    def value(self, name: str, values: Iterable[str]) -> Query:
        """Return a query for articles that have one of these exact metadata values."""
        path, terms = meta_path("meta", name), list(map(meta_value, values))
        if len(terms) > _MANY_VALUES:
            return unscored(Query.term_set_query(self._schema, path, terms))
        return unscored(disjunction([self._exact(path, term) for term in terms])) if terms else Query.empty_query()

    def field_filter(self, name: str, request: SearchRequest) -> Query:
        """Return a query for the articles that the filters of a metadata field keep."""
        required, excluded = request.required_values(name), request.excluded_values(name)
        must = [] if required is None else [self.value(name, required)]
        return unscored(boolean(must, [self.value(name, excluded)])) if excluded or not must else must[0]

    def date_range(self, start: date | None, end: date | None) -> Query:
        if start is None and end is None:
            return Query.all_query()
        if start is not None and end is not None and start > end:
            return Query.empty_query()
        return self.numbers("day", day_number(start) if start else None, day_number(end) if end else None)

    def numbers(self, field: str, least: int | None, most: int | None) -> Query:
        """Return a query for articles with a number in this range, both ends included."""
        return unscored(Query.range_query(self._schema, field, FieldType.Integer, least, most))

    def among(self, field: str, numbers: Iterable[int]) -> Query:
        """Return a query for articles with one of these numbers."""
        # A term set query takes eight times as long for a hundred.
        return unscored(disjunction([self._exact(field, number) for number in numbers]))

    def without(self, query: Query, numbers: Sequence[int]) -> Query:
        """Return a query for the articles that match, but for those with one of these numbers."""
        return boolean([query], [self.among("number", numbers)]) if numbers else query

    def boosted(self, query: Query, weight: float) -> Query:
        return Query.boost_query(query, weight)

    def boolean(self, must: list[Query], must_not: list[Query]) -> Query:
        return boolean(must, must_not)

    def disjunction(self, queries: list[Query]) -> Query:
        return disjunction(queries)

    def text(self, node: Term | Phrase, scope: str | None) -> Query | None:
        words = words_of(node, self._analyzer)
        if not words:
            return None
        if is_exact(node):
            return disjunction([self.written(field, words) for field in _fields(scope)])
        found: dict[object, _InLanguages] = {}
        for forms in self._forms:
            terms = tuple(map(forms.analyzer.stem_of, words))
            key = tuple(map(forms.listed, terms)) if len(self._forms) > 1 else ()
            found.setdefault(key, _InLanguages([], forms, terms)).languages.append(forms.analyzer.language)
        each_in_its_articles = (
            self.in_articles_of(each.languages, self._in_forms(node, scope, each)) for each in found.values()
        )
        return disjunction(list(each_in_its_articles))

    def in_articles_of(self, languages: list[str], query: Query) -> Query:
        """Return the query within the articles that are searched by the rules of some languages."""
        kept, left_out = language_filter(languages, [forms.analyzer.language for forms in self._forms])
        if kept:
            return conjunction([query, unscored(disjunction([self._exact("language", each) for each in kept]))])
        return boolean([query], [self._exact("language", each) for each in left_out])

    def _in_forms(self, node: Term | Phrase, scope: str | None, found: "_InLanguages") -> Query:
        forms, terms, fields = found.forms, found.terms, _fields(scope)
        if len(terms) == 1:
            typed = self._analyzer.tokens(node.text)
            return forms.word(terms[0], typed[0] if len(typed) == 1 else "", scope)
        slop = slop_of(node)
        if slop and self._near_left <= 0:
            self.notes.append(
                Message(
                    "“%(query)s” is one sloppy phrase too many: its words may be anywhere in these articles", query=node
                )
            )
            return disjunction(
                [conjunction([forms.word(term, scope=field) for term in dict.fromkeys(terms)]) for field in fields]
            )
        # Title and body each have their own positions, so that no phrase joins them.
        return disjunction([self._phrase(field, slop, node, found) for field in fields])

    def _phrase(self, field: str, slop: int, node: Term | Phrase, found: "_InLanguages") -> Query:
        forms, terms = found.forms, found.terms
        if any(len(forms.of(term)[field]) > MAX_PHRASE_FORMS for term in terms):
            note = Message(
                "“%(query)s” was searched for in the %(number)s most frequent forms of each of its words",
                query=node,
                number=MAX_PHRASE_FORMS,
            )
            self.notes.append(note)
        if not slop:
            return forms.adjacent(field, terms)
        pairs = self._affordable_pairs(field, forms, terms[:_MAX_PAIRED])
        if len(terms) == 2 and pairs:
            return forms.near(field, terms, slop)
        # Tantivy misses some sloppy phrases of three words and finds some that are none; of two it is exact. Where all the
        # words are near, every two of them are: those articles are looked at one by one.
        near = [forms.near(field, (one, other), slop, places) for one, other, places in pairs]
        paired = {term for one, other, _ in pairs for term in (one, other)}
        others = [forms.word(term, scope=field) for term in dict.fromkeys(terms) if term not in paired]
        candidates = self.in_articles_of(found.languages, conjunction([*near, *others]))
        exact = forms.adjacent(field, terms)
        false_positives = self._false_positives(boolean([candidates], [exact]), field, node, found.languages)
        return Query.boolean_query([(Occur.Must, boolean([candidates], false_positives)), (Occur.Should, exact)])

    def _affordable_pairs(self, field: str, forms: FormsReader, terms: tuple[str, ...]) -> list[tuple[str, str, int]]:
        """Return pairs of different terms and the places between them, the rarest first, and as many as are affordable."""
        articles = {term: forms.doc_freq(field, term) for term in terms}
        apart = ((terms[i], terms[j], j - i) for i, j in combinations(range(len(terms)), 2))
        pairs = sorted({(min(articles[one], articles[other]), one, other, at) for one, other, at in apart if one != other})
        chosen: list[tuple[str, str, int]] = []
        for number, one, other, at in pairs:
            if chosen and self._near_left <= 0:
                break
            self._near_left -= number
            chosen.append((one, other, at))
        return chosen

    def _false_positives(self, candidates: Query, field: str, node: Term | Phrase, languages: list[str]) -> list[Query]:
        key = " ".join(languages)
        looked_at, ids = self._terms.reject_false_positives(candidates, Field(field, node), key, self._lookups_left)
        if looked_at == self._lookups_left:
            self.notes.append(unverified(node))
        self._lookups_left -= looked_at
        return [self._exact("id", article_id) for article_id in ids]

    def metadata(self, node: Term | Phrase, name: str) -> Query | None:
        terms = terms_of(node, self._analyzer, stemmed=False)
        if not terms:
            return None
        if slop_of(node) and len(terms) > 1:
            return self.values(node, name)  # positions run on from value to value
        path = meta_path("meta_words", name)
        found = self._exact(path, terms[0]) if len(terms) == 1 else Query.phrase_query(self._schema, path, list(terms))
        return unscored(found)

    def expanded(self, node: Wildcard | Fuzzy, scope: str | None) -> Query:
        # Words as written do not affect the score: their rarity says nothing about the query.
        fields = [scope] if scope else list(TEXT_FIELDS)
        if isinstance(node, Wildcard):
            words = self._expansion.kept(node, self._terms.words(fields, node))
            queries = [self._exact(field, word) for word in words for field in fields]
        else:
            # Of no word at all, a fuzzy query would find nearly everything.
            word, fuzzy = normalize(node.text, self._analyzer), Query.fuzzy_term_query
            queries = [fuzzy(self._schema, field, word, distance=node.distance) for field in fields if word]
        return unscored(disjunction(queries)) if queries else Query.empty_query()

    def values(self, node: Phrase | Term | Wildcard | Fuzzy, name: str) -> Query:
        values = self._expansion.kept(node, self._terms.values(name, node))
        return self.value(name, values) if values else Query.empty_query()

    def written(self, field: str, words: Sequence[str], slop: int = 0) -> Query:
        """Return a query for words exactly as written, side by side or within some steps."""
        if len(words) > 1:
            return Query.phrase_query(self._schema, field, list(words), slop=slop)
        return Query.term_query(self._schema, field, words[0], index_option="freq")

    def _exact(self, field: str, term: str | int) -> Query:
        return Query.term_query(self._schema, field, term, index_option="basic")


class RequestQueries:
    """The queries of one request, with and without the filter of a single facet."""

    def __init__(self, request: SearchRequest, compiler: Compiler) -> None:
        self._compiler, self._left_out = compiler, request.without
        self._tree = compiler.matching(request.tree)
        self._filters = {name: compiler.field_filter(name, request) for name in request.filtered_fields}
        periods = [period for value in request.dates if (period := Period.parse(value)) is not None]
        self._dates = [disjunction([compiler.date_range(*period) for period in periods])] if request.dates else []
        self._span = [compiler.date_range(request.start, request.end)] if request.start or request.end else []
        if request.share < 1:
            self._span.append(compiler.numbers("number", 0, last_number(request.share)))

    def hits(self) -> Query:
        """Return the query for the hits: for all that matches but the articles that the request leaves out."""
        return self._compiler.without(self.matching(), self._left_out)

    def matching(self) -> Query:
        return self._query(self._filters.values(), self._dates)

    def without_field(self, field: str) -> Query:
        return self._query((query for name, query in self._filters.items() if name != field), self._dates)

    def without_dates(self) -> Query:
        return self._query(self._filters.values(), [])

    def _query(self, filters: Iterable[Query], dates: list[Query]) -> Query:
        return conjunction([self._tree, *filters, *dates, *self._span])


def _fields(scope: str | None) -> tuple[str, ...]:
    return (scope,) if scope else TEXT_FIELDS
