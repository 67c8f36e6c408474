"""The answers that every engine has to give: those of the reference, with every hit once and in one order."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from functools import cache, partial

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchsvc.engines.protocol import Engine
from searchsvc.model.article import Article
from searchsvc.model.languages import language_of
from searchsvc.model.periods import facet_scope, facet_unit
from searchsvc.model.results import DateFacet, Facets, FacetValue, FieldFacet, ScoredArticle
from searchsvc.query.ast import has_relevance
from searchsvc.query.request import SearchRequest
from searchsvc.search.number_values import read_numbers, with_all_values
from searchsvc.verify.reference import AnalyzedArticle, facet_period, facet_values, matches
from tests.conftest import SOAK
from tests.strategies import Archive, archives, articles

Make = Callable[[Iterable[Article]], Engine]

# Each example is an index of its own, which takes a cluster a tenth of a second.
_several = settings(
    max_examples=settings().max_examples if SOAK else settings().max_examples // 5,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@_several
@given(archive=archives(requests=24))
def test_hits_totals_and_facets_are_those_of_the_reference(archive: Archive, engine_of: Make, has_hits: list[bool]) -> None:
    articles, requests = archive
    engine, analyzed = engine_of(articles), [AnalyzedArticle(article, "english") for article in articles]
    numbers = cache(partial(read_numbers, engine))
    for request in (with_all_values(each, numbers) for each in requests):
        page = engine.search(request)
        expected = {each.article.id for each in analyzed if matches(request, each)}
        assert {each.article.id for each in page.articles} == expected, str(request.tree)
        assert (page.total, engine.count(request), page.notes) == (len(expected), len(expected), ())
        facets = Facets(
            tuple(_field_facet(request, analyzed, field) for field in request.facets), _date_facet(request, analyzed)
        )
        assert page.facets() == facets
        assert tuple(engine.facet(request, field) for field in request.facets) == facets.fields
        has_hits.append(bool(expected))


@_several
@given(archive=archives(requests=24, in_languages=True))
def test_words_match_in_the_forms_of_the_language_of_each_article(
    archive: Archive, engine_of: Callable[..., Engine], has_hits: list[bool]
) -> None:
    articles, requests = archive
    counted = Counter(language_of(article.language, ()) for article in articles)
    languages = tuple(language for language, _ in counted.most_common())
    engine = engine_of(articles, languages, ())
    analyzed = [AnalyzedArticle(article, language_of(article.language, languages)) for article in articles]
    for request in (with_all_values(each, partial(read_numbers, engine)) for each in requests):
        page = engine.search(request)
        expected = {each.article.id for each in analyzed if matches(request, each)}
        assert {each.article.id for each in page.articles} == expected, str(request.tree)
        assert (page.total, page.notes) == (len(expected), ())
        has_hits.append(bool(expected))


def _field_facet(request: SearchRequest, archive: Sequence[AnalyzedArticle], field: str) -> FieldFacet:
    counts = Counter(value for each in archive for value in facet_values(request, each, field))
    selected = request.filters.get(field, ())
    counts.update(dict.fromkeys(selected, 0))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return FieldFacet(field, tuple(FacetValue(value, count, value in selected) for value, count in ordered))


def _date_facet(request: SearchRequest, archive: Sequence[AnalyzedArticle]) -> DateFacet:
    unit = request.date_unit or facet_unit(facet_scope(request.dates))
    length = {"year": 4, "month": 7, "day": 10}[unit]
    counts = Counter(filter(None, (facet_period(request, each) for each in archive)))
    counts.update({period: 0 for period in request.dates if len(period) == length})
    return DateFacet(unit, tuple(FacetValue(each, count, each in request.dates) for each, count in sorted(counts.items())))


@_several
@given(archive=archives(), per_page=st.integers(1, 7), first_page=st.integers(1, 3))
def test_pages_cursors_and_scans_visit_every_hit_once_in_one_order(
    archive: Archive, per_page: int, first_page: int, engine_of: Make
) -> None:
    articles, (request,) = archive
    engine = engine_of(articles)
    whole = [hit.article.id for hit in engine.search(request).articles]
    assert [article.id for article in engine.scan(request)] == whole
    pages = [replace(request, per_page=per_page, page=number) for number in range(1, 2 + len(whole) // per_page)]
    assert [hit.article.id for page in pages for hit in engine.search(page).articles] == whole
    start = replace(request, per_page=per_page, page=first_page)
    assert [hit.article.id for hit in _from(engine, start)] == whole[(first_page - 1) * per_page :]


def _from(engine: Engine, request: SearchRequest) -> Iterator[ScoredArticle]:
    while True:
        page = engine.search(request)
        yield from page.articles
        if page.next is None:
            return
        assert page.articles
        request = replace(request, after=page.next)


@_several
@given(archive=archives())
def test_hits_are_in_the_requested_order(archive: Archive, engine_of: Make) -> None:
    articles, (request,) = archive
    hits = engine_of(articles).search(request).articles
    if request.sort == "relevance" and has_relevance(request.tree):
        scores = [hit.score or 0.0 for hit in hits]
        assert scores == sorted(scores, reverse=True)
    else:
        assert [hit.article for hit in hits] == _in_order((hit.article for hit in hits), request)


def _in_order(articles: Iterable[Article], request: SearchRequest) -> list[Article]:
    by_id = sorted(articles, key=_id)
    dated = [each for each in by_id if each.date]
    dated.sort(key=lambda each: (_instant(each), each.id), reverse=request.sort != "oldest")
    is_newest = request.sort != "oldest"
    future = [each for each in dated if is_newest and each.date and each.date > request.today]
    return [*(each for each in dated if each not in future), *(each for each in by_id if not each.date), *future]


def _id(article: Article) -> str:
    return article.id


def _instant(article: Article) -> datetime:
    assert article.date
    return article.published or datetime.combine(article.date, time(), UTC)


@given(articles=articles)
@_several
def test_every_article_is_scanned_once(articles: list[Article], engine_of: Make) -> None:
    engine = engine_of(articles)
    assert sorted(engine.scan(SearchRequest()), key=_id) == sorted(articles, key=_id)
