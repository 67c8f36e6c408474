"""From the corpus to a new generation: read what changed, write it, check it, publish it.

It stands beside the service, not in it: who only asks needs none of the readers of files, nor their memory.
"""

import datetime as dt
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from time import monotonic

from searchsvc.config import EMBEDDED, Settings
from searchsvc.corpus import READER_VERSION, Failure, Part, SourceFile, Withdrawal, digest, is_put, read_files, suffix, walk
from searchsvc.engines import EngineKind, Writer, engine_kind
from searchsvc.engines.stored import dump, fingerprint, metadata
from searchsvc.errors import EngineError, NoIndexError, ServiceError
from searchsvc.index import Generation, GenerationInfo, IndexFolder
from searchsvc.manifest import WITHDRAWN, FileState, Manifest, Place
from searchsvc.model import Article


@dataclass(slots=True)
class Progress:
    """How far a reindex has come; bytes are those of the files that have to be read."""

    total_bytes: int = 0
    done_bytes: int = 0
    articles: int = 0
    failures: int = 0


@dataclass(slots=True)
class Counts:
    """What was read of one format: files, their bytes, their articles, and what in them could not be read."""

    files: int = 0
    bytes: int = 0
    articles: int = 0
    failures: int = 0


@dataclass(slots=True)
class Report:
    """What a reindex did. `generation` is the live one afterwards, None where the corpus was empty and nothing was live.

    `full` says why everything was read, "" where only changes were. `failures` are those of files that were read now;
    `formats` counts these files by their suffix.
    """

    generation: str | None = None
    full: str = ""
    published: bool = False
    articles: int = 0
    files: int = 0
    read: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    failures: list[Failure] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    formats: dict[str, Counts] = field(default_factory=dict)
    seconds: float = 0.0


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

    `progress` is called every few articles. Raises UserError for a corpus or an index folder that cannot be used, and
    ServiceError where writing fails; then the live generation is what it was.
    """
    begun = monotonic()
    kind = engine_kind(settings.engine, settings)
    sources = {source.path: source for source in walk(settings.corpus)}
    index = IndexFolder(settings.index)
    with index.writing():
        live = index.live()
        why = _why_full(live, kind, settings, full)
        base = None if why else live
        reindexing = _Reindexing(settings, kind, sources, index, progress)
        try:
            report = reindexing.run(base, why)
        except (sqlite3.Error, ServiceError) as error:
            damage = next(base.damage(), str(error) if isinstance(error, NoIndexError) else "") if base is not None else ""
            if not damage:
                raise
            report = reindexing.run(None, f"the live generation is damaged: {damage}")
        index.prune(settings.keep)
        if (now := index.live()) is not None:
            kind.published(now.engine, [generation.engine for generation in index.generations()])
    report.seconds = monotonic() - begun
    return report


@dataclass(frozen=True, slots=True)
class _Reindexing:
    """What a reindex works with, whether it carries on the live generation or starts from nothing."""

    settings: Settings
    kind: EngineKind
    sources: Mapping[str, SourceFile]
    index: IndexFolder
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


def _why_full(live: Generation | None, kind: EngineKind, settings: Settings, asked: bool) -> str:
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


def _shadowed(manifest: Manifest, article_id: str) -> str:
    winner, *losers = manifest.places(article_id)
    why = "which was put there over HTTP" if is_put(winner.path) else "the last"
    return f"{article_id}: taken from {winner.path}, {why}; left out: {', '.join(place.path for place in losers)}"


class _Build:
    """One draft, from its beginning to its publication."""

    def __init__(self, settings: Settings, kind: EngineKind, plan: _Plan, report: Report) -> None:
        self._settings = settings
        self._kind = kind
        self._plan = plan
        self._report = report
        self._progress = Progress(total_bytes=sum(source.size for source in plan.read.values()))
        self._tell: Callable[[Progress], None] = lambda _: None
        self._fields: set[str] = set()
        self._under_way: dict[str, int] = {}
        self._shared_ids: set[str] = set()

    def run(self, index: IndexFolder, base: Generation | None, progress: Callable[[Progress], None]) -> None:
        self._tell = progress
        draft = index.draft(base, self._kind.rewritten)
        with Manifest(draft.manifest, writing=True) as manifest:
            writer = self._kind.write(draft.engine, self._settings.language, self._progress.total_bytes)
            with closing(writer):
                self._write(manifest, writer)
                writer.commit()
            info = self._verified(draft, manifest)
            manifest.commit()
        self._report.generation = index.publish(draft, info, base).name
        self._report.published = True
        self._report.articles = info.articles

    def _write(self, manifest: Manifest, writer: Writer) -> None:
        manifest.forget([*self._plan.read, *self._plan.gone])
        for path, state in self._plan.touched.items():
            manifest.add_file(path, state)
        with closing(read_files(self._plan.read.values(), self._settings.mapping, self._settings.processes)) as parts:
            for part in parts:
                self._take(part, manifest, writer)
        for article_id in manifest.gone():
            writer.delete(article_id)
            self._report.removed += 1
        manifest.add_fields(self._fields)
        self._report.duplicates.extend(_shadowed(manifest, article_id) for article_id in sorted(self._shared_ids))

    def _take(self, part: Part, manifest: Manifest, writer: Writer) -> None:
        source = part.source
        counts = self._report.formats.setdefault(suffix(source.path), Counts())
        for number, item in enumerate(part.items, start=part.first):
            match item:
                case Failure():
                    counts.failures += 1
                    self._report.failures.append(item)
                    manifest.add_failure(source.path, item.path, item.reason)
                case Withdrawal():
                    self._withdraw(item.id, Place(source.path, number), manifest, writer)
                case Article():
                    counts.articles += 1
                    self._write_article(item, Place(source.path, number), manifest, writer)
        if part.digest is not None:
            manifest.add_file(source.path, FileState(source.size, source.mtime_ns, part.digest))
            self._report.read += 1
            counts.files += 1
            counts.bytes += source.size
        self._show(part)

    def _show(self, part: Part) -> None:
        """How far it has come; files that are read at once are all under way."""
        progress = self._progress
        progress.done_bytes += part.bytes_read - self._under_way.pop(part.source.path, 0)
        if part.digest is None:
            self._under_way[part.source.path] = part.bytes_read
        progress.failures = len(self._report.failures)
        self._tell(progress)

    def _write_article(self, article: Article, place: Place, manifest: Manifest, writer: Writer) -> None:
        """Write an article if it is new or changed, and wins its id."""
        rival = manifest.winner(article.id)
        stored = dump(article)
        mark = fingerprint(stored)
        manifest.add_article(place, article.id, mark)
        self._progress.articles += 1
        if rival is not None:
            if not is_put(rival.path) and not is_put(place.path):
                self._shared_ids.add(article.id)
            if rival.beats(place):
                return
        former = manifest.take_former(article.id)
        if former == mark and rival is None:
            self._fields.update(metadata(article))
            return
        if former is not None or rival is not None:
            writer.delete(article.id)
        self._report.changed += former is not None
        self._report.added += former is None and rival is None
        self._fields.update(metadata(article))
        writer.add(article, stored)

    def _withdraw(self, article_id: str, place: Place, manifest: Manifest, writer: Writer) -> None:
        rival = manifest.winner(article_id)
        manifest.add_article(place, article_id, WITHDRAWN)
        former = manifest.take_former(article_id)
        if former is not None or rival is not None:
            writer.delete(article_id)
            self._report.removed += 1

    def _verified(self, draft: Generation, manifest: Manifest) -> GenerationInfo:
        """What the draft is, after its engine has answered; raises ServiceError where it does not have every article."""
        engine = self._kind.open(draft.engine, self._settings.language)
        expected = manifest.count()
        if engine.count() != expected:
            raise ServiceError(
                f"nothing was published: the new index has {engine.count()} articles instead of {expected}; "
                "try `searchsvc reindex --full`"
            )
        coverage = engine.coverage(manifest.fields())
        manifest.keep_fields(coverage)
        return GenerationInfo(
            engine=self._kind.name,
            schema=self._kind.schema,
            reader=READER_VERSION,
            language=self._settings.language,
            mapping=self._settings.mapping,
            articles=expected,
            failures=sum(1 for _ in manifest.failures()),
            created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            fields={name: (counts.articles, counts.values) for name, counts in coverage.items()},
        )
