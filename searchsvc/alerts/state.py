"""The state of the alerts, an SQLite file beside the generations: what was reported, and what is still to be sent.

index/alerts.sqlite              what each alert has reported, the messages that wait, and the targets that fail
index/alerts-g000042.sqlite      the manifest of the generation up to which articles were tried
index/.alerts                    locked by the one process that tries and sends

Every change is on the disk before it counts. A message gets its id when it is recorded, and keeps it however often it is
sent, so that a target recognises a repetition.
"""

import logging
import os
import shutil
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from threading import Lock
from time import time
from typing import Any, NamedTuple

from searchsvc.durable import sync_folder
from searchsvc.errors import ServiceError
from searchsvc.index import Generation
from searchsvc.model.alerts import Alert, Target

FILE = "alerts.sqlite"
LOCK = ".alerts"
_VERSION = 2  # raised whenever this version would misread an older file
_SCHEMA = f"""
CREATE TABLE progress (generation TEXT, manifest INTEGER, versions TEXT);
CREATE TABLE alerts (alert INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE reported (alert INTEGER, article TEXT, time INTEGER, PRIMARY KEY (alert, article)) WITHOUT ROWID;
CREATE INDEX reported_by_time ON reported (alert, time);
CREATE TABLE messages (id TEXT PRIMARY KEY, alert INTEGER, time INTEGER, body BLOB);
CREATE TABLE deliveries (
    number INTEGER PRIMARY KEY, message TEXT, target TEXT, attempts INTEGER DEFAULT 0, UNIQUE (message, target)
);
CREATE INDEX deliveries_by_target ON deliveries (target);
CREATE TABLE failing (target TEXT PRIMARY KEY, failures INTEGER, since INTEGER, next_try INTEGER, reason TEXT);
PRAGMA user_version = {_VERSION};
"""
PAUSES = (60, 300, 900, 3_600, 3 * 3_600, 6 * 3_600)
"""Seconds after the first failures of a target in a row, until it is tried again. The last one is for all further ones."""
MAX_AGE = 14 * 86_400
"""Seconds after which a message that could not be delivered is given up."""
_log = logging.getLogger(__name__)
LOCK_TIMEOUT = 10.0
"""Seconds for which the file may be locked by another process."""


class Message(NamedTuple):
    """A message of an alert to some targets, given by their keys."""

    alert: str
    body: bytes
    targets: tuple[str, ...]


class Delivery(NamedTuple):
    """A message that one target is still to get. Its id is the same in each attempt."""

    number: int
    id: str
    alert: str
    target: str
    body: bytes


class Progress(NamedTuple):
    """The generation up to which articles were tried, the version of its manifest, and how it has read its files."""

    generation: str
    manifest: int
    versions: str


