"""Whoosh under Flask and gunicorn, two workers."""

import datetime as dt
import shutil
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from whoosh.analysis import StemmingAnalyzer
from whoosh.fields import DATETIME, ID, TEXT, Schema
from whoosh.index import create_in

from bench.peers import FACETS, Answer, Ask, month, read
from bench.peers.over_http import HttpPeer, Request, free_port


class Whoosh(HttpPeer):
    label = "Whoosh under Flask over HTTP"

    def build(self, articles: Path) -> None:
        target = self.folder / "whoosh"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        counted = {name: ID(stored=True, sortable=True) for name in (*FACETS, "month")}
        text = TEXT(stored=True, analyzer=StemmingAnalyzer())
        schema = Schema(id=ID(stored=True), title=text, text=text, date=DATETIME(stored=True, sortable=True), **counted)
        writer = create_in(target, schema).writer(limitmb=256)
        for each in read(articles):
            date = dt.datetime.fromisoformat(each["date"]) if each.get("date") else None
            values = {name: each.get(name) or "" for name in FACETS}
            fields = {"id": each["id"], "title": each["title"], "text": each["text"], "month": month(each), **values}
            writer.add_document(**fields, **({"date": date} if date else {}))
        writer.commit()

    def open(self) -> None:
        self.port = free_port()
        command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}", "--workers", "2", "--threads", "4"]
        environ = {"PEER_FOLDER": str(self.folder / "whoosh")}
        self.serve([*command, "--keep-alive", "60", "bench.peers.whoosh_app:app"], environ, "/search?q=tea")

    def requests(self, ask: Ask) -> list[Request]:
        text = " ".join(ask.words)
        written = {"phrase": f'"{text}"', "prefix": f"{text}*", "fuzzy": f"{text}~1"}.get(ask.how, text)
        pairs = {"q": written, "page": str(ask.page), **(ask.filters or {})}
        pairs |= {"match": "any"} if ask.how == "any" else {}
        pairs |= {"field": ask.field} if ask.field else {}
        pairs |= dict(zip(("from", "to"), ask.days, strict=True)) if ask.days else {}
        pairs |= {"sort": "newest"} if ask.newest else {}
        return [Request("/search?" + urlencode(pairs))]

    def answer(self, bodies: list[Any]) -> Answer:
        (found,) = bodies
        return Answer(found["total"], [(hit["id"], hit["snippet"]) for hit in found["hits"]], found["counts"])


PEER = Whoosh
