"""One peer in a process of its own: a command on each line of standard input, its answer on a line of standard output.

python -m bench.peers NAME FOLDER ARTICLES
"""

import json
import os
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Any

from bench.peers import Peer, peer
from bench.peers.over_http import HttpPeer
from bench.peers.workload import workload
from bench.speed import private_memory

_WARM = 5


class _Served:
    """A peer that is told what to do."""

    def __init__(self, one: Peer, articles: Path) -> None:
        self._peer = one
        self._articles = articles
        self._asks = workload(articles)

    def ready(self) -> None:
        """Tell that what runs before indexing, such as a node, has started."""

    def build(self) -> tuple[float, float | None] | None:
        """Return seconds, and seconds of processor time, to index everything. Return None for a peer without an index."""
        begun, cpu = time.perf_counter(), self._cpu()
        self._peer.build(self._articles)
        if not self._peer.indexes:
            return None
        return time.perf_counter() - begun, (self._cpu() - cpu if self._peer.counts_cpu else None)

    def _cpu(self) -> float:
        """Return the processor time of this process, of those that it has waited for, and of the peer's servers."""
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        own = sum(each.ru_utime + each.ru_stime for each in used)
        return own + sum(map(_cpu_of, self._peer.indexing_servers()))

    def open(self) -> list[str]:
        """Get ready, and warm; the kinds that it can answer."""
        self._peer.open()
        kinds = dict.fromkeys(ask.kind for ask in self._asks if ask.kind not in self._peer.cannot)
        for kind in kinds:
            for ask in [ask for ask in self._asks if ask.kind == kind][:_WARM]:
                self._peer.ask(ask)
        return list(kinds)

    def ask(self, kind: str, seconds: float) -> list[tuple[float, int, bool]]:
        """Milliseconds, total, and whether there were hits with snippets, of each query of a kind, as far as time goes."""
        if isinstance(self._peer, HttpPeer):
            self._peer.rest()
        found = []
        until = time.perf_counter() + seconds
        for ask in [ask for ask in self._asks if ask.kind == kind]:
            begun = time.perf_counter()
            answer = self._peer.ask(ask)
            found.append(((time.perf_counter() - begun) * 1000, answer.total, any(snippet for _, snippet in answer.hits)))
            if time.perf_counter() > until:
                break
        return found

    def clients(self, clients: int, seconds: float) -> float | None:
        """Searches a second of so many clients at once; None where there is no server."""
        if not isinstance(self._peer, HttpPeer):
            return None
        one, asks, counts = self._peer, [ask for ask in self._asks if ask.kind not in self._peer.cannot], []
        until = time.perf_counter() + seconds

        def search(first: int) -> None:
            connection, number = one.connect(), 0
            while time.perf_counter() < until:
                one.fetched(connection, one.requests(asks[(first + 7 * number) % len(asks)]))
                number += 1
            connection.close()
            counts.append(number)

        threads = [threading.Thread(target=search, args=[client * 75]) for client in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(counts) / seconds

    def memory(self) -> float:
        """Private memory in MB: of its servers, or of this process."""
        processes = self._peer.processes()
        return sum(map(private_memory, processes)) if processes else private_memory(_own())

    def close(self) -> None:
        """Stop."""
        self._peer.close()


def _own() -> int:
    return int(Path("/proc/self").readlink().name)


def _cpu_of(process: int) -> float:
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    name, folder, articles = sys.argv[1:]
    Path(folder).mkdir(parents=True, exist_ok=True)
    served = _Served(peer(name, Path(folder)), Path(articles))
    answers, sys.stdout = sys.stdout, sys.stderr
    try:
        for line in sys.stdin:
            command, *arguments = json.loads(line)
            answer: Any = getattr(served, command)(*arguments)
            print(json.dumps(answer), file=answers, flush=True)
    finally:
        served.close()


if __name__ == "__main__":
    main()
