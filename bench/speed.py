"""Speed and memory on the 37,554 real articles, against plain tantivy-py, in one run.

    python -m bench.speed [--work FOLDER] [--fresh] [--against CHECKOUT]     (or `make bench`)

Indexing against tantivy-py fed the same schema and documents from memory; searching over HTTP, with ten hits, snippets
and five facets, against the same by plain tantivy calls in process (with the library's own snippets, and without); memory
of a worker; reindexing of what has not changed. `--fresh` also times `make serve` on a fresh clone, packages downloaded.
`--against` only compares indexing and searching with the code of another checkout, in turns.
"""

import argparse
import http.client
import json
import os
import random
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import IO, Any, NamedTuple
from urllib.parse import urlencode
from urllib.request import urlopen

from bench.real import ROOT, unpack

FACETS = ["source", "topic", "bias", "author"]
"""With the date, five."""
COMMAND = [sys.executable, "-c", "from searchsvc.cli import main; main()"]
"""The command `searchsvc` of the checkout that is the working directory, also of one without `python -m searchsvc`."""
ROUNDS = 5
QUERIES_OF_A_KIND = 20


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "searchsvc-bench")
    options.add_argument("--fresh", action="store_true")
    options.add_argument("--against", type=Path, metavar="CHECKOUT")
    given = options.parse_args()
    corpus = _archive(given.work)
    table_head()
    if given.against:
        _bench_against(given.work, corpus, given.against)
        return
    _bench_indexing(given.work, corpus)
    _bench_searching(given.work, corpus)
    _bench_reindexing(given.work, corpus)
    if given.fresh:
        _bench_fresh_clone()


def table_head() -> None:
    """Print the head of the table that `row` prints the rows of."""
    print(f"| {'what':<62} | {'measured':>28} | {'goal':>18} |\n|{'-' * 64}|{'-' * 30}|{'-' * 20}|")


def row(what: str, measured: str, goal: str) -> None:
    """Print one row of the table."""
    print(f"| {what:<62} | {measured:>28} | {goal:>18} |", flush=True)


def _archive(work: Path) -> Path:
    """The articles as one JSON Lines file, and Reuters' and a thousand small files for the archive that is kept in step."""
    corpus = work / "corpus"
    unpack("articles.jsonl", corpus)
    mixed = work / "mixed"
    if not mixed.exists():
        (mixed / "notes").mkdir(parents=True)
        shutil.copyfile(corpus / "articles.jsonl", mixed / "articles.jsonl")
        shutil.copyfile(unpack("reuters.jsonl", work / "reuters"), mixed / "reuters.jsonl")
        for number in range(1_000):
            (mixed / "notes" / f"{number}.txt").write_text(f"Title: Note {number}\n\nText of note {number}.\n")
    return corpus


# Indexing


def _bench_indexing(work: Path, corpus: Path) -> None:
    indexed = indexed_in_turns(work, corpus)
    row("indexing, articles a second, from JSON Lines", f"{indexed.articles / indexed.ours:,.0f}", "")
    row("the same by tantivy-py, from memory", f"{indexed.articles / indexed.raw:,.0f}", "")
    row("ratio", f"{indexed.raw / indexed.ours:.2f}", "at least 0.7")
    row("peak memory of indexing", f"{indexed.peak:,.0f} MB", "1,200 MB")


class Indexed(NamedTuple):
    """Seconds that an archive took, by searchsvc and by plain tantivy-py, each the median; `peak` is our memory in MB."""

    articles: int
    ours: float
    raw: float
    peak: float


def indexed_in_turns(work: Path, corpus: Path) -> Indexed:
    """Index articles.jsonl three times by each, into work/index and work/raw."""
    ours, raw, peak = [], [], 0.0
    for _ in range(3):
        raw.append(json.loads(_python("-m", "bench.raw", "index", str(corpus / "articles.jsonl"), str(work)))["seconds"])
        report, memory = reindexed(corpus, work / "index", "--full")
        ours.append(report["seconds"])
        peak = max(peak, memory.resident)
    return Indexed(report["articles"], median(ours), median(raw), peak)


class Memory(NamedTuple):
    """The most that a process had, in MB: resident as a whole, with the pages of files that it mapped; and without."""

    resident: float
    private: float


def reindexed(corpus: Path, index: Path, *options: str, checkout: Path = ROOT) -> tuple[dict[str, Any], Memory]:
    """The report of a reindex, and the most memory that it had."""
    command = [*COMMAND, "reindex", "--json", *options]
    environ = _environ(corpus, index, checkout)
    with subprocess.Popen(command, env=environ, cwd=checkout, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        private = _most_private(process.pid, process.stdout)
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, output
    return json.loads(output), Memory(usage.ru_maxrss / 1000, private)


def _most_private(process: int, output: IO[bytes]) -> float:
    """The most private memory that a process has until it begins to write its report."""
    most = 0.0
    while not select.select([output], [], [], 0.05)[0]:
        most = max(most, private_memory(process))
    return most


def _environ(corpus: Path, index: Path, checkout: Path) -> dict[str, str]:
    return os.environ | {"SEARCHSVC_CORPUS": str(corpus), "SEARCHSVC_INDEX": str(index), "PYTHONPATH": str(checkout)}


def _python(*arguments: str) -> str:
    return subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True, cwd=ROOT).stdout


