"""The command `serve`: where it listens, what it says to its operator, and what it refuses to start with."""

import os
import re
import socket
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest
from click.testing import CliRunner

from dev.processes import die_with_parent
from searchsvc.cli.commands import main
from searchsvc.cli.serving import OLDEST_GUNICORN
from searchsvc.config import Settings
from tests.conftest import ROOT, Archive
from tests.serving import free_port, running

TOKEN = "correct-horse-battery"
HAS_IPV6 = Path("/proc/net/if_inet6").exists() and "lo" in Path("/proc/net/if_inet6").read_text().split()


@contextmanager
def served(settings: Settings, *options: str, **environ: str) -> Iterator[tuple[str, list[str]]]:
    """Serve with a worker, and yield the first line of the output. The list gets what the service says in the end."""
    with operated([sys.executable, "-m", "searchsvc", "serve", "--workers", "1", *options], settings, **environ) as said:
        yield said


@contextmanager
def operated(command: list[str], settings: Settings, **environ: str) -> Iterator[tuple[str, list[str]]]:
    """Start a server by a command, with the same results."""
    own = {"SEARCHSVC_CORPUS": str(settings.corpus), "SEARCHSVC_INDEX": str(settings.index)}
    process = subprocess.Popen(
        command,
        env=os.environ | own | environ,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent,  # noqa: PLW1509  it only makes a system call
    )
    errors: list[str] = []
    try:
        assert process.stdout is not None
        yield process.stdout.readline(), errors
    finally:
        process.terminate()
        errors += [line.partition("] ")[2] for line in process.communicate(timeout=20)[1].splitlines() if " [-] " in line]
    assert process.returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not HAS_IPV6, reason="this machine has no IPv6")
@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_serve_listens_on_an_ipv6_address(sample: Settings, host: str) -> None:
    port = free_port()
    with served(sample, "--host", host, "--port", str(port)) as (said, errors):
        assert f" on http://[::1]:{port}/ " in said
        with urllib.request.urlopen(f"http://[::1]:{port}/api/search?q=tide", timeout=20) as answer:
            assert answer.status == 200
    assert errors == []


@pytest.mark.slow
def test_serve_listens_where_a_platform_says_and_starts_as_many_workers(sample: Settings) -> None:
    port = free_port()
    own = {"SEARCHSVC_CORPUS": str(sample.corpus), "SEARCHSVC_INDEX": str(sample.index)}
    platform = {"PORT": str(port), "WEB_CONCURRENCY": "2"}
    command = [sys.executable, "-m", "searchsvc", "serve"]
    with running(command, sample, port, **own, **platform) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        deadline = monotonic() + 10  # the first worker answers before the second is started
        while len(children.read_text().split()) < 2 and monotonic() < deadline:
            sleep(0.05)
        sleep(0.2)
        assert len(children.read_text().split()) == 2
    assert "PORT is “none”; it must be a whole number" in refusal(sample, PORT="none")


OPEN = "whoever reaches {}:{} can read this archive: set read_token, or listen on 127.0.0.1 only"
PLAIN = "tokens cross the network unencrypted: put a reverse proxy that speaks TLS in front, and set proxies"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("host", "environ", "warnings"),
    [
        pytest.param("127.0.0.1", {}, [], id="on loopback"),
        pytest.param("127.0.0.1", {"SEARCHSVC_WRITE_TOKEN": TOKEN}, [], id="on loopback, writable"),
        pytest.param("0.0.0.0", {}, [OPEN], id="public"),
        pytest.param("0", {}, [OPEN], id="public, written otherwise"),
        pytest.param("0.0.0.0", {"SEARCHSVC_READ_TOKEN": TOKEN}, [PLAIN], id="public and private"),
        pytest.param("0.0.0.0", {"SEARCHSVC_WRITE_TOKEN": TOKEN}, [OPEN, PLAIN], id="public and writable"),
        pytest.param("0.0.0.0", {"SEARCHSVC_READ_TOKEN": TOKEN, "SEARCHSVC_PROXIES": "1"}, [], id="behind a proxy"),
    ],
)
def test_serve_says_who_can_read_the_archive(
    sample: Settings, host: str, environ: dict[str, str], warnings: list[str]
) -> None:
    port = free_port()
    with served(sample, "--host", host, "--port", str(port), **environ) as (said, errors):
        assert said.startswith("serving ")
    assert errors == [each.format("0.0.0.0", port) for each in warnings]


def refusal(archive: Archive | Settings, *options: str, **environ: str) -> str:
    """Return the error of a service that does not start."""
    settings = archive.settings if isinstance(archive, Archive) else archive
    own = {"SEARCHSVC_CORPUS": str(settings.corpus), "SEARCHSVC_INDEX": str(settings.index)}
    result = CliRunner().invoke(main, ["serve", *options], env=own | environ, catch_exceptions=False)
    assert result.exit_code != 0
    return result.stderr


def test_a_port_in_use_is_noticed_before_the_first_reindex(archive: Archive) -> None:
    archive.write({"a.txt": "tea"})
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port} on 127.0.0.1 is in use" in refusal(archive, "--reindex", "--port", str(port))
    assert not archive.settings.index.exists()


@pytest.mark.parametrize(
    ("host", "reason"), [("192.0.2.1", "cannot be opened (Cannot assign"), ("none.invalid", "cannot be opened (")]
)
def test_an_address_of_another_machine_is_refused(sample: Settings, host: str, reason: str) -> None:
    assert reason in refusal(sample, "--host", host)


@pytest.mark.parametrize("log", ["/nowhere/access.jsonl", "/tmp"])
def test_an_access_log_that_cannot_be_written_is_refused(sample: Settings, log: str) -> None:
    assert f"the access log {log} cannot be written" in refusal(sample, SEARCHSVC_ACCESS_LOG=log)


def test_port_0_is_refused(sample: Settings) -> None:
    assert "--port is “0”; it must be a whole number from 1 to 65535" in refusal(sample, "--port", "0")


@pytest.mark.slow
def test_a_gunicorn_that_is_too_old_is_refused(sample: Settings, tmp_path: Path) -> None:
    old = tmp_path / f"gunicorn-{OLDEST_GUNICORN - 1}.0.0.dist-info"
    old.mkdir()
    (old / "METADATA").write_text(f"Name: gunicorn\nVersion: {OLDEST_GUNICORN - 1}.0.0\n")
    environ = os.environ | {"PYTHONPATH": f"{tmp_path}:{ROOT}", "SEARCHSVC_INDEX": str(sample.index)}
    command = [sys.executable, "-m", "searchsvc", "serve", "--port", str(free_port())]
    result = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr.startswith(f"searchsvc: gunicorn {OLDEST_GUNICORN - 1}.0.0 is installed, and searchsvc needs ")


def test_the_oldest_gunicorn_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (needed,) = (each for each in project["dependencies"] if each.startswith("gunicorn"))
    found = re.fullmatch(r"gunicorn>=(\d+),<(\d+)", needed)
    assert found is not None
    assert int(found[1]) == OLDEST_GUNICORN
