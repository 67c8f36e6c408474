"""Rate limits per client, counted over all workers of a service: of requests, and of wrong tokens."""

import logging
import os
import sqlite3
import tempfile
import threading
from collections.abc import Callable
from functools import cached_property
from math import ceil
from pathlib import Path
from time import time
from typing import cast

from flask import Flask, request
from flask_limiter import Limiter, RequestLimit
from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage, Storage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from searchsvc.config import METRICS_FOLDER
from searchsvc.hosts import client_network

_log = logging.getLogger(__name__)

UNLIMITED_ENDPOINTS = ("static", "api.health", "api.ready", "operations.metrics")
"""Endpoints without a limit. They cost next to nothing, and operators rely on them."""
WRONG_TOKENS = "30/minute; 300/hour"
"""Wrong tokens that a client may send. A wrong login counts as three."""
_ADD = """
INSERT INTO counts VALUES (:key, :amount, :end) ON CONFLICT (key) DO UPDATE SET
  count = CASE WHEN end <= :now THEN :amount ELSE count + :amount END,
  end = CASE WHEN end <= :now THEN :end ELSE end END
RETURNING count
"""


def enable_rate_limit(app: Flask, rate: str) -> None:
    """Answer 429 to clients that make more requests than a rate such as `100/minute` allows."""
    Limiter(
        client_of_request,
        app=app,
        application_limits=[rate],
        application_limits_exempt_when=lambda: request.endpoint in UNLIMITED_ENDPOINTS or request.method == "OPTIONS",
        storage_uri=f"{SharedStorage.STORAGE_SCHEME[0]}://",
        strategy="fixed-window",
        headers_enabled=True,
        on_breach=_refuse,
    )


def client_of_request() -> str:
    """Return the address of the client, or of its network (see `client_network`)."""
    return client_network(request.remote_addr or "")


def _refuse(breached: RequestLimit) -> None:
    seconds = max(1, round(breached.reset_at - time()))
    raise TooManyRequests(f"more requests than {breached.limit}: try again in {seconds} s")


class WrongTokenLimit:
    """A limit of the wrong tokens that each client may send. They are logged without the tokens."""

    def __init__(self) -> None:
        self._limits = parse_many(WRONG_TOKENS)
        self._shared = FixedWindowRateLimiter(SharedStorage())

    @cached_property
    def _own(self) -> FixedWindowRateLimiter:
        return FixedWindowRateLimiter(MemoryStorage())

    def check(self) -> None:
        """Raise TooManyRequests if the client has sent so many wrong tokens that none of its tokens is looked at."""
        for seconds in self._count(self._seconds_to_wait):
            if seconds > 0:
                raise TooManyRequests(f"too many wrong tokens: try again in {seconds} s", retry_after=seconds)

    def record(self, cost: int) -> None:
        """Count a wrong token of the client, and log its address."""
        client = client_of_request()
        _log.warning("wrong token from %s at %s", client, request.url_rule or "an unknown address")
        self._count(lambda limiter, limit: limiter.hit(limit, "wrong tokens", client, cost=cost))

    def _count(self, count: Callable[[FixedWindowRateLimiter, RateLimitItem], int]) -> list[int]:
        """Return the results for each limit. Use the counts of this process if those of all workers cannot be used."""
        try:
            return [count(self._shared, limit) for limit in self._limits]
        except sqlite3.Error:
            return [count(self._own, limit) for limit in self._limits]

    def _seconds_to_wait(self, limiter: FixedWindowRateLimiter, limit: RateLimitItem) -> int:
        key = "wrong tokens", client_of_request()
        if limiter.test(limit, *key):
            return 0
        return max(1, ceil(limiter.get_window_stats(limit, *key).reset_time - time()))


class SharedStorage(Storage):
    """Counts of requests in a small SQLite file, which all workers share until the service ends.

    The library's own storages count within one process, or need a server such as Redis. See its `Storage`.
    """

    STORAGE_SCHEME = ["workers"]  # noqa: RUF012  as the library declares it

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: str) -> None:
        super().__init__(uri, wrap_exceptions, **options)
        folder = os.environ.get(METRICS_FOLDER) or tempfile.mkdtemp(prefix="searchsvc-limits-")
        self._file = Path(folder) / "limits.sqlite"
        self._local = threading.local()

    @property
    def base_exceptions(self) -> type[Exception]:
        return sqlite3.Error

    @property
    def _database(self) -> sqlite3.Connection:
        """The connection of this thread and process. SQLite connections must not be used after a fork."""
        if getattr(self._local, "owner", None) != os.getpid():
            database = sqlite3.connect(self._file, isolation_level=None)
            database.executescript(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;"
                "CREATE TABLE IF NOT EXISTS counts (key TEXT PRIMARY KEY, count INTEGER, end REAL) WITHOUT ROWID;"
            )
            self._local.database, self._local.owner = database, os.getpid()
        return cast(sqlite3.Connection, self._local.database)

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        now = time()
        values = {"key": key, "amount": amount, "end": now + expiry, "now": now}
        count = int(self._database.execute(_ADD, values).fetchone()[0])
        if count == amount:  # a window has begun: delete those that have ended
            self._database.execute("DELETE FROM counts WHERE end <= ?", (now,))
        return count

    def get(self, key: str) -> int:
        return int(self._one("SELECT count FROM counts WHERE key = ? AND end > ?", key, 0))

    def get_expiry(self, key: str) -> float:
        return float(self._one("SELECT end FROM counts WHERE key = ? AND end > ?", key, time()))

    def check(self) -> bool:
        return bool(self._database.execute("SELECT 1").fetchone())

    def reset(self) -> int | None:
        return self._database.execute("DELETE FROM counts").rowcount

    def clear(self, key: str) -> None:
        self._database.execute("DELETE FROM counts WHERE key = ?", (key,))

    def _one(self, query: str, key: str, default: float) -> float:
        row = self._database.execute(query, (key, time())).fetchone()
        return float(row[0]) if row else default
