"""The work of one machine in a distributed reindex: read a part of the corpus, and publish if it was the last one."""

import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from time import monotonic, time
from typing import Any

from searchsvc.analysis.signature import sign_texts
from searchsvc.config import Settings
from searchsvc.corpus import READER_VERSION, Batch, ReaderPool, SourceFile, installed_extras, reader_versions, walk
from searchsvc.durable import sync_file, sync_folder
from searchsvc.engines.protocol import Backend, DistributedWriting, IndexWriter, SharedWriter
from searchsvc.engines.registry import backend_for
from searchsvc.errors import EngineError, NoIndexError, ServiceError, UserError
from searchsvc.index import MANIFEST_VERSION, Generation, GenerationStore, Manifest
from searchsvc.index.signatures import NewSignatures, SignatureTable, read_table, write_table
from searchsvc.indexer.distributed.plan import MAX_RANK, DistributedBuild, Part, create_build, find_build
from searchsvc.indexer.field_names import FieldNames
from searchsvc.indexer.ingest import Ingester, read_corpus
from searchsvc.indexer.publication import carry_over_updates, delete_old_generations, verify_draft
from searchsvc.indexer.report import OnProgress, ReadCounts, ReindexReport
from searchsvc.indexer.signing import Signer
from searchsvc.indexer.skipping import record_skipped, report_skipped
from searchsvc.indexer.stories import mark_versions, record_stories
from searchsvc.indexer.unreachable import Unreachable
from searchsvc.model.article import Article, dump, fingerprint
from searchsvc.model.skipped import SkipCounter

LOCK_TIMEOUT_SECONDS = 3_600.0
"""How long a machine waits while another one begins or publishes the generation."""


@dataclass(frozen=True, slots=True)
class PartReport(ReindexReport):
    """The result for a part such as 3/16. If no parts are `missing`, `generation` is the one that they became."""

    part: str = ""
    missing: tuple[int, ...] = ()


def reindex_part(settings: Settings, part: Part, on_progress: OnProgress = lambda _: None) -> PartReport:
    """Read a part of the corpus into a new generation, and publish it if no other part is missing.

    A complete part is not read again. Raise UserError if the engine or the settings do not allow it, BusyError if another
    process reads this part, and ServiceError if writing fails.
    """
    begun = monotonic()
    backend = backend_for(settings.engine, settings)
    if backend.distributed is None:
        raise UserError(
            f"--part: only one machine can write an index of {backend.name}: leave --part out, or use --engine opensearch",
            param="part",
        )
    reindexing = _PartReindexing(settings, backend, backend.distributed, GenerationStore(settings.index), part)
    try:
        report = reindexing.run(on_progress)
    except (OSError, sqlite3.Error, EngineError) as error:
        raise ServiceError(
            f"part {part} failed ({error}): check whether the cluster or the disk of {settings.index} is full or failing, "
            f"then run `searchsvc reindex --part {part}` again"
        ) from error
    return replace(report, seconds=monotonic() - begun)


