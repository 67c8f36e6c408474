"""The manifest of a generation, an SQLite file: its source files, their articles, and what could not be read.

A reindex compares the corpus with it and reads only the files that changed. It also decides which of several articles with
one id is indexed: the one with the highest precedence, and among equals the last by path and number.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

MANIFEST_VERSION = 2  # raised whenever this version would misread an older manifest
TOMBSTONE = b""  # the fingerprint of a record that deletes the article with its id
_SCHEMA = """
CREATE TABLE files (path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, hash BLOB) WITHOUT ROWID;
CREATE TABLE articles (
    precedence INTEGER, path TEXT, number INTEGER, id TEXT, fingerprint BLOB, PRIMARY KEY (path, number)
) WITHOUT ROWID;
CREATE INDEX articles_by_id ON articles (id, precedence, path, number, fingerprint);
CREATE TABLE failures (path TEXT, name TEXT, reason TEXT);
CREATE INDEX failures_by_path ON failures (path);
CREATE TABLE fields (name TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_BEST_FIRST = "ORDER BY precedence DESC, path DESC, number DESC"


class FileState(NamedTuple):
    """A source file as it was read. Its hash is empty if the system refused to read it."""

    size: int
    mtime_ns: int
    hash: bytes


class RecordLocation(NamedTuple):
    """The source of an article: a file, the number of the record in it, and the precedence that the indexer gives it."""

    precedence: int
    path: str
    number: int

    def takes_precedence(self, other: "RecordLocation") -> bool:
        return self > other


class Manifest:
    """The manifest of a generation, open for reading, or of a draft, open for writing. Publication makes it durable."""

    def __init__(self, file: Path, *, writing: bool = False) -> None:
        new = writing and not file.exists()
        self._database = sqlite3.connect(file if writing else f"{file.resolve().as_uri()}?mode=ro", uri=not writing)
        self._has_previous = False
        if writing:  # a draft is discarded if anything goes wrong, so it need not wait for the disk
            self._database.execute("PRAGMA journal_mode = OFF")
            self._database.execute("PRAGMA synchronous = OFF")
        if new:
            self._database.executescript(_SCHEMA)

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

    def fields(self) -> list[str]:
        """Return the metadata fields that any article has had."""
        return list(self._column("SELECT name FROM fields ORDER BY name"))

    def failures(self) -> Iterator[tuple[str, str]]:
        """Yield the name and the reason of everything that could not be read."""
        yield from self._database.execute("SELECT name, reason FROM failures ORDER BY path, rowid")

    def count(self) -> int:
        """Return the number of indexed articles. Several with one id count once, and tombstones do not count."""
        query = "SELECT count(*) FROM (SELECT 1 FROM articles GROUP BY id HAVING min(length(fingerprint)) > 0)"
        return int(self._database.execute(query).fetchone()[0])

    def sample(self, number: int, count: int) -> list[tuple[str, bytes]]:
        """Return about `number` of `count` indexed ids at random, with fingerprints. A small index gives fewer."""
        query = f"SELECT id FROM articles WHERE abs(random()) % {max(1, count // number)} = 0 LIMIT {number}"  # noqa: S608  numbers
        ids = set(self._column(query))
        return [(article_id, fingerprint) for article_id in ids if (fingerprint := self._indexed_fingerprint(article_id))]

    def locations(self, article_id: str, limit: int = -1) -> list[RecordLocation]:
        """Return the locations of articles with this id, the indexed one first."""
        query = f"SELECT precedence, path, number FROM articles WHERE id = ? {_BEST_FIRST} LIMIT {limit}"  # noqa: S608  a number
        return [RecordLocation(*row) for row in self._database.execute(query, (article_id,))]

    def indexed_location(self, article_id: str) -> RecordLocation | None:
        """Return the location whose article is indexed under this id, or None if there is none."""
        return next(iter(self.locations(article_id, limit=1)), None)

    def indexed(self, path: str) -> list[tuple[RecordLocation, str, bytes]]:
        """Return location, id and fingerprint of the articles and tombstones of a file that none takes precedence over."""
        query = "SELECT precedence, path, number, id, fingerprint FROM articles WHERE path = ?"
        rows = [(RecordLocation(*row[:3]), *row[3:]) for row in self._database.execute(query, (path,)).fetchall()]
        return [row for row in rows if self.indexed_location(row[1]) == row[0]]

    def deleted_ids(self) -> Iterator[str]:
        """Yield the ids that have a tombstone."""
        return self._column("SELECT id FROM articles GROUP BY id HAVING min(length(fingerprint)) = 0")

    def shared_ids(self) -> Iterator[str]:
        """Yield the ids of several articles of which none takes precedence on purpose."""
        return self._column("SELECT id FROM articles GROUP BY id HAVING count(*) > 1 AND max(precedence) = 0 ORDER BY id")

    def files_sharing_ids(self, paths: Iterable[str]) -> set[str]:
        """Return the other files that have an article with the id of an article in `paths`."""
        query = (
            "SELECT DISTINCT other.path FROM articles AS mine JOIN articles AS other ON mine.id = other.id "
            "WHERE mine.path = ? AND other.path <> mine.path"
        )
        return {other for path in paths for other in self._column(query, path)}

    def _indexed_fingerprint(self, article_id: str) -> bytes:
        query = f"SELECT fingerprint FROM articles WHERE id = ? {_BEST_FIRST} LIMIT 1"  # noqa: S608  a constant
        return bytes(self._database.execute(query, (article_id,)).fetchone()[0])

    def add_article(self, location: RecordLocation, article_id: str, fingerprint: bytes) -> None:
        """Record where an article, or a tombstone, was found."""
        self._database.execute("INSERT INTO articles VALUES (?, ?, ?, ?, ?)", (*location, article_id, fingerprint))

    def add_failure(self, path: str, name: str, reason: str) -> None:
        self._database.execute("INSERT INTO failures VALUES (?, ?, ?)", (path, name, reason))

    def delete_unindexed(self, path: str) -> None:
        """Delete the rows of a file's articles that others take precedence over."""
        kept = {location.number for location, _, _ in self.indexed(path)}
        rows = self._database.execute("SELECT number FROM articles WHERE path = ?", (path,)).fetchall()
        outdated = [(path, number) for (number,) in rows if number not in kept]
        self._database.executemany("DELETE FROM articles WHERE path = ? AND number = ?", outdated)

    def delete_failures(self, path: str) -> None:
        self._database.execute("DELETE FROM failures WHERE path = ?", (path,))

    def add_file(self, path: str, state: FileState) -> None:
        """Record a file that was read, or the new time of an unchanged one."""
        self._database.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", (path, *state))

    def add_fields(self, names: Iterable[str]) -> None:
        self._database.executemany("INSERT OR IGNORE INTO fields VALUES (?)", ((name,) for name in names))

    def keep_fields(self, names: Iterable[str]) -> None:
        self._database.execute("DELETE FROM fields")
        self.add_fields(names)

    def merge_from(self, other: Path) -> None:
        """Add everything from another manifest. The two have no file in common."""
        self._database.commit()
        self._database.execute("ATTACH ? AS other", (str(other),))
        for table in ("files", "articles", "failures"):
            self._database.execute(f"INSERT INTO {table} SELECT * FROM other.{table}")  # noqa: S608  constants
        self._database.execute("INSERT OR IGNORE INTO fields SELECT * FROM other.fields")
        self._database.commit()
        self._database.execute("DETACH other")

    def invalidate_files(self, paths: Iterable[str]) -> None:
        """Delete the rows of changed and deleted files. Keep the fingerprints of their indexed articles for comparison."""
        self._database.execute("CREATE TEMP TABLE previous (id TEXT PRIMARY KEY, fingerprint BLOB) WITHOUT ROWID")
        paths = list(paths)
        for path in paths:
            # Of several articles with one id, only one is indexed, and it may be in a file that stays.
            self._database.execute(
                "INSERT OR IGNORE INTO previous SELECT mine.id, "  # noqa: S608  a constant
                f"(SELECT fingerprint FROM articles AS indexed WHERE indexed.id = mine.id {_BEST_FIRST} LIMIT 1) "
                "FROM articles AS mine WHERE mine.path = ?",
                (path,),
            )
        self._has_previous = self._database.execute("SELECT 1 FROM previous LIMIT 1").fetchone() is not None
        for path in paths:
            for table in ("files", "articles", "failures"):
                self._database.execute(f"DELETE FROM {table} WHERE path = ?", (path,))  # noqa: S608  constants

    def pop_previous_fingerprint(self, article_id: str) -> bytes | None:
        """Return and forget the fingerprint of an article of an invalidated file. Return None if it was not indexed."""
        if not self._has_previous:
            return None
        query = "DELETE FROM previous WHERE id = ? RETURNING fingerprint"
        with closing(self._database.execute(query, (article_id,))) as rows:
            row = rows.fetchone()
        return row[0] or None if row else None

    def orphaned_ids(self) -> Iterator[str]:
        """Yield the indexed ids of invalidated files that no file has any more."""
        return self._column("SELECT id FROM previous WHERE length(fingerprint) > 0 AND id NOT IN (SELECT id FROM articles)")

    def _column(self, query: str, *values: str) -> Iterator[str]:
        return (value for (value,) in self._database.execute(query, values))
