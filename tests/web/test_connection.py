"""Connections over a pair of sockets: the server's side of WSGI, and clients that do not read."""

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.validate import validator

import pytest

from searchsvc.config import Settings
from searchsvc.web.app import create_app
from searchsvc.web.connection import (
    BYTES_PER_SECOND,
    LINGER_BYTES,
    TRANSFER_SECONDS,
    ClientGoneError,
    ClientSlowError,
    Connection,
)
from searchsvc.web.refusals import RefusedRequestError
from searchsvc.web.request_reader import RequestReader

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Client:
    """A client, and the server's side of its connection."""

    def __init__(self) -> None:
        self.sock, served = socket.socketpair()
        self.sock.settimeout(10)
        reader = RequestReader(("127.0.0.1", 5), ("127.0.0.1", 80), lambda _: None)
        self.connection = Connection(served, reader, 5)

    def ask(self, app: App, request: bytes = GET, *, patience: float = 5, last: bool = False) -> bytes:
        """Return what the client receives."""
        self.sock.sendall(request)
        self.connection.receive()
        assert self.connection.has_request
        self.connection.answer(app, patience, last=last)
        return self.sock.recv(10**6)


@pytest.fixture
def client() -> Iterator[Client]:
    client = Client()
    yield client
    client.sock.close()
    client.connection.sock.close()


def app_of(*pieces: bytes, status: str = "200 OK", **fields: str) -> App:
    def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response(status, [(name.replace("_", "-"), value) for name, value in fields.items()])
        return pieces

    return app


