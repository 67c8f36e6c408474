"""Whether versions of a text are found, and only these, and what finding them costs.

    python -m bench.stories [--articles N] [--half tune|score] [--seed N] [--work FOLDER]     (or `make bench-stories`)

Of each of N real articles, five versions are made: cut at the end, with another headline, credited to somebody, merged with
another article that is no longer, and with three sentences of another article. All are indexed together with the other
articles of the archive. A version is found if it is in the story of its article; what is in a story with an article that
shares no text with it is wrong. Thresholds were tuned on the half of the articles that `--half tune` chooses.

Then the stories of Reuters' articles of 1987 are compared with the exact part of their passages that every two share.
"""

import argparse
import json
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from itertools import combinations, pairwise
from pathlib import Path
from statistics import mean, median
from time import process_time
from typing import NamedTuple

from bench.real import unpack
from bench.speed import row, table_head
from searchsvc.analysis.signature import LEAST_SHARED, WORDS, compare, passages, sign_texts
from searchsvc.config import Settings
from searchsvc.engines.registry import backend_for
from searchsvc.engines.tantivy.schema import count_documents
from searchsvc.index import Generation, GenerationStore, read_stories
from searchsvc.indexer import reindex
from searchsvc.indexer.field_names import FieldNames
from searchsvc.indexer.signing import Signer
from searchsvc.indexer.stories import mark_versions, record_stories
from searchsvc.model.article import Article
from searchsvc.query.request import SearchRequest
from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService
from searchsvc.web.app import create_app

KINDS = ("cut", "headline", "credit", "merged", "added")
LEAST_WORDS = 60  # of an article of which versions are made
QUERIES = ("oil", "oil prices", "the", "dollar", "bank", "cocoa")
SEARCHES = 150  # of each, in both ways
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_WORD = re.compile(r"[a-z0-9]+")


class Text(NamedTuple):
    id: str
    title: str
    body: str
    date: str


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--articles", type=int, default=1_000)
    options.add_argument("--half", choices=("tune", "score"), default="score")
    options.add_argument("--seed", type=int, default=23)
    options.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "searchsvc-bench")
    given = options.parse_args()
    table_head()
    articles = list(_texts(unpack("articles.jsonl", given.work / "corpus")))
    _bench_versions(articles, given.articles, given.half, random.Random(given.seed), given.work)
    _bench_reuters(unpack("reuters.jsonl", given.work / "reuters"), given.work)
    _bench_cost("articles", given.work / "corpus", given.work)
    _bench_cost("reuters", given.work / "reuters", given.work)


def _texts(file: Path) -> Iterator[Text]:
    with file.open(encoding="utf-8") as lines:
        for each in map(json.loads, lines):
            yield Text(str(each["id"]), *(each.get(name) or "" for name in ("title", "text", "date")))


def _bench_versions(articles: list[Text], number: int, half: str, chance: random.Random, work: Path) -> None:
    fit = [each for each in articles if _half(each) == half and len(each.body.split()) >= LEAST_WORDS]
    chosen = chance.sample(fit, number)
    versions = [made for each in chosen for made in _versions(each, fit, chance)]
    stories = _stories(work / "versions", [*articles, *versions])
    own: Mapping[str, set[str]] = {each.id: set(stories.get(each.id, (each.id,))) for each in chosen}
    found = Counter(each.id.split("~")[1] for each in versions if each.id in own[each.id.split("~")[0]])
    for kind in KINDS:
        row(f"versions found: {kind}", f"{found[kind] / number:.1%}", "95 %")
    row("versions found", f"{found.total() / len(versions):.1%}", "95 %")
    texts = {each.id: each.body for each in (*articles, *versions)}
    pairs = [(each.id, other) for each in versions for other in stories.get(each.id, ()) if other != each.id]
    wrong = [(one, other) for one, other in pairs if not _are_related(texts[one], texts[other])]
    row("pairs of one story that share text", f"{1 - len(wrong) / len(pairs):.2%} of {len(pairs):,}", "99 %")


