"""Answers from one index of a cluster."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from hashlib import blake2b
from itertools import islice, pairwise
from threading import Lock
from typing import Any, NamedTuple

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.more_like_this import interesting_terms
from searchsvc.analysis.query_terms import extract_terms, extract_words
from searchsvc.analysis.term_dictionary import MAX_ENDINGS, MIN_ENDING, TermCount, TermDictionary
from searchsvc.analysis.term_dictionary import MAX_WORDS as MAX_VOCABULARY
from searchsvc.analysis.term_matching import value_matcher
from searchsvc.engines.expansion import Stopwatch, hits, suggestions
from searchsvc.engines.opensearch.aggregations import FacetCounter
from searchsvc.engines.opensearch.client import Cluster, Noted, translating_errors
from searchsvc.engines.opensearch.compiler import Compiler, Query, conjunction, disjunction, less, phrase, term
from searchsvc.engines.opensearch.indices import require_schema
from searchsvc.engines.opensearch.mapping import mark
from searchsvc.engines.protocol import MAX_FACET_VALUES, MAX_LISTED_VALUES, FieldStats
from searchsvc.engines.scoring import (
    EXACT_WEIGHT,
    MAX_PAIRS,
    MAX_RANK,
    PROXIMITY_SLOP,
    PROXIMITY_WEIGHT,
    RESCORE_WINDOW,
    TITLE_WEIGHT,
)
from searchsvc.engines.stored import EPOCH_SHIFT, loaded, metadata
from searchsvc.errors import EngineError, UnavailableError
from searchsvc.highlight.highlighter import Highlighter
from searchsvc.highlight.matches import MAX_TEXT
from searchsvc.model.article import Article
from searchsvc.model.cursors import After
from searchsvc.model.periods import period
from searchsvc.model.results import Facet, Hit, Results, Snippet, Suggestion, Timings
from searchsvc.query.ast import TEXT_FIELDS, Field, Phrase, Term, has_relevance
from searchsvc.query.request import SearchRequest

_READ_AT_ONCE = 500
_MOST_AT_ONCE = 10_000
_SECONDS = "15s"
"""How long each shard may look; an answer that lacks some is none."""

Found = list[tuple[Article, float | None]]


class _Page(NamedTuple):
    """One page of hits, and where the next one begins; `answer` has the counts that were asked for beside."""

    total: int
    found: Found
    next: After | None
    answer: Mapping[str, Any]


class OpenSearchEngine:
    """One generation, an index that nobody changes any more. Safe to share between threads."""

    def __init__(self, cluster: Cluster, index: Noted, language: str) -> None:
        self._cluster = cluster
        self._index = index
        self._analyzer = Analyzer(language)
        self._reading_words = Lock()
        # Over several shards, what is rare has to be asked first.
        self._kind = {"search_type": "dfs_query_then_fetch"} if index.shards > 1 else {}

    def search(self, request: SearchRequest) -> Results:
        """Exact total, one page of hits, and the facets asked for, all by one request; raises EngineError."""
        if not 1 <= request.per_page <= _MOST_AT_ONCE:
            raise EngineError(f"a page of {request.per_page} hits was asked for; the most is {_MOST_AT_ONCE:,}")
        with translating_errors("searching"):
            watch = Stopwatch()
            compiler = self._compiler()
            early, late = _filters(request, compiler)
            counter = FacetCounter(compiler, request, late, MAX_FACET_VALUES)
            page = self._page(request, _base(request, compiler, early), list(late.values()), counter.asked())
            found = watch.lap()
        shown = tuple(hits(page.found, request.tree, self._analyzer))
        marked = watch.lap()
        facets = counter.facets(page.answer)
        timings = Timings(found, marked, watch.lap())
        return Results(page.total, shown, facets, page.next, tuple(compiler.notes), timings)

    def total(self, request: SearchRequest) -> int:
        """The exact number of hits alone; raises EngineError."""
        with translating_errors("counting"):
            return self._count(self._matching(request, self._compiler()))

    def values(self, request: SearchRequest, field: str) -> Facet:
        """The values of a metadata field among the hits, the most frequent first."""
        with translating_errors("listing values"):
            compiler, wanted = self._compiler(), replace(request, facets=(field,))
            early, late = _filters(wanted, compiler)
            counter = FacetCounter(compiler, wanted, late, MAX_LISTED_VALUES)
            body = {"query": _base(wanted, compiler, early), "size": 0, "aggs": counter.asked()}
            return counter.facets(self._ask(body)["aggregations"])[0]

    def get(self, article_id: str) -> Article | None:
        """The article with this id, None where there is none."""
        with translating_errors("getting an article"):
            found = self._articles({"query": {"term": {"id": article_id}}, "size": 1})
            return found[0] if found else None

    def highlight(self, article: Article, request: SearchRequest) -> tuple[Snippet, Snippet]:
        """Whole title and whole body with what the request's tree finds in them."""
        highlighter = Highlighter(request.tree, self._analyzer)
        return highlighter.title(article.title), highlighter.text(article.body)

    def similar(self, article: Article, limit: int) -> tuple[Hit, ...]:
        """The articles that have most in common with this one, which is left out, the nearest first."""
        with translating_errors("looking for similar articles"):
            terms = interesting_terms(article, self._analyzer, self._articles_with, self.count())
            if not terms:
                return ()
            wanted = [{"term": {"text": {"value": each, "boost": weight}}} for each, weight in terms.items()]
            query = less([disjunction(wanted)], [{"term": {"id": article.id}}])
            answer = self._ask({"query": query, "size": limit}, self._preference(SearchRequest()))
            found = [(_article(hit), hit["_score"]) for hit in answer["hits"]["hits"]]
        return tuple(hits(found, SearchRequest().tree, self._analyzer))

    def suggest(self, text: str, limit: int) -> list[Suggestion]:
        """What a text that is being typed may become: up to `limit` words, the most frequent first, then as many titles."""
        with translating_errors("suggesting"):
            *before, last = self._analyzer.tokens(text) or [""]
            if not last:
                return []
            words = self.vocabulary().complete(last, limit)
            if len(words) < limit:  # rare ones, then
                words = self._words(limit, f"{last}.*")
            titles = self._titles(before, last, limit) if len(last) >= MIN_ENDING else ()
            return suggestions(before, words, titles)

    def vocabulary(self) -> TermDictionary:
        """The archive's most frequent words."""
        with self._reading_words:  # whoever asks meanwhile waits, and does not read them too
            return self._vocabulary

    def scan(self, request: SearchRequest) -> Iterator[Article]:
        """Every article that a request finds, in its order, read as they are taken; by relevance, the first 100,000."""
        following: SearchRequest | None = replace(request, page=1, after=None, per_page=_READ_AT_ONCE, facets=())
        while following is not None:
            with translating_errors("reading articles"):
                compiler = self._compiler()
                early, _ = _filters(following, compiler)
                page = self._page(following, _base(following, compiler, early), [], {})
            yield from (article for article, _ in page.found)
            following = replace(following, after=page.next) if page.next else None

    def count(self) -> int:
        """The number of articles."""
        with translating_errors("counting"):
            return int(self._cluster.ask("GET", f"/{self._name}/_count")["count"])

    def coverage(self, fields: Iterable[str]) -> Mapping[str, FieldStats]:
        """The metadata fields among these that any article has."""
        with translating_errors("counting metadata fields"):
            counted = {name: self._coverage(name) for name in fields}
        return {name: coverage for name, coverage in counted.items() if coverage.articles}

    def _coverage(self, name: str) -> FieldStats:
        having = {"prefix": {"meta": mark(name)}}
        terms = {"field": "meta", "size": MAX_LISTED_VALUES, "include": f"{mark(name)}.*"}
        answer = self._ask({"query": having, "size": 0, "aggs": {"values": {"terms": terms}}})
        return FieldStats(answer["hits"]["total"]["value"], len(answer["aggregations"]["values"]["buckets"]))

    # Words

    @cached_property
    def _vocabulary(self) -> TermDictionary:
        with translating_errors("reading the words of the archive"):
            return TermDictionary(self._words(MAX_VOCABULARY))

    def _words(self, limit: int, pattern: str | None = None) -> list[TermCount]:
        """The most frequent words of all bodies, and the number of articles that have each."""
        terms = {"field": "vocabulary", "size": limit, **({"include": pattern} if pattern else {})}
        answer = self._ask({"size": 0, "aggs": {"words": {"terms": terms}}})
        return [(bucket["key"], int(bucket["doc_count"])) for bucket in answer["aggregations"]["words"]["buckets"]]

    def _articles_with(self, terms: Iterable[str]) -> Mapping[str, int]:
        """The number of articles that have each of these stems."""
        having = {str(number): (each, term("text", each)) for number, each in enumerate(terms)}
        filters = {number: query for number, (_, query) in having.items()}
        answer = self._ask({"size": 0, "aggs": {"having": {"filters": {"filters": filters}}}}) if filters else {}
        buckets = answer["aggregations"]["having"]["buckets"] if filters else {}
        return {each: int(buckets[number]["doc_count"]) for number, (each, _) in having.items()}

    def _titles(self, before: list[str], last: str, limit: int) -> list[Article]:
        """Articles whose titles have these words and one that begins so, the newest first."""
        words = [term("title_words", word) for word in before]
        beginning = {"prefix": {"title_words": {"value": last, "rewrite": f"top_terms_{MAX_ENDINGS}"}}}
        return self._articles({"query": conjunction([beginning, *words]), "size": limit, "sort": _order("newest")})

    # Queries

    def _compiler(self) -> Compiler:
        return Compiler(self._analyzer, self._lacking)

    def _matching(self, request: SearchRequest, compiler: Compiler) -> Query:
        early, _ = _filters(replace(request, facets=()), compiler)
        return _base(request, compiler, early)

    def _count(self, query: Query) -> int:
        return int(self._ask({"query": query, "size": 0})["hits"]["total"]["value"])

    def _lacking(self, candidates: Query, node: Field, limit: int) -> tuple[int, list[str]]:
        """How many of the candidates were looked at, at most `limit`, and the ids of those that lack what the node says."""
        if limit < 1:
            return 0, []
        articles = self._articles({"query": candidates, "size": limit})
        fits = _fits(node, self._analyzer)
        return len(articles), [each.id for each in articles if not fits(each)]

    # Pages

    def _page(self, request: SearchRequest, query: Query, late: list[Query], counted: Mapping[str, Any]) -> _Page:
        """One page of what the query finds and the late filters leave; what is counted is what the query finds."""
        if request.sort == "relevance" and has_relevance(request.tree):
            return self._ranked(request, query, late, counted)
        return self._dated(request, query, late, counted)

    def _ranked(self, request: SearchRequest, query: Query, late: list[Query], counted: Mapping[str, Any]) -> _Page:
        offset = request.after.number if request.after else (request.page - 1) * request.per_page
        end = min(offset + request.per_page, MAX_RANK)
        body: dict[str, Any] = {"query": self._with_titles(request, query), "from": offset, "size": end - offset}
        if finer := self._finer(request):  # for every page, since each shard has best hits of its own
            rescore = {"rescore_query": {"bool": {"should": finer}}, "score_mode": "total"}
            body["rescore"] = {"window_size": RESCORE_WINDOW, "query": rescore}
        answer = self._ask(body | _late(late, counted), self._preference(request))
        total = answer["hits"]["total"]["value"]
        found: Found = [(_article(hit), hit["_score"]) for hit in answer["hits"]["hits"]]
        return _Page(
            total, found, After("rank", end) if end < min(total, MAX_RANK) else None, answer.get("aggregations", {})
        )

    def _with_titles(self, request: SearchRequest, query: Query) -> Query:
        wanted = extract_terms(request.tree, "title", self._analyzer)
        titles = [_boosted("title", each.terms[0], TITLE_WEIGHT) for each in wanted if len(each.terms) == 1]
        return {"bool": {"must": [query], "should": titles}} if titles else query

    def _finer(self, request: SearchRequest) -> list[Query]:
        """Boosts that are worth their time for the best hits only."""
        tree = request.tree
        words = [each.terms[0] for each in extract_terms(tree, "body", self._analyzer) if len(each.terms) == 1]
        pairs = [pair for pair in islice(pairwise(words), MAX_PAIRS) if pair[0] != pair[1]]
        near = [(field, pair) for pair in pairs for field in TEXT_FIELDS]
        exact = islice(extract_words(tree, "body", self._analyzer), MAX_PAIRS)
        return [
            *({"bool": {"must": [phrase(field, pair, PROXIMITY_SLOP)], "boost": PROXIMITY_WEIGHT}} for field, pair in near),
            *(_boosted("body_words", word, EXACT_WEIGHT) for word in exact),
        ]

    def _dated(self, request: SearchRequest, query: Query, late: list[Query], counted: Mapping[str, Any]) -> _Page:
        """By instant, then id; articles without a date come last in both orders, by id."""
        after = request.after if request.after is not None and request.after.kind != "rank" else None
        skipped = (request.page - 1) * request.per_page if after is None else after.number
        rest = [*late, *([_from(after, request.sort)] if after is not None else [])]
        # Where a page goes on after another, what came before it counts too.
        matched = {"matched": {"filter": conjunction(late)}} if after is not None else {}
        body = {"query": query, "from": skipped, "size": request.per_page, "sort": _order(request.sort)}
        answer = self._ask(body | _late(rest, {**counted, **matched}))
        counts, from_here = answer.get("aggregations", {}), answer["hits"]["total"]["value"]
        total = counts["matched"]["doc_count"] if matched else from_here
        found = answer["hits"]["hits"]
        left = from_here - skipped - len(found)
        following = self._after(request, conjunction([query, *late]), found) if found and left > 0 else None
        return _Page(total, [(_article(hit), None) for hit in found], following, counts)

    def _after(self, request: SearchRequest, query: Query, found: list[Any]) -> After:
        """Where the page ends: after how many hits of its last instant, or without a date."""
        keys = [hit["sort"] for hit in found]
        key, undated = keys[-1]
        alike = sum(1 for other, _ in keys if other is None or (key is not None and other[:13] == key[:13]))
        end = After("undated", alike) if key is None else After("instant", alike, int(key[:13]) - EPOCH_SHIFT)
        before = request.after
        if alike == len(keys) and before is not None and (before.kind, before.instant) == (end.kind, end.instant):
            return replace(end, number=before.number + alike)
        if alike < len(keys) or (request.page == 1 and before is None):
            return end
        return replace(end, number=self._count(conjunction([query, _up_to(key, undated, request.sort)])))

    def _preference(self, request: SearchRequest) -> str:
        """Which copies to ask: the same for all pages of a search, since each orders equal scores in its own way."""
        return blake2b(f"{request.tree}{sorted(request.filters)}".encode(), digest_size=6).hexdigest()

    @cached_property
    def _name(self) -> str:
        """The index; raises NoIndexError where it is of another version, whose fields would be misread without a word."""
        require_schema(self._cluster, self._index)
        return self._index.name

    def _articles(self, body: dict[str, Any]) -> list[Article]:
        return [_article(hit) for hit in self._ask(body)["hits"]["hits"]]

    def _ask(self, body: dict[str, Any], preference: str | None = None) -> Any:
        """What the cluster answers to a search; raises UnavailableError where parts of it are missing."""
        parameters = self._kind | ({"preference": preference} if preference else {})
        asked = {"track_total_hits": True, "timeout": _SECONDS, **body}
        path = f"/{self._name}/_search"
        answer = self._cluster.ask("POST", path, asked, allow_partial_search_results="false", **parameters)
        if answer["timed_out"] or answer["_shards"]["failed"]:
            raise UnavailableError(
                "OpenSearch answered in part only, since it took too long or nodes are missing: ask again"
            )
        return answer


