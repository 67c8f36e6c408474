"""Plain tantivy-py: the limit that the service is measured against. Run by bench/speed.py in a process of its own.

python -m bench.raw index ARTICLES.jsonl FOLDER     documents from memory into FOLDER/raw, with the service's own schema
python -m bench.raw fields ARTICLES.jsonl FOLDER    the same without some of the fields: what each costs
python -m bench.raw search FOLDER QUERIES.json      the same engine calls as the service's, without anything around them
"""

import json
import os
import shutil
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from tantivy import Document, Index, SnippetGenerator

from searchsvc.analysis.analyzer import Analyzer, Analyzers
from searchsvc.corpus import read_file
from searchsvc.engines.tantivy.compiler import Compiler
from searchsvc.engines.tantivy.forms import FormsReader, words_reader
from searchsvc.engines.tantivy.rarity import RarityReader
from searchsvc.engines.tantivy.schema import build_schema, count_documents, register_tokenizers, total_of
from searchsvc.engines.tantivy.stored_articles import ArticleReader, load_dictionary, unpack
from searchsvc.engines.tantivy.terms import TermsReader
from searchsvc.engines.tantivy.writer import HEAP_BYTES
from searchsvc.model.article import Article, dump, metadata, number_of
from searchsvc.model.periods import day_number
from searchsvc.query.parser import parse

Fields = list[tuple[str, str, Any]]


WITHOUT = {
    "everything": (),
    "without words": ("title", "body"),
    "without metadata": ("meta", "meta_words"),
    "without the articles themselves": ("article",),
}
"""Fields that are left out, one after the other."""


def read(articles: Path) -> list[Fields]:
    """Documents whose every value lies ready in memory."""
    return [_fields(article) for article in read_file(articles, articles.name) if isinstance(article, Article)]


def index(ready: list[Fields], folder: Path) -> float:
    """Seconds to add and commit documents."""
    target = folder / "raw"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    begun = perf_counter()
    raw = Index(build_schema(), path=str(target))
    register_tokenizers(raw, Analyzer("english"))
    into = raw.writer(heap_size=HEAP_BYTES, num_threads=min(os.cpu_count() or 1, 4))
    for fields in ready:
        document = Document()
        for method, name, value in fields:
            getattr(document, method)(name, value)
        into.add_document(document)
    into.commit()
    into.wait_merging_threads()
    return perf_counter() - begun


def fields(ready: list[Fields], folder: Path) -> dict[str, float]:
    """Seconds of indexing with and without some of the fields."""
    found = {}
    for what, names in WITHOUT.items():
        found[what] = index([[each for each in of if each[1] not in names] for of in ready], folder)
    return found


def _fields(article: Article) -> Fields:
    """The values of the service's own document."""
    values = metadata(article)
    fields: Fields = [("add_text", "id", article.id)]
    fields.append(("add_integer", "number", number_of(article.id)))
    fields += [("add_text", "title", article.title), ("add_text", "body", article.body)]
    fields.append(("add_json", "meta", {name: [f"={value}" for value in of] for name, of in values.items()}))
    fields.append(("add_json", "meta_words", {name: [f"= {value}" for value in of] for name, of in values.items()}))
    if article.date is not None:
        day = day_number(article.date)
        fields += [("add_integer", "day", day), ("add_integer", "month", day // 100)]
        fields += [("add_integer", "instant", day), ("add_text", "order", f"{day:013d}|{article.id}")]
    else:
        fields.append(("add_text", "undated", article.id))
    fields.append(("add_bytes", "article", dump(article)))
    return fields


def search(folder: Path, queries: list[dict[str, str]], facets: list[str]) -> dict[str, list[tuple[float, float]]]:
    """Milliseconds of each query by kind, warm: one search, ten stored articles and one aggregation; and the same with
    snippets from the library's own generator."""
    opened = Index.open(str(folder))
    analyzers = Analyzers(("english",))
    register_tokenizers(opened, analyzers.main)
    searcher, schema = opened.searcher(), build_schema()
    terms = TermsReader(searcher, ArticleReader(folder, searcher), analyzers)
    rarity = RarityReader(searcher, count_documents(folder), is_mixed=False)
    compiler = Compiler(schema, terms, [FormsReader(searcher, schema, analyzers.main, words_reader(searcher), rarity)])
    dictionary = load_dictionary(folder)
    wanted = {name: {"terms": {"field": f"meta.{name}", "size": 50}} for name in facets}
    wanted["date"] = {"terms": {"field": "month", "size": 60_000}}
    compiled = []
    for each in queries:
        tree = parse(each["q"], (), each.get("match", "all")).tree  # type: ignore[arg-type]  # one of the two
        compiled.append((each["kind"], compiler.matching(tree)))
    times: dict[str, list[tuple[float, float]]] = {}
    for warm in (False, True):
        for kind, matching in compiled:
            begun = perf_counter()
            found = searcher.search(matching, limit=10)
            total_of(found)
            packed: list[Any] = [searcher.doc(address).get_first("article") for _score, address in found.hits]
            stored = [unpack(each, dictionary) for each in packed]
            searcher.aggregate(matching, wanted)
            plain = perf_counter() - begun
            _snippets(SnippetGenerator.create(searcher, matching, schema, "body"), stored)
            if warm:
                times.setdefault(kind, []).append((plain * 1000, (perf_counter() - begun) * 1000))
    return times


def _snippets(generator: SnippetGenerator, stored: list[bytes]) -> None:
    for data in stored:
        document = Document()
        document.add_text("body", json.loads(data).get("body", ""))
        generator.snippet_from_doc(document).to_html()


if __name__ == "__main__":
    if sys.argv[1] == "index":
        documents = read(Path(sys.argv[2]))
        print(json.dumps({"articles": len(documents), "seconds": index(documents, Path(sys.argv[3]))}))
    elif sys.argv[1] == "fields":
        for what, seconds in fields(read(Path(sys.argv[2])), Path(sys.argv[3])).items():
            print(f"| {what} | {seconds:.1f} s |")
    else:
        plan = json.loads(Path(sys.argv[3]).read_text(encoding="utf-8"))
        print(json.dumps(search(Path(sys.argv[2]), plan["queries"], plan["facets"])))
