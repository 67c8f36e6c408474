"""Searches of one index in the cluster, and the verification of sloppy phrases by reading articles."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from searchsvc.analysis.analyzer import Analyzers
from searchsvc.analysis.term_matching import value_predicate
from searchsvc.engines.opensearch.client import Cluster
from searchsvc.engines.opensearch.compiler import FalsePositives
from searchsvc.engines.opensearch.dsl import Query, conjunction
from searchsvc.engines.opensearch.indices import IndexPointer, require_schema
from searchsvc.errors import UnavailableError
from searchsvc.highlight.highlighter import Highlighters
from searchsvc.messages import Message
from searchsvc.model.article import Article, from_fields, metadata
from searchsvc.model.cursors import Cursor
from searchsvc.model.results import ScoredArticle
from searchsvc.query.ast import TEXT_FIELDS, Field, Phrase, Term

_NUMBERS_AT_ONCE = 10_000
SEARCH_TIMEOUT = "15s"  # Time that each shard has for a search. An answer that lacks a shard is an error.


class Page(NamedTuple):
    """One page of hits. `next` is where the next page begins, `aggregations` are the results of those requested."""

    total: int
    articles: tuple[ScoredArticle, ...]
    next: Cursor | None
    aggregations: Mapping[str, Any]


class PageQuery(NamedTuple):
    """A compiled request. Aggregations see the articles of `query`; hits must match the post filters too."""

    query: Query
    post_filters: list[Query]
    aggregations: Mapping[str, Any]
    only: tuple[str, ...] = ()  # parts of each article that are read; all if empty

    def body(self) -> dict[str, Any]:
        """Return the query as the body of a search."""
        post_filter = {"post_filter": conjunction(self.post_filters)} if self.post_filters else {}
        source = {"_source": list(self.only)} if self.only else {}
        return {"query": self.query, **post_filter, **({"aggs": self.aggregations} if self.aggregations else {}), **source}


class IndexSearcher:
    """One index, which nobody changes any more. Thread-safe. Errors of the library are not translated here."""

    def __init__(self, cluster: Cluster, pointer: IndexPointer) -> None:
        self._cluster = cluster
        self._pointer = pointer
        # With several shards, document frequencies have to be collected from all of them before articles are scored.
        self._parameters = {"search_type": "dfs_query_then_fetch"} if pointer.shards > 1 else {}

    def search(self, body: Mapping[str, Any], preference: str | None = None) -> Any:
        """Return the answer to a search. Raise UnavailableError if shards failed or took too long.

        Searches with the same `preference` are answered by the same copies of the shards.
        """
        parameters = self._parameters | ({"preference": preference} if preference else {})
        complete = {"track_total_hits": True, "timeout": SEARCH_TIMEOUT, **body}
        path = f"/{self._name}/_search"
        answer = self._cluster.ask("POST", path, complete, allow_partial_search_results="false", **parameters)
        if answer["timed_out"] or answer["_shards"]["failed"]:
            raise UnavailableError(
                Message("OpenSearch answered only in part, because it took too long or nodes are missing: try again")
            )
        return answer

    def articles(self, body: Mapping[str, Any]) -> list[Article]:
        """Return the articles that a search finds."""
        return [article_of(hit) for hit in self.search(body)["hits"]["hits"]]

    def count(self, query: Query) -> int:
        """Return the number of articles that match a query."""
        return int(self.search({"query": query, "size": 0})["hits"]["total"]["value"])

    def numbers(self, query: Query) -> Iterator[int]:
        """Yield the numbers of all articles that match a query, without reading them."""
        body = {"query": query, "size": _NUMBERS_AT_ONCE, "_source": False, "sort": ["number"], "track_total_hits": False}
        after: dict[str, Any] = {}
        while True:
            hits = self.search(body | after)["hits"]["hits"]
            yield from (int(hit["sort"][0]) for hit in hits)
            if len(hits) < _NUMBERS_AT_ONCE:
                return
            after = {"search_after": hits[-1]["sort"]}

    def num_docs(self) -> int:
        """Return the number of articles in the index."""
        return int(self._cluster.ask("GET", f"/{self._name}/_count")["count"])

    @cached_property
    def _name(self) -> str:
        """The name of the index. Raise NoIndexError if another version wrote it, whose fields would be misread."""
        require_schema(self._cluster, self._pointer)
        return self._pointer.name


def article_of(hit: Mapping[str, Any]) -> Article:
    """Return the article of a hit."""
    return from_fields(hit["_source"]["article"])


class PhraseVerifier:
    """Reader of candidates, which rejects those that do not have a sloppy phrase."""

    def __init__(self, searcher: IndexSearcher, analyzers: Analyzers) -> None:
        self._searcher = searcher
        self._analyzers = analyzers

    def reject_false_positives(self, candidates: Query, node: Field, limit: int) -> FalsePositives:
        """Read up to `limit` candidates and return those that do not have the sloppy phrase of a field."""
        if limit < 1:
            return FalsePositives(0, [])
        articles = self._searcher.articles({"query": candidates, "size": limit})
        has_phrase = _phrase_predicate(node, self._analyzers)
        return FalsePositives(len(articles), [each.id for each in articles if not has_phrase(each)])


def _phrase_predicate(node: Field, analyzers: Analyzers) -> Callable[[Article], bool]:
    """Return whether an article has a sloppy phrase. Texts longer than the highlighter reads are taken to have it."""
    if node.name in TEXT_FIELDS:
        return Highlighters(node, analyzers).is_near
    assert isinstance(node.node, Term | Phrase), node  # noqa: S101  no other node has slop
    matches, tokens = value_predicate(node.node, analyzers.main), analyzers.main.tokens
    return lambda article: any(matches(tokens(value)) for value in metadata(article).get(node.name, ()))