@dataclass(frozen=True, slots=True)
class _PartReindexing:
    """A reindex of one part."""

    settings: Settings
    backend: Backend
    writing: DistributedWriting
    store: GenerationStore
    part: Part

    def run(self, on_progress: OnProgress) -> PartReport:
        build = self._join_build()
        report = PartReport(full=f"part {self.part}", part=str(self.part))
        with build.part_lock(self.part.number):
            if not build.manifest(self.part.number).exists():
                report = self._read(build, report, on_progress)
        return self._finish(build, report)

    def _join_build(self) -> DistributedBuild:
        settings = self._common_settings()
        with self.store.write_lock(LOCK_TIMEOUT_SECONDS):
            build = find_build(self.store)
            if build is None:
                build = create_build(self.store)
                self.writing.begin(build.engine)
                build.write_plan(self._sources(), self.part.total, settings)
            build.require_plan(self.part.total, settings)
            return build

    def _sources(self) -> list[SourceFile]:
        """Return the files of the corpus. Raise UserError if the live generation has a file that cannot be reached now."""
        unreachable = Unreachable()
        sources = list(walk(self.settings.corpus, unreachable.add))
        live = self.store.live()
        if unreachable.failures and live is not None:
            with suppress(NoIndexError), live.open_manifest() as manifest:  # of another version, nothing could be kept
                unreachable.require(manifest.files())
        return sources

    def _common_settings(self) -> Mapping[str, Any]:
        own = self.settings
        return {
            "engine": own.engine,
            "index": own.opensearch_index,
            "language": ", ".join(own.language) or "any",
            "mapping": own.mapping,
            "versions": (self.backend.schema_version, READER_VERSION, MANIFEST_VERSION),
            "readers": reader_versions(),
            "extras": installed_extras(),
        }

    def _read(self, build: DistributedBuild, report: PartReport, on_progress: OnProgress) -> PartReport:
        """Write the articles of the part to the engine, and then its manifest, which marks the part as complete."""
        ranks = build.ranks(self.part.number)
        unreachable, skipped = Unreachable(), SkipCounter()
        files = [source for source in walk(self.settings.corpus, unreachable.add, skipped) if source.path in ranks]
        unreachable.require(ranks)
        counts = ReadCounts(files)
        complete = build.manifest(self.part.number)
        draft = complete.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with (
            ReaderPool(files, self.settings.mapping, self.settings.reader_count, sign_texts) as readers,
            Manifest(draft, writing=True) as manifest,
            closing(self.writing.join(build.engine, self.settings.language)) as writer,
        ):
            fields, signer, now = FieldNames(), Signer(), int(time())
            for row, article, signature in read_corpus(readers.batches(), manifest, counts, on_progress):
                if article is None:
                    manifest.add_last_article(row)
                    continue
                stored = dump(article)
                manifest.add_last_article(row._replace(fingerprint=fingerprint(stored)))
                if article.date is None:
                    manifest.set_update(row.id, now)
                # No machine knows which articles of others have the same id. The highest rank wins for now.
                writer.add(fields.restrict(article), stored, ranks[row.path] + row.number)
                signer.add(article, signature)
            manifest.add_fields(fields.counts)
            if self.part.number == 1:  # since every part discovers the same files
                record_skipped(skipped, manifest)
            writer.finish()
            reported = report_skipped(manifest)
            manifest.commit()
        write_table(build.signatures(self.part.number), signer.table())
        sync_file(build.signatures(self.part.number))  # before the manifest, which says that it is there
        sync_file(draft)
        draft.replace(complete)
        sync_folder(complete.parent)
        done = counts.report_fields() | reported
        done["failures"] = (*unreachable.failures, *done["failures"])
        return replace(report, files=len(files), added=counts.progress().articles, **done)

    def _finish(self, build: DistributedBuild, report: PartReport) -> PartReport:
        with self.store.write_lock(LOCK_TIMEOUT_SECONDS):
            if not build.folder.exists():  # another machine finished at the same time, and has published it
                return replace(report, generation=build.name)
            if missing := build.missing_parts():
                return replace(report, missing=missing)
            report = self._publish(build, report)
            build.delete()
            delete_old_generations(self.store, self.backend, self.settings.keep)
            return report

    def _publish(self, build: DistributedBuild, report: PartReport) -> PartReport:
        draft = self.store.draft(None)
        shutil.copytree(build.engine, draft.engine, dirs_exist_ok=True)
        with Manifest(draft.manifest, writing=True) as manifest:
            for part in range(1, self.part.total + 1):
                manifest.merge_from(build.manifest(part))
            fields = FieldNames(manifest.fields(), is_complete=True)
            with closing(self.writing.join(draft.engine, self.settings.language)) as writer:
                ingester = Ingester(manifest, _LastWriter(writer), (), fields)
                ingester.settle_all(self._read_again)
                writer.commit()
            carry_over_updates(self.store.live(), manifest)
            changes = self._record_stories(build, draft, ingester.signer.table(), manifest.shared_ids())
            mark_versions(draft, self.backend, self.settings.language, changes, fields)
            info = verify_draft(draft, manifest, self.backend, self.settings)
            done = ingester.report_shared_ids() | report_skipped(manifest)
            manifest.commit()
        generation = self.store.publish(draft, info, None, self.backend.lock_files)
        done |= {"articles": info.articles, "unindexed_fields": info.unindexed_fields}
        return replace(report, generation=generation.name, published=True, **done)

    def _record_stories(
        self, build: DistributedBuild, draft: Generation, last: SignatureTable, shared_ids: Iterable[str]
    ) -> dict[str, bool]:
        """Write the signatures and stories of all parts. Sign articles anew of which several parts have the id.

        Return the articles that have to be written again: see `mark_versions`.
        """
        signatures, signer = NewSignatures(), Signer()
        for part in range(1, self.part.total + 1):
            signatures.add_all(read_table(build.signatures(part)))
        signatures.add_all(last)
        engine = self.backend.open(draft.engine, self.settings.language)
        for article_id in shared_ids:
            article = engine.get(article_id)
            if article is None:
                signer.delete(article_id)
            else:
                signer.add(article)
        signatures.add_all(signer.table())
        return record_stories(draft, None, engine, signatures.table())

    @contextmanager
    def _read_again(self, paths: Iterable[str]) -> Iterator[Iterable[Batch]]:
        """Read files of any part, whose articles have ids of other articles."""
        wanted = frozenset(paths)
        known = Unreachable()  # each part has reported them
        files = [source for source in walk(self.settings.corpus, known.add) if source.path in wanted]
        with ReaderPool(files, self.settings.mapping, self.settings.reader_count) as readers:
            yield readers.batches()


class _LastWriter(IndexWriter):
    """The writer of the machine that publishes: what it adds replaces whatever the others have added."""

    def __init__(self, writer: SharedWriter) -> None:
        self._writer = writer

    def add(self, article: Article, stored: bytes, *, versioned: bool = False) -> None:
        self._writer.add(article, stored, MAX_RANK)

    def delete(self, article_id: str) -> None:
        self._writer.delete(article_id)

    def commit(self) -> None:
        self._writer.commit()

    def close(self) -> None:
        self._writer.close()
