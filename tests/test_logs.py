"""The log: every line has a time, a level, a process and the id of its request, and no text can forge one."""

import io
import json
import logging
import re
import threading
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.logs import JsonFormatter, TextFormatter, log_everything, logging_config, logging_request, request_id

LINE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (WARNING|ERROR) (\d+) \[([A-Za-z0-9._-]+)\] (.*)")
ANY = st.text(st.characters(exclude_categories=()))
HOSTILE = "x\n2026-01-01T00:00:00.000Z ERROR 1 [-] forged\r\x1b[2J\x85\u2028\ud800"


@pytest.fixture
def logged() -> Iterator[Callable[[logging.Formatter], tuple[logging.Logger, io.StringIO]]]:
    """Return a function that returns a logger with a formatter, and what it writes."""
    log = logging.Logger("any")

    def make(formatter: logging.Formatter) -> tuple[logging.Logger, io.StringIO]:
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter)
        log.addHandler(handler)
        return log, stream

    yield make
    log.handlers.clear()


Logged = Callable[[logging.Formatter], tuple[logging.Logger, io.StringIO]]


def test_a_line_has_time_level_process_and_request(logged: Logged) -> None:
    log, stream = logged(TextFormatter())
    log.warning("one %d", 1)
    with logging_request("abc-1"):
        log.error("two")
    log.warning("three")
    found = [LINE.fullmatch(line) for line in stream.getvalue().splitlines()]
    assert [(each[2], each[4], each[5]) for each in found if each] == [
        ("WARNING", "-", "one 1"),
        ("ERROR", "abc-1", "two"),
        ("WARNING", "-", "three"),
    ]


def test_every_line_of_a_traceback_has_them_too(logged: Logged) -> None:
    log, stream = logged(TextFormatter())
    with logging_request("abc-1"):
        try:
            raise ValueError(HOSTILE)
        except ValueError:
            log.exception("failed")
    lines = stream.getvalue().split("\n")[:-1]
    assert len(lines) > 3
    assert all(LINE.fullmatch(line) and " [abc-1] " in line for line in lines)


@given(ANY)
def test_a_message_is_one_line_whatever_it_quotes(text: str) -> None:
    record = logging.LogRecord("any", logging.WARNING, "", 0, "%s", (text,), None)
    shown, described = TextFormatter().format(record), JsonFormatter().format(record)
    assert LINE.fullmatch(shown)
    assert shown.splitlines() == [shown]
    assert described.isascii()
    assert len(described.splitlines()) == 1
    assert json.loads(described)["message"] == text


def test_lines_of_json_have_the_same_and_the_traceback(logged: Logged) -> None:
    log, stream = logged(JsonFormatter())
    with logging_request("abc-1"):
        try:
            raise ValueError(HOSTILE)
        except ValueError:
            log.exception("failed")
    (line,) = map(json.loads, stream.getvalue().splitlines())
    assert (line["level"], line["id"], line["logger"], line["message"]) == ("ERROR", "abc-1", "any", "failed")
    assert line["error"].endswith(HOSTILE)


@pytest.mark.parametrize("odd", ["", "a b", "x" * 65, "<script>", "a\nb", "é", "a\x00"])
def test_an_odd_id_is_replaced_by_a_random_one(odd: str) -> None:
    assert re.fullmatch("[0-9a-f]{16}", request_id(odd))
    assert request_id(odd) != request_id(odd)


@pytest.mark.parametrize("sane", ["a", "abc-1", "1.2_3", "f" * 64])
def test_a_sane_id_is_kept(sane: str) -> None:
    assert request_id(sane) == sane


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_errors_go_to_standard_error_only(log_format: str) -> None:
    config = logging_config(log_format)
    assert config["root"]["handlers"] == list(config["handlers"]) == ["stderr"]
    assert config["handlers"]["stderr"].get("stream") is None  # which is standard error


def test_a_thread_that_fails_is_logged(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(logging, "captureWarnings", lambda _: None)
    log_everything()
    thread = threading.Thread(target=lambda: 1 // 0, name="prewarming")
    thread.start()
    thread.join()
    assert "prewarming failed" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_a_thread_that_exits_has_not_failed(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(logging, "captureWarnings", lambda _: None)
    log_everything()
    threading.excepthook(threading.ExceptHookArgs((SystemExit, SystemExit(1), None, None)))
    assert caplog.text == ""
