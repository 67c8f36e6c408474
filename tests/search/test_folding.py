"""Folded hits: those of an unfolded list, but for the articles that another version of their story precedes there."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchsvc.engines.protocol import Engine
from searchsvc.engines.wrapped import WrappedEngine
from searchsvc.index.stories import NO_STORIES, UNDATED, Stories, Version
from searchsvc.model.article import Article, instant, number_of
from searchsvc.model.results import ResultPage
from searchsvc.query.ast import MatchAll, Term
from searchsvc.query.request import SearchRequest, Sort
from searchsvc.search import folding
from searchsvc.search.folding import FoldedPage
from searchsvc.search.story_reader import REMEMBERED, StoryReader
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


def folded_by_hand(hits: Sequence[str], stories: Stories) -> list[str]:
    first: dict[str, str] = {}
    for each in hits:
        first.setdefault(stories.story_of(each)[0], each)
    return list(first.values())


def ids(page: ResultPage) -> list[str]:
    return [hit.article.id for hit in page.articles]


def by_cursor(reader: StoryReader, request: SearchRequest) -> Iterator[FoldedPage]:
    while True:
        found = reader.folded(request)
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
    reader = StoryReader(engine, stories)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(folding, "_LEFT_OUT", window)
        patched.setattr(folding, "_LEADING", window)
        orders = zip(requests, get_args(Sort), strict=True)
        for request in (replace(each, sort=sort, without=()) for each, sort in orders):
            whole = engine.search(request)
            expected = folded_by_hand(ids(whole), stories)
            found = reader.folded(request)
            assert (ids(found.page), found.page.total, found.listed) == (expected, whole.total, len(expected))
            assert found.page.facets() == whole.facets()
            numbers = range(1, 2 + len(expected) // per_page)
            pages = [reader.folded(replace(request, per_page=per_page, page=number)) for number in numbers]
            assert [each for page in pages for each in ids(page.page)] == expected
            start = replace(request, per_page=per_page, page=first_page)
            continued = list(by_cursor(reader, start))
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
    reader = StoryReader(engine, stories)
    request = SearchRequest(Term("tide"), sort=sort, per_page=2)  # type: ignore[arg-type]
    pages = list(by_cursor(reader, request))
    hits = [each for page in pages for each in ids(page.page)]
    assert sorted(each.partition("-")[0] for each in hits) == ["0", "1", "2"]
    assert [(page.page.total, page.listed) for page in pages] == [(704, 3)] * 2
    assert pages[0].found is not None
    story = next(each for each in hits if each.startswith("1"))
    below = list(pages[0].found.others([Article(story, "", "", "p"), Article("none", "", "", "p")]))
    assert below == [sorted({"1-0", "1-1", "1-2"} - {story}), []]


@pytest.mark.parametrize("sort", get_args(Sort))
def test_versions_are_folded_within_a_share_of_the_articles(sort: Sort, engine_of: Make) -> None:
    groups = [copies(40, 1), copies(40, 2)]
    stories = stories_of(groups)
    engine = engine_of([each for group in groups for each in group], versioned=versioned(stories))
    request = SearchRequest(Term("tide"), share=0.5, sort=sort)
    found = StoryReader(engine, stories).folded(request)
    assert found.page.total == engine.search(request).total < 80
    assert found.listed == 2


def test_an_archive_without_versions_is_searched_once(engine_of: Make) -> None:
    articles = copies(1, 1) + copies(1, 2)
    engine = engine_of(articles)
    found = StoryReader(engine, NO_STORIES).folded(SearchRequest(MatchAll()))
    assert (found.listed, found.found) == (2, None)


class CountingEngine(WrappedEngine):
    """Counts what is asked of it."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.asked: Counter[str] = Counter()

    def versions(self, request: SearchRequest) -> list[int]:
        self.asked["versions"] += 1
        return super().versions(request)

    def numbers(self, request: SearchRequest) -> list[int]:
        self.asked["numbers"] += request.per_page
        return super().numbers(request)


def test_a_list_that_is_read_by_cursor_is_ordered_once(engine_of: Make) -> None:
    groups = [copies(2, story) for story in range(300)]
    stories = stories_of(groups)
    engine = CountingEngine(engine_of([each for group in groups for each in group], versioned=versioned(stories)))
    pages = list(by_cursor(StoryReader(engine, stories), SearchRequest(Term("tide"), per_page=5)))
    assert sum(len(page.page.articles) for page in pages) == 300
    assert engine.asked["numbers"] <= 2 * 600


def test_versions_are_looked_for_once_for_a_search(engine_of: Make) -> None:
    stories = stories_of([copies(3, 1), copies(2, 2)])
    engine = CountingEngine(engine_of([*copies(3, 1), *copies(2, 2), *copies(1, 3)], versioned=versioned(stories)))
    reader, request = StoryReader(engine, stories), SearchRequest(Term("tide"), per_page=1)
    for sort in get_args(Sort):
        assert len(list(by_cursor(reader, replace(request, sort=sort)))) == 3
    assert engine.asked["versions"] == 1
    for number in range(REMEMBERED + 1):
        reader.folded(replace(request, tree=Term(f"tide{number}")))
    reader.folded(request)
    assert engine.asked["versions"] == REMEMBERED + 3
