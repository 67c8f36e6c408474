"""A connection to a client: requests in, answers out, and a deadline for whatever depends on the client."""

import select
import socket
import struct
from contextlib import suppress
from time import monotonic

import h11

from searchsvc.web.answering import WsgiApp, send_answer
from searchsvc.web.refusals import RefusedRequestError
from searchsvc.web.request_reader import RequestReader

RECEIVE_BYTES = 64 * 1024
SEND_BUFFER_BYTES = 256 * 1024
"""What the system keeps for a client that does not read. A third of it must be free again before more can be sent."""
TRANSFER_SECONDS = 10.0
BYTES_PER_SECOND = 32 * 1024
"""The least speed of clients. A request or an answer may be TRANSFER_SECONDS late, compared with this speed."""
LINGER_SECONDS = 5.0
LINGER_BYTES = 16 * 2**20
"""How much a refused client may still send. If the connection were closed at once, it could not read the refusal."""


class ClientGoneError(Exception):
    """The client has disconnected."""


class ClientSlowError(ClientGoneError):
    """The client does not read its answer, or too slowly."""


class Connection:
    """A connection. One thread uses it at a time: the worker's main thread to receive, another one to answer."""

    def __init__(self, sock: socket.socket, reader: RequestReader, idle_seconds: float) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.reader = reader
        self.error: BaseException | None = None
        self.progressed: float | None = None
        self._idle_seconds = idle_seconds
        self._begun = monotonic()
        self._patience = self._full_patience = 0.0
        self._lingered: int | None = None

    @property
    def is_idle(self) -> bool:
        """True if no part of a request has arrived, or no further one will be answered."""
        return self.reader.is_idle or self._lingered is not None

    @property
    def has_request(self) -> bool:
        """True if a complete request waits for an answer."""
        return self.reader.is_complete and self._lingered is None

    @property
    def expires(self) -> float:
        """The time at which the connection is closed if its request has not arrived."""
        if self._lingered is not None:
            return self._begun + LINGER_SECONDS
        if self.reader.is_idle:
            return self._begun + self._idle_seconds
        return self._begun + TRANSFER_SECONDS + self.reader.body_bytes / BYTES_PER_SECOND

    def receive(self) -> None:
        """Read what has arrived. Raise RefusedRequestError, or ClientGoneError if the client has disconnected."""
        try:
            data = self.sock.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            raise ClientGoneError from error
        if not data:
            raise ClientGoneError
        if self._lingered is not None:
            self._discard(data)
        else:
            self._feed(data)

    def _discard(self, data: bytes) -> None:
        self._lingered = (self._lingered or 0) + len(data)
        if self._lingered > LINGER_BYTES:
            raise ClientGoneError

    def _feed(self, data: bytes) -> None:
        if self.reader.is_idle:
            self._begun = monotonic()
        self.reader.feed(data)
        if self.reader.wants_continue:
            go_on = h11.InformationalResponse(status_code=100, reason=b"Continue", headers=[])
            self._send_now(self.reader.http.send(go_on) or b"")

    def refuse(self, refusal: RefusedRequestError) -> None:
        """Answer with a refusal, and discard what else the client sends."""
        self._send_now(refusal.answer(self.reader.request_id))
        self.linger()

    def linger(self) -> None:
        """Say that nothing more will be sent, and discard what arrives until the client has read that."""
        with suppress(OSError):  # the client may have disconnected
            self.sock.shutdown(socket.SHUT_WR)
        self._begun, self._lingered = monotonic(), 0

    def _send_now(self, data: bytes) -> None:
        """Send a few bytes from the main thread, without waiting."""
        with suppress(OSError):  # a client that has disconnected is noticed by the next read
            self.sock.send(data)

    # Answering

    def answer(self, app: WsgiApp, patience: float, *, last: bool) -> None:
        """Send the application's answer. Raise ClientSlowError if the client is more than `patience` seconds late."""
        self.progressed = monotonic()
        self._patience = self._full_patience = patience
        http = self.reader.http
        last = last or http.their_state is h11.SEND_BODY  # what is left of the request would be taken for the next one
        send_answer(app, self.reader.environ, http, self._send, last=last)

    def _send(self, data: bytes) -> None:
        unsent = memoryview(data)
        while unsent:
            try:
                sent = self.sock.send(unsent)
            except BlockingIOError:
                self._await_client()
            except OSError as error:
                raise ClientGoneError from error
            else:
                unsent = unsent[sent:]
                self.progressed = monotonic()
                self._patience = min(self._patience + sent / BYTES_PER_SECOND, self._full_patience)

    def _await_client(self) -> None:
        """Wait until the client has read something. Raise ClientSlowError if that takes too long."""
        begun = monotonic()
        writable = select.poll()
        writable.register(self.sock, select.POLLOUT)
        if not writable.poll(self._patience * 1_000):
            raise ClientSlowError
        self._patience -= monotonic() - begun

    @property
    def has_begun_answer(self) -> bool:
        """True if a part of the answer has been sent."""
        return self.reader.http.our_state is not h11.SEND_RESPONSE

    def restart(self) -> None:
        """Expect the next request, which may have arrived already. Raise RefusedRequestError."""
        self.progressed = None
        self._begun = monotonic()
        self.reader.restart()

    def has_unread_data(self) -> bool:
        """Return whether the client has sent more than was read. If the connection were closed, it would be reset."""
        http = self.reader.http
        if http.their_state is h11.SEND_BODY or http.trailing_data[0]:
            return True
        try:
            return bool(self.sock.recv(1, socket.MSG_PEEK))
        except OSError:
            return False

    def abort(self) -> None:
        """Close the connection, and have the system drop what it has not sent yet."""
        with suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()
