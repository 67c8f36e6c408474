"""Pages of hits by date: by instant, then id. Undated articles follow in both orders, by id."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from searchsvc.engines.opensearch.client import translating_errors
from searchsvc.engines.opensearch.dsl import Query, conjunction, disjunction, number_range
from searchsvc.engines.opensearch.searcher import IndexSearcher, Page, PageQuery, article_of
from searchsvc.model.article import EPOCH_SHIFT, Article
from searchsvc.model.cursors import Cursor, InstantCursor, UndatedCursor
from searchsvc.model.results import ScoredArticle
from searchsvc.query.request import SearchRequest

_INSTANT_DIGITS = 13
_UNDATED: Query = {"exists": {"field": "undated"}}


class _SortKey(NamedTuple):
    """The sort values of a hit: `order` if it is dated, `undated` if not. The other one is None."""

    order: str | None
    undated: str | None

    @property
    def instant(self) -> int | None:
        return int(self.order[:_INSTANT_DIGITS]) - EPOCH_SHIFT if self.order is not None else None


class DateSorting:
    """Pages of one request's hits, newest or oldest first."""

    def __init__(self, searcher: IndexSearcher, request: SearchRequest, found: PageQuery) -> None:
        self._searcher = searcher
        self._request = request
        self._found = found
        self._oldest_first = request.sort == "oldest"
        self._after = request.after if isinstance(request.after, InstantCursor | UndatedCursor) else None

    def page(self) -> Page:
        """Return the page that the request asks for."""
        after, request = self._after, self._request
        offset = after.offset if after else (request.page - 1) * request.per_page
        found = self._continued(after) if after else self._found
        body = {**found.body(), "from": offset, "size": request.per_page, "sort": self._sort()}
        answer = self._searcher.search(body)
        aggregations, hits = answer.get("aggregations", {}), answer["hits"]["hits"]
        remaining = answer["hits"]["total"]["value"]
        total = aggregations["total"]["doc_count"] if after else remaining
        following = self._next([_SortKey(*hit["sort"]) for hit in hits]) if 0 < len(hits) < remaining - offset else None
        return Page(total, tuple(ScoredArticle(article_of(hit), None) for hit in hits), following, aggregations)

    def scan(self, size: int) -> Iterator[Article]:
        """Yield every hit from the first, reading `size` at a time. The time for each does not depend on its position."""
        hits: Sequence[Mapping[str, Any]] = ()
        while True:
            after = {"search_after": hits[-1]["sort"]} if hits else {}
            body = {**self._found.body(), "size": size, "sort": self._sort(), "track_total_hits": False, **after}
            with translating_errors("reading articles"):
                hits = self._searcher.search(body)["hits"]["hits"]
            yield from map(article_of, hits)
            if len(hits) < size:
                return

    def _sort(self) -> list[dict[str, Any]]:
        order = {"order": "asc" if self._oldest_first else "desc", "missing": "_last"}
        return [{"order": order}, {"undated": {"order": "asc"}}]

    def _continued(self, after: InstantCursor | UndatedCursor) -> PageQuery:
        """Leave out the hits before the cursor's instant, but still count them in the total."""
        found = self._found
        total = {"total": {"filter": conjunction(found.post_filters)}}
        return PageQuery(found.query, [*found.post_filters, self._from(after)], {**found.aggregations, **total})

    def _from(self, after: InstantCursor | UndatedCursor) -> Query:
        if isinstance(after, UndatedCursor):
            return _UNDATED
        return disjunction([number_range("instant", {"gte" if self._oldest_first else "lte": after.instant}), _UNDATED])

    def _next(self, keys: Sequence[_SortKey]) -> Cursor:
        """Return a cursor behind the last hit. Its offset counts the hits so far of that instant, or without a date."""
        last = keys[-1]
        same = sum(key.instant == last.instant for key in keys)
        if same == len(keys) and self._after is not None and _instant(self._after) == last.instant:
            same += self._after.offset
        elif same == len(keys) and (self._after is not None or self._request.page > 1):
            same = self._searcher.count(conjunction([self._found.query, *self._found.post_filters, self._up_to(last)]))
        return UndatedCursor(same) if last.instant is None else InstantCursor(last.instant, same)

    def _up_to(self, key: _SortKey) -> Query:
        """Match the hits up to this one that share its instant, or that are undated like it."""
        if key.order is None:
            return {"range": {"undated": {"lte": key.undated}}}
        instant = key.order[:_INSTANT_DIGITS]
        # "}" is the character after "|", which separates instant and id.
        bounds = (
            {"gte": f"{instant}|", "lte": key.order} if self._oldest_first else {"gte": key.order, "lt": f"{instant}}}"}
        )
        return {"range": {"order": bounds}}


def _instant(after: InstantCursor | UndatedCursor) -> int | None:
    return after.instant if isinstance(after, InstantCursor) else None
