"""What the parts of a search cost, and both engines side by side, on real articles and in process.

    python -m bench.language [--work FOLDER]     (or `make bench-language`)

FileReader and compiling a query; snippets of ten texts of 3,000 characters; what ranking adds; suggestions of an archive of
100,000 articles (the 37,554 real ones, over again); and the first 5,000 articles in Tantivy and in Whoosh.
"""

import argparse
import json
import tempfile
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from time import perf_counter

from tantivy import Query

from bench.real import unpack
from bench.speed import FACETS, queries_of, row, table_head
from searchsvc.analysis.analyzer import Analyzer, analyzer_for
from searchsvc.analysis.tokenizer import searchable
from searchsvc.api.parameters import parse_question, parse_search
from searchsvc.config import EMBEDDED, Settings
from searchsvc.engines.newest import FutureLast
from searchsvc.engines.tantivy.engine import TantivyEngine
from searchsvc.engines.tantivy.scoring import Ranking
from searchsvc.highlight.highlighter import Highlighter
from searchsvc.indexer.reindex import reindex
from searchsvc.query.parser import parse
from searchsvc.query.request import SearchRequest
from searchsvc.search.service import SearchService

STOP_WORDS = ("the of and", "to be or not to be", "what is the", "of the in a to", "who was it")
PREFIXES = ("a", "t", "co", "the", "mini", "presid", "new y", "white ho", "zu", "the pres")


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "searchsvc-bench")
    work = options.parse_args().work
    articles = unpack("articles.jsonl", work / "corpus")
    table_head()
    service = _service(Settings(corpus=work / "corpus", index=work / "index"))
    _bench_compiling(service)
    _bench_ranking(service, articles)
    _bench_snippets(articles)
    _bench_scripts(articles)
    _bench_suggestions(work, articles)
    _bench_engines(work, articles)


def _service(settings: Settings) -> SearchService:
    reindex(settings)
    return SearchService(settings)


def _milliseconds(call: Callable[[], object], times: int = 25) -> float:
    call()
    taken = []
    for _ in range(times):
        begun = perf_counter()
        call()
        taken.append((perf_counter() - begun) * 1000)
    return median(taken)


def _engine(service: SearchService) -> TantivyEngine:
    """Return the engine itself, without what is around every engine."""
    around = service.acquire().engine
    engine = around.engine if isinstance(around, FutureLast) else around
    assert isinstance(engine, TantivyEngine)
    return engine


def _bench_compiling(service: SearchService) -> None:
    engine = _engine(service)
    fields = service.acquire().info.fields
    taken = _milliseconds(lambda: engine.compiler().matching(parse("climate report", fields).tree), 500)
    row("reading and compiling a query of two words", f"{taken:.3f} ms", "0.15 ms")


def _bench_ranking(service: SearchService, articles: Path) -> None:
    """Time pages with and without rescoring, in turns."""
    real = [each for each in queries_of(articles) if each["kind"] != "phrase"]
    stop = [{"kind": "stop words", "q": text, "match": match} for text in STOP_WORDS for match in ("all", "any")]
    engine = _engine(service)
    added: dict[str, list[float]] = {}
    for query in [*real, *stop]:
        request = parse_question([("q", query["q"]), ("match", query.get("match", "all"))], service.acquire()).request
        compiler = engine.compiler()
        matching = compiler.matching(request.tree)
        fine, plain = (
            _Ranking(engine.searcher, compiler, matching, request.tree, analyzer_for("english")) for _ in range(2)
        )
        plain.rescores = False
        taken = _milliseconds(lambda: fine.page(request)) - _milliseconds(lambda: plain.page(request))  # noqa: B023
        added.setdefault(query["kind"], []).append(taken)
    for kind, each in added.items():
        row(f"nearness and exact forms add (median, most): {kind}", f"{median(each):.2f}, {max(each):.2f} ms", "1 ms")


