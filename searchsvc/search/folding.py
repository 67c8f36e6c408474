"""Folding of hits: of the articles of each story that a search finds, the best one is a hit. The others stand under it.

An engine knows which articles have other versions, and tells which of these match. Where no story has two of them among the
hits, there is nothing to fold. By date, it is known without the engine which version of a story comes first; the engine
leaves the others out. By relevance, the order of the best hits is read as numbers, up to the end of the page.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from itertools import chain, groupby, islice
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.engines.newest import after_today
from searchsvc.engines.protocol import Engine
from searchsvc.engines.scoring import MAX_RANK
from searchsvc.model.article import number_of
from searchsvc.model.cursors import RankCursor
from searchsvc.model.results import ResultPage, ScoredArticle
from searchsvc.query.ast import has_relevance
from searchsvc.query.request import SearchRequest

if TYPE_CHECKING:
    from searchsvc.search.found_versions import FoundVersions

SHOWN_VERSIONS = 5
"""Other versions of a hit that are named."""
_LEFT_OUT = 16  # articles that an engine leaves out at first; four times as many if the page needs more
_DENSITY = 8  # one more for so many hits before the page
_LEADING = 100  # hits whose order is read at first, at least; four times as many if the page needs more
_MAX_LEADING = 10_000
_MORE = 2  # hits that are read behind a first page besides one for each that is left out


class FoldedPage(NamedTuple):
    """A page of hits, and the number of all stories. `total` of the page is that of articles.

    `stories` is None if every article is a hit. `found` is None if no hit has another version below it.
    """

    page: ResultPage
    stories: int | None = None
    found: "FoundVersions | None" = None

    @property
    def listed(self) -> int:
        return self.page.total if self.stories is None else self.stories


def fold(engine: Engine, found: "FoundVersions", request: SearchRequest) -> FoldedPage:
    """Return a page with one hit of each story, given the versions that are found. Its number and cursor count hits."""
    is_ranked = request.sort == "relevance" and has_relevance(request.tree)
    page = _by_relevance(engine, request, found) if is_ranked else _by_date(engine, request, found)
    stories = page.total - found.left_out
    is_last = request.after is None and request.page * request.per_page >= stories
    return FoldedPage(replace(page, next=None) if is_last else page, stories, found)


def _by_date(engine: Engine, request: SearchRequest, found: "FoundVersions") -> ResultPage:
    """Return a page without the versions that others precede. Those that come behind the page need not be left out."""
    from searchsvc.search.found_versions import place_of_cursor  # noqa: PLC0415

    is_newest = request.sort != "oldest"
    places, numbers = found.by_date(newest_first=is_newest, future=_future(engine, request, found) if is_newest else ())
    start = int(places.searchsorted(place_of_cursor(request.after, newest_first=is_newest)))
    page = _without(engine, request, (), None)
    end, size = start, _LEFT_OUT + (request.page - 1) * request.per_page // _DENSITY
    while _reaches(page, request, places[end : end + 1].tolist()):
        last = places[min(len(places), start + size) - 1]
        end = int(places.searchsorted(last, side="right"))  # pages count the hits of one instant
        page, size = _without(engine, request, numbers[start:end].tolist(), page), 4 * size
    return page


def _without(engine: Engine, request: SearchRequest, numbers: Sequence[int], former: ResultPage | None) -> ResultPage:
    """Return a page without some articles, which its total counts. Take its facets from a former one."""
    if former is not None:
        request = replace(request, facets=(), date_facet=False)
    page = engine.search(replace(request, without=tuple(numbers)))
    facets = page.facets if former is None else former.facets
    return replace(page, total=page.total + len(numbers), facets=facets)


def _reaches(page: ResultPage, request: SearchRequest, places: Sequence[int]) -> bool:
    """Return whether a page may have hits at some places, which are in order."""
    from searchsvc.search.found_versions import place_of  # noqa: PLC0415

    if not places or len(page.articles) < request.per_page:
        return bool(places)
    return place_of(page.articles[-1].article, request.today, newest_first=request.sort != "oldest") >= places[0]


def _future(engine: Engine, request: SearchRequest, found: "FoundVersions") -> Sequence[int]:
    """Return the numbers of the versions that come last, since they are dated in the future."""
    today = int(datetime.combine(request.today, time(), UTC).timestamp())
    return engine.versions(after_today(request)) if found.latest() >= today else ()


def _by_relevance(engine: Engine, request: SearchRequest, found: "FoundVersions") -> ResultPage:
    """Return a page of hits that no other version precedes."""
    base, after, length = engine.search(request), request.after, request.per_page
    skipped, first = (0, after.offset) if isinstance(after, RankCursor) else ((request.page - 1) * length, 0)
    read = dict(enumerate(base.articles, skipped + first))
    batches = _leading(engine, request, found)
    if not skipped and not first:
        repeated = _repeated(base.articles, found)
        if not repeated:
            return base
        wanted = length + repeated + _MORE
        read |= enumerate(engine.search(_at(request, length, wanted - length)).articles, length)
        found.remember(array("q", (number_of(each.article.id) for each in read.values())), are_all=len(read) < wanted)
    places = list(islice(_kept(batches, found, first), skipped, skipped + length + 1))
    following = RankCursor(places.pop()) if len(places) > length else None
    for place, number in _runs(each for each in places if each not in read):
        read |= enumerate(engine.search(_at(request, place, number)).articles, place)
    return replace(base, articles=tuple(read[place] for place in places), next=following)


def _repeated(hits: Iterable[ScoredArticle], found: "FoundVersions") -> int:
    """Return how many hits are of a story that an earlier one is of."""
    stories = [story for story in found.stories([number_of(each.article.id) for each in hits]) if story >= 0]
    return len(stories) - len(set(stories))


def _kept(batches: Iterable[Sequence[int]], found: "FoundVersions", first: int) -> Iterator[int]:
    """Yield the places, from one on, of hits that no other version precedes, given the numbers of hits in order."""
    seen = set[int]()
    for place, story in enumerate(chain.from_iterable(map(found.stories, batches))):
        if story < 0 or story not in seen:
            if place >= first:
                yield place
            seen.add(story)


def _leading(engine: Engine, request: SearchRequest, found: "FoundVersions") -> Iterator[Sequence[int]]:
    """Yield the numbers of the best hits in order: those that have been read, then others, which are remembered too."""
    best = found.best
    yield best.numbers
    first = request.after.offset if isinstance(request.after, RankCursor) else 0
    size = min(max(_LEADING, (request.page + 1) * request.per_page + first), _MAX_LEADING)
    while not best.are_all:
        numbers = engine.numbers(_at(request, len(best.numbers), size))
        read = best.numbers + array("q", numbers)
        best = found.remember(read, are_all=len(numbers) < size or len(read) >= MAX_RANK)
        yield numbers
        size = min(4 * size, _MAX_LEADING)


def _at(request: SearchRequest, place: int, number: int) -> SearchRequest:
    """Return the request for a number of hits from a place on, by relevance."""
    after = RankCursor(place) if place else None
    return replace(request, page=1, after=after, per_page=number, facets=(), date_facet=False)


def _runs(places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the number of adjacent places."""
    for _, run in groupby(enumerate(places), key=lambda each: each[1] - each[0]):
        found = [place for _, place in run]
        yield found[0], len(found)
