"""Folded hits: those of an unfolded list, but for the articles that another version of their story precedes there."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchsvc.engines.protocol import Engine
from searchsvc.index.stories import UNDATED, Stories, Version
from searchsvc.model.article import Article, instant, number_of
from searchsvc.model.results import ResultPage
from searchsvc.query.ast import MatchAll, Term
from searchsvc.query.request import SearchRequest, Sort
from searchsvc.search import folding
from searchsvc.search.folding import FoldedPage, fold
from searchsvc.search.found_versions import FoundVersions, VersionTable
from tests.conftest import SOAK
from tests.strategies import Archive, archives

Make = Callable[..., Engine]
_several = settings(
    max_examples=settings().max_examples if SOAK else settings().max_examples // 5,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def stories_of(groups: Sequence[Sequence[Article]]) -> Stories:
    """Return stories of some articles, each of which is in one group."""
    versions = ([Version(each.id, instant(each) if each.date else UNDATED) for each in group] for group in groups)
    return Stories.of(sorted(each, key=lambda version: (version.instant, version.id)) for each in versions if len(each) > 1)


@st.composite
def folded_archives(draw: st.DrawFn) -> tuple[Archive, Stories]:
    """Articles, some requests, and stories of some of the articles."""
    archive = draw(archives(requests=3))
    chosen = draw(st.lists(st.integers(0, 12), min_size=len(archive[0]), max_size=len(archive[0])))
    groups = [[each for each, own in zip(archive[0], chosen, strict=True) if own == group] for group in range(6)]
    return archive, stories_of(groups)


def folded(engine: Engine, stories: Stories, request: SearchRequest) -> FoldedPage:
    return fold(engine, partial(FoundVersions, VersionTable(stories)), request)


def folded_by_hand(hits: Sequence[str], stories: Stories) -> list[str]:
    first: dict[str, str] = {}
    for each in hits:
        first.setdefault(stories.story_of(each)[0], each)
    return list(first.values())


def ids(page: ResultPage) -> list[str]:
    return [hit.article.id for hit in page.articles]


def by_cursor(engine: Engine, stories: Stories, request: SearchRequest) -> Iterator[FoldedPage]:
    while True:
        found = folded(engine, stories, request)
        yield found
        if found.page.next is None:
            return
        request = replace(request, after=found.page.next)


def versioned(stories: Stories) -> set[str]:
    return {version.id for story in stories for version in story}


@_several
@given(
    archive=folded_archives(), per_page=st.integers(1, 7), first_page=st.integers(1, 3), window=st.sampled_from((1, 256))
)
def test_folded_pages_are_the_unfolded_list_folded_by_hand(
    archive: tuple[Archive, Stories], per_page: int, first_page: int, window: int, engine_of: Make
) -> None:
    (articles, requests), stories = archive
    engine = engine_of(articles, versioned=versioned(stories))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(folding, "_LEFT_OUT", window)
        patched.setattr(folding, "_LEADING", window)
        orders = zip(requests, get_args(Sort), strict=True)
        for request in (replace(each, sort=sort, without=()) for each, sort in orders):
            whole = engine.search(request)
            expected = folded_by_hand(ids(whole), stories)
            found = folded(engine, stories, request)
            assert (ids(found.page), found.page.total, found.listed) == (expected, whole.total, len(expected))
            assert found.page.facets() == whole.facets()
            numbers = range(1, 2 + len(expected) // per_page)
            pages = [folded(engine, stories, replace(request, per_page=per_page, page=number)) for number in numbers]
            assert [each for page in pages for each in ids(page.page)] == expected
            start = replace(request, per_page=per_page, page=first_page)
            continued = list(by_cursor(engine, stories, start))
            assert [each for page in continued for each in ids(page.page)] == expected[(first_page - 1) * per_page :]
            assert {page.listed for page in (*pages, *continued)} == {len(expected)}


@_several
@given(archive=folded_archives())
def test_engines_tell_numbers_and_versions_of_hits(archive: tuple[Archive, Stories], engine_of: Make) -> None:
    (articles, requests), stories = archive
    engine = engine_of(articles, versioned=versioned(stories))
    for request in requests:
        hits = ids(engine.search(request))
        assert engine.numbers(request) == [number_of(each) for each in hits]
        assert sorted(engine.versions(request)) == sorted(number_of(each) for each in hits if each in versioned(stories))
        assert [each.id for each in engine.get_all([*hits[:3], "none"])] == hits[:3]


def copies(number: int, story: int) -> list[Article]:
    return [Article(f"{story}-{each}", "Tide", f"tide tide {'sea ' * each}", "p") for each in range(number)]


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_a_story_of_very_many_versions_is_one_hit(sort: str, engine_of: Make) -> None:
    groups = [copies(700, 0), copies(3, 1), copies(1, 2)]
    stories = stories_of(groups)
    engine = engine_of([each for group in groups for each in group], versioned=versioned(stories))
    request = SearchRequest(Term("tide"), sort=sort, per_page=2)  # type: ignore[arg-type]
    pages = list(by_cursor(engine, stories, request))
    hits = [each for page in pages for each in ids(page.page)]
    assert sorted(each.partition("-")[0] for each in hits) == ["0", "1", "2"]
    assert [(page.page.total, page.listed) for page in pages] == [(704, 3)] * 2
    assert pages[0].found is not None
    story = next(each for each in hits if each.startswith("1"))
    assert pages[0].found.others(Article(story, "", "", "p")) == sorted({"1-0", "1-1", "1-2"} - {story})


def test_an_archive_without_versions_is_searched_once(engine_of: Make) -> None:
    articles = copies(1, 1) + copies(1, 2)
    engine = engine_of(articles)
    found = folded(engine, stories_of([]), SearchRequest(MatchAll()))
    assert (found.listed, found.found) == (2, None)
