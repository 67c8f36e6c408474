"""The server over real sockets: what slow, silent and greedy clients get, and that the others notice nothing of them."""

import json
import os
import re
import select
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path

import pytest

from searchsvc.config import Settings
from searchsvc.indexer.reindex import reindex
from searchsvc.web.connection import BYTES_PER_SECOND, TRANSFER_SECONDS
from searchsvc.web.refusals import LINES_PER_MINUTE
from searchsvc.web.request_reader import MAX_BODY_BYTES, MAX_HEAD_BYTES
from searchsvc.web.worker import MAX_LARGE_BODIES, MAX_WAITING
from tests.conftest import ROOT
from tests.serving import free_port, get, running, serve_command

pytestmark = pytest.mark.slow  # a server has to start
TOKEN = "a-token-for-writers"
GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
SEARCH = b"GET /api/search?q=tide HTTP/1.1\r\nHost: localhost\r\n\r\n"
HEAD = b"POST /healthz HTTP/1.1\r\nHost: localhost\r\n"
"""The beginning of a request with a body, which is answered with 405."""
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@dataclass
class Server:
    """A running service."""

    port: int
    leader: int
    log: Path

    def workers(self) -> list[int]:
        return list(map(int, Path(f"/proc/{self.leader}/task/{self.leader}/children").read_text().split()))

    def private_kb(self) -> int:
        """Return the private memory of the workers."""
        statuses = (Path(f"/proc/{worker}/status").read_text() for worker in self.workers())
        return sum(int(re.findall(r"RssAnon:\s+(\d+) kB", status)[0]) for status in statuses)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def send(self, data: bytes) -> socket.socket:
        connection = self.connect()
        connection.sendall(data)
        return connection

    def is_serving(self) -> bool:
        """Return whether others are answered at once, by a thread that answers searches."""
        begun = time.monotonic()
        return bool(get(self.port, "/api/search?q=tide")["total"]) and time.monotonic() - begun < 2


@contextmanager
def served(settings: Settings, *options: str, shell: str = "", **environ: str) -> Iterator[Server]:
    """Serve with one worker, which has one thread unless the options say otherwise. A shell may set limits first."""
    port = free_port()
    log = settings.index.parent / f"server-{port}.log"
    command = [*serve_command(port), "--workers", "1", "--threads", "1", *options]
    in_shell = ["sh", "-c", f'{shell} exec "$@" 2>"$LOG"', "sh", *command]
    with running(in_shell, settings, port, LOG=str(log), **environ) as process:
        yield Server(port, process.pid, log)


@pytest.fixture(scope="module")
def server(sample: Settings) -> Iterator[Server]:
    """A service with one worker, which has one thread."""
    with served(sample, SEARCHSVC_WRITE_TOKEN=TOKEN) as server:
        yield server


def answer(connection: socket.socket) -> HTTPResponse:
    response = HTTPResponse(connection)
    response.begin()
    return response


def status(connection: socket.socket) -> int:
    """Return the status of the next answer, after reading its body."""
    response = answer(connection)
    response.read()
    return response.status


def is_waiting(connection: socket.socket) -> bool:
    """Return whether nothing is answered for a while."""
    return not select.select([connection], [], [], 0.2)[0]


