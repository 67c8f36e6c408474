"""Hostile queries and many clients against the running service, on the 37,554 real articles.

    python -m bench.stress [--work FOLDER] [--queries N] [--seconds N] [--clients N]     (or `make stress`)

First, queries and parameters made to break it: nesting, wildcards, slops, letters of all kinds, wrong values. None may be
answered with 5xx, take over 2 s, or cost a worker. Then as many clients as can saturate it, while a new generation is
published every 10 s: none may see an error, and the workers' private memory may not grow by more than a tenth. A search is
typed before it is made, so that three suggestions come with it.
"""

import argparse
import http.client
import random
import re
import shutil
import string
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.parse import quote, urlencode

from bench.real import unpack
from bench.speed import queries_of, reindexed, row, served_by, table_head

SLOWEST_SECONDS = 2.0


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "searchsvc-bench")
    options.add_argument("--queries", type=int, default=20_000)
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--clients", type=int, default=64)
    given = options.parse_args()
    corpus = given.work / "stressed"
    if not corpus.exists():
        corpus.mkdir(parents=True)
        shutil.copyfile(unpack("articles.jsonl", given.work / "corpus"), corpus / "articles.jsonl")
    (corpus / "note.txt").write_text("Title: A note\n\nBefore.\n")
    index = given.work / "stressed-index"
    reindexed(corpus, index)
    table_head()
    with served_by(corpus, index, workers=2) as (port, leader):
        fuzzed = _fuzz(port, leader, given.queries)
        loaded = _load((port, leader), (corpus, index), given.clients, given.seconds)
    sys.exit(0 if fuzzed and loaded else 1)


# Hostile queries


