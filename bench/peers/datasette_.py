"""Datasette on the same database, over HTTP: its table page counts and facets, and a query of one's own gives the hits."""

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.peers import FACETS, HITS, SNIPPET_WORDS, Answer, Ask
from bench.peers.fts5 import build, match, narrowed
from bench.peers.over_http import HttpPeer, Request, free_port

# The limits would cut slow queries off instead of answering them.
_SETTINGS = {"sql_time_limit_ms": 100_000, "facet_time_limit_ms": 100_000, "default_facet_size": 50, "num_sql_threads": 3}


class Datasette(HttpPeer):
    label = "Datasette on FTS5 over HTTP"
    cannot = ("fuzzy",)

    def build(self, articles: Path) -> None:
        build(articles, self.folder / "articles.db")

    def open(self) -> None:
        self.port = free_port()
        settings = [part for name, value in _SETTINGS.items() for part in ("--setting", name, str(value))]
        database = str(self.folder / "articles.db")
        command = [sys.executable, "-m", "datasette", "serve", "--immutable", database, "--port", str(self.port), *settings]
        self.serve(command, {}, "/articles/articles.json?_size=1&_col=id")

    def requests(self, ask: Ask) -> list[Request]:
        table = [("_search", match(ask)), ("_searchmode", "raw"), ("_size", "1"), ("_col", "id"), ("_shape", "objects")]
        table += [("_fts_table", "words"), ("_fts_pk", "number")]
        table += [("_facet", name) for name in (*FACETS, "month")]
        table += [(f"{name}__exact", value) for name, value in (ask.filters or {}).items()]
        table += list(zip(("date__gte", "date__lte"), ask.days, strict=True)) if ask.days else []
        narrow, values = narrowed(ask)
        for number in range(len(values)):
            narrow = narrow.replace("?", f":v{number}", 1)
        order = "articles.date DESC" if ask.newest else "rank"
        sql = (
            f"SELECT articles.id, snippet(words, -1, '<mark>', '</mark>', '…', {SNIPPET_WORDS}) AS snippet FROM words "
            f"JOIN articles ON number = words.rowid WHERE words MATCH :q{narrow} ORDER BY {order} "
            f"LIMIT {HITS} OFFSET {(ask.page - 1) * HITS}"
        )
        given = [("sql", sql), ("q", match(ask)), *((f"v{number}", value) for number, value in enumerate(values))]
        query = urlencode([*given, ("_shape", "objects")])
        return [Request("/articles/articles.json?" + urlencode(table)), Request("/articles.json?" + query)]

    def answer(self, bodies: list[Any]) -> Answer:
        table, hits = bodies
        counts = {name: facet["results"] for name, facet in table["facet_results"].items()}
        return Answer(table["filtered_table_rows_count"], [(row["id"], row["snippet"]) for row in hits["rows"]], counts)


PEER = Datasette