def is_closed(connection: socket.socket) -> bool:
    """Return whether the server closes the connection without another byte."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def check_refusal(connection: socket.socket, expected: int) -> None:
    """Check that a problem document follows, and then the end of the connection."""
    response = answer(connection)
    problem = json.loads(response.read())
    assert (response.status, problem["status"]) == (expected, expected)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Connection"] == "close"
    assert (problem["type"], bool(problem["title"]), bool(problem["detail"])) == ("about:blank", True, True)
    assert (response.headers["Retry-After"] is not None) == (expected == 503)
    assert is_closed(connection)


# Requests

COMPLETE = {
    "without a body": (GET + b"\r\n", 200),
    "of HTTP/1.0": (b"GET /healthz HTTP/1.0\r\n\r\n", 200),
    "for a whole address": (b"GET http://b.example/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
    "with a body": (HEAD + b"Content-Length: 5\r\n\r\nwhole", 405),
    "with an empty body": (GET + b"Content-Length: 0\r\n\r\n", 200),
    "in chunks": (CHUNKED + b"5\r\nwhole\r\n0\r\n\r\n", 405),
    "in a chunk that ends like a body": (CHUNKED + b"7\r\nab0\r\n\r\n\r\n0\r\n\r\n", 405),
    "in chunks with trailers": (CHUNKED + b"5\r\nwhole\r\n0\r\nX-Sum: 1\r\n\r\n", 405),
    "for no path": (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
}


@pytest.mark.parametrize(("request_bytes", "expected"), COMPLETE.values(), ids=COMPLETE)
def test_a_request_is_answered_at_once(server: Server, request_bytes: bytes, expected: int) -> None:
    with server.send(request_bytes) as connection:
        assert status(connection) == expected


PIECES = {
    "a head": (b"GET /healthz HT", b"TP/1.1\r\nHost: localhost\r\n\r\n", 200),
    "a head without its last byte": (GET + b"\r", b"\n", 200),
    "a body": (HEAD + b"Content-Length: 5\r\n\r\n", b"whole", 405),
    "a body without its last byte": (HEAD + b"Content-Length: 5\r\n\r\nwhol", b"e", 405),
    "the largest body": (
        *(HEAD + b"Content-Length: %d\r\n\r\n" % MAX_BODY_BYTES + b"x" * (MAX_BODY_BYTES - 1), b"x", 405),
    ),
    "a chunk": (CHUNKED + b"5\r\nwh", b"ole\r\n0\r\n\r\n", 405),
    "chunks without an end": (CHUNKED + b"5\r\nwhole\r\n", b"0\r\n\r\n", 405),
    "a chunk that ends like a body": (CHUNKED + b"7\r\nab0\r\n\r\n", b"\r\n0\r\n\r\n", 405),
    "trailers without an end": (CHUNKED + b"0\r\nX-Sum: 1\r\n", b"\r\n", 405),
}


@pytest.mark.parametrize(("first", "rest", "expected"), PIECES.values(), ids=PIECES)
def test_an_incomplete_request_waits_without_the_thread(server: Server, first: bytes, rest: bytes, expected: int) -> None:
    with server.send(first) as connection:
        assert is_waiting(connection)
        assert server.is_serving()
        connection.sendall(rest)
        assert status(connection) == expected


def test_a_request_that_drips_is_answered(server: Server) -> None:
    with server.send(b"GET /healthz HT") as connection:
        for piece in (b"TP/1.1\r\nHo", b"st: a\r\n", b"\r", b"\n"):
            time.sleep(0.05)
            connection.sendall(piece)
        assert status(connection) == 200


def test_a_request_shortly_after_its_connection_is_not_delayed(server: Server) -> None:
    took = []
    for _ in range(20):
        with server.connect() as connection:
            time.sleep(0.002)  # so that the service has heard of the connection, and of nothing else
            begun = time.monotonic()
            connection.sendall(GET + b"\r\n")
            assert status(connection) == 200
            took.append(time.monotonic() - begun)
    assert min(took) < 0.01


def test_a_connection_is_kept_for_further_requests(server: Server) -> None:
    with server.connect() as connection:
        for _ in range(3):
            connection.sendall(GET + b"\r\n")
            assert status(connection) == 200


@pytest.mark.parametrize(
    "request_bytes",
    [GET + b"Connection: close\r\n\r\n", b"GET /healthz HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n"],
)
def test_a_connection_is_closed_where_the_client_or_its_version_says_so(server: Server, request_bytes: bytes) -> None:
    with server.send(request_bytes) as connection:
        assert answer(connection).headers["Connection"] == "close"
        while connection.recv(1_000):
            pass


def get_with_id(number: int) -> bytes:
    return b"GET /api/search HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: number-%d\r\n\r\n" % number


def ids_of(connection: socket.socket, number: int) -> list[str]:
    """Return the ids of as many answers. They may arrive in one packet, so the connection is read as one file."""
    found = []
    stream = connection.makefile("rb")
    for _ in range(number):
        lines = list(iter(stream.readline, b"\r\n"))
        fields = dict(line.decode().rstrip().split(": ", 1) for line in lines[1:])
        stream.read(int(fields["Content-Length"]))
        found.append(fields["X-Request-ID"])
    return found


def test_requests_behind_each_other_are_answered_in_order(server: Server) -> None:
    body = b"POST /api/search HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: number-1\r\nContent-Length: 5\r\n\r\nwhole"
    with server.send(get_with_id(0) + body + b"".join(map(get_with_id, range(2, 60)))) as connection:
        assert ids_of(connection, 60) == [f"number-{number}" for number in range(60)]


@pytest.mark.parametrize(
    "behind", [b"GET /healthz HTTP/1.1\r\n", HEAD + b"Content-Length: 5\r\n\r\nwh"], ids=["head", "body"]
)
def test_an_incomplete_request_behind_a_whole_one_waits_without_the_thread(server: Server, behind: bytes) -> None:
    with server.send(get_with_id(1) + behind) as connection:
        assert ids_of(connection, 1) == ["number-1"]
        assert is_waiting(connection)
        assert server.is_serving()


def test_a_client_that_waits_with_its_body_is_told_to_send_it(server: Server) -> None:
    expecting = b"Expect: 100-continue\r\n"
    with server.send(HEAD + expecting + b"Content-Length: 5\r\n\r\n") as connection:
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert server.is_serving()
        connection.sendall(b"whole")
        assert status(connection) == 405
    with server.send(HEAD + expecting + b"Content-Length: 500000\r\n\r\n") as connection:
        check_refusal(connection, 413)


# Refusals

REFUSED = {
    "that is no HTTP": (b"nonsense\r\n\r\n", 400),
    "without a host": (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
    "with a negative length": (HEAD + b"Content-Length: -1\r\n\r\n", 400),
    "with two lengths": (HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400),
    "with the same length twice": (HEAD + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nxx", 400),
    "with a length and chunks": (HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "with a length of 16 digits": (HEAD + b"Content-Length: 9999999999999999\r\n\r\n", 413),
    "with a body that is too large": (HEAD + b"Content-Length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1), 413),
    "with chunks that are too large": (CHUNKED + b"%X\r\n" % (2 * MAX_BODY_BYTES) + b"x" * (MAX_BODY_BYTES + 1), 413),
    "with another encoding": (HEAD + b"Transfer-Encoding: gzip\r\n\r\n", 501),
    "with a chunk of no size": (CHUNKED + b"x\r\n", 400),
    "with lines that end with LF": (b"GET /healthz HTTP/1.1\nHost: a\n\n", 400),
    "with a continued line": (GET + b"X: a\r\n b\r\n\r\n", 400),
    "with NUL": (GET + b"X: a\0\r\n\r\n", 400),
    "with a long line": (b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    "with a line that does not end": (b"GET /" + b"x" * 20_000, 414),
    "with a head that is too large": (GET + b"X: " + b"x" * MAX_HEAD_BYTES + b"\r\n\r\n", 431),
    "with a head that does not end": (GET + b"X: y\r\n" * 100_000, 431),
    "of the next version": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
}


@pytest.mark.parametrize(("request_bytes", "expected"), REFUSED.values(), ids=REFUSED)
def test_a_refused_request_gets_a_problem_document(server: Server, request_bytes: bytes, expected: int) -> None:
    with server.send(request_bytes) as connection:
        check_refusal(connection, expected)


def test_a_refused_request_behind_a_whole_one_is_refused_after_its_answer(server: Server) -> None:
    with server.send(GET + b"\r\nnonsense\r\n\r\n") as connection:
        assert re.findall(rb"HTTP/1.1 (\d+)", rest_of(connection)) == [b"200", b"400"]


def test_refusals_are_logged_without_personal_data_and_not_without_end(sample: Settings) -> None:
    with served(sample) as server:
        for _ in range(2 * LINES_PER_MINUTE):
            with server.send(b"GET /secret HTTP/1.1\r\nHost: secret\r\nContent-Length: secret\r\n\r\n") as connection:
                check_refusal(connection, 400)
        lines = server.log.read_text().splitlines()
        metrics = HTTPConnection("127.0.0.1", server.port)
        metrics.request("GET", "/metrics")
        assert b'searchsvc_requests_total{route="none",status="400"} 40.0' in metrics.getresponse().read()
        metrics.close()
    assert len(lines) == LINES_PER_MINUTE
    assert all("refused a request with 400: the request is not valid HTTP" in line for line in lines)
    assert not any("secret" in line or "127.0.0.1" in line for line in lines)


def test_a_body_that_is_refused_is_not_kept(server: Server) -> None:
    before = server.private_kb()
    sent = b"POST /api/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8000000\r\n\r\n" + b"x" * 8_000_000
    with ExitStack() as stack:
        for _ in range(10):
            check_refusal(stack.enter_context(server.send(sent)), 413)
        assert server.private_kb() - before < 5_000


# Large bodies


def put(name: str, length: int | None, token: str = TOKEN) -> bytes:
    """Return the head of an upload, in chunks if it has no length."""
    framing = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    lines = (f"PUT /api/articles/{name} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {token}", framing, "", "")
    return "\r\n".join(lines).encode()


@pytest.fixture
def uploads(tmp_path: Path) -> Iterator[Server]:
    settings = Settings(corpus=tmp_path / "corpus", index=tmp_path / "index")
    settings.corpus.mkdir()
    (settings.corpus / "a.txt").write_text("Title: A\n\nThe tide.")
    reindex(settings)
    with served(settings, SEARCHSVC_WRITE_TOKEN=TOKEN) as server:
        yield server


def test_an_article_of_megabytes_waits_without_the_thread(uploads: Server) -> None:
    body = json.dumps({"title": "Tea", "text": "word " * 1_800_000}).encode()
    with uploads.send(put("tea", len(body))) as connection:
        connection.sendall(body[:-1])
        assert is_waiting(connection)
        assert uploads.is_serving()
        connection.sendall(body[-1:])
        assert status(connection) == 201
    assert get(uploads.port, "/api/search?q=word")["total"] == 1


def test_an_article_may_come_in_chunks(uploads: Server) -> None:
    body = json.dumps({"title": "Tea", "text": "word " * 100_000}).encode()
    chunks = b"".join(
        b"%x\r\n%s\r\n" % (len(part), part) for part in (body[at : at + 7_000] for at in range(0, len(body), 7_000))
    )
    with uploads.send(put("tea", None) + chunks + b"0\r\n\r\n") as connection:
        assert status(connection) == 201


def test_large_bodies_are_refused_without_the_token_and_beyond_the_limit(server: Server) -> None:
    with server.send(put("tea", 100_000, "wrong") + b"x" * 100_000) as connection:
        assert status(connection) == 401
        assert is_closed(connection)
    with server.send(put("tea", 12 * 2**20 + 1)) as connection:
        check_refusal(connection, 413)
    with server.send(put("tea", 100_000).replace(b"PUT", b"POST")) as connection:
        check_refusal(connection, 413)


def test_only_a_few_large_bodies_are_received_at_once(server: Server) -> None:
    with ExitStack() as stack:
        for number in range(MAX_LARGE_BODIES):
            stack.enter_context(server.send(put(f"n{number}", 10_000_000) + b"x" * 1_000_000))
        assert server.is_serving()
        with server.send(put("tea", 10_000_000)) as connection:
            check_refusal(connection, 503)
    time.sleep(0.1)  # those who left have made room
    with server.send(put("tea", 70_000) + b"x" * 70_000) as connection:
        assert status(connection) == 400


# Slow and silent clients


def test_slow_clients_do_not_delay_others(server: Server) -> None:
    """Half-sent requests get 408 in time, also those that go on to arrive a byte at a time."""
    halves = [first for first, _, _ in PIECES.values()]
    dripping = [GET + b"X-Slow: ", HEAD + b"Content-Length: 60000\r\n\r\n", CHUNKED + b"FFF\r\n"]
    begun = time.monotonic()
    with ExitStack() as stack:
        slow = [stack.enter_context(server.send(data)) for data in (dripping + halves) * 10]
        while time.monotonic() - begun < TRANSFER_SECONDS - 1:
            assert server.is_serving()
            for number, connection in enumerate(slow):
                if number % (len(dripping) + len(halves)) < len(dripping):
                    connection.send(b"x")
            time.sleep(0.5)
        for connection in slow:
            check_refusal(connection, 408)
        assert TRANSFER_SECONDS - 1 < time.monotonic() - begun < TRANSFER_SECONDS + 3


def test_silent_clients_are_disconnected_and_delay_nobody(sample: Settings) -> None:
    with served(sample, shell="ulimit -n 1024;") as server, ExitStack() as stack:
        begun = time.monotonic()
        silent = [stack.enter_context(server.connect()) for _ in range(600)]
        for _ in range(20):
            assert server.is_serving()
        assert sum(bool(select.select([each], [], [], 0)[0]) for each in silent) >= 600 - MAX_WAITING  # the oldest
        assert all(map(is_closed, silent))
        assert time.monotonic() - begun < 10
        assert "Traceback" not in server.log.read_text()


def test_slow_clients_beyond_all_bounds_make_room_for_others(sample: Settings) -> None:
    with served(sample) as server, ExitStack() as stack:
        slow = [stack.enter_context(server.send(b"GET /")) for _ in range(MAX_WAITING + 5)]
        for _ in range(20):
            with server.connect() as connection:
                time.sleep(0.01)
                connection.sendall(SEARCH)
                assert status(connection) == 200
        check_refusal(slow[0], 503)


def test_a_server_without_descriptors_goes_on(sample: Settings) -> None:
    with served(sample, shell="ulimit -n 120;") as server, ExitStack() as stack:
        silent = [stack.enter_context(server.connect()) for _ in range(200)]
        for _ in range(5):
            assert get(server.port, "/api/search?q=tide")["total"]
        assert all(map(is_closed, silent))
        assert "a connection was not accepted: Too many open files" in server.log.read_text()


@pytest.mark.parametrize("data", [b"", b"GET /healthz HT", HEAD + b"Content-Length: 5\r\n\r\nwh", SEARCH])
@pytest.mark.parametrize("resets", [False, True], ids=["closes", "resets"])
def test_a_client_that_leaves_early_disturbs_nobody(server: Server, data: bytes, *, resets: bool) -> None:
    for _ in range(20):
        with server.send(data) as connection:
            if resets:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert server.is_serving()
    assert "Traceback" not in server.log.read_text()


# Clients that do not read


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An archive of 30 MB, more than the system keeps for a client that does not read, with one article of 9 MB."""
    folder = tmp_path_factory.mktemp("large")
    settings = Settings(corpus=folder / "corpus", index=folder / "index")
    settings.corpus.mkdir()
    word = "x" * 100 + " "  # few words, to be indexed quickly
    lines = ({"id": f"n{number}", "title": "The tide", "text": word * 100} for number in range(2_000))
    (settings.corpus / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (settings.corpus / "b.jsonl").write_text(json.dumps({"id": "long", "title": "Long", "text": word * 90_000}))
    reindex(settings)
    return settings


def rest_of(connection: socket.socket) -> bytes:
    """Return what else the server sends until it closes or resets the connection."""
    parts = []
    try:
        while part := connection.recv(1_000_000):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def drip(connection: socket.socket, seconds: float) -> None:
    """Read little, again and again."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        connection.recv(100)
        time.sleep(0.2)


def test_exports_hold_half_of_the_threads_and_slow_ones_are_cut_off(large: Settings) -> None:
    with served(large, "--threads", "4") as server, ExitStack() as stack:
        begun = time.monotonic()
        clients = [
            stack.enter_context(server.send(b"GET /search.jsonl HTTP/1.1\r\nHost: localhost\r\n\r\n")) for _ in range(12)
        ]
        for _ in range(20):
            assert server.is_serving()
        answers = [answer(client) for client in clients]
        assert sorted(each.status for each in answers) == [200] * 2 + [503] * 10
        for each in answers:
            if each.status == 503:
                assert (each.headers["Content-Type"], each.headers["Retry-After"]) == ("application/problem+json", "10")
                assert "at the same time" in json.loads(each.read())["detail"]
        running = [client for client, each in zip(clients, answers, strict=True) if each.status == 200]
        drip(running[0], TRANSFER_SECONDS + 4)
        assert not any(rest_of(client).endswith(b"0\r\n\r\n") for client in running)
        assert time.monotonic() - begun < 25
        assert server.log.read_text().count("cut off an answer: the client reads too slowly") == 2
        with server.send(b"GET /search.csv HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") as connection:
            assert rest_of(connection).endswith(b"\r\n0\r\n\r\n")


def test_an_export_that_is_read_fast_enough_is_completed(large: Settings) -> None:
    """A client that reads twice as fast, in bursts with pauses, gets everything."""
    export = b"GET /search.jsonl HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with served(large) as server, socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall(export)
        with connection.makefile("rb") as stream:
            for _ in range(10):
                time.sleep(2)
                stream.read(4 * BYTES_PER_SECOND)
        assert rest_of(connection).endswith(b"0\r\n\r\n")


def test_an_answer_that_is_not_read_is_cut_off(large: Settings) -> None:
    with served(large, "--threads", "2") as server, ExitStack() as stack:
        request = b"GET /api/articles/long HTTP/1.1\r\nHost: localhost\r\n\r\n"
        begun = time.monotonic()
        clients = [stack.enter_context(server.send(request)) for _ in range(2)]
        drip(clients[0], TRANSFER_SECONDS - 2)
        assert get(server.port, "/healthz") == {"status": "ok"}
        with server.send(SEARCH) as connection:
            assert status(connection) == 200
        assert time.monotonic() - begun < TRANSFER_SECONDS + 5
        time.sleep(1)  # the other answer may have begun a moment later
        assert all(len(rest_of(client)) < 9_000_000 for client in clients)


def test_health_checks_that_are_not_read_do_not_hold_their_thread(sample: Settings) -> None:
    with served(sample) as server, socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall((GET + b"\r\n") * 60_000)
        end = select.poll()
        end.register(connection, 0)
        for _ in range(10):
            assert get(server.port, "/healthz") == {"status": "ok"}
        assert end.poll(30_000)
        assert "cut off an answer" in server.log.read_text()


# Busy threads and the end of workers


@pytest.fixture
def stuck(sample: Settings, tmp_path: Path) -> Iterator[Server]:
    """A service whose page of errors takes for ever, and whose workers may take 3 s."""
    loop = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    (tmp_path / "message.html").write_text(loop)
    environ = {"SEARCHSVC_TEMPLATES": str(tmp_path), "GUNICORN_CMD_ARGS": "--timeout 3"}
    with served(sample, "--threads", "2", **environ) as server:
        yield server


def test_a_busy_worker_is_alive_and_replaced_when_no_thread_makes_progress(stuck: Server) -> None:
    before = stuck.workers()
    with stuck.send(b"GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n"):
        time.sleep(4)
        assert stuck.is_serving()  # one of two threads
        assert stuck.workers() == before
        with stuck.send(b"GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n"):
            assert get(stuck.port, "/healthz") == {"status": "ok"}
            until = time.monotonic() + 30
            while set(before) & set(stuck.workers()) and time.monotonic() < until:
                time.sleep(0.1)
            assert get(stuck.port, "/api/search?q=tide")["total"]  # by another worker
            assert set(before).isdisjoint(stuck.workers())
    assert "every thread has spent more than 3 s on one request" in stuck.log.read_text()


def failures_of_kept_connections(server: Server, seconds: float) -> list[str]:
    """Return what goes wrong for clients that keep their connections."""
    until = time.monotonic() + seconds

    def ask(_: int) -> list[str]:
        failed = []
        connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
        while time.monotonic() < until:
            try:
                connection.request("GET", "/healthz")
                response = connection.getresponse()
                response.read()
            except (OSError, HTTPException) as error:
                failed.append(repr(error))
                connection.close()
            time.sleep(0.005)
        connection.close()
        return failed

    with ThreadPoolExecutor(8) as clients:
        return [failure for each in clients.map(ask, range(8)) for failure in each]


def replace_all(server: Server) -> None:
    os.kill(server.leader, signal.SIGHUP)


def end_one(server: Server) -> None:
    os.kill(server.workers()[0], signal.SIGTERM)


@pytest.mark.parametrize("end", [replace_all, end_one])
def test_kept_connections_lose_no_request_when_workers_are_replaced(
    sample: Settings, end: Callable[[Server], None]
) -> None:
    with served(sample, "--workers", "2") as server, ThreadPoolExecutor(1) as pool:
        before = server.workers()
        failures = pool.submit(failures_of_kept_connections, server, 4)
        time.sleep(1)
        end(server)
        assert failures.result() == []
        assert set(server.workers()) != set(before)


def test_workers_that_have_answered_enough_are_replaced_without_losing_a_request(sample: Settings) -> None:
    with served(sample, "--workers", "2", GUNICORN_CMD_ARGS="--max-requests 200 --max-requests-jitter 50") as server:
        before = server.workers()
        assert failures_of_kept_connections(server, 4) == []
        assert not set(server.workers()) & set(before)


def test_a_stopping_worker_finishes_what_has_begun(large: Settings) -> None:
    export = b"GET /search.jsonl HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with served(large) as server, server.send(export) as connection:
        first = connection.recv(1_000)
        os.kill(server.workers()[0], signal.SIGTERM)
        time.sleep(1)
        assert (first + rest_of(connection)).endswith(b"0\r\n\r\n")


def test_a_worker_that_is_told_to_stop_while_it_starts_stops(sample: Settings, tmp_path: Path) -> None:
    told = tmp_path / "told"
    (tmp_path / "sitecustomize.py").write_text(
        "import os, signal, pathlib\n"
        f"told = pathlib.Path({str(told)!r})\n"
        "def stop():\n"
        "    if not told.exists():\n"
        "        told.write_text(str(os.getpid()))\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "os.register_at_fork(after_in_child=stop)\n"
    )
    with served(sample, PYTHONPATH=str(tmp_path)) as server:
        until = time.monotonic() + 10
        while int(told.read_text()) in server.workers() and time.monotonic() < until:
            time.sleep(0.05)
        assert int(told.read_text()) not in server.workers()
        assert server.is_serving()


# The server's configuration


def test_tls_is_refused(tmp_path: Path) -> None:
    for name in ("cert", "key"):
        (tmp_path / name).touch()
    environ = {"GUNICORN_CMD_ARGS": f"--certfile {tmp_path}/cert --keyfile {tmp_path}/key"}
    command = serve_command(free_port())
    ended = subprocess.run(command, env=os.environ | environ, cwd=ROOT, capture_output=True, text=True, timeout=30)  # noqa: PLW1510
    assert ended.returncode != 0
    assert "searchsvc does not speak TLS" in ended.stderr


def test_the_service_can_listen_on_a_unix_socket(sample: Settings, tmp_path: Path) -> None:
    path, port = tmp_path / "socket", free_port()
    args = f"--bind 127.0.0.1:{port} --bind unix:{path}"
    with running(serve_command(port), sample, port, GUNICORN_CMD_ARGS=args), socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(SEARCH)
        assert status(connection) == 200
