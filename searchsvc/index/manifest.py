"""The manifest of a generation, an SQLite file: its source files, their articles, and what could not be read.

A reindex compares the corpus with it and reads only the files that changed. It also records under which id each article is
indexed, if at all: several files may have articles with one id. Which of them is indexed is decided by the indexer.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from random import sample
from typing import NamedTuple

from searchsvc.index.changes import INDEXED_AS, Changes
from searchsvc.model.aliases import origins
from searchsvc.model.skipped import SkipCounter, SkippedFiles

MANIFEST_VERSION = 6  # raised whenever this version would misread an older manifest
TOMBSTONE = b""  # the fingerprint of a record that deletes the article with its id
_SCHEMA = """
CREATE TABLE files (path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, hash BLOB) WITHOUT ROWID;
CREATE TABLE articles (
    precedence INTEGER, path TEXT, number INTEGER, member TEXT, id TEXT, content BLOB, fingerprint BLOB, repeats INTEGER,
    alias TEXT, PRIMARY KEY (path, number)
) WITHOUT ROWID;
CREATE INDEX articles_by_id ON articles (id, precedence, path, number);
CREATE INDEX articles_by_alias ON articles (alias) WHERE alias > '';
CREATE INDEX articles_left_out ON articles (id) WHERE alias IS NULL;
CREATE TABLE failures (path TEXT, name TEXT, reason TEXT);
CREATE INDEX failures_by_path ON failures (path);
CREATE TABLE skipped (path TEXT, reason TEXT, suffix TEXT, files INTEGER, PRIMARY KEY (path, reason, suffix)) WITHOUT ROWID;
CREATE TABLE fields (name TEXT PRIMARY KEY, articles INTEGER) WITHOUT ROWID;
CREATE TABLE updates (id TEXT PRIMARY KEY, time INTEGER) WITHOUT ROWID;
"""
# `alias` is NULL if the article is not indexed, '' if it is indexed under its own id, else the id that it is indexed under.
# `member` is '' if it is the file itself.
# `updates` has the articles that have changed since they were first indexed, by the ids in the index, and those without a
# date. For all others, the date of the article is the time of its last change.
_MEMBER = "iif(member = '', path, member)"
_ROW = f"precedence, path, number, id, {_MEMBER}, content, fingerprint, repeats, {INDEXED_AS}"
_LEFT_OUT = f"SELECT id FROM articles WHERE alias IS NULL AND id || '@' || {_MEMBER}"  # noqa: S608  the id is that of `alias`
_FINGERPRINT = (
    "SELECT fingerprint FROM articles WHERE id = ?1 AND alias = '' UNION ALL "
    "SELECT fingerprint FROM articles WHERE alias = ?1 AND alias > ''"
)
_IN_ORDER = "ORDER BY precedence, path, number"
_IS_LAST = (
    "NOT EXISTS (SELECT 1 FROM articles AS later WHERE later.id = articles.id AND "
    "(later.precedence, later.path, later.number) > (articles.precedence, articles.path, articles.number))"
)
_ADD_COUNT = "ON CONFLICT (name) DO UPDATE SET articles = articles + excluded.articles"
_ADD_FIELD = f"INSERT INTO fields VALUES (?, ?) {_ADD_COUNT}"  # noqa: S608
_BACKWARDS = "ORDER BY precedence DESC, path DESC, number DESC"


class FileState(NamedTuple):
    """A source file as it was read. Its hash is empty if the system refused to read it."""

    size: int
    mtime_ns: int
    hash: bytes


class ArticleRow(NamedTuple):
    """An article, or a tombstone, in a source file. Rows sort by precedence and then by their place in the corpus.

    `number` counts the records of the file, and `member` is the file of the archive that has the article, or the file
    itself. `content` is equal for articles that may be taken for one. `repeats` counts earlier records of the member with
    the same id, which are left out. `indexed_as` is the id in the index, or None if the article is not indexed.
    """

    precedence: int
    path: str
    number: int
    id: str
    member: str
    content: bytes = b""
    fingerprint: bytes = b""
    repeats: int = 0
    indexed_as: str | None = None

    @property
    def is_tombstone(self) -> bool:
        return self.fingerprint == TOMBSTONE


class Manifest:
    """The manifest of a generation, open for reading, or of a draft, open for writing. Publication makes it durable.

    A draft has `changes`, which a reindex needs until it is done.
    """

    changes: Changes

    def __init__(self, file: Path, *, writing: bool = False) -> None:
        new = writing and not file.exists()
        self._database = sqlite3.connect(file if writing else f"{file.resolve().as_uri()}?mode=ro", uri=not writing)
        if writing:  # a draft is discarded if anything goes wrong, so it need not wait for the disk
            self._database.execute("PRAGMA journal_mode = OFF")
            self._database.execute("PRAGMA synchronous = OFF")
        if new:
            self._database.executescript(_SCHEMA)
        if writing:
            self.changes = Changes(self._database)

    def __enter__(self) -> "Manifest":
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def commit(self) -> None:
        self._database.commit()

    def files(self) -> dict[str, FileState]:
        rows = self._database.execute("SELECT path, size, mtime_ns, hash FROM files")
        return {path: FileState(*state) for path, *state in rows}

    def file(self, path: str) -> FileState | None:
        row = self._database.execute("SELECT size, mtime_ns, hash FROM files WHERE path = ?", (path,)).fetchone()
        return FileState(*row) if row else None

    def fields(self) -> dict[str, int]:
        """Return the metadata fields, with about the number of articles that have each."""
        return dict(self._database.execute("SELECT name, articles FROM fields ORDER BY name"))

    def failures(self) -> Iterator[tuple[str, str]]:
        """Yield the name and the reason of everything that could not be read."""
        yield from self._database.execute("SELECT name, reason FROM failures ORDER BY path, rowid")

    def skipped_files(self, *, in_archives: bool = False) -> SkipCounter:
        """Return the counts of skipped files, or only of those in archives."""
        query = "SELECT reason, suffix, sum(files) FROM skipped WHERE path > '' OR NOT ? GROUP BY reason, suffix"
        counter = SkipCounter()
        counter.add_all(SkippedFiles(*row) for row in self._database.execute(query, (in_archives,)))
        return counter

    def is_same(self, other: "Manifest", paths: Iterable[str]) -> bool:
        """Return whether another manifest has the same failures and skipped files, and the same rows of these files."""
        return (
            list(self.failures()) == list(other.failures())
            and list(self.skipped_files()) == list(other.skipped_files())
            and all(self.file(path) == other.file(path) and self.rows(path) == other.rows(path) for path in paths)
        )

    def count(self) -> int:
        """Return the number of indexed articles."""
        return int(self._database.execute("SELECT count(*) FROM articles").fetchone()[0]) - self._left_out()

    def _left_out(self) -> int:
        return int(self._database.execute("SELECT count(*) FROM articles WHERE alias IS NULL").fetchone()[0])

    def sample(self, number: int, count: int) -> list[tuple[str, bytes]]:
        """Return about `number` of `count` indexed ids at random, with fingerprints. A small index gives fewer.

        The ids are passed over in an index, a tenth of a second for ten million of them.
        """
        found: list[tuple[str, bytes]] = []
        last, passed = "", 0
        rows = range(count + self._left_out())
        for place in sorted(sample(rows, number)) if count > number else ():
            following = self._id_after(last, place - passed)
            if following is None:
                break
            last, passed = following, place + 1
            found += self._sampled("id = ? AND alias IS NOT NULL LIMIT ?", last, number - len(found))
        # Of a manifest with many tombstones and articles that are left out, that may be none.
        return found + self._sampled("alias IS NOT NULL LIMIT ?", number - len(found))

    def _sampled(self, condition: str, *values: str | int) -> list[tuple[str, bytes]]:
        query = f"SELECT {INDEXED_AS}, fingerprint FROM articles WHERE {condition}"  # noqa: S608  constants
        return self._database.execute(query, values).fetchall()

    def _id_after(self, article_id: str, skipped: int) -> str | None:
        """Return the id that so many rows precede behind another id, or None if there are not as many."""
        query = "SELECT id FROM articles WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?"
        return next(self._column(query, article_id, skipped), None)

    def id_bounds(self, step: int) -> Iterator[str]:
        """Yield an id after each `step` rows in the order of their ids, and the last id of all."""
        last = ""
        while (following := self._id_after(last, step - 1)) is not None:
            yield following
            last = following
        yield from self._column("SELECT max(id) FROM articles WHERE id > ? HAVING max(id) IS NOT NULL", last)

    def indexed_between(self, after: str, up_to: str, limit: int) -> list[tuple[str, int | None]]:
        """Return the ids in the index of articles in a range of ids, and the times of their last changes, or None."""
        rows = f"SELECT id AS own, {INDEXED_AS} AS indexed_as FROM articles WHERE id > ? AND id <= ? AND alias IS NOT NULL"  # noqa: S608
        query = f"SELECT indexed_as, time FROM ({rows}) LEFT JOIN updates ON id = indexed_as ORDER BY own LIMIT ?"  # noqa: S608
        return self._database.execute(query, (after, up_to, limit)).fetchall()

    def group(self, article_id: str, limit: int = -1) -> list[ArticleRow]:
        """Return the rows of the articles and tombstones that their files call `article_id`, in order."""
        return self._rows(f"id = ? {_IN_ORDER} LIMIT {limit}", article_id)

    def last(self, article_id: str) -> ArticleRow | None:
        """Return the last row of a group, or None if it is empty."""
        return next(iter(self._rows(f"id = ? {_BACKWARDS} LIMIT 1", article_id)), None)

    def earlier_record(self, row: ArticleRow) -> ArticleRow | None:
        """Return the row of an earlier record of the same file with the same id, or None if there is none."""
        found = self._rows(f"id = ? AND path = ? {_BACKWARDS} LIMIT 1", row.id, row.path)
        return found[0] if found and found[0].member == row.member else None

    def rows(self, path: str) -> list[ArticleRow]:
        """Return the rows of a file."""
        return self._rows("path = ? ORDER BY number", path)

    def row(self, path: str, number: int) -> ArticleRow | None:
        """Return the row of a record, or None if it has none."""
        return next(iter(self._rows("path = ? AND number = ?", path, number)), None)

    def indexed(self, article_id: str) -> ArticleRow | None:
        """Return the row of the article that is indexed under this id, or None if there is none."""
        found = self._rows("id = ? AND alias = ''", article_id) or self._rows("alias = ? AND alias > ''", article_id)
        return next(iter(found), None)

    def is_in_file(self, article_id: str) -> bool:
        """Return whether a file that was not uploaded has an article that is, or would be, indexed under this id."""
        rows = [
            *self.group(article_id),
            *(row for origin, path in origins(article_id) for row in self._named(origin, path)),
        ]
        return any(row.precedence == 0 for row in rows)

    def aliases(self) -> Iterator[tuple[ArticleRow, int]]:
        """Yield the first row of each file that has articles with aliases, and the number of these."""
        query = f"SELECT {_ROW}, count(*), min(number) FROM articles WHERE alias > '' GROUP BY path, member"  # noqa: S608
        for *row, number, _ in self._database.execute(query):
            yield ArticleRow(*row), number

    def shared_ids(self) -> Iterator[str]:
        """Yield the ids of which several files have an article."""
        return self._column("SELECT id FROM articles GROUP BY id HAVING count(*) > 1 ORDER BY id")

    def add_article(self, row: ArticleRow) -> None:
        """Record where an article, or a tombstone, was found, and under which id it is indexed."""
        member = "" if row.member == row.path else row.member
        values = (*row[:3], member, row.id, row.content, row.fingerprint, row.repeats, _alias(row, row.indexed_as))
        self._database.execute("INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)

    def add_last_article(self, row: ArticleRow) -> None:
        """Record where an article was found, instead of an earlier record of the same file with the same id."""
        if (older := self.earlier_record(row)) is not None:
            self.delete_article(older)
            row = row._replace(repeats=older.repeats + 1)
        self.add_article(row)

    def set_indexed(self, row: ArticleRow, article_id: str | None, fingerprint: bytes) -> None:
        """Record under which id an article is indexed now, or None if it is not, and its fingerprint there."""
        query = "UPDATE articles SET alias = ?, fingerprint = ? WHERE path = ? AND number = ?"
        self._database.execute(query, (_alias(row, article_id), fingerprint, row.path, row.number))

    def delete_article(self, row: ArticleRow) -> None:
        self._database.execute("DELETE FROM articles WHERE path = ? AND number = ?", (row.path, row.number))

    def updates(self, ids: Iterable[str]) -> dict[str, int]:
        """Return when these articles last changed, in seconds since 1970, without those that have kept to their date."""
        query = "SELECT time FROM updates WHERE id = ?"
        found = {article_id: self._database.execute(query, (article_id,)).fetchone() for article_id in ids}
        return {article_id: row[0] for article_id, row in found.items() if row}

    def set_update(self, article_id: str, time: int) -> None:
        """Record when an article changed."""
        self._database.execute("INSERT OR REPLACE INTO updates VALUES (?, ?)", (article_id, time))

    def delete_update(self, article_id: str) -> None:
        self._database.execute("DELETE FROM updates WHERE id = ?", (article_id,))

    def fingerprinted_updates(self) -> Iterator[tuple[str, int | None, bytes]]:
        """Yield the ids of indexed articles, the times of their last changes, or None, and their fingerprints."""
        indexed = f"SELECT {INDEXED_AS} AS indexed_as, fingerprint FROM articles WHERE alias IS NOT NULL"  # noqa: S608
        query = f"SELECT indexed_as, time, fingerprint FROM ({indexed}) LEFT JOIN updates ON id = indexed_as"  # noqa: S608
        yield from self._database.execute(query)

    def carry_over_updates(self, former: Iterable[tuple[str, int | None, bytes]], now: int) -> None:
        """Record when articles changed that another manifest had: as there if they are the same, or else now."""
        self._database.executemany(
            f"INSERT OR REPLACE INTO updates SELECT ?1, iif(fingerprint = ?3, ?2, ?4) FROM ({_FINGERPRINT}) "  # noqa: S608
            "WHERE ?2 IS NOT NULL OR fingerprint <> ?3",
            ((*each, now) for each in former),
        )

    def add_failure(self, path: str, name: str, reason: str) -> None:
        self._database.execute("INSERT INTO failures VALUES (?, ?, ?)", (path, name, reason))

    def delete_failures(self, path: str) -> None:
        self._database.execute("DELETE FROM failures WHERE path = ?", (path,))

    def add_skipped(self, path: str, reason: str, suffix: str, files: int) -> None:
        """Record the number of files in an archive, or of the corpus if `path` is "", that were skipped."""
        self._database.execute("INSERT OR REPLACE INTO skipped VALUES (?, ?, ?, ?)", (path, reason, suffix, files))

    def delete_skipped(self, path: str) -> None:
        self._database.execute("DELETE FROM skipped WHERE path = ?", (path,))

    def add_file(self, path: str, state: FileState) -> None:
        """Record a file that was read, or the new time of an unchanged one."""
        self._database.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", (path, *state))

    def add_fields(self, counts: Mapping[str, int]) -> None:
        """Add to the numbers of articles that have each metadata field."""
        self._database.executemany(_ADD_FIELD, counts.items())

    def keep_fields(self, counts: Mapping[str, int]) -> None:
        """Replace all fields and numbers."""
        self._database.execute("DELETE FROM fields")
        self.add_fields(counts)

    def merge_from(self, other: Path) -> None:
        """Add everything from another manifest. The two have no file in common."""
        self._database.commit()
        self._database.execute("ATTACH ? AS other", (str(other),))
        for table in ("files", "articles", "failures", "skipped"):
            self._database.execute(f"INSERT INTO {table} SELECT * FROM other.{table}")  # noqa: S608  constants
        self._database.execute("INSERT OR REPLACE INTO updates SELECT * FROM other.updates")
        self._database.execute(f"INSERT INTO fields SELECT * FROM other.fields WHERE true {_ADD_COUNT}")  # noqa: S608
        self._database.commit()
        self._database.execute("DETACH other")

    def deleted_ids(self) -> Iterator[str]:
        """Yield the ids whose last row is a tombstone."""
        return self._column(f"SELECT id FROM articles WHERE length(fingerprint) = 0 AND {_IS_LAST}")  # noqa: S608  constants

    def index_last_of_each_id(self) -> None:
        """Record that the last article of each group is indexed under its own id."""
        self._database.execute(f"UPDATE articles SET alias = '' WHERE length(fingerprint) > 0 AND {_IS_LAST}")  # noqa: S608

    def invalidate_files(self, paths: Iterable[str]) -> None:
        """Delete the rows of changed and deleted files. Remember what was indexed of them, and which ids they shared."""
        self._database.execute("CREATE TEMP TABLE gone (id TEXT PRIMARY KEY) WITHOUT ROWID")
        for path in paths:
            self.changes.remember_file(path)
            self._database.execute("INSERT OR IGNORE INTO gone SELECT id FROM articles WHERE path = ?", (path,))
            for table in ("files", "articles", "failures", "skipped"):
                self._database.execute(f"DELETE FROM {table} WHERE path = ?", (path,))  # noqa: S608  constants
        shared = "SELECT id FROM gone WHERE EXISTS (SELECT 1 FROM articles WHERE articles.id = gone.id)"
        self._database.execute(f"INSERT OR IGNORE INTO unsettled {shared}")
        if any(self._column("SELECT id FROM gone WHERE instr(id, '@') LIMIT 1")):
            self._database.execute(f"INSERT OR IGNORE INTO unsettled {_LEFT_OUT} IN (SELECT id FROM gone)")  # noqa: S608  constants
        self._database.execute("DROP TABLE gone")

    def unsettle_alias(self, article_id: str) -> None:
        """Note that an article has to be decided anew that could not get this id as its alias, if there is one."""
        if "@" in article_id:
            self._database.execute(f"INSERT OR IGNORE INTO unsettled {_LEFT_OUT} = ?", (article_id,))

    def _named(self, article_id: str, member: str) -> list[ArticleRow]:
        return self._rows(f"id = ? AND {_MEMBER} = ? LIMIT 1", article_id, member)

    def _rows(self, condition: str, *values: str | int) -> list[ArticleRow]:
        query = f"SELECT {_ROW} FROM articles WHERE {condition}"  # noqa: S608  constants
        return [ArticleRow(*row) for row in self._database.execute(query, values)]

    def _column(self, query: str, *values: str | int) -> Iterator[str]:
        return (value for (value,) in self._database.execute(query, values))


def _alias(row: ArticleRow, article_id: str | None) -> str | None:
    return "" if article_id == row.id else article_id