# Searching


def _bench_searching(work: Path, corpus: Path) -> None:
    queries = list(queries_of(corpus / "articles.jsonl"))
    with served(corpus, work / "index") as (port, worker):
        medians = searched_in_turns(work, port, queries)
        for _ in range(-(-1_000 // len(queries)) - 2 * ROUNDS):
            timed(port, queries)
        private = private_memory(worker)
        parts = _parts(port)
    medians["median of the kinds"] = Searched(*map(median, zip(*medians.values(), strict=True)))
    for kind, times in medians.items():
        goal = f"at most {2 * times.marked + 1:.1f} ms"
        measured = f"{times.ours:.1f}; {times.marked:.1f} ({times.plain:.1f}) ms"
        row(f"/api/search; raw with its snippets (without): {kind}", measured, goal)
    for part, milliseconds in parts.items():
        row(f"of a search on average: {part}", f"{milliseconds:.2f} ms", "")
    row("private memory of a worker after 1,000 searches (RssAnon)", f"{private:.0f} MB", "120 MB")


def _parts(port: int) -> dict[str, float]:
    """How long each part of a search took on average, in milliseconds, by the service's own metrics."""
    with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text = answer.read().decode()
    found = re.findall(r'^searchsvc_search_seconds_(sum|count)\{part="(\w+)"\} (\S+)', text, re.MULTILINE)
    of = {(kind, part): float(value) for kind, part, value in found}
    parts = {part: of["sum", part] / of["count", part] * 1000 for kind, part in of if kind == "sum"}
    whole = re.findall(r'^searchsvc_request_seconds_(sum|count)\{route="/api/search"\} (\S+)', text, re.MULTILINE)
    spent = {kind: float(value) for kind, value in whole}
    return {**parts, "JSON, Flask": spent["sum"] / spent["count"] * 1000 - sum(parts.values())}


class Searched(NamedTuple):
    """Median milliseconds of a kind of query: over HTTP, and by plain tantivy calls without snippets and with its own."""

    ours: float
    plain: float
    marked: float


def searched_in_turns(work: Path, port: int, queries: list[dict[str, str]]) -> dict[str, Searched]:
    """Each kind's times on work/index, which the service at `port` serves.

    In turns, so that a machine that is slower for a while is slower for both.
    """
    plan = work / "queries.json"
    plan.write_text(json.dumps({"queries": queries, "facets": FACETS}))
    engine = work / "index" / (work / "index" / "CURRENT").read_text().strip() / "engine"
    ours: dict[str, list[float]] = {}
    raw: dict[str, list[tuple[float, float]]] = {}
    for _ in range(ROUNDS):
        for kind, pairs in json.loads(_python("-m", "bench.raw", "search", str(engine), str(plan))).items():
            raw.setdefault(kind, []).extend(pairs)
        timed(port, queries)
        for kind, times in timed(port, queries).items():
            ours.setdefault(kind, []).extend(times)
    return {kind: Searched(median(ours[kind]), *map(median, zip(*raw[kind], strict=True))) for kind in ours}


def queries_of(articles: Path) -> Iterator[dict[str, str]]:
    """Words and phrases drawn from the articles themselves, the same every time."""
    chance = random.Random(5)
    with articles.open(encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for number, line in enumerate(file) if number % 400 == 0]
    for _ in range(QUERIES_OF_A_KIND):
        sentence = ""
        while len(words := re.findall(r"[A-Za-z]{4,}", sentence)) < 4:
            sentence = chance.choice(re.split(r"(?<=[.!?])\s+", chance.choice(texts)))
        at = chance.randrange(len(words) - 1)
        yield {"kind": "one word", "q": chance.choice(words)}
        yield {"kind": "all of two words", "q": f"{words[at]} {words[at + 1]}"}
        yield {"kind": "any of three words", "q": " ".join(chance.sample(words, 3)), "match": "any"}
        pair = re.findall(r"[A-Za-z]+ [A-Za-z]{4,}", sentence)
        yield {"kind": "phrase", "q": f'"{chance.choice(pair)}"' if pair else f'"{words[0]}"'}


def timed(port: int, queries: list[dict[str, str]]) -> dict[str, list[float]]:
    """Milliseconds of each query by kind, over one connection that is kept alive, whole answers read."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    times: dict[str, list[float]] = {}
    facets = [("facet", name) for name in [*FACETS, "date"]]
    for query in queries:
        address = "/api/search?" + urlencode([("q", query["q"]), ("match", query.get("match", "all")), *facets])
        begun = time.perf_counter()
        connection.request("GET", address)
        response = connection.getresponse()
        body = response.read()
        times.setdefault(query["kind"], []).append((time.perf_counter() - begun) * 1000)
        assert response.status == 200, body
    connection.close()
    return times


@contextmanager
def served(corpus: Path, index: Path, checkout: Path = ROOT) -> Iterator[tuple[int, int]]:
    """The port of a running service with one worker, and that worker's process id."""
    with served_by(corpus, index, 1, checkout) as (port, leader):
        children = Path(f"/proc/{leader}/task/{leader}/children").read_text().split()
        yield port, int(children[0])


@contextmanager
def served_by(corpus: Path, index: Path, workers: int, checkout: Path = ROOT) -> Iterator[tuple[int, int]]:
    """The port of a running service with so many workers, and the id of the process that leads them."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [*COMMAND, "serve", "--port", str(port), "--workers", str(workers)]
    environ = _environ(corpus, index, checkout)
    with subprocess.Popen(command, env=environ, cwd=checkout, stdout=subprocess.DEVNULL) as process:
        _await(f"http://127.0.0.1:{port}", 30)
        yield port, process.pid
        process.terminate()


def _await(address: str, seconds: float) -> float:
    """Seconds until a search is answered."""
    begun = time.monotonic()
    host = address.removeprefix("http://")
    while time.monotonic() - begun < seconds:
        try:
            connection = http.client.HTTPConnection(host, timeout=5)
            connection.request("GET", "/api/search?q=tide")
            if connection.getresponse().status == 200:
                return time.monotonic() - begun
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    sys.exit(f"{address} did not answer within {seconds:.0f} s")


def private_memory(process: int) -> float:
    """The memory of its own that a process has, in MB."""
    status = Path(f"/proc/{process}/status").read_text()
    found = re.findall(r"RssAnon:\s+(\d+) kB", status)  # there is none before a process has its memory
    return int(found[0]) / 1000 if found else 0.0


def _bench_against(work: Path, corpus: Path, checkout: Path) -> None:
    """Rounds in turns of this code and another's, each with an index of its own."""
    queries = list(queries_of(corpus / "articles.jsonl"))
    times: list[dict[str, list[float]]] = [{}, {}]
    seconds: list[list[float]] = [[], []]
    for _ in range(3):
        for root, name, into in ((ROOT, "index", seconds[0]), (checkout, "other", seconds[1])):
            into.append(reindexed(corpus, work / name, "--full", checkout=root)[0]["seconds"])
    here_s, there_s = map(median, seconds)
    row(f"indexing here; in {checkout.name}", f"{here_s:.1f}; {there_s:.1f} s", f"at most {there_s / 0.95:.1f} s")
    with served(corpus, work / "index") as (here, _), served(corpus, work / "other", checkout) as (there, _):
        for port in (here, there):
            timed(port, queries)
        for _ in range(2 * ROUNDS):
            for port, found in zip((here, there), times, strict=True):
                for kind, taken in timed(port, queries).items():
                    found.setdefault(kind, []).extend(taken)
    medians = {kind: (median(times[0][kind]), median(times[1][kind])) for kind in times[0]}
    medians["median of the kinds"] = tuple(map(median, zip(*medians.values(), strict=True)))
    for kind, (ours, theirs) in medians.items():
        row(f"/api/search here; in {checkout.name}: {kind}", f"{ours:.1f}; {theirs:.1f} ms", f"at most {theirs + 1:.1f} ms")


# Reindexing


def _bench_reindexing(work: Path, corpus: Path) -> None:
    mixed, index = corpus.parent / "mixed", work / "mixed-index"
    reindexed(mixed, index)
    unchanged = _wall(mixed, index)
    (mixed / "notes" / "7.txt").write_text(f"Title: Changed at {time.time()}\n\nText.\n")
    changed = _wall(mixed, index)
    row("reindex of the unchanged archive, the command as a whole", f"{unchanged:.2f} s", "under 1 s")
    row("reindex after one changed file, until published", f"{changed:.2f} s", "under 2 s")


def _wall(corpus: Path, index: Path) -> float:
    begun = time.monotonic()
    reindexed(corpus, index)
    return time.monotonic() - begun


def _bench_fresh_clone() -> None:
    """`make serve` on a fresh clone to the first answered search, without the package manager's cache."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), f"{folder}/clone"], check=True)
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("SEARCHSVC_", "VIRTUAL_ENV"))}
        environ |= {"SEARCHSVC_PORT": str(port), "PIP_NO_CACHE_DIR": "1"}
        with subprocess.Popen(
            ["make", "serve"], cwd=f"{folder}/clone", env=environ, stdout=subprocess.DEVNULL, start_new_session=True
        ) as process:
            seconds = _await(f"http://127.0.0.1:{port}", 300)
            os.killpg(process.pid, 15)
    row("`make serve` on a fresh clone to the first answered search", f"{seconds:.0f} s", "under 90 s")


if __name__ == "__main__":
    main()
