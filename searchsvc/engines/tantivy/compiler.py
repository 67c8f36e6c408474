"""Trees into Tantivy's queries. No text reaches the library's own parser."""

from collections.abc import Iterable
from datetime import date
from typing import assert_never

from tantivy import FieldType, Occur, Query, Schema

from searchsvc.analysis import Analyzer
from searchsvc.engines.tantivy.lexicon import MAX_LOOKUPS, MAX_WORDS, Lexicon
from searchsvc.engines.tantivy.schema import day_number, meta_path, meta_value
from searchsvc.forms import folded
from searchsvc.highlight import wanted_terms
from searchsvc.tree import TEXT_FIELDS, And, Boost, Dates, Everything, Field, Fuzzy, Node, Not, Or, Pattern, Phrase, Word

TITLE_WEIGHT = 0.3
"""What a word in the title adds, as a part of its own score there, to the score of title and body together."""


class Compiler:
    """Compiles one request; `notes` says what was left out of its queries."""

    def __init__(self, schema: Schema, analyzer: Analyzer, lexicon: Lexicon) -> None:
        self._schema = schema
        self._analyzer = analyzer
        self._lexicon = lexicon
        self.notes: list[str] = []
        self._words_left = MAX_WORDS
        self._lookups_left = MAX_LOOKUPS

    def matching(self, tree: Node) -> Query:
        """What the tree matches; everything, where none of its words has a letter to search for."""
        return self._compile(tree, None) or Query.all_query()

    def ranked(self, matching: Query, tree: Node) -> Query:
        """The same articles, with a higher score for words of the query in the title."""
        titles = [self._terms("title", terms) for terms in wanted_terms(tree, "title", self._analyzer)]
        if not titles:
            return matching
        boosts = [(Occur.Should, Query.boost_query(title, TITLE_WEIGHT)) for title in titles]
        return Query.boolean_query([(Occur.Must, matching), *boosts])

    def value(self, name: str, values: Iterable[str]) -> Query:
        """Articles that have one of these exact metadata values."""
        path = meta_path("meta", name)
        return _unscored(disjunction([self._exact(path, meta_value(value)) for value in values]))

    def days(self, start: date | None, end: date | None) -> Query:
        """Articles dated within these days, both included."""
        if start is None and end is None:
            return Query.all_query()
        if start is not None and end is not None and start > end:
            return Query.empty_query()
        bounds = day_number(start) if start else None, day_number(end) if end else None
        return _unscored(Query.range_query(self._schema, "day", FieldType.Integer, *bounds))

    def _compile(self, node: Node, scope: str | None) -> Query | None:
        """None for what says nothing, so that it neither adds nor removes articles."""
        match node:
            case Everything():
                return None
            case Word() | Phrase():
                return self._text(node, scope)
            case Pattern() | Fuzzy():
                return self._written(node, scope)
            case Boost(inner, weight):
                query = self._compile(inner, scope)
                return query and Query.boost_query(query, weight)
            case Field(name, inner):
                return self._compile(inner, name)
            case Dates(start, end):
                return self.days(start, end)
            case Not(inner):
                without = self._compile(inner, scope)
                return without and _all([], [without])
            case And(nodes):
                return self._conjunction(nodes, scope)
            case Or(nodes):
                queries = [query for inner in nodes if (query := self._compile(inner, scope)) is not None]
                return disjunction(queries) if queries else None
            case _:
                assert_never(node)

    def _conjunction(self, nodes: tuple[Node, ...], scope: str | None) -> Query | None:
        without = [query for node in nodes if isinstance(node, Not) and (query := self._compile(node.node, scope))]
        within = [query for node in nodes if not isinstance(node, Not) and (query := self._compile(node, scope))]
        return _all(within, without) if within or without else None

    def _text(self, node: Word | Phrase, scope: str | None) -> Query | None:
        if scope not in (None, *TEXT_FIELDS):
            terms = tuple(self._analyzer.written(node.text))
            return _unscored(self._terms(meta_path("meta_words", scope), terms)) if terms else None
        terms = tuple(self._analyzer.terms(node.text))
        if not terms:
            return None
        if scope == "body":
            return self._body(node, terms)
        return self._terms(scope or "text", terms)

    def _written(self, node: Pattern | Fuzzy, scope: str | None) -> Query:
        """Words as written. They do not weigh: which of them is rare says nothing about what was meant."""
        if scope not in (None, *TEXT_FIELDS):
            values = self._kept(self._lexicon.values(scope, node), node)
            return self.value(scope, values) if values else Query.empty_query()
        field = "title_words" if scope == "title" else "words"
        words = self._kept(self._lexicon.words(field, node), node) if isinstance(node, Pattern) else []
        found = self._forms(field, node, words)
        if scope == "body":
            found = self._less_titles(found, self._forms("title_words", node, words), node)
        return _unscored(found)

    def _forms(self, field: str, node: Pattern | Fuzzy, words: list[str]) -> Query:
        """Articles with one of the words that the pattern stands for, or with one like the fuzzy word."""
        if isinstance(node, Pattern):
            return disjunction([self._exact(field, word) for word in words]) if words else Query.empty_query()
        word = folded(node.text, self._analyzer)
        fuzzy = Query.fuzzy_term_query  # of no word at all, it would find nearly everything
        return fuzzy(self._schema, field, word, distance=node.distance) if word else Query.empty_query()

    def _kept(self, words: list[str], node: Pattern | Fuzzy) -> list[str]:
        """As many of the words as the query may still stand for."""
        kept = words[: self._words_left]
        self._words_left -= len(kept)
        if len(kept) < len(words):
            self.notes.append(f"“{node}” stands for {len(words):,} words; the {len(kept):,} most frequent were looked for")
        return kept

    def _less_titles(self, anywhere: Query, in_title: Query, node: Phrase | Word | Pattern | Fuzzy) -> Query:
        """What is found anywhere, less what only the title has; that is looked up article by article."""
        candidates = _all([anywhere, in_title], [])
        cost = 3 if isinstance(node, Pattern | Fuzzy) else 1
        looked_at, ids = self._lexicon.only_in_title(candidates, node, self._lookups_left // cost)
        self._lookups_left -= cost * looked_at
        return _all([anywhere], [self._exact("id", article_id) for article_id in ids])

    def _terms(self, field: str, terms: tuple[str, ...]) -> Query:
        """One word, or several side by side; a phrase of one word would panic."""
        if len(terms) == 1:
            return Query.term_query(self._schema, field, terms[0], index_option="freq")
        return Query.phrase_query(self._schema, field, list(terms))

    def _body(self, node: Word | Phrase, terms: tuple[str, ...]) -> Query:
        """What `text` finds and the body has the words of, less phrases that only the title has."""
        words = [_unscored(self._exact("body", term)) for term in dict.fromkeys(terms)]
        found = _all([self._terms("text", terms), *words], [])
        return found if len(terms) == 1 else self._less_titles(found, self._terms("title", terms), node)

    def _exact(self, field: str, term: str) -> Query:
        return Query.term_query(self._schema, field, term, index_option="basic")


def _unscored(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)


def disjunction(queries: list[Query]) -> Query:
    """Articles that at least one of these queries matches."""
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, query) for query in queries])


def _all(within: list[Query], without: list[Query]) -> Query:
    """All of the first and none of the second, as one flat node: Tantivy overflows its stack on deep chains."""
    if len(within) == 1 and not without:
        return within[0]
    # Exclusions alone would find nothing.
    musts = within or [Query.all_query()]
    return Query.boolean_query([*((Occur.Must, query) for query in musts), *((Occur.MustNot, query) for query in without)])


def conjunction(queries: list[Query]) -> Query:
    """Articles that all of these queries match."""
    return _all(queries, [])