def _are_related(one: str, other: str) -> bool:
    """Return whether two articles share half of the shorter one."""
    own, others = _passages(one), _passages(other)
    return len(own & others) >= 0.5 * min(len(own), len(others))


def _half(text: Text) -> str:
    return ("tune", "score")[blake2b(text.id.encode(), digest_size=1).digest()[0] % 2]


def _versions(text: Text, others: list[Text], chance: random.Random) -> Iterator[Text]:
    """Yield a version of each kind. Half of them are from the same day, the others have later ones."""
    words = text.body.split(" ")
    cut = " ".join(words[: round(len(words) * chance.uniform(0.3, 0.9))])
    other = chance.choice(others)
    while len(merged := other.body) > len(text.body):
        other = chance.choice(others)
    sentences = _SENTENCE_END.split(text.body)
    for sentence in chance.sample(_SENTENCE_END.split(chance.choice(others).body) * 3, 3):
        sentences.insert(chance.randrange(len(sentences) + 1), sentence[:300])
    made = {
        "cut": (text.title, cut),
        "headline": (other.title, text.body),
        "credit": (
            text.title,
            f"By {other.title[:40]}, staff writer\n\n{text.body}\n\nThis article first appeared elsewhere.",
        ),
        "merged": (text.title, "\n\n".join(chance.sample([text.body, merged], 2))),
        "added": (text.title, " ".join(sentences)),
    }
    for kind, (title, body) in made.items():
        yield Text(f"{text.id}~{kind}", title, body, chance.choice((text.date, "2030-01-01")))


def _bench_reuters(file: Path, work: Path) -> None:
    """Compare the pairs of articles in one story with those that share half of their passages."""
    bodies = {each.id: each.body for each in _texts(file)}
    texts = {article_id: _passages(body) for article_id, body in bodies.items()}
    signed = {article_id: found for article_id, found in texts.items() if len(found) >= 16}
    alike = set(_alike(signed))
    stories = _stories(work / "reuters", None)
    together = {pair for versions in set(stories.values()) for pair in combinations(sorted(versions), 2)}
    related = sum(pair in alike or _cut_share(*(texts[each] for each in pair)) >= 0.5 for pair in together)
    row(
        "Reuters: pairs that share half, in one story",
        f"{len(alike & together) / len(alike):.1%} of {len(alike):,}",
        "95 %",
    )
    row(
        "Reuters: pairs of one story that share half",
        f"{len(alike & together) / len(together):.1%} of {len(together):,}",
        "",
    )
    versions = sum(compare(*(passages(bodies[each]) for each in pair)).are_versions for pair in together)
    row("Reuters: … or of which one is the beginning of the other", f"{versions / len(together):.1%}", "99 %")
    row("Reuters: … or of which one is half in the other", f"{related / len(together):.1%}", "99 %")


def _cut_share(own: set[tuple[str, ...]], others: set[tuple[str, ...]]) -> float:
    return len(own & others) / min(len(own), len(others))


