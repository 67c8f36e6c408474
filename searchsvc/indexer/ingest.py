"""The corpus as a stream of articles and tombstones, and the one writer that indexes them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from searchsvc.corpus import Batch, ReadFailure, SourceFile, Tombstone, is_put
from searchsvc.engines.protocol import IndexWriter
from searchsvc.index import TOMBSTONE, FileState, Manifest, RecordLocation
from searchsvc.indexer.report import OnProgress, ReadCounts
from searchsvc.model.article import Article, dump, fingerprint, metadata


def precedence(path: str) -> int:
    """Return the precedence of a file: 1 for an uploaded article, which replaces any other with its id, else 0."""
    return 1 if is_put(path) else 0


def read_corpus(
    batches: Iterable[Batch], manifest: Manifest, counts: ReadCounts, on_progress: OnProgress
) -> Iterator[tuple[RecordLocation, Article | Tombstone]]:
    """Yield the articles and tombstones of these batches. Record the failures and the files in the manifest."""
    for batch in batches:
        path = batch.source.path
        for number, item in enumerate(batch.items, start=batch.first):
            if isinstance(item, ReadFailure):
                manifest.add_failure(path, item.path, item.reason)
            else:
                yield RecordLocation(precedence(path), path, number), item
        if batch.digest is not None:
            manifest.add_file(path, FileState(batch.source.size, batch.source.mtime_ns, batch.digest))
        counts.add(batch)
        on_progress(counts.progress())


class Ingester:
    """Brings a draft up to date: its manifest, and the index that a writer writes."""

    def __init__(self, manifest: Manifest, writer: IndexWriter, files: Sequence[SourceFile]) -> None:
        self._manifest = manifest
        self._writer = writer
        self._counts = ReadCounts(files)
        self._added = self._changed = self._removed = 0
        self._fields: set[str] = set()
        self._shared_ids: set[str] = set()

    def read(self, batches: Iterable[Batch], on_progress: OnProgress) -> None:
        """Index the articles of the files that are new or have changed."""
        self.add(read_corpus(batches, self._manifest, self._counts, on_progress))

    @property
    def refused(self) -> list[str]:
        """The paths of the files that the system refused to read."""
        return self._counts.refused

    def add(self, items: Iterable[tuple[RecordLocation, Article | Tombstone]]) -> None:
        """Index articles, and carry out tombstones."""
        for location, item in items:
            match item:
                case Article():
                    self._index(item, location)
                case Tombstone():
                    self._delete(item.id, location)
        self._manifest.add_fields(self._fields)

    def delete_orphans(self) -> None:
        """Delete the articles that no file has any more."""
        for article_id in self._manifest.orphaned_ids():
            self._writer.delete(article_id)
            self._removed += 1

    def report_fields(self) -> dict[str, Any]:
        """Return the fields of a ReindexReport that say what was read and what changed."""
        return {
            "added": self._added,
            "changed": self._changed,
            "removed": self._removed,
            "duplicates": tuple(describe_duplicate(self._manifest, each) for each in sorted(self._shared_ids)),
            **self._counts.report_fields(),
        }

    def _index(self, article: Article, location: RecordLocation) -> None:
        rival = self._manifest.indexed_location(article.id)
        stored = dump(article)
        current = fingerprint(stored)
        self._manifest.add_article(location, article.id, current)
        if rival is not None:
            if rival.precedence == location.precedence == 0:
                self._shared_ids.add(article.id)
            if rival.takes_precedence(location):
                return
        self._fields.update(metadata(article))
        previous = self._manifest.pop_previous_fingerprint(article.id)
        if previous == current and rival is None:
            return
        if previous is not None or rival is not None:
            self._writer.delete(article.id)
        self._changed += previous is not None
        self._added += previous is None and rival is None
        self._writer.add(article, stored)

    def _delete(self, article_id: str, location: RecordLocation) -> None:
        rival = self._manifest.indexed_location(article_id)
        self._manifest.add_article(location, article_id, TOMBSTONE)
        if self._manifest.pop_previous_fingerprint(article_id) is not None or rival is not None:
            self._writer.delete(article_id)
            self._removed += 1


def describe_duplicate(manifest: Manifest, article_id: str) -> str:
    """Return which of several articles with one id is indexed, and which are left out."""
    winner, *losers = manifest.locations(article_id)
    why = "uploaded" if winner.precedence else "the last one"
    return f"{article_id}: indexed from {winner.path} ({why}), ignored in {', '.join(loser.path for loser in losers)}"
