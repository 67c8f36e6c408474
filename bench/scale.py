"""Reindexing of large archives: many small articles, many files, one huge file, many pages.

    python -m bench.scale [--work FOLDER] [PART ...]     (or `make bench-scale`)

The parts: `paragraphs` (about 844,000, cut from the real articles) against plain tantivy-py fed the same documents from
memory; `files` (100,000 of them, unchanged, and with one changed); `huge` (one JSON Lines file of 2 GB, and the memory that
it takes); `pages` (the real ones, ten times over, in one process and in two); `export` (all
of the paragraphs, over HTTP).
"""

import argparse
import gzip
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from bench.real import DATA, ROOT, unpack
from bench.speed import private_memory, reindexed, row, served_by, table_head
from searchsvc.corpus import ReaderPool, walk

FILES = 100_000
HUGE_BYTES = 2_000_000_000
COPIES = 10


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "searchsvc-bench")
    options.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART", default=[])
    given = options.parse_args()
    table_head()
    for part in given.parts or PARTS:
        PARTS[part](given.work)


def _bench_paragraphs(work: Path) -> None:
    corpus = work / "paragraphs"
    file = corpus / "paragraphs.jsonl"
    if not file.exists():
        corpus.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8") as out:
            out.writelines(_paragraphs(unpack("articles.jsonl", work / "corpus")))
    report, memory = reindexed(corpus, work / "paragraphs-index", "--full")
    command = [sys.executable, "-m", "bench.raw", "index", str(file), str(work)]
    raw = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)
    ours, theirs = report["articles"] / report["seconds"], raw["articles"] / raw["seconds"]
    row(f"{report['articles']:,} paragraphs, articles a second, from JSON Lines", f"{ours:,.0f}", "")
    row("the same by tantivy-py, from memory", f"{theirs:,.0f}", "")
    row("ratio", f"{ours / theirs:.2f}", "at least 0.7")
    row("peak memory, private; with mapped files", f"{memory.private:,.0f}; {memory.resident:,.0f} MB", "")


def _paragraphs(articles: Path) -> Iterator[str]:
    """Each paragraph of each article as an article of its own, a line of JSON for each."""
    with articles.open(encoding="utf-8") as file:
        for line in file:
            article = json.loads(line)
            text, name = article.pop("text"), article.pop("id")
            article.pop("url", None)
            for number, paragraph in enumerate(filter(None, map(str.strip, text.split("\n")))):
                yield json.dumps({**article, "id": f"{name}-{number}", "text": paragraph}) + "\n"


def _bench_files(work: Path) -> None:
    corpus, index = work / "files", work / "files-index"
    for number in range(0 if corpus.exists() else FILES):
        file = corpus / f"{number // 1_000:02}" / f"{number}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"Title: Note {number}\n\nText of note {number}, which is short.\n")
    seconds = _wall(corpus, index)
    row(f"reindex of {FILES:,} small files, the first time", f"{seconds:.1f} s", "")
    seconds = min(_wall(corpus, index) for _ in range(3))
    row("unchanged, the command as a whole", f"{seconds:.1f} s", "under 4 s")
    (corpus / "07" / "7000.txt").write_text(f"Title: Changed at {time.time()}\n\nText.\n")
    row("one of them changed, until published", f"{_wall(corpus, index):.1f} s", "under 5 s")


def _wall(corpus: Path, index: Path) -> float:
    begun = time.monotonic()
    reindexed(corpus, index)
    return time.monotonic() - begun


def _bench_huge(work: Path) -> None:
    corpus = work / "huge"
    file = corpus / "huge.jsonl"
    if not file.exists():
        corpus.mkdir(parents=True, exist_ok=True)
        _repeat(unpack("articles.jsonl", work / "corpus"), file)
    report, memory = reindexed(corpus, work / "huge-index", "--full")
    size = file.stat().st_size / 1e9
    rate = f"{report['articles'] / report['seconds']:,.0f}"
    row(f"JSON Lines of {size:.1f} GB, {report['articles']:,} articles, a second", rate, "")
    row("peak memory, private; with mapped files", f"{memory.private:,.0f}; {memory.resident:,.0f} MB", "1,500 MB")


def _repeat(articles: Path, target: Path) -> None:
    """The articles over and over, each time under other ids, until there are enough."""
    lines = articles.read_text(encoding="utf-8").splitlines()
    with target.open("w", encoding="utf-8") as out:
        copy = 0
        while out.tell() < HUGE_BYTES:
            out.writelines(line.replace('"id": "', f'"id": "{copy}-', 1) + "\n" for line in lines)
            copy += 1


def _bench_pages(work: Path) -> None:
    corpus = work / "pages"
    pages = sorted((DATA / "html" / "body").glob("*.html.gz"))
    if not corpus.exists():
        corpus.mkdir(parents=True)
        for page in pages:
            content = gzip.decompress(page.read_bytes())
            for copy in range(COPIES):
                (corpus / f"{copy}-{page.name.removesuffix('.gz')}").write_bytes(content)
    found: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(3):
        for processes, rates in found.items():
            begun = time.perf_counter()
            with ReaderPool(walk(corpus), (), processes) as readers:
                for _batch in readers.batches():
                    pass
            rates.append(COPIES * len(pages) / (time.perf_counter() - begun))
    alone, both = (sorted(rates)[1] for rates in found.values())
    row(f"pages a second on one core, {COPIES * len(pages)} pages", f"{alone:.0f}", "at least 80")
    row(
        f"in two processes ({os.cpu_count()} cores), and how many times as many",
        f"{both:.0f}; {both / alone:.2f}",
        "1.7 times",
    )


def _bench_export(work: Path) -> None:
    corpus, index = work / "paragraphs", work / "paragraphs-index"
    if not index.exists():
        _bench_paragraphs(work)
    for name, encoding in (("search.csv", "identity"), ("search.jsonl", "identity"), ("search.jsonl", "zstd")):
        with served_by(corpus, index, workers=1) as (port, leader):
            begun, (size, lines, memory) = time.monotonic(), _taken_away(port, leader, f"/{name}", encoding)
            rate = f"{size / 1e6:,.0f} MB in {time.monotonic() - begun:.0f} s"
            row(f"/{name}, {encoding}" + (f", {lines:,} lines" if lines else ""), rate, "")
            before, most = memory
            row("private memory of the worker before; most", f"{before:.0f}; {most:.0f} MB", "")


def _taken_away(port: int, leader: int, path: str, encoding: str) -> tuple[int, int, tuple[float, float]]:
    """Bytes and lines of a file that the service sends, and its worker's memory before, and the most meanwhile."""
    (worker,) = map(int, Path(f"/proc/{leader}/task/{leader}/children").read_text().split())
    before = most = private_memory(worker)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Accept-Encoding": encoding})
    response = connection.getresponse()
    size = lines = 0
    while piece := response.read(2**22):
        size += len(piece)
        lines += piece.count(b"\n") if encoding == "identity" else 0
        most = max(most, private_memory(worker))
    return size, lines, (before, most)


PARTS: Mapping[str, Callable[[Path], None]] = {
    "paragraphs": _bench_paragraphs,
    "files": _bench_files,
    "huge": _bench_huge,
    "pages": _bench_pages,
    "export": _bench_export,
}

if __name__ == "__main__":
    main()
