"""Reading the state of the alerts, while another process may change it."""

import datetime as dt
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from searchsvc.alerts.state import FILE, LOCK_TIMEOUT, translating_errors
from searchsvc.model.alerts import Alert, target_names


class ReportedArticle(NamedTuple):
    """An article that an alert has reported, and when, in seconds since 1970."""

    id: str
    time: int


@dataclass(frozen=True, slots=True)
class FailingTarget:
    """A target that did not take its last message."""

    target: str
    waiting: int  # messages
    failures: int
    since: dt.datetime
    next_try: dt.datetime
    reason: str


@dataclass(frozen=True, slots=True)
class AlertState:
    """What an alert has reported so far. `last` is None if it has reported nothing."""

    name: str
    reported: int = 0
    last: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class State:
    """The state of all alerts: what they have reported, the messages that wait, and the targets that fail."""

    alerts: tuple[AlertState, ...] = ()
    waiting: int = 0
    failing: tuple[FailingTarget, ...] = ()


class Backlog(NamedTuple):
    """The numbers of the messages that wait, and of the targets that fail."""

    waiting: int = 0
    failing: int = 0


def read_state(folder: Path, alerts: Iterable[Alert] = ()) -> State:
    """Return the state of the alerts of an index. Targets of `alerts` are shown by name, and others by their key."""
    if not (folder / FILE).exists():
        return State()
    names = target_names(alerts)
    with _reading(folder) as database:
        rows = database.execute(
            "SELECT name, count(article), max(time) FROM alerts LEFT JOIN reported USING (alert) "
            "GROUP BY name ORDER BY name"
        )
        states = tuple(AlertState(name, number, last and _time(last)) for name, number, last in rows)
        waiting = database.execute("SELECT count(*) FROM deliveries").fetchone()[0]
        rows = database.execute(
            "SELECT target, count(number), failures, since, next_try, reason "
            "FROM failing LEFT JOIN deliveries USING (target) GROUP BY target ORDER BY since"
        )
        failing = tuple(
            FailingTarget(names.get(key, key), number, failures, _time(since), _time(next_try), reason)
            for key, number, failures, since, next_try, reason in rows
        )
    return State(states, waiting, failing)


def read_backlog(folder: Path) -> Backlog:
    """Return how many messages wait and how many targets fail, at a cost that does not grow with what was sent."""
    if not (folder / FILE).exists():
        return Backlog()
    with _reading(folder) as database:
        query = "SELECT (SELECT count(*) FROM deliveries), (SELECT count(*) FROM failing)"
        return Backlog(*database.execute(query).fetchone())


def read_reported(folder: Path, alert: str, limit: int) -> list[ReportedArticle]:
    """Return the articles that an alert has reported, the latest first, up to a limit."""
    if not (folder / FILE).exists():
        return []
    query = (
        "SELECT article, time FROM reported JOIN alerts USING (alert) WHERE name = ? ORDER BY time DESC, article LIMIT ?"
    )
    with _reading(folder) as database:
        return [ReportedArticle(*row) for row in database.execute(query, (alert, limit))]


@contextmanager
def _reading(folder: Path) -> Iterator[sqlite3.Connection]:
    # Not as read-only, because what a crash has left behind is undone by whoever comes next.
    with translating_errors(folder), closing(sqlite3.connect(folder / FILE, timeout=LOCK_TIMEOUT)) as database:
        yield database


def _time(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
