"""Answers from one index of a cluster."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from searchsvc.analysis.analyzer import Analyzers
from searchsvc.analysis.more_like_this import interesting_terms
from searchsvc.analysis.query_terms import extract_terms
from searchsvc.engines.opensearch.aggregations import FacetAggregations, count_values
from searchsvc.engines.opensearch.client import Cluster, translating_errors
from searchsvc.engines.opensearch.compiler import Compiler, Filters, compile_filters, in_articles_of, left_out
from searchsvc.engines.opensearch.dsl import Query, boolean, disjunction, filtered, term
from searchsvc.engines.opensearch.indices import IndexPointer
from searchsvc.engines.opensearch.mapping import field_prefix
from searchsvc.engines.opensearch.scoring import preference, ranked_page
from searchsvc.engines.opensearch.searcher import IndexSearcher, Page, PageQuery, PhraseVerifier, article_of
from searchsvc.engines.opensearch.sorting import DateSorting
from searchsvc.engines.protocol import MAX_LISTED_VALUES, FieldStats
from searchsvc.errors import EngineError
from searchsvc.model.article import Article, number_of
from searchsvc.model.results import FieldFacet, ResultPage, ScoredArticle, TermCount
from searchsvc.query.ast import has_relevance
from searchsvc.query.request import SearchRequest

_SCAN_PAGE = 500
_IDENTITY = ("article.id", "article.title", "article.path")  # what every article has
_MAX_PER_PAGE = 10_000


class OpenSearchEngine:
    """One generation, an index that nobody changes any more. See Engine."""

    def __init__(self, cluster: Cluster, pointer: IndexPointer, languages: tuple[str, ...]) -> None:
        self._analyzers = Analyzers(languages)
        self._searcher = IndexSearcher(cluster, pointer)
        self._verifier = PhraseVerifier(self._searcher, self._analyzers)

    def search(self, request: SearchRequest) -> ResultPage:
        if not 1 <= request.per_page <= _MAX_PER_PAGE:
            raise EngineError(f"a page of {request.per_page} hits was requested; the limit is {_MAX_PER_PAGE:,}")
        with translating_errors("searching"):
            compiler, filters = self._compiler(), compile_filters(request)
            facets = FacetAggregations(request, filters.post, request.facet_values)
            query = self._query(request, compiler, filters)
            page = self._page(request, PageQuery(query, [*filters.post.values(), *left_out(request)], facets.build()))
        read_facets = partial(facets.read, page.aggregations)
        return ResultPage(page.total, page.articles, page.next, tuple(compiler.notes), read_facets)

    def count(self, request: SearchRequest) -> int:
        with translating_errors("counting"):
            return self._searcher.count(self._query_without_facets(request))

    def facet(self, request: SearchRequest, field: str) -> FieldFacet:
        request = replace(request, facets=(field,), date_facet=False)
        with translating_errors("listing values"):
            filters = compile_filters(request)
            facets = FacetAggregations(request, filters.post, MAX_LISTED_VALUES)
            query = self._query(request, self._compiler(), filters)
            answer = self._searcher.search({"query": query, "size": 0, "aggs": facets.build()})
            return facets.read(answer["aggregations"]).fields[0]

    def get(self, article_id: str) -> Article | None:
        with translating_errors("getting an article"):
            found = self._searcher.articles({"query": term("id", article_id), "size": 1})
            return found[0] if found else None

    def get_all(self, article_ids: Sequence[str]) -> list[Article]:
        if not article_ids:
            return []
        with translating_errors("getting articles"):
            query = {"terms": {"id": list(article_ids)}}
            found = {each.id: each for each in self._searcher.articles({"query": query, "size": len(article_ids)})}
        return [found[each] for each in article_ids if each in found]

    def numbers(self, request: SearchRequest) -> list[int]:
        with translating_errors("searching"):
            found = PageQuery(self._query_without_facets(request), [], {}, only=_IDENTITY)
            return [number_of(each.article.id) for each in self._page(request, found).articles]

    def versions(self, request: SearchRequest) -> list[int]:
        query = filtered(self._query_without_facets(request), [term("versioned", "true")])
        with translating_errors("searching for versions"):
            return list(self._searcher.numbers(query))

    def more_like(self, article: Article, limit: int) -> list[ScoredArticle]:
        with translating_errors("finding similar articles"):
            analyzer = self._analyzers.of(article)
            weights = interesting_terms(article, analyzer, self._doc_freq, self._searcher.num_docs())
            if not weights:
                return []
            similar = disjunction([term("text", each, weight) for each, weight in weights.items()])
            others = boolean([similar], [term("id", article.id)])
            query = filtered(others, in_articles_of([analyzer.language], self._analyzers.languages))
            answer = self._searcher.search({"query": query, "size": limit}, preference(SearchRequest()))
            return [ScoredArticle(article_of(hit), hit["_score"]) for hit in answer["hits"]["hits"]]

    def scan(self, request: SearchRequest) -> Iterator[Article]:
        with translating_errors("reading articles"):
            found = PageQuery(self._query_without_facets(request), [], {})
        if not _is_ranked(request):
            yield from DateSorting(self._searcher, request, found).scan(_SCAN_PAGE)
            return
        following: SearchRequest | None = replace(request, page=1, after=None, per_page=_SCAN_PAGE)
        while following is not None:
            with translating_errors("reading articles"):
                page = self._page(following, found)
            yield from (each.article for each in page.articles)
            following = replace(following, after=page.next) if page.next else None

    def terms(self, prefix: str, limit: int) -> list[TermCount]:
        literal = re.sub(r"\W", r"\\\g<0>", prefix)  # `include` is a pattern
        include = {"include": f"{literal}.*"} if prefix else {}
        terms = {"terms": {"field": "vocabulary", "size": limit, **include}}
        with translating_errors("listing terms"):
            answer = self._searcher.search({"size": 0, "aggs": {"terms": terms}})
        return [TermCount(each["key"], int(each["doc_count"])) for each in answer["aggregations"]["terms"]["buckets"]]

    def field_stats(self, fields: Iterable[str]) -> Mapping[str, FieldStats]:
        with translating_errors("counting metadata fields"):
            stats = {name: self._field_stats(name) for name in fields}
        return {name: each for name, each in stats.items() if each.articles}

    def _field_stats(self, name: str) -> FieldStats:
        values = {"values": count_values(name, size=MAX_LISTED_VALUES)}
        answer = self._searcher.search({"query": {"prefix": {"meta": field_prefix(name)}}, "size": 0, "aggs": values})
        return FieldStats(answer["hits"]["total"]["value"], len(answer["aggregations"]["values"]["buckets"]))

    def _doc_freq(self, stems: Iterable[str]) -> Mapping[str, int]:
        filters = {str(number): term("text", stem) for number, stem in enumerate(stems)}
        if not filters:
            return {}
        counts = {"counts": {"filters": {"filters": filters}}}
        buckets = self._searcher.search({"size": 0, "aggs": counts})["aggregations"]["counts"]["buckets"]
        return {query["term"]["text"]: int(buckets[number]["doc_count"]) for number, query in filters.items()}

    def _compiler(self) -> Compiler:
        return Compiler(self._analyzers, self._verifier.reject_false_positives)

    def _query(self, request: SearchRequest, compiler: Compiler, filters: Filters) -> Query:
        return filtered(compiler.matching(request.tree), filters.common)

    def _query_without_facets(self, request: SearchRequest) -> Query:
        filters = compile_filters(replace(request, facets=(), date_facet=False))
        return filtered(self._query(request, self._compiler(), filters), left_out(request))

    def _page(self, request: SearchRequest, found: PageQuery) -> Page:
        if _is_ranked(request):
            terms = [extract_terms(request.tree, analyzer) for analyzer in self._analyzers]
            return ranked_page(self._searcher, request, terms, found)
        return DateSorting(self._searcher, request, found).page()


def _is_ranked(request: SearchRequest) -> bool:
    return request.sort == "relevance" and has_relevance(request.tree)
