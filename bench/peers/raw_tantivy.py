"""Plain tantivy-py on the index of the service, in process: as quick as the service could be."""

import datetime as dt
from pathlib import Path

import orjson
from tantivy import Document, Index, Order, SnippetGenerator

from bench.peers import FACETS, HITS, Answer, Ask, Peer
from bench.peers.own import query_text
from searchsvc.analysis.analyzer import Analyzers
from searchsvc.engines.tantivy.compiler import Compiler
from searchsvc.engines.tantivy.forms import FormsReader, words_reader
from searchsvc.engines.tantivy.queries import conjunction
from searchsvc.engines.tantivy.rarity import RarityReader
from searchsvc.engines.tantivy.schema import build_schema, count_documents, register_tokenizers, total_of
from searchsvc.engines.tantivy.stored_articles import ArticleReader, load_dictionary, unpack
from searchsvc.engines.tantivy.terms import TermsReader
from searchsvc.query.parser import parse


class Raw(Peer):
    """Searches, gets ten stored articles, counts all facets in one aggregation, marks with the library's own snippets."""

    label = "raw tantivy-py in process"
    indexes = False

    def build(self, articles: Path) -> None:
        """Nothing: it searches the index of the service, and `bench.raw index` times plain indexing."""

    def open(self) -> None:
        index = self.folder.parent / "searchsvc" / "index"
        live = (index / "CURRENT").read_text().strip()
        engine = index / live / "engine"
        self._opened = Index.open(str(engine))
        analyzers = Analyzers(("english",))
        register_tokenizers(self._opened, analyzers.main)
        self._searcher, self._schema = self._opened.searcher(), build_schema()
        self._lexicon = TermsReader(self._searcher, ArticleReader(engine, self._searcher), analyzers)
        self._dictionary = load_dictionary(engine)
        rarity = RarityReader(self._searcher, count_documents(engine), is_mixed=False)
        self._forms = [FormsReader(self._searcher, self._schema, analyzers.main, words_reader(self._searcher), rarity)]
        self._facets = {name: {"terms": {"field": f"meta.{name}", "size": 50}} for name in FACETS}
        self._facets["date"] = {"terms": {"field": "month", "size": 60_000}}

    def ask(self, ask: Ask) -> Answer:
        searcher = self._searcher
        compiler = Compiler(self._schema, self._lexicon, self._forms)
        tree = parse(query_text(ask), (), "any" if ask.how == "any" else "all").tree
        parts = [compiler.matching(tree)]
        parts += [compiler.value(name, [value]) for name, value in (ask.filters or {}).items()]
        parts += [compiler.date_range(*map(dt.date.fromisoformat, ask.days))] if ask.days else []
        matching = conjunction(parts)
        offset = (ask.page - 1) * HITS
        if ask.newest:
            found = searcher.search(matching, limit=HITS, offset=offset, order_by_field="instant", order=Order.Desc)
        else:
            found = searcher.search(matching, limit=HITS, offset=offset)
        total = total_of(found)
        packed = [searcher.doc(address).get_first("article") or b"{}" for _, address in found.hits]
        stored = [orjson.loads(unpack(each, self._dictionary)) for each in packed]
        counts = searcher.aggregate(matching, self._facets)
        generator = SnippetGenerator.create(searcher, matching, self._schema, "body")
        return Answer(total, [(each["id"], _snippet(generator, each.get("body", ""))) for each in stored], counts)

    def close(self) -> None:
        """Nothing was started."""


def _snippet(generator: SnippetGenerator, text: str) -> str:
    document = Document()
    document.add_text("body", text)
    return generator.snippet_from_doc(document).to_html()


PEER = Raw
