"""This service, as `searchsvc serve` runs it on two cores."""

import shutil
import subprocess
import sys
from itertools import starmap
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.peers import FACETS, Answer, Ask
from bench.peers.over_http import HttpPeer, Request, free_port
from searchsvc.api.filters import filter_pair


class Searchsvc(HttpPeer):
    label = "searchsvc over HTTP"

    def build(self, articles: Path) -> None:
        shutil.rmtree(self.folder / "index", ignore_errors=True)
        subprocess.run(
            self._program("reindex", "--corpus", articles.parent, "--json"), check=True, stdout=subprocess.DEVNULL
        )

    def open(self) -> None:
        self.port = free_port()
        self.serve(self._program("serve", "--port", self.port, "--workers", 2), {}, "/api/search?q=tea")

    def requests(self, ask: Ask) -> list[Request]:
        pairs = [("q", query_text(ask)), ("match", "any" if ask.how == "any" else "all"), ("page", str(ask.page))]
        pairs += [("facet", name) for name in (*FACETS, "date")]
        pairs += starmap(filter_pair, (ask.filters or {}).items())
        pairs += list(zip(("from", "to"), ask.days, strict=True)) if ask.days else []
        pairs += [("sort", "newest")] if ask.newest else []
        return [Request("/api/search?" + urlencode(pairs))]

    def answer(self, bodies: list[Any]) -> Answer:
        (found,) = bodies
        hits = [(hit["id"], "".join(hit["snippets_html"][:1])) for hit in found["results"]]
        return Answer(found["total"], hits, {facet.get("field", "date"): facet for facet in found["facets"]})

    def _program(self, command: str, *options: object) -> list[str]:
        return [sys.executable, "-m", "searchsvc", command, "--index", str(self.folder / "index"), *map(str, options)]


def query_text(ask: Ask) -> str:
    """The query as people type it."""
    if ask.how == "phrase":
        return f'"{" ".join(ask.words)}"'
    end = {"prefix": "*", "fuzzy": "~1"}.get(ask.how, "")
    return " ".join((f"{ask.field}:" if ask.field else "") + word + end for word in ask.words)


PEER = Searchsvc
