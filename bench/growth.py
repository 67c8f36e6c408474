"""How cost grows: articles, their paragraphs, and four million of these.

    python -m bench.growth [--work FOLDER] [--most N]     (or `make bench-growth`)

The real articles, their 922,000 paragraphs as articles of their own, and those several times over, up to N (4,000,000):
with other ids, later days and their words in another order, so that none is a version of another. Each is indexed from JSON
Lines, and searched over HTTP by one client, with the queries and the work of bench.compare, and with what else visitors ask
for; two workers serve. Then one article is changed. Four million take about a quarter of an hour and 10 GB of disk.
"""

import argparse
import datetime as dt
import itertools
import json
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote

from bench.compare import flat
from bench.peers import read
from bench.peers.over_http import Request
from bench.peers.own import Searchsvc
from bench.peers.workload import workload
from bench.real import unpack
from bench.speed import COMMAND, Memory, private_memory, reindexed, row, table_head

MOST = 4_000_000
QUERIES = 50
_EXPORTED = 2_000
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
    target = work / (f"mixed-{most}" if most else "grown-once") / "paragraphs.jsonl"
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
            yield {**article, "id": f"{copy}-{name}-{number}", "text": _mixed(paragraph, copy)}


def _mixed(text: str, copy: int) -> str:
    """The text, or for a copy the same words in another order, so that it is no version of the original."""
    words = text.split()
    return " ".join(word for start in range(copy + 1) for word in words[start :: copy + 1]) if copy else text


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
    asks = workload(drawn_from, QUERIES)
    times: dict[str, list[float]] = {}
    for turn in range(2):  # the first warms
        for ask in asks:
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
    words = [ask.words[0] for ask in asks if ask.kind == "one word"]
    for kind, paths in _others(words).items():
        row(f"  {kind}", f"{median(_timed(service, path) for path in paths):.1f} ms", "100 ms")
    for kind, typed in _typed([ask.words for ask in asks if ask.kind == "phrase"]).items():
        times_typed = sorted(_each(service, (f"/api/suggest?limit=6&q={quote(each)}" for each in typed)))
        row(f"  suggestions, {kind}", f"{median(times_typed):.1f} ms", "")
        row("  95 of 100 of them, at most", f"{times_typed[len(times_typed) * 95 // 100]:.1f} ms", "15 ms")
    row("  a page by a cursor", f"{median(_pages(service, words)):.1f} ms", "100 ms")
    row("  1,000 rows of an export", f"{median(_rows(service, words)):.1f} ms", "100 ms")
    _change_one(corpus.parent, folder / "index", service, words[0], next(iter(read(drawn_from)))["text"])
    connection.close()
    service.close()
    return found


def _others(words: list[str]) -> dict[str, list[str]]:
    """The paths of what visitors ask for besides searches, by kind."""
    wildcards = [f"{word[:2]}?{word[3]}*" for word in words]
    return {
        "wildcard": [f"/api/search?q={quote(each)}" for each in wildcards],
        "all values of a field": [f"/api/facets/source?q={each}" for each in words],
        "all articles, newest first": ["/api/search"] * 5,
    }


def _timed(service: Searchsvc, path: str) -> float:
    """The milliseconds of the second of two requests."""
    connection = service.connect()
    for _ in range(2):
        begun = time.perf_counter()
        service.fetched(connection, [Request(path)])
    spent = (time.perf_counter() - begun) * 1000
    connection.close()
    return spent


def _typed(pairs: list[tuple[str, ...]]) -> dict[str, list[str]]:
    """What the box sends while words that stand together are typed: the first word, and then the second."""
    pairs = [pair for pair in pairs if len(pair) > 1]
    return {
        "first word": [first[:letters] for first, _ in pairs for letters in range(1, 5)],
        "second word": [f"{first} {second[:letters]}" for first, second in pairs for letters in range(1, 5)],
    }


def _each(service: Searchsvc, paths: Iterator[str]) -> Iterator[float]:
    """The milliseconds of requests, each of which is made once."""
    connection = service.connect()
    for path in paths:
        begun = time.perf_counter()
        service.fetched(connection, [Request(path)])
        yield (time.perf_counter() - begun) * 1000
    connection.close()


def _pages(service: Searchsvc, words: list[str]) -> Iterator[float]:
    """The milliseconds of the pages behind the first, of some searches."""
    connection = service.connect()
    for word in words[:10]:
        (found,) = service.fetched(connection, [Request(f"/api/search?q={word}&sort=newest")])
        for _ in range(5):
            if (following := found["links"]["next"]) is None:
                break
            begun = time.perf_counter()
            (found,) = service.fetched(connection, [Request(following)])
            yield (time.perf_counter() - begun) * 1000
    connection.close()


def _rows(service: Searchsvc, words: list[str]) -> Iterator[float]:
    """The milliseconds of 1,000 rows in exports of all hits."""
    for word in words[:5]:
        connection = service.connect()
        begun, rows = time.perf_counter(), 0
        connection.request("GET", f"/search.jsonl?q={word}")
        response = connection.getresponse()
        while rows < _EXPORTED and response.readline():
            rows += 1
        if rows:
            yield (time.perf_counter() - begun) * 1e6 / rows
        connection.close()


def _change_one(corpus: Path, index: Path, service: Searchsvc, word: str, text: str) -> None:
    """Add an article and change it. Measure how long that takes, and the first search of the new generation."""
    note = corpus / "note.txt"
    note.write_text(f"Title: A note\n\n{text}\n\nThe first text.\n")
    reindexed(corpus, index)
    note.write_text(f"Title: A note\n\n{text}\n\nThe second text.\n")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    report, _ = reindexed(corpus, index)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    row("  one article changed, until published; the command, CPU", f"{report['seconds']:.2f} s; {cpu:.2f} s", "")
    connection = service.connect()
    begun = time.perf_counter()
    service.fetched(connection, [Request(f"/api/search?q={word}")])
    row("  first search of a new generation", f"{(time.perf_counter() - begun) * 1000:.1f} ms", "100 ms")
    connection.close()
    begun = time.perf_counter()
    subprocess.run([*COMMAND, "check", "--index", str(index)], check=True, stdout=subprocess.DEVNULL)
    row("  check", f"{time.perf_counter() - begun:.1f} s", "")
    note.unlink()


def _written(memory: Memory) -> str:
    return f"{memory.private:,.0f}; {memory.resident:,.0f} MB"


if __name__ == "__main__":
    main()
