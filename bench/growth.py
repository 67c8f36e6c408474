"""How cost grows: articles, their paragraphs, and four million of these.

    python -m bench.growth [--work FOLDER] [--most N]     (or `make bench-growth`)

The real articles, their 922,000 paragraphs as articles of their own, and those several times over, with other ids and later
days, up to N (4,000,000). Each is indexed from JSON Lines, and searched over HTTP by one client, with the queries and the
work of bench.compare; two workers serve. Four million take about ten minutes and 10 GB of disk.
"""

import argparse
import datetime as dt
import itertools
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from bench.compare import flat
from bench.peers import read
from bench.peers.own import Searchsvc
from bench.peers.workload import workload
from bench.real import unpack
from bench.speed import Memory, private_memory, reindexed, row, table_head

MOST = 4_000_000
QUERIES = 50
_LATER = dt.timedelta(days=40)


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "searchsvc-bench")
    options.add_argument("--most", type=int, default=MOST)
    given = options.parse_args()
    articles = flat(unpack("articles.jsonl", given.work / "corpus"), given.work / "compared" / "corpus" / "articles.jsonl")
    table_head()
    medians = [
        _measured("articles", articles, articles, given.work / "grown-articles"),
        _measured("paragraphs", _file(articles, given.work, None), articles, given.work / "grown-paragraphs"),
        _measured("most", _file(articles, given.work, given.most), articles, given.work / "grown-most"),
    ]
    row("median of kinds: paragraphs over articles", f"{medians[1] / medians[0]:.1f} times", "at most 2")
    row("the most over paragraphs", f"{medians[2] / medians[1]:.1f} times", "at most 3")


def _file(articles: Path, work: Path, most: int | None) -> Path:
    """The paragraphs, once or up to a number; written unless it is there."""
    target = work / f"grown-{most or 'once'}" / "paragraphs.jsonl"
    if not target.exists():
        target.parent.mkdir(parents=True)
        copies: Iterator[int] = iter((0,)) if most is None else itertools.count()
        rows = (each for copy in copies for each in _paragraphs(articles, copy))
        with target.with_suffix(".new").open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(each) + "\n" for each in itertools.islice(rows, most))
        target.with_suffix(".new").rename(target)
    return target


def _paragraphs(articles: Path, copy: int) -> Iterator[dict[str, Any]]:
    for article in read(articles):
        text, name = article.pop("text"), article.pop("id")
        if "date" in article:
            article["date"] = str(dt.date.fromisoformat(article["date"]) + copy * _LATER)
        for number, paragraph in enumerate(filter(None, map(str.strip, text.split("\n")))):
            yield {**article, "id": f"{copy}-{name}-{number}", "text": paragraph}


def _measured(name: str, corpus: Path, drawn_from: Path, folder: Path) -> float:
    """Index and search an archive; the median of the kinds' medians, in milliseconds."""
    shutil.rmtree(folder, ignore_errors=True)
    report, memory = reindexed(corpus.parent, folder / "index", "--full")
    number = report["articles"]
    size = sum(file.stat().st_size for file in (folder / "index").rglob("*") if file.is_file())
    row(f"{name}: {number:,}, indexed a second", f"{number / report['seconds']:,.0f}", "")
    row("index, for a million", f"{size / number / 1e3:,.1f} GB", "")
    row("peak memory of indexing, private; with mapped files", _written(memory), "2,000 MB")
    service = Searchsvc(folder)
    service.open()
    connection = service.connect()
    times: dict[str, list[float]] = {}
    for turn in range(2):  # the first warms
        for ask in workload(drawn_from, QUERIES):
            begun = time.perf_counter()
            service.fetched(connection, service.requests(ask))
            if turn:
                times.setdefault(ask.kind, []).append((time.perf_counter() - begun) * 1000)
    for kind, each in times.items():
        row(f"  {kind}", f"{median(each):.1f} ms", "")
    found = median(map(median, times.values()))
    row("  median of the kinds", f"{found:.1f} ms", "")
    row(
        "  private memory of the service, two workers", f"{sum(map(private_memory, service.processes())):,.0f} MB", "600 MB"
    )
    connection.close()
    service.close()
    return found


def _written(memory: Memory) -> str:
    return f"{memory.private:,.0f}; {memory.resident:,.0f} MB"


if __name__ == "__main__":
    main()
