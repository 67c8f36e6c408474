"""Whether the speed that was won is still there: ratios of one run, on an archive made up for it.

Searches and reindexes are compared with plain tantivy-py, and pages with the same answers as JSON.

    python -m bench.guard [--articles N]     (or `make guard`; CI runs it)

Ratios of one run hardly depend on the machine. Each is compared with the one that was recorded here when it was last looked
at, and the run fails where one is clearly worse. Who makes something faster writes the better ratio down.
"""

import argparse
import json
import random
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import process_time
from urllib.parse import urlencode

from flask.testing import FlaskClient

from bench.real import ROOT
from bench.speed import FACETS, indexed_in_turns, queries_of, row, searched_in_turns, served, table_head
from searchsvc.config import Settings
from searchsvc.web import create_app

RECORDED = {"indexing": 0.25, "searching": 3.8, "rendering": 1.8}
"""Indexing: articles a second, as a part of tantivy-py's. Searching: milliseconds over HTTP, as a multiple of those of
plain tantivy calls with snippets, the median of the kinds. Rendering: processor time of pages of hits, as a multiple of
that of the same answers as JSON."""
WORSE = 2.0
"""How many times worse than recorded is clearly worse: on a machine that others use too, ratios differ by a third."""
WORSE_RENDERING = 1.3
"""The same for rendering. Its ratio differs by a tenth, because both times are the least of many in one process."""
PAGES = ("sort=oldest", "sort=newest&page=2", "source=source+3")
"""Searches whose pages are rendered. They have no words, so that little else takes time."""
_RENDERED = 40  # times
_WORDS = 500
_SEED = 4


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--articles", type=int, default=4_000)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="searchsvc-guard-") as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        with (corpus / "articles.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(_articles(given.articles))
        indexed = indexed_in_turns(Path(folder), corpus)
        with served(corpus, Path(folder) / "index") as (port, _):
            times = searched_in_turns(Path(folder), port, list(queries_of(corpus / "articles.jsonl"))).values()
        rendering = _rendering(Settings(corpus=corpus, index=Path(folder) / "index"))
    indexing = indexed.raw / indexed.ours
    searching = median(kind.ours for kind in times) / median(kind.marked for kind in times)
    table_head()
    row("indexing, as a part of tantivy-py's speed", f"{indexing:.2f}", f"at least {RECORDED['indexing'] / WORSE:.2f}")
    row(
        "searching over HTTP, as a multiple of tantivy-py's time",
        f"{searching:.2f}",
        f"at most {RECORDED['searching'] * WORSE:.2f}",
    )
    most = RECORDED["rendering"] * WORSE_RENDERING
    row("a page of hits, as a multiple of the time of its JSON", f"{rendering:.2f}", f"at most {most:.2f}")
    if indexing * WORSE < RECORDED["indexing"] or searching > RECORDED["searching"] * WORSE or rendering > most:
        sys.exit("slower than it was: see docs/benchmarks.md for what a search and a reindex are made of")


def _rendering(settings: Settings) -> float:
    """Return the processor time of pages as a multiple of that of the same answers as JSON, with the same facets."""
    facets = urlencode([("facet", name) for name in [*FACETS, "date"]])
    pages = [f"/search?{page}" for page in PAGES]
    answers = [f"/api/search?{page}&{facets}" for page in PAGES]
    least = _least_times(create_app(settings).test_client(), [*pages, *answers])
    return sum(least[each] for each in pages) / sum(least[each] for each in answers)


def _least_times(client: FlaskClient, addresses: list[str]) -> dict[str, float]:
    """Return the least processor time of each address, asked in turns."""
    least = dict.fromkeys(addresses, float("inf"))
    for _ in range(_RENDERED):
        for address in addresses:
            begun = process_time()
            status = client.get(address).status_code
            least[address] = min(least[address], process_time() - begun)
            assert status == 200, address
    return least


def _articles(number: int) -> Iterator[str]:
    """Articles of words of the sample archive, frequent ones as often as they are there, the same every time."""
    chance = random.Random(_SEED)
    texts = [file.read_text(encoding="utf-8") for file in sorted((ROOT / "corpus").rglob("*.txt"))]
    words = re.findall(r"[A-Za-z]+[,.]?", " ".join(texts))
    for count in range(number):
        text = " ".join(chance.choices(words, k=_WORDS)) + f" Rare{count % 997} number{count}."
        facets = {name: f"{name} {int(chance.paretovariate(0.6)) % 300}" for name in FACETS}
        day = f"20{chance.randrange(10, 26)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
        yield json.dumps({"id": str(count), "title": text[:60], "text": text, "date": day, **facets}) + "\n"


if __name__ == "__main__":
    main()
