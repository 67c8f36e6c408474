"""PostgreSQL's full text search over its local socket: a stored tsvector, a GIN index, ts_rank, ts_headline."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psycopg

from bench.peers import FACETS, HITS, SNIPPET_WORDS, Answer, Ask, Peer, month, read

_SCHEMA = """
CREATE TABLE articles (id text, title text, text text, source text, topic text, bias text, date date, month text);
"""
_INDEXES = """
ALTER TABLE articles ADD COLUMN words tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', left(text, 900000)), 'B')) STORED;
CREATE INDEX articles_words ON articles USING gin (words);
CREATE INDEX articles_date ON articles (date);
CREATE INDEX articles_topic ON articles (topic);
"""
_SETTINGS = {
    "shared_buffers": "2GB",
    "work_mem": "128MB",
    "maintenance_work_mem": "512MB",
    "effective_cache_size": "8GB",
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "jit": "off",
}


class Postgres(Peer):
    counts_cpu = False  # its server starts and ends while it indexes
    label = "PostgreSQL, local socket"
    cannot = ("fuzzy",)

    def build(self, articles: Path) -> None:
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        self._run("initdb", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", f"--pgdata={self.folder / 'data'}")
        self._start()
        with self._connection() as database, database.cursor() as cursor:
            cursor.execute(_SCHEMA)
            with cursor.copy("COPY articles FROM STDIN") as copy:
                for each in read(articles):
                    row = [each["id"], each["title"], each["text"], *(each.get(name) for name in (*FACETS, "date"))]
                    copy.write_row([value.replace("\0", "") if value else None for value in (*row, month(each))])
            cursor.execute(_INDEXES)
        with psycopg.connect(self._address, autocommit=True) as database:
            database.execute("VACUUM ANALYZE articles")
        self.close()

    def open(self) -> None:
        self._start()
        self._database = self._connection()

    def ask(self, ask: Ask) -> Answer:
        query, value = _query(ask)
        wanted = [f"{name} = %({name})s" for name in ask.filters or {}] + (
            ["date BETWEEN %(first)s AND %(last)s"] if ask.days else []
        )
        where = " AND ".join([f"words @@ {query}", *wanted])
        values = {
            "q": value,
            **(ask.filters or {}),
            **(dict(zip(("first", "last"), ask.days, strict=True)) if ask.days else {}),
        }
        counted = " UNION ALL ".join(
            f"(SELECT '{name}', {name}, count(*) FROM found GROUP BY 2 ORDER BY 3 DESC LIMIT {most})"
            for name, most in ((*((name, 50) for name in FACETS), ("month", 500)))
        )
        order = "date DESC NULLS LAST" if ask.newest else f"ts_rank(words, {query}) DESC"
        with self._database.cursor() as cursor:
            cursor.execute(
                f"WITH found AS MATERIALIZED (SELECT source, topic, bias, month FROM articles WHERE {where}) "
                f"SELECT 'total', NULL, count(*) FROM found UNION ALL {counted}",
                values,
            )
            (_, _, total), *counts = cursor.fetchall()
            cursor.execute(
                f"SELECT id, ts_headline('english', text, {query}, 'MaxWords={SNIPPET_WORDS}, MinWords=15') FROM "
                f"(SELECT id, text FROM articles WHERE {where} ORDER BY {order} "
                f"LIMIT {HITS} OFFSET {(ask.page - 1) * HITS}) AS best",
                values,
            )
            hits = cursor.fetchall()
        return Answer(total, hits, {"all": counts})

    def processes(self) -> list[int]:
        leader = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{leader}/task/{leader}/children").read_text().split()
        return [leader, *map(int, children)]

    def close(self) -> None:
        self._run("pg_ctl", "stop", "--mode=fast", f"--pgdata={self.folder / 'data'}")

    def _start(self) -> None:
        options = " ".join([f"-k {self.folder}", *(f"-c {name}='{value}'" for name, value in _SETTINGS.items())])
        log = f"--log={self.folder / 'log'}"
        self._run("pg_ctl", "start", "--wait", f"--pgdata={self.folder / 'data'}", log, f"--options={options}")

    @property
    def _address(self) -> str:
        return f"host={self.folder} user=postgres dbname=postgres"

    def _connection(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(self._address)

    def _run(self, program: str, *arguments: str) -> None:
        """A program of PostgreSQL's, which refuses root."""
        self.folder.mkdir(parents=True, exist_ok=True)
        owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        if owner is not None:
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        where = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        user = "postgres" if owner is not None else None
        subprocess.run([where / program, *arguments], check=True, stdout=subprocess.DEVNULL, user=user, cwd=self.folder)


def _query(ask: Ask) -> tuple[str, str]:
    """The query as PostgreSQL reads it, and its text."""
    if ask.how == "phrase":
        return "phraseto_tsquery('english', %(q)s)", " ".join(ask.words)
    ending = {"prefix": ":*"}.get(ask.how, ":A" if ask.field == "title" else "")
    between = " | " if ask.how == "any" else " & "
    return "to_tsquery('english', %(q)s)", between.join(word + ending for word in ask.words)


PEER = Postgres
