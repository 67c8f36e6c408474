"""Trees into Tantivy's queries. No text reaches the library's own parser."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import assert_never

from tantivy import FieldType, Occur, Query, Schema

from searchsvc.analysis import Analyzer
from searchsvc.engines.tantivy.schema import meta_path, meta_value
from searchsvc.highlight import wanted_terms
from searchsvc.tree import And, Dates, Everything, Field, Node, Not, Or, Phrase, Word

TITLE_WEIGHT = 0.3
"""What a word in the title adds, as a part of its own score there, to the score of title and body together."""


class Compiler:
    """Compiles for one schema and one language.

    `only_in_title` is given a query for articles that have a phrase in the title and all its words in the body, and the
    stems of the phrase; it answers with the ids of those whose body has the words, but not the phrase.
    """

    def __init__(
        self, schema: Schema, analyzer: Analyzer, only_in_title: Callable[[Query, tuple[str, ...]], list[str]]
    ) -> None:
        self._schema = schema
        self._analyzer = analyzer
        self._only_in_title = only_in_title

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
        bounds = _number(start) if start else None, _number(end) if end else None
        return _unscored(Query.range_query(self._schema, "day", FieldType.Integer, *bounds))

    def _compile(self, node: Node, scope: str | None) -> Query | None:
        """None for what says nothing, so that it neither adds nor removes articles."""
        match node:
            case Everything():
                return None
            case Word(text) | Phrase(text):
                return self._text(text, scope)
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

    def _text(self, text: str, scope: str | None) -> Query | None:
        if scope in (None, "title", "body"):
            terms = tuple(self._analyzer.terms(text))
            if not terms:
                return None
            return self._body(terms) if scope == "body" else self._terms(scope or "text", terms)
        terms = tuple(self._analyzer.written(text))
        return _unscored(self._terms(meta_path("meta_words", scope), terms)) if terms else None

    def _terms(self, field: str, terms: tuple[str, ...]) -> Query:
        """One word, or several side by side; a phrase of one word would panic."""
        if len(terms) == 1:
            return Query.term_query(self._schema, field, terms[0], index_option="freq")
        return Query.phrase_query(self._schema, field, list(terms))

    def _body(self, terms: tuple[str, ...]) -> Query:
        """What `text` finds, less what only the title has."""
        without = [self._exact("title_only", term) for term in set(terms)]
        text = self._terms("text", terms)
        if len(terms) > 1:
            candidates = _all([text, self._terms("title", terms)], without)
            without += [self._exact("id", article_id) for article_id in self._only_in_title(candidates, terms)]
        return _all([text], without)

    def _exact(self, field: str, term: str) -> Query:
        return Query.term_query(self._schema, field, term, index_option="basic")


def _number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


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
