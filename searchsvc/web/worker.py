"""gunicorn's threaded worker, protected from slow clients: a request gets a thread once it has arrived completely.

gunicorn gives a connection to one of a few threads as soon as its first byte arrives. A dozen clients that send one byte a
minute would occupy all of them. This worker leaves the bytes in the socket's buffer, without a thread, until the request
is complete.
"""

import re
import selectors
import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import monotonic, sleep
from typing import Any, Literal

from gunicorn.workers.gthread import ThreadWorker

MAX_HEAD_BYTES = 32 * 1024
MAX_BODY_BYTES = 64 * 1024
"""A request with a larger body gets a thread at once. The application refuses it, unless it is an upload."""
TIMEOUT_SECONDS = 10.0
"""Time for a request to arrive completely."""
SEND_TIMEOUT_SECONDS = 30
"""Time for a client to read the next piece of an answer."""
MAX_INCOMPLETE = 256
"""Incomplete requests that wait at the same time. Further ones get 503, and complete ones are not affected."""

_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,12})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)


class BufferedRequestWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """A worker whose threads handle complete requests only."""

    def init_process(self) -> None:
        self._incomplete: list[tuple[Any, float]] = []
        self._poll_thread = ThreadPoolExecutor(1, thread_name_prefix="incomplete")
        super().init_process()

    def enqueue_req(self, conn: Any) -> None:
        """Hand a complete request to a thread. Otherwise wait until it is complete or its time is over."""
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_TIMEOUT_SECONDS, 0))
        if self._dispatch(conn, expired=False):
            return
        if len(self._incomplete) >= MAX_INCOMPLETE:
            self._refuse(conn, "503 Service Unavailable")
            return
        waiting = conn, monotonic() + TIMEOUT_SECONDS
        self._incomplete.append(waiting)
        # A new client usually sends its whole request at once: wait for that event instead of the next poll.
        self.poller.register(conn.sock, selectors.EVENT_READ, lambda _sock: self._dispatch_waiting(waiting))
        if len(self._incomplete) == 1:
            self._poll_thread.submit(self._poll)

    def _dispatch(self, conn: Any, *, expired: bool) -> bool:
        """Hand over a complete request, or refuse one that is too large or expired. Return False if it must wait."""
        state = _state(conn)
        if state == "complete":
            super().enqueue_req(conn)
        elif state == "too large":
            self._refuse(conn, "431 Request Header Fields Too Large")
        elif expired:
            self._refuse(conn, "408 Request Timeout")
        return expired or state != "incomplete"

    def _poll(self) -> None:
        """Poll the incomplete requests until there are none. The worker's main thread dispatches them."""
        while self._incomplete:
            sleep(0.02)
            for waiting in list(self._incomplete):
                conn, deadline = waiting
                if monotonic() > deadline or _state(conn) != "incomplete":
                    self.method_queue.defer(self._dispatch_waiting, waiting)

    def _dispatch_waiting(self, waiting: tuple[Any, float]) -> None:
        conn, deadline = waiting
        if waiting not in self._incomplete:
            return
        with suppress(KeyError, ValueError):  # only the first event is awaited; the socket is polled afterwards
            self.poller.unregister(conn.sock)
        if self._dispatch(conn, expired=monotonic() > deadline):
            self._incomplete.remove(waiting)

    def _refuse(self, conn: Any, status: str) -> None:
        with suppress(OSError):  # the client may have disconnected
            conn.sock.send(f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode())
        self.nr_conns -= 1
        conn.close()


def _state(conn: Any) -> Literal["complete", "incomplete", "too large"]:
    """Return how much of the next request has arrived. It also counts as complete if no more of it will arrive."""
    if conn.initialized and conn.parser is not None and conn.parser.unreader.buf.tell():
        return "complete"  # gunicorn has read it together with the previous request
    try:
        data = conn.sock.recv(MAX_HEAD_BYTES + MAX_BODY_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return "incomplete"
    except OSError:
        return "complete"
    head, found, body = data.partition(_END)
    if len(head) > MAX_HEAD_BYTES:
        return "too large"
    if not found and data:
        return "incomplete"
    return "complete" if _has_body(head + b"\r\n", body) else "incomplete"


def _has_body(head: bytes, body: bytes) -> bool:
    """Return whether the body has arrived, or is too large to wait for."""
    if _CHUNKED.search(head):
        return body.endswith(b"0" + _END) or len(body) >= MAX_BODY_BYTES
    length = _LENGTH.search(head)
    expected = int(length[1]) if length else 0
    return len(body) >= expected or expected > MAX_BODY_BYTES
