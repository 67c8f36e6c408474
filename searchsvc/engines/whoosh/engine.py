"""Answers from one Whoosh index."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice, pairwise
from math import inf
from pathlib import Path
from threading import RLock

from whoosh.index import open_dir
from whoosh.query import Query, Term

from searchsvc.analysis import Analyzers, extract_terms
from searchsvc.analysis.more_like_this import interesting_terms
from searchsvc.engines import scoring
from searchsvc.engines.facets import date_facet, field_facet
from searchsvc.engines.protocol import MAX_LISTED_VALUES, Engine, FieldStats
from searchsvc.engines.whoosh.compiler import Compiler, Documents, Postings, Scored, Weighting, union
from searchsvc.engines.whoosh.writer import build_schema, translating_errors
from searchsvc.errors import EngineError
from searchsvc.model.article import Article, number_of
from searchsvc.model.cursors import Cursor, InstantCursor, RankCursor, UndatedCursor
from searchsvc.model.periods import facet_scope
from searchsvc.model.results import DateFacet, Facets, FieldFacet, ResultPage, ScoredArticle, TermCount
from searchsvc.query.ast import has_relevance
from searchsvc.query.request import SearchRequest

_Ranked = Sequence[tuple[int, float | None]]


class WhooshEngine(Engine):
    """One generation. Threads take turns, since the library's files have one read position each."""

    def __init__(self, folder: Path, languages: tuple[str, ...]) -> None:
        self._analyzers = analyzers = Analyzers(languages)
        self._turn = RLock()
        with translating_errors(f"opening {folder}"):
            self._searcher = open_dir(folder, schema=build_schema()).searcher(weighting=Weighting(scoring.B, scoring.K1))
            self._postings = Postings(self._searcher, analyzers)
        self._found = partial(Compiler, self._postings, analyzers)

    def search(self, request: SearchRequest) -> ResultPage:
        if not 1 <= request.per_page <= 10_000:
            raise EngineError(f"{request.per_page} hits per page were requested; the limit is 10,000")
        with self._turn, translating_errors("searching"):
            found = self._found(request)
            page, following = self._page(request, found)
            articles = tuple(ScoredArticle(self._postings.article(document), score) for document, score in page)
            facets = partial(self._facets, request, found)
            return ResultPage(len(found.hits()), articles, following, tuple(found.notes), facets)

    def count(self, request: SearchRequest) -> int:
        with self._turn, translating_errors("counting"):
            return len(self._found(request).hits())

    def facet(self, request: SearchRequest, field: str) -> FieldFacet:
        with self._turn, translating_errors("listing values"):
            return self._field_facet(request, self._found(request), field, MAX_LISTED_VALUES)

    def get(self, article_id: str) -> Article | None:
        with self._turn, translating_errors("getting an article"):
            found = self._postings.docs_with("id", article_id)
            return self._postings.article(min(found)) if found else None

    def get_all(self, article_ids: Sequence[str]) -> list[Article]:
        return [article for article in map(self.get, article_ids) if article is not None]

    def numbers(self, request: SearchRequest) -> list[int]:
        with self._turn, translating_errors("searching"):
            page, _ = self._page(request, self._found(request))
            return self._numbers(document for document, _ in page)

    def versions(self, request: SearchRequest) -> list[int]:
        with self._turn, translating_errors("searching for versions"):
            versioned = self._postings.docs_with("versioned", "yes")
            return self._numbers(versioned & self._found(request).hits()) if versioned else []

    def _numbers(self, documents: Iterable[int]) -> list[int]:
        keys = self._postings.keys
        return [number_of(keys[document][1]) for document in documents]

    def more_like(self, article: Article, limit: int) -> list[ScoredArticle]:
        with self._turn, translating_errors("finding similar articles"):
            docs, everything = partial(self._postings.docs_with, "text"), self._postings.everything
            analyzer, number = self._analyzers.of(article), len(everything)
            terms = interesting_terms(article, analyzer, lambda some: {each: len(docs(each)) for each in some}, number)
            alike = self._postings.in_languages([analyzer.language])
            others = docs(*terms) & (everything if alike is None else alike) - self._postings.docs_with("id", article.id)
            queries = [Term("text", term, boost=weight) for term, weight in terms.items()]
            ranked = self._ranked(dict.fromkeys(others, 0.0), queries)[:limit]
            return [ScoredArticle(self._postings.article(document), score) for document, score in ranked]

    def scan(self, request: SearchRequest) -> Iterator[Article]:
        with self._turn, translating_errors("searching"):
            found = self._found(request)
            page, _ = self._page(replace(request, page=1, after=None, per_page=len(found.hits())), found)
        for document, _ in page:
            with self._turn, translating_errors("reading articles"):
                article = self._postings.article(document)
            yield article

    def terms(self, prefix: str, limit: int) -> list[TermCount]:
        with self._turn, translating_errors("reading the words of the archive"):
            words = self._postings.words("body").items()
        counts = Counter({word: count for word, count in words if word.startswith(prefix)})
        return [TermCount(*each) for each in counts.most_common(limit)]

    def field_stats(self, fields: Iterable[str]) -> Mapping[str, FieldStats]:
        with self._turn, translating_errors("counting metadata fields"):
            values = {name: self._postings.values(name) for name in fields}
        return {name: FieldStats(len(union(found.values())), len(found)) for name, found in values.items() if found}

    def _page(self, request: SearchRequest, found: Compiler) -> tuple[_Ranked, Cursor | None]:
        sign = 1 if request.sort == "oldest" else -1
        by_relevance = request.sort == "relevance" and has_relevance(request.tree)
        ordered = self._by_relevance(request, found) if by_relevance else self._by_date(found.hits(), sign)
        keys = self._postings.keys
        found_at = (keys[document][0] for document, _ in ordered if not by_relevance)
        instants = [inf if instant is None else sign * instant for instant in found_at]
        start, after = (request.page - 1) * request.per_page, request.after
        if after is not None:
            first = sign * after.instant if isinstance(after, InstantCursor) else inf
            start = after.offset + (0 if isinstance(after, RankCursor) else bisect_left(instants, first))
        end = start + request.per_page
        if by_relevance or end >= len(ordered):
            return ordered[start:end], RankCursor(end) if end < len(ordered) else None
        last, offset = keys[ordered[end - 1][0]][0], end - bisect_left(instants, instants[end - 1])
        return ordered[start:end], UndatedCursor(offset) if last is None else InstantCursor(last, offset)

    def _by_date(self, documents: Documents, sign: int) -> _Ranked:
        """Return the documents by instant and id. Undated documents come last in both orders, by id."""
        keys = self._postings.keys
        dated = sorted((each for each in documents if keys[each][2]), key=keys.__getitem__, reverse=sign < 0)
        return [(each, None) for each in (*dated, *sorted(documents.difference(dated), key=keys.__getitem__))]

    def _by_relevance(self, request: SearchRequest, found: Compiler) -> _Ranked:
        terms, written = extract_terms(request.tree, self._analyzers.main), self._postings.written
        stems = dict.fromkeys(stem for each in self._analyzers for stem in extract_terms(request.tree, each).title.stems)
        titles = (Term("title", stem, boost=scoring.TITLE_WEIGHT) for stem in stems)
        ranked = self._ranked(dict.fromkeys(found.hits(), 0.0), [found.query, *titles])
        best = dict(ranked[: scoring.RESCORE_WINDOW])
        pairs = islice(pairwise(terms.body.words), scoring.MAX_PAIRS)
        near = [written(pair, scoring.PROXIMITY_SLOP, None, frozenset(best)) for pair in pairs]
        exact = (Term("body_words", word, boost=scoring.EXACT_WEIGHT) for word in terms.body.words[: scoring.MAX_PAIRS])
        rescored = self._ranked(best, [*(Scored(scores, scoring.PROXIMITY_WEIGHT) for scores in near), *exact])
        return [*rescored, *ranked[scoring.RESCORE_WINDOW : scoring.MAX_RANK]]

    def _ranked(self, scores: dict[int, float], queries: Iterable[Query]) -> list[tuple[int, float]]:
        """Add the scores of queries. Return the documents best first, and equal ones in the order of writing."""
        # Without `needs_current`, Whoosh may choose a matcher that loses documents with a score of zero.
        context = self._searcher.context(needs_current=True)
        for matcher in (query.matcher(self._searcher, context) for query in queries):
            while matcher.is_active():
                document = matcher.id()
                if document in scores:
                    scores[document] += matcher.score()
                matcher.next()
        return sorted(scores.items(), key=lambda item: (-item[1], item[0]))

    def _facets(self, request: SearchRequest, found: Compiler) -> Facets:
        with self._turn, translating_errors("counting facets"):
            fields = tuple(self._field_facet(request, found, name, request.facet_values) for name in request.facets)
            return Facets(fields, self._date_facet(request, found) if request.date_facet else None)

    def _field_facet(self, request: SearchRequest, found: Compiler, name: str, limit: int) -> FieldFacet:
        hits, values = found.documents(name), self._postings.values(name).items()
        counts = Counter({value: number for value, having in values if (number := len(having & hits))})
        selected = request.filters.get(name, ())
        kept = dict(counts.most_common(limit)) | {value: counts[value] for value in selected}
        return field_facet(name, kept, counts.total() - sum(kept.values()), selected)

    def _date_facet(self, request: SearchRequest, found: Compiler) -> DateFacet:
        scope, unit = facet_scope(request.dates), request.facet_unit
        length = {"year": 4, "month": 7, "day": 10}[unit]
        days = (self._postings.keys[document][2] for document in found.documents(None))
        return date_facet(Counter(day[:length] for day in days if day and day.startswith(scope)), unit, request.dates)
