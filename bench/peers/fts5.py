"""SQLite's FTS5 in process: Porter stems, ranked by its bm25, snippets by its own function."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.peers import FACETS, HITS, SNIPPET_WORDS, Answer, Ask, Peer, month, read

_SCHEMA = """
CREATE TABLE articles (
    number INTEGER PRIMARY KEY, id TEXT, title TEXT, text TEXT, source TEXT, topic TEXT, bias TEXT, date TEXT, month TEXT
);
CREATE VIRTUAL TABLE words USING fts5(title, text, content='articles', content_rowid='number', tokenize='porter unicode61');
"""
# What is counted lies by itself, so that counting does not read the texts.
_FACETS = """
CREATE TABLE facets AS SELECT number, source, topic, bias, date, month FROM articles;
CREATE UNIQUE INDEX facets_by_number ON facets (number, source, topic, bias, date, month);
"""


def build(articles: Path, file: Path) -> None:
    """The database of these articles: rows first, then FTS5's bulk rebuild."""
    file.unlink(missing_ok=True)
    database = sqlite3.connect(file)
    database.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_SCHEMA}")
    database.executemany("INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", _rows(articles))
    database.execute("INSERT INTO words(words) VALUES ('rebuild')")
    database.execute("INSERT INTO words(words) VALUES ('optimize')")
    database.executescript(f"{_FACETS}; ANALYZE")
    database.commit()
    database.close()


def _rows(articles: Path) -> Iterator[tuple[Any, ...]]:
    for number, each in enumerate(read(articles)):
        values = (each.get(name) for name in (*FACETS, "date"))
        yield (number, each["id"], each["title"], each["text"], *values, month(each))


def match(ask: Ask) -> str:
    """The query in FTS5's language."""
    quoted = [f'"{word}"' for word in ask.words]
    if ask.how == "phrase":
        return f'"{" ".join(ask.words)}"'
    if ask.how == "prefix":
        return f"{quoted[0]} *"
    found = (" OR " if ask.how == "any" else " AND ").join(quoted)
    return f"{ask.field} : {found}" if ask.field else found


def narrowed(ask: Ask) -> tuple[str, list[str]]:
    """What the row of an article has to fulfil, as SQL, and its values."""
    wanted = [f"{name} = ?" for name in ask.filters or {}]
    values = list((ask.filters or {}).values())
    if ask.days:
        wanted.append("date BETWEEN ? AND ?")
        values += ask.days
    return "".join(f" AND {each}" for each in wanted), values


class Fts5(Peer):
    label = "SQLite FTS5 in process"
    cannot = ("fuzzy",)
    words = "words"
    """The table that is searched."""

    def build(self, articles: Path) -> None:
        build(articles, self.folder / "articles.db")

    def open(self) -> None:
        self._database = sqlite3.connect(f"file:{self.folder / 'articles.db'}?mode=ro", uri=True)
        self._database.executescript(
            "PRAGMA mmap_size = 4000000000; PRAGMA cache_size = -200000; PRAGMA temp_store = MEMORY"
        )

    def ask(self, ask: Ask) -> Answer:
        narrow, values = narrowed(ask)
        run, words = self._database.execute, self.words
        run("DROP TABLE IF EXISTS temp.found")
        run(
            f"CREATE TEMP TABLE found AS SELECT source, topic, bias, month FROM {words} "
            f"CROSS JOIN facets ON number = {words}.rowid WHERE {words} MATCH ?{narrow}",
            [match(ask), *values],
        )
        total = run("SELECT count(*) FROM temp.found").fetchone()[0]
        counts = {
            name: run(f"SELECT {name}, count(*) AS n FROM temp.found GROUP BY 1 ORDER BY n DESC LIMIT 50").fetchall()
            for name in (*FACETS, "month")
        }
        # The best first, and only then their texts: a snippet of each hit would take much longer.
        order = "date DESC" if ask.newest else "rank"
        if narrow or ask.newest:
            best = f"FROM {words} CROSS JOIN facets ON number = {words}.rowid WHERE {words} MATCH ?{narrow}"
        else:
            best = f"FROM {words} WHERE {words} MATCH ?"
        hits = run(
            f"SELECT articles.id, snippet({words}, -1, '<mark>', '</mark>', '…', {SNIPPET_WORDS}) "
            f"FROM {words} JOIN articles ON number = {words}.rowid WHERE {words} MATCH ? AND {words}.rowid IN "
            f"(SELECT {words}.rowid {best} ORDER BY {order} LIMIT {HITS} OFFSET ?) ORDER BY {order}",
            [match(ask), match(ask), *values, (ask.page - 1) * HITS],
        ).fetchall()
        return Answer(total, hits, counts)

    def close(self) -> None:
        self._database.close()


PEER = Fts5
