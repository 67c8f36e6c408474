"""Query trees as OpenSearch's query DSL."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from searchsvc.analysis.analyzer import Analyzers
from searchsvc.analysis.term_matching import is_exact, normalize, pieces_of, slop_of, terms_by_language, terms_of
from searchsvc.engines.compiler import TreeCompiler
from searchsvc.engines.expansion import unverified
from searchsvc.engines.opensearch import dsl
from searchsvc.engines.opensearch.dsl import Query
from searchsvc.engines.opensearch.mapping import field_prefix, prefixed
from searchsvc.model.article import last_number
from searchsvc.model.languages import language_filter
from searchsvc.model.periods import Period, day_number
from searchsvc.query.ast import TEXT_FIELDS, Field, Fuzzy, Node, Phrase, Term, Wildcard
from searchsvc.query.request import SearchRequest

MAX_VERIFIED = 200  # articles that are read for one request to verify its sloppy phrases
MAX_EXPANSIONS = 1_024
_MAX_TERMS = 50_000  # of one query; the cluster allows 65,536


class FalsePositives(NamedTuple):
    """The ids of candidates that do not have a sloppy phrase, and the number of candidates that were verified."""

    verified: int
    ids: list[str]


RejectFalsePositives = Callable[[Query, Field, int], FalsePositives]
"""Takes a query for candidates, the sloppy phrase with its field, and the number of candidates to verify at most."""


class Compiler(TreeCompiler[Query]):
    """Compiler for one request. `notes` name the parts of its query that were not verified to the end."""

    def __init__(self, analyzers: Analyzers, reject_false_positives: RejectFalsePositives) -> None:
        self.notes: list[str] = []
        self._analyzers, self._analyzer = analyzers, analyzers.main
        self._reject_false_positives = reject_false_positives
        self._verifications_left = MAX_VERIFIED

    def matching(self, tree: Node) -> Query:
        """Return the query of a whole tree, which matches every article if the tree has no searchable terms."""
        return self.compile(tree) or dsl.MATCH_ALL

    def date_range(self, start: date | None, end: date | None) -> Query:
        return dsl.unscored(days_filter(start, end))

    def boosted(self, query: Query, weight: float) -> Query:
        return dsl.boosted(query, weight)

    def boolean(self, must: list[Query], must_not: list[Query]) -> Query:
        return dsl.boolean(must, must_not)

    def disjunction(self, queries: list[Query]) -> Query:
        return dsl.disjunction(queries)

    def text(self, node: Term | Phrase, scope: str | None) -> Query | None:
        found = terms_by_language(node, self._analyzers).items()
        queries = [self._in_languages(languages, terms, node, scope) for terms, languages in found]
        return dsl.disjunction(queries) if queries else None

    def _in_languages(self, languages: list[str], terms: tuple[str, ...], node: Term | Phrase, scope: str | None) -> Query:
        """Match terms in the articles of these languages."""
        within = in_articles_of(languages, self._analyzers.languages)
        fields = (scope,) if scope else TEXT_FIELDS
        if is_exact(node):
            found = dsl.disjunction([_as_written(f"{field}_words", terms) for field in fields])
        elif len(terms) == 1:
            found = dsl.term(scope or "text", terms[0])
        else:  # Title and body have separate positions, so no phrase joins them.
            found = dsl.disjunction([self._phrase(field, terms, field, node, within) for field in fields])
        return dsl.filtered(found, within)

    def metadata(self, node: Term | Phrase, name: str) -> Query | None:
        terms = tuple(prefixed(name, word) for word in terms_of(node, self._analyzer, stemmed=False))
        if not terms:
            return None
        if len(terms) == 1:
            return dsl.unscored(dsl.term("meta_words", terms[0]))
        return dsl.unscored(self._phrase("meta_words", terms, name, node, []))

    def _phrase(self, field: str, terms: tuple[str, ...], name: str, node: Term | Phrase, within: list[Query]) -> Query:
        """Match terms of `field` that the node looks for in the field `name`. Articles that are not `within` may match."""
        slop = slop_of(node)
        candidates = dsl.phrase(field, terms, slop)
        # Lucene counts the steps between two words as we do.
        if not slop or (len(terms) == 2 and terms[0] != terms[1]):
            return candidates
        if len(set(terms)) < len(terms):  # Lucene is stricter about repeated words than we are
            candidates = dsl.conjunction([dsl.term(field, each) for each in dict.fromkeys(terms)])
        # Lucene lets three or more words stand farther apart than we do, so each candidate is read. Articles with the words
        # side by side need not be.
        exact = dsl.phrase(field, terms, 0)
        wrong = self._verify(dsl.filtered(dsl.boolean([candidates], [exact]), within), Field(name, node))
        return dsl.boolean([candidates], [{"terms": {"id": wrong}}]) if wrong else candidates

    def _verify(self, candidates: Query, node: Field) -> list[str]:
        """Return the ids of false positives, as far as they may still be verified for this request."""
        found = self._reject_false_positives(candidates, node, self._verifications_left)
        if found.verified == self._verifications_left:
            self.notes.append(unverified(node.node))
        self._verifications_left -= found.verified
        return found.ids

    def expanded(self, node: Wildcard | Fuzzy, scope: str | None) -> Query:
        fields = (scope,) if scope else TEXT_FIELDS
        # Unscored: the rarity of a word does not say that it is the one that was meant.
        return dsl.unscored(dsl.disjunction([self._among_words(f"{field}_words", "", node) for field in fields]))

    def values(self, node: Wildcard | Fuzzy, name: str) -> Query:
        return dsl.unscored(self._among_words("meta_words", field_prefix(name), node))

    def exact_values(self, values: Iterable[str], name: str) -> Query:
        return dsl.unscored(_with_values(name, values))

    def _among_words(self, field: str, prefix: str, node: Wildcard | Fuzzy) -> Query:
        """Match articles with a word that begins with `prefix` and goes on as the node says."""
        if isinstance(node, Fuzzy):
            return self._fuzzy(field, prefix, node)
        # The pieces are letters and digits, so the only wildcards are those of the query.
        pattern = "".join(pieces_of(node, self._analyzer))
        wildcard = {"wildcard": {field: {"value": prefix + pattern, "rewrite": "constant_score"}}}
        return wildcard if pattern else dsl.MATCH_NONE

    def _fuzzy(self, field: str, prefix: str, node: Fuzzy) -> Query:
        word = normalize(node.text, self._analyzer)
        distance = {"fuzziness": node.distance, "prefix_length": len(prefix)}
        limits = {"max_expansions": MAX_EXPANSIONS, "rewrite": "constant_score"}
        return {"fuzzy": {field: {"value": prefix + word, **distance, **limits}}} if word else dsl.MATCH_NONE


def _as_written(field: str, words: tuple[str, ...]) -> Query:
    return dsl.phrase(field, words, 0) if len(words) > 1 else dsl.term(field, words[0])


class Filters(NamedTuple):
    """The filters of a request, split by their effect on the facets.

    `common` filters hits and facets alike. `post` filters hits after the facets are counted. It has the filters of the
    requested facets by field, with None for the date facet.
    """

    common: list[Query]
    post: Mapping[str | None, Query]


def compile_filters(request: SearchRequest) -> Filters:
    """Return the filters of a request."""
    filters: dict[str | None, Query] = {name: _field_filter(name, request) for name in request.filtered_fields}
    if request.dates:
        periods = filter(None, map(Period.parse, request.dates))
        filters[None] = dsl.disjunction([days_filter(*period) for period in periods])
    facets = {*request.facets, *((None,) if request.date_facet else ())}
    common = [query for key, query in filters.items() if key not in facets]
    if request.start or request.end:
        common.append(days_filter(request.start, request.end))
    if request.share < 1:
        common.append(dsl.number_range("number", {"gte": None, "lte": last_number(request.share)}))
    return Filters(common, {key: query for key, query in filters.items() if key in facets})


def left_out(request: SearchRequest) -> list[Query]:
    """Return filters that no article passes that the request leaves out."""
    given = request.without
    parts = [given[first : first + _MAX_TERMS] for first in range(0, len(given), _MAX_TERMS)]
    return [dsl.boolean([], [{"terms": {"number": list(part)}} for part in parts])] if parts else []


def _field_filter(name: str, request: SearchRequest) -> Query:
    """Match the articles that the filters of a metadata field keep."""
    required, excluded = request.required_values(name), request.excluded_values(name)
    must = [] if required is None else [_with_values(name, required)]
    return dsl.boolean(must, [_with_values(name, excluded)] if excluded else [])


def _with_values(name: str, values: Iterable[str]) -> Query:
    return {"terms": {"meta": [prefixed(name, value) for value in values]}}


def days_filter(start: date | None, end: date | None) -> Query:
    """Match articles dated within these days, both included. None leaves an end open."""
    if start is not None and end is not None and start > end:
        return dsl.MATCH_NONE
    return dsl.number_range("day", {"gte": day_number(start) if start else None, "lte": day_number(end) if end else None})


def in_articles_of(languages: Sequence[str], known: Sequence[str]) -> list[Query]:
    """Return filters for the articles that are searched by the rules of some of the `known` languages."""
    kept, left_out = language_filter(languages, known)
    if kept:
        return [{"terms": {"language": list(kept)}}]
    return [dsl.boolean([], [{"terms": {"language": list(left_out)}}])] if left_out else []
