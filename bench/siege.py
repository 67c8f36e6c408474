"""Many clients, slow clients and a reindex at the same time, on the 37,554 real articles.

    python -m bench.siege [--work FOLDER] [--seconds N] [--clients N] [--slow N]     (or `make siege`)

As many clients as can saturate two workers search without a pause. Slow ones are silent, drip a byte a second or do not
read an export, and begin again when they are disconnected. The archive is reindexed all the time. No client that behaves
may see an error. A health check every tenth of a second, from a process of its own, must be answered within 100 ms at the
99th percentile. The workers' private memory may grow by a tenth.
"""

import argparse
import http.client
import multiprocessing
import random
import select
import shutil
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.parse import urlencode

from bench.real import unpack
from bench.speed import private_memory, queries_of, reindexed, row, served_by, table_head

HEALTH_SECONDS = 0.1
GROWTH = 1.1
WARM_UP_SECONDS = 60.0
"""Time after which the memory is measured first, because the workers fill their caches until then."""
SLOW = (
    b"",
    b"GET /search?q=tea HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    b"POST /api/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n",
    b"GET /search.jsonl HTTP/1.1\r\nHost: localhost\r\n\r\n",
)
"""What slow clients begin with. Those that have begun a request, and not finished it, go on with a byte a second."""


class Seen(NamedTuple):
    """What clients saw: the seconds of each answer, and the errors."""

    times: list[float]
    errors: list[str]


def main() -> None:
    """Run the siege, and exit with 1 if a promise was not kept."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "searchsvc-bench")
    options.add_argument("--seconds", type=float, default=600.0)
    options.add_argument("--clients", type=int, default=64)
    options.add_argument("--slow", type=int, default=100)
    given = options.parse_args()
    corpus, index = given.work / "besieged", given.work / "besieged-index"
    if not corpus.exists():
        corpus.mkdir(parents=True)
        shutil.copyfile(unpack("articles.jsonl", given.work / "corpus"), corpus / "articles.jsonl")
    reindexed(corpus, index)
    table_head()
    with served_by(corpus, index, workers=2) as (port, leader):
        kept = _besiege(port, leader, (corpus, index), given)
    sys.exit(0 if kept else 1)


def _besiege(port: int, leader: int, folders: tuple[Path, Path], given: argparse.Namespace) -> bool:
    """Whether all promises were kept."""
    addresses = list(_addresses(folders[0] / "articles.jsonl"))
    over = time.time() + WARM_UP_SECONDS + given.seconds
    # Each kind of client has a process, because waiting for the others' threads would be measured as well.
    with ProcessPoolExecutor(3, multiprocessing.get_context("spawn")) as pool:
        searching = pool.submit(_search, port, addresses, given.clients, over)
        slow = pool.submit(_be_slow, port, given.slow, over)
        reindexing = pool.submit(_reindex, *folders, over)
        _watch(port, leader, over - given.seconds)
        health, memory = _watch(port, leader, over)
        searches, connections, reindexes = searching.result(), slow.result(), reindexing.result()
    errors = Counter(searches.errors + health.errors)
    for error, count in errors.most_common(10):
        print(f"{count} × {error}")
    rate = len(searches.times) / (WARM_UP_SECONDS + given.seconds)
    row(f"{given.clients} clients: requests a second, a search in four", f"{rate:,.0f}", "")
    row("median; 99 % are below; slowest", _percentiles(searches), "")
    row(f"{given.slow} slow clients: connections", f"{connections:,}", "")
    row("reindexes of everything", f"{reindexes}", "")
    row("errors", f"{errors.total():,} of {len(searches.times):,}", "0")
    row("health checks: median; 99 % are below; slowest", _percentiles(health), "100 ms at 99 %")
    # A worker has two generations in memory while requests that began with the older one go on: one look says little.
    before, after = median(memory[: len(memory) // 3]), median(memory[-len(memory) // 3 :])
    row("private memory of the workers, first third; last", f"{before:.0f}; {after:.0f} MB", "at most 10 % more")
    return not errors and _percentile(health.times, 0.99) < HEALTH_SECONDS and after < before * GROWTH


def _percentile(times: list[float], part: float) -> float:
    return sorted(times)[int(len(times) * part)]


def _percentiles(seen: Seen) -> str:
    return "; ".join(f"{_percentile(seen.times, at) * 1000:.0f} ms" for at in (0.5, 0.99, 0.999999))


def _private(leader: int) -> float:
    """The private memory of all workers, in MB."""
    workers = Path(f"/proc/{leader}/task/{leader}/children").read_text().split()
    return sum(private_memory(int(worker)) for worker in workers)


def _addresses(articles: Path) -> Iterator[str]:
    """Addresses of searches. Each is typed first: three suggestions for a search."""
    for each in queries_of(articles):
        for part in range(3):
            yield "/api/suggest?" + urlencode({"q": each["q"][: len(each["q"]) * part // 3 + 1]})
        yield "/api/search?" + urlencode({"q": each["q"], "match": each.get("match", "all")})


# The processes


def _search(port: int, addresses: list[str], clients: int, over: float) -> Seen:
    with ThreadPoolExecutor(clients) as pool:
        seen = list(pool.map(lambda number: _client(port, addresses, number, over), range(clients)))
    return Seen([each for one in seen for each in one.times], [each for one in seen for each in one.errors])


def _client(port: int, addresses: list[str], number: int, over: float) -> Seen:
    chance = random.Random(number)
    seen = Seen([], [])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while time.time() < over:
        _ask(connection, chance.choice(addresses), seen)
    connection.close()
    return seen


def _ask(connection: http.client.HTTPConnection, address: str, seen: Seen) -> None:
    begun = time.perf_counter()
    try:
        connection.request("GET", address)
        response = connection.getresponse()
        body = response.read()
        seen.times.append(time.perf_counter() - begun)
        if response.status != 200:
            seen.errors.append(f"{address.partition('?')[0]}: {response.status} {body[:200]!r}")
    except (http.client.HTTPException, OSError) as error:
        seen.errors.append(f"{address.partition('?')[0]}: {error!r}")
        connection.close()


def _watch(port: int, leader: int, over: float) -> tuple[Seen, list[float]]:
    """Check the health of the service, and the memory of its workers once for each tenth check."""
    seen, memory = Seen([], []), []
    while time.time() < over:
        if len(seen.times) % 10 == 0:
            memory.append(_private(leader))
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        _ask(connection, "/healthz", seen)
        connection.close()
        time.sleep(0.1)
    return seen, memory


def _be_slow(port: int, clients: int, over: float) -> int:
    """Keep as many slow connections, and return how many there were."""
    connections: dict[int, tuple[socket.socket, bool]] = {}
    ends = select.poll()
    number = 0
    while time.time() < over:
        while len(connections) < clients:
            beginning = SLOW[number % len(SLOW)]
            connection = socket.create_connection(("127.0.0.1", port), timeout=60)
            connection.sendall(beginning)
            connections[connection.fileno()] = connection, beginning in SLOW[1:3]
            ends.register(connection, select.POLLRDHUP)
            number += 1
        time.sleep(1)
        for descriptor, _ in ends.poll(0):
            ends.unregister(descriptor)
            connections.pop(descriptor)[0].close()
        for connection, drips in connections.values():
            with suppress(ConnectionError):
                connection.send(b"x" if drips else b"")
    return number


def _reindex(corpus: Path, index: Path, over: float) -> int:
    """Reindex everything again and again, and return how often."""
    number = 0
    while time.time() < over:
        reindexed(corpus, index, "--full")
        number += 1
    return number


if __name__ == "__main__":
    main()
