"""How gunicorn serves: what `searchsvc serve` starts it with. Settings come from the environment, as everywhere."""

import os
import shutil
import webbrowser
from contextlib import suppress
from typing import Any

from prometheus_client import multiprocess

from searchsvc.config import METRICS_FOLDER, settings_of
from searchsvc.errors import SearchsvcError

_settings = settings_of(os.environ)

bind = f"{_settings.host}:{_settings.port}"
worker_class = "searchsvc.web.worker.BufferedRequestWorker"  # threads: Tantivy lets others run while it searches
workers = _settings.processes
threads = _settings.threads
preload_app = True  # workers share what is loaded once
timeout = 30
max_requests = 2_000
max_requests_jitter = 500
keepalive = 5
limit_request_line = 8_190
accesslog = None
loglevel = "warning"


def post_worker_init(worker: Any) -> None:
    """Open the archive before anybody asks."""
    with suppress(SearchsvcError):  # whoever asks is told
        worker.wsgi.extensions["searchsvc"].live()


def child_exit(_server: Any, worker: Any) -> None:
    """Forget what the metrics know of a worker that runs no more, but for what it has counted."""
    if METRICS_FOLDER in os.environ:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # the library has no types there


def on_exit(_server: Any) -> None:
    """Take the metrics' files along."""
    if METRICS_FOLDER in os.environ:
        shutil.rmtree(os.environ[METRICS_FOLDER], ignore_errors=True)


def when_ready(_server: Any) -> None:
    """Say where to look, and with SEARCHSVC_OPEN look there."""
    address = f"http://{'127.0.0.1' if _settings.host in ('0.0.0.0', '::') else _settings.host}:{_settings.port}/"  # noqa: S104
    print(f"serving {_settings.index} on {address} (ctrl-C stops it)", flush=True)  # noqa: T201
    if os.environ.get("SEARCHSVC_OPEN"):
        webbrowser.open(address)