class AlertStore:
    """The state, open for writing. Its methods may be called by several threads. Each change is durable when it returns."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        with translating_errors(folder):
            self._database = sqlite3.connect(folder / FILE, timeout=LOCK_TIMEOUT, check_same_thread=False)
            self._database.execute("PRAGMA synchronous = EXTRA")
            self._create()

    def close(self) -> None:
        self._database.close()

    def progress(self) -> Progress | None:
        """Return the progress, or None if no generation has been looked at, or its manifest is gone."""
        rows = self._read("SELECT generation, manifest, versions FROM progress")
        if not rows:
            return None
        progress = Progress(*rows[0])
        if not self.base(progress.generation).exists():
            _log.error("alerts begin anew, because %s is missing", self.base(progress.generation))
            return None
        return progress

    def base(self, generation: str) -> Path:
        """Return the path of the manifest up to which articles were tried."""
        return self._folder / f"alerts-{generation}.sqlite"

    def known_names(self) -> set[str]:
        """Return the names of the alerts that are followed."""
        return {name for (name,) in self._read("SELECT name FROM alerts")}

    def unreported(self, alert: str, ids: Iterable[str]) -> set[str]:
        """Return those of the articles that an alert has not reported."""
        known = "SELECT 1 FROM reported JOIN alerts USING (alert) WHERE name = ? AND article = ?"
        return {each for each in ids if not self._read(known, alert, each)}

    def record(self, hits: Iterable[tuple[str, Iterable[str]]], messages: Iterable[Message]) -> None:
        """Record that alerts have reported articles, together with the messages about them."""
        now = int(time())
        with self._transaction() as database:
            numbers = dict(database.execute("SELECT name, alert FROM alerts"))
            for name, ids in hits:
                rows = ((numbers[name], each, now) for each in ids)
                database.executemany("INSERT OR IGNORE INTO reported VALUES (?, ?, ?)", rows)
            for message in messages:
                key = f"msg_{token_hex(16)}"
                values = (key, numbers[message.alert], now, message.body)
                database.execute("INSERT INTO messages VALUES (?, ?, ?, ?)", values)
                waiting = ((key, target) for target in message.targets)
                database.executemany("INSERT INTO deliveries (message, target) VALUES (?, ?)", waiting)

    def rename(self, ids: Iterable[tuple[str, str]]) -> None:
        """Follow articles whose ids have changed, given their former ids and their ids."""
        with self._transaction() as database:
            for former, article_id in ids:
                database.execute("UPDATE OR IGNORE reported SET article = ? WHERE article = ?", (article_id, former))

    def finish(self, generation: Generation, progress: Progress, alerts: Iterable[Alert]) -> None:
        """Record that all articles of a generation were tried. From now on, follow these alerts, and forget all others."""
        base = self.base(generation.name)
        with translating_errors(self._folder):
            if not base.exists():
                _link(generation.manifest, base)
                sync_folder(self._folder)
        with self._transaction() as database:
            database.execute("DELETE FROM progress")
            database.execute("INSERT INTO progress VALUES (?, ?, ?)", progress)
            _follow_only(database, {alert.name for alert in alerts})
        self._delete_bases(but=base)

    def _delete_bases(self, *, but: Path | None = None) -> None:
        with translating_errors(self._folder):
            for base in self._folder.glob("alerts-g*.sqlite"):
                if base != but:
                    base.unlink(missing_ok=True)

    def drop(self, wanted: Iterable[tuple[str, Target]]) -> None:
        """Drop the messages to other targets than these, and the failures of other targets."""
        known = {(name, target.key) for name, target in wanted}
        query = "SELECT number, name, target FROM deliveries JOIN messages ON id = message JOIN alerts USING (alert)"
        with self._transaction() as database:
            gone = [(number,) for number, name, target in database.execute(query) if (name, target) not in known]
            database.executemany("DELETE FROM deliveries WHERE number = ?", gone)
            targets = [(key,) for (key,) in database.execute("SELECT target FROM failing")]
            keys = {key for _, key in known}
            database.executemany("DELETE FROM failing WHERE target = ?", (each for each in targets if each[0] not in keys))
            _delete_sent(database)

    def due(self, now: float) -> list[str]:
        """Return the keys of the targets that have messages and need not be waited for."""
        query = (
            "SELECT DISTINCT target FROM deliveries LEFT JOIN failing USING (target) "
            "WHERE next_try IS NULL OR next_try <= ? ORDER BY target"
        )
        return [target for (target,) in self._read(query, now)]

    def waiting(self) -> int:
        """Return the number of deliveries that wait."""
        return int(self._read("SELECT count(*) FROM deliveries")[0][0])

    def next_time(self) -> float | None:
        """Return when the next message is due, in seconds since 1970. Return None if none is waiting."""
        query = "SELECT min(coalesce(next_try, 0)) FROM deliveries LEFT JOIN failing USING (target)"
        found = self._read(query)[0][0]
        return None if found is None else float(found)

    def next_delivery(self, target: str) -> Delivery | None:
        """Return the delivery to a target that has been tried least often, or None if there is none."""
        query = (
            "SELECT number, id, name, target, body FROM deliveries JOIN messages ON id = message JOIN alerts USING (alert) "
            "WHERE target = ? ORDER BY attempts, number LIMIT 1"
        )
        rows = self._read(query, target)
        return Delivery(*rows[0]) if rows else None

    def delivered(self, delivery: Delivery) -> None:
        """Record that a target has taken a message."""
        with self._transaction() as database:
            database.execute("DELETE FROM deliveries WHERE number = ?", (delivery.number,))
            database.execute("DELETE FROM failing WHERE target = ?", (delivery.target,))
            sent = "DELETE FROM messages WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM deliveries WHERE message = ?1)"
            database.execute(sent, (delivery.id,))

    def failed(self, delivery: Delivery, reason: str, now: float) -> int:
        """Record that a target has not taken a message. Return the seconds until it is tried again."""
        with self._transaction() as database:
            database.execute("UPDATE deliveries SET attempts = attempts + 1 WHERE number = ?", (delivery.number,))
            row = database.execute("SELECT failures, since FROM failing WHERE target = ?", (delivery.target,)).fetchone()
            failures, since = row or (0, int(now))
            pause = PAUSES[min(failures, len(PAUSES) - 1)]
            values = (delivery.target, failures + 1, since, int(now) + pause, reason)
            database.execute("INSERT OR REPLACE INTO failing VALUES (?, ?, ?, ?, ?)", values)
        return pause

    def give_up(self, now: float) -> int:
        """Delete the messages that are too old, and return the number of deliveries that are given up."""
        old = "message IN (SELECT id FROM messages WHERE time < ?)"
        with self._transaction() as database:
            given_up = database.execute(f"DELETE FROM deliveries WHERE {old}", (now - MAX_AGE,)).rowcount  # noqa: S608
            _delete_sent(database)
        return given_up

    def retry_now(self) -> None:
        """Make all messages due."""
        with self._transaction() as database:
            database.execute("UPDATE failing SET next_try = 0")

    def _create(self) -> None:
        version = self._database.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            self._delete_bases()  # of a state that was deleted, perhaps because one of them is damaged
            with self._transaction() as database:
                for statement in filter(str.strip, _SCHEMA.split(";")):
                    database.execute(statement)
        elif version != _VERSION:
            raise sqlite3.DatabaseError("another version of searchsvc wrote it")

    def _read(self, query: str, *values: str | float) -> list[Any]:
        """Return the rows that a query finds. Raise ServiceError if the file cannot be read."""
        with self._lock, translating_errors(self._folder):
            return self._database.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Commit what the block changes, or nothing if it fails. Raise ServiceError if the disk is full or fails."""
        with self._lock, translating_errors(self._folder), self._database:
            self._database.execute("BEGIN IMMEDIATE")
            yield self._database


