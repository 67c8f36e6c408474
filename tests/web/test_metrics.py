"""Operation: metrics over all workers, the access log and its report, and worker failures."""

import http.client
import json
import logging
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from searchsvc.cli.commands import main
from searchsvc.cli.query_log import query_report
from searchsvc.config import Settings
from searchsvc.logs import REQUEST_ID
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
    assert metric(text, "searchsvc_articles") == 92
    assert metric(text, "searchsvc_generation ") == 1


CLIENTS = 12


def failures_under_load(settings: Settings, end: Callable[[int, int], None]) -> list[float]:
    """Return the seconds from `end`, called with the ids of the main process and of a worker, to each failed request."""
    with served(settings) as (port, leader):
        workers = Path(f"/proc/{leader}/task/{leader}/children").read_text().split()
        over = time.monotonic() + 5

        def ask(_: int) -> list[float]:
            answers = 0
            failed = []
            while time.monotonic() < over or answers < 6:
                try:
                    answers += get(port, "/api/search?q=tide+OR+tea")[0] == 200
                except (OSError, http.client.HTTPException):
                    failed.append(time.monotonic())
            return failed

        with ThreadPoolExecutor(CLIENTS) as clients:
            results = clients.map(ask, range(CLIENTS))
            time.sleep(1)
            ended = time.monotonic()
            end(leader, int(workers[0]))
        failures = list(results)
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


def test_only_the_lines_of_a_request_have_its_id(sample: Settings) -> None:
    before = REQUEST_ID.get()
    seen: list[str] = []
    app = create_app(sample)
    app.before_request(lambda: seen.append(REQUEST_ID.get()))
    app.test_client().get("/api/search", headers={"X-Request-ID": "abc-1"})
    assert (seen, REQUEST_ID.get()) == (["abc-1"], before)
