"""The server's side of WSGI (PEP 3333): what the application answers becomes bytes, framed by h11."""

from collections.abc import Callable, Iterable
from email.utils import formatdate
from typing import Any

import h11

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def send_answer(
    app: WsgiApp, environ: dict[str, Any], http: h11.Connection, send: Callable[[bytes], None], *, last: bool
) -> None:
    """Run the application and send its answer, piece by piece. The `last` answer of a connection says that it is closed."""
    answer = _Answer(http, send, last=last)
    pieces = app(environ, answer.start_response)
    try:
        for piece in pieces:
            answer.write(piece)
        answer.finish()
    finally:
        if hasattr(pieces, "close"):
            pieces.close()


class _Answer:
    """An answer of which the head is sent together with the first piece of the body."""

    def __init__(self, http: h11.Connection, send: Callable[[bytes], None], *, last: bool) -> None:
        self._http = http
        self._send = send
        self._own = [(b"Date", formatdate(usegmt=True).encode()), *([(b"Connection", b"close")] if last else [])]
        self._head: h11.Response | None = None

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        """Take the head of the answer. Raise the error in `exc_info` if another head has been sent already."""
        if exc_info is not None and self._http.our_state is not h11.SEND_RESPONSE:
            raise exc_info[1]
        code, _, reason = status.partition(" ")
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self._head = h11.Response(status_code=int(code), reason=reason.encode("latin-1"), headers=encoded + self._own)
        return self.write

    def write(self, piece: bytes) -> None:
        """Send a piece of the body. An empty one is skipped."""
        if piece:
            self._send(self._unsent_head() + self._http.send(h11.Data(data=piece)))

    def finish(self) -> None:
        """Send what is left: the head of an answer without a body, and the end of one in chunks."""
        if rest := self._unsent_head() + self._http.send(h11.EndOfMessage()):
            self._send(rest)

    def _unsent_head(self) -> bytes:
        head, self._head = self._head, None
        return self._http.send(head) if head else b""