class _Ranking(Ranking):
    """The ranking with or without its rescoring."""

    rescores = True

    def boosts(self) -> list[Query]:
        return super().boosts() if self.rescores else []


def _bench_snippets(articles: Path) -> None:
    with articles.open(encoding="utf-8") as file:
        texts = [text[:3_000] for line in islice(file, 200) if len(text := json.loads(line)["text"]) >= 3_000][:10]
    analyzer = Analyzer("english")

    def ten() -> None:
        highlighter = Highlighter(parse("government report").tree, analyzer)
        for text in texts:
            highlighter.fragments(text)

    row("snippets of ten texts of 3,000 characters, two plain words", f"{_milliseconds(ten):.2f} ms", "1.5 ms")


def _bench_scripts(articles: Path) -> None:
    """What English pays for other scripts: the plain form of each text, beside stemming it."""
    with articles.open(encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in islice(file, 1_000)]
    preparing = _milliseconds(lambda: [searchable(text) for text in texts], 5)
    analyzer = Analyzer("english")
    plain = [searchable(text) for text in texts]
    cutting = _milliseconds(lambda: [list(map(analyzer.stem_of, analyzer.words.analyze(text))) for text in plain], 5)
    row("the plain form of a text, beside stemming it", f"{preparing / cutting:.1%}", "15 %")


def _bench_suggestions(work: Path, articles: Path) -> None:
    corpus = work / "hundred-thousand"
    if not corpus.exists():
        corpus.mkdir()
        rows = cycle(articles.read_text(encoding="utf-8").splitlines())
        with (corpus / "articles.jsonl").open("w", encoding="utf-8") as file:
            for number, line in enumerate(islice(rows, 100_000)):
                file.write(json.dumps(json.loads(line) | {"id": str(number)}) + "\n")
    service = _service(Settings(corpus=corpus, index=work / "hundred-thousand-index"))
    begun = perf_counter()
    service.acquire().suggest("a", 5)
    row("the first suggestion after a start, 100,000 articles", f"{(perf_counter() - begun) * 1000:.0f} ms", "")
    taken = {prefix: _milliseconds(lambda: service.acquire().suggest(prefix, 5)) for prefix in PREFIXES}  # noqa: B023
    worst = max(taken, key=taken.__getitem__)
    row(f"suggestions, median of {len(taken)} prefixes", f"{median(taken.values()):.2f} ms", "3 ms")
    row(f"the slowest of them (“{worst}”)", f"{taken[worst]:.2f} ms", "3 ms")
    article = next(iter(service.acquire().engine.scan(SearchRequest())))
    similar = _milliseconds(lambda: service.acquire().engine.more_like(article, 5))
    row("five similar articles of 100,000", f"{similar:.1f} ms", "")


def _bench_engines(work: Path, articles: Path) -> None:
    corpus = work / "five-thousand"
    corpus.mkdir(exist_ok=True)
    with articles.open(encoding="utf-8") as file:
        (corpus / "articles.jsonl").write_text("".join(islice(file, 5_000)), encoding="utf-8")
    queries = list(queries_of(articles))
    facets = [("facet", name) for name in (*FACETS, "date")]
    for name in EMBEDDED:
        settings = Settings(corpus=corpus, index=work / f"five-thousand-{name}", engine=name)
        report = reindex(settings, full=True)
        row(f"{name}: indexing 5,000 articles, articles a second", f"{report.articles / report.seconds:,.0f}", "")
        service = SearchService(settings)
        kinds: dict[str, list[float]] = {}
        for query in queries:
            pairs = [("q", query["q"]), ("match", query.get("match", "all")), *facets]
            searcher = service.acquire()
            question = parse_search(pairs, searcher)[0]
            taken = _milliseconds(lambda: searcher.search(question), 3)  # noqa: B023
            kinds.setdefault(query["kind"], []).append(taken)
        for kind, found in kinds.items():
            row(f"{name}: ten hits, snippets, five facets: {kind}", f"{median(found):.1f} ms", "")


if __name__ == "__main__":
    main()
