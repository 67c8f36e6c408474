"""What a generation was read from: its files, their articles, and what could not be read. One SQLite file.

Reindexing compares the corpus with it, so that only what changed is read, and decides with it which article wins where
several have one id: the last in order of path and place in the file, the same one every time.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from searchsvc.corpus.uploads import FOLDER, is_put

_SCHEMA = """
CREATE TABLE files (path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, hash BLOB) WITHOUT ROWID;
CREATE TABLE articles (path TEXT, number INTEGER, id TEXT, fingerprint BLOB, PRIMARY KEY (path, number)) WITHOUT ROWID;
CREATE INDEX articles_by_id ON articles (id, path, number, fingerprint);
CREATE TABLE failures (path TEXT, name TEXT, reason TEXT);
CREATE INDEX failures_by_path ON failures (path);
CREATE TABLE fields (name TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_BEST_FIRST = f"ORDER BY path GLOB '{FOLDER}/*' DESC, path DESC, number DESC"
"""The order in which places win."""
WITHDRAWN = b""
"""In the place of a fingerprint, that the article with this id is withdrawn."""


class FileState(NamedTuple):
    """A file as it was read: size in bytes, time of change, and a hash of its bytes; empty where it was refused."""

    size: int
    mtime_ns: int
    hash: bytes


class RecordLocation(NamedTuple):
    """Where an article comes from: a file and the number of the record in it."""

    path: str
    number: int

    def takes_precedence(self, other: "RecordLocation") -> bool:
        """Whether this one's article wins over the other's, with the same id: those that were put, then the last."""
        return (is_put(self.path), self) > (is_put(other.path), other)


class Manifest:
    """The manifest of one generation, open for reading, or of a draft, for writing.

    A draft is thrown away when anything goes wrong, so writing waits for no disk: who publishes makes the file durable.
    """

    def __init__(self, file: Path, *, writing: bool = False) -> None:
        new = writing and not file.exists()
        self._database = sqlite3.connect(file if writing else f"{file.resolve().as_uri()}?mode=ro", uri=not writing)
        self._remembers = False
        if writing:
            self._database.execute("PRAGMA journal_mode = OFF")
            self._database.execute("PRAGMA synchronous = OFF")
        if new:
            self._database.executescript(_SCHEMA)

    def __enter__(self) -> "Manifest":
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def commit(self) -> None:
        """Write what was changed into the file."""
        self._database.commit()

    # What is there

    def files(self) -> dict[str, FileState]:
        """Every file by its path."""
        rows = self._database.execute("SELECT path, size, mtime_ns, hash FROM files")
        return {path: FileState(size, mtime_ns, hash_) for path, size, mtime_ns, hash_ in rows}

    def file(self, path: str) -> FileState | None:
        """One file; None where it is not known."""
        row = self._database.execute("SELECT size, mtime_ns, hash FROM files WHERE path = ?", (path,)).fetchone()
        return FileState(*row) if row else None

    def fields(self) -> list[str]:
        """The metadata fields that any article has had."""
        return [name for (name,) in self._database.execute("SELECT name FROM fields ORDER BY name")]

    def failures(self) -> Iterator[tuple[str, str]]:
        """What could not be read, and why."""
        yield from self._database.execute("SELECT name, reason FROM failures ORDER BY path, rowid")

    def count(self) -> int:
        """The number of articles that are in the index: of several with one id, one."""
        return self._number("SELECT count(*) FROM (SELECT 1 FROM articles GROUP BY id HAVING min(length(fingerprint)) > 0)")

    def sample(self, number: int, count: int) -> list[tuple[str, bytes]]:
        """About so many of the `count` ids in the index, at random, each with its article's fingerprint; fewer for few."""
        query = f"SELECT id FROM articles WHERE abs(random()) % {max(1, count // number)} = 0 LIMIT {number}"  # noqa: S608  numbers
        ids = {article_id for (article_id,) in self._database.execute(query)}
        return [(article_id, mark) for article_id in ids if (mark := self._indexed(article_id))]

    def sharing_ids_with(self, paths: Iterable[str]) -> set[str]:
        """Other files that have an article with the id of one in these files."""
        query = (
            "SELECT DISTINCT other.path FROM articles AS mine JOIN articles AS other ON mine.id = other.id "
            "WHERE mine.path = ? AND other.path <> mine.path"
        )
        return {path for own in paths for (path,) in self._database.execute(query, (own,))}

    def winner(self, article_id: str) -> RecordLocation | None:
        """The place whose article has the id; None where no article has it."""
        query = f"SELECT path, number FROM articles WHERE id = ? {_BEST_FIRST} LIMIT 1"  # noqa: S608  names of ours
        row = self._database.execute(query, (article_id,)).fetchone()
        return RecordLocation(*row) if row else None

    def _indexed(self, article_id: str) -> bytes:
        """The fingerprint of what the index has under this id: that of the place that wins; empty where it is withdrawn."""
        query = f"SELECT fingerprint FROM articles WHERE id = ? {_BEST_FIRST} LIMIT 1"  # noqa: S608  names of ours
        return bytes(self._database.execute(query, (article_id,)).fetchone()[0])

    def places(self, article_id: str) -> list[RecordLocation]:
        """Every place that has an article with the id; the first of them wins."""
        query = f"SELECT path, number FROM articles WHERE id = ? {_BEST_FIRST}"  # noqa: S608  names of ours
        return [RecordLocation(*row) for row in self._database.execute(query, (article_id,))]

    def withdrawn(self) -> Iterator[str]:
        """Ids of articles that are withdrawn."""
        query = "SELECT id FROM articles GROUP BY id HAVING min(length(fingerprint)) = 0"
        yield from (article_id for (article_id,) in self._database.execute(query))

    def shared_ids(self) -> Iterator[str]:
        """Ids that several articles have, all of them of files that nobody put there over HTTP."""
        query = f"SELECT id FROM articles GROUP BY id HAVING count(*) > 1 AND NOT max(path GLOB '{FOLDER}/*') ORDER BY id"  # noqa: S608  names of ours
        yield from (article_id for (article_id,) in self._database.execute(query))

    # Several manifests

    def merge_from(self, other: Path) -> None:
        """Add all that another manifest knows, of other files than this one."""
        self._database.commit()
        self._database.execute("ATTACH ? AS other", (str(other),))
        for table in ("files", "articles", "failures"):
            self._database.execute(f"INSERT INTO {table} SELECT * FROM other.{table}")  # noqa: S608  names of ours
        self._database.execute("INSERT OR IGNORE INTO fields SELECT * FROM other.fields")
        self._database.commit()
        self._database.execute("DETACH other")

    # Reading files anew

    def invalidate_files(self, paths: Iterable[str]) -> None:
        """Drop what is known of files that are read again or are gone, but remember what the index has of them."""
        self._database.execute("CREATE TEMP TABLE was (id TEXT PRIMARY KEY, fingerprint BLOB) WITHOUT ROWID")
        paths = list(paths)
        for path in paths:
            # Of several articles with one id, the index has the one that wins.
            self._database.execute(
                "INSERT OR IGNORE INTO was SELECT mine.id, "  # noqa: S608  names of ours
                f"(SELECT fingerprint FROM articles AS winner WHERE winner.id = mine.id {_BEST_FIRST} LIMIT 1) "
                "FROM articles AS mine WHERE mine.path = ?",
                (path,),
            )
        self._remembers = self._number("SELECT count(*) FROM was") > 0
        for path in paths:
            for table in ("files", "articles", "failures"):
                self._database.execute(f"DELETE FROM {table} WHERE path = ?", (path,))  # noqa: S608  names of ours

    def add_article(self, place: RecordLocation, article_id: str, fingerprint: bytes) -> None:
        """Note where an article was found."""
        self._database.execute("INSERT INTO articles VALUES (?, ?, ?, ?)", (*place, article_id, fingerprint))

    def add_failure(self, path: str, name: str, reason: str) -> None:
        """Note what could not be read."""
        self._database.execute("INSERT INTO failures VALUES (?, ?, ?)", (path, name, reason))

    def add_file(self, path: str, state: FileState) -> None:
        """Note that a file was read, or that it was touched but not changed."""
        self._database.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", (path, *state))

    def add_fields(self, names: Iterable[str]) -> None:
        """Note metadata fields."""
        self._database.executemany("INSERT OR IGNORE INTO fields VALUES (?)", ((name,) for name in names))

    def keep_fields(self, names: Iterable[str]) -> None:
        """Drop the metadata fields that are not among these."""
        self._database.execute("DELETE FROM fields")
        self.add_fields(names)

    def pop_previous_fingerprint(self, article_id: str) -> bytes | None:
        """The fingerprint of what the index has under this id from a forgotten file; then it is accounted for.

        None where it has nothing, also because that was withdrawn.
        """
        if not self._remembers:
            return None
        query = "DELETE FROM was WHERE id = ? RETURNING fingerprint"
        with closing(self._database.execute(query, (article_id,))) as rows:
            row = rows.fetchone()
        return row[0] or None if row else None

    def orphaned_ids(self) -> Iterator[str]:
        """Ids of forgotten files that no file has any more."""
        rows = self._database.execute(
            "SELECT id FROM was WHERE length(fingerprint) > 0 AND id NOT IN (SELECT id FROM articles)"
        )
        yield from (article_id for (article_id,) in rows)

    def _number(self, query: str) -> int:
        return int(self._database.execute(query).fetchone()[0])
