"""The access log: one line of JSON for each request. A log that cannot be written fails no request and delays none."""

import logging
import os
import stat
import sys
from collections.abc import Mapping
from time import monotonic
from typing import Any

import orjson

_QUIET_SECONDS = 3_600
"""Time between two warnings that the log cannot be written."""

_log = logging.getLogger(__name__)


class AccessLog:
    """The access log in a file, or on standard output for `-`."""

    def __init__(self, where: str) -> None:
        self._where = "standard output" if where == "-" else where
        self._quiet_until = 0.0
        self._descriptor: int | None = None
        try:
            self._descriptor = _standard_output() if where == "-" else _open(where)
        except OSError as error:
            self._warn(error)

    def write(self, line: Mapping[str, Any]) -> None:
        """Write a line, unless that fails or would have to wait."""
        if self._descriptor is None:
            return
        try:
            # One system call for each line, so that lines of several processes do not mix.
            os.write(self._descriptor, orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z))
        except OSError as error:
            self._warn(error)

    def _warn(self, error: OSError) -> None:
        if monotonic() >= self._quiet_until:
            self._quiet_until = monotonic() + _QUIET_SECONDS
            _log.warning("requests are answered but not logged: %s cannot be written: %s", self._where, error.strerror)


def _open(path: str) -> int:
    """Open a file for appending. A pipe that nobody empties must not stop the service."""
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK, 0o666)


def _standard_output() -> int:
    """Return a descriptor of standard output on which writing never waits, if the system allows that.

    A file is written as it is: opened again, it would have another position.
    """
    if sys.stdout is None:
        raise OSError(None, "it is closed")
    descriptor = sys.stdout.fileno()
    kind = os.fstat(descriptor).st_mode
    return _open(f"/dev/fd/{descriptor}") if stat.S_ISFIFO(kind) else descriptor
