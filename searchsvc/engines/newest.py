"""Articles dated in the future come last if the newest come first. Written once, around every engine.

A wrong date would otherwise lead every list for years. The engine sorts the other articles, and then those of the future.
Archives without any of them take the engine's own way.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache, partial
from itertools import chain

from searchsvc.engines.protocol import Backend, Engine
from searchsvc.engines.wrapped import WrappedEngine
from searchsvc.model.article import Article, number_of
from searchsvc.model.cursors import FutureCursor, InstantCursor
from searchsvc.model.results import Facets, ResultPage, ScoredArticle
from searchsvc.query.ast import And, DateRange, Node, Not, has_relevance
from searchsvc.query.request import SearchRequest

_LAST_INSTANT = 10**12 - 1
"""Later than the last second of the calendar: every article of the future follows a cursor there."""


def with_future_last(backend: Backend) -> Backend:
    """Return the backend with engines that sort articles of the future last."""
    opened = backend.open
    return replace(backend, open=lambda folder, languages: FutureLast(opened(folder, languages)))


class FutureLast(WrappedEngine):
    """An engine that sorts articles of the future last if the newest come first. See Engine."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._has_future: Callable[[date], bool] = lru_cache(maxsize=2)(partial(_has_future, engine))

    def search(self, request: SearchRequest) -> ResultPage:
        if not self._is_split(request):
            return self.engine.search(request)
        facets: Callable[[], Facets] = Facets
        if request.facets or request.date_facet:
            facets = self.engine.search(replace(request, page=1, per_page=1, after=None)).facets
        return replace(self._page(replace(request, facets=(), date_facet=False)), facets=facets)

    def scan(self, request: SearchRequest) -> Iterator[Article]:
        if not self._is_split(request):
            return self.engine.scan(request)
        return chain(self.engine.scan(_until_today(request)), self.engine.scan(after_today(request)))

    def numbers(self, request: SearchRequest) -> list[int]:
        if not self._is_split(request):
            return self.engine.numbers(request)
        return [number_of(each.article.id) for each in self._page(request).articles]

    def _is_split(self, request: SearchRequest) -> bool:
        """Return whether the hits are sorted in two parts. A cursor of the future stays there, whatever day it is."""
        is_newest = request.sort == "newest" or (request.sort == "relevance" and not has_relevance(request.tree))
        return is_newest and (isinstance(request.after, FutureCursor) or self._has_future(request.today))

    def _page(self, request: SearchRequest) -> ResultPage:
        usual, number, after = _until_today(request), self.engine.count(after_today(request)), request.after
        if isinstance(after, FutureCursor):
            return self._continued(ResultPage(self.engine.count(usual) + number, ()), request, after.offset, number)
        page = self.engine.search(usual)
        found = replace(page, total=page.total + number)
        if page.next is not None:
            return found
        start = max(0, (request.page - 1) * request.per_page - page.total) if after is None else 0
        return self._continued(found, request, start, number)

    def _continued(self, page: ResultPage, request: SearchRequest, start: int, number: int) -> ResultPage:
        """Return a page filled up with hits of the future from a place on, of which there are `number`."""
        future = self._future(request, start, request.per_page - len(page.articles))
        shown = start + len(future)
        return replace(page, articles=(*page.articles, *future), next=FutureCursor(shown) if shown < number else None)

    def _future(self, request: SearchRequest, start: int, number: int) -> tuple[ScoredArticle, ...]:
        """Return the hits of the future from a place on."""
        if not number:
            return ()
        after = InstantCursor(_LAST_INSTANT, start)
        return self.engine.search(replace(after_today(request), page=1, per_page=number, after=after)).articles


def _has_future(engine: Engine, today: date) -> bool:
    return today < date.max and engine.count(after_today(SearchRequest(today=today))) > 0


def _until_today(request: SearchRequest) -> SearchRequest:
    """Return the request without the articles of the future. Those without a date stay."""
    return replace(request, tree=_both(request.tree, Not(_future_of(request))))


def after_today(request: SearchRequest) -> SearchRequest:
    """Return the request for its articles of the future only."""
    return replace(request, tree=_both(request.tree, _future_of(request)))


def _both(tree: Node, other: Node) -> And:
    return And((*(tree.nodes if isinstance(tree, And) else (tree,)), other))


def _future_of(request: SearchRequest) -> DateRange:
    return DateRange(request.today + timedelta(days=1), None)
