"""The ways to install searchsvc, followed word for word in an empty folder: docs/install.md, the Dockerfile."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from dev.processes import die_with_parent
from tests.conftest import ROOT
from tests.packaging.building import build_wheel, finding
from tests.serving import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("journeys")]
PATIENCE = 800
"""Seconds in which everything has to be installed and served."""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a newcomer, for whom a package index would have the project."""
    outside = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SEARCHSVC_", "VIRTUAL_"))
    }
    folder = tmp_path_factory.mktemp("dist")
    build_wheel(folder)
    python = Path(sys.executable).resolve().parent  # of the version that runs the tests, without its libraries
    return outside | finding(folder) | {"PATH": f"{python}{os.pathsep}{os.environ['PATH']}"}


def journey(heading: str) -> dict[str, str]:
    """Return the commands of a section of docs/install.md as `sh`, and the program in it, if there is one, as `python`."""
    text = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    section = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    languages = {language for language, _ in blocks}
    return {each: "".join(text for language, text in blocks if language == each) for each in languages}


@contextmanager
def following(commands: str, folder: Path, environ: dict[str, str], address: str) -> Iterator[None]:
    """Run commands, of which the last one serves, until an address answers. Stop them in the end."""
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(
            ["bash", "-euc", commands],
            cwd=folder,
            env=environ,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509  it only makes a system call
        )
        try:
            until = time.monotonic() + PATIENCE
            while not _answers(address):
                assert process.poll() is None, (folder / "said").read_text()
                assert time.monotonic() < until, (folder / "said").read_text()
                time.sleep(0.2)
            yield
        finally:
            with suppress(ProcessLookupError):  # it has ended by itself
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def _answers(address: str) -> bool:
    try:
        return bool(_get(address))
    except (urllib.error.URLError, ConnectionError):
        return False


def _get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=20) as answer:
        return str(answer.read().decode())


def test_on_your_machine(published: dict[str, str], tmp_path: Path) -> None:
    port = free_port()
    service = f"http://127.0.0.1:{port}"
    own = published | {"SEARCHSVC_PORT": str(port)}
    with following(journey("On your machine")["sh"], tmp_path, own, f"{service}/readyz"):
        found = json.loads(_get(f"{service}/api/search?q=tide+ferry"))
    assert [hit["title"] for hit in found["results"]] == ["The evening ferry waits for the tide"]
    assert (found["results"][0]["date"], found["results"][0]["section"]) == ("2024-03-05", "Harbour")
    assert "The evening ferry waits for the tide" in (tmp_path / "said").read_text(), "`search` prints it, too"


def test_the_steps_of_the_container_by_hand(published: dict[str, str], tmp_path: Path) -> None:
    port = free_port()
    service = f"http://127.0.0.1:{port}"
    own = published | {"SEARCHSVC_PORT": str(port)}
    with following(journey("In a container")["sh"], tmp_path, own, f"{service}/readyz"):
        assert json.loads(_get(f"{service}/api/search?q=lighthouse"))["total"] == 1


def test_within_a_flask_application(published: dict[str, str], tmp_path: Path) -> None:
    told = journey("Within a Flask application")
    (tmp_path / "app.py").write_text(told["python"])
    port = free_port()
    site = f"http://127.0.0.1:{port}"
    with following(told["sh"], tmp_path, published | {"FLASK_RUN_PORT": str(port)}, site):
        assert "/archive/" in _get(site)
        page = _get(f"{site}/archive/search?q=lighthouse")
        found = json.loads(_get(f"{site}/archive/api/search?q=lighthouse"))
    assert "<mark>lighthouse</mark>" in page
    assert [link for link in re.findall(r'(?:href|src|action)="(/[^"]*)"', page) if not link.startswith("/archive/")] == []
    assert found["links"]["self"].startswith(("/archive/", f"{site}/archive/"))
    with following(_production(), tmp_path, published | {"SEARCHSVC_PORT": str(port)}, site):
        assert "<mark>lighthouse</mark>" in _get(f"{site}/archive/search?q=lighthouse")


def _production() -> str:
    """Return the command by which docs/install.md says to serve the Flask application."""
    (command,) = re.findall(r"^    (venv/bin/gunicorn .*)$", (ROOT / "docs" / "install.md").read_text(), re.MULTILINE)
    return str(command)


def test_the_dockerfile(published: dict[str, str], tmp_path: Path) -> None:
    """Follow the Dockerfile step by step, with folders of our own in place of those of the image."""
    port = free_port()
    folders = {"/src": str(ROOT), "/opt/searchsvc": str(tmp_path / "opt"), "/corpus": str(ROOT / "corpus")}
    folders |= {"/index": str(tmp_path / "index")}
    on_platform = published | {"PORT": str(port)}  # as hosting platforms tell it
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "")
    for ours, own in folders.items():
        text = text.replace(ours, own)
    steps = re.findall(r"^(RUN|ENV|CMD) (.*)$", text, re.MULTILINE)
    installs = [step for kind, step in steps if kind == "RUN" and "useradd" not in step]
    (settings,) = (step for kind, step in steps if kind == "ENV")
    (serve,) = (json.loads(step) for kind, step in steps if kind == "CMD")
    (probe,) = (json.loads(step) for step in re.findall(r"^HEALTHCHECK .* CMD (.*)$", text, re.MULTILINE))
    (tmp_path / "index").mkdir()
    commands = "\n".join([*installs, f"export {settings}", " ".join(serve)])
    with following(commands, tmp_path, on_platform, f"http://127.0.0.1:{port}/readyz"):
        for name in ("PORT", "SEARCHSVC_PORT"):
            assert subprocess.run(probe, env=published | {name: str(port)}, check=False).returncode == 0
        assert json.loads(_get(f"http://127.0.0.1:{port}/api/search?q=tide"))["total"] > 0
    assert subprocess.run(probe, env=on_platform, capture_output=True, check=False).returncode
