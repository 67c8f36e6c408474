"""Which hits come first: what searchsvc.ranking says, as Tantivy's queries."""

from functools import reduce
from itertools import islice, pairwise

from tantivy import DocAddress, Occur, Query, Searcher

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.query_terms import extract_terms, extract_words
from searchsvc.engines.scoring import (
    EXACT_WEIGHT,
    MAX_PAIRS,
    MAX_RANK,
    PROXIMITY_SLOP,
    PROXIMITY_WEIGHT,
    RESCORE_WINDOW,
    TITLE_WEIGHT,
)
from searchsvc.engines.tantivy.compiler import Compiler
from searchsvc.engines.tantivy.schema import total_of
from searchsvc.engines.tantivy.sorting import Page
from searchsvc.model.cursors import After
from searchsvc.query.ast import TEXT_FIELDS, Node
from searchsvc.query.request import SearchRequest

Scored = list[tuple[float, DocAddress]]


class Ranking:
    """The order of one request's hits."""

    def __init__(self, searcher: Searcher, compiler: Compiler, matching: Query, tree: Node, analyzer: Analyzer) -> None:
        self._searcher = searcher
        self._compiler = compiler
        self._tree = tree
        self._analyzer = analyzer
        self._query = self._with_titles(matching)

    def page(self, request: SearchRequest) -> Page:
        """One page, by its number or after another."""
        offset = request.after.number if request.after else (request.page - 1) * request.per_page
        end = offset + request.per_page
        finer = self._finer() if offset < RESCORE_WINDOW else []
        first = 0 if offset < RESCORE_WINDOW else offset
        found = self._searcher.search(self._query, limit=(max(RESCORE_WINDOW, end) if finer else end) - first, offset=first)
        hits = self._reordered(found.hits, finer) if finer else found.hits
        total = total_of(found)
        shown = [(address, score) for score, address in hits[offset - first : end - first]]
        return Page(total, shown, After("rank", end) if end < min(total, MAX_RANK) else None)

    def _with_titles(self, matching: Query) -> Query:
        wanted = extract_terms(self._tree, "title", self._analyzer)
        titles = [self._compiler.term("title", each.terms[0]) for each in wanted if len(each.terms) == 1]
        return boosted(matching, [Query.boost_query(title, TITLE_WEIGHT) for title in titles])

    def _finer(self) -> list[Query]:
        """Boosts that are worth their time for the best hits only."""
        words = [each.terms[0] for each in extract_terms(self._tree, "body", self._analyzer) if len(each.terms) == 1]
        pairs = islice(pairwise(words), MAX_PAIRS)
        near = (self._compiler.near(field, pair, PROXIMITY_SLOP) for pair in pairs for field in TEXT_FIELDS)
        exact = (self._compiler.term("body_words", word) for word in extract_words(self._tree, "body", self._analyzer))
        return [
            *(Query.boost_query(query, PROXIMITY_WEIGHT) for query in near),
            *(Query.boost_query(query, EXACT_WEIGHT) for query in islice(exact, MAX_PAIRS)),
        ]

    def _reordered(self, hits: Scored, finer: list[Query]) -> Scored:
        """The best hits in their finer order, before the others. Equal scores keep the order that they have."""
        best = hits[:RESCORE_WINDOW]
        numbers = self._searcher.fast_field_values("number", [address for _, address in best])
        among = self._compiler.among("number", [number for number in numbers if isinstance(number, int)])
        # One inside the other: where there are several beside each other, Tantivy goes through all that they match.
        nested = reduce(lambda inner, boost: boosted(inner, [boost]), finer, among)
        found = self._searcher.search(nested, limit=RESCORE_WINDOW, count=False).hits
        more = {(address.segment_ord, address.doc): score for score, address in found}
        summed = [(score + more.get((address.segment_ord, address.doc), 0.0), address) for score, address in best]
        return [*sorted(summed, key=lambda hit: -hit[0]), *hits[RESCORE_WINDOW:]]


def boosted(matching: Query, boosts: list[Query]) -> Query:
    """The articles that match, with more score for those that the boosts match too."""
    return (
        Query.boolean_query([(Occur.Must, matching), *((Occur.Should, query) for query in boosts)]) if boosts else matching
    )
