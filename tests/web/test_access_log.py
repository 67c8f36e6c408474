"""The access log on files, pipes and devices that are full, closed or in nobody's hands."""

import fcntl
import json
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from searchsvc.web.access_log import AccessLog
from searchsvc.web.app import create_app
from tests.conftest import Archive
from tests.serving import free_port, get, running, serve_command

LINE = {"route": "/", "q": "tea"}


def write(log: AccessLog, number: int) -> None:
    for _ in range(number):
        log.write(LINE)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize("umask", [0o022, 0o002, 0o077])
def test_lines_are_appended_to_a_file_with_the_mode_that_the_umask_says(tmp_path: Path, umask: int) -> None:
    file = tmp_path / "log"
    former = os.umask(umask)
    try:
        for _ in range(2):
            AccessLog(str(file)).write(LINE)
    finally:
        os.umask(former)
    assert [json.loads(line) for line in file.read_text().splitlines()] == [LINE, LINE]
    assert oct(file.stat().st_mode & 0o777) == oct(0o666 & ~umask)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/dev/full", "No space left on device"),
        ("/nowhere/log", "No such file or directory"),
        ("/proc/none", "No such file or directory"),
        ("/", "Is a directory"),
    ],
)
def test_a_log_that_cannot_be_written_is_said_once_and_fails_no_request(
    archive: Archive, caplog: pytest.LogCaptureFixture, path: str, reason: str
) -> None:
    archive.write({"a.txt": "tea"}).service()
    with caplog.at_level(logging.WARNING):
        client = create_app(archive.with_settings(access_log=path)).test_client()
        assert [client.get("/api/search").status_code for _ in range(5)] == [200] * 5
    assert warnings(caplog) == [f"requests are answered but not logged: {path} cannot be written: {reason}"]


def test_a_log_that_still_fails_is_said_again_after_a_while(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = AccessLog("/dev/full")
    for later in (0, 1, 4_000):
        monkeypatch.setattr("searchsvc.web.access_log.monotonic", lambda later=later: time.monotonic() + later)
        log.write(LINE)
    assert len(warnings(caplog)) == 2


@contextmanager
def pipe(path: Path) -> Iterator[int]:
    """Yield the end from which a named pipe of 4 kB is read."""
    os.mkfifo(path)
    end = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, 4_096)
    try:
        yield end
    finally:
        os.close(end)


def test_a_pipe_that_nobody_empties_delays_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pipe(tmp_path / "pipe") as end:
        log = AccessLog(str(tmp_path / "pipe"))
        writing = threading.Thread(target=write, args=(log, 1_000), daemon=True)
        writing.start()
        writing.join(20)
        assert not writing.is_alive()
        assert len(warnings(caplog)) == 1
        os.read(end, 4_096)
        log.write(LINE)  # there is room again
        assert json.loads(os.read(end, 4_096)) == LINE


def test_a_pipe_that_is_closed_fails_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pipe(tmp_path / "pipe"):
        log = AccessLog(str(tmp_path / "pipe"))
        log.write(LINE)
    for _ in range(3):
        log.write(LINE)
    assert warnings(caplog) == [f"requests are answered but not logged: {tmp_path}/pipe cannot be written: Broken pipe"]


def test_a_pipe_without_a_reader_does_not_stop_the_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    os.mkfifo(tmp_path / "pipe")
    AccessLog(str(tmp_path / "pipe")).write(LINE)
    assert len(warnings(caplog)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("output", ["> /dev/full", ">&-", ">&- 2>&-", "> >(head -c 1)", "> >(exec sleep 60)"])
def test_a_service_answers_whatever_its_standard_output_is(archive: Archive, output: str) -> None:
    archive.write({"a.txt": "tea"}).service()
    port = free_port()
    command = ["bash", "-c", f'exec "$@" {output}', "bash", *serve_command(port)]
    with running(command, archive.settings, port, SEARCHSVC_ACCESS_LOG="-"):
        for _ in range(400):
            assert get(port, "/api/search?q=tea")["total"] == 1
