"""The log of a real server: its own lines, those of gunicorn and those of the application have one form."""

import json
import os
import re
import shutil
import signal
import time
from pathlib import Path

import pytest

from searchsvc.config import Settings
from tests.conftest import ROOT, Archive
from tests.test_logs import LINE
from tests.web.test_worker import Server, answer, served

pytestmark = pytest.mark.slow


def asked(server: Server, path: str, request_id: str, rest: str = "") -> tuple[int, str | None]:
    """Return the status of an answer, and the id that it has."""
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Request-ID: {request_id}\r\n{rest}\r\n"
    with server.send(head.encode()) as connection, answer(connection) as response:
        response.read()
        return response.status, response.headers["X-Request-ID"]


def provoke(server: Server, archive: Archive) -> None:
    """Cause lines of the application, of the server before it, and of gunicorn."""
    assert asked(server, "/api/search?q=tea", "searched") == (200, "searched")
    assert asked(server, "/healthz", "alive") == (200, "alive")  # answered by the main thread
    assert asked(server, "/", "refused", "Content-Length: 99999999\r\n") == (413, "refused")
    assert asked(server, "*", "odd id")[1] != "odd id"
    shutil.rmtree(archive.settings.index)
    os.kill(server.workers()[0], signal.SIGKILL)
    until = time.monotonic() + 20
    while asked(server, "/api/search", "outage")[0] != 503 and time.monotonic() < until:
        time.sleep(0.2)


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_every_line_has_time_level_and_request(archive: Archive, log_format: str) -> None:
    archive.write({"a.txt": "tea"}).service()
    with served(archive.settings, SEARCHSVC_LOG_FORMAT=log_format, SEARCHSVC_SLOW_MS="0") as server:
        provoke(server, archive)
        lines = server.log.read_text().splitlines()
    if log_format == "json":
        found = [(line["id"], line["message"]) for line in map(json.loads, lines) if line["time"] and line["level"]]
    else:
        found = [(match[4], match[5]) for match in map(LINE.fullmatch, lines) if match]
    assert len(found) == len(lines)
    for request, said in (
        ("searched", "slow: "),
        ("alive", "slow: "),
        ("refused", "refused a request with 413"),
        ("outage", "requests get 503: there is no index in "),
        ("-", "was sent SIGKILL"),
    ):
        assert any(request == each and said in message for each, message in found), (request, found)


def test_nothing_is_written_to_the_home_folder_or_the_working_folder(sample: Settings) -> None:
    # Not even root can write to /proc, or create a folder in it.
    environ = {"HOME": "/proc/none", "XDG_RUNTIME_DIR": "", "XDG_CACHE_HOME": "", "PYTHONPATH": str(ROOT)}
    with served(sample, shell="cd /proc;", **environ) as server:
        assert asked(server, "/search?q=tide", "a") == (200, "a")
        assert asked(server, "/search.atom?q=tide", "b") == (200, "b")
        assert server.log.read_text() == ""


def test_services_of_one_user_share_no_socket(sample: Settings, tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    with served(sample, **environ) as server:
        sockets = re.findall(r"\S+\.(?:ctl|sock)$", Path("/proc/net/unix").read_text(), re.MULTILINE)
        assert not [each for each in sockets if str(tmp_path) in each]
        assert asked(server, "/readyz", "a")[0] == 200
    assert list(tmp_path.iterdir()) == []
