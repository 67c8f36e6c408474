"""What a person finds who types into the search box: nDCG@10 of the results, followed by `partial`.

    python -m bench.box     (or `make relevance`, which prints bench.relevance first)

Questions are those of the judged collections, as typed, with `match=all`. Headlines are pasted from articles that are
indexed without them, and the only relevant article is their own. “All, else any” is what the box did before it filled up
pages: the results, or if there are none, those for any of the words.
"""

import json
import random
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import ir_measures
from ir_measures import Qrel, ScoredDoc, nDCG

from bench.real import DATA, unpack
from bench.relevance import COLLECTIONS, judgments
from searchsvc.api.parameters import parse_question
from searchsvc.config import Settings
from searchsvc.indexer.reindex import reindex
from searchsvc.query.request import MAX_QUERY
from searchsvc.search.answer import Answer
from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService

_HEADLINES = 300
_SEED = 3


class Judged(NamedTuple):
    """Questions by their ids, and the judgments of their articles."""

    searcher: Searcher
    questions: dict[str, str]
    judgments: Sequence[Qrel]


def main() -> None:
    """Print nDCG@10 of the box on each collection, and on headlines."""
    print(f"| {'typed into the box, nDCG@10':<30} | {'all, else any':>13} | {'any':>5} | {'box':>5} |")
    print(f"|{'-' * 32}|{'-' * 15}|{'-' * 7}|{'-' * 7}|")
    with tempfile.TemporaryDirectory() as work:
        for name in COLLECTIONS:
            _print_row(name, _questions(DATA / "ir" / name, Path(work) / name))
        scientific = DATA / "ir" / "scifact" / "corpus.jsonl"
        _print_row("headlines, SciFact", _headlines(scientific, "_id", Path(work) / "titles"))
        news = unpack("articles.jsonl", Path(work) / "unpacked")
        _print_row("headlines, news", _headlines(news, "id", Path(work) / "news"))


def _print_row(name: str, judged: Judged) -> None:
    scores = (_score(judged, found) for found in (_all_else_any, _any, _box))
    print("| {:<30} | {:>13.3f} | {:.3f} | {:.3f} |".format(name, *scores), flush=True)


def _score(judged: Judged, found: Callable[[Searcher, str], Sequence[str]]) -> float:
    run = [
        ScoredDoc(number, article, -float(position))
        for number, text in judged.questions.items()
        for position, article in enumerate(found(judged.searcher, text[:MAX_QUERY]))
    ]
    return float(ir_measures.calc_aggregate([nDCG @ 10], judged.judgments, run)[nDCG @ 10])


def _all_else_any(searcher: Searcher, text: str) -> list[str]:
    return _ids(_answer(searcher, text, with_help=False)) or _any(searcher, text)


def _any(searcher: Searcher, text: str) -> list[str]:
    return _ids(_answer(searcher, text, match="any", with_help=False))


def _box(searcher: Searcher, text: str) -> list[str]:
    return _ids(_answer(searcher, text))


def _ids(answer: Answer) -> list[str]:
    return [hit.article.id for hit in (*answer.results.hits, *answer.partial)]


def _answer(searcher: Searcher, text: str, *, match: str = "all", with_help: bool = True) -> Answer:
    question = parse_question([("q", text), ("match", match)], searcher)
    return searcher.search(question, with_help=with_help)


# Collections


def _questions(folder: Path, work: Path) -> Judged:
    corpus = work / "corpus"
    corpus.mkdir(parents=True)
    shutil.copyfile(folder / "corpus.jsonl", corpus / "corpus.jsonl")
    lines = map(json.loads, (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines())
    return Judged(
        _indexed(corpus, work), {line["_id"]: line["text"] for line in lines}, list(judgments(folder / "qrels.tsv"))
    )


def _headlines(articles: Path, key: str, work: Path) -> Judged:
    """Index articles without their titles, and return some titles as questions for their articles."""
    corpus = work / "corpus"
    corpus.mkdir(parents=True)
    titles: list[tuple[str, str]] = []
    with articles.open(encoding="utf-8") as source, (corpus / "corpus.jsonl").open("w", encoding="utf-8") as target:
        for record in map(json.loads, source):
            title, text = record["title"] or "", record["text"] or ""
            target.write(json.dumps({"id": record[key], "text": text}) + "\n")
            if len(title.split()) > 3 and title.lower() not in text.lower():
                titles.append((record[key], title))
    chosen = dict(random.Random(_SEED).sample(titles, _HEADLINES))
    return Judged(_indexed(corpus, work), chosen, [Qrel(number, number, 1) for number in chosen])


def _indexed(corpus: Path, work: Path) -> Searcher:
    settings = Settings(corpus=corpus, index=work / "index")
    reindex(settings)
    return SearchService(settings).acquire()


if __name__ == "__main__":
    main()
