"""The feeds of alerts, their metrics, and the process that follows the index for a service."""

import os
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import feedparser  # type: ignore[import-untyped]
import pytest

from searchsvc.errors import UserError
from searchsvc.model.alerts import Alert
from searchsvc.web.alerts import FollowerProcess
from searchsvc.web.app import create_app
from tests.alerts.conftest import AlertArchive, watched, webhook  # noqa: F401  fixtures
from tests.alerts.receiving import Webhook
from tests.conftest import Archive
from tests.serving import free_port, running, serve_command

FERRY = Alert("Ferries & tunnels", "ferry")
PATH = "/alerts/Ferries%20&%20tunnels.atom"
TOKEN = "a-token-of-20-characters"


@pytest.fixture
def reported(watched: AlertArchive) -> AlertArchive:  # noqa: F811
    watched.follow(FERRY).run()
    watched.put("new", "The ferry sails.", title="New & fast", date="2020-01-01").put("other", "Tea.").publish()
    watched.run()
    return watched


def test_a_feed_has_what_its_alert_has_reported(reported: AlertArchive) -> None:
    client = create_app(reported.settings).test_client()
    answer = client.get(PATH, base_url="https://paper.example/archive")
    feed = feedparser.parse(answer.data)
    assert (answer.status_code, feed.bozo, feed.feed.title) == (200, False, "Ferries & tunnels – Archive")
    assert [(each.title, each.link) for each in feed.entries] == [
        ("New & fast", "https://paper.example/archive/article/new")
    ]
    assert abs(time.mktime(feed.entries[0].updated_parsed) - time.mktime(time.gmtime())) < 600  # when it was reported
    assert feed.feed.id.endswith("alert/Ferries%20%26%20tunnels")
    assert {each.href for each in feed.feed.links} == {
        f"https://paper.example/archive{PATH}",
        "https://paper.example/archive/search?q=ferry&sort=newest",
    }
    again = client.get(PATH, base_url="https://paper.example/archive", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_feed_changes_within_a_generation_and_lacks_what_is_gone(watched: AlertArchive) -> None:  # noqa: F811
    watched.follow(FERRY).run()
    watched.put("new", "The ferry sails.").publish()
    client = create_app(watched.settings).test_client()
    assert feedparser.parse(client.get(PATH).data).entries == []
    watched.run()
    assert len(feedparser.parse(client.get(PATH).data).entries) == 1
    watched.archive.write({"a.jsonl": '{"id": "old", "text": "The old ferry sails."}'})
    watched._records.pop("new")
    watched.publish()
    assert feedparser.parse(client.get(PATH).data).entries == []


def test_a_feed_needs_the_token_and_its_name(reported: AlertArchive) -> None:
    client = create_app(replace(reported.settings, read_token=TOKEN)).test_client()
    assert client.get(PATH).status_code == 401
    own = {"Authorization": f"Bearer {TOKEN}"}
    assert client.get(PATH, headers=own).status_code == 200
    for path, status in (("/alerts/Ferry.atom", 404), (f"{PATH}?q=x", 400)):
        answer = client.get(path, headers=own)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_metrics_count_what_waits_and_fails(reported: AlertArchive) -> None:
    reported.follow(replace(FERRY, webhook=(f"http://127.0.0.1:{free_port()}/",)))
    reported.put("newer", "Another ferry.").publish()
    reported.run()
    with closing(sqlite3.connect(reported.settings.index / "alerts.sqlite")) as database:
        database.execute("DROP TABLE reported")  # it grows for ever, so that no scrape may read it
    metrics = create_app(reported.settings).test_client().get("/metrics").text
    assert "searchsvc_alert_messages_waiting 1.0" in metrics
    assert "searchsvc_alert_targets_failing 1.0" in metrics


def test_an_application_refuses_wrong_alerts(archive: Archive) -> None:
    with pytest.raises(UserError, match="the alert “a”: “place” is not a filter"):
        create_app(archive.with_settings(alerts=(Alert("a", filters=("place",)),)))


@pytest.mark.slow
def test_a_service_reports_what_others_publish_and_ends_with_its_follower(
    watched: AlertArchive,  # noqa: F811
    webhook: Webhook,  # noqa: F811
    tmp_path: Path,
) -> None:
    config = tmp_path / "searchsvc.toml"
    config.write_text(f'[[alert]]\nname = "Ferries"\nquery = "ferry"\nwebhook = "{webhook.address}"\n')
    port = free_port()
    with running(serve_command(port), watched.settings, port, SEARCHSVC_CONFIG=str(config)):
        _wait(lambda: bool(list(watched.settings.index.glob("alerts-g*"))))
        watched.put("new", "The ferry sails.").publish()
        _wait(lambda: bool(webhook.received))
        killed = _followers(config)
        assert len(killed) == 1
        os.kill(killed[0], signal.SIGKILL)
        watched.put("newer", "Another ferry.").publish()
        _wait(lambda: len(webhook.received) == 2)
    assert webhook.titles() == [["The ferry sails."], ["Another ferry."]]
    _wait(lambda: not _followers(config))


def test_a_follower_that_cannot_be_started_is_tried_again_after_growing_pauses(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = [1_000.0]
    monkeypatch.setattr("searchsvc.web.alerts.monotonic", lambda: now[0])
    process = FollowerProcess()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/nothing")
        for pause in (1, 2, 4, 8, 16, 32, 60, 60):
            process.keep_running()
            assert "cannot be started ([Errno 2] No such file or directory" in caplog.messages[-1]
            assert caplog.messages[-1].endswith(f"it is started again in {pause} s")
            now[0] += pause - 0.1
            process.keep_running()
            now[0] += 0.1
    assert len(caplog.messages) == 8
    monkeypatch.setenv("SEARCHSVC_PORT", "no number")

    def has_ended() -> bool:
        process.keep_running()
        return len(caplog.messages) == 9

    _wait(has_ended)
    assert caplog.messages[-1] == "the process that sends alerts has ended; it is started again in 60 s"
    process.end()


def _wait(is_done: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not is_done():
        assert time.monotonic() < until
        time.sleep(0.1)


def _followers(config: Path) -> list[int]:
    """Return the ids of the processes that follow an index for the alerts of a settings file."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has just ended
            is_follower = b"searchsvc.alerts.follower" in (process / "cmdline").read_bytes()
            if is_follower and os.fsencode(config) in (process / "environ").read_bytes():
                found.append(int(process.name))
    return found
