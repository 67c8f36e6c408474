"""The application in other applications and servers, as the documentation says."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import searchsvc
from searchsvc.config import Settings
from searchsvc.errors import UserError
from tests.conftest import ROOT
from tests.serving import free_port, get, running
from tests.test_logs import LINE

INSTALL = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
DOCUMENTED = INSTALL.partition("## Within a Flask application\n")[2].partition("\n## ")[0]


@pytest.fixture
def embedding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """The documented application, in a folder of its own."""
    (example,) = re.findall(r"```python\n(.*?)```", DOCUMENTED, re.DOTALL)
    shutil.copytree(ROOT / "corpus", tmp_path / "articles")
    (tmp_path / "app.py").write_text(example)
    monkeypatch.chdir(tmp_path)
    (command,) = re.findall(r"^venv/bin/searchsvc (reindex .*)$", DOCUMENTED, re.MULTILINE)
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-m", "searchsvc", *command.split()], env=environ, check=True, capture_output=True)
    spec = spec_from_file_location("app", tmp_path / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    app: Flask = module.app
    return app.test_client()


@pytest.mark.slow
def test_the_documented_application_has_the_archive_below_its_path(embedding: FlaskClient) -> None:
    assert "Search the archive" in embedding.get("/").text
    page = embedding.get("/archive/search?q=tide").text
    addresses = re.findall(r'(?:href|src|action)="(/[^"]*)"', page)
    assert len(addresses) > 30
    assert [each for each in addresses if not each.startswith("/archive/")] == []
    for address in {each for each in addresses if "static" in each or "article" in each}:
        with embedding.get(address) as answer:
            assert answer.status_code == 200
    found = embedding.get("/archive/api/search?q=tide").get_json()
    assert (found["total"], found["links"]["self"]) == (9, "/archive/api/v1/search?q=tide")
    assert embedding.get("/search?q=tide").status_code == 404


def test_settings_come_from_the_environment_by_default(sample: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEARCHSVC_INDEX", str(sample.index))
    formats: list[str] = []
    monkeypatch.setattr("searchsvc.logs.configure_logging", formats.append)  # which would change the log of all tests
    searchsvc.create_app(sample)
    assert formats == []
    assert searchsvc.create_app().test_client().get("/api/search?q=tide").get_json()["total"] == 9
    assert formats == ["text"]
    monkeypatch.setenv("SEARCHSVC_INDX", str(sample.index))
    with pytest.raises(UserError, match="did you mean SEARCHSVC_INDEX"):
        searchsvc.create_app()


def test_importing_the_package_loads_nothing() -> None:
    loaded = "(name for name in sys.modules if name.startswith(('searchsvc.', 'flask', 'tantivy')))"
    code = f"import sys, searchsvc; print(*{loaded})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == []


SCRIPTS = Path(sysconfig.get_path("scripts"))


def test_flask_finds_the_application(sample: Settings) -> None:
    environ = os.environ | {"PYTHONPATH": str(ROOT), "SEARCHSVC_INDEX": str(sample.index)}
    command = [f"{SCRIPTS}/flask", "--app", "searchsvc", "routes"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    assert re.search(r"^api\.search +GET +/api/search", done.stdout, re.MULTILINE)


@pytest.mark.slow
def test_gunicorn_finds_the_application(sample: Settings) -> None:
    port = free_port()
    command = [f"{SCRIPTS}/gunicorn", "searchsvc:create_app()", "--bind", f"127.0.0.1:{port}"]
    with running(command, sample, port, PYTHONPATH=str(ROOT)):
        assert get(port, "/api/search?q=tide")["total"] == 9


@pytest.mark.slow
@pytest.mark.parametrize("server", ["flask", "gunicorn"])
def test_lines_of_other_servers_have_time_level_and_id(sample: Settings, tmp_path: Path, server: str) -> None:
    port, log = free_port(), tmp_path / "log"
    options = {
        "flask": f"--app searchsvc run --port {port}",
        "gunicorn": f"--bind 127.0.0.1:{port} 'searchsvc:create_app()'",
    }
    command = ["sh", "-c", f'exec {SCRIPTS}/{server} {options[server]} 2>"$LOG"']
    with running(command, sample, port, PYTHONPATH=str(ROOT), LOG=str(log), SEARCHSVC_SLOW_MS="0") as process:
        assert get(port, "/api/search?q=tide")["total"] == 9
        lines = list(filter(LINE.fullmatch, log.read_text().splitlines()))
        process.send_signal(signal.SIGINT)  # Flask's server ends by no other signal as it should
        process.wait(10)
    assert [line for line in lines if "WARNING" in line and "slow: " in line and "/api/search" in line]


BELOW = """
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from searchsvc import create_app

app = Flask("outer")
app.add_url_rule("/size", "size", lambda: "small", methods=["POST"])
app.add_url_rule("/healthz", "health", lambda: {"status": "outer"})
app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/archive": create_app()})
"""


@pytest.mark.slow
def test_no_request_ends_a_worker_of_an_application_that_has_the_archive_below_a_path(
    sample: Settings, tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text(BELOW)
    port = free_port()
    command = [f"{SCRIPTS}/gunicorn", "--config", "python:searchsvc.web.gunicorn_conf", "app:app"]
    own = {"PYTHONPATH": f"{ROOT}:{tmp_path}", "SEARCHSVC_PORT": str(port), "SEARCHSVC_WORKERS": "1"}
    with running(command, sample, port, **own) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        before = children.read_text()
        for request, status in ((b"GARBAGE\r\n\r\n", b"400"), (_post(60_000), b"200"), (_post(100_000), b"413")):
            with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
                client.sendall(request)
                assert client.recv(1_000).split(b" ", 2)[1] == status
        assert get(port, "/archive/api/search?q=tide")["total"] == 9
        assert children.read_text() == before


def _post(size: int) -> bytes:
    return b"POST /size HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size
