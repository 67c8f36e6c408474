"""Answers from one index."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tantivy import DocAddress, Index, Order, Query, Searcher

from searchsvc.analysis import Analyzer
from searchsvc.days import period
from searchsvc.engines import Coverage
from searchsvc.engines.tantivy.compiler import Compiler, conjunction, disjunction
from searchsvc.engines.tantivy.facets import FacetCounter
from searchsvc.engines.tantivy.lexicon import Lexicon
from searchsvc.engines.tantivy.schema import article_at, build_schema, guarded, meta_path, register_tokenizers, total_of
from searchsvc.highlight import Highlighter
from searchsvc.model import Article, Hit, Results, SearchRequest, Snippet
from searchsvc.tree import has_relevance

Found = list[tuple[Any, DocAddress]]


class TantivyEngine:
    """One generation, mapped into memory. Safe to share between threads."""

    def __init__(self, folder: Path, language: str) -> None:
        self._analyzer = Analyzer(language)
        with guarded(f"opening {folder}"):
            self._index = Index.open(str(folder))
            register_tokenizers(self._index, self._analyzer)
            self._searcher: Searcher = self._index.searcher()
        self._schema = build_schema()
        self._lexicon = Lexicon(self._searcher, self._analyzer)

    def search(self, request: SearchRequest) -> Results:
        """Exact total, one page of hits, and the facets asked for; raises EngineError."""
        with guarded("searching"):
            compiler = Compiler(self._schema, self._analyzer, self._lexicon)
            matching = self._matching(request, compiler)
            query = matching(None)
            if request.sort == "relevance" and has_relevance(request.tree):
                total, found = self._by_relevance(request, compiler.ranked(query, request.tree))
            else:
                total, found = self._by_date(request, query)
            facets = FacetCounter(self._searcher, compiler, request, matching).count() if request.facets else ()
            return Results(total, tuple(self._hits(request, found)), facets, tuple(compiler.notes))

    def get(self, article_id: str) -> Article | None:
        """The article with this id, None where there is none."""
        with guarded("getting an article"):
            query = Query.term_query(self._schema, "id", article_id, index_option="basic")
            hits = self._searcher.search(query, limit=1, count=False).hits
            return article_at(self._searcher, hits[0][1]) if hits else None

    def highlight(self, article: Article, request: SearchRequest) -> tuple[Snippet, Snippet]:
        """Whole title and whole body with what the request's tree finds in them."""
        highlighter = Highlighter(request.tree, self._analyzer)
        return highlighter.title(article.title), highlighter.text(article.body)

    def count(self) -> int:
        """The number of articles."""
        return int(self._searcher.num_docs)

    def coverage(self, fields: Iterable[str]) -> Mapping[str, Coverage]:
        """The metadata fields among these that any article has."""
        with guarded("counting metadata fields"):
            counted = {name: self._coverage(meta_path("meta", name)) for name in fields}
        return {name: coverage for name, coverage in counted.items() if coverage.articles}

    def _coverage(self, path: str) -> Coverage:
        query = Query.exists_query(path, json_subpaths=True)
        articles = total_of(self._searcher.search(query, limit=1))
        return Coverage(articles, round(self._searcher.cardinality(query, path)) if articles else 0)

    # Queries

    def _matching(self, request: SearchRequest, compiler: Compiler) -> Callable[[str | None], Query]:
        """The request's query, without the filter of the field that is named."""
        tree = compiler.matching(request.tree)
        filters = {name: compiler.value(name, values) for name, values in request.filters.items() if values}
        if request.dates:
            periods = [days for value in request.dates if (days := period(value)) is not None]
            filters["date"] = disjunction([compiler.days(*days) for days in periods])
        span = [compiler.days(request.start, request.end)] if request.start or request.end else []

        def without(field: str | None) -> Query:
            return conjunction([tree, *(query for name, query in filters.items() if name != field), *span])

        return without

    # Orders

    def _by_relevance(self, request: SearchRequest, query: Query) -> tuple[int, Found]:
        offset = (request.page - 1) * request.per_page
        found = self._searcher.search(query, limit=request.per_page, offset=offset)
        return total_of(found), found.hits

    def _by_date(self, request: SearchRequest, query: Query) -> tuple[int, Found]:
        """By instant, then id; articles without a date come last in both orders, by id."""
        order = Order.Asc if request.sort == "oldest" else Order.Desc
        offset = (request.page - 1) * request.per_page
        found = self._searcher.search(query, limit=request.per_page, offset=offset, order_by_field="order", order=order)
        dated = [hit for hit in found.hits if hit[0] is not None]
        total = total_of(found)
        if len(dated) < len(found.hits):
            # Tantivy puts documents without a value last, but in no order of their own.
            undated = conjunction([query, Query.exists_query("undated")])
            before = total - total_of(self._searcher.search(undated, limit=1))
            rest = len(found.hits) - len(dated)
            skipped = max(0, offset - before)
            dated += self._searcher.search(
                undated, limit=rest, offset=skipped, count=False, order_by_field="undated", order=Order.Asc
            ).hits
        return total, dated

    # Hits

    def _hits(self, request: SearchRequest, found: Found) -> Iterable[Hit]:
        highlighter = Highlighter(request.tree, self._analyzer)
        for key, address in found:
            article = article_at(self._searcher, address)
            score = key if isinstance(key, float) else None
            yield Hit(article, score, highlighter.title(article.title), highlighter.fragments(article.body))
