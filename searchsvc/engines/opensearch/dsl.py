"""Builders of OpenSearch's query DSL. The text of a query only fills in values, so no parser of the cluster reads it."""

from collections.abc import Iterable, Mapping
from typing import Any

Query = dict[str, Any]

MATCH_ALL: Query = {"match_all": {}}
MATCH_NONE: Query = {"match_none": {}}


def term(field: str, value: str, boost: float | None = None) -> Query:
    """Match articles with a term, scored by BM25."""
    return {"term": {field: value if boost is None else {"value": value, "boost": boost}}}


def phrase(field: str, terms: Iterable[str], slop: int) -> Query:
    """Match articles with adjacent terms. The field's analyzer only splits them at spaces."""
    return {"match_phrase": {field: {"query": " ".join(terms), "slop": slop}}}


def number_range(field: str, bounds: Mapping[str, int | None]) -> Query:
    """Match numbers within bounds such as `gte`. A bound that is None is open."""
    closed = {name: value for name, value in bounds.items() if value is not None}
    return {"range": {field: closed}} if closed else MATCH_ALL


def boosted(query: Query, weight: float) -> Query:
    """Multiply the score of a query by a weight."""
    return {"bool": {"must": [query], "boost": weight}}


def unscored(query: Query) -> Query:
    """Match the same articles with a score of 0."""
    return {"constant_score": {"filter": query, "boost": 0}}


def filtered(query: Query, filters: list[Query]) -> Query:
    """Match the articles of a query that match every filter too, with the score of the query."""
    return {"bool": {"must": [query], "filter": filters}} if filters else query


def disjunction(queries: list[Query]) -> Query:
    """Match articles that match at least one query."""
    return queries[0] if len(queries) == 1 else {"bool": {"should": queries, "minimum_should_match": 1}}


def conjunction(queries: list[Query]) -> Query:
    """Match articles that match every query. Without queries, match every article."""
    return boolean(queries, []) if queries else MATCH_ALL


def boolean(must: list[Query], must_not: list[Query]) -> Query:
    """Match articles that match all of `must` and none of `must_not`. If `must` is empty, only `must_not` counts."""
    if len(must) == 1 and not must_not:
        return must[0]
    return {"bool": {"must": must or [MATCH_ALL], "must_not": must_not}}
