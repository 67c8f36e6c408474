"""What gunicorn says to its operator with the configuration of searchsvc, whatever its options and its application."""

import sys
from pathlib import Path

import pytest

from searchsvc.config import Settings
from tests.cli.test_serving import OPEN, TOKEN, operated
from tests.serving import free_port

pytestmark = pytest.mark.slow
GUNICORN = [sys.executable, "-m", "gunicorn", "--config", "python:searchsvc.web.gunicorn_conf", "--workers", "1"]
OURS = "searchsvc:create_app()"
ANOTHER = """
from pathlib import Path

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from searchsvc import create_app
from searchsvc.config import Settings

app = Flask(__name__)
app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/archive": create_app(Settings(read_token="another-token"))})
"""


def test_the_addresses_are_those_at_which_it_listens(sample: Settings, tmp_path: Path) -> None:
    port, path = free_port(), tmp_path / "socket"
    command = [*GUNICORN, "--bind", f"0.0.0.0:{port}", "--bind", f"unix:{path}", OURS]
    with operated(command, sample, SEARCHSVC_PORT=str(free_port())) as (said, errors):
        assert said == f"serving {sample.index} on http://127.0.0.1:{port}/ and unix:{path} (press ctrl-C to stop)\n"
    assert errors == [OPEN.format("0.0.0.0", port)]


@pytest.mark.parametrize("environ", [{}, {"SEARCHSVC_READ_TOKEN": TOKEN}], ids=["public", "private"])
def test_nothing_is_said_about_the_archive_of_another_application(
    sample: Settings, tmp_path: Path, environ: dict[str, str]
) -> None:
    (tmp_path / "another.py").write_text(ANOTHER)
    port = free_port()
    command = [*GUNICORN, "--bind", f"0.0.0.0:{port}", "--pythonpath", str(tmp_path), "another:app"]
    with operated(command, sample, **environ) as (said, errors):
        assert said == f"serving on http://127.0.0.1:{port}/ (press ctrl-C to stop)\n"
    assert errors == []
