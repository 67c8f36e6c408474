"""How long it takes to try new articles against many alerts, and to record what they find.

    python -m bench.alerts [--alerts N] [--articles N] [--work FOLDER]     (or `make bench-alerts`)

The archive has the real articles but the last ones, which are then published. The alerts search for words, phrases, names
and beginnings of words that are cut from the articles, half of them with a filter. Every alert has a webhook, whose
messages are made and recorded, but not sent.
"""

import argparse
import random
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time

from bench.real import unpack
from bench.speed import row, table_head
from searchsvc.alerts.alerting import alerting
from searchsvc.config import Settings
from searchsvc.indexer.reindex import reindex
from searchsvc.model.alerts import Alert
from searchsvc.model.article import Article
from searchsvc.query.request import SearchRequest
from searchsvc.search.service import SearchService

GOAL = "20 s"


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--alerts", type=int, default=1_000)
    options.add_argument("--articles", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=23)
    options.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "searchsvc-bench")
    given = options.parse_args()
    settings = Settings(corpus=given.work / "alerts-corpus", index=given.work / "alerts-index")
    for folder in (settings.corpus, settings.index):
        shutil.rmtree(folder, ignore_errors=True)
    lines = unpack("articles.jsonl", given.work / "corpus").read_bytes().splitlines(keepends=True)
    settings.corpus.mkdir(parents=True)
    (settings.corpus / "old.jsonl").write_bytes(b"".join(lines[: -given.articles]))
    reindex(settings)
    settings = replace(settings, alerts=tuple(islice(_alerts(settings, random.Random(given.seed)), given.alerts)))
    _update(settings)
    (settings.corpus / "new.jsonl").write_bytes(b"".join(lines[-given.articles :]))
    begun = perf_counter()
    reindex(settings)
    reindexed = perf_counter() - begun
    begun, begun_cpu = perf_counter(), process_time()
    tried, reported = _update(settings)
    seconds, cpu = perf_counter() - begun, process_time() - begun_cpu
    table_head()
    row("indexing them", f"{reindexed:.1f} s", "")
    row(f"{tried:,} new articles, {given.alerts:,} alerts, {reported:,} hits", f"{seconds:.1f} s, {cpu:.1f} s CPU", GOAL)
    row("an update without new articles", f"{_idle(settings) * 1000:.0f} ms", "")


def _update(settings: Settings) -> tuple[int, int]:
    with alerting(settings) as alerts:
        assert alerts is not None
        report = alerts.update()
    return report.tried, sum(report.reported.values())


def _idle(settings: Settings) -> float:
    begun = perf_counter()
    _update(settings)
    return perf_counter() - begun


def _alerts(settings: Settings, chance: random.Random) -> Iterator[Alert]:
    """Yield alerts for what articles say."""
    articles = list(islice(SearchService(settings).acquire().engine.scan(SearchRequest()), 5_000))
    number = 0
    while True:
        article = chance.choice(articles)
        if query := _query(article, chance):
            number += 1
            filters = (f"source:{article.source}",) if article.source and chance.random() < 0.5 else ()
            yield Alert(f"Alert {number}", query, filters, webhook=("https://hooks.example/alerts",))


def _query(article: Article, chance: random.Random) -> str:
    words = re.findall(r"[A-Za-z]{4,}", article.body)
    if len(words) < 10:
        return ""
    place = chance.randrange(len(words) - 3)
    names = re.findall(r"[A-Z][a-z]{3,} [A-Z][a-z]{3,}", article.body)
    forms: Sequence[str] = (
        *(names and [f'"{chance.choice(names)}"', chance.choice(names)]),
        f"{words[place]} {words[place + 2]} {chance.choice(words)}",
        f"{words[place]} {chance.choice(words)} -{chance.choice(words)}",
        f"({words[place]} OR {words[place + 1]}) {chance.choice(words)} {chance.choice(words)}",
        f'"{words[place]} {words[place + 1]}"',
        f'"{words[place]} {words[place + 1]}"~3',
        f"{words[place][:4]}* {words[place + 1]} {chance.choice(words)}",
        f"title:{words[place]} {chance.choice(words)}",
    )
    return chance.choice(forms)


if __name__ == "__main__":
    main()
