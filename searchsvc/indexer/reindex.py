"""A reindex on one machine: compare the corpus with the live generation, read what changed, and publish the next one."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from time import monotonic

from searchsvc.config import EMBEDDED, Settings
from searchsvc.corpus import READER_VERSION, ReaderPool, SourceFile, digest, is_put, walk
from searchsvc.engines.protocol import Backend
from searchsvc.engines.registry import backend_for
from searchsvc.errors import EngineError, NoIndexError, ServiceError
from searchsvc.index import MANIFEST_VERSION, FileState, Generation, GenerationStore, Manifest
from searchsvc.indexer.distributed.plan import find_build
from searchsvc.indexer.ingest import Ingester
from searchsvc.indexer.publication import delete_old_generations, verify_draft
from searchsvc.indexer.report import OnProgress, ReindexReport


def reindex(settings: Settings, *, full: bool = False, on_progress: OnProgress = lambda _: None) -> ReindexReport:
    """Update the index from the corpus. Publish nothing if nothing changed.

    Read every file if `full` is true, or if the live generation cannot be updated. Raise UserError if a folder cannot be
    used, BusyError during another reindex, and ServiceError if writing fails. The live generation then stays live.
    """
    begun = monotonic()
    backend = backend_for(settings.engine, settings)
    sources = {source.path: source for source in walk(settings.corpus)}
    store = GenerationStore(settings.index)
    with store.write_lock():
        if (build := find_build(store)) is not None:
            if not full:
                build.refuse()
            build.abandon()
        report = _Reindexing(settings, backend, sources, store, on_progress).run(full)
        delete_old_generations(store, backend, settings.keep)
    return replace(report, seconds=monotonic() - begun)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The differences between the corpus and a generation: files to read, files with a new time only, and deleted files."""

    read: Mapping[str, SourceFile]
    touched: Mapping[str, FileState]
    deleted: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Reindexing:
    """A reindex under the write lock."""

    settings: Settings
    backend: Backend
    sources: Mapping[str, SourceFile]
    store: GenerationStore
    on_progress: OnProgress

    def run(self, full: bool) -> ReindexReport:
        live = self.store.live()
        reason = _reason_for_full(live, self.backend, self.settings, full)
        if live is None or reason:
            return self._build(_Plan(self.sources, {}, frozenset()), None, reason)
        try:
            plan = _plan(self.sources, live)
            if not (plan.read or plan.touched or plan.deleted):
                return ReindexReport(generation=live.name, articles=live.info().articles, files=len(self.sources))
            return self._build(plan, live, "")
        except (sqlite3.Error, ServiceError) as error:
            damage = next(live.verify_checksums(), str(error) if isinstance(error, NoIndexError) else "")
            if not damage:
                raise
            return self._build(_Plan(self.sources, {}, frozenset()), None, f"the live generation is damaged: {damage}")

    def _build(self, plan: _Plan, base: Generation | None, reason: str) -> ReindexReport:
        """Build and publish the next generation. Raise ServiceError if writing fails."""
        try:
            return self._write(plan, base, reason)
        except (OSError, sqlite3.Error, EngineError) as error:
            in_cluster = isinstance(error, EngineError) and self.backend.name not in EMBEDDED
            where = "the cluster" if in_cluster else self.settings.index
            raise ServiceError(
                f"nothing was published, because writing the index failed ({error}): check whether the disk of {where} is "
                "full or failing, then run `searchsvc reindex` again"
            ) from error

    def _write(self, plan: _Plan, base: Generation | None, reason: str) -> ReindexReport:
        settings, backend, store = self.settings, self.backend, self.store
        files = list(plan.read.values())
        draft = store.draft(base, backend.mutable_files, backend.lock_files)
        with (
            # Before the engine starts threads, since a process with threads takes longer to start another.
            ReaderPool(files, settings.mapping, settings.processes) as readers,
            Manifest(draft.manifest, writing=True) as manifest,
        ):
            manifest.invalidate_files([*plan.read, *plan.deleted])
            for path, state in plan.touched.items():
                manifest.add_file(path, state)
            with closing(backend.writer(draft.engine, settings.language, sum(source.size for source in files))) as writer:
                ingester = Ingester(manifest, writer, files)
                ingester.read(readers.batches(), self.on_progress)
                ingester.delete_orphans()
                writer.commit()
            info = verify_draft(draft, manifest, backend, settings)
            done = ingester.report_fields()
            manifest.commit()
        return ReindexReport(
            generation=store.publish(draft, info, base, backend.lock_files).name,
            full=reason,
            published=True,
            articles=info.articles,
            files=len(self.sources),
            **done,
        )


def _reason_for_full(live: Generation | None, backend: Backend, settings: Settings, asked: bool) -> str:
    """Return the reason for reading every file, or "" if the live generation can be updated."""
    if asked:
        return "as asked"
    if live is None:
        return "the first time"
    try:
        info = live.info()
    except NoIndexError:
        return "the live generation is damaged"
    if info.engine != backend.name or info.language != settings.language:
        return f"the live generation is for {info.engine} and {info.language}"
    if (info.schema, info.reader, info.manifest) != (backend.schema_version, READER_VERSION, MANIFEST_VERSION):
        return "the live generation was made by another version of searchsvc"
    if info.mapping != settings.mapping:
        return "the mapping has changed"
    return ""


def _plan(sources: Mapping[str, SourceFile], live: Generation) -> _Plan:
    with live.open_manifest() as manifest:
        known = manifest.files()
        read: dict[str, SourceFile] = {}
        touched: dict[str, FileState] = {}
        for path, source in sources.items():
            state = known.get(path)
            if state is None or _has_changed(source, state):
                read[path] = source
            elif state.mtime_ns != source.mtime_ns:
                touched[path] = state._replace(mtime_ns=source.mtime_ns)
        deleted = frozenset(known) - frozenset(sources)
        # Another file's article with the same id may come to be indexed, or cease to be: read that file again as well.
        # An uploaded file keeps its id and its precedence, so it changes nothing for others.
        changed = [*(path for path in read if not is_put(path)), *deleted]
        for path in manifest.files_sharing_ids(changed) & frozenset(sources):
            read[path] = sources[path]
    return _Plan(dict(sorted(read.items())), {path: touched[path] for path in touched.keys() - read.keys()}, deleted)


def _has_changed(source: SourceFile, state: FileState) -> bool:
    """Return whether a file has other bytes than before. A file that could not be read has changed if it now can be."""
    if source.size != state.size:
        return True
    if not state.hash:
        return bool(digest(source.file))
    return source.mtime_ns != state.mtime_ns and digest(source.file) != state.hash
