"""Whether quotations are found, and how quickly: passages cut from real articles, as printed and with words changed.

    python -m bench.quote [--passages N] [--half tune|score] [--seed N] [--work FOLDER]     (or `make bench-quote`)

Each passage is one to three sentences, or a paragraph, of 5 to 400 words. Of twenty of its words one, two or three are
dropped, replaced by a word of another article, or joined to the next one. A passage is found if the first result has the
passage, as it was printed, word for word. Settings are tuned on the half of the articles that `--half tune` chooses, and
scored on the other one. Passages of Reuters' articles of 1987 say how often something is found that nobody printed.
"""

import argparse
import json
import random
import re
import tempfile
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import cycle, islice
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from bench.real import unpack
from bench.speed import row, table_head
from searchsvc.analysis.analyzer import analyzer_for
from searchsvc.config import Settings
from searchsvc.indexer.reindex import reindex
from searchsvc.model.article import Article
from searchsvc.query.request import SearchRequest
from searchsvc.search.quotations import MAX_CHARACTERS, Quotation, QuotationCheck
from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService

WORDS = range(5, 401)  # of a passage
CHANGES = {
    0: "word for word",
    1: "one word in twenty changed",
    2: "two words in twenty changed",
    3: "three words in twenty changed",
}
GOALS = {0: "99 %", 3: "95 %"}
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_TOKENS = analyzer_for("english").tokens


class Passage(NamedTuple):
    """A passage as it was printed, and as it is asked for."""

    printed: str
    quoted: str


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--passages", type=int, default=10_000)
    options.add_argument("--half", choices=("tune", "score"), default="score")
    options.add_argument("--seed", type=int, default=20)
    options.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "searchsvc-bench")
    given = options.parse_args()
    unpack("articles.jsonl", given.work / "corpus")
    settings = Settings(corpus=given.work / "corpus", index=given.work / "quote-index")
    reindex(settings)
    searcher = SearchService(settings).acquire()
    chance = random.Random(given.seed)
    articles = [each for each in searcher.engine.scan(SearchRequest()) if _half(each) == given.half]
    chance.shuffle(articles)
    printed = list(islice(_passages([each.body for each in articles], chance), given.passages))
    vocabulary = [word for each in articles[:500] for word in re.findall(r"\w+", each.body)]
    table_head()
    for changes in CHANGES:
        _bench(searcher, [Passage(text, _changed(text, changes, vocabulary, chance)) for text in printed], changes)
    _bench_others(searcher, unpack("reuters.jsonl", given.work / "others"), given.passages // 10, chance)


def _half(article: Article) -> str:
    return ("tune", "score")[blake2b(article.id.encode(), digest_size=1).digest()[0] % 2]


def _passages(texts: Sequence[str], chance: random.Random) -> Iterator[str]:
    """Yield passages of texts, one after the other, as often as is asked for."""
    for text in cycle(texts):
        paragraphs = text.split("\n\n")
        if chance.random() < 0.5:
            passage = chance.choice(paragraphs)
        else:
            sentences = [each for paragraph in paragraphs for each in _SENTENCE_END.split(paragraph)]
            start, number = chance.randrange(len(sentences)), chance.randrange(1, 4)
            passage = " ".join(sentences[start : start + number])
        if len(passage.split()) in WORDS and len(_TOKENS(passage)) in WORDS and len(passage) <= MAX_CHARACTERS:
            yield passage


def _changed(text: str, changes: int, vocabulary: Sequence[str], chance: random.Random) -> str:
    """Return a text of which so many words in twenty, and at least one, are dropped, replaced or joined."""
    words = text.split()
    number = max(1, round(len(words) * changes / 20)) if changes else 0
    for at in sorted(chance.sample(range(len(words)), number), reverse=True):
        how = chance.choice(("dropped", "replaced", "joined"))
        if how == "replaced":
            words[at] = chance.choice(vocabulary)
        elif how == "joined" and at + 1 < len(words):
            words[at : at + 2] = [words[at] + words[at + 1]]
        else:
            del words[at]
    return " ".join(words) if changes else text


def _bench(searcher: Searcher, passages: Sequence[Passage], changes: int) -> None:
    checks = [(each, _check(searcher, each.quoted)) for each in passages]
    found = sum(_is_found(each.printed, check) for each, check in checks)
    what = CHANGES[changes]
    row(f"{what}: found first, of {len(passages):,}", f"{found / len(passages):.1%}", GOALS.get(changes, ""))
    _print_times(what, [check.took_ms for _, check in checks])


def _bench_others(searcher: Searcher, articles: Path, number: int, chance: random.Random) -> None:
    with articles.open(encoding="utf-8") as file:
        texts = [text for line in file if (text := json.loads(line)["text"])]
    chance.shuffle(texts)
    checks = [_check(searcher, text) for text in islice(_passages(texts, chance), number)]
    found = sum(bool(check.printings) for check in checks)
    row(f"of another archive: something is found, of {number:,}", f"{found / number:.1%}", "")
    _print_times("of another archive", [check.took_ms for check in checks])


def _check(searcher: Searcher, text: str) -> QuotationCheck:
    return searcher.check_quotation(Quotation(text, SearchRequest()))


def _is_found(printed: str, check: QuotationCheck) -> bool:
    """Return whether the first result has the passage as it was printed."""
    words = f" {' '.join(_TOKENS(printed))} "
    first = [each.article for each in check.printings[:1]]
    return any(words in f" {' '.join(_TOKENS(text))} " for article in first for text in (article.title, article.body))


def _print_times(what: str, times: list[float]) -> None:
    p95 = quantiles(times, n=20)[-1]
    row(f"{what}: median, p95, slowest", f"{median(times):.1f}, {p95:.1f}, {max(times):.0f} ms", "60 ms")


if __name__ == "__main__":
    main()
