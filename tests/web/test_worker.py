"""The server's worker: it answers a request when the last byte has arrived, and not before."""

import select
import socket
from collections.abc import Iterator
from http.client import HTTPResponse

import pytest

from searchsvc.config import Settings
from searchsvc.web.worker import MAX_BODY_BYTES, MAX_HEAD_BYTES
from tests.serving import free_port, get, running, serve_command

pytestmark = pytest.mark.slow  # a server has to start
HEAD = b"POST /healthz HTTP/1.1\r\nHost: a\r\n"
"""The beginning of a request with a body, which is answered with 405."""
GET = b"GET /healthz HTTP/1.1\r\nHost: a\r\n"


@pytest.fixture(scope="module")
def port(sample: Settings) -> Iterator[int]:
    """The port of a server with one worker, which has one thread."""
    port = free_port()
    command = [*serve_command(port), "--workers", "1", "--threads", "1"]
    with running(command, sample, port):
        yield port


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def status(connection: socket.socket) -> int:
    """Return the status of the next answer, after reading its body."""
    answer = HTTPResponse(connection)
    answer.begin()
    answer.read()
    return answer.status


def is_waiting(connection: socket.socket) -> bool:
    """Return whether nothing is answered for a while."""
    return not select.select([connection], [], [], 0.2)[0]


COMPLETE = {
    "without a body": (GET + b"\r\n", 200),
    "with an empty body": (GET + b"Content-Length: 0\r\n\r\n", 200),
    "of HTTP/1.0": (b"GET /healthz HTTP/1.0\r\n\r\n", 200),
    "with a body": (HEAD + b"Content-Length: 5\r\n\r\nwhole", 405),
    "with a length in small letters": (HEAD + b"content-length:5\r\n\r\nwhole", 405),
    "with spaces around the length": (HEAD + b"Content-Length: \t 5 \r\n\r\nwhole", 405),
    "with the length before other fields": (HEAD + b"Content-Length: 5\r\nX: y\r\n\r\nwhole", 405),
    "with a body that contains a head": (HEAD + b"Content-Length: 8\r\n\r\n\r\n\r\n\r\n\r\n", 405),
    "in chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n0\r\n\r\n", 405),
    "in no chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 405),
    "with a body that is not waited for": (HEAD + b"Content-Length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1), 405),
    "with chunks that are not waited for": (
        *(HEAD + b"Transfer-Encoding: chunked\r\n\r\n%X\r\n" % MAX_BODY_BYTES + b"x" * MAX_BODY_BYTES, 405),
    ),
    "that is no HTTP": (b"nonsense\r\n\r\n", 400),
    "without a host": (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
    "with a length that is no number": (HEAD + b"Content-Length: x\r\n\r\n", 400),
    "with two lengths": (HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400),
    "with a negative length": (HEAD + b"Content-Length: -1\r\n\r\n", 400),
    "with a long line": (b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\n\r\n", 414),
    "with a head that is too large": (GET + b"X: " + b"x" * MAX_HEAD_BYTES + b"\r\n\r\n", 431),
    "with a head that is too large and not complete": (GET + b"X: " + b"x" * MAX_HEAD_BYTES, 431),
}


@pytest.mark.parametrize(("request_bytes", "expected"), COMPLETE.values(), ids=COMPLETE)
def test_a_request_is_answered_at_once(port: int, request_bytes: bytes, expected: int) -> None:
    with connect(port) as connection:
        connection.sendall(request_bytes)
        assert status(connection) == expected


PIECES = {
    "a head": (b"GET /healthz HT", b"TP/1.1\r\nHost: a\r\n\r\n", 200),
    "a head without its last byte": (GET + b"\r", b"\n", 200),
    "a body": (HEAD + b"Content-Length: 5\r\n\r\n", b"whole", 405),
    "a body without its last byte": (HEAD + b"Content-Length: 5\r\n\r\nwhol", b"e", 405),
    "the largest body that is waited for": (
        *(HEAD + b"Content-Length: %d\r\n\r\n" % MAX_BODY_BYTES + b"x" * (MAX_BODY_BYTES - 1), b"x", 405),
    ),
    "a chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nwh", b"ole\r\n0\r\n\r\n", 405),
    "chunks without an end": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n", b"0\r\n\r\n", 405),
}


@pytest.mark.parametrize(("first", "rest", "expected"), PIECES.values(), ids=PIECES)
def test_an_incomplete_request_waits_without_the_thread(port: int, first: bytes, rest: bytes, expected: int) -> None:
    with connect(port) as connection:
        connection.sendall(first)
        assert is_waiting(connection)
        assert get(port, "/healthz") == {"status": "ok"}  # the only thread is free
        connection.sendall(rest)
        assert status(connection) == expected


def test_a_connection_is_kept_for_further_requests(port: int) -> None:
    with connect(port) as connection:
        for _ in range(3):
            connection.sendall(GET + b"\r\n")
            assert status(connection) == 200


@pytest.mark.parametrize("data", [b"", b"GET /healthz HT", HEAD + b"Content-Length: 5\r\n\r\nwh"])
def test_a_client_that_leaves_early_disturbs_nobody(port: int, data: bytes) -> None:
    for _ in range(5):
        with connect(port) as connection:
            connection.sendall(data)
    assert get(port, "/healthz") == {"status": "ok"}