def _filters(request: SearchRequest, compiler: Compiler) -> tuple[list[Query], dict[str, Query]]:
    """The request's filters: those that all is counted with, and by their fields those that facets are counted without."""
    filters = {name: compiler.value(name, values) for name, values in request.filters.items() if values}
    if request.dates:
        periods = [days for value in request.dates if (days := period(value)) is not None]
        filters["date"] = disjunction([compiler.days(*days) for days in periods])
    late = {name: query for name, query in filters.items() if name in request.facets}
    return [query for name, query in filters.items() if name not in late], late


def _base(request: SearchRequest, compiler: Compiler, filters: list[Query]) -> Query:
    """What the tree and these filters find, scored by the tree."""
    span = [compiler.days(request.start, request.end)] if request.start or request.end else []
    tree = compiler.matching(request.tree)
    return {"bool": {"must": [tree], "filter": [*filters, *span]}} if filters or span else tree


def _late(filters: list[Query], counted: Mapping[str, Any]) -> dict[str, Any]:
    """What comes after the query: filters of the hits alone, and what is counted."""
    return ({"post_filter": conjunction(filters)} if filters else {}) | ({"aggs": dict(counted)} if counted else {})


def _boosted(field: str, value: str, weight: float) -> Query:
    return {"term": {field: {"value": value, "boost": weight}}}