def _fuzz(port: int, leader: int, number: int) -> bool:
    """Whether all of them were answered in time, by the workers there were. Each worker has a client of its own."""
    workers = _children(leader)
    with ThreadPoolExecutor(len(workers)) as clients:
        parts = [clients.submit(_ask, port, seed, number // len(workers)) for seed in range(len(workers))]
        asked = [each for part in parts for each in part.result()]
    bad = [f"{each.status} {each.seconds:.1f} s: {each.address[:300]}" for each in asked if each.is_bad]
    lost = len(workers - _children(leader))
    for line in bad[:20]:
        print(line)
    statuses = Counter(each.status for each in asked)
    shown = ", ".join(f"{count:,} × {status}" for status, count in sorted(statuses.items()))
    row(f"{len(asked):,} hostile requests, by status", shown, "none 5xx")
    times = [each.seconds for each in asked]
    row("their median; the slowest", f"{median(times) * 1000:.1f} ms; {max(times):.2f} s", f"{SLOWEST_SECONDS:g} s")
    row("workers replaced meanwhile, after 50,000 to 60,000 requests each", str(lost), "")
    return not bad


class _Asked(NamedTuple):
    """A request, its status, which is -1 if there was no answer, and the seconds until its answer was read."""

    address: str
    status: int
    seconds: float

    @property
    def is_bad(self) -> bool:
        return not 0 < self.status < 500 or self.seconds > SLOWEST_SECONDS


def _ask(port: int, seed: int, number: int) -> list[_Asked]:
    """Send hostile requests one by one."""
    chance = random.Random(seed)
    asked = []
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(number):
        address, headers = _hostile(chance)
        begun = time.perf_counter()
        try:
            connection.request("GET", address, headers=headers)
            response = connection.getresponse()
            response.read()
            status = response.status
        except (http.client.HTTPException, OSError) as error:
            connection.close()
            print(f"{error!r}: {address[:200]}")
            status = -1
        asked.append(_Asked(address, status, time.perf_counter() - begun))
    return asked


def _hostile(chance: random.Random) -> tuple[str, dict[str, str]]:
    pairs = [("q", _query(chance))]
    for _ in range(chance.choice([0, 0, 1, 2, 5])):
        pairs.append((chance.choice(_NAMES), chance.choice(_VALUES) if chance.random() < 0.7 else _letters(chance, 40)))
    path = chance.choice(["/search", "/api/search", "/search.atom", "/api/suggest", "/api/facets/author", "/facets/source"])
    if chance.random() < 0.05:
        path = "/article/" + quote(_letters(chance, 60), safe="")
    address = f"{path}?{urlencode(pairs, errors='replace')}"
    if chance.random() < 0.02:
        address = address.replace("=", "%", 1) + "%ff%00%"
    headers = {"X-Request-ID": "x" * chance.randrange(3_000)} if chance.random() < 0.02 else {}
    headers |= {"If-None-Match": chance.choice(["*", 'W/"x"', '"' * 50])} if chance.random() < 0.02 else {}
    return address[:8_000], headers


_NAMES = (
    *("match", "sort", "from", "to", "date", "page", "per_page", "cursor", "facet", "author", "source", "tag"),
    *("prefix", "order", "limit", "hit", "filter", "facet", "fields", "snippets", "nonsense"),
)
_VALUES = (
    *("", "0", "1", "-1", "10000", "99999999999999999999", "1e9", "NaN", "*", "all", "any", "newest", "value", "title"),
    *("2016", "2016-02-30", "0000", "9999-12-31", "2016-13", "last month", "'; drop table", "../../etc/passwd", "\u0000"),
)
_WORDS = ("the", "president", "trump", "climate", "change", "of", "to", "and", "\u4e2d\u56fd", "\u0939\u093f\u0928\u094d")
_PARSER_TEASERS = ("AND OR NOT", '"', "((((", "a:b:c:d", "~~~~", "* * *", "\\", "[a TO b]", "/.*/", "green AND NOT tea")
_FIELDS = ("title", "body", "author", "nonsense", "date", "before")


def _query(chance: random.Random) -> str:
    """A text by one of many ways to make a search engine sweat."""
    word = chance.choice
    ways = (
        lambda: "(" * chance.randrange(500) + word(_WORDS) + ")" * chance.randrange(500),
        lambda: " ".join(
            f"{word(string.ascii_lowercase)}{word(string.ascii_lowercase)}*" for _ in range(chance.randrange(250))
        ),
        lambda: " OR ".join(f"{word(_WORDS)[:4]}~2" for _ in range(chance.randrange(120))),
        lambda: '"' + " ".join(word(_WORDS) for _ in range(chance.randrange(60))) + f'"~{chance.randrange(100)}',
        lambda: " ".join(f'"{word(_WORDS)} {word(_WORDS)} {word(_WORDS)}"~10' for _ in range(chance.randrange(30))),
        lambda: " ".join(f"-{word(_WORDS)}" for _ in range(chance.randrange(200))),
        lambda: f"{word(_WORDS)}^{word(['0', '-1', '1e308', 'NaN', '99999', '0.0001'])}",
        lambda: f"{word(_FIELDS)}:{word(_WORDS)}{word(['*', '~', '', ':x'])}",
        lambda: f"date:{word(_VALUES)}..{word(_VALUES)}",
        lambda: _letters(chance, chance.randrange(1_100)),
        lambda: "?".join(word(_WORDS)[:2] for _ in range(chance.randrange(2, 40))),
        lambda: word(
            ("AND OR NOT", '"', "((((", "a:b:c:d", "~~~~", "* * *", "\\", "[a TO b]", "/.*/", "green AND NOT tea")
        ),
        lambda: " ".join(word(_WORDS) for _ in range(chance.randrange(180))),
        lambda: "".join(word('()"~*?^:- ANDORNT') for _ in range(chance.randrange(300))),
    )
    return chance.choice(ways)()


def _letters(chance: random.Random, length: int) -> str:
    ranges = ((0x20, 0x7F), (0x20, 0xD7FF), (0x10000, 0x1FFFF))
    return "".join(chr(chance.randrange(*chance.choice(ranges))) for _ in range(length))


# Many clients


def _load(service: tuple[int, int], folders: tuple[Path, Path], clients: int, seconds: float) -> bool:
    """Whether none of the clients saw an error."""
    (port, leader), (corpus, index) = service, folders
    queries = queries_of(corpus / "articles.jsonl")
    addresses = []
    for each in queries:  # each is typed first: three suggestions for a search
        typed = (each["q"][: len(each["q"]) * part // 3 + 1] for part in range(3))
        addresses += ["/api/suggest?" + urlencode({"q": text}) for text in typed]
        addresses.append("/api/search?" + urlencode({"q": each["q"], "match": each.get("match", "all")}))
    results: list[Seen] = []
    over = time.monotonic() + seconds
    before = _private(leader)
    threads = [threading.Thread(target=_client, args=(port, addresses, n, over, results)) for n in range(clients)]
    for thread in threads:
        thread.start()
    published = 0
    while time.monotonic() < over - 5:
        time.sleep(10)
        (corpus / "note.txt").write_text(f"Title: A note\n\nAt {time.time()}.\n")
        reindexed(corpus, index)
        published += 1
    for thread in threads:
        thread.join()
    after = _private(leader)
    answered = sum(number for number, _, _ in results)
    times = sorted(spent for _, each, _ in results for spent in each)
    errors = [error for _, _, found in results for error in found]
    for error, count in Counter(errors).most_common(10):
        print(f"{count} × {error}")
    row(f"{clients} clients for {seconds:.0f} s: requests a second, a search in four", f"{answered / seconds:,.0f}", "")
    slow = "; ".join(f"{times[int(len(times) * at)] * 1000:.0f} ms" for at in (0.5, 0.99, 0.99999))
    row("median; 99 % are below; slowest", slow, "")
    row(f"errors, while {published} generations were published", f"{len(errors):,} of {answered:,}", "0")
    row("private memory of the workers before; after", f"{before:.0f}; {after:.0f} MB", "")
    return not errors


Seen = tuple[int, list[float], list[str]]
"""What a client saw: the number of answers, the seconds of each request, and what went wrong."""


def _client(port: int, addresses: list[str], number: int, over: float, results: list[Seen]) -> None:
    chance = random.Random(number)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    answered, times, errors = 0, [], []
    while time.monotonic() < over:
        begun = time.perf_counter()
        try:
            connection.request("GET", chance.choice(addresses))
            response = connection.getresponse()
            body = response.read()
            if response.status != 200:
                errors.append(f"{response.status} {body[:200]!r}")
            answered += 1
            if response.getheader("Connection") == "close":
                connection.close()
        except (http.client.HTTPException, OSError) as error:
            errors.append(repr(error))
            connection.close()
        times.append(time.perf_counter() - begun)
    connection.close()
    results.append((answered, times, errors))


def _children(leader: int) -> set[int]:
    return set(map(int, Path(f"/proc/{leader}/task/{leader}/children").read_text().split()))


def _private(leader: int) -> float:
    """The private memory of all workers, in MB."""
    found = (Path(f"/proc/{worker}/status").read_text() for worker in _children(leader))
    return sum(int(re.findall(r"RssAnon:\s+(\d+) kB", status)[0]) for status in found) / 1000


if __name__ == "__main__":
    main()
