"""Configuration of the gunicorn that `searchsvc serve` starts. Settings come from the environment."""

import gc
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
worker_class = "searchsvc.web.worker.BufferedRequestWorker"  # threads: Tantivy releases the GIL while it searches
workers = _settings.processes
threads = _settings.threads
preload_app = True  # workers share the memory of loaded modules
timeout = 30
max_requests = 2_000
max_requests_jitter = 500
keepalive = 5
limit_request_line = 8_190
accesslog = None
loglevel = "warning"


def post_worker_init(worker: Any) -> None:
    """Open the archive before the first request."""
    service = worker.wsgi.extensions["searchsvc"]
    service.on_prewarmed = _freeze_garbage
    with suppress(SearchsvcError):  # requests report the error
        service.acquire()


def _freeze_garbage() -> None:
    """Exempt the data of the live generation from garbage collection, and free that of the previous one."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def child_exit(_server: Any, worker: Any) -> None:
    """Drop the gauges of a dead worker, and keep its counters."""
    if METRICS_FOLDER in os.environ:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # the library has no types there


def on_exit(_server: Any) -> None:
    """Delete the files of the metrics."""
    if METRICS_FOLDER in os.environ:
        shutil.rmtree(os.environ[METRICS_FOLDER], ignore_errors=True)


def when_ready(_server: Any) -> None:
    """Print the address, and open it in a browser if SEARCHSVC_OPEN is set."""
    address = f"http://{'127.0.0.1' if _settings.host in ('0.0.0.0', '::') else _settings.host}:{_settings.port}/"  # noqa: S104
    print(f"serving {_settings.index} on {address} (press ctrl-C to stop)", flush=True)  # noqa: T201
    if os.environ.get("SEARCHSVC_OPEN"):
        webbrowser.open(address)
