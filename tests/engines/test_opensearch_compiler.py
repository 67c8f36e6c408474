"""Queries and filters as OpenSearch's query DSL. These tests need no cluster.

Each line of opensearch_queries.jsonl is a query and the JSON that it compiles to.
"""

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, get_args

import pytest

from searchsvc.analysis.analyzer import Analyzers
from searchsvc.engines.opensearch.compiler import MAX_VERIFIED, Compiler, FalsePositives, compile_filters
from searchsvc.engines.opensearch.dsl import Query
from searchsvc.query.ast import Field, Node
from searchsvc.query.parser import parse
from searchsvc.query.request import SearchRequest

QUERIES = [json.loads(line) for line in Path(__file__).with_name("opensearch_queries.jsonl").read_text().splitlines()]


class Verifier:
    """A verifier that rejects the article a7, and records the candidates that it was to read."""

    def __init__(self, verified: int = 2) -> None:
        self.verified = verified
        self.asked: list[tuple[Query, str, int]] = []

    def reject_false_positives(self, candidates: Query, node: Field, limit: int) -> FalsePositives:
        self.asked.append((candidates, str(node), limit))
        return FalsePositives(min(self.verified, limit), ["a7"])


def compiler(verifier: Verifier) -> Compiler:
    return Compiler(Analyzers(("english",)), verifier.reject_false_positives)


def tree(text: str) -> Node:
    return parse(text, fields=("place",)).tree


@pytest.mark.parametrize(("text", "expected"), QUERIES)
def test_a_query_compiles_to_this_json(text: str, expected: Query) -> None:
    assert compiler(Verifier()).matching(tree(text)) == expected


def test_the_table_has_every_node() -> None:
    assert {type(node) for text, _ in QUERIES for node in nodes(tree(text))} == set(get_args(Node))


def nodes(value: Any) -> Iterator[Any]:
    """Yield a node and all nodes within it."""
    if is_dataclass(value):
        yield value
        value = tuple(getattr(value, field.name) for field in fields(value))
    if isinstance(value, tuple):
        for inner in value:
            yield from nodes(inner)


def test_articles_with_the_exact_phrase_are_not_verified() -> None:
    verifier = Verifier()
    compiler(verifier).matching(tree('title:"the working group"~3'))
    words = "the work group"
    sloppy, exact = ({"match_phrase": {"title": {"query": words, "slop": slop}}} for slop in (3, 0))
    candidates = {"bool": {"must": [sloppy], "must_not": [exact]}}
    assert verifier.asked == [(candidates, 'title:"the working group"~3', MAX_VERIFIED)]


def test_all_phrases_of_a_request_share_one_limit() -> None:
    verifier = Verifier(verified=150)
    compiled = compiler(verifier)
    compiled.matching(tree('title:"the working group"~3 body:"a cup of tea"~2'))
    assert [limit for _, _, limit in verifier.asked] == [MAX_VERIFIED, MAX_VERIFIED - 150]
    assert [note.partition(" takes")[0] for note in compiled.notes] == ['“"a cup of tea"~2”']


def test_a_field_named_date_is_not_the_date_facet() -> None:
    request = SearchRequest(filters={"date": ("spring",)}, dates=("2022-12",))
    field = {"terms": {"meta": ["793a7a7f641c38ee=spring"]}}
    december = {"range": {"day": {"gte": 20221201, "lte": 20221231}}}
    assert compile_filters(request) == ([field, december], {})
    assert compile_filters(replace(request, facets=("date",))) == ([december], {"date": field})
    assert compile_filters(replace(request, date_facet=True)) == ([field], {None: december})
