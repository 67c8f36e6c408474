"""From bytes to requests. h11 is the only parser of HTTP here: it decides where a request ends."""

import io
import re
from collections.abc import Callable
from typing import Any

import h11

from searchsvc.logs import request_id
from searchsvc.web.environ import Address, wsgi_environ
from searchsvc.web.refusals import RefusedRequestError

MAX_LINE_BYTES = 8_190
MAX_HEAD_BYTES = 32 * 1024
MAX_FIELDS = 100
MAX_BODY_BYTES = 64 * 1024
"""A larger body is only read if the application expects it."""
MAX_CHUNKS = 1_000
LEAST_CHUNK_BYTES = 64
"""A body in more chunks must have as many bytes in each, on average, because each chunk takes 15 µs."""

BodyLimit = Callable[[dict[str, Any]], int | None]
"""Returns how large the body of a request may be, or None if the application refuses the request without its body."""

# A proxy in front may read these in another way than h11: a bare LF, a continued line, a control character.
_AMBIGUOUS = re.compile(rb"(?<!\r)\n|\n[ \t]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class RequestReader:
    """The requests of one connection, one after the other, each with its body in memory."""

    def __init__(self, client: Address, server: Address, body_limit: BodyLimit) -> None:
        self.http = h11.Connection(h11.SERVER, MAX_HEAD_BYTES)
        self._addresses = client, server
        self._body_limit = body_limit
        self._reset(b"")

    def _reset(self, data: bytes) -> None:
        self.environ: dict[str, Any] = {}
        self.request_id = request_id()  # until the head of the request has arrived
        self.is_complete = False
        self.is_idle = not data
        self._limit: int | None = MAX_BODY_BYTES
        self._head = bytearray(data)
        self._body = io.BytesIO()
        self._chunks = 0

    @property
    def body_bytes(self) -> int:
        """The size of the body so far."""
        return self._body.tell()

    @property
    def has_large_body(self) -> bool:
        """True if the application expects a large body."""
        return self._limit is not None and self._limit > MAX_BODY_BYTES

    @property
    def wants_continue(self) -> bool:
        """True if the client waits for 100 Continue before it sends the body."""
        return bool(self.environ) and not self.is_complete and self.http.they_are_waiting_for_100_continue

    def feed(self, data: bytes) -> None:
        """Parse data until a request is complete. What follows is kept. Raise RefusedRequestError for a wrong request."""
        self.is_idle = False
        if not self.environ:
            self._head += data
        self.http.receive_data(data)
        self._parse()

    @property
    def can_restart(self) -> bool:
        """True if another request may follow, after the answer to this one."""
        return self.http.states == {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}

    def restart(self) -> None:
        """Begin with the next request, after the answer to this one. It may have arrived already."""
        self.http.start_next_cycle()
        rest, _ = self.http.trailing_data
        self._reset(rest)
        if rest:
            self._parse()

    def _parse(self) -> None:
        try:
            while not self.is_complete and (event := self.http.next_event()) is not h11.NEED_DATA:
                self._handle(event)
        except h11.RemoteProtocolError as error:
            raise self._refusal(error) from None
        if not self.environ and len(self._head) > MAX_LINE_BYTES + len("\r") and b"\n" not in self._head:
            raise _too_large(self._head)

    def _handle(self, event: Any) -> None:
        if isinstance(event, h11.Request):
            self._begin(event)
        elif isinstance(event, h11.Data):
            self._chunks += event.chunk_end
            self._body.write(event.data)
            self._check_body(self.body_bytes)
        elif isinstance(event, h11.EndOfMessage):
            self._end()

    def _begin(self, head: h11.Request) -> None:
        rest, _ = self.http.trailing_data
        _check_head(self._head[: len(self._head) - len(rest)])
        _check_fields(head)
        self.environ = wsgi_environ(head, *self._addresses)
        self.environ["HTTP_X_REQUEST_ID"] = self.request_id = request_id(self.environ.get("HTTP_X_REQUEST_ID", ""))
        self._check_body(int(self.environ.get("CONTENT_LENGTH", 0)))

    def _check_body(self, size: int) -> None:
        """Ask the application about a large body. Without its interest, the request is refused or complete without it."""
        if size > MAX_BODY_BYTES and self._limit == MAX_BODY_BYTES:
            self._limit = self._body_limit(self.environ)
        if self._limit is None:
            self._end()
        elif size > self._limit:
            raise RefusedRequestError(413, f"the body of this request may have at most {self._limit:,} bytes")
        if self._chunks > MAX_CHUNKS + size / LEAST_CHUNK_BYTES:
            raise RefusedRequestError(400, f"the body has too many chunks of less than {LEAST_CHUNK_BYTES} bytes")

    def _end(self) -> None:
        """Give the application the body as one of known length, whether it came in chunks or not."""
        if self.environ.pop("HTTP_TRANSFER_ENCODING", None):
            self.environ["CONTENT_LENGTH"] = str(self.body_bytes)
        self._body.seek(0)
        self.environ["wsgi.input"] = self._body
        self.is_complete = True

    def _refusal(self, error: h11.RemoteProtocolError) -> RefusedRequestError:
        if error.error_status_hint == 431 and not self.environ:
            return _too_large(self._head)
        if error.error_status_hint == 501:
            return RefusedRequestError(501, "the only Transfer-Encoding that this server knows is chunked")
        # After a colon, the message repeats what the client has sent.
        return RefusedRequestError(400, f"the request is not valid HTTP: {str(error).partition(':')[0]}")


def _check_head(head: bytearray) -> None:
    """Refuse a head that is too large, or that others may read in another way. Raise RefusedRequestError."""
    if len(head) > MAX_HEAD_BYTES:
        raise _too_large(head)
    if _AMBIGUOUS.search(head):
        raise RefusedRequestError(400, "every line of the head must end with CRLF, and contain no control characters")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    if len(lengths) > 1 or any(b"," in line for line in lengths):
        raise RefusedRequestError(400, "the request has more than one Content-Length")


def _too_large(head: bytearray) -> RefusedRequestError:
    if b"\n" not in head[: MAX_LINE_BYTES + len("\r\n")]:
        return RefusedRequestError(414, f"the request line may have at most {MAX_LINE_BYTES:,} bytes")
    return RefusedRequestError(431, f"the head of a request may have at most {MAX_HEAD_BYTES:,} bytes")


def _check_fields(head: h11.Request) -> None:
    """Refuse what h11 accepts and this server does not. Raise RefusedRequestError."""
    names = [name for name, _ in head.headers]
    if not head.http_version.startswith(b"1."):
        raise RefusedRequestError(505, "this server speaks HTTP/1.1 and HTTP/1.0")
    if len(head.method) + len(head.target) + len(" / HTTP/1.1") - 1 > MAX_LINE_BYTES:
        raise RefusedRequestError(414, f"the request line may have at most {MAX_LINE_BYTES:,} bytes")
    if len(names) > MAX_FIELDS:
        raise RefusedRequestError(431, f"a request may have at most {MAX_FIELDS} header fields")
    if b"transfer-encoding" in names and (b"content-length" in names or head.http_version == b"1.0"):
        raise RefusedRequestError(400, "Transfer-Encoding excludes Content-Length, and HTTP/1.0")
