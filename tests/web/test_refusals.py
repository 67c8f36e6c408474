"""Refusals as complete answers, and a log that clients cannot fill."""

import json
import logging
from email.parser import BytesParser

import pytest

from searchsvc.web.refusals import LINES_PER_MINUTE, BoundedLog, RefusedRequestError


@pytest.mark.parametrize("status", [400, 408, 413, 414, 431, 500, 501, 503, 505])
def test_a_refusal_is_a_problem_document(status: int) -> None:
    head, _, body = RefusedRequestError(status, "try “this”").answer("abc-1").partition(b"\r\n\r\n")
    line, _, fields = head.partition(b"\r\n")
    headers = BytesParser().parsebytes(fields)
    problem = json.loads(body)
    assert line.split(b" ", 2)[:2] == [b"HTTP/1.1", str(status).encode()]
    assert (problem["status"], problem["detail"]) == (status, "try “this”")
    assert problem["type"] == "about:blank"
    assert (headers["Content-Type"], headers["Connection"]) == ("application/problem+json", "close")
    assert int(headers["Content-Length"]) == len(body)
    assert headers["Retry-After"] == ("10" if status == 503 else None)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> BoundedLog:
    caplog.set_level(logging.WARNING)
    return BoundedLog(logging.getLogger("bounded"))


def test_a_few_events_are_logged_one_by_one(log: BoundedLog, caplog: pytest.LogCaptureFixture) -> None:
    log.add("refused", "too late", 1_000.0)
    log.add("cut off", "too slow", 1_000.5)
    log.summarize(1_100.0)
    assert caplog.messages == ["refused: too late", "cut off: too slow"]


def test_many_events_are_counted_until_the_minute_is_over(log: BoundedLog, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(5_000):
        log.add("refused" if number % 5 else "cut off", "x", 1_000 + number / 100)
        log.summarize(1_000 + number / 100)
    assert len(caplog.messages) == LINES_PER_MINUTE
    log.summarize(1_059.9)
    assert len(caplog.messages) == LINES_PER_MINUTE
    log.summarize(1_060.0)
    assert caplog.messages[LINES_PER_MINUTE:] == ["not logged one by one: 996 × cut off, 3,984 × refused"]
    log.add("refused", "again", 1_061.0)
    log.summarize(1_200.0)
    assert caplog.messages[LINES_PER_MINUTE + 1 :] == ["refused: again"]
