"""This service beside what users could pick instead: the same articles, the same queries, the same work, in one run.

    python -m bench.compare [--work FOLDER] [--keep] [--charts FOLDER] [PEER ...]     (or `make bench`)

Every peer is set up as its own documentation recommends (bench/peers) and does the same work: ten hits with snippets, the
exact total, the counts of three fields and of months. A hundred queries of each of twelve kinds are drawn from the archive;
kind after kind, the peers take turns, twice. They also take turns to index the articles, three times. What is not installed
is left out, and said. `--keep` searches the indexes of the run before, and repeats how long these took.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench.charts import bars, dots
from bench.peers import FACETS, PEERS
from bench.real import ROOT, unpack
from searchsvc.corpus import read_file
from searchsvc.model.article import Article

ROUNDS = 2
INDEXING_ROUNDS = 3
SLOW_SECONDS = 60.0
"""What takes longer to index everything does so once."""
KIND_SECONDS = 4.0
"""How long a peer may take for the queries of one kind in one round: the slow ones answer fewer."""
READY_SECONDS = 20.0
"""A node goes on starting for a while after it answers."""
SETTLE_SECONDS = 30.0
"""What was indexed last goes on merging for a while, on the cores that all share."""
CLIENTS = 16
CLIENT_SECONDS = 10.0


@dataclass
class Measured:
    """What was measured of one peer. Times are milliseconds by kind, a list for each round.

    `builds` are seconds of indexing, and seconds of processor time, if these are known.
    `unmarked` are the kinds whose snippets it cannot make, so that it does less.
    """

    builds: list[tuple[float, float | None]] = field(default_factory=list)
    megabytes: float = 0.0
    memory: float = 0.0
    rate: float | None = None
    times: dict[str, list[list[float]]] = field(default_factory=dict)
    totals: dict[str, list[int]] = field(default_factory=dict)
    unmarked: set[str] = field(default_factory=set)

    @property
    def seconds(self) -> float | None:
        """Return the median seconds of indexing, or None if it indexes nothing."""
        return median(seconds for seconds, _ in self.builds) if self.builds else None

    def median(self, kind: str) -> float:
        """The median of all queries of a kind."""
        return median(time for turn in self.times[kind] for time in turn)

    def percentile(self, kind: str, percent: int) -> float:
        """Of all queries of a kind."""
        return quantiles((time for turn in self.times[kind] for time in turn), n=100)[percent - 1]

    def of_kinds(self, kinds: Sequence[str]) -> float:
        """The median of the medians of these kinds."""
        return median(map(self.median, kinds))


class Child:
    """A peer in a process of its own."""

    def __init__(self, name: str, folder: Path, articles: Path) -> None:
        self.folder = folder
        command = [sys.executable, "-m", "bench.peers", name, str(folder), str(articles)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def told(self, *command: Any) -> Any:
        """What it answers to a command; raises RuntimeError where it died."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(command), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"it ended, with status {self._process.wait()}")
        return json.loads(line)

    def close(self) -> None:
        """End it, and its servers."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(120)


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "searchsvc-bench")
    options.add_argument("--keep", action="store_true")
    options.add_argument("--charts", type=Path, metavar="FOLDER")
    options.add_argument("peers", nargs="*", choices=[[], *PEERS], metavar="PEER", default=[])
    given = options.parse_args()
    work = given.work / "compared"
    articles = flat(unpack("articles.jsonl", given.work / "corpus"), work / "corpus" / "articles.jsonl")
    names = given.peers or list(PEERS)
    children = {name: Child(name, work / name, articles) for name in names}
    try:
        measured = _measured(children, given.keep)
    finally:
        for child in children.values():
            child.close()
    number = sum(1 for _ in articles.open("rb"))
    report(measured, number)
    if given.charts:
        draw(measured, given.charts)


def flat(articles: Path, target: Path) -> Path:
    """The articles with plain days and one value a field, so that every peer is fed the same."""
    if not target.exists():
        target.parent.mkdir(parents=True)
        with target.open("w", encoding="utf-8") as out:
            for each in read_file(articles, articles.name):
                if isinstance(each, Article):
                    values = {name: _first(each, name) for name in FACETS}
                    row = {"id": each.id, "title": each.title, "text": each.body, "date": each.date and str(each.date)}
                    out.write(json.dumps({name: value for name, value in (row | values).items() if value}) + "\n")
    return target


def _first(article: Article, name: str) -> str:
    value = article.source if name == "source" else (article.extra.get(name) or ("",))[0]
    return str(value)


def _measured(children: dict[str, Child], keep: bool) -> dict[str, Measured]:
    builds = _build_in_turns(children, keep)
    found: dict[str, Measured] = {}
    kinds: dict[str, list[str]] = {}
    for name, child in list(children.items()):
        try:
            kinds[name] = child.told("open")
        except RuntimeError as error:
            _leave_out(children, name, error)
            continue
        found[name] = Measured(builds[name], megabytes=_size(child.folder))
    time.sleep(SETTLE_SECONDS)
    for _ in range(ROUNDS):
        for kind in kinds[next(iter(kinds))]:
            for name in [name for name in children if kind in kinds[name]]:
                answers = children[name].told("ask", kind, KIND_SECONDS)
                found[name].times.setdefault(kind, []).append([time for time, _, _ in answers])
                found[name].totals[kind] = [total for _, total, _ in answers]
                if kind != "nothing found" and not any(marked for _, _, marked in answers):
                    found[name].unmarked.add(kind)
    for name, child in children.items():
        found[name].rate = child.told("clients", CLIENTS, CLIENT_SECONDS)
        found[name].memory = child.told("memory")
    return found


def _build_in_turns(children: dict[str, Child], keep: bool) -> dict[str, list[tuple[float, float | None]]]:
    """Index everything, or return what was noted of it. Those that fail are left out."""
    for name, child in list(children.items()):
        try:
            child.told("ready")
        except RuntimeError as error:
            _leave_out(children, name, error)
    time.sleep(READY_SECONDS)
    builds: dict[str, list[tuple[float, float | None]]] = {name: [] for name in children}
    for number in range(INDEXING_ROUNDS):
        for name, child in list(children.items()):
            noted = child.folder / "builds.json"
            if keep and noted.exists() and name != "opensearch":  # whose index ends with its node
                builds[name] = json.loads(noted.read_text())
            elif number == 0 or any(seconds < SLOW_SECONDS for seconds, _ in builds[name]):
                try:
                    built = child.told("build")
                except RuntimeError as error:
                    _leave_out(children, name, error)
                    continue
                builds[name] += [tuple(built)] if built is not None else []
                noted.write_text(json.dumps(builds[name]))
                print(f"{name}: {f'indexed in {built[0]:.1f} s' if built else 'ready'}", file=sys.stderr)
    return builds


def _leave_out(children: dict[str, Child], name: str, error: Exception) -> None:
    print(f"{name} is left out: {error}", file=sys.stderr)
    del children[name]


def _size(folder: Path) -> float:
    return sum(file.stat().st_blocks * 512 for file in folder.rglob("*") if file.is_file()) / 1e6


# What is told


def report(measured: Mapping[str, Measured], articles: int) -> None:
    """Print the tables."""
    kinds = list(next(iter(measured.values())).times)
    names = list(measured)
    print(f"\n{articles:,} articles; milliseconds: median (95th, 99th percentile) [median of each round]\n")
    print(f"| kind | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
    for kind in kinds:
        print(f"| {kind} | {' | '.join(_cell(measured[name], kind) for name in names)} |")
    every = [kind for kind in kinds if all(kind in each.times for each in measured.values())]
    print(
        f"| median of the kinds that all have | {' | '.join(f'{measured[name].of_kinds(every):.1f}' for name in names)} |"
    )
    _report_totals(measured, kinds)
    print(f"\n| | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
    rates = [f"{articles / each.seconds:,.0f}" if each.seconds else "" for each in measured.values()]
    print(f"| indexing, articles a second | {' | '.join(rates)} |")
    clients = [f"{each.rate:,.0f}" if each.rate else "" for each in measured.values()]
    print(f"| searches a second, {CLIENTS} clients | {' | '.join(clients)} |")
    print(f"| index, MB | {' | '.join(f'{each.megabytes:,.0f}' for each in measured.values())} |")
    print(f"| private memory, MB | {' | '.join(f'{each.memory:,.0f}' for each in measured.values())} |")
    if "searchsvc" in measured:
        _report_goals(measured)


def _cell(one: Measured, kind: str) -> str:
    if kind not in one.times:
        return "–"
    rounds = "; ".join(f"{median(turn):.1f}" for turn in one.times[kind])
    less = ", no snippets" if kind in one.unmarked else ""
    return f"{one.median(kind):.1f} ({one.percentile(kind, 95):.1f}, {one.percentile(kind, 99):.1f}) [{rounds}{less}]"


def _report_totals(measured: Mapping[str, Measured], kinds: Sequence[str]) -> None:
    """Whether they found as much: the share of queries whose totals are within a twentieth of ours."""
    ours = measured.get("searchsvc")
    if ours is None:
        return
    print(
        f"\nqueries whose total is within 5 % of ours\n\n| kind | {' | '.join(measured)} |\n|---|{'---|' * len(measured)}"
    )
    for kind in kinds:
        print(f"| {kind} | {' | '.join(_alike(ours, each, kind) for each in measured.values())} |")


def _alike(ours: Measured, other: Measured, kind: str) -> str:
    pairs = list(zip(ours.totals[kind], other.totals.get(kind, []), strict=False))
    near = sum(abs(one - two) <= 0.05 * one for one, two in pairs)
    return f"{near / len(pairs):.0%}" if pairs else "–"


GOALS = {"datasette": 8.0, "xapian": 3.0, "postgres": 5.0, "whoosh": 30.0, "opensearch": 2.0}
"""How many times faster a search has to be, by the median of the kinds that both have."""
INDEXING_GOALS = {"fts5": 0.9, "fts5-whole": 1.8, "xapian": 10.0, "whoosh": 20.0, "opensearch": 1.7}


def _report_goals(measured: Mapping[str, Measured]) -> None:
    ours = measured["searchsvc"]
    print("\n| searchsvc against | measured | goal |\n|---|---|---|")
    if "raw" in measured:
        raw = measured["raw"].of_kinds(list(ours.times))
        own = ours.of_kinds(list(ours.times))
        found = f"{own:.1f} and {raw:.1f} ms, {own / raw:.1f} times"
        print(f"| raw tantivy-py, median of kinds | {found} | at most 1.3 times |")
    for name, goal in GOALS.items():
        if name in measured:
            both = [kind for kind in ours.times if kind in measured[name].times]
            times = measured[name].of_kinds(both) / ours.of_kinds(both)
            print(f"| {name}, median of kinds | {times:.1f} times | {goal:.0f} |")
    if "datasette" in measured:
        kind = "any of three words"
        print(f"| datasette, {kind} | {measured['datasette'].median(kind) / ours.median(kind):.1f} times | 50 |")
    if "opensearch" in measured and ours.rate and measured["opensearch"].rate:
        print(f"| opensearch, {CLIENTS} clients | {ours.rate / measured['opensearch'].rate:.1f} times | 1.7 |")
    for name, goal in INDEXING_GOALS.items():
        if name in measured and ours.builds:
            print(f"| {name}, indexing | {_indexing_ratios(ours, measured[name])} | {goal:g} |")
    worst = max(ours.percentile(kind, 99) / ours.median(kind) for kind in ours.times)
    print(f"| its own p99 over p50, the worst kind | {worst:.1f} | at most 8 |")


def _indexing_ratios(ours: Measured, other: Measured) -> str:
    """Return how many times as fast we index, of each round: minimum, median and maximum, by the clock and by CPU."""
    pairs = list(zip(ours.builds, other.builds, strict=False))
    clock = [theirs / own for (own, _), (theirs, _) in pairs]
    cpu = [theirs / own for (_, own), (_, theirs) in pairs if own and theirs]
    texts = [
        f"{min(of):.2f}, {median(of):.2f}, {max(of):.2f} times{by}" for of, by in ((clock, ""), (cpu, " the CPU")) if of
    ]
    return "; ".join(texts)


def draw(measured: Mapping[str, Measured], folder: Path) -> None:
    """Charts of the medians, and of the median of the kinds that all have."""
    kinds = list(next(iter(measured.values())).times)
    every = [kind for kind in kinds if all(kind in each.times for each in measured.values())]
    folder.mkdir(parents=True, exist_ok=True)
    title = "A search, median of the kinds, milliseconds (each step ten times)"
    overall = {name: each.of_kinds(every) for name, each in measured.items()}
    (folder / "peers.svg").write_text(bars(title, overall))
    rows = {kind: {name: each.median(kind) for name, each in measured.items() if kind in each.times} for kind in kinds}
    (folder / "kinds.svg").write_text(dots("Medians by kind, milliseconds (each step ten times)", rows))


if __name__ == "__main__":
    main()
