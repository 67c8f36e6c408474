"""Tries the new articles of a publication, records their hits, and sends what is due."""

import json
import logging
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from time import time

from searchsvc.alerts.delivery import DeliveryCounts, deliver
from searchsvc.alerts.matching import AlertHits, Batch, indexed
from searchsvc.alerts.messages import message
from searchsvc.alerts.state import LOCK, AlertStore, Message, Progress
from searchsvc.api.serialize import to_json
from searchsvc.config import Settings
from searchsvc.durable import try_lock
from searchsvc.engines.protocol import Engine
from searchsvc.errors import NoIndexError, SearchsvcError, ServiceError
from searchsvc.index import MANIFEST_VERSION, GenerationInfo
from searchsvc.index.differences import Difference, compared
from searchsvc.model.alerts import Alert
from searchsvc.model.article import Article
from searchsvc.search import SearchService
from searchsvc.search.searcher import Searcher

MAX_BATCH = 10_000
MAX_BATCH_CHARACTERS = 50_000_000
"""Articles that are tried at once, and characters of their texts: they are kept in memory meanwhile."""
_CHUNK = 100  # articles that are read at once: by one request to a cluster
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AlertReport:
    """What was done for the alerts. `reported` has the number of new hits of each alert that has any."""

    tried: int = 0
    reported: dict[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    sent: int = 0
    failed: int = 0
    waiting: int = 0


@contextmanager
def alerting(settings: Settings) -> Iterator["Alerting | None"]:
    """Hold the lock of the alerts while the block runs. Give None if there are no alerts, or another process holds it."""
    if not settings.alerts or not settings.index.is_dir():
        yield None
        return
    with (settings.index / LOCK).open("ab") as lock:
        if not try_lock(lock):
            yield None
            return
        store = AlertStore(settings.index)
        try:
            yield Alerting(settings, store)
        finally:
            store.close()


class Alerting:
    """The alerts of an archive, in the one process that holds their lock."""

    def __init__(self, settings: Settings, store: AlertStore) -> None:
        self._settings = settings
        self.store = store
        self._service = SearchService(settings)

    def update(self) -> AlertReport:
        """Try the articles that are new since the last time, and record the hits. Follow new alerts from now on.

        The first time, nothing is tried. Nor is it after a rollback, until something is published.
        """
        try:
            live = self._service.acquire()
        except NoIndexError:
            return AlertReport()
        current = Progress(live.generation.name, live.info.manifest, _versions(live.info))
        former, report = self.store.progress(), AlertReport()
        if former is not None and current.generation > former.generation:
            report = self._try_since(former, live, current)
        if former is None or current.generation >= former.generation:
            self.store.finish(live.generation, current, self._settings.alerts)
        return report

    def deliver(self, *, now: bool = False) -> DeliveryCounts:
        """Send the messages that are due, or all of them `now`."""
        self.store.drop((alert.name, target) for alert in self._settings.alerts for target in alert.targets)
        if given_up := self.store.give_up(time()):
            _log.error("gave up %s messages of alerts that could not be delivered for 14 days", given_up)
        if now:
            self.store.retry_now()
        return deliver(self.store, self._settings)

    def run(self, *, now: bool = False) -> AlertReport:
        """Update, then deliver."""
        report = self.update()
        counts = self.deliver(now=now)
        return replace(report, sent=counts.sent, failed=counts.failed, waiting=self.store.waiting())

    def _try_since(self, former: Progress, live: Searcher, current: Progress) -> AlertReport:
        """Try the articles that are new since the former generation. If it cannot be compared, try none, and say so."""
        if {former.manifest, current.manifest} != {MANIFEST_VERSION}:
            names = current.generation, former.generation
            _log.error("alerts begin anew with %s: another version of searchsvc wrote the index since %s", *names)
            return AlertReport()
        try:
            return self._try(former, live, is_same_version=former.versions == current.versions)
        except (sqlite3.Error, OSError) as error:
            raise ServiceError(
                f"the new articles of {live.generation.name} cannot be tried for alerts ({error}): check the disks of the "
                f"index and of temporary files. If {self.store.base(former.generation)} is damaged, delete it, and the "
                "alerts begin anew with the next articles"
            ) from error

    def _try(self, progress: Progress, live: Searcher, *, is_same_version: bool) -> AlertReport:
        """Try the articles that the live generation has and the former has not, batch by batch."""
        known = self.store.known_names()
        alerts = [alert for alert in self._settings.alerts if alert.name in known]
        report = AlertReport()
        former = self._former(progress.generation)
        with compared(live.generation.manifest, self.store.base(progress.generation)) as found:
            self.store.rename(found.renamed())
            wanted = (each for each in found.differences() if each.is_new or is_same_version)
            for articles in _batches(_articles(wanted, live.engine, former)):
                with indexed(articles, live, self._settings) as batch:
                    report = self._record(batch, alerts, report)
        return report

    def _record(self, batch: Batch, alerts: Iterable[Alert], report: AlertReport) -> AlertReport:
        """Record what the alerts find in a batch, and the messages about it, at once."""
        reported: list[tuple[str, Collection[str]]] = []
        messages: list[Message] = []
        problems: list[str] = []
        for hits in map(batch.find, alerts):
            alert = hits.found.alert
            if hits.found.problem:
                problems.append(f"the alert “{alert.name}”: {hits.found.problem}")
            if ids := self.store.unreported(alert.name, hits.ids):
                reported.append((alert.name, ids))
                messages += self._messages(batch, hits, ids)
        self.store.record(reported, messages)
        counts = {name: report.reported.get(name, 0) + len(ids) for name, ids in reported}
        problems = list(dict.fromkeys((*report.problems, *problems)))
        return AlertReport(report.tried + len(batch.articles), report.reported | counts, tuple(problems))

    def _messages(self, batch: Batch, hits: AlertHits, ids: Collection[str]) -> Iterator[Message]:
        """Yield the message about hits, if the alert has targets."""
        alert, question = hits.found.alert, hits.found.question
        if alert.targets and question is not None:
            generation = batch.searcher.generation.name
            body = message(hits.found, batch.hits(question, ids), len(ids), self._settings, generation)
            yield Message(alert.name, to_json(body), tuple(target.key for target in alert.targets))

    def _former(self, name: str) -> Engine | None:
        """Return the engine of the former generation, or None if it is gone or cannot be read."""
        generation = next((each for each in self._service.store.generations() if each.name == name), None)
        try:
            return None if generation is None else self._service.open(generation).engine
        except SearchsvcError:
            return None


def _versions(info: GenerationInfo) -> str:
    """Return the versions of everything that decides how a file is read, as text."""
    return json.dumps([info.reader, info.manifest, sorted(info.readers.items()), info.extras, info.mapping])


def _articles(found: Iterable[Difference], live: Engine, former: Engine | None) -> Iterator[Article]:
    """Yield articles of the live generation, without those that are the same as before, but in another file."""
    for chunk in _chunks(found):
        moved = [each.id for each in chunk if each.has_moved]
        before = {article.id: article for article in former.get_all(moved)} if former is not None else {}
        for article in live.get_all([each.id for each in chunk]):
            if article.id not in before or replace(before[article.id], path=article.path) != article:
                yield article


def _chunks(found: Iterable[Difference]) -> Iterator[list[Difference]]:
    """Yield differences in chunks whose articles are read at once."""
    rest = iter(found)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


def _batches(articles: Iterable[Article]) -> Iterator[list[Article]]:
    """Yield articles in batches that fit into memory."""
    batch: list[Article] = []
    characters = 0
    for article in articles:
        batch.append(article)
        characters += len(article.body)
        if len(batch) >= MAX_BATCH or characters >= MAX_BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
