"""gunicorn's worker for this service: threads that answer whole requests, and a main thread that waits for them.

gunicorn's own threaded worker gives a connection to a thread as soon as its first byte arrives, so that a dozen slow
clients occupy all threads. Here, the main thread receives from all clients without blocking, and a request gets a thread
when it has arrived. gunicorn starts, stops and replaces the workers. Of its code that speaks HTTP, nothing is used.
"""

import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any

from gunicorn.workers.base import Worker

from searchsvc.logs import logging_request
from searchsvc.web.answering import WsgiApp
from searchsvc.web.connection import SEND_BUFFER_BYTES, TRANSFER_SECONDS, ClientGoneError, ClientSlowError, Connection
from searchsvc.web.environ import Address
from searchsvc.web.refusals import BoundedLog, RefusedRequestError
from searchsvc.web.request_reader import MAX_BODY_BYTES, RequestReader

MAX_WAITING = 512
"""Connections that wait for a request. If there are more, an old one is closed."""
MAX_LARGE_BODIES = 4
"""Large bodies that are in memory at the same time."""
TICK_SECONDS = 0.25
"""Time between two looks at the deadlines."""
STOP_SECONDS = 1.0
"""Time for requests that are on their way on kept connections when a worker stops."""
LATE = f"the request did not arrive within {TRANSFER_SECONDS:.0f} seconds, and one for each 32 KiB of its body"
SWITCH_SECONDS = 0.0005
"""Time after which a thread gives way to another. With Python's 5 ms, health checks wait twice as long for busy threads."""
STOP_SIGNALS = (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT)
"""Signals that tell a worker to stop."""
HEALTH_PATH = "/healthz"
"""The path that the main thread answers itself, without waiting for the client: a busy service is alive."""


def part_of(application: Any, name: str) -> Any:
    """Return a part of our application. Return None if it is another one, which may have an archive below a path."""
    return getattr(application, "extensions", {}).get(name)


