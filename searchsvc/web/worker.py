"""gunicorn's threaded worker, made safe from slow clients: a thread is given to a request when all of it has come.

gunicorn gives a connection to one of a few threads with its first byte; a dozen clients that send a letter a minute would
keep all of them. Here the bytes are left in the system's buffer, where they cost no thread, until the request is whole.
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
"""A larger body is not waited for: it is refused by what its head says, before it is read."""
PATIENCE_SECONDS = 10.0
"""How long a request may take to come."""
SEND_SECONDS = 30
"""How long a client may take to read the next piece of an answer."""
MAX_WAITING = 256
"""Unfinished requests that are watched at once; whole ones pass by them."""

State = Literal["whole", "unfinished", "too large"]

_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,12})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)


class BufferedRequestWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """A worker whose threads only meet requests that are whole."""

    def init_process(self) -> None:
        """As gunicorn's, with one more thread, which watches what is unfinished."""
        self._unfinished: list[tuple[Any, float]] = []
        self._watching = ThreadPoolExecutor(1, thread_name_prefix="unfinished")
        super().init_process()

    def enqueue_req(self, conn: Any) -> None:
        """Hand the request over if it is whole; otherwise watch it."""
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_SECONDS, 0))
        if self._is_settled(conn, over=False):
            return
        if len(self._unfinished) >= MAX_WAITING:
            self._refuse(conn, "503 Service Unavailable")
            return
        each = conn, monotonic() + PATIENCE_SECONDS
        self._unfinished.append(each)
        # A client that has just connected sends all of it in a moment, as a rule.
        self.poller.register(conn.sock, selectors.EVENT_READ, lambda _sock: self._decide(each))
        if len(self._unfinished) == 1:
            self._watching.submit(self._watch)

    def _is_settled(self, conn: Any, *, over: bool) -> bool:
        """Whether the request was handed over or refused; it is refused if it is unfinished and its time is over."""
        state = _state(conn)
        if state == "whole":
            super().enqueue_req(conn)
        elif state == "too large":
            self._refuse(conn, "431 Request Header Fields Too Large")
        elif over:
            self._refuse(conn, "408 Request Timeout")
        return over or state != "unfinished"

    def _watch(self) -> None:
        """Look at what is unfinished until there is none; what becomes of it is decided by the worker's own thread."""
        while self._unfinished:
            sleep(0.02)
            for each in list(self._unfinished):
                conn, until = each
                if monotonic() > until or _state(conn) != "unfinished":
                    self.method_queue.defer(self._decide, each)

    def _decide(self, each: tuple[Any, float]) -> None:
        conn, until = each
        if each not in self._unfinished:
            return
        with suppress(KeyError, ValueError):  # it is heard once; from then on it is watched
            self.poller.unregister(conn.sock)
        if self._is_settled(conn, over=monotonic() > until):
            self._unfinished.remove(each)

    def _refuse(self, conn: Any, status: str) -> None:
        with suppress(OSError):  # it may have gone already
            conn.sock.send(f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode())
        self.nr_conns -= 1
        conn.close()


def _state(conn: Any) -> State:
    """How much of the next request lies ready; `whole` also where it is clear that no more will come."""
    if conn.initialized and conn.parser is not None and conn.parser.unreader.buf.tell():
        return "whole"  # what came with the request before; gunicorn has it already
    try:
        data = conn.sock.recv(MAX_HEAD_BYTES + MAX_BODY_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return "unfinished"
    except OSError:
        return "whole"
    head, found, body = data.partition(_END)
    if len(head) > MAX_HEAD_BYTES:
        return "too large"
    if not found and data:
        return "unfinished"
    return "whole" if _has_body(head + b"\r\n", body) else "unfinished"


def _has_body(head: bytes, body: bytes) -> bool:
    """Whether a body has come as far as its head says, or will not be read."""
    if _CHUNKED.search(head):
        return body.endswith(b"0" + _END) or len(body) >= MAX_BODY_BYTES
    length = _LENGTH.search(head)
    wanted = int(length[1]) if length else 0
    return len(body) >= wanted or wanted > MAX_BODY_BYTES