@contextmanager
def translating_errors(folder: Path) -> Iterator[None]:
    """Raise ServiceError if the state cannot be read or written while the block runs."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise ServiceError(
            f"the state of the alerts, {folder / FILE}, cannot be used ({error}): check the disk and the permissions of "
            "its folder, or delete the file, and the alerts begin anew with the next articles",
            public="the state of the alerts cannot be used: the log of the service has the reason",
        ) from error


def _follow_only(database: sqlite3.Connection, names: Collection[str]) -> None:
    """Delete everything about alerts that have other names than these, and add those of these that are new."""
    former = database.execute("SELECT alert, name FROM alerts").fetchall()
    gone = [(alert,) for alert, name in former if name not in names]
    database.executemany("DELETE FROM deliveries WHERE message IN (SELECT id FROM messages WHERE alert = ?)", gone)
    for table in ("messages", "reported", "alerts"):
        database.executemany(f"DELETE FROM {table} WHERE alert = ?", gone)  # noqa: S608  constants
    database.executemany("INSERT OR IGNORE INTO alerts (name) VALUES (?)", ((name,) for name in names))


def _delete_sent(database: sqlite3.Connection) -> None:
    database.execute("DELETE FROM messages WHERE id NOT IN (SELECT message FROM deliveries)")


def _link(file: Path, target: Path) -> None:
    """Give a file another name, or copy it where the disk knows no hard links. It appears whole or not at all."""
    with suppress(OSError):
        target.hardlink_to(file)
        return
    draft = target.with_suffix(".new")
    shutil.copyfile(file, draft)
    with draft.open("rb") as copied:
        os.fsync(copied.fileno())
    draft.replace(target)