def _passages(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return set(zip(*(words[start:] for start in range(WORDS)), strict=False))


def _alike(texts: Mapping[str, set[tuple[str, ...]]]) -> Iterator[tuple[str, str]]:
    """Yield every pair of texts of which half of all passages are in both.

    Two such texts have a passage in common among the rarer half of each, so that only these are looked up.
    """
    counts = Counter(passage for found in texts.values() for passage in found)
    having: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for article_id, found in sorted(texts.items()):
        rarest = sorted(found, key=lambda passage: (counts[passage], passage))[
            : len(found) - int(len(found) * LEAST_SHARED) + 1
        ]
        for other in {other for passage in rarest for other in having[passage]}:
            common = len(found & texts[other])
            if common >= LEAST_SHARED * (len(found) + len(texts[other]) - common):
                yield other, article_id
        for passage in rarest:
            having[passage].append(article_id)


def _stories(folder: Path, texts: Iterable[Text] | None) -> dict[str, tuple[str, ...]]:
    """Index texts, or the corpus in a folder, and return the versions of the story of each article that has several."""
    corpus = folder
    if texts is not None:
        corpus = folder / "corpus"
        corpus.mkdir(parents=True, exist_ok=True)
        with (corpus / "articles.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(each._asdict()) + "\n" for each in texts)
    settings = Settings(corpus=corpus, index=folder.with_name(f"{folder.name}-index"))
    reindex(settings, full=True)
    live = GenerationStore(settings.index).live()
    stories = read_stories(live) if live is not None else None
    found = [tuple(version.id for version in versions) for versions in stories or ()]
    return {article_id: versions for versions in found for article_id in versions}


def _bench_cost(name: str, corpus: Path, work: Path) -> None:
    """Print what stories cost an archive: the processor time of indexing and searching, and the size of the index."""
    settings = Settings(corpus=corpus, index=work / f"{name}-index")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    folders = ("--corpus", str(corpus), "--index", str(settings.index))
    command = [sys.executable, "-m", "searchsvc", "reindex", "--full", *folders]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    whole = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    searcher = SearchService(settings).acquire()
    articles = list(searcher.engine.scan(SearchRequest(sort="newest")))
    parts = _times_of_stories(searcher, settings, articles, work / "stories-draft")
    row(f"{name}: articles that have other versions", f"{searcher.stories.articles:,} of {len(articles):,}", "")
    for part, seconds in parts.items():
        row(f"{name}: {part}, for each article", f"{seconds / len(articles) * 1e6:.0f} µs", "")
    own = sum(parts.values())
    row(f"{name}: indexing takes longer by", f"{own / (whole - own):.1%}", "8 %")
    folder = searcher.generation.folder
    files = sum(map(_size, (*folder.glob("signatures.*"), *folder.glob("stories.*"))))
    written_again = _size(searcher.generation.engine) * (1 - len(articles) / count_documents(searcher.generation.engine))
    larger = (files + written_again) / (_size(folder) - files - written_again)
    row(f"{name}: the index is larger by", f"{larger:.1%}", "3 %")
    ratios = _request_ratios(settings)
    for words, ratio in ratios.items():
        row(f"{name}: a search for {words} takes longer by", f"{ratio - 1:.1%}", "")
    row(f"{name}: a search takes longer by, on average", f"{mean(ratios.values()) - 1:.1%}", "5 %")


def _times_of_stories(searcher: Searcher, settings: Settings, articles: list[Article], folder: Path) -> dict[str, float]:
    """Return the processor seconds of each part of the work that stories make when an archive is indexed."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(searcher.generation.folder, folder)
    draft, backend = Generation("g999999", folder), backend_for("tantivy", settings)
    times = [process_time()]
    signer = Signer()
    for article, signature in zip(articles, sign_texts([article.body for article in articles]), strict=True):
        signer.add(article, signature)
    signatures = signer.table()
    times.append(process_time())
    changes = record_stories(draft, None, searcher.engine, signatures)
    times.append(process_time())
    mark_versions(draft, backend, settings.language, changes, FieldNames())
    times.append(process_time())
    parts = ("signing", "finding stories", "writing versions again")
    return {part: end - begin for part, (begin, end) in zip(parts, pairwise(times), strict=True)}


def _request_ratios(settings: Settings) -> dict[str, float]:
    """Return the processor time of requests that show one version of each story, as ratios to those that show all.

    Each is a new one: between it and the next for its words are more searches than a searcher remembers.
    """
    client = create_app(settings).test_client()
    times = {(words, versions): list[float]() for versions in ("one", "all") for words in QUERIES}
    for _ in range(SEARCHES):
        for (words, versions), taken in times.items():
            begun = process_time()
            client.get("/api/v1/search", query_string={"q": words, "versions": versions})
            taken.append(process_time() - begun)
    return {words: median(times[words, "one"]) / median(times[words, "all"]) for words in QUERIES}


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


if __name__ == "__main__":
    main()
