"""The command `serve`: check that the service can start, then run gunicorn in place of this process."""

import errno
import os
import socket
import sys
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

from searchsvc.config import PREFIX, Settings, environment
from searchsvc.errors import ServiceError

OLDEST_GUNICORN = 24
"""The oldest major version that the worker is tested with."""


def check(settings: Settings) -> None:
    """Raise ServiceError if gunicorn is too old, the access log cannot be written, or the port cannot be opened.

    Raise UserError if an alert is wrong.
    """
    installed = version("gunicorn")
    if int(installed.partition(".")[0]) < OLDEST_GUNICORN:
        needed = f"searchsvc needs {OLDEST_GUNICORN} or later: pip install 'gunicorn>={OLDEST_GUNICORN},<28'"
        raise ServiceError(f"gunicorn {installed} is installed, and {needed}")
    if settings.access_log not in ("", "-"):
        _check_log(Path(settings.access_log))
    if settings.alerts:
        from searchsvc.alerts.questions import check_alerts

        check_alerts(settings)
    _check_port(settings.host, settings.port)


def run(settings: Settings, file: Path, *, open_browser: bool) -> NoReturn:
    """Replace this process by gunicorn, which serves with these settings and the mapping of the settings file."""
    environ = environment(settings)
    if file.exists():
        environ[f"{PREFIX}CONFIG"] = str(file)
    if open_browser:
        environ[f"{PREFIX}OPEN"] = "1"
    # A new program image frees the modules that a reindex has loaded, which every worker would keep in memory.
    arguments = [sys.executable, "-m", "gunicorn", "--config", "python:searchsvc.web.gunicorn_conf"]
    _open_standard_streams()
    os.execve(sys.executable, [*arguments, "searchsvc.web:create_app()"], os.environ | environ)  # noqa: S606


def _open_standard_streams() -> None:
    """Flush the standard streams, and open closed ones on the null device. A file must not take the place of one."""
    if sys.stdout is not None:
        sys.stdout.flush()
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the system returns the lowest descriptor that is free
            os.set_inheritable(descriptor, True)


def _check_log(file: Path) -> None:
    # Opening it could end the program that reads from a named pipe.
    if file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
        raise ServiceError(f"the access log {file} cannot be written: check access_log, and create its folder")


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
