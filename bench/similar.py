"""How alike articles are that are found as similar, and any two articles: the shares that are above the least likeness.

    python -m bench.similar [--index FOLDER --corpus FOLDER]

The archive is parted into two halves, by the ids of its articles. The least likeness was chosen on the first.
"""

import argparse
import random
from functools import partial
from itertools import islice
from pathlib import Path
from zlib import crc32

from searchsvc.analysis.more_like_this import LEAST_LIKENESS, likeness, term_weights
from searchsvc.config import Settings
from searchsvc.model.article import Article
from searchsvc.query.request import SearchRequest
from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService

ARTICLES = 400  # of each half
FOUND = 5  # similar articles of each
_EVERY = 20  # of the archive, one in so many articles may be looked at


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--index", type=Path, default=Settings().index)
    options.add_argument("--corpus", type=Path, default=Settings().corpus)
    given = options.parse_args()
    searcher = SearchService(Settings(corpus=given.corpus, index=given.index)).acquire()
    print("| half | the most similar | the five most similar | any two articles |\n|---|---|---|---|")
    for half in range(2):
        shares = " | ".join(f"{share:.1%}" for share in _shares(searcher, half))
        print(f"| {half + 1} | {shares} |", flush=True)


def _shares(searcher: Searcher, half: int) -> tuple[float, float, float]:
    articles = _articles(searcher, half)
    weights = partial(
        term_weights,
        analyzer=searcher.analyzers.main,
        count=searcher.dictionary.count,
        articles=searcher.info.articles,
    )
    vectors = list(map(weights, articles))
    found = [
        [likeness(own, weights(each.article)) for each in searcher.engine.more_like(article, FOUND)]
        for article, own in zip(articles, vectors, strict=True)
    ]
    chance = random.Random(half)
    any_two = [likeness(*chance.sample(vectors, 2)) for _ in range(10 * len(vectors))]
    return _above([each[0] for each in found if each]), _above([one for each in found for one in each]), _above(any_two)


def _articles(searcher: Searcher, half: int) -> list[Article]:
    scanned = islice(
        searcher.engine.scan(SearchRequest(sort="oldest")), 0, None, max(1, min(_EVERY, searcher.info.articles // 1_000))
    )
    return list(islice((each for each in scanned if crc32(each.id.encode()) % 2 == half), ARTICLES))


def _above(found: list[float]) -> float:
    return sum(each >= LEAST_LIKENESS for each in found) / max(1, len(found))


if __name__ == "__main__":
    main()
