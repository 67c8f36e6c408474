"""Sorting by date, with pages that continue at any depth."""

from typing import NamedTuple

from tantivy import DocAddress, Order, Query, Searcher

from searchsvc.engines.tantivy.compiler import Compiler
from searchsvc.engines.tantivy.queries import conjunction
from searchsvc.engines.tantivy.schema import count, total_of
from searchsvc.model.cursors import Cursor, InstantCursor, UndatedCursor
from searchsvc.query.request import SearchRequest

Hits = list[tuple[DocAddress, float | None]]  # addresses and scores, which are None if hits are sorted by date


class Page(NamedTuple):
    """The total number of hits, one page of them, and the cursor of the next page."""

    total: int
    hits: Hits
    next: Cursor | None


class DateSorting:
    """Sorts hits by instant, then id. Articles without a date come last in both orders, by id."""

    def __init__(self, searcher: Searcher, compiler: Compiler, matching: Query, *, oldest_first: bool) -> None:
        self._searcher = searcher
        self._compiler = compiler
        self._matching = matching
        self._oldest_first = oldest_first

    def page(self, request: SearchRequest) -> Page:
        """Return one page, by its number or from a cursor."""
        if isinstance(request.after, UndatedCursor):
            return self._undated_page(self._count(self._matching), [], request.per_page, request.after.offset)
        after = request.after if isinstance(request.after, InstantCursor) else None
        rest = self._matching if after is None else conjunction([self._matching, self._from(after.instant)])
        skipped = (request.page - 1) * request.per_page if after is None else after.offset
        left, dated = self._dated(rest, skipped, request.per_page)
        total = left if after is None else self._count(self._matching)
        hits: Hits = [(address, None) for _, address in dated]
        if len(dated) == request.per_page and skipped + len(dated) < left:
            return Page(total, hits, self._after([instant for instant, _ in dated], request, skipped, after))
        before = skipped - (total - self._count(self._undated())) if after is None else 0
        return self._undated_page(total, hits, request.per_page, max(0, before))

    def _dated(self, among: Query, skipped: int, limit: int) -> tuple[int, list[tuple[int, DocAddress]]]:
        """Return the number of all hits, and those of one page that are dated, each with its instant."""
        order = Order.Asc if self._oldest_first else Order.Desc
        found = self._searcher.search(among, limit=limit, offset=skipped, order_by_field="instant", order=order)
        # Tantivy puts documents without a value last, but in no order of their own.
        instants = [instant for instant, _ in found.hits if instant is not None]
        if not instants:
            return total_of(found), []
        # Only this page is sorted by id, which takes a hundred times as long as by instant.
        first, last = instants[0], instants[-1]
        before = self._count(conjunction([among, self._before(first)])) if skipped else 0
        page = conjunction([among, self._compiler.numbers("instant", min(first, last), max(first, last))])
        sorted_ = self._searcher.search(
            page, limit=len(instants), offset=skipped - before, order_by_field="order", order=order, count=False
        )
        return total_of(found), [(instant, address) for instant, (_, address) in zip(instants, sorted_.hits, strict=True)]

    def _after(self, instants: list[int], request: SearchRequest, skipped: int, after: InstantCursor | None) -> Cursor:
        """Return the cursor of the next page: the number of hits shown so far that share the last instant."""
        last = instants[-1]
        number = instants.count(last)
        if number == len(instants) and after is not None and after.instant == last:
            number += after.offset
        elif number == len(instants) and after is None and request.page > 1:
            number = skipped + number - self._count(conjunction([self._matching, self._before(last)]))
        return InstantCursor(last, number)

    def _undated_page(self, total: int, dated: Hits, per_page: int, skipped: int) -> Page:
        room = per_page - len(dated)
        undated = self._undated()
        if not room:
            return Page(total, dated, UndatedCursor(0) if self._count(undated) else None)
        found = self._searcher.search(undated, limit=room, offset=skipped, order_by_field="undated", order=Order.Asc)
        shown = skipped + len(found.hits)
        hits: Hits = [*dated, *((address, None) for _, address in found.hits)]
        return Page(total, hits, UndatedCursor(shown) if shown < total_of(found) else None)

    def _undated(self) -> Query:
        return conjunction([self._matching, Query.exists_query("undated")])

    def _from(self, instant: int) -> Query:
        """Return a query for this instant and what follows it in this order."""
        return self._compiler.numbers("instant", *((instant, None) if self._oldest_first else (None, instant)))

    def _before(self, instant: int) -> Query:
        """Return a query for what precedes this instant in this order."""
        return self._compiler.numbers("instant", *((None, instant - 1) if self._oldest_first else (instant + 1, None)))

    def _count(self, query: Query) -> int:
        return count(self._searcher, query)
