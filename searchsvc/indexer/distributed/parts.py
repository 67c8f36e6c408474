"""A reindex that several machines share: each reads a part of the corpus, and whoever is done last publishes."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from time import monotonic
from typing import Any

from searchsvc.config import Settings
from searchsvc.corpus import READER_VERSION, SourceFile, walk
from searchsvc.durable import sync_folder
from searchsvc.engines.protocol import Backend, DistributedWriting, SharedWriter
from searchsvc.engines.registry import backend_for
from searchsvc.engines.stored import dump, fingerprint, metadata
from searchsvc.errors import EngineError, ServiceError, UserError
from searchsvc.index.manifest import WITHDRAWN, Manifest, RecordLocation
from searchsvc.index.store import GenerationStore
from searchsvc.indexer.distributed.plan import Feeding, Share, feeding_of, new_feeding
from searchsvc.indexer.ingest import Ingester, Progress, Report
from searchsvc.indexer.reindex import publish, shadowed, tidy, verified
from searchsvc.model.article import Article

PATIENCE_SECONDS = 3_600.0
"""How long a machine waits for another that begins or publishes the generation."""


@dataclass(slots=True)
class PartReport(Report):
    """What was done of a part, such as 3/16; `missing` are the parts that nobody has read to their end yet.

    Where none is missing, `generation` is what all of them have become.
    """

    part: str = ""
    missing: tuple[int, ...] = ()


def reindex_part(settings: Settings, share: Share, progress: Callable[[Progress], None] = lambda _: None) -> PartReport:
    """Read a part of the corpus anew, into a generation that is published as soon as all parts are read.

    A part that was read before is not read again; one that was broken off is read from its beginning. Raises UserError
    where the engine or the settings do not allow it, BusyError where somebody else reads this part, and ServiceError where
    writing fails.
    """
    begun = monotonic()
    kind = backend_for(settings.engine, settings)
    if kind.parting is None:
        raise UserError(
            f"--part: one machine alone writes an index of {kind.name}: leave --part out, or take --engine opensearch",
            param="part",
        )
    shared = _Shared(settings, kind, kind.parting, GenerationStore(settings.index), share)
    report = PartReport(full=f"part {share}", part=str(share))
    try:
        feeding = shared.begun()
        with feeding.reading(share.number):
            if not feeding.manifest(share.number).exists():
                shared.read(feeding, report, progress)
        shared.publish(feeding, report)
    except (OSError, sqlite3.Error, EngineError) as error:
        raise ServiceError(
            f"part {share} failed ({error}): see whether the cluster or the disk of {settings.index} is full or failing, "
            f"then run `searchsvc reindex --part {share}` again"
        ) from error
    report.seconds = monotonic() - begun
    return report


class _Shared:
    """What one machine does of the work that it shares."""

    def __init__(
        self, settings: Settings, kind: Backend, parting: DistributedWriting, index: GenerationStore, share: Share
    ) -> None:
        self._settings = settings
        self._kind = kind
        self._parting = parting
        self._index = index
        self._share = share

    def begun(self) -> Feeding:
        """What is being written, begun now where nobody has."""
        with self._index.write_lock(PATIENCE_SECONDS):
            feeding = feeding_of(self._index)
            if feeding is None:
                feeding = new_feeding(self._index)
                self._parting.begin(feeding.engine)
                feeding.plan(walk(self._settings.corpus), self._share.of, self._agreed())
            feeding.require(self._share.of, self._agreed())
            return feeding

    def read(self, feeding: Feeding, report: PartReport, tell: Callable[[Progress], None]) -> None:
        """Read the part and write it."""
        ranks = feeding.files(self._share.number)
        files = [source for source in walk(self._settings.corpus) if source.path in ranks]
        report.files = len(files)
        manifest = feeding.manifest(self._share.number)
        draft = manifest.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with (
            Manifest(draft, writing=True) as listed,
            closing(self._parting.join(feeding.engine, self._settings.language)) as writer,
        ):
            _PartIntake(self._settings, files, report, ranks).run(listed, writer, tell)
            writer.finish()
            listed.commit()
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(manifest)
        sync_folder(manifest.parent)

    def publish(self, feeding: Feeding, report: PartReport) -> None:
        """Publish what all parts have written, where this was the last of them; otherwise report which are missing."""
        with self._index.write_lock(PATIENCE_SECONDS):
            if not feeding.folder.exists():  # another machine was done at the same time, and has published it
                report.generation = feeding.name
                return
            report.missing = feeding.missing()
            if report.missing:
                return
            self._publish(feeding, report)
            feeding.remove()
            tidy(self._index, self._kind, self._settings)

    def _publish(self, feeding: Feeding, report: PartReport) -> None:
        draft = self._index.draft(None)
        shutil.copytree(feeding.engine, draft.engine, dirs_exist_ok=True)
        with Manifest(draft.manifest, writing=True) as manifest:
            for part in range(1, self._share.of + 1):
                manifest.merge_from(feeding.manifest(part))
            with closing(self._parting.join(draft.engine, self._settings.language)) as writer:
                for article_id in manifest.withdrawn():
                    writer.delete(article_id)
                writer.commit()
            info = verified(draft, manifest, self._kind, self._settings)
            report.duplicates.extend(shadowed(manifest, article_id) for article_id in manifest.shared_ids())
            manifest.commit()
        publish(self._index, draft, info, None, report)

    def _agreed(self) -> Mapping[str, Any]:
        """What all parts have to agree on."""
        own = self._settings
        return {
            "engine": own.engine,
            "index": own.opensearch_index,
            "language": own.language,
            "mapping": own.mapping,
            "versions": (self._kind.schema, READER_VERSION),
        }


class _PartIntake(Ingester):
    """Every article of a part, each with its rank: which of several with one id is the last, nobody here can know."""

    def __init__(self, settings: Settings, files: list[SourceFile], report: Report, ranks: Mapping[str, int]) -> None:
        super().__init__(settings, files, report)
        self._ranks = ranks
        self._fields: set[str] = set()

    def run(self, manifest: Manifest, writer: SharedWriter, tell: Callable[[Progress], None]) -> None:
        """Read all of it."""
        self._manifest, self._writer = manifest, writer
        self.read(manifest, tell)
        manifest.add_fields(self._fields)

    def article(self, article: Article, place: RecordLocation) -> None:
        """Write an article."""
        stored = dump(article)
        self._manifest.add_article(place, article.id, fingerprint(stored))
        self._fields.update(metadata(article))
        self._writer.add(article, stored, self._ranks[place.path] + place.number)
        self._report.added += 1

    def withdrawal(self, article_id: str, place: RecordLocation) -> None:
        """Note what is to be removed when all parts are read."""
        self._manifest.add_article(place, article_id, WITHDRAWN)
