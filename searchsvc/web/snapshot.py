"""The searcher of an HTTP request, which answers everything from one generation of the archive."""

from flask import g

from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService


def request_searcher(service: SearchService) -> Searcher:
    """Return the searcher of the current request, acquired on first use. Raise NoIndexError if there is no index."""
    if "searcher" not in g:
        g.searcher = service.acquire()
    searcher: Searcher = g.searcher
    return searcher
