"""Trees into OpenSearch's query DSL. No text reaches a parser of the cluster's."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.term_matching import normalize, pieces_of, terms_of
from searchsvc.engines.compiler import TreeCompiler
from searchsvc.engines.opensearch.mapping import mark, meta_value
from searchsvc.engines.stored import day_number
from searchsvc.query.ast import TEXT_FIELDS, Field, Fuzzy, Node, Phrase, Term, Wildcard

Query = dict[str, Any]
Lacking = Callable[[Query, Field, int], tuple[int, list[str]]]
"""How many of some candidates were looked at, at most so many, and the ids of those that lack what a node says."""

MAX_LOOKUPS = 200
"""Articles that one query may have looked at one by one."""
MAX_EXPANSIONS = 1_024

EVERYTHING: Query = {"match_all": {}}
NOTHING: Query = {"match_none": {}}


class Compiler(TreeCompiler[Query]):
    """Compiles one request; `notes` says what was left out of its queries."""

    def __init__(self, analyzer: Analyzer, reject_false_positives: Lacking) -> None:
        self._analyzer = analyzer
        self._lacking = reject_false_positives
        self.notes: list[str] = []
        self._lookups_left = MAX_LOOKUPS

    def matching(self, tree: Node) -> Query:
        """What the tree matches; everything, where none of its words has a letter to search for."""
        return self.compiled(tree) or EVERYTHING

    def value(self, name: str, values: Iterable[str]) -> Query:
        """Articles that have one of these exact metadata values."""
        return {"terms": {"meta": [meta_value(name, value) for value in values]}}

    def days(self, start: date | None, end: date | None) -> Query:
        """Articles dated within these days, both included."""
        if start is not None and end is not None and start > end:
            return NOTHING
        bounds = {"gte": day_number(start) if start else None, "lte": day_number(end) if end else None}
        within = {name: value for name, value in bounds.items() if value is not None}
        return {"range": {"day": within}} if within else EVERYTHING

    def dated(self, start: date | None, end: date | None) -> Query:
        """Days, both included, without a part in the score."""
        return unscored(self.days(start, end))

    def boosted(self, query: Query, weight: float) -> Query:
        """The same with so many times its weight."""
        return {"bool": {"must": [query], "boost": weight}}

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
            return term(scope or "text", terms[0])
        slop = node.slop if isinstance(node, Phrase) else 0
        # Title and body each have their own positions, so that no phrase joins them.
        return disjunction(
            [self._near(field, terms, slop, Field(field, node)) for field in ((scope,) if scope else TEXT_FIELDS)]
        )

    def _near(self, field: str, terms: tuple[str, ...], slop: int, node: Field) -> Query:
        candidates = phrase(field, terms, slop)
        if not slop or (len(terms) == 2 and terms[0] != terms[1]):
            return candidates
        if len(set(terms)) < len(terms):  # ours may stand for each other, Lucene's may not
            candidates = conjunction([term(field, each) for each in dict.fromkeys(terms)])
        # Of two words Lucene's slop is ours. Of more it lets the words stand farther apart: those are looked at one by one,
        # but for articles that have the phrase as it stands.
        exact = phrase(field, terms, 0)
        looked_at, ids = self._lacking(less([candidates], [exact]), node, self._lookups_left)
        if looked_at == self._lookups_left:
            self.notes.append(
                f"“{node.node}” takes long to look for: some of these articles may have its words farther apart"
            )
        self._lookups_left -= looked_at
        return less([candidates], [{"terms": {"id": ids}}]) if ids else candidates

    def metadata(self, node: Term | Phrase, name: str) -> Query | None:
        words = terms_of(node, self._analyzer, stemmed=False)
        if not words:
            return None
        terms = tuple(mark(name) + word for word in words)
        slop = node.slop if isinstance(node, Phrase) else 0
        if len(terms) == 1:
            return unscored(term("meta_words", terms[0]))
        return unscored(self._near("meta_words", terms, slop, Field(name, node)))

    # Words as written

    def word_set(self, node: Wildcard | Fuzzy, scope: str | None) -> Query:
        """Words as written. They do not weigh: which of them is rare says nothing about what was meant."""
        fields = [f"{scope}_words"] if scope else [f"{field}_words" for field in TEXT_FIELDS]
        return unscored(disjunction([self._among_words(field, "", node) for field in fields]))

    def values(self, node: Wildcard | Fuzzy, name: str) -> Query:
        return unscored(self._among_words("meta_words", mark(name), node))

    def _among_words(self, field: str, before: str, node: Wildcard | Fuzzy) -> Query:
        """Articles that have in a field, behind a mark, a word that the node stands for."""
        if isinstance(node, Fuzzy):
            word = normalize(node.text, self._analyzer)
            asked = {"value": before + word, "fuzziness": node.distance, "prefix_length": len(before)}
            return (
                {"fuzzy": {field: asked | {"max_expansions": MAX_EXPANSIONS, "rewrite": "constant_score"}}}
                if word
                else NOTHING
            )
        pieces = pieces_of(node, self._analyzer)
        # The pieces are letters and digits, so that the only wildcards are those of the query.
        return (
            {"wildcard": {field: {"value": before + "".join(pieces), "rewrite": "constant_score"}}} if pieces else NOTHING
        )


def term(field: str, value: str) -> Query:
    """Articles with this term, scored by BM25."""
    return {"term": {field: value}}


def phrase(field: str, terms: Iterable[str], slop: int) -> Query:
    """Articles with these terms one after the other: they are parted at spaces, and nothing else is done to them."""
    return {"match_phrase": {field: {"query": " ".join(terms), "slop": slop}}}


def unscored(query: Query) -> Query:
    """The same articles, without a part in their score."""
    return {"constant_score": {"filter": query, "boost": 0}}


def disjunction(queries: list[Query]) -> Query:
    """Articles that at least one of these queries matches."""
    return queries[0] if len(queries) == 1 else {"bool": {"should": queries, "minimum_should_match": 1}}


def conjunction(queries: list[Query]) -> Query:
    """Articles that all of these queries match; everything for none."""
    return less(queries, []) if queries else EVERYTHING


def less(within: list[Query], without: list[Query]) -> Query:
    """All of the first and none of the second."""
    if len(within) == 1 and not without:
        return within[0]
    return {"bool": {"must": within or [EVERYTHING], "must_not": without}}
