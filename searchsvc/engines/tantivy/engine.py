"""Answers from one index."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from threading import Lock

from tantivy import Index, Query, Searcher

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.more_like_this import interesting_terms
from searchsvc.analysis.term_dictionary import MAX_ENDINGS, MIN_ENDING, TermDictionary
from searchsvc.engines.expansion import Stopwatch, hits, suggestions
from searchsvc.engines.protocol import MAX_LISTED_VALUES, FieldStats
from searchsvc.engines.tantivy.compiler import Compiler, conjunction, disjunction, less
from searchsvc.engines.tantivy.facets import FacetCounter
from searchsvc.engines.tantivy.schema import (
    article_at,
    build_schema,
    meta_path,
    register_tokenizers,
    total_of,
    translating_errors,
)
from searchsvc.engines.tantivy.scoring import Ranking
from searchsvc.engines.tantivy.sorting import DateSorting, Page
from searchsvc.engines.tantivy.terms import TermsReader
from searchsvc.highlight.highlighter import Highlighter
from searchsvc.model.article import Article
from searchsvc.model.periods import period
from searchsvc.model.results import Facet, Hit, Results, Snippet, Suggestion, Timings
from searchsvc.query.ast import has_relevance
from searchsvc.query.request import SearchRequest

_FOUND_AT_ONCE = 10_000
"""Hits that are found at once where all are read: each time, Tantivy goes through all of them."""


@cache
def _counters(_process: int) -> ThreadPoolExecutor:
    """The threads of this process that count facets: a process that was forked has none of its parent's."""
    return ThreadPoolExecutor(thread_name_prefix="facets")


