"""The query of a request together with its filters."""

from collections.abc import Iterable

from tantivy import Query

from searchsvc.engines.tantivy.compiler import Compiler, conjunction, disjunction
from searchsvc.model.periods import Period
from searchsvc.query.request import SearchRequest


class RequestQueries:
    """The queries of one request, with and without the filter of a single facet."""

    def __init__(self, request: SearchRequest, compiler: Compiler) -> None:
        self._tree = compiler.matching(request.tree)
        self._filters = {name: compiler.value(name, values) for name, values in request.filters.items() if values}
        periods = [period for value in request.dates if (period := Period.parse(value)) is not None]
        self._dates = [disjunction([compiler.days(*period) for period in periods])] if request.dates else []
        self._span = [compiler.days(request.start, request.end)] if request.start or request.end else []

    def matching(self) -> Query:
        """Return the query with every filter."""
        return self._query(self._filters.values(), self._dates)

    def without_field(self, field: str) -> Query:
        """Return the query without the filter of a metadata field."""
        return self._query((query for name, query in self._filters.items() if name != field), self._dates)

    def without_dates(self) -> Query:
        """Return the query without the selected periods."""
        return self._query(self._filters.values(), [])

    def _query(self, filters: Iterable[Query], dates: list[Query]) -> Query:
        return conjunction([self._tree, *filters, *dates, *self._span])
