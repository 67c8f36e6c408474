"""Answers that need not be made again: the same address on the same day and generation has the same answer (RFC 9110)."""

import datetime as dt
from hashlib import blake2b

from flask import Response, g, request

from searchsvc import __version__
from searchsvc.errors import SearchsvcError
from searchsvc.search.service import SearchService

UNCACHED = ("static", "api.health", "api.ready", "operations.metrics", "writing.status")


class Validation:
    """Entity tags by generation and address, so that what a client has already is confirmed without searching."""

    def __init__(self, service: SearchService) -> None:
        self._service = service
        self._same = blake2b(f"{__version__}{service.settings}".encode(), digest_size=8).hexdigest()

    def before(self) -> Response | None:
        """304 where the client has the answer; None where it has to be made."""
        if request.method not in ("GET", "HEAD") or request.endpoint is None or request.endpoint in UNCACHED:
            return None
        try:
            g.tag = self._tag()
        except SearchsvcError:
            return None  # there is no index: the answer says so
        return Response(status=304) if request.if_none_match.contains_weak(g.tag) else None

    def after(self, response: Response) -> Response:
        """Say which answer it is, and that it may be kept as long as it is confirmed each time."""
        tag = g.get("tag")
        if tag is not None and response.status_code in (200, 304):
            response.set_etag(tag, weak=True)
            response.headers.setdefault("Cache-Control", "no-cache")
        return response

    def _tag(self) -> str:
        live = self._service.live()
        said = f"{self._same} {live.generation.name} {live.info.created} {dt.date.today()} "
        address = request.full_path.encode() + request.host.encode()
        return blake2b(said.encode() + address, digest_size=12).hexdigest()
