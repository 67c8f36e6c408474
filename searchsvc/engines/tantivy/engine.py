"""Answers from one Tantivy index."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from weakref import WeakSet

from tantivy import Index, Query, Searcher

from searchsvc.analysis.analyzer import Analyzers
from searchsvc.analysis.more_like_this import interesting_terms
from searchsvc.engines.protocol import MAX_LISTED_VALUES, FieldStats
from searchsvc.engines.tantivy.compiler import Compiler, RequestQueries
from searchsvc.engines.tantivy.facets import FacetCounter
from searchsvc.engines.tantivy.forms import FormsReader, words_reader
from searchsvc.engines.tantivy.queries import boolean, conjunction, disjunction, unscored
from searchsvc.engines.tantivy.rarity import RarityReader
from searchsvc.engines.tantivy.schema import (
    build_schema,
    count,
    count_documents,
    meta_path,
    register_tokenizers,
    translating_errors,
)
from searchsvc.engines.tantivy.scoring import Ranking
from searchsvc.engines.tantivy.sorting import DateSorting, Page
from searchsvc.engines.tantivy.stored_articles import ArticleReader
from searchsvc.engines.tantivy.terms import TermsReader
from searchsvc.model.article import Article
from searchsvc.model.results import Facets, FieldFacet, ResultPage, ScoredArticle, TermCount
from searchsvc.query.ast import has_relevance
from searchsvc.query.request import MAX_WORDS, SearchRequest

_SCAN_BATCH = 10_000  # hits that a scan finds at once: each time, Tantivy goes through all hits


class TantivyEngine:
    """One generation, mapped into memory. See Engine."""

    def __init__(self, folder: Path, languages: tuple[str, ...]) -> None:
        self._analyzers = Analyzers(languages)
        with translating_errors(f"opening {folder}"):
            self._index = Index.open(str(folder))
            register_tokenizers(self._index, self._analyzers.main)
            self.searcher: Searcher = self._index.searcher()
            self._articles = ArticleReader(folder, self.searcher)
            documents = count_documents(folder)
        self._in_progress: WeakSet[_LazyFacets] = WeakSet()  # of each search whose page is still being made
        self._schema = build_schema()
        self._terms = TermsReader(self.searcher, self._articles, self._analyzers)
        self._is_versioned = unscored(Query.term_query(self._schema, "versioned", 1, index_option="basic"))
        self._versioned = count(self.searcher, self._is_versioned)  # articles
        words_with = words_reader(self.searcher)
        rarity = RarityReader(self.searcher, documents, is_mixed=len(self._analyzers.languages) > 1)
        self._forms = {
            each.language: FormsReader(self.searcher, self._schema, each, words_with, rarity) for each in self._analyzers
        }

    def search(self, request: SearchRequest) -> ResultPage:
        with translating_errors("searching"):
            compiler = self.compiler(request.max_words)
            queries = RequestQueries(request, compiler)
            counter = FacetCounter(self.searcher, compiler, request, queries)
            has_facets = bool(request.facets or request.date_facet)
            facets = _LazyFacets(counter.facets if has_facets else Facets)
            self._in_progress.add(facets)
            if has_facets and len(self._in_progress) == 1:  # in a busy process, another thread would only take time
                facets.count_ahead()
            page = self._page(request, compiler, queries.hits())
            articles = tuple(ScoredArticle(self._articles.at(address), score) for address, score in page.hits)
        return ResultPage(page.total, articles, page.next, tuple(compiler.notes), facets)

    def count(self, request: SearchRequest) -> int:
        with translating_errors("counting"):
            return count(self.searcher, RequestQueries(request, self.compiler(request.max_words)).hits())

    def numbers(self, request: SearchRequest) -> list[int]:
        with translating_errors("searching"):
            compiler = self.compiler(request.max_words)
            page = self._page(request, compiler, RequestQueries(request, compiler).hits())
            found = self.searcher.fast_field_values("number", [address for address, _ in page.hits])
            return [number for number in found if isinstance(number, int)]

    def versions(self, request: SearchRequest) -> list[int]:
        if not self._versioned:
            return []
        with translating_errors("searching for versions"):
            query = RequestQueries(request, self.compiler(request.max_words)).hits()
            return self._numbers(conjunction([query, self._is_versioned]), self._versioned)

    def all_numbers(self, request: SearchRequest) -> list[int]:
        """Return the numbers of all articles that match, in any order. No article is read for it."""
        with translating_errors("searching"):
            query = RequestQueries(request, self.compiler(request.max_words)).hits()
            return self._numbers(query, max(1, int(self.searcher.num_docs)))

    def _numbers(self, query: Query, most: int) -> list[int]:
        found = self.searcher.search(query, limit=most, order_by_field="number", count=False)
        return [number for number, _ in found.hits]

    def facet(self, request: SearchRequest, field: str) -> FieldFacet:
        with translating_errors("listing values"):
            compiler = self.compiler(request.max_words)
            counter = FacetCounter(self.searcher, compiler, request, RequestQueries(request, compiler))
            return counter.filtered(field, MAX_LISTED_VALUES)

    def get(self, article_id: str) -> Article | None:
        with translating_errors("getting an article"):
            hits = self.searcher.search(self._by_id(article_id), limit=1, count=False).hits
            return self._articles.at(hits[0][1]) if hits else None

    def get_all(self, article_ids: Sequence[str]) -> list[Article]:
        return [article for article in map(self.get, article_ids) if article is not None]

    def more_like(self, article: Article, limit: int) -> list[ScoredArticle]:
        with translating_errors("finding similar articles"):
            analyzer = self._analyzers.of(article)
            forms = self._forms[analyzer.language]
            terms = interesting_terms(article, analyzer, forms.doc_freqs, int(self.searcher.num_docs))
            if not terms:
                return []
            weighted = [Query.boost_query(forms.word(term), weight) for term, weight in terms.items()]
            similar = self.compiler().in_articles_of([analyzer.language], disjunction(weighted))
            query = boolean([similar], [self._by_id(article.id)])
            found = self.searcher.search(query, limit=limit, count=False).hits
            return [ScoredArticle(self._articles.at(address), score) for score, address in found]

    def scan(self, request: SearchRequest) -> Iterator[Article]:
        following: SearchRequest | None = replace(request, page=1, after=None, per_page=_SCAN_BATCH)
        while following is not None:
            with translating_errors("searching"):
                compiler = self.compiler(request.max_words)
                page = self._page(following, compiler, RequestQueries(request, compiler).hits())
            for address, _ in page.hits:
                with translating_errors("reading articles"):
                    article = self._articles.at(address)
                yield article
            following = replace(following, after=page.next) if page.next else None

    def terms(self, prefix: str, limit: int) -> list[TermCount]:
        with translating_errors("reading the words of the archive"):
            return self._terms.with_prefix("body", prefix, limit)

    def field_stats(self, fields: Iterable[str]) -> Mapping[str, FieldStats]:
        with translating_errors("counting metadata fields"):
            counted = {name: self._stats(meta_path("meta", name)) for name in fields}
        return {name: stats for name, stats in counted.items() if stats.articles}

    def _stats(self, path: str) -> FieldStats:
        query = Query.exists_query(path)
        articles = count(self.searcher, query)
        return FieldStats(articles, round(self.searcher.cardinality(query, path)) if articles else 0)

    def _page(self, request: SearchRequest, compiler: Compiler, query: Query) -> Page:
        if request.sort == "relevance" and has_relevance(request.tree):
            return Ranking(self.searcher, compiler, query, request.tree, self._analyzers.main).page(request)
        return DateSorting(self.searcher, compiler, query, oldest_first=request.sort == "oldest").page(request)

    def compiler(self, max_words: int = MAX_WORDS) -> Compiler:
        """Return a compiler for one request."""
        return Compiler(self._schema, self._terms, list(self._forms.values()), max_words)

    def _by_id(self, article_id: str) -> Query:
        return Query.term_query(self._schema, "id", article_id, index_option="basic")


class _LazyFacets:
    """The facets of a search, counted when they are asked for, or in another thread beside the search.

    Counting takes as long as everything else, and releases the GIL meanwhile.
    """

    def __init__(self, count: Callable[[], Facets]) -> None:
        self._count = count
        self._counting: Future[Facets] | None = None

    def count_ahead(self) -> None:
        with suppress(RuntimeError):  # the program ends and its threads take no more work: they are counted when asked for
            self._counting = _counters(os.getpid()).submit(self._count)

    def __call__(self) -> Facets:
        with translating_errors("counting facets"):
            return self._counting.result() if self._counting is not None else self._count()


@cache
def _counters(_process: int) -> ThreadPoolExecutor:
    """Return the threads of this process that count facets. A forked process has none of its parent's threads."""
    return ThreadPoolExecutor(thread_name_prefix="facets")