class BufferedRequestWorker(Worker):  # type: ignore[misc]  # gunicorn ships no types
    """A worker whose threads handle complete requests only."""

    alive: bool

    @classmethod
    def check_config(cls, cfg: Any, _log: Any) -> None:
        """End a server that is to speak TLS, which would be taken for granted otherwise."""
        if cfg.is_ssl:
            sys.exit("searchsvc does not speak TLS: leave certificates to a reverse proxy in front of it")

    def init_process(self) -> None:
        """Begin to serve, in a process of its own."""
        self._poller = selectors.DefaultSelector()
        self._waiting: dict[Connection, None] = {}
        self._answering: set[Connection] = set()
        self._answered: SimpleQueue[Connection] = SimpleQueue()
        self._requests: SimpleQueue[Connection] = SimpleQueue()
        self._events = BoundedLog(self.log)
        self._is_accepting = False
        self._next_tick = 0.0
        super().init_process()

    def init_signals(self) -> None:
        """Install the handlers of signals, and take the signals that were held back while the process was started."""
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)

    def run(self) -> None:
        """Serve until the worker is told to stop or has answered enough. Then finish what has begun."""
        sys.setswitchinterval(SWITCH_SECONDS)
        for _ in range(self.cfg.threads):
            Thread(target=self._answer_all, daemon=True).start()
        for listener in self.sockets:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self._poller.register(self.PIPE[0], selectors.EVENT_READ, self._take_back)
        self._set_accepting(True)
        while self.alive:
            self._serve()
        stopped = monotonic()
        while (self._waiting or self._answering) and monotonic() < stopped + self.cfg.graceful_timeout:
            self._serve()
            if monotonic() > stopped + STOP_SECONDS:
                self._close_idle()

    def _serve(self) -> None:
        """Wait for events and handle them."""
        for key, _ in self._poller.select(TICK_SECONDS):
            key.data(key.fileobj)
        now = monotonic()
        if now >= self._next_tick:
            self._next_tick = now + TICK_SECONDS
            self._tick(now)

    def _tick(self, now: float) -> None:
        """Do what has to be done several times a second."""
        self.notify()
        self._set_accepting(self.alive and self._has_room())
        self._events.summarize(now)
        for connection in [each for each in self._waiting if each.expires < now]:
            self._drop(connection, RefusedRequestError(408, LATE))
        if self.ppid != os.getppid():
            self.alive = False
        self._check_progress(now)

    def _check_progress(self, now: float) -> None:
        """End the process if none of its threads has made progress. gunicorn starts another one."""
        times = [each.progressed for each in self._answering]
        stuck = sum(time is not None and now - time > self.cfg.timeout for time in times)
        if stuck >= self.cfg.threads and self.cfg.timeout:
            self.log.error("every thread has spent more than %d s on one request: the worker is replaced", self.cfg.timeout)
            sys.exit(1)

    # Accepting

    def _has_room(self) -> bool:
        most: int = self.cfg.worker_connections
        return len(self._waiting) + len(self._answering) < most

    def _set_accepting(self, wanted: bool) -> None:
        if wanted == self._is_accepting:
            return
        self._is_accepting = wanted
        for listener in self.sockets:
            if wanted:
                listener.setblocking(False)
                accept = partial(self._accept, _pair(listener.getsockname(), "unix"))
                self._poller.register(listener, selectors.EVENT_READ, accept)
            else:
                self._poller.unregister(listener)

    def _accept(self, server: Address, listener: socket.socket) -> None:
        try:
            sock, client = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return  # another worker was faster, or the client has disconnected
        except OSError as error:  # there are no more file descriptors, for instance
            self._events.add("a connection was not accepted", str(error.strerror), monotonic())
            self._make_room()
            self._set_accepting(False)  # until the next tick
            return
        reader = RequestReader(_pair(client, ""), server, self._body_limit)
        connection = Connection(sock, reader, self.cfg.keepalive)
        self._advance(connection, connection.receive)
        if not self._has_room():
            self._set_accepting(False)

    def _body_limit(self, environ: dict[str, Any]) -> int | None:
        """Ask the application whether it expects a large body. Raise RefusedRequestError if there are too many already."""
        ask = part_of(self.wsgi, "body_limit")
        limit: int | None = ask(environ) if ask is not None else MAX_BODY_BYTES
        large = sum(each.reader.has_large_body for each in (*self._waiting, *self._answering))
        if limit is not None and limit > MAX_BODY_BYTES and large >= MAX_LARGE_BODIES:
            raise RefusedRequestError(503, f"only {MAX_LARGE_BODIES} large bodies can be received at once: try again later")
        return limit

    # Receiving

    def _advance(self, connection: Connection, step: Callable[[], None]) -> None:
        """Take a step towards the next request. Then wait for the rest of it, or have it answered if it is complete."""
        try:
            step()
        except RefusedRequestError as refusal:
            self._refuse(connection, refusal)
        except ClientGoneError:
            self._close(connection)
        except Exception:  # a fault that one client triggers must not take the others along
            self.log.exception("a connection failed")
            self._close(connection)
        else:
            if connection.has_request:
                self._dispatch(connection)
            else:
                self._wait(connection)

    def _wait(self, connection: Connection) -> None:
        """Have the poller tell when more arrives."""
        if connection in self._waiting:
            return
        if len(self._waiting) >= MAX_WAITING:
            self._make_room()
        self._waiting[connection] = None
        self._poller.register(connection.sock, selectors.EVENT_READ, partial(self._on_readable, connection))

    def _on_readable(self, connection: Connection, _sock: Any) -> None:
        if connection in self._waiting:  # an event before this one may have closed it
            self._advance(connection, connection.receive)

    def _forget(self, connection: Connection) -> None:
        """Wait for the connection no longer."""
        if connection in self._waiting:
            del self._waiting[connection]
            self._poller.unregister(connection.sock)

    def _make_room(self) -> None:
        """Drop the oldest idle connection, or else the oldest. New ones may be idle, and large bodies may take long."""
        old = [each for each in self._waiting if not each.reader.has_large_body][: MAX_WAITING // 2]
        if old:
            idle = next((each for each in old if each.is_idle), old[0])
            self._drop(idle, RefusedRequestError(503, "too many requests are arriving slowly: try again later"))

    def _drop(self, connection: Connection, refusal: RefusedRequestError) -> None:
        """Close a connection on which nothing has arrived, and refuse a request that has begun to."""
        if connection.is_idle:
            self._close(connection)
        else:
            self._refuse(connection, refusal)

    def _refuse(self, connection: Connection, refusal: RefusedRequestError) -> None:
        if (metrics := part_of(self.wsgi, "metrics")) is not None:
            metrics.record_refusal(refusal.status.value)
        with logging_request(connection.reader.request_id):
            self._events.add(f"refused a request with {refusal.status.value}", str(refusal), monotonic())
        connection.refuse(refusal)
        self._wait(connection)

    def _close(self, connection: Connection) -> None:
        self._forget(connection)
        connection.sock.close()

    def _close_idle(self) -> None:
        for connection in [each for each in self._waiting if each.is_idle]:
            self._close(connection)

    # Answering

    def _dispatch(self, connection: Connection) -> None:
        """Give a request to a thread."""
        self._forget(connection)
        self._answering.add(connection)
        self.nr += 1
        if self.nr >= self.max_requests:
            self.alive = False
        if connection.reader.environ["PATH_INFO"] != HEALTH_PATH:
            self._requests.put(connection)
            return
        try:
            _answer(connection, self.wsgi, 0.0, last=not self.alive)
        except Exception as error:  # noqa: BLE001  it is logged with those of the threads
            connection.error = error
        self._give_back(connection)

    def _answer_all(self) -> None:
        """Answer one request after another, in a thread."""
        while True:
            connection = self._requests.get()
            try:
                _answer(connection, self.wsgi, TRANSFER_SECONDS, last=not self.alive)
            except BaseException as error:  # noqa: BLE001  an engine's panic is no Exception, and the thread must go on
                connection.error = error
            self._give_back(connection)

    def _give_back(self, connection: Connection) -> None:
        self._answered.put(connection)
        with suppress(BlockingIOError):  # the pipe is full, so that the main thread wakes up anyway
            os.write(self.PIPE[1], b"\0")

    def _take_back(self, pipe: int) -> None:
        """Go on with the connections whose requests have been answered."""
        os.read(pipe, 4_096)
        with suppress(Empty):
            while True:
                self._finish(self._answered.get_nowait())

    def _finish(self, connection: Connection) -> None:
        self._answering.remove(connection)
        if connection.error is not None:
            self._give_up(connection, connection.error)
        elif connection.reader.can_restart:
            self._advance(connection, connection.restart)
        elif connection.has_unread_data():
            connection.linger()
            self._wait(connection)
        else:
            self._close(connection)

    def _give_up(self, connection: Connection, error: BaseException) -> None:
        """Close a connection whose answer is not complete."""
        with logging_request(connection.reader.request_id):
            if isinstance(error, ClientSlowError):
                self._events.add("cut off an answer", "the client reads too slowly", monotonic())
            elif not isinstance(error, ClientGoneError):
                self.log.error("an answer failed", exc_info=error)
        if connection.has_begun_answer:
            connection.abort()
        else:
            self._refuse(connection, RefusedRequestError(500, "the service failed to answer; its log has the reason"))


def _answer(connection: Connection, app: WsgiApp, patience: float, *, last: bool) -> None:
    """Answer a request. What is logged meanwhile has its id, and nothing that is logged later."""
    with logging_request(connection.reader.request_id):
        connection.answer(app, patience, last=last)


def _pair(address: Any, unnamed: str) -> Address:
    """Return the host and the port of an address. Those of Unix sockets have neither."""
    return address[:2] if isinstance(address, tuple) else (unnamed, 0)