class TantivyEngine:
    """One generation, mapped into memory. Safe to share between threads."""

    def __init__(self, folder: Path, language: str) -> None:
        self._analyzer = Analyzer(language)
        with translating_errors(f"opening {folder}"):
            self._index = Index.open(str(folder))
            register_tokenizers(self._index, self._analyzer)
            self._searcher: Searcher = self._index.searcher()
        self._schema = build_schema()
        self._lexicon = TermsReader(self._searcher, self._analyzer)
        self._reading_words = Lock()

    def search(self, request: SearchRequest) -> Results:
        """Exact total, one page of hits, and the facets asked for; raises EngineError."""
        with translating_errors("searching"):
            watch = Stopwatch()
            compiler = self._compiler()
            matching = self._matching(request, compiler)
            counter = FacetCounter(self._searcher, compiler, request, matching)
            # Counting takes as long as all the rest, and leaves Python to others meanwhile.
            counting = _counters(os.getpid()).submit(counter.count) if request.facets else None
            page = self._page(request, compiler, matching(None))
            found = watch.lap()
            shown = tuple(self._hits(request, page))
            marked = watch.lap()
            facets = counting.result() if counting else ()
            timings = Timings(found, marked, watch.lap())
            return Results(page.total, shown, facets, page.next, tuple(compiler.notes), timings)

    def total(self, request: SearchRequest) -> int:
        """The exact number of hits alone; raises EngineError."""
        with translating_errors("counting"):
            return self._count(self._matching(request, self._compiler())(None))

    def values(self, request: SearchRequest, field: str) -> Facet:
        """The values of a metadata field among the hits, the most frequent first."""
        with translating_errors("listing values"):
            compiler = self._compiler()
            wanted = replace(request, facets=(field,))
            matching = self._matching(wanted, compiler)
            return FacetCounter(self._searcher, compiler, wanted, matching, MAX_LISTED_VALUES).count()[0]

    def get(self, article_id: str) -> Article | None:
        """The article with this id, None where there is none."""
        with translating_errors("getting an article"):
            hits = self._searcher.search(self._one(article_id), limit=1, count=False).hits
            return article_at(self._searcher, hits[0][1]) if hits else None

    def highlight(self, article: Article, request: SearchRequest) -> tuple[Snippet, Snippet]:
        """Whole title and whole body with what the request's tree finds in them."""
        highlighter = Highlighter(request.tree, self._analyzer)
        return highlighter.title(article.title), highlighter.text(article.body)

    def similar(self, article: Article, limit: int) -> tuple[Hit, ...]:
        """The articles that have most in common with this one, which is left out, the nearest first."""
        with translating_errors("looking for similar articles"):
            compiler = self._compiler()
            terms = interesting_terms(article, self._analyzer, self._articles_with, self.count())
            if not terms:
                return ()
            wanted = disjunction([Query.boost_query(compiler.term("text", term), weight) for term, weight in terms.items()])
            found = self._searcher.search(less([wanted], [self._one(article.id)]), limit=limit, count=False)
            return tuple(self._hits(SearchRequest(), Page(0, [(address, score) for score, address in found.hits], None)))

    def suggest(self, text: str, limit: int) -> list[Suggestion]:
        """What a text that is being typed may become: up to `limit` words, the most frequent first, then as many titles."""
        with translating_errors("suggesting"):
            *before, last = self._analyzer.tokens(text) or [""]
            if not last:
                return []
            words = self.vocabulary().complete(last, limit)
            if len(words) < limit:  # rare ones, then
                words = self._lexicon.complete("body_words", last, limit)
            titles = self._titles(before, last, limit) if len(last) >= MIN_ENDING else ()
            return suggestions(before, words, titles)

    def vocabulary(self) -> TermDictionary:
        """The archive's most frequent words."""
        with self._reading_words:  # whoever asks meanwhile waits, and does not read them too
            return self._vocabulary

    def scan(self, request: SearchRequest) -> Iterator[Article]:
        """Every article that a request finds, in its order, read as they are taken; by relevance, the first 100,000."""
        following: SearchRequest | None = replace(request, page=1, after=None, per_page=_FOUND_AT_ONCE)
        while following is not None:
            with translating_errors("searching"):
                compiler = self._compiler()
                page = self._page(following, compiler, self._matching(request, compiler)(None))
            for address, _ in page.hits:
                with translating_errors("reading articles"):
                    article = article_at(self._searcher, address)
                yield article
            following = replace(following, after=page.next) if page.next else None

    def count(self) -> int:
        """The number of articles."""
        return int(self._searcher.num_docs)

    def coverage(self, fields: Iterable[str]) -> Mapping[str, FieldStats]:
        """The metadata fields among these that any article has."""
        with translating_errors("counting metadata fields"):
            counted = {name: self._coverage(meta_path("meta", name)) for name in fields}
        return {name: coverage for name, coverage in counted.items() if coverage.articles}

    def _coverage(self, path: str) -> FieldStats:
        query = Query.exists_query(path, json_subpaths=True)
        articles = self._count(query)
        return FieldStats(articles, round(self._searcher.cardinality(query, path)) if articles else 0)

    @cached_property
    def _vocabulary(self) -> TermDictionary:
        with translating_errors("reading the words of the archive"):
            return TermDictionary(self._lexicon.frequent())

    # Queries

    def _compiler(self) -> Compiler:
        return Compiler(self._schema, self._analyzer, self._lexicon)

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

    def _one(self, article_id: str) -> Query:
        return Query.term_query(self._schema, "id", article_id, index_option="basic")

    def _articles_with(self, terms: Iterable[str]) -> Mapping[str, int]:
        return {term: self._searcher.doc_freq("text", term) for term in terms}

    def _count(self, query: Query) -> int:
        return total_of(self._searcher.search(query, limit=1))

    # Hits

    def _page(self, request: SearchRequest, compiler: Compiler, query: Query) -> Page:
        if request.sort == "relevance" and has_relevance(request.tree):
            return Ranking(self._searcher, compiler, query, request.tree, self._analyzer).page(request)
        return DateSorting(self._searcher, compiler, query, oldest_first=request.sort == "oldest").page(request)

    def _hits(self, request: SearchRequest, page: Page) -> Iterator[Hit]:
        found = ((article_at(self._searcher, address), score) for address, score in page.hits)
        return hits(found, request.tree, self._analyzer)

    def _titles(self, before: list[str], last: str, limit: int) -> Iterator[Article]:
        """Articles whose titles have these words and one that begins so, the newest first."""
        compiler = self._compiler()
        words = self._searcher.terms_with_prefix("title_words", last, limit=MAX_ENDINGS)
        endings = [compiler.term("title_words", word) for word, _ in words]
        if not endings:
            return
        query = conjunction([disjunction(endings), *(compiler.term("title_words", word) for word in before)])
        found = self._searcher.search(query, limit=limit, count=False, order_by_field="order")  # the undated come last
        yield from (article_at(self._searcher, address) for _, address in found.hits)
