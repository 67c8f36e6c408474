"""An archive with alerts, and the servers that they send messages to."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from searchsvc.alerts.alerting import AlertReport, alerting
from searchsvc.alerts.reading import State, read_state
from searchsvc.config import Settings
from searchsvc.indexer import reindex
from searchsvc.model.alerts import Alert
from tests.alerts.receiving import MailServer, Webhook, receiving
from tests.conftest import Archive


class AlertArchive:
    """An archive whose articles are lines of a file, and its alerts."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self._records: dict[str, dict[str, Any]] = {}

    @property
    def settings(self) -> Settings:
        return self.archive.settings

    def follow(self, *alerts: Alert, **settings: Any) -> "AlertArchive":
        """Set the alerts, and other settings."""
        self.archive.settings = replace(self.archive.settings, alerts=alerts, **settings)
        return self

    def put(self, article_id: str, text: str, **fields: Any) -> "AlertArchive":
        """Add an article, or change it."""
        self._records[article_id] = {"id": article_id, "text": text, **fields}
        return self

    def publish(self, name: str = "a.jsonl", *, full: bool = False) -> None:
        """Publish a generation, and report nothing."""
        self.archive.write({name: "".join(json.dumps(each) + "\n" for each in self._records.values())})
        reindex(self.settings, full=full)

    def run(self) -> AlertReport:
        """Try the new articles and send what is due."""
        with alerting(self.settings) as alerts:
            assert alerts is not None
            return alerts.run()

    def reported(self) -> dict[str, int]:
        """Return what is new for each alert, after trying and sending."""
        return self.run().reported

    def state(self) -> State:
        return read_state(self.settings.index, self.settings.alerts)


def damage_pages(file: Path) -> None:
    """Overwrite an SQLite file but for its first page, which has its version and the names of its tables."""
    content = file.read_bytes()
    size = int.from_bytes(content[16:18], "big")
    assert len(content) > size
    file.write_bytes(content[:size] + b"x" * (len(content) - size))


@pytest.fixture
def watched(archive: Archive) -> AlertArchive:
    """An archive with an article, published, and no alerts yet."""
    found = AlertArchive(archive).put("old", "The old ferry sails.")
    found.publish()
    return found


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    server = Webhook()
    with receiving(server):
        yield server


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    with receiving(server):
        yield server
