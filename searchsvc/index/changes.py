"""What a reindex has to remember of a draft until it is done, in temporary tables of the manifest's database.

previous     indexed articles whose rows have been deleted, or have lost their ids: they are deleted unless others take over
unsettled    ids of which several files have articles, so that it has to be decided anew which are indexed under which id
wanted       articles that are to be indexed, but are not at hand: their files have to be read again
"""

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

INDEXED_AS = "iif(alias = '', id, alias)"
"""The id under which an article of the manifest is indexed, as SQL. It is NULL if the article is not indexed."""
_MAX_KNOWN = 10_000  # ids that are known without a query, as a full reindex has few
_SCHEMA = """
CREATE TEMP TABLE previous (id TEXT PRIMARY KEY, fingerprint BLOB, base BLOB, is_taken INTEGER) WITHOUT ROWID;
CREATE TEMP TABLE unsettled (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE wanted (path TEXT, number INTEGER, id TEXT, PRIMARY KEY (path, number)) WITHOUT ROWID;
"""


class PreviousArticle(NamedTuple):
    """The fingerprint of an article in the index, and the one in the generation before, or None if that has none."""

    fingerprint: bytes
    base: bytes | None


class Changes:
    """The changes of one reindex that are not complete yet."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._database.executescript(_SCHEMA)
        self._remembered: set[str] | None = set()  # ids, or None if there are too many to know them

    def remember(self, article_id: str, previous: PreviousArticle) -> None:
        """Remember an article in the index that has no row any more."""
        if self._remembered is not None:
            self._remembered.add(article_id)
            if len(self._remembered) > _MAX_KNOWN:
                self._remembered = None
        self._database.execute("INSERT OR REPLACE INTO previous VALUES (?, ?, ?, 0)", (article_id, *previous))

    def remember_file(self, path: str) -> None:
        """Remember all articles of a file that the generation before has indexed."""
        found = self._database.execute(
            f"INSERT OR REPLACE INTO previous SELECT {INDEXED_AS}, fingerprint, fingerprint, 0 FROM articles "  # noqa: S608
            "WHERE path = ? AND alias IS NOT NULL",
            (path,),
        )
        if found.rowcount:  # not in a full reindex
            self._remembered = None

    def take(self, article_id: str) -> PreviousArticle | None:
        """Return a remembered article, which has a row again from now on. Return None if there is none."""
        if self._remembered is not None and article_id not in self._remembered:
            return None
        query = "UPDATE previous SET is_taken = 1 WHERE id = ? AND NOT is_taken RETURNING fingerprint, base"
        rows = self._database.execute(query, (article_id,)).fetchall()
        return PreviousArticle(*rows[0]) if rows else None

    def base(self, article_id: str) -> bytes | None:
        """Return the fingerprint of an article in the generation before, or None if `take` has not returned one."""
        query = "SELECT base FROM previous WHERE id = ? AND is_taken"
        row = self._database.execute(query, (article_id,)).fetchone()
        return row[0] if row else None

    def orphans(self) -> Iterator[tuple[str, bool]]:
        """Yield the ids of remembered articles without a row, and whether the generation before has them."""
        yield from self._database.execute("SELECT id, base IS NOT NULL FROM previous WHERE NOT is_taken")

    def unsettle(self, article_id: str) -> None:
        self._database.execute("INSERT OR IGNORE INTO unsettled VALUES (?)", (article_id,))

    def take_unsettled(self) -> list[str]:
        """Return the unsettled ids, which are settled from now on."""
        return list(self._ids("DELETE FROM unsettled RETURNING id"))

    def want(self, path: str, number: int, article_id: str) -> None:
        """Note that a record is to be indexed under an id."""
        self._database.execute("INSERT INTO wanted VALUES (?, ?, ?)", (path, number, article_id))

    def wanted(self, path: str, number: int) -> str | None:
        """Return the id under which a record is wanted, or None if it is not wanted."""
        query = "SELECT id FROM wanted WHERE path = ? AND number = ?"
        row = self._database.execute(query, (path, number)).fetchone()
        return str(row[0]) if row else None

    def found(self, path: str, number: int) -> None:
        """Note that a wanted record is indexed."""
        self._database.execute("DELETE FROM wanted WHERE path = ? AND number = ?", (path, number))

    def wanted_files(self) -> set[str]:
        """Return the paths of the files that have wanted records."""
        return set(self._ids("SELECT DISTINCT path FROM wanted"))

    def take_wanted(self) -> list[tuple[str, int, str]]:
        """Return path and number of each wanted record, and the id for it. They are no longer wanted."""
        return self._database.execute("DELETE FROM wanted RETURNING path, number, id").fetchall()

    def _ids(self, query: str) -> Iterator[str]:
        return (article_id for (article_id,) in self._database.execute(query))
