"""The snapshot that answers a request, and conditional requests (RFC 9110)."""

import datetime as dt
from hashlib import blake2b

from flask import Response, g, request

from searchsvc import __version__
from searchsvc.errors import SearchsvcError
from searchsvc.model.periods import latest_day
from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService
from searchsvc.web.languages import page_language
from searchsvc.web.negotiation import has_page
from searchsvc.web.static_files import STATIC_ENDPOINTS, folder_version
from searchsvc.web.target import request_addresses

UNCACHED_ENDPOINTS = (
    *STATIC_ENDPOINTS,
    *("api.health", "api.ready", "operations.metrics", "writing.status", "alerts.feed"),
)
"""Endpoints without an entity tag: their answers change within a generation, or Flask tags them."""


def request_searcher(service: SearchService) -> Searcher:
    """Return the searcher of the current request, acquired on first use. Raise NoIndexError if there is no index."""
    if "searcher" not in g:
        g.searcher = service.acquire()
    searcher: Searcher = g.searcher
    return searcher


class Validation:
    """Entity tags of addresses, which have the same answer throughout one generation and day. They need no search."""

    def __init__(self, service: SearchService) -> None:
        self._service = service
        # A process keeps the templates that it has read, but not the files of the operator: pages have their hashes.
        shown = f"{__version__}{service.settings}{folder_version(service.settings.templates)}"
        self._digest = blake2b(shown.encode(), digest_size=8).hexdigest()

    def before(self) -> Response | None:
        """Return 304 if the client's copy is current. Return None if the answer must be computed."""
        if request.method not in ("GET", "HEAD") or request.endpoint is None or request.endpoint in UNCACHED_ENDPOINTS:
            return None
        try:
            g.tag = self._tag()
        except SearchsvcError:
            return None  # there is no index; the view answers with the error
        known = request.if_none_match
        # A tag was sent with an answer of this state. “*” stands for any answer, and whether there is one is not known yet.
        return Response(status=304) if known.contains_weak(g.tag) and not known.star_tag else None

    def after(self, response: Response) -> Response:
        """Tag the response. Clients may keep it, but must revalidate it before each use."""
        tag = g.get("tag")
        if tag is None or response.status_code not in (200, 304):
            return response
        response.set_etag(tag, weak=True)
        response.headers.setdefault("Cache-Control", "no-cache")
        if request.if_none_match.star_tag:
            response.close()
            response.status_code = 304
        return response

    def _tag(self) -> str:
        searcher = request_searcher(self._service)
        generation = f"{searcher.generation.name} {searcher.info.created} {searcher.synonyms_version}"
        files = folder_version(self._service.settings.static) if has_page() else ""  # that only pages name
        days = f"{dt.date.today()} {latest_day()}"
        state = f"{self._digest} {files} {generation} {days} {page_language().code} "
        addresses = request_addresses()
        address = f"{addresses.absolute(addresses.to('/'))} {request.full_path}".encode()
        return blake2b(state.encode() + address, digest_size=12).hexdigest()
