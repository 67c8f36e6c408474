"""Facets of an index of several segments, of each of which Tantivy counts only the values that are frequent there."""

import os
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from searchsvc.config import Settings
from searchsvc.engines import Engine, backend_for
from searchsvc.engines.tantivy.engine import _counters
from searchsvc.model import Article, FieldFacet
from searchsvc.model.article import dump
from searchsvc.model.results import FacetValue
from searchsvc.query import SearchRequest, parse

BACKEND = backend_for("tantivy", Settings())


def write(folder: Path, authors: list[str], numbers: "count[int]") -> Engine:
    with closing(BACKEND.writer(folder, ("english",), 0)) as writer:
        for author in authors:
            article = Article(f"a{next(numbers)}", "Title", "tea", "p", author=(author,))
            writer.add(article, dump(article))
        writer.commit()
    return BACKEND.open(folder, ("english",))


@pytest.mark.parametrize("values", [8, 50])
def test_a_value_that_is_rare_in_one_segment_is_counted_there_too(values: int, tmp_path: Path) -> None:
    numbers = count()
    write(tmp_path, ["Ann"] * 100 + ["Bo"] * 50, numbers)
    engine = write(tmp_path, [f"{name:04}" for name in range(6_000) for _ in range(2)] + ["Ann"], numbers)
    request = SearchRequest(parse("tea").tree, facets=("author",), facet_values=values)
    (facet,) = engine.search(request).facets().fields
    assert facet.values[:2] == (FacetValue("Ann", 101), FacetValue("Bo", 50))
    assert sum(value.count for value in facet.values) + facet.other == 12_151
    assert len(facet.values) == values
    filtered = replace(request, filters={"author": ("Bo",)})
    (facet,) = engine.search(filtered).facets().fields
    assert isinstance(facet, FieldFacet)
    assert facet.values[:2] == (FacetValue("Ann", 101), FacetValue("Bo", 50, selected=True))


def test_facets_are_counted_while_the_program_ends(tmp_path: Path) -> None:
    engine = write(tmp_path, ["Ann", "Bo"], count())
    _counters(os.getpid()).shutdown()
    try:
        (facet,) = engine.search(SearchRequest(parse("tea").tree, facets=("author",))).facets().fields
    finally:
        _counters.cache_clear()
    assert facet.values == (FacetValue("Ann", 1), FacetValue("Bo", 1))


def test_searches_at_the_same_time_have_the_facets_of_one(tmp_path: Path) -> None:
    engine = write(tmp_path, ["Ann", "Ann", "Bo"], count())
    request = SearchRequest(parse("tea").tree, facets=("author",), date_facet=True)
    pages = [engine.search(request) for _ in range(3)]  # of which only the first counts in a thread of its own
    expected = FieldFacet("author", (FacetValue("Ann", 2), FacetValue("Bo", 1)), 0)
    assert [page.facets().fields for page in pages] == [(expected,)] * 3
    assert engine.search(SearchRequest(parse("tea").tree)).facets().fields == ()
