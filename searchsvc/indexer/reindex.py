"""A reindex on one machine: compare the corpus with the live generation, read what changed, and publish the next one."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from operator import attrgetter
from time import monotonic

from searchsvc.analysis.signature import sign_texts
from searchsvc.config import EMBEDDED, Settings
from searchsvc.corpus import (
    READER_VERSION,
    Batch,
    ReaderPool,
    SourceFile,
    delete_leftovers,
    digest,
    installed_extras,
    is_read_anew,
    plugins,
    walk,
)
from searchsvc.engines.protocol import Backend
from searchsvc.engines.registry import backend_for
from searchsvc.errors import EngineError, NoIndexError, ServiceError
from searchsvc.index import MANIFEST_VERSION, FileState, Generation, GenerationInfo, GenerationStore, Manifest
from searchsvc.indexer.distributed.plan import find_build
from searchsvc.indexer.field_names import FieldNames
from searchsvc.indexer.ingest import Ingester
from searchsvc.indexer.publication import carry_over_updates, delete_old_generations, verify_draft
from searchsvc.indexer.report import OnProgress, ReindexReport
from searchsvc.indexer.skipping import record_skipped, report_skipped
from searchsvc.indexer.stories import mark_versions, record_stories
from searchsvc.indexer.unreachable import FormerArticles, Unreachable
from searchsvc.indexer.words import record_words
from searchsvc.model.skipped import SkipCounter
from searchsvc.search.synonym_file import synonym_problems

MIN_SIGNED_BYTES = 2_000_000
"""Size of files from which on the processes that read them sign their articles. To load NumPy takes longer for fewer."""


def reindex(settings: Settings, *, full: bool = False, on_progress: OnProgress = lambda _: None) -> ReindexReport:
    """Update the index from the corpus. Publish nothing if nothing changed.

    Read every file if `full` is true, or if the live generation cannot be updated. Raise UserError if a folder cannot be
    used, BusyError during another reindex, and ServiceError if writing fails. The live generation then stays live.
    """
    begun = monotonic()
    backend = backend_for(settings.engine, settings)
    delete_leftovers(settings.corpus)
    unreachable, skipped = Unreachable(), SkipCounter()
    # In the order that decides which of several articles keeps a shared id: few files then have to be read again.
    found = sorted(walk(settings.corpus, unreachable.add, skipped), key=attrgetter("path"))
    sources = {source.path: source for source in found}
    store = GenerationStore(settings.index)
    with store.write_lock():
        with _translating_errors(settings):
            if (build := find_build(store)) is not None:
                if not full:
                    build.refuse()
                build.abandon()
            report = _Reindexing(settings, backend, sources, unreachable, skipped, store, on_progress).run(full)
        delete_old_generations(store, backend, settings.keep)
    notes = (*report.notes, *plugins().problems, *synonym_problems(settings.synonyms_file))
    return replace(report, notes=notes, seconds=monotonic() - begun)


@contextmanager
def _translating_errors(settings: Settings) -> Iterator[None]:
    """Raise ServiceError if anything fails before publication while the block runs."""
    try:
        yield
    except (OSError, sqlite3.Error, EngineError) as error:
        in_cluster = isinstance(error, EngineError) and settings.engine not in EMBEDDED
        where = "the cluster" if in_cluster else settings.index
        raise ServiceError(
            f"nothing was published, because writing the index failed ({error}): check whether the disk of {where} is "
            "full or failing, then run `searchsvc reindex` again"
        ) from error


@dataclass(frozen=True, slots=True)
class _Plan:
    """The differences between the corpus and a generation.

    They are files to read, files of which only the state in the manifest changes, and deleted files.
    """

    read: Mapping[str, SourceFile]
    touched: Mapping[str, FileState]
    deleted: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Built:
    """A finished draft, and the report on it but for its publication."""

    plan: _Plan
    draft: Generation
    info: GenerationInfo
    base: Generation | None
    report: ReindexReport

    def changes_nothing(self) -> bool:
        """Return whether the draft is the same as its base, because what was read anew failed or gave the same again."""
        report, base = self.report, self.base
        if base is None or self.plan.touched or self.plan.deleted or report.added or report.changed or report.removed:
            return False
        former = base.info()
        if replace(self.info, created=former.created, files=former.files) != former:
            return False
        with Manifest(self.draft.manifest) as manifest, base.open_manifest() as before:
            return manifest.is_same(before, self.plan.read)


@dataclass(frozen=True, slots=True)
class _Reindexing:
    """A reindex under the write lock."""

    settings: Settings
    backend: Backend
    sources: Mapping[str, SourceFile]
    unreachable: Unreachable
    skipped: SkipCounter
    store: GenerationStore
    on_progress: OnProgress

    def run(self, full: bool) -> ReindexReport:
        built = self._built(full)
        if isinstance(built, ReindexReport):
            return built
        if built.base is not None and built.changes_nothing():  # another generation would only push out an older one
            return replace(built.report, generation=built.base.name)
        generation = self.store.publish(built.draft, built.info, built.base, self.backend.lock_files)
        return replace(built.report, generation=generation.name, published=True)

    def _built(self, full: bool) -> _Built | ReindexReport:
        """Return the next generation as a draft, or a report if nothing has changed."""
        live = self.store.live()
        reason = _reason_for_full(live, self.backend, self.settings, full)
        if live is None or reason:
            return self._build_all(reason, live)
        try:
            plan = _plan(self.sources, self.unreachable, live)
            if plan.read or plan.touched or plan.deleted:
                return self._build(plan, live, live)
            return self._unchanged(live)
        except (OSError, sqlite3.Error, ServiceError) as error:
            damage = next(live.verify_checksums(), str(error) if isinstance(error, NoIndexError) else "")
            if not damage:
                raise
            return self._build_all(f"the live generation is damaged: {damage}", None)

    def _unchanged(self, live: Generation) -> ReindexReport:
        with live.open_manifest() as manifest:
            skipped = report_skipped(manifest, self.skipped)
        failures = tuple(self.unreachable.failures)
        articles, files = live.info().articles, len(self.sources)
        return ReindexReport(generation=live.name, articles=articles, files=files, failures=failures, **skipped)

    def _build_all(self, reason: str, live: Generation | None) -> _Built:
        """Build a generation from every file that can be reached. Take the articles of the others from the live one."""
        return self._build(_Plan(self.sources, {}, frozenset()), None, live, reason)

    def _build(self, plan: _Plan, base: Generation | None, live: Generation | None, reason: str = "") -> _Built:
        """Build a draft on `base`. Take the articles of files that cannot be read from `live`."""
        settings, backend = self.settings, self.backend
        files = list(plan.read.values())
        unindexed = base.info().unindexed_fields if base is not None else 0
        size = sum(source.size for source in files)
        sign = sign_texts if size > MIN_SIGNED_BYTES else None
        draft = self.store.draft(base, backend.mutable_files, backend.lock_files)
        with (
            # Before the engine starts threads, since a process with threads takes longer to start another.
            ReaderPool(files, settings.mapping, settings.reader_count, sign) as readers,
            Manifest(draft.manifest, writing=True) as manifest,
            FormerArticles(live, settings, is_sound=base is not None) as former,
        ):
            for path, state in plan.touched.items():
                manifest.add_file(path, state)
            manifest.invalidate_files([*plan.read, *plan.deleted])
            self.unreachable.record(manifest)
            record_skipped(self.skipped, manifest)
            with closing(backend.writer(draft.engine, settings.language, size)) as writer:
                fields = FieldNames(manifest.fields(), is_complete=unindexed > 0)
                ingester = Ingester(manifest, writer, files, fields)
                ingester.read(readers.batches(), self.on_progress)
                # A clone of the live generation still has what discovery could not reach.
                lost = Unreachable((*ingester.refused, *(() if base else self.unreachable.paths)))
                if lost.paths:
                    ingester.add(former.carry_over(lost, manifest))
                ingester.settle(self._read_again, former.get)
                if base is None:
                    carry_over_updates(live, manifest)
                writer.commit()
            with ThreadPoolExecutor(1) as pool:  # all of them spend much of their time in the engine
                words = pool.submit(record_words, draft, base, backend, settings, ingester.text_changes)
                engine = backend.open(draft.engine, settings.language)
                changes = record_stories(draft, base, engine, ingester.signer.table())
                words.result()
                mark_versions(draft, backend, settings.language, changes, fields)
                info = verify_draft(draft, manifest, backend, settings, ingester.text_changes.ids)
                info = replace(info, unindexed_fields=max(info.unindexed_fields, unindexed))  # those of the base stay so
            done = ingester.report_fields() | report_skipped(manifest)
            manifest.commit()
        done["failures"] = (*self.unreachable.failures, *done["failures"])
        done |= {"full": reason or None, "files": len(self.sources)}
        report = ReindexReport(articles=info.articles, unindexed_fields=info.unindexed_fields, **done)
        return _Built(plan, draft, info, base, report)

    @contextmanager
    def _read_again(self, paths: Iterable[str]) -> Iterator[Iterable[Batch]]:
        """Read files whose articles come to be indexed, although they have not changed."""
        files = [self.sources[path] for path in paths if path in self.sources]
        with ReaderPool(files, self.settings.mapping, self.settings.reader_count) as readers:
            yield readers.batches()


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
        languages = ", ".join(info.language) or "any language"
        return f"the live generation is for {info.engine} and {languages}"
    if (info.schema, info.reader, info.manifest) != (backend.schema_version, READER_VERSION, MANIFEST_VERSION):
        return "the live generation was made by another version of searchsvc"
    if info.mapping != settings.mapping:
        return "the mapping has changed"
    if not set(installed_extras()) <= set(info.extras):
        # Archives and files without a telling suffix may hold what it reads, and no file says so.
        return "another extra of searchsvc has been installed"
    return ""


def _plan(sources: Mapping[str, SourceFile], unreachable: Unreachable, live: Generation) -> _Plan:
    readers = live.info().readers
    with live.open_manifest() as manifest:
        known = manifest.files()
        read: dict[str, SourceFile] = {}
        touched: dict[str, FileState] = {}
        for path, source in sources.items():
            state = known.get(path)
            if state is None or is_read_anew(path, readers) or _has_changed(source, state):
                read[path] = source
            elif state.mtime_ns != source.mtime_ns:
                touched[path] = state._replace(mtime_ns=source.mtime_ns)
        deleted = frozenset(path for path in known.keys() - sources.keys() if not unreachable.covers(path))
    return _Plan(read, touched, deleted)


def _has_changed(source: SourceFile, state: FileState) -> bool:
    """Return whether a file has other bytes than before. A file that could not be read has changed if it now can be."""
    if source.size != state.size:
        return True
    if not state.hash:
        return bool(digest(source.file))
    return source.mtime_ns != state.mtime_ns and digest(source.file) != state.hash
