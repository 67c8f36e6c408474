"""The corpus as a stream of articles and tombstones, and the one writer that indexes them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from time import time
from typing import Any, NamedTuple

from searchsvc.analysis.signature import Signature
from searchsvc.corpus import Batch, ReadFailure, ReadNote, SourceFile, Tombstone
from searchsvc.engines.protocol import IndexWriter
from searchsvc.index import TOMBSTONE, ArticleRow, FileState, Manifest, PreviousArticle
from searchsvc.indexer.field_names import FieldNames
from searchsvc.indexer.identity import article_row, assign_ids, is_global, precedence
from searchsvc.indexer.report import OnProgress, ReadCounts
from searchsvc.indexer.signing import Signer
from searchsvc.indexer.words import TextChanges
from searchsvc.model.article import Article, dump, fingerprint
from searchsvc.model.skipped import SkippedFiles

MAX_GROUP = 100  # rows of a group whose ids are decided at once: those of larger ones wait until all files are read
ReadAgain = Callable[[Iterable[str]], AbstractContextManager[Iterable[Batch]]]
"""Reads files of the corpus, which are given by their paths."""
Former = Callable[[str, int], Article | None]
"""Returns the article of a record from the generation before, given its file and its number, or None."""


class Found(NamedTuple):
    """An article that was found, its row, and its signature if it is known. The row of a tombstone has no article."""

    row: ArticleRow
    article: Article | None = None
    signature: Signature | None = None


def read_corpus(
    batches: Iterable[Batch], manifest: Manifest, counts: ReadCounts, on_progress: OnProgress
) -> Iterator[Found]:
    """Yield the articles and tombstones of these batches. Record the failures and the files in the manifest."""
    for batch in batches:
        path, signatures = batch.source.path, iter(batch.signatures)
        for number, item in enumerate(batch.items, start=batch.first):
            match item:
                case ReadFailure():
                    manifest.add_failure(path, item.path, item.reason)
                case ReadNote():
                    pass  # the counts keep it for the report
                case SkippedFiles():
                    manifest.add_skipped(path, item.reason, item.suffix, item.files)
                case Tombstone():
                    yield Found(ArticleRow(precedence(path), path, number, item.id, path, fingerprint=TOMBSTONE))
                case Article():
                    yield Found(article_row(item, path, number), item, next(signatures, None))
        if batch.digest is not None:
            manifest.add_file(path, FileState(batch.source.size, batch.source.mtime_ns, batch.digest))
        counts.add(batch)
        on_progress(counts.progress())


class Ingester:
    """Brings a draft up to date: its manifest, and the index that a writer writes."""

    def __init__(
        self, manifest: Manifest, writer: IndexWriter, files: Sequence[SourceFile], fields: FieldNames | None = None
    ) -> None:
        self._manifest = manifest
        self._writer = writer
        self._read_files = {source.path for source in files}
        self._counts = ReadCounts(files)
        self._added = self._changed = self._removed = 0
        self._fields = fields or FieldNames()
        self._time = int(time())  # of all changes
        self._shared_ids: set[str] = set()
        self._with_aliases: set[str] = set()
        self.text_changes = TextChanges()
        self.signer = Signer()

    def read(self, batches: Iterable[Batch], on_progress: OnProgress) -> None:
        """Index the articles of the files that are new or have changed."""
        self.add(read_corpus(batches, self._manifest, self._counts, on_progress))

    @property
    def refused(self) -> list[str]:
        """The paths of the files that the system refused to read."""
        return self._counts.refused

    def add(self, found: Iterable[Found]) -> None:
        """Index articles, and carry out tombstones."""
        for each in found:
            self._place(*each)

    def settle(self, read_again: ReadAgain, former: Former = lambda _path, _number: None) -> None:
        """Decide the ids that had to wait until all files were read, and index the articles that are then missing.

        Their files are read again. If a record is not found, because its file has changed meanwhile or is out of reach, it
        is taken from the generation before or left out, and the next reindex reads the file again. Articles that no file
        has any more are deleted.
        """
        changes = self._manifest.changes
        while True:
            for article_id in changes.take_unsettled():
                self._settle(article_id)
            paths = changes.wanted_files()
            if not paths:
                break
            with read_again(sorted(paths)) as batches:
                for batch in batches:
                    self._index_wanted(batch)
            for path, number, article_id in changes.take_wanted():
                if not self._index_record(path, number, article_id, former(path, number)):
                    self._drop(path, number)
        for article_id, is_old in changes.orphans():
            self._delete(article_id)
            self._manifest.delete_update(article_id)
            self._removed += is_old
        self._manifest.add_fields(self._fields.counts)

    def settle_all(self, read_again: ReadAgain) -> None:
        """Decide the ids of a draft that several machines have written. Each knew only the articles of its own files."""
        manifest = self._manifest
        manifest.index_last_of_each_id()
        for article_id in manifest.deleted_ids():
            manifest.changes.remember(article_id, PreviousArticle(TOMBSTONE, None))
        for article_id in manifest.shared_ids():
            self._shared_ids.add(article_id)
            manifest.changes.unsettle(article_id)
        self.settle(read_again)

    def report_fields(self) -> dict[str, Any]:
        """Return the fields of a ReindexReport that say what was read and what changed."""
        changes = {"added": self._added, "changed": self._changed, "removed": self._removed}
        return changes | self.report_shared_ids() | self._counts.report_fields()

    def report_shared_ids(self) -> dict[str, Any]:
        """Return the fields of a ReindexReport that say which articles have ids of others."""
        duplicates = (describe_duplicate(self._manifest.group(each)) for each in sorted(self._shared_ids))
        aliases = describe_aliases(self._manifest, self._with_aliases)
        return {"duplicates": tuple(filter(None, duplicates)), "aliases": tuple(aliases)}

    def _place(self, row: ArticleRow, article: Article | None, signature: Signature | None) -> None:
        """Record a row, and index its article unless it loses against another one."""
        manifest = self._manifest
        group = manifest.group(row.id, MAX_GROUP + 1)
        if group:
            row, group = self._replace_older(row, group)
            self._note_shared(row, group)
        if "@" in row.id:
            self._unindex_alias(row.id)
        indexed_as = self._id_among(row, group)
        if indexed_as is not None and article is not None:
            row = row._replace(indexed_as=indexed_as, fingerprint=self._write(article, indexed_as, signature))
        manifest.add_article(row)

    def _unindex_alias(self, article_id: str) -> None:
        """Take an id from the article that has it as an alias, if there is one."""
        row = self._manifest.indexed(article_id)
        if row is not None and row.id != article_id:
            self._unindex(row)

    def _replace_older(self, row: ArticleRow, group: list[ArticleRow]) -> tuple[ArticleRow, list[ArticleRow]]:
        """Delete the row of an earlier record of the same file. Return the new row, and the group without the older one."""
        older = self._manifest.earlier_record(row)
        if older is None:
            return row, group
        self._unindex(older)
        self._manifest.delete_article(older)
        return row._replace(repeats=older.repeats + 1), [each for each in group if each[:3] != older[:3]]

    def _note_shared(self, row: ArticleRow, group: Sequence[ArticleRow]) -> None:
        if not row.precedence and (row.repeats or any(not other.precedence for other in group)):
            self._shared_ids.add(row.id)

    def _id_among(self, row: ArticleRow, group: Sequence[ArticleRow]) -> str | None:
        """Return the id under which a new row is indexed, or None if it is not. Other rows of its group may lose theirs."""
        if len(group) > MAX_GROUP:
            return self._id_in_large_group(row)
        assigned = self._assign(sorted([*group, row]))
        self._unindex_losers(group, assigned)
        if any(_is_missing(other, article_id) for article_id, other in assigned.items() if other is not row):
            self._manifest.changes.unsettle(row.id)
        return next((article_id for article_id, other in assigned.items() if other is row), None)

    def _id_in_large_group(self, row: ArticleRow) -> str | None:
        """Return the id under which a row is indexed for now. Without an address or the like, it is not indexed yet."""
        last = self._manifest.last(row.id)
        if not is_global(row.id) or row.content or last is None or last.precedence or row.precedence:
            self._manifest.changes.unsettle(row.id)
            return None
        if row < last:
            return None
        if (indexed := self._manifest.indexed(row.id)) is not None:
            self._unindex(indexed)
        return row.id

    def _settle(self, article_id: str) -> None:
        """Take their ids from the rows of a group that lose them, and want those that get others."""
        group = self._manifest.group(article_id)
        assigned = self._assign(group)
        self._unindex_losers(group, assigned)
        for indexed_as, row in assigned.items():
            if _is_missing(row, indexed_as):
                self._manifest.changes.want(row.path, row.number, indexed_as)

    def _assign(self, group: Sequence[ArticleRow]) -> dict[str, ArticleRow]:
        """Return the row for each id. A group that has an alias as its own id takes precedence over it."""
        assigned = assign_ids(group).items()
        return {own: row for own, row in assigned if own == row.id or self._manifest.last(own) is None}

    def _unindex_losers(self, group: Iterable[ArticleRow], assigned: dict[str, ArticleRow]) -> None:
        for row in group:
            if row.indexed_as is not None and assigned.get(row.indexed_as) is not row:
                self._unindex(row)

    def _index_wanted(self, batch: Batch) -> None:
        changes, path = self._manifest.changes, batch.source.path
        for number, item in enumerate(batch.items, start=batch.first):
            article_id = changes.wanted(path, number)
            if article_id is not None and self._index_record(path, number, article_id, item):
                changes.found(path, number)

    def _index_record(self, path: str, number: int, article_id: str, item: object) -> bool:
        """Index a record under an id. Return False if it is not the article that was there before."""
        row = self._manifest.row(path, number)
        if row is None or not isinstance(item, Article) or not _is_same_record(article_row(item, path, number), row):
            return False
        self._manifest.set_indexed(row, article_id, self._write(item, article_id))
        return True

    def _drop(self, path: str, number: int) -> None:
        """Delete the row of a record that cannot be read. The next reindex reads its file."""
        manifest = self._manifest
        row, state = manifest.row(path, number), manifest.file(path)
        if row is None or state is None:
            return
        manifest.delete_article(row)
        manifest.add_file(path, state._replace(hash=b""))
        manifest.changes.unsettle(row.id)
        manifest.unsettle_alias(row.id)

    def _write(self, article: Article, article_id: str, signature: Signature | None = None) -> bytes:
        """Index an article under an id that no other row has, unless it is in the index. Return its fingerprint."""
        if article.id != article_id:
            self._with_aliases.add(article.path)
        indexed = article if article.id == article_id else replace(article, id=article_id)
        stored = dump(indexed)
        current = fingerprint(stored)
        previous = self._manifest.changes.take(article_id)
        if previous is None or previous.fingerprint != current:
            if previous is not None:
                self._delete(article_id)
            self._writer.add(self._fields.restrict(indexed), stored)
            self.text_changes.add(article_id, article.body)
            self.signer.add(indexed, signature)
        base = previous.base if previous is not None else None
        is_new, has_changed = base is None, base is not None and base != current
        self._added += is_new
        self._changed += has_changed
        if has_changed or (is_new and article.date is None):
            self._manifest.set_update(article_id, self._time)
        return current

    def _delete(self, article_id: str) -> None:
        self._writer.delete(article_id)
        self.text_changes.delete(article_id)
        self.signer.delete(article_id)

    def _unindex(self, row: ArticleRow) -> None:
        """Take its id from a row. Its article stays in the index until another one takes its place, or to the end."""
        if row.indexed_as is None:
            return
        base: bytes | None = row.fingerprint
        if row.path in self._read_files:
            base = self._manifest.changes.base(row.indexed_as)
            self._added -= base is None
            self._changed -= base is not None and base != row.fingerprint
        self._manifest.changes.remember(row.indexed_as, PreviousArticle(row.fingerprint, base))
        self._manifest.set_indexed(row, None, row.fingerprint)


def _is_missing(row: ArticleRow, indexed_as: str) -> bool:
    return row.indexed_as != indexed_as and not row.is_tombstone


def _is_same_record(found: ArticleRow, row: ArticleRow) -> bool:
    return (found.id, found.member, found.content) == (row.id, row.member, row.content)


def describe_duplicate(group: Sequence[ArticleRow]) -> str:
    """Return which of several articles with one id are indexed, and which are left out. Return "" if none is."""
    indexed = [row for row in group if row.indexed_as is not None]
    ignored = [row.member for row in group if row.indexed_as is None and not row.precedence]
    ignored += (row.member for row in group for _ in range(row.repeats))
    if not ignored or not indexed:
        return ""
    why = "uploaded" if indexed[-1].precedence else "the last one" if len(indexed) == 1 else "different texts"
    kept = ", ".join(row.member for row in reversed(indexed))
    return f"{group[0].id}: indexed from {kept} ({why}), ignored in {_listed(sorted(ignored))}"


def describe_aliases(manifest: Manifest, paths: set[str]) -> Iterator[str]:
    """Yield a sentence for each of these files whose articles are indexed under aliases."""
    for row, number in manifest.aliases() if paths else ():
        if row.member in paths:
            what = f"{number:,} articles have ids" if number > 1 else "1 article has an id"
            yield f"{row.member}: {what} of other articles and another id in the index, such as {row.indexed_as}"


def _listed(paths: list[str]) -> str:
    more = f" and {len(paths) - 10:,} more" if len(paths) > 10 else ""
    return ", ".join(paths[:10]) + more
