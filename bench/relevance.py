"""How well hits are ranked: nDCG@10, MAP and recall@100 on judged collections, through the service with default settings.

    python -m bench.relevance     (or `make relevance`)

Every query is asked with `match=any`, as typed. A document is relevant where its judgment is above zero.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ir_measures
from ir_measures import AP, Qrel, R, ScoredDoc, nDCG

from bench.real import DATA
from searchsvc.api.parameters import parse_question
from searchsvc.config import Settings
from searchsvc.indexer.reindex import reindex
from searchsvc.query.request import MAX_QUERY
from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService

COLLECTIONS = ("scifact", "cranfield", "time", "cacm")
BEST_OF_OTHERS = {"scifact": 0.679, "cranfield": 0.367, "time": 0.615, "cacm": 0.456}
"""nDCG@10 of the best published or measured BM25 of others."""
MEASURES = (nDCG @ 10, AP @ 100, R @ 100)


def main() -> None:
    if not (DATA / "ir").is_dir():
        sys.exit(f"{DATA / 'ir'} is missing: set SEARCHSVC_DATA to the folder of the real articles")
    print(f"| {'collection':<10} | nDCG@10 | others |  MAP  | recall@100 |")
    print(f"|{'-' * 12}|{'-' * 9}|{'-' * 8}|{'-' * 7}|{'-' * 12}|")
    for name in COLLECTIONS:
        scores = _scores(DATA / "ir" / name)
        ndcg, mean_precision, recall = (scores[measure] for measure in MEASURES)
        print(
            f"| {name:<10} |   {ndcg:.3f} |  {BEST_OF_OTHERS[name]:.3f} | {mean_precision:.3f} |      {recall:.3f} |",
            flush=True,
        )


def _scores(folder: Path) -> dict[Any, float]:
    with tempfile.TemporaryDirectory() as work:
        corpus = Path(work) / "corpus"
        corpus.mkdir()
        shutil.copyfile(folder / "corpus.jsonl", corpus / "corpus.jsonl")
        settings = Settings(corpus=corpus, index=Path(work) / "index")
        reindex(settings)
        run = list(ranked(SearchService(settings).acquire(), folder / "queries.jsonl"))
    return dict(ir_measures.calc_aggregate(MEASURES, judgments(folder / "qrels.tsv"), run))


def ranked(searcher: Searcher, queries: Path) -> Iterator[ScoredDoc]:
    """Yield the hits of all queries, each scored by its place."""
    for line in queries.read_text(encoding="utf-8").splitlines():
        query = json.loads(line)
        pairs = [("q", query["text"][:MAX_QUERY]), ("match", "any"), ("per_page", "100")]
        answer = searcher.search(parse_question(pairs, searcher))
        for position, hit in enumerate(answer.results.hits):
            yield ScoredDoc(query["_id"], hit.article.id, -float(position))


def judgments(file: Path) -> Iterator[Qrel]:
    """Yield the judgments of a collection, relevant or not."""
    for line in file.read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        yield Qrel(query, document, min(1, int(grade)))


if __name__ == "__main__":
    main()
