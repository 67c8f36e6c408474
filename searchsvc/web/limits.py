"""Rate limits per client, counted over all workers of a service: of requests, and of wrong tokens."""

import logging
import os
import shutil
import sqlite3
import tempfile
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from math import ceil
from pathlib import Path
from time import monotonic, time
from typing import TYPE_CHECKING, TypeVar, cast

from flask import Flask, request
from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage, Storage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from searchsvc.hosts import client_network
from searchsvc.messages import Message
from searchsvc.web.static_files import STATIC_ENDPOINTS

if TYPE_CHECKING:
    from flask_limiter import RequestLimit

_log = logging.getLogger(__name__)

UNLIMITED_ENDPOINTS = (*STATIC_ENDPOINTS, "pages.site_css", "site.robots", "api.health", "api.ready", "operations.metrics")
"""Endpoints without a limit. They cost next to nothing, and operators rely on them."""
WRONG_TOKENS = "30/minute; 300/hour"
"""Wrong tokens that a client may send. A wrong login counts as three."""
_ADD = """
INSERT INTO counts VALUES (:key, :amount, :end) ON CONFLICT (key) DO UPDATE SET
  count = CASE WHEN end <= :now THEN :amount ELSE count + :amount END,
  end = CASE WHEN end <= :now THEN :end ELSE end END
RETURNING count
"""
_LOCK_SECONDS = 1.0
"""Time that a request waits for the counts while others write them."""
_RETRY_SECONDS = 10.0
"""Time for which a file that has failed is not used."""
_T = TypeVar("_T")


def enable_rate_limit(app: Flask, rate: str) -> None:
    """Answer 429 to clients that make more requests than a rate such as `100/minute` allows."""
    # Wrong tokens are limited without this library, which takes 10 ms to import.
    from flask_limiter import Limiter  # noqa: PLC0415

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


def _refuse(breached: "RequestLimit") -> None:
    seconds = max(1, round(breached.reset_at - time()))
    limit = str(breached.limit)
    raise TooManyRequests(Message("more requests than %(limit)s: try again in %(seconds)s s", limit=limit, seconds=seconds))


class WrongTokenLimit:
    """A limit of the wrong tokens that each client may send. They are logged without the tokens."""

    def __init__(self) -> None:
        self._limits = parse_many(WRONG_TOKENS)
        self._limiter = FixedWindowRateLimiter(SharedStorage())

    def check(self) -> None:
        """Raise TooManyRequests if the client has sent so many wrong tokens that none of its tokens is looked at."""
        for seconds in map(self._seconds_to_wait, self._limits):
            if seconds > 0:
                detail = Message("too many wrong tokens: try again in %(seconds)s s", seconds=seconds)
                raise TooManyRequests(detail, retry_after=seconds)

    def is_exceeded(self) -> bool:
        """Return whether `check` would raise."""
        return any(self._seconds_to_wait(limit) > 0 for limit in self._limits)

    def record(self, cost: int) -> None:
        """Count a wrong token of the client, and log its address."""
        client = client_of_request()
        _log.warning("wrong token from %s at %s", client, request.url_rule or "an unknown address")
        for limit in self._limits:
            self._limiter.hit(limit, "wrong tokens", client, cost=cost)

    def _seconds_to_wait(self, limit: RateLimitItem) -> int:
        key = "wrong tokens", client_of_request()
        if self._limiter.test(limit, *key):
            return 0
        return max(1, ceil(self._limiter.get_window_stats(limit, *key).reset_time - time()))


class _Connection(sqlite3.Connection):
    """A connection that is closed when its thread ends. Python 3.13 and later warn of those that are not."""

    def __del__(self) -> None:
        with suppress(sqlite3.ProgrammingError):  # it was not opened
            self.close()


class CountsFile:
    """Counts of requests in a small SQLite file, which all processes share that are forked from the one that created it.

    Its methods raise sqlite3.Error if the file fails.
    """

    def __init__(self) -> None:
        folder = _temporary_folder()
        weakref.finalize(self, _remove, folder, os.getpid())
        self.path = folder / "limits.sqlite"
        self._local = threading.local()
        # Switching a new file to WAL needs an exclusive lock, for which SQLite does not wait: threads that open the file
        # together would fail. It is closed again, since no connection may be used after a fork.
        with suppress(sqlite3.Error):  # each use meets the same error, and then counts in memory
            self._database.close()
        self.reopen()

    @property
    def _database(self) -> sqlite3.Connection:
        """The connection of this thread and process. SQLite connections must not be used after a fork."""
        if getattr(self._local, "owner", None) != os.getpid():
            database = sqlite3.connect(
                self.path, timeout=_LOCK_SECONDS, isolation_level=None, check_same_thread=False, factory=_Connection
            )
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

    def reset(self) -> int | None:
        return self._database.execute("DELETE FROM counts").rowcount

    def clear(self, key: str) -> None:
        self._database.execute("DELETE FROM counts WHERE key = ?", (key,))

    def reopen(self) -> None:
        """Open the file again with the next call of this thread."""
        self._local.owner = None

    def _one(self, query: str, key: str, default: float) -> float:
        row = self._database.execute(query, (key, time())).fetchone()
        return float(row[0]) if row else default


class SharedStorage(Storage):
    """Counts of requests in a file that the processes of a service share, and in memory while the file fails.

    The library's own storages count within one process, or need a server such as Redis. See its `Storage`.
    """

    STORAGE_SCHEME = ["workers"]  # noqa: RUF012  as the library declares it

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: str) -> None:
        super().__init__(uri, wrap_exceptions, **options)
        self._file = CountsFile()
        self._retry_at = 0.0
        self._has_warned = False

    @property
    def base_exceptions(self) -> type[Exception]:
        return sqlite3.Error

    @cached_property
    def _memory(self) -> MemoryStorage:
        return MemoryStorage()  # which starts a thread

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        return self._use(lambda storage: storage.incr(key, expiry, amount))

    def get(self, key: str) -> int:
        return self._use(lambda storage: storage.get(key))

    def get_expiry(self, key: str) -> float:
        return self._use(lambda storage: storage.get_expiry(key))

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        return self._use(lambda storage: storage.reset())

    def clear(self, key: str) -> None:
        self._use(lambda storage: storage.clear(key))

    def _use(self, operation: Callable[[CountsFile | MemoryStorage], _T]) -> _T:
        """Return the result of an operation on the file or, if that fails or has just failed, in memory."""
        if monotonic() >= self._retry_at:
            try:
                return operation(self._file)
            except sqlite3.Error as error:
                self._file.reopen()
                self._retry_at = monotonic() + _RETRY_SECONDS
                self._warn(error)
        return operation(self._memory)

    def _warn(self, error: sqlite3.Error) -> None:
        if not self._has_warned:
            self._has_warned = True
            _log.warning("each process limits requests on its own, because %s fails: %s", self._file.path, error)


def _temporary_folder() -> Path:
    """Return a new folder. Without one, return a path that cannot be written, so that requests are counted in memory."""
    try:
        return Path(tempfile.mkdtemp(prefix="searchsvc-limits-"))
    except OSError:
        return Path(os.devnull, "none")


def _remove(folder: Path, owner: int) -> None:
    """Delete the folder when the process that created it ends, but not when one that it has forked ends."""
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
