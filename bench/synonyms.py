"""How well articles are ranked that use synonyms: nDCG@10 on the judged collections, with invented second names of words.

    python -m bench.synonyms --weight 0.25 0.5 0.75 1

Each long word of the queries gets a second name in half of the documents, or at every other place. Queries keep the first
name. A file of synonyms then says that both are the same. Ideally, the ranking is that of the documents as they were.
"""

import argparse
import json
import re
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from unittest.mock import patch
from zlib import crc32

import ir_measures

from bench.real import DATA
from bench.relevance import COLLECTIONS, MEASURES, judgments, ranked
from searchsvc.analysis import synonyms
from searchsvc.analysis.analyzer import analyzer_for
from searchsvc.config import Settings
from searchsvc.indexer.reindex import reindex
from searchsvc.search.service import SearchService

_WORD = re.compile(r"[A-Za-z]{5,}")
Rename = Callable[[str], bool]


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--weight", type=float, nargs="*", default=[synonyms.WEIGHT])
    weights = options.parse_args().weight
    print(f"| collection | second names | none | not told | {' | '.join(f'synonyms at {weight}' for weight in weights)} |")
    print(f"|{'---|' * (4 + len(weights))}")
    for name in COLLECTIONS:
        for kind, rename in (("in half of the documents", _in_half), ("at every other place", _every_other)):
            with tempfile.TemporaryDirectory() as work:
                scores = [f"{score:.3f}" for score in _scores(DATA / "ir" / name, Path(work), rename, weights)]
            print(f"| {name} | {kind} | {' | '.join(scores)} |", flush=True)


def _in_half() -> Callable[[str], bool]:
    return lambda document: crc32(document.encode()) % 2 == 0


def _every_other() -> Callable[[str], bool]:
    number = count()
    return lambda _: next(number) % 2 == 0


def _scores(folder: Path, work: Path, make_rename: Callable[[], Rename], weights: list[float]) -> Iterator[float]:
    """Yield nDCG@10 of the documents as they were, with second names, and with synonyms of each weight."""
    queries = folder / "queries.jsonl"
    words = sorted({word.lower() for word in _WORD.findall(" ".join(_texts(queries)))})
    corpus = work / "corpus"
    corpus.mkdir()
    settings = Settings(corpus=corpus, index=work / "index")
    (corpus / "corpus.jsonl").write_bytes((folder / "corpus.jsonl").read_bytes())
    yield _score(settings, folder)
    _write_renamed(folder / "corpus.jsonl", corpus / "corpus.jsonl", words, make_rename())
    yield _score(settings, folder)
    (corpus / "synonyms.txt").write_text("\n".join(f"{word}, x{word}" for word in words))
    for weight in weights:
        with patch.object(synonyms, "WEIGHT", weight):
            yield _score(settings, folder)


def _texts(queries: Path) -> list[str]:
    return [json.loads(line)["text"] for line in queries.read_text(encoding="utf-8").splitlines()]


def _write_renamed(source: Path, target: Path, words: list[str], rename: Rename) -> None:
    """Write the documents with second names of the words with the same stems as these."""
    stem = analyzer_for("english").stem
    stems = set(map(stem, words))
    with target.open("w", encoding="utf-8") as out:
        for line in source.read_text(encoding="utf-8").splitlines():
            document = json.loads(line)
            name = document["_id"]

            def renamed(found: re.Match[str], name: str = name) -> str:
                return f"x{found[0].lower()}" if stem(found[0]) in stems and rename(name) else found[0]

            changed = {key: _WORD.sub(renamed, document[key]) for key in ("title", "text") if document.get(key)}
            out.write(json.dumps(document | changed) + "\n")


def _score(settings: Settings, folder: Path) -> float:
    reindex(settings, full=True)  # so that nothing of the documents before affects the ranking
    run = list(ranked(SearchService(settings).acquire(), folder / "queries.jsonl"))
    return float(ir_measures.calc_aggregate(MEASURES[:1], judgments(folder / "qrels.tsv"), run)[MEASURES[0]])


if __name__ == "__main__":
    main()
