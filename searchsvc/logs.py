"""The log of the service on standard error: each line has a time, a level, a process and the id of the request.

A message is one line of the log, whatever it quotes, so that no client can forge a line. The lines of a traceback begin as
that of their message does.
"""

import datetime as dt
import json
import logging
import re
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from logging.config import dictConfig
from typing import Any

REQUEST_ID = ContextVar("REQUEST_ID", default="-")
"""The id of the request that is being answered, or "-"."""
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_log = logging.getLogger(__name__)


def request_id(given: str = "") -> str:
    """Return the id that a client or a proxy has given to a request, or a random one if it is missing or odd."""
    return given if _ID.fullmatch(given) else secrets.token_hex(8)


@contextmanager
def logging_request(id: str) -> Iterator[None]:  # noqa: A002
    """Log with the id of a request while the block runs."""
    before = REQUEST_ID.set(id)
    try:
        yield
    finally:
        REQUEST_ID.reset(before)


class TextFormatter(logging.Formatter):
    """Lines for people, such as `2026-03-01T12:00:00.123Z WARNING 4711 [a1b2c3] slow: …`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines of an event: its message, and the traceback if it has one."""
        head = f"{_time(record)} {record.levelname} {record.process} [{REQUEST_ID.get()}] "
        lines = [record.getMessage(), *_traceback(record).splitlines()]
        return "\n".join(head + _CONTROL.sub(_escape, line) for line in lines)


class JsonFormatter(logging.Formatter):
    """Lines of JSON for programs, with an `error` if there is a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of an event. Characters beyond ASCII are escaped, also those that UTF-8 cannot hold."""
        line = {
            "time": _time(record),
            "level": record.levelname,
            "process": record.process,
            "id": REQUEST_ID.get(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        return json.dumps(line | ({"error": error} if (error := _traceback(record)) else {}))


_FORMATTERS: Mapping[str, type[logging.Formatter]] = {"text": TextFormatter, "json": JsonFormatter}


def logging_config(log_format: str) -> dict[str, Any]:
    """Return the configuration of the log for `logging.config`. It includes the log of gunicorn."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"service": {"()": _FORMATTERS[log_format]}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "service"}},
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {"gunicorn.error": {"handlers": [], "propagate": True}},
    }


def configure_logging(log_format: str) -> None:
    """Configure the log of this process."""
    dictConfig(logging_config(log_format))
    log_everything()


def log_everything() -> None:
    """Log what Python would print: its warnings, and exceptions that end a thread."""
    logging.captureWarnings(True)
    threading.excepthook = _log_failure


def _log_failure(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value is not None and not isinstance(failed.exc_value, SystemExit):  # it only ends its thread
        name = failed.thread.name if failed.thread else "a thread"
        _log.error("%s failed", name, exc_info=failed.exc_value)


def _time(record: logging.LogRecord) -> str:
    """Return the time of an event in UTC (RFC 3339), to the millisecond."""
    time = dt.datetime.fromtimestamp(record.created, dt.UTC)
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"


def _traceback(record: logging.LogRecord) -> str:
    return logging.Formatter().formatException(record.exc_info) if record.exc_info and record.exc_info[0] else ""


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()
