"""The log of outages: why requests get 503, once for each reason and not for each request."""

import logging

from flask import Response, g, request

from searchsvc.errors import SearchsvcError

_log = logging.getLogger(__name__)


class Outages:
    """The reasons why requests have got 503 since the last search that was answered."""

    def __init__(self) -> None:
        self._reasons: set[str] = set()

    def report(self, error: SearchsvcError) -> None:
        """Log a reason that is new. Clients get only the part of it that names no path or machine of the server."""
        if str(error) not in self._reasons:
            self._reasons.add(str(error))
            _log.error("requests get 503: %s", error)

    def observe(self, response: Response) -> Response:
        """Forget the reasons once a search is answered again."""
        if self._reasons and response.status_code == 200 and ("answer" in g or request.endpoint == "api.ready"):
            self._reasons.clear()
            _log.warning("searches are answered again")
        return response
