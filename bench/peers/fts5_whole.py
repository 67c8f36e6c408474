"""SQLite's FTS5 that answers the same questions: also words as written, every metadata value, and the words of values."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from bench.peers import Answer, Ask, read
from bench.peers.fts5 import Fts5, build

_FIELDS = ("source", "author", "topic", "bias")
_SCHEMA = """
CREATE VIRTUAL TABLE written USING fts5(title, text, content='articles', content_rowid='number', tokenize='unicode61');
INSERT INTO written(written) VALUES ('rebuild');
INSERT INTO written(written) VALUES ('optimize');
CREATE TABLE metadata (row INTEGER PRIMARY KEY, number INTEGER, field TEXT, value TEXT);
CREATE VIRTUAL TABLE metadata_words USING fts5(value, content='metadata', content_rowid='row', tokenize='unicode61');
"""


class WholeFts5(Fts5):
    label = "SQLite FTS5 in process, for the same questions"

    def build(self, articles: Path) -> None:
        file = self.folder / "articles.db"
        build(articles, file)
        database = sqlite3.connect(file)
        database.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_SCHEMA}")
        database.executemany("INSERT INTO metadata (number, field, value) VALUES (?, ?, ?)", _values(articles))
        database.execute("INSERT INTO metadata_words(metadata_words) VALUES ('rebuild')")
        database.execute("CREATE INDEX values_by_field ON metadata (field, value, number)")
        database.executescript("ANALYZE")
        database.commit()
        database.close()

    def ask(self, ask: Ask) -> Answer:
        self.words = "written" if ask.how in ("phrase", "prefix") else "words"
        return super().ask(ask)


def _values(articles: Path) -> Iterator[tuple[int, str, str]]:
    """Every metadata value with the number of its article and its field."""
    for number, each in enumerate(read(articles)):
        for field in _FIELDS:
            value = each.get(field)
            yield from ((number, field, one) for one in (value if isinstance(value, list) else [value]) if one)


PEER = WholeFts5
