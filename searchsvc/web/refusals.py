"""Refusals by the server, before a request reaches the application: problem details (RFC 9457), and a log with an end."""

from collections import Counter
from email.utils import formatdate
from http import HTTPStatus
from threading import Lock
from typing import Any

import orjson

from searchsvc.api import serialize
from searchsvc.errors import SearchsvcError
from searchsvc.web.operations import UNDESCRIBED

LINES_PER_MINUTE = 20
"""Lines of the log about clients, for each worker. A summary of the others follows a minute later."""
RETRY_SECONDS = 10


class RefusedRequestError(SearchsvcError):
    """A request that the application never sees. The message is for the client, and contains nothing that it sent."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = HTTPStatus(status)

    def answer(self, request_id: str) -> bytes:
        """Return the whole response to a request with this id. It announces that the connection will be closed."""
        document = serialize.problem(UNDESCRIBED, self.status.phrase, self.status, self)
        body = orjson.dumps(document)
        lines = [
            f"HTTP/1.1 {self.status.value} {self.status.phrase}",
            f"Date: {formatdate(usegmt=True)}",
            "Connection: close",
            f"X-Request-ID: {request_id}",
            "Content-Type: application/problem+json",
            f"Content-Length: {len(body)}",
            *([f"Retry-After: {RETRY_SECONDS}"] if self.status == HTTPStatus.SERVICE_UNAVAILABLE else []),
        ]
        return "\r\n".join([*lines, "", ""]).encode() + body


class BoundedLog:
    """Warnings about clients, of which only a few are logged in a minute, so that no client can fill the disk with them."""

    def __init__(self, log: Any) -> None:
        self._log = log
        self._lock = Lock()
        self._minute = 0.0
        self._lines = 0
        self._omitted: Counter[str] = Counter()

    def add(self, event: str, reason: str, now: float) -> None:
        """Log an event, or count it if the minute has had its lines."""
        self.summarize(now)
        with self._lock:
            self._lines += 1
            if self._lines <= LINES_PER_MINUTE:
                self._log.warning("%s: %s", event, reason)
            else:
                self._omitted[event] += 1

    def summarize(self, now: float) -> None:
        """Begin a new minute if the last one is over, with a line about the events that it left out."""
        with self._lock:
            if now < self._minute + 60:
                return
            self._minute, self._lines = now, 0
            if self._omitted:
                omitted = ", ".join(f"{count:,} × {each}" for each, count in self._omitted.items())
                self._log.warning("not logged one by one: %s", omitted)
                self._omitted.clear()
