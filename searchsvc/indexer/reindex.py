"""From the corpus to a new generation: read what changed, write it, check it, publish it.

It stands beside the service, not in it: who only asks needs none of the readers of files, nor their memory.
"""

import datetime as dt
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from time import monotonic

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.config import EMBEDDED, Settings
from searchsvc.corpus import READER_VERSION, SourceFile, digest, is_put, walk
from searchsvc.engines.protocol import Backend
from searchsvc.engines.registry import backend_for
from searchsvc.engines.stored import dump, fingerprint, metadata
from searchsvc.errors import EngineError, NoIndexError, ServiceError
from searchsvc.index.generation import Generation, GenerationInfo
from searchsvc.index.manifest import WITHDRAWN, FileState, Manifest, RecordLocation
from searchsvc.index.store import GenerationStore
from searchsvc.indexer.distributed.plan import feeding_of
from searchsvc.indexer.ingest import Ingester, Progress, Report
from searchsvc.model.article import Article
from searchsvc.verify.audit import CHECKED, spot_check


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to do: files to read, files whose time alone changed, and files that are gone."""

    read: Mapping[str, SourceFile]
    touched: Mapping[str, FileState]
    gone: frozenset[str]

    def is_empty(self) -> bool:
        return not (self.read or self.touched or self.gone)


def reindex(settings: Settings, *, full: bool = False, progress: Callable[[Progress], None] = lambda _: None) -> Report:
    """Bring the index up to date with the corpus; nothing is published where nothing changed.

    `progress` is called every few articles. Raises UserError for a corpus or an index folder that cannot be used, BusyError
    where somebody else writes, or machines write the next generation in parts, and ServiceError where writing fails; then
    the live generation is what it was.
    """
    begun = monotonic()
    kind = backend_for(settings.engine, settings)
    sources = {source.path: source for source in walk(settings.corpus)}
    index = GenerationStore(settings.index)
    with index.write_lock():
        if (feeding := feeding_of(index)) is not None:
            if not full:
                feeding.refuse()
            feeding.give_up()
        live = index.live()
        why = _why_full(live, kind, settings, full)
        base = None if why else live
        reindexing = _Reindexing(settings, kind, sources, index, progress)
        try:
            report = reindexing.run(base, why)
        except (sqlite3.Error, ServiceError) as error:
            damage = (
                next(base.verify_checksums(), str(error) if isinstance(error, NoIndexError) else "")
                if base is not None
                else ""
            )
            if not damage:
                raise
            report = reindexing.run(None, f"the live generation is damaged: {damage}")
        tidy(index, kind, settings)
    report.seconds = monotonic() - begun
    return report


@dataclass(frozen=True, slots=True)
class _Reindexing:
    """What a reindex works with, whether it carries on the live generation or starts from nothing."""

    settings: Settings
    kind: Backend
    sources: Mapping[str, SourceFile]
    index: GenerationStore
    progress: Callable[[Progress], None]

    def run(self, base: Generation | None, why: str) -> Report:
        """Carry on the generation `base`; or where that is None, read everything, and report why."""
        report = Report(files=len(self.sources), full=why)
        plan = _plan(self.sources, base)
        if base is not None and plan.is_empty():
            report.generation, report.articles = base.name, base.info().articles
            return report
        try:
            _Build(self.settings, self.kind, plan, report).run(self.index, base, self.progress)
        except (OSError, sqlite3.Error, EngineError) as error:
            in_cluster = isinstance(error, EngineError) and self.kind.name not in EMBEDDED
            where = "the cluster" if in_cluster else self.settings.index
            raise ServiceError(
                f"nothing was published, since writing the index failed ({error}): see whether the disk of {where} is full "
                "or failing, then run `searchsvc reindex` again"
            ) from error
        return report


def _why_full(live: Generation | None, kind: Backend, settings: Settings, asked: bool) -> str:
    """Why everything has to be read; "" where the live generation can be carried on."""
    if asked:
        return "as asked"
    if live is None:
        return "the first time"
    try:
        info = live.info()
    except NoIndexError:
        return "the live generation is damaged"
    if info.engine != kind.name or info.language != settings.language:
        return f"the live generation is for {info.engine} and {info.language}"
    if info.schema != kind.schema or info.reader != READER_VERSION:
        return "the live generation was made by another version of searchsvc"
    if info.mapping != settings.mapping:
        return "the mapping has changed"
    return ""


def _plan(sources: Mapping[str, SourceFile], base: Generation | None) -> _Plan:
    if base is None:
        return _Plan(sources, {}, frozenset())
    with Manifest(base.manifest) as manifest:
        known = manifest.files()
        read: dict[str, SourceFile] = {}
        touched: dict[str, FileState] = {}
        for path, source in sources.items():
            before = known.get(path)
            if before is None or before.size != source.size or (not before.hash and digest(source.file)):
                read[path] = source
            elif before.mtime_ns != source.mtime_ns:
                if digest(source.file) == before.hash:
                    touched[path] = FileState(source.size, source.mtime_ns, before.hash)
                else:
                    read[path] = source
        gone = frozenset(known) - frozenset(sources)
        # An article that another file shadowed, or will, is found again by reading the files that share its id.
        # What was put keeps its id, and goes on to win.
        for path in manifest.sharing_ids_with([*(path for path in read if not is_put(path)), *gone]) & frozenset(sources):
            read[path] = sources[path]
    return _Plan(dict(sorted(read.items())), {path: touched[path] for path in touched.keys() - read.keys()}, gone)


class _Build(Ingester):
    """One draft, from its beginning to its publication."""

    def __init__(self, settings: Settings, kind: Backend, plan: _Plan, report: Report) -> None:
        super().__init__(settings, plan.read.values(), report)
        self._kind = kind
        self._plan = plan
        self._fields: set[str] = set()
        self._shared_ids: set[str] = set()

    def run(self, index: GenerationStore, base: Generation | None, tell: Callable[[Progress], None]) -> None:
        """Read, write, check and publish."""
        draft = index.draft(base, self._kind.mutable_files)
        with Manifest(draft.manifest, writing=True) as self._manifest:
            self._writer = self._kind.write(draft.engine, self._settings.language, self._progress.total_bytes)
            with closing(self._writer):
                self._write(tell)
                self._writer.commit()
            info = verified(draft, self._manifest, self._kind, self._settings)
            self._manifest.commit()
        publish(index, draft, info, base, self._report)

    def _write(self, tell: Callable[[Progress], None]) -> None:
        manifest = self._manifest
        manifest.invalidate_files([*self._plan.read, *self._plan.gone])
        for path, state in self._plan.touched.items():
            manifest.add_file(path, state)
        self.read(manifest, tell)
        for article_id in manifest.orphaned_ids():
            self._writer.delete(article_id)
            self._report.removed += 1
        manifest.add_fields(self._fields)
        self._report.duplicates.extend(shadowed(manifest, article_id) for article_id in sorted(self._shared_ids))

    def article(self, article: Article, place: RecordLocation) -> None:
        """Write an article if it is new or changed, and wins its id."""
        manifest, writer = self._manifest, self._writer
        rival = manifest.winner(article.id)
        stored = dump(article)
        mark = fingerprint(stored)
        manifest.add_article(place, article.id, mark)
        if rival is not None:
            if not is_put(rival.path) and not is_put(place.path):
                self._shared_ids.add(article.id)
            if rival.takes_precedence(place):
                return
        former = manifest.pop_previous_fingerprint(article.id)
        if former == mark and rival is None:
            self._fields.update(metadata(article))
            return
        if former is not None or rival is not None:
            writer.delete(article.id)
        self._report.changed += former is not None
        self._report.added += former is None and rival is None
        self._fields.update(metadata(article))
        writer.add(article, stored)

    def withdrawal(self, article_id: str, place: RecordLocation) -> None:
        """Remove an article, wherever else it is."""
        rival = self._manifest.winner(article_id)
        self._manifest.add_article(place, article_id, WITHDRAWN)
        former = self._manifest.pop_previous_fingerprint(article_id)
        if former is not None or rival is not None:
            self._writer.delete(article_id)
            self._report.removed += 1


def shadowed(manifest: Manifest, article_id: str) -> str:
    """Which of several articles with one id is in the index, and why."""
    winner, *losers = manifest.places(article_id)
    why = "which was put there over HTTP" if is_put(winner.path) else "the last"
    return f"{article_id}: taken from {winner.path}, {why}; left out: {', '.join(place.path for place in losers)}"


def verified(draft: Generation, manifest: Manifest, kind: Backend, settings: Settings) -> GenerationInfo:
    """What a draft is, after its engine has answered; raises ServiceError where it does not have every article."""
    engine = kind.open(draft.engine, settings.language)
    expected = manifest.count()
    found = engine.count()
    wrong = f"it has {found:,} articles instead of {expected:,}" if found != expected else ""
    wrong = wrong or spot_check(engine, Analyzer(settings.language), manifest.sample(CHECKED, expected))
    if wrong:
        raise ServiceError(f"nothing was published, since the new index is wrong: {wrong}; try `searchsvc reindex --full`")
    coverage = engine.coverage(manifest.fields())
    manifest.keep_fields(coverage)
    return GenerationInfo(
        engine=kind.name,
        schema=kind.schema,
        reader=READER_VERSION,
        language=settings.language,
        mapping=settings.mapping,
        articles=expected,
        failures=sum(1 for _ in manifest.failures()),
        created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        fields={name: (counts.articles, counts.values) for name, counts in coverage.items()},
    )


def publish(
    index: GenerationStore, draft: Generation, info: GenerationInfo, base: Generation | None, report: Report
) -> None:
    """Make a draft that was verified the live generation, and report it."""
    report.generation = index.publish(draft, info, base).name
    report.published = True
    report.articles = info.articles


def tidy(index: GenerationStore, kind: Backend, settings: Settings) -> None:
    """Remove the generations that are too old, and tell the engine which ones there are."""
    index.prune(settings.keep)
    if (live := index.live()) is not None:
        kind.on_publish(live.engine, [generation.engine for generation in index.generations()])
