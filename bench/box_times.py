"""The processor time of searches as typed into the box, those that find a page of hits and those that find less.

    python bench/box_times.py INDEX [--against CHECKOUT]

INDEX is that of an archive of real articles. The queries are headlines of its articles, whole and three words of each.
`--against` compares with the code of another checkout, in turns, on the same queries. This file uses public names only, so
that it runs with either.
"""

import argparse
import json
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from time import process_time

from searchsvc.api.parameters import parse_question
from searchsvc.config import Settings
from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService

_HEADLINES = 400
_WORDS = 3
_PAGE = 10
_ROUNDS = 3
_SEED = 3


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("index", type=Path)
    options.add_argument("--against", type=Path, metavar="CHECKOUT")
    options.add_argument("--queries", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    searcher = SearchService(Settings(index=given.index)).acquire()
    if given.queries:
        print(json.dumps(_milliseconds(searcher, json.loads(given.queries.read_text()))))
        return
    kinds = {name: queries for name, queries in _queries(searcher).items() if queries}
    _print_times(given.index, kinds, {"here": Path(__file__).parent.parent, "other": given.against})


def _queries(searcher: Searcher) -> dict[str, list[str]]:
    """Return queries by their kind."""
    chance = random.Random(_SEED)
    headlines = _headlines(searcher)
    words = [" ".join(chance.sample(headline.split(), _WORDS)) for headline in headlines]
    found: dict[str, list[str]] = {}
    for kind, texts in (("headlines", headlines), ("three words", words)):
        for text in texts:
            total = searcher.search(parse_question([("q", text)], searcher)).results.total
            hits = "none" if not total else f"fewer than {_PAGE}" if total < _PAGE else f"fewer than {2 * _PAGE}"
            found.setdefault(f"{kind}, hits: {hits if total < 2 * _PAGE else f'{2 * _PAGE} or more'}", []).append(text)
    return dict(sorted(found.items()))


def _headlines(searcher: Searcher) -> list[str]:
    question = parse_question([("per_page", "100")], searcher)
    pages = (searcher.search(question.on_page(number)).results.hits for number in range(1, 100, 10))
    titles = [hit.article.title for hits in pages for hit in hits if len(hit.article.title.split()) > _WORDS]
    return random.Random(_SEED).sample(titles, min(_HEADLINES, len(titles)))


def _milliseconds(searcher: Searcher, kinds: dict[str, list[str]]) -> dict[str, float]:
    """Return the processor time of a search of each kind, with facets, the best of some rounds."""
    searcher.prewarm()
    return {kind: min(_round(searcher, queries) for _ in range(_ROUNDS)) for kind, queries in kinds.items()}


def _round(searcher: Searcher, queries: Sequence[str]) -> float:
    begun = process_time()
    for query in queries:
        searcher.search(parse_question([("q", query)], searcher))
    return (process_time() - begun) * 1000 / len(queries)


def _print_times(index: Path, kinds: dict[str, list[str]], checkouts: dict[str, Path | None]) -> None:
    named = {name: folder for name, folder in checkouts.items() if folder}
    plan = Path(os.environ.get("TMPDIR", "/tmp")) / f"box-{os.getpid()}.json"
    plan.write_text(json.dumps(kinds))
    times: dict[str, list[dict[str, float]]] = {name: [] for name in named}
    try:
        for _ in range(_ROUNDS):
            for name, folder in named.items():
                times[name].append(_times_of(folder, index, plan))
    finally:
        plan.unlink()
    print(f"| {'milliseconds of processor time':<38} | queries |" + "".join(f" {name:>6} |" for name in named))
    print(f"|{'-' * 40}|{'-' * 9}|" + f"{'-' * 8}|" * len(named))
    for kind, queries in kinds.items():
        best = (min(each[kind] for each in times[name]) for name in named)
        print(f"| {kind:<38} | {len(queries):>7} |" + "".join(f" {each:>6.2f} |" for each in best))
    everything = {name: min(fmean(each.values()) for each in rounds) for name, rounds in times.items()}
    print(f"| {'mean of the kinds':<38} | {'':>7} |" + "".join(f" {each:>6.2f} |" for each in everything.values()))


def _times_of(checkout: Path, index: Path, plan: Path) -> dict[str, float]:
    others = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    environ = os.environ | {"PYTHONPATH": os.pathsep.join([str(checkout), *others[1:]])}
    command = [sys.executable, __file__, str(index), "--queries", str(plan)]
    output = subprocess.run(command, env=environ, check=True, capture_output=True, text=True, cwd=checkout).stdout
    return dict(json.loads(output))


if __name__ == "__main__":
    main()
