"""A service whose temporary folder is full or gone: every route answers, no worker is lost, and the log says it once."""

import os
import re
import shutil
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from searchsvc.config import Settings
from tests.serving import free_port, running, serve_command

pytestmark = pytest.mark.slow

ROUTES = (
    "/",
    "/search?q=tide",
    "/api/search?q=tide",
    "/search.csv?q=tide",
    "/healthz",
    "/readyz",
    "/metrics",
    "/static/style.css",
)


def fill(folder: Path) -> None:
    """Write until there is no room left."""
    with (folder / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4_096))
        except OSError:
            pass


def delete(folder: Path) -> None:
    for entry in folder.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def unmount(folder: Path) -> None:
    """Delete everything, the folder too."""
    delete(folder)
    folder.rmdir()


def get(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as response:
        assert response.status == 200
        text: str = response.read().decode()
        return text


def workers(leader: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{leader}/task/{leader}/children").read_text().split()]


@contextmanager
def served(settings: Settings, folder: Path, log: Path) -> Iterator[tuple[int, int]]:
    """Yield the port of a service with this temporary folder, and the id of its main process."""
    port = free_port()
    environ = {"TMPDIR": str(folder), "SEARCHSVC_RATE_LIMIT": "5000/minute"}
    command = ["bash", "-c", f'exec "$@" 2> {log}', "bash", *serve_command(port)]
    with running(command, settings, port, **environ) as process:
        while len(workers(process.pid)) < 3:  # one of them has answered
            time.sleep(0.01)
        yield port, process.pid


def ask_all(port: int, times: int = 6) -> None:
    for _ in range(times):
        for route in ROUTES:
            get(port, route)


@pytest.mark.parametrize("break_", [fill, delete])
def test_a_full_or_emptied_folder_fails_no_request_and_no_worker(
    sample: Settings, small_disk: Path, tmp_path: Path, break_: Callable[[Path], None]
) -> None:
    log = tmp_path / "log"
    with served(sample, small_disk, log) as (port, leader):
        before = workers(leader)
        ask_all(port, 1)
        break_(small_disk)
        ask_all(port)
        assert workers(leader) == before
        (count,) = re.findall(r'searchsvc_requests_total{route="/api/search",status="200"} (\S+)', get(port, "/metrics"))
        assert float(count) == 7
    assert log.read_text().count("each process limits requests on its own") <= len(before)
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize("break_", [fill, unmount])
def test_workers_are_replaced_without_the_folder(
    sample: Settings, tmp_path: Path, small_disk: Path, break_: Callable[[Path], None]
) -> None:
    folder, log = small_disk / "folder", tmp_path / "log"
    folder.mkdir()
    with served(sample, folder, log) as (port, leader):
        ask_all(port, 1)
        break_(folder)
        before = workers(leader)
        for worker in before:
            os.kill(worker, signal.SIGKILL)
        until = time.monotonic() + 20
        while set(before) & set(workers(leader)) or len(workers(leader)) < len(before):
            assert time.monotonic() < until
            time.sleep(0.05)
        ask_all(port)
        assert 'searchsvc_requests_total{route="/api/search",status="200"} 7.0' in get(port, "/metrics")
    assert 0 < log.read_text().count("each process limits requests on its own") <= len(before)


def test_a_service_starts_on_a_full_folder(sample: Settings, small_disk: Path, tmp_path: Path) -> None:
    fill(small_disk)
    with served(sample, small_disk, tmp_path / "log") as (port, _):
        ask_all(port)
