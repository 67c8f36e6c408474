"""Operation: metrics over all workers, the access log and its report, worker failures and slow clients."""

import http.client
import json
import logging
import os
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from searchsvc.cli.commands import main
from searchsvc.cli.query_log import query_report
from searchsvc.config import Settings
from searchsvc.web.app import create_app
from tests.conftest import Archive
from tests.serving import free_port, running, serve_command


@contextmanager
def served(settings: Settings, **environ: str) -> Iterator[tuple[int, int]]:
    """Yield the port of a service with three workers, and the id of its main process."""
    port = free_port()
    with running(serve_command(port), settings, port, **environ) as process:
        yield port, process.pid


def get(port: int, path: str, **headers: str) -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read().decode()


def metric(text: str, name: str) -> float:
    return float(next(line.rpartition(" ")[2] for line in text.splitlines() if line.startswith(name)))


@pytest.mark.slow
def test_metrics_are_right_across_workers_also_after_one_was_killed(sample: Settings) -> None:
    with served(sample) as (port, leader):
        for _ in range(40):
            assert get(port, "/api/search?q=tide")[0] == 200
        assert get(port, "/api/search?q=zebra")[0] == 200
        workers = Path(f"/proc/{leader}/task/{leader}/children").read_text().split()
        os.kill(int(workers[0]), signal.SIGKILL)
        for _ in range(9):
            assert get(port, "/api/search?page=0")[0] == 400
        text = get(port, "/metrics")[1]
    assert metric(text, 'searchsvc_requests_total{route="/api/search",status="200"}') == 41
    assert metric(text, 'searchsvc_requests_total{route="/api/search",status="400"}') == 9
    assert metric(text, 'searchsvc_request_seconds_count{route="/api/search"}') == 50
    assert metric(text, 'searchsvc_search_seconds_count{part="facets"}') == 41
    assert metric(text, "searchsvc_searches_without_hits_total") == 1
    assert metric(text, "searchsvc_articles") == 74
    assert metric(text, "searchsvc_generation ") == 1


CLIENTS = 12


def failures_under_load(settings: Settings, end: Callable[[int, int], None]) -> list[float]:
    """Return the seconds from `end`, called with the ids of the main process and of a worker, to each failed request."""
    with served(settings) as (port, leader):
        workers = Path(f"/proc/{leader}/task/{leader}/children").read_text().split()
        over = time.monotonic() + 5

        def ask(_: int) -> tuple[int, list[float]]:
            answers, failed = 0, []
            while time.monotonic() < over:
                try:
                    answers += get(port, "/api/search?q=tide+OR+tea")[0] == 200
                except (OSError, http.client.HTTPException):
                    failed.append(time.monotonic())
            return answers, failed

        with ThreadPoolExecutor(CLIENTS) as clients:
            results = clients.map(ask, range(CLIENTS))
            time.sleep(1)
            ended = time.monotonic()
            end(leader, int(workers[0]))
        answers, failures = zip(*results, strict=True)
        assert min(answers) > 5
        assert set(workers) != set(Path(f"/proc/{leader}/task/{leader}/children").read_text().split())
    return [when - ended for each in failures for when in each]


@pytest.mark.slow
def test_a_worker_that_is_killed_takes_only_its_own_requests_along(sample: Settings) -> None:
    failed = failures_under_load(sample, lambda _, worker: os.kill(worker, signal.SIGKILL))
    assert len(failed) <= CLIENTS
    assert all(0 <= seconds < 2 for seconds in failed)


@pytest.mark.slow
@pytest.mark.parametrize(
    "end",
    [lambda _, worker: os.kill(worker, signal.SIGTERM), lambda leader, _: os.kill(leader, signal.SIGHUP)],
    ids=["one-worker", "all-workers"],
)
def test_workers_that_are_replaced_lose_no_request(sample: Settings, end: Callable[[int, int], None]) -> None:
    assert failures_under_load(sample, end) == []


def test_the_log_has_a_line_for_each_request_without_personal_data(archive: Archive, tmp_path: Path) -> None:
    log = tmp_path / "access.jsonl"
    archive.write({"a.txt": "Title: A\n\ntea"}).service()
    app = create_app(archive.with_settings(access_log=str(log)))
    client = app.test_client()
    own = client.get("/api/search?q=Tea&source=x", headers={"X-Request-ID": "abc-1", "User-Agent": "Mozilla of Jane"})
    assert own.headers["X-Request-ID"] == "abc-1"
    client.get("/search?q=coffee", headers={"X-Request-ID": "<script>", "Authorization": "Bearer secret"})
    client.get("/none")
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["route"], line["status"]) for line in lines] == [("/api/search", 200), ("/search", 200), ("none", 404)]
    first, second, _ = lines
    assert (first["q"], first["total"], first["filters"], first["id"]) == ("Tea", 0, {"source": ["x"]}, "abc-1")
    assert set(first["parts"]) == {"parse", "hits", "snippets", "facets", "help"}
    assert first["ms"] >= sum(first["parts"].values()) * 0.5
    assert re.fullmatch("[0-9a-f]{16}", second["id"])
    assert not re.search("Jane|secret|127.0.0.1", log.read_text())


def test_slow_requests_are_logged_with_their_timings(archive: Archive, caplog: pytest.LogCaptureFixture) -> None:
    archive.write({"a.txt": "tea"}).service()
    with caplog.at_level(logging.WARNING):
        create_app(archive.with_settings(slow_ms=60_000)).test_client().get("/search?q=tea")
        assert not caplog.records
        create_app(archive.with_settings(slow_ms=0)).test_client().get("/search?q=tea")
    said = json.loads(caplog.records[0].getMessage().removeprefix("slow: "))
    assert (said["q"], set(said["parts"])) == ("tea", {"parse", "hits", "snippets", "facets", "help"})


