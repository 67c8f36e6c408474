"""Ranking by relevance: the weights of searchsvc.engines.scoring as Tantivy's queries."""

from functools import reduce
from itertools import islice, pairwise

from tantivy import DocAddress, Occur, Query, Searcher

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.query_terms import extract_terms
from searchsvc.engines import scoring
from searchsvc.engines.tantivy.compiler import Compiler
from searchsvc.engines.tantivy.schema import total_of
from searchsvc.engines.tantivy.sorting import Page
from searchsvc.model.cursors import RankCursor
from searchsvc.query.ast import TEXT_FIELDS, Node
from searchsvc.query.request import SearchRequest


class Ranking:
    """Ranks the hits of one request."""

    def __init__(self, searcher: Searcher, compiler: Compiler, matching: Query, tree: Node, analyzer: Analyzer) -> None:
        self._searcher = searcher
        self._compiler = compiler
        self._query_terms = extract_terms(tree, analyzer)
        self._matching = matching

    def page(self, request: SearchRequest) -> Page:
        """Return one page, by its number or from a cursor."""
        offset = request.after.offset if isinstance(request.after, RankCursor) else (request.page - 1) * request.per_page
        end = offset + request.per_page
        boosts = self.boosts() if offset < scoring.RESCORE_WINDOW else []
        first = 0 if offset < scoring.RESCORE_WINDOW else offset
        limit = (max(scoring.RESCORE_WINDOW, end) if boosts else end) - first
        found = self._searcher.search(self._matching, limit=limit, offset=first)
        hits = self._rescored(found.hits, boosts) if boosts else found.hits
        total = total_of(found)
        shown = [(address, score) for score, address in hits[offset - first : end - first]]
        return Page(total, shown, RankCursor(end) if end < min(total, scoring.MAX_RANK) else None)

    def boosts(self) -> list[Query]:
        """Return the boosts that are worth their time for the best hits only."""
        pairs = islice(pairwise(self._query_terms.body.words), scoring.MAX_PAIRS)
        near = (self._compiler.written(field, pair, scoring.PROXIMITY_SLOP) for pair in pairs for field in TEXT_FIELDS)
        return [Query.boost_query(query, scoring.PROXIMITY_WEIGHT) for query in near]

    def _rescored(self, hits: list[tuple[float, DocAddress]], boosts: list[Query]) -> list[tuple[float, DocAddress]]:
        """Rescore the best hits and return them before the others. Equal scores keep their order."""
        best = hits[: scoring.RESCORE_WINDOW]
        numbers = self._searcher.fast_field_values("number", [address for _, address in best])
        among = self._compiler.among("number", [number for number in numbers if isinstance(number, int)])
        # Nested one in the other: given several beside each other, Tantivy goes through everything that they match.
        nested = reduce(lambda inner, boost: boosted(inner, [boost]), boosts, among)
        found = self._searcher.search(nested, limit=scoring.RESCORE_WINDOW, count=False).hits
        more = {(address.segment_ord, address.doc): score for score, address in found}
        summed = [(score + more.get((address.segment_ord, address.doc), 0.0), address) for score, address in best]
        return [*sorted(summed, key=lambda hit: -hit[0]), *hits[scoring.RESCORE_WINDOW :]]


def boosted(matching: Query, boosts: list[Query]) -> Query:
    """Return `matching` with a higher score for the articles that the boosts match too."""
    should = ((Occur.Should, query) for query in boosts)
    return Query.boolean_query([(Occur.Must, matching), *should]) if boosts else matching
