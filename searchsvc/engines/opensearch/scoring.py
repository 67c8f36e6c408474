"""Pages of hits by relevance: BM25 of the cluster, plus the boosts that all engines share."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import islice, pairwise
from typing import Any

from searchsvc.analysis.query_terms import FieldTerms, QueryTerms
from searchsvc.engines import scoring
from searchsvc.engines.opensearch.dsl import Query, boosted, phrase, term
from searchsvc.engines.opensearch.searcher import IndexSearcher, Page, PageQuery, article_of
from searchsvc.model.cursors import RankCursor
from searchsvc.model.results import ScoredArticle
from searchsvc.query.ast import TEXT_FIELDS
from searchsvc.query.request import SearchRequest


def ranked_page(searcher: IndexSearcher, request: SearchRequest, terms: Sequence[QueryTerms], found: PageQuery) -> Page:
    """Return one page of hits, best first. No page goes beyond the first `MAX_RANK`.

    `terms` are those of the query in each language of the archive.
    """
    offset = request.after.offset if request.after else (request.page - 1) * request.per_page
    end = min(offset + request.per_page, scoring.MAX_RANK)
    scored = found._replace(query=_boost_titles(found.query, [stem for each in terms for stem in each.title.stems]))
    body = {**scored.body(), "from": offset, "size": end - offset, **_rescore(terms[0].body)}
    answer = searcher.search(body, preference(request))
    total = answer["hits"]["total"]["value"]
    articles = tuple(ScoredArticle(article_of(hit), hit["_score"]) for hit in answer["hits"]["hits"])
    following = RankCursor(end) if end < min(total, scoring.MAX_RANK) else None
    return Page(total, articles, following, answer.get("aggregations", {}))


def preference(request: SearchRequest) -> str:
    """Return one preference for all pages of a search. Copies of a shard order equal scores differently."""
    return blake2b(f"{request.tree}{sorted(request.filters)}".encode(), digest_size=6).hexdigest()


def _boost_titles(query: Query, stems: Iterable[str]) -> Query:
    boosts = [term("title", stem, scoring.TITLE_WEIGHT) for stem in dict.fromkeys(stems)]
    return {"bool": {"must": [query], "should": boosts}} if boosts else query


def _rescore(body: FieldTerms) -> dict[str, Any]:
    """Boost near and exact words in the best hits of each shard, on every page. More hits would take too long."""
    pairs = islice(pairwise(body.words), scoring.MAX_PAIRS)
    near = (phrase(f"{field}_words", pair, scoring.PROXIMITY_SLOP) for pair in pairs for field in TEXT_FIELDS)
    boosts = [
        *(boosted(each, scoring.PROXIMITY_WEIGHT) for each in near),
        *(term("body_words", word, scoring.EXACT_WEIGHT) for word in body.words[: scoring.MAX_PAIRS]),
    ]
    if not boosts:
        return {}
    query = {"rescore_query": {"bool": {"should": boosts}}, "score_mode": "total"}
    return {"rescore": {"window_size": scoring.RESCORE_WINDOW, "query": query}}