def entry(q: str, ms: float, total: int) -> bytes:
    return json.dumps({"q": q, "ms": ms, "total": total}).encode() + b"\n"


def test_the_report_of_a_log(tmp_path: Path) -> None:
    lines = [
        entry("Tea ", 2, 5),
        entry("tea", 4, 5),
        entry("tea", 900, 5),
        entry("zebra", 1, 0),
        b'{"route": "/"}\n',
        b"no\n",
    ]
    found = query_report(lines, 2)
    assert (found.searches, found.unread) == (4, 1)
    assert [(each.text, each.times, each.median_ms) for each in found.frequent] == [("tea", 3, 4), ("zebra", 1, 1)]
    assert [each.text for each in found.without_hits] == ["zebra"]
    assert [(each.text, each.slowest_ms) for each in found.slow] == [("tea", 900), ("zebra", 1)]
    log = tmp_path / "log"
    log.write_bytes(b"".join(lines))
    printed = CliRunner().invoke(main, ["report", str(log)])
    assert (printed.exit_code, "4 searches" in printed.output) == (0, True)
    data: dict[str, Any] = json.loads(CliRunner().invoke(main, ["report", str(log), "--json", "--top", "1"]).output)
    assert [each["text"] for each in data["frequent"]] == ["tea"]
    assert CliRunner().invoke(main, ["report", str(tmp_path / "none")]).exit_code == 2


@pytest.mark.slow
def test_a_service_reports_on_its_own_log(sample: Settings, tmp_path: Path) -> None:
    log = tmp_path / "access.jsonl"
    with served(sample, SEARCHSVC_ACCESS_LOG=str(log)) as (port, _):
        for query in ("tide", "tide", "zebra"):
            get(port, f"/search?q={query}")
        time.sleep(0.1)
    found = query_report(log.read_bytes().splitlines(), 5)
    assert [(each.text, each.times) for each in found.frequent] == [("tide", 2), ("zebra", 1)]
    assert [each.text for each in found.without_hits] == ["zebra"]


def send(port: int, data: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall(data)
    return connection


@pytest.mark.slow
def test_slow_clients_do_not_delay_others(sample: Settings) -> None:
    """There are many more slow clients than threads: silent, with half a head or body, or not reading the answer."""
    slow = (
        b"",
        b"GET /search HTTP/1.1\r\nHost: a\r\nX-Slow: ",
        b"POST /search HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\nhalf",
        b"POST /search HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    )
    with served(sample, SEARCHSVC_THREADS="2") as (port, _):
        connections = [send(port, data) for data in slow for _ in range(15)]
        connections += [send(port, b"GET /search.jsonl HTTP/1.1\r\nHost: localhost\r\n\r\n" * 3) for _ in range(3)]
        begun = time.monotonic()
        for _ in range(30):
            assert get(port, "/api/search?q=tide")[0] == 200
        assert time.monotonic() - begun < 5
        assert connections[20].recv(100).startswith(b"HTTP/1.1 408 ")
        for connection in connections:
            connection.close()
        assert get(port, "/healthz")[0] == 200


@pytest.mark.slow
def test_a_request_shortly_after_its_connection_is_not_delayed(sample: Settings) -> None:
    took = []
    with served(sample) as (port, _):
        for _ in range(20):
            with send(port, b"") as connection:
                time.sleep(0.002)  # so that the service has heard of the connection, and of nothing else
                begun = time.monotonic()
                connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                assert connection.recv(1_000).startswith(b"HTTP/1.1 200 OK")
                took.append(time.monotonic() - begun)
    assert min(took) < 0.01  # what is watched is looked at every 0.02 s


@pytest.mark.slow
def test_a_request_that_arrives_in_pieces_is_answered(sample: Settings) -> None:
    with served(sample) as (port, _):
        connection = send(port, b"GET /healthz HT")
        for piece in (b"TP/1.1\r\nHo", b"st: a\r\n", b"\r", b"\n"):
            time.sleep(0.05)
            connection.sendall(piece)
        assert connection.recv(1_000).startswith(b"HTTP/1.1 200 OK")
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" * 2)  # kept alive, and two at once
        text = b""
        while text.count(b'{"status":"ok"}') < 2:
            text += connection.recv(10_000)
        connection.close()


def status_of(port: int, data: bytes) -> int:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        with suppress(ConnectionError):  # the service need not read to the end what it refuses
            connection.sendall(data)
        return int(connection.recv(100).split()[1])


@pytest.mark.slow
def test_heads_and_bodies_that_are_too_large_are_refused(sample: Settings) -> None:
    fields = b"".join(b"X-%d: %s\r\n" % (number, b"y" * 8_000) for number in range(1_250))
    with served(sample) as (port, _):
        for head in (fields, fields[:33_000] + b"\r\n\r\n"):
            assert status_of(port, b"GET /api/search HTTP/1.1\r\nHost: a\r\n" + head) == 431
        for length in (8_200, 20_000):
            assert status_of(port, b"GET /" + b"x" * length + b" HTTP/1.1\r\nHost: a\r\n\r\n") == 414
        head = b"POST /api/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000000\r\n\r\n"
        assert status_of(port, head + b"x" * 500_000) == 405
        assert get(port, "/api/search?q=tide")[0] == 200