def split(answer: bytes) -> tuple[str, dict[str, str], bytes]:
    """Return the first line, the fields and the body of an answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    return line, dict(field.split(": ", 1) for field in fields), body


# Answers


def test_an_answer_of_known_length(client: Client) -> None:
    line, fields, body = split(client.ask(app_of(b"te", b"", b"a", Content_Length="3", X="é")))
    assert (line, body) == ("HTTP/1.1 200 OK", b"tea")
    assert (fields["Content-Length"], fields["X"], fields["Date"][-3:]) == ("3", "é", "GMT")
    assert "Transfer-Encoding" not in fields
    assert client.connection.reader.can_restart


def test_an_answer_of_unknown_length_is_sent_in_chunks(client: Client) -> None:
    _, fields, body = split(client.ask(app_of(b"te", b"", b"a")))
    assert (fields["Transfer-Encoding"], body) == ("chunked", b"2\r\nte\r\n1\r\na\r\n0\r\n\r\n")


def test_an_answer_of_unknown_length_to_an_old_client_ends_with_the_connection(client: Client) -> None:
    _, fields, body = split(client.ask(app_of(b"te", b"a"), b"GET / HTTP/1.0\r\n\r\n"))
    assert (fields["Connection"], body) == ("close", b"tea")
    assert not client.connection.reader.can_restart


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_answers_that_have_no_body(client: Client, status: str) -> None:
    line, fields, body = split(client.ask(app_of(status=status)))
    assert (line, body, "Transfer-Encoding" in fields) == (f"HTTP/1.1 {status}", b"", False)


def test_the_answer_to_head_has_the_length_of_the_body(client: Client) -> None:
    _, fields, body = split(client.ask(app_of(Content_Length="3"), GET.replace(b"GET", b"HEAD")))
    assert (fields["Content-Length"], body) == ("3", b"")


def test_the_last_answer_says_so(client: Client) -> None:
    _, fields, _ = split(client.ask(app_of(b"tea", Content_Length="3"), last=True))
    assert fields["Connection"] == "close"
    assert not client.connection.reader.can_restart


def test_the_answer_to_a_request_without_its_body_is_the_last(client: Client) -> None:
    request = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"
    _, fields, _ = split(client.ask(app_of(b"tea", Content_Length="3"), request))
    assert fields["Connection"] == "close"
    assert client.connection.has_unread_data()


def test_the_body_of_an_answer_is_closed(client: Client) -> None:
    class Body(list[bytes]):
        closed = False

        def close(self) -> None:
            self.closed = True

    body = Body([b"tea"])

    def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [])
        return body

    client.ask(app)
    assert body.closed


@pytest.mark.parametrize(
    "app",
    [app_of(b"tea!", Content_Length="3"), app_of(b"te", Content_Length="3"), app_of(b"tea", X="a\r\nb: c")],
    ids=["too long", "too short", "with a forged field"],
)
def test_a_wrong_answer_of_the_application_is_a_fault(client: Client, app: App) -> None:
    with pytest.raises(Exception, match=r"Content-Length|header value"):
        client.ask(app)


def test_an_application_may_change_its_mind_before_the_first_byte(client: Client) -> None:
    def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [])
        start_response("500 Failed", [("Content-Length", "0")], (ValueError, ValueError("late"), None))
        return []

    assert split(client.ask(app))[0] == "HTTP/1.1 500 Failed"


def test_an_application_may_not_change_its_mind_later(client: Client) -> None:
    def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [])(b"tea")
        start_response("500 Failed", [], (ValueError, ValueError("late"), None))
        return []

    with pytest.raises(ValueError, match="late"):
        client.ask(app)
    assert client.connection.has_begun_answer


def test_the_server_and_the_service_keep_to_wsgi(client: Client, sample: Settings) -> None:
    requests = [
        b"GET /search?q=tide HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"HEAD /api/search HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST /api/suggest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\ntea",
        b"GET /search.csv HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ]
    app = validator(create_app(sample))
    lines = []
    for request in requests:
        lines.append(split(client.ask(app, request))[0])
        client.connection.restart()
    assert lines == [f"HTTP/1.1 {status}" for status in ("200 OK", "200 OK", "405 METHOD NOT ALLOWED", "200 OK")]


# Clients that do not read


@pytest.mark.slow
def test_a_client_that_does_not_read_is_given_up(client: Client) -> None:
    begun = time.monotonic()
    with pytest.raises(ClientSlowError):
        client.ask(app_of(b"x" * 10**8), patience=0.5)
    assert 0.4 < time.monotonic() - begun < 2


@contextmanager
def asking(client: Client, bytes_per_second: int) -> Iterator[bytearray]:
    """Ask, and read the answer at this speed until it ends. Yield what is received."""
    received = bytearray()

    def read() -> None:
        while data := client.sock.recv(bytes_per_second // 10):
            received.extend(data)
            time.sleep(0.1)

    client.connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8_192)
    client.sock.sendall(GET)
    client.connection.receive()
    reading = threading.Thread(target=read)
    reading.start()
    yield received
    reading.join()


@pytest.mark.slow
def test_a_client_that_reads_slowly_but_fast_enough_is_waited_for(client: Client) -> None:
    """A client at twice the least speed gets an answer that takes three times the patience."""
    with asking(client, 2 * BYTES_PER_SECOND) as received:
        client.connection.answer(app_of(b"x" * 6 * BYTES_PER_SECOND), 1.0, last=False)
        client.connection.linger()
    assert received.count(b"x") == 6 * BYTES_PER_SECOND


@pytest.mark.slow
def test_a_client_that_reads_at_half_the_least_speed_is_given_up(client: Client) -> None:
    with asking(client, BYTES_PER_SECOND // 2):
        with pytest.raises(ClientSlowError):
            client.connection.answer(app_of(b"x" * 6 * BYTES_PER_SECOND), 1.0, last=False)
        client.connection.abort()


def test_a_client_that_has_gone_is_given_up(client: Client) -> None:
    client.sock.sendall(GET)
    client.connection.receive()
    client.sock.close()
    with pytest.raises(ClientGoneError) as gone:
        client.connection.answer(app_of(b"x" * 10**8), 5, last=False)
    assert not isinstance(gone.value, ClientSlowError)


def test_without_patience_nothing_is_waited_for(client: Client) -> None:
    assert split(client.ask(app_of(b"tea"), patience=0))[2].startswith(b"3\r\ntea")
    client.connection.restart()
    with pytest.raises(ClientSlowError):
        client.ask(app_of(b"x" * 10**8), patience=0)


# Times


def test_a_silent_connection_expires_sooner_than_a_request_that_arrives(client: Client) -> None:
    now = time.monotonic()
    assert client.connection.is_idle
    assert client.connection.expires == pytest.approx(now + 5, abs=1)
    client.sock.sendall(GET[:10])
    client.connection.receive()
    assert not client.connection.is_idle
    assert client.connection.expires == pytest.approx(now + TRANSFER_SECONDS, abs=1)


def test_a_refused_client_may_go_on_to_send_but_not_for_ever(client: Client) -> None:
    client.connection.refuse(RefusedRequestError(413, "too large"))
    assert client.sock.recv(1_000).startswith(b"HTTP/1.1 413 ")
    assert client.sock.recv(1) == b""
    sent = 0
    with pytest.raises(ClientGoneError):
        while True:
            sent += client.sock.send(b"x" * 50_000)
            client.connection.receive()
            assert client.connection.is_idle
            assert not client.connection.has_request
    assert sent > LINGER_BYTES
