"""The command `serve`, which replaces its process by gunicorn."""

import errno
import os
import socket
import sys
import tempfile
from pathlib import Path

from searchsvc.config import METRICS_FOLDER, PREFIX, Settings, environment
from searchsvc.errors import ServiceError


def serve(settings: Settings, config: Path, *, open_browser: bool) -> None:
    """Replace this process by gunicorn. Raise ServiceError if the port cannot be opened."""
    _check_port(settings.host, settings.port)
    environ = environment(settings) | {f"{PREFIX}CONFIG": str(config)}
    if open_browser:
        environ[f"{PREFIX}OPEN"] = "1"
    # The workers share their metrics in this folder. The Prometheus client must know it when it is imported.
    environ[METRICS_FOLDER] = tempfile.mkdtemp(prefix="searchsvc-metrics-")
    # A new program image frees the modules that a reindex has loaded, which every worker would keep in memory.
    arguments = [sys.executable, "-m", "gunicorn", "--config", "python:searchsvc.web.gunicorn_conf"]
    sys.stdout.flush()
    os.execve(sys.executable, [*arguments, "searchsvc.web:create_app()"], os.environ | environ)  # noqa: S606


def _check_port(host: str, port: int) -> None:
    """Raise ServiceError if the port cannot be opened. Gunicorn itself would log the error five times."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            in_use = error.errno == errno.EADDRINUSE
            failed = f"cannot be opened ({error.strerror}): check --host"
            reason = "is in use: stop the program that uses it" if in_use else failed
            raise ServiceError(f"port {port} on {host} {reason}, or choose another port with --port") from error
