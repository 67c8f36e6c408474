"""Trees into Tantivy's queries. No text reaches the library's own parser."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import combinations

from tantivy import FieldType, Occur, Query, Schema

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.term_matching import normalize, terms_of
from searchsvc.engines.compiler import TreeCompiler
from searchsvc.engines.expansion import Expansion
from searchsvc.engines.stored import day_number
from searchsvc.engines.tantivy.schema import meta_path, meta_value
from searchsvc.engines.tantivy.terms import MAX_LOOKUPS, MAX_NEAR, TermsReader
from searchsvc.query.ast import TEXT_FIELDS, Field, Fuzzy, Node, Phrase, Term, Wildcard

_MAX_PAIRED = 6
"""Words of a sloppy phrase of which every two are looked for near each other."""


class Compiler(TreeCompiler[Query]):
    """Compiles one request; `notes` says what was left out of its queries."""

    def __init__(self, schema: Schema, analyzer: Analyzer, lexicon: TermsReader) -> None:
        self._schema = schema
        self._analyzer = analyzer
        self._lexicon = lexicon
        self.notes: list[str] = []
        self._expansion = Expansion(self.notes)
        self._lookups_left = MAX_LOOKUPS
        self._near_left = MAX_NEAR

    def matching(self, tree: Node) -> Query:
        """What the tree matches; everything, where none of its words has a letter to search for."""
        return self.compiled(tree) or Query.all_query()

    def value(self, name: str, values: Iterable[str]) -> Query:
        """Articles that have one of these exact metadata values."""
        path = meta_path("meta", name)
        return unscored(disjunction([self._exact(path, meta_value(value)) for value in values]))

    def days(self, start: date | None, end: date | None) -> Query:
        """Articles dated within these days, both included."""
        if start is None and end is None:
            return Query.all_query()
        if start is not None and end is not None and start > end:
            return Query.empty_query()
        return self.numbers("day", day_number(start) if start else None, day_number(end) if end else None)

    def numbers(self, field: str, least: int | None, most: int | None) -> Query:
        """Articles whose number in this field lies within these, both included."""
        return unscored(Query.range_query(self._schema, field, FieldType.Integer, least, most))

    def among(self, field: str, numbers: Iterable[int]) -> Query:
        """Articles whose number in this field is one of these."""
        # A term set query takes eight times as long for a hundred.
        return unscored(
            disjunction([Query.term_query(self._schema, field, each, index_option="basic") for each in numbers])
        )

    def dated(self, start: date | None, end: date | None) -> Query:
        """Days, both included, without a part in the score."""
        return self.days(start, end)

    def boosted(self, query: Query, weight: float) -> Query:
        """The same with so many times its weight."""
        return Query.boost_query(query, weight)

    def less(self, within: list[Query], without: list[Query]) -> Query:
        """All of the first and none of the second."""
        return less(within, without)

    def any_of(self, queries: list[Query]) -> Query:
        """At least one of them."""
        return disjunction(queries)

    # Words and phrases

    def text(self, node: Term | Phrase, scope: str | None) -> Query | None:
        terms = terms_of(node, self._analyzer)
        if not terms:
            return None
        if len(terms) == 1:
            return self.term(scope or "text", terms[0])
        slop = node.slop if isinstance(node, Phrase) else 0
        # Title and body each have their own positions, so that no phrase joins them.
        return disjunction([self._phrase(field, terms, slop, node) for field in ((scope,) if scope else TEXT_FIELDS)])

    def _phrase(self, field: str, terms: tuple[str, ...], slop: int, node: Term | Phrase) -> Query:
        if not slop:
            return Query.phrase_query(self._schema, field, list(terms))
        first = terms[:_MAX_PAIRED]
        apart = ((first[i], first[j], j - i) for i, j in combinations(range(len(first)), 2))
        pairs = sorted({(one, other, places) for one, other, places in apart if one != other})
        self._near_left -= len(pairs)
        if self._near_left < 0:
            self.notes.append(f"“{node}” is one too many: its words may be anywhere in these articles")
            return conjunction([self.term(field, term) for term in dict.fromkeys(terms)])
        if len(terms) == 2 and terms[0] != terms[1]:
            return self.near(field, terms, slop)
        # Tantivy misses some sloppy phrases of three words and finds some that are none; of two it is exact. Where all the
        # words are near, every two of them are: those articles are looked at one by one.
        near = [self.near(field, pair, slop, places) for *pair, places in pairs]
        others = [self.term(field, term) for term in dict.fromkeys(terms[_MAX_PAIRED:])]
        candidates = conjunction([*near, *others] or [self.term(field, terms[0])])
        exact = Query.phrase_query(self._schema, field, list(terms))
        reject_false_positives = self._lacking(less([candidates], [exact]), field, node)
        return Query.boolean_query([(Occur.Must, less([candidates], reject_false_positives)), (Occur.Should, exact)])

    def _lacking(self, candidates: Query, field: str, node: Term | Phrase) -> list[Query]:
        """Those of the candidates that do not have the sloppy phrase, looked at one by one."""
        looked_at, ids = self._lexicon.reject_false_positives(candidates, Field(field, node), self._lookups_left)
        if looked_at == self._lookups_left:
            self.notes.append(f"“{node}” takes long to look for: some of these articles may have its words farther apart")
        self._lookups_left -= looked_at
        return [self._exact("id", article_id) for article_id in ids]

    def metadata(self, node: Term | Phrase, name: str) -> Query | None:
        terms = terms_of(node, self._analyzer, stemmed=False)
        if not terms:
            return None
        if isinstance(node, Phrase) and node.slop and len(terms) > 1:
            return self.values(node, name)  # positions run on from value to value
        path = meta_path("meta_words", name)
        found = self.term(path, terms[0]) if len(terms) == 1 else Query.phrase_query(self._schema, path, list(terms))
        return unscored(found)

    # Words as written

    def word_set(self, node: Wildcard | Fuzzy, scope: str | None) -> Query:
        """Words as written. They do not weigh: which of them is rare says nothing about what was meant."""
        fields = [f"{scope}_words"] if scope else [f"{field}_words" for field in TEXT_FIELDS]
        if isinstance(node, Wildcard):
            words = self._expansion.kept(node, self._lexicon.words(fields, node))
            queries = [self._exact(field, word) for word in words for field in fields]
        else:
            # Of no word at all, a fuzzy query would find nearly everything.
            word, fuzzy = normalize(node.text, self._analyzer), Query.fuzzy_term_query
            queries = [fuzzy(self._schema, field, word, distance=node.distance) for field in fields if word]
        return unscored(disjunction(queries)) if queries else Query.empty_query()

    def values(self, node: Phrase | Term | Wildcard | Fuzzy, name: str) -> Query:
        values = self._expansion.kept(node, self._lexicon.values(name, node))
        return self.value(name, values) if values else Query.empty_query()

    # Queries

    def term(self, field: str, term: str) -> Query:
        """Articles with this term, scored by BM25."""
        return Query.term_query(self._schema, field, term, index_option="freq")

    def near(self, field: str, pair: Sequence[str], slop: int, places: int = 1) -> Query:
        """Articles where two different terms stand so many places from each other, or `slop` steps from that: exact."""
        return Query.phrase_query(self._schema, field, [(0, pair[0]), (places, pair[1])], slop=slop)

    def _exact(self, field: str, term: str) -> Query:
        return Query.term_query(self._schema, field, term, index_option="basic")


def unscored(query: Query) -> Query:
    """The same articles, without a part in their score."""
    return Query.const_score_query(query, 0.0)


def disjunction(queries: list[Query]) -> Query:
    """Articles that at least one of these queries matches."""
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, query) for query in queries])


def conjunction(queries: list[Query]) -> Query:
    """Articles that all of these queries match."""
    return less(queries, [])


def less(within: list[Query], without: list[Query]) -> Query:
    """All of the first and none of the second, as one flat node: Tantivy overflows its stack on deep chains."""
    if len(within) == 1 and not without:
        return within[0]
    # Exclusions alone would find nothing.
    musts = within or [Query.all_query()]
    return Query.boolean_query([*((Occur.Must, query) for query in musts), *((Occur.MustNot, query) for query in without)])
