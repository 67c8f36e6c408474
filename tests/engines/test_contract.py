"""What every engine has to answer: the same articles, totals and counts as a plain scan, and every hit once."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchsvc.engines.protocol import Engine
from searchsvc.engines.stored import instant
from searchsvc.model.article import Article
from searchsvc.model.periods import facet_scope
from searchsvc.model.results import Hit
from searchsvc.query.ast import (
    TEXT_FIELDS,
    And,
    Boost,
    DateRange,
    Field,
    Fuzzy,
    Node,
    Or,
    Phrase,
    Term,
    Wildcard,
    has_relevance,
)
from searchsvc.query.request import SearchRequest
from searchsvc.verify import reference
from tests import strategies
from tests.conftest import SOAK
from tests.strategies import scanned

Make = Callable[[Iterable[Article]], Engine]

# Each example is an index of its own, which takes a cluster a tenth of a second.
_several = settings(
    max_examples=2_500 if SOAK else 20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@_several
@given(articles=strategies.articles, requests=st.lists(strategies.requests, min_size=8, max_size=8))
def test_hits_totals_and_counts_are_those_of_a_plain_scan(
    articles: list[Article], requests: list[SearchRequest], engine_of: Make
) -> None:
    engine, archive = engine_of(articles), scanned(articles)
    for request in requests:
        results = engine.search(request)
        if results.notes:
            continue  # too much was asked for: the notes say in what the answer is no longer exact
        expected = reference.found(request, archive)
        assert {hit.article.id for hit in results.hits} == {each.article.id for each in expected}, str(request.tree)
        assert results.total == engine.total(request) == len(expected)
        for facet in results.facets:
            counted = {value.value: value.count for value in facet.values if value.count}
            if facet.unit is None:
                assert counted == reference.counts(request, archive, facet.field)
            else:
                assert counted == _days(request, archive, facet.unit)


def _days(request: SearchRequest, archive: list[reference.Scanned], unit: str) -> dict[str, int]:
    found = (each.article.date for each in reference.found(request, archive, ignoring="date"))
    days = (str(day) for day in found if day is not None and str(day).startswith(facet_scope(request.dates)))
    return dict(Counter(day[: {"year": 4, "month": 7, "day": 10}[unit]] for day in days))


@_several
@given(
    articles=strategies.articles,
    request=strategies.requests,
    per_page=st.integers(1, 7),
    first_page=st.integers(1, 3),
)
def test_pages_and_cursors_visit_every_hit_once_in_one_order(
    articles: list[Article], request: SearchRequest, per_page: int, first_page: int, engine_of: Make
) -> None:
    engine = engine_of(articles)
    request = replace(request, facets=())
    whole = [hit.article.id for hit in engine.search(request).hits]
    pages = [replace(request, per_page=per_page, page=number) for number in range(1, 2 + len(whole) // per_page)]
    assert [hit.article.id for page in pages for hit in engine.search(page).hits] == whole
    start = replace(request, per_page=per_page, page=first_page)
    assert [hit.article.id for hit in _from(engine, start)] == whole[(first_page - 1) * per_page :]


def _from(engine: Engine, request: SearchRequest) -> Iterable[Hit]:
    while True:
        results = engine.search(request)
        yield from results.hits
        if results.next is None:
            return
        assert results.hits
        request = replace(request, after=results.next)


@_several
@given(articles=strategies.articles, request=strategies.requests)
def test_hits_are_ordered_as_asked_and_show_why_they_match(
    articles: list[Article], request: SearchRequest, engine_of: Make
) -> None:
    results = engine_of(articles).search(request)
    hits = results.hits
    by_relevance = request.sort == "relevance" and has_relevance(request.tree)
    if by_relevance:
        scores = [hit.score or 0.0 for hit in hits]
        assert scores == sorted(scores, reverse=True)
    else:
        assert [hit.article for hit in hits] == _in_order((hit.article for hit in hits), request)
    for hit in hits:
        marks = [span for snippet in (hit.title, *hit.snippets) for span in snippet.spans]
        assert marks or results.notes or reference.matches(_texts_alone(request.tree), scanned([hit.article])[0])


def _in_order(articles: Iterable[Article], request: SearchRequest) -> list[Article]:
    by_id = sorted(articles, key=lambda each: each.id)
    dated = [each for each in by_id if each.date]
    dated.sort(key=lambda each: (instant(each), each.id), reverse=request.sort != "oldest")
    return [*dated, *(each for each in by_id if not each.date)]


def _texts_alone(node: Node, scope: str | None = None) -> Node:
    """The tree with all that is wanted of title and body made impossible: what it still matches, no text shows."""
    match node:
        case Term() | Phrase() | Wildcard() | Fuzzy():
            return DateRange(date.max, date.min) if scope in (None, *TEXT_FIELDS) else node
        case Boost(inner, weight):
            return Boost(_texts_alone(inner, scope), weight)
        case Field(name, inner):
            return Field(name, _texts_alone(inner, name))
        case And(nodes):
            return And(tuple(_texts_alone(inner, scope) for inner in nodes))
        case Or(nodes):
            return Or(tuple(_texts_alone(inner, scope) for inner in nodes))
        case _:
            return node


@_several
@given(articles=strategies.articles, request=strategies.requests, field=st.sampled_from(["place", "mood"]))
def test_all_values_are_listed_as_facets_count_them(
    articles: list[Article], request: SearchRequest, field: str, engine_of: Make
) -> None:
    engine = engine_of(articles)
    (counted,) = engine.search(replace(request, facets=(field,))).facets
    listed = engine.values(request, field)
    assert (listed.field, {*listed.values}) == (field, {*counted.values})


@given(articles=strategies.articles)
@_several
def test_every_article_is_scanned_once(articles: list[Article], engine_of: Make) -> None:
    engine = engine_of(articles)
    assert sorted(engine.scan(SearchRequest()), key=lambda each: each.id) == sorted(articles, key=lambda each: each.id)
