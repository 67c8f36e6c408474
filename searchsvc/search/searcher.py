"""A snapshot of the archive, from which one request answers everything that it is asked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property, lru_cache, partial
from itertools import islice, pairwise
from threading import Lock
from time import monotonic, perf_counter

from searchsvc.analysis.analyzer import analyzer_for
from searchsvc.analysis.term_dictionary import MAX_WORDS, TermDictionary
from searchsvc.engines.protocol import Engine
from searchsvc.errors import NotFoundError
from searchsvc.highlight.highlighter import Highlighter
from searchsvc.index.generation import Generation, GenerationInfo
from searchsvc.index.words import read_words
from searchsvc.model.aliases import origins
from searchsvc.model.article import METADATA, Article
from searchsvc.model.results import Hit, Results, ScoredArticle, Snippet, Suggestions, Timings
from searchsvc.query.ast import MatchAll, Node, Term
from searchsvc.query.request import MAX_DEPTH, PAGE_FACET_VALUES, SearchRequest
from searchsvc.search.answer import Answer
from searchsvc.search.examples import Example, examples
from searchsvc.search.facet_values import FacetPage, Order, facet_page
from searchsvc.search.question import Question
from searchsvc.search.quotations import Quotation, QuotationCheck, check_quotation
from searchsvc.search.suggestions import FEW, MAX_SECONDS, SearchHelp, suggest

_MAX_FIRST_PAGES = 8  # of the whole archive, which are remembered: one for each order, size and choice of facets
MANY_VALUES = 5_000  # of a field that programs are told of only if they ask for it: counting takes as long as the search
_MAX_ORIGINS = 8  # ids of which one id may be the alias: each is looked up


class Searcher:
    """Answers from one generation, whatever is published meanwhile. Thread-safe.

    Nothing that it has may refer to it. It is then freed with its last request: a cycle of references would keep its memory
    and its files until garbage is collected, which is after the next publication.
    """

    def __init__(self, generation: Generation, info: GenerationInfo, engine: Engine, facets: tuple[str, ...] = ()) -> None:
        self.generation = generation
        self.info = info
        self.engine = engine
        self.fields = frozenset((*info.fields, *METADATA))  # known to a query, even those without a value here
        chosen = tuple(name for name in facets if name in info.fields)
        self.default_facets = chosen or _helpful_facets(info)
        self.quick_facets = chosen or tuple(name for name in self.default_facets if info.fields[name][1] <= MANY_VALUES)
        self.periods = lru_cache(maxsize=500)(partial(_periods, engine))
        self._first_pages: dict[tuple[object, ...], Results] = {}
        self._analyzer = analyzer_for(info.language)
        self._reading_terms = Lock()

    def search(self, question: Question) -> Answer:
        """Answer a question. Raise EngineError if the engine fails."""
        begun = perf_counter()
        answer = Answer(question, self._results_of(question.request), self.generation.name, self.info)
        if answer.results.total < FEW and question.text and perf_counter() - begun < MAX_SECONDS:
            answer = self._with_help(answer)
        return replace(answer, took_ms=(perf_counter() - begun) * 1000)

    def count(self, request: SearchRequest) -> int:
        return self.engine.count(request)

    def article(self, article_id: str) -> Article:
        """Return the article with this id or alias. Raise NotFoundError if there is none."""
        article = self.engine.get(article_id) or self._aliased(article_id) if article_id else None
        if article is None:
            shown = article_id if len(article_id) <= 200 else f"{article_id[:200]}…"
            raise NotFoundError(f"there is no article with the id “{shown}”")
        return article

    def _aliased(self, article_id: str) -> Article | None:
        """Return the article that had an alias as long as another one had its id. Return None if there is none."""
        for origin, path in islice(origins(article_id), _MAX_ORIGINS):
            article = self.engine.get(origin)
            if article is not None and article.path == path:
                return article
        return None

    def highlight(self, article: Article, question: Question) -> tuple[Snippet, Snippet]:
        """Return the whole title and body of an article with the matches of a question."""
        highlighter = Highlighter(question.request.tree, self._analyzer)
        return highlighter.title(article.title), highlighter.text(article.body)

    def similar(self, article: Article, limit: int) -> tuple[Hit, ...]:
        return tuple(self._hits(self.engine.more_like(article, limit), MatchAll()))

    def neighbours(self, question: Question, number: int) -> tuple[Article | None, Article | None]:
        """Return the hits before and after hit `number`, counted from 1. Each is None if there is no such hit."""
        request = replace(question.request, facets=(), date_facet=False, per_page=1, after=None)

        def at(page: int) -> Article | None:
            articles = self.engine.search(replace(request, page=page)).articles if 1 <= page <= MAX_DEPTH else ()
            return articles[0].article if articles else None

        return at(number - 1), at(number + 1)

    def scan(self, question: Question) -> Iterator[Article]:
        """Yield every article that a question finds, in its order. If sorted by relevance, stop after 100,000."""
        return self.engine.scan(question.request)

    def facet_page(self, field: str, question: Question, prefix: str = "", order: Order = "count") -> FacetPage:
        """Return a page of the values of a metadata field among the hits. Raise NotFoundError for an unknown field."""
        if field not in self.info.fields:
            raise NotFoundError(f"no article has the metadata field “{field[:200]}”")
        return facet_page(self.engine.facet(question.request, field), prefix, order, question.request.page)

    def suggest(self, text: str, limit: int) -> Suggestions:
        """Return up to `limit` completions of the last word typed, and up to `limit` titles with every word."""
        return suggest(self, text, limit)

    def check_quotation(self, quotation: Quotation) -> QuotationCheck:
        """Return what the archive has of a quotation. Raise UserError if it has too few or too many words."""
        return check_quotation(self, quotation)

    @property
    def dictionary(self) -> TermDictionary:
        with self._reading_terms:  # concurrent requests wait instead of reading the words too
            return self._dictionary

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        return examples(self.engine, self.info)

    def own_fields(self) -> list[str]:
        """Return the names of the metadata fields that only this archive has, sorted."""
        return sorted(self.info.fields.keys() - set(METADATA))

    def prewarm(self) -> None:
        """Compute what the first visitor would wait for: the words of the archive, facets, and the examples."""
        for word, _ in self.dictionary.complete("", 1):
            request = SearchRequest(Term(word), facets=self.default_facets, facet_values=PAGE_FACET_VALUES, date_facet=True)
            self.engine.search(request).facets()
        self._results_of(SearchRequest(facets=self.default_facets, facet_values=PAGE_FACET_VALUES, date_facet=True))
        _ = self.examples

    def _results_of(self, request: SearchRequest) -> Results:
        """Return one page of hits. The first of the whole archive, where visitors arrive, is the same for a generation."""
        kind = {name: getattr(request, name) for name in ("sort", "per_page", "facets", "facet_values", "date_facet")}
        if request != SearchRequest(**kind):
            return self._results(request)
        key = tuple(kind.values())
        known = self._first_pages.get(key)  # other threads may forget it at any moment
        if known is not None:
            return replace(known, timings=Timings())
        if len(self._first_pages) >= _MAX_FIRST_PAGES:
            self._first_pages.clear()
        self._first_pages[key] = results = self._results(request)
        return results

    def _results(self, request: SearchRequest) -> Results:
        laps = [perf_counter()]
        page = self.engine.search(request)
        laps.append(perf_counter())
        hits = tuple(self._hits(page.articles, request.tree))
        laps.append(perf_counter())
        facets = page.facets()
        laps.append(perf_counter())
        timings = Timings(*((end - begin) * 1000 for begin, end in pairwise(laps)))
        return Results(page.total, hits, facets.fields, facets.dates, page.next, page.notes, timings)

    def _hits(self, found: Iterable[ScoredArticle], tree: Node) -> Iterator[Hit]:
        highlighter = Highlighter(tree, self._analyzer)
        for article, score in found:
            yield Hit(article, score, highlighter.title(article.title), highlighter.fragments(article.body))

    def _with_help(self, answer: Answer) -> Answer:
        """Add what helps if little or nothing was found: a correction, looser readings or results, or what clauses find."""
        question, help_, deadline = answer.question, SearchHelp(self), monotonic() + MAX_SECONDS
        answer = replace(answer, correction=help_.correction(question, answer.results.total))
        if answer.results.total or monotonic() > deadline:
            return answer
        answer = replace(answer, readings=tuple(help_.readings(question, deadline)))
        relaxed = help_.relax(question)
        if relaxed is not None and (results := self._results(relaxed)).total:
            return replace(answer, question=replace(question, request=relaxed), results=results, any_words=True)
        return replace(answer, clauses=tuple(help_.clauses(question, deadline)))

    @cached_property
    def _dictionary(self) -> TermDictionary:
        words = read_words(self.generation)
        return TermDictionary(words.items() if words is not None else self.engine.terms("", MAX_WORDS))


def _periods(engine: Engine, scope: str) -> Mapping[str, int]:
    """Return the number of articles of the whole archive in each year, or in each month or day of a period."""
    request = SearchRequest(dates=(scope,) if scope else (), date_facet=True, per_page=1)
    dates = engine.search(request).facets().dates
    return {value.value: value.count for value in dates.values} if dates else {}


def _helpful_facets(info: GenerationInfo) -> tuple[str, ...]:
    """Return up to eight fields with several values, but fewer than articles. The most frequent own fields come first."""
    known = [name for name in METADATA if name in info.fields and 1 < info.fields[name][1] < max(info.fields[name][0], 50)]
    own = [name for name, (articles, values) in info.fields.items() if 1 < values <= articles // 2 and name not in METADATA]
    own.sort(key=lambda name: (-info.fields[name][0], name))
    return (*known, *own)[:8]
