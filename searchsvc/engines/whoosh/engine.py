"""Answers from one index."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property, reduce
from heapq import nsmallest
from itertools import islice
from pathlib import Path
from threading import RLock
from typing import NamedTuple

from whoosh.filedb.filestore import FileStorage

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.more_like_this import interesting_terms
from searchsvc.analysis.term_dictionary import MAX_ENDINGS, MIN_ENDING, TermCount, TermDictionary
from searchsvc.analysis.term_dictionary import MAX_WORDS as MAX_VOCABULARY
from searchsvc.engines.expansion import Stopwatch, hits, suggestions
from searchsvc.engines.protocol import MAX_LISTED_VALUES, FieldStats
from searchsvc.engines.scoring import MAX_RANK
from searchsvc.engines.whoosh.archive import NOTHING, Archive, Documents
from searchsvc.engines.whoosh.facets import counted, values
from searchsvc.engines.whoosh.matching import Matching, any_of
from searchsvc.engines.whoosh.schema import translating_errors
from searchsvc.engines.whoosh.scoring import Ranking
from searchsvc.errors import EngineError
from searchsvc.highlight.highlighter import Highlighter
from searchsvc.model.article import Article
from searchsvc.model.cursors import After
from searchsvc.model.results import Facet, Hit, Results, Snippet, Suggestion, Timings
from searchsvc.query.ast import MatchAll, has_relevance
from searchsvc.query.request import SearchRequest

_MOST_AT_ONCE = 10_000


class _Page(NamedTuple):
    """One page of documents with their scores, and where the next one begins."""

    found: list[tuple[int, float | None]]
    next: After | None


class WhooshEngine:
    """One generation. Threads take turns: the library's files have one position each."""

    def __init__(self, folder: Path, language: str) -> None:
        self._analyzer = Analyzer(language)
        self._turn = RLock()
        with translating_errors(f"opening {folder}"):
            reader = FileStorage(str(folder)).open_index().reader()
            self._archive = Archive(reader, self._analyzer)

    def search(self, request: SearchRequest) -> Results:
        """Exact total, one page of hits, and the facets asked for; raises EngineError."""
        if not 1 <= request.per_page <= _MOST_AT_ONCE:
            raise EngineError(f"a page of {request.per_page} hits was asked for; the most is {_MOST_AT_ONCE:,}")
        watch = Stopwatch()
        with self._turn, translating_errors("searching"):
            matching = Matching(self._archive, request)
            documents = matching.documents()
            page = self._page(request, matching, documents)
            found = [(self._archive.article(document), score) for document, score in page.found]
            searched = watch.lap()
            facets = counted(self._archive, matching, request)
            listed = watch.lap()
        shown = tuple(hits(found, request.tree, self._analyzer))
        timings = Timings(searched, watch.lap(), listed)
        return Results(len(documents), shown, facets, page.next, tuple(matching.notes), timings)

    def total(self, request: SearchRequest) -> int:
        """The exact number of hits alone; raises EngineError."""
        with self._turn, translating_errors("counting"):
            return len(Matching(self._archive, request).documents())

    def values(self, request: SearchRequest, field: str) -> Facet:
        """The values of a metadata field among the hits, the most frequent first."""
        with self._turn, translating_errors("listing values"):
            return values(self._archive, Matching(self._archive, request), request, field, MAX_LISTED_VALUES)

    def get(self, article_id: str) -> Article | None:
        """The article with this id, None where there is none."""
        with self._turn, translating_errors("getting an article"):
            found = self._archive.having("id", article_id)
            return self._archive.article(min(found)) if found else None

    def highlight(self, article: Article, request: SearchRequest) -> tuple[Snippet, Snippet]:
        """Whole title and whole body with what the request's tree finds in them."""
        highlighter = Highlighter(request.tree, self._analyzer)
        return highlighter.title(article.title), highlighter.text(article.body)

    def similar(self, article: Article, limit: int) -> tuple[Hit, ...]:
        """The articles that have most in common with this one, which is left out, the nearest first."""
        archive = self._archive
        with self._turn, translating_errors("looking for similar articles"):
            terms = interesting_terms(article, self._analyzer, self._articles_with, self.count())
            ranking = Ranking(archive, Matching(archive, SearchRequest()), MatchAll())
            ranked = ranking.like(terms, archive.having("id", article.id))[:limit]
            found = [(archive.article(document), score) for document, score in ranked]
        return tuple(hits(found, MatchAll(), self._analyzer))

    def suggest(self, text: str, limit: int) -> list[Suggestion]:
        """What a text that is being typed may become: up to `limit` words, the most frequent first, then as many titles."""
        *before, last = self._analyzer.tokens(text) or [""]
        if not last:
            return []
        with self._turn, translating_errors("suggesting"):
            words = self._beginning("body_words", last, limit)
            titles = self._titles(before, last) if len(last) >= MIN_ENDING else NOTHING
            newest = nsmallest(limit, titles, key=self._archive.place_when_newest_first.__getitem__)
            return suggestions(before, words, map(self._archive.article, newest))

    def vocabulary(self) -> TermDictionary:
        """The archive's most frequent words."""
        with self._turn, translating_errors("reading the words of the archive"):
            return self._vocabulary

    def scan(self, request: SearchRequest) -> Iterator[Article]:
        """Every article that a request finds, in its order, read as they are taken; by relevance, the first 100,000."""
        with self._turn, translating_errors("searching"):
            matching = Matching(self._archive, request)
            documents = matching.documents()
            page = self._page(replace(request, page=1, after=None, per_page=max(1, len(documents))), matching, documents)
        for document, _ in page.found:
            with self._turn, translating_errors("reading articles"):
                article = self._archive.article(document)
            yield article

    def count(self) -> int:
        """The number of articles."""
        return len(self._archive.everything)

    def coverage(self, fields: Iterable[str]) -> Mapping[str, FieldStats]:
        """The metadata fields among these that any article has."""
        with self._turn, translating_errors("counting metadata fields"):
            values = {name: self._archive.values(name) for name in fields}
        return {name: FieldStats(len(frozenset().union(*of.values())), len(of)) for name, of in values.items() if of}

    @cached_property
    def _vocabulary(self) -> TermDictionary:
        counts = self._archive.counts("body_words").items()
        return TermDictionary(nsmallest(MAX_VOCABULARY, counts, key=_by_count))

    # Words

    def _articles_with(self, terms: Iterable[str]) -> Mapping[str, int]:
        return {term: len(self._archive.having_text(term)) for term in terms}

    def _beginning(self, field: str, prefix: str, limit: int) -> list[TermCount]:
        """The most frequent words of a field that begin so, and the number of articles that have each."""
        begin = sorted((each for each in self._archive.counts(field).items() if each[0].startswith(prefix)), key=_by_count)
        having = ((word, len(self._archive.having(field, word))) for word, _ in begin)
        return sorted(islice((counted for counted in having if counted[1]), limit), key=_by_count)

    def _titles(self, before: list[str], last: str) -> Documents:
        """Articles whose title has these words and one that begins so."""
        having = self._archive.having
        found = any_of(having("title_words", word) for word, _ in self._beginning("title_words", last, MAX_ENDINGS))
        return reduce(frozenset.intersection, (having("title_words", word) for word in before), found)

    # Orders

    def _page(self, request: SearchRequest, matching: Matching, documents: Documents) -> _Page:
        if request.sort == "relevance" and has_relevance(request.tree):
            offset = request.after.number if request.after else (request.page - 1) * request.per_page
            end = min(offset + request.per_page, MAX_RANK)
            ranked = Ranking(self._archive, matching, request.tree).ranked(documents)
            return _Page(list(ranked[offset:end]), After("rank", end) if end < min(len(ranked), MAX_RANK) else None)
        return self._dated_page(request, documents)

    def _dated_page(self, request: SearchRequest, documents: Documents) -> _Page:
        """By instant, then id; articles without a date come last in both orders, by id."""
        archive, oldest = self._archive, request.sort == "oldest"
        place = archive.place_when_oldest_first if oldest else archive.place_when_newest_first
        ordered = sorted(documents, key=place.__getitem__)
        instants = [archive.keys[document].instant for document in ordered]
        dated = len(instants) - instants.count(None)

        sign = 1 if oldest else -1

        def before(instant: int) -> int:
            """How many come before those of this instant."""
            return bisect_left(ordered, sign * instant, hi=dated, key=lambda each: sign * archive.instant(each))

        offset = (request.page - 1) * request.per_page
        if request.after is not None:
            starts = {"instant": before(request.after.instant), "undated": dated, "rank": 0}
            offset = starts[request.after.kind] + request.after.number
        end = offset + request.per_page
        shown = ordered[offset:end]
        if end >= len(ordered):
            return _Page([(document, None) for document in shown], None)
        last = instants[end - 1]
        following = After("undated", end - dated) if last is None else After("instant", end - before(last), last)
        return _Page([(document, None) for document in shown], following)


def _by_count(counted: TermCount) -> tuple[int, str]:
    return -counted[1], counted[0]