def _order(sort: str) -> list[dict[str, Any]]:
    return [{"order": {"order": "asc" if sort == "oldest" else "desc", "missing": "_last"}}, {"undated": {"order": "asc"}}]


def _from(after: After, sort: str) -> Query:
    """From where a page ended, in this order: the undated come after all others."""
    undated = {"exists": {"field": "undated"}}
    if after.kind == "undated":
        return undated
    return disjunction([{"range": {"instant": {"gte" if sort == "oldest" else "lte": after.instant}}}, undated])


def _up_to(key: str | None, undated: str | None, sort: str) -> Query:
    """What comes up to here of the same instant, or without a date."""
    if key is None:
        return {"range": {"undated": {"lte": undated}}}
    same = key[:13]
    # "}" is the letter after "|", which parts instant and id.
    return {"range": {"order": {"gte": f"{same}|", "lte": key} if sort == "oldest" else {"gte": key, "lt": f"{same}}}"}}}


def _fits(node: Field, analyzer: Analyzer) -> Callable[[Article], bool]:
    """Whether an article has the sloppy phrase of a field, as far as its text is looked at."""
    if node.name in TEXT_FIELDS:
        highlighter = Highlighter(node, analyzer)
        return lambda article: len(article.body) > MAX_TEXT or highlighter.is_near(article.title, article.body)
    assert isinstance(node.node, Term | Phrase), node  # noqa: S101  only these have slops
    fits = value_matcher(node.node, analyzer)
    return lambda article: any(fits(analyzer.tokens(value)) for value in metadata(article).get(node.name, ()))


def _article(hit: Mapping[str, Any]) -> Article:
    return loaded(hit["_source"]["article"])
