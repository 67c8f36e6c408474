"""A snapshot of the archive, from which one request answers everything that it is asked."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import cached_property, lru_cache, partial
from itertools import islice, pairwise
from threading import Lock
from time import perf_counter

from searchsvc.analysis.analyzer import Analyzers
from searchsvc.analysis.more_like_this import LEAST_LIKENESS, likeness, term_weights
from searchsvc.analysis.term_dictionary import MAX_WORDS, TermDictionary
from searchsvc.config import EMBEDDED
from searchsvc.engines.protocol import Engine
from searchsvc.errors import NoIndexError, NotFoundError
from searchsvc.highlight.highlighter import Highlighters
from searchsvc.index.generation import Generation, GenerationInfo
from searchsvc.index.stories import NO_STORIES, read_stories
from searchsvc.index.words import read_words
from searchsvc.messages import Message
from searchsvc.model.aliases import origins
from searchsvc.model.article import METADATA, Article
from searchsvc.model.languages import may_be_same
from searchsvc.model.periods import Unit
from searchsvc.model.results import Hit, Neighbours, Results, ScoredArticle, Snippet, Suggestions, Timings
from searchsvc.query.ast import Field, MatchAll, Node, Term
from searchsvc.query.parser import ParsedQuery, parse
from searchsvc.query.request import MAX_DEPTH, PAGE_FACET_VALUES, PAGE_SNIPPETS, SNIPPETS, Match, SearchRequest
from searchsvc.search.answer import Answer
from searchsvc.search.bursts import Burst, BurstReader
from searchsvc.search.catalogue import Catalogue
from searchsvc.search.completions import suggest
from searchsvc.search.concordance import ConcordanceReader
from searchsvc.search.corrections import correct
from searchsvc.search.default_facets import MANY_VALUES, MAX_DEFAULT_FACETS, helpful_facets, many_valued
from searchsvc.search.examples import Example, examples
from searchsvc.search.facet_values import FacetPage, FieldValues, Order
from searchsvc.search.field_values import values_named
from searchsvc.search.number_facets import NumberFacet, is_numeric, number_facet
from searchsvc.search.number_values import read_numbers, with_tree_values
from searchsvc.search.partial import any_words
from searchsvc.search.question import Question
from searchsvc.search.quotations import Quotation, QuotationCheck, check_quotation
from searchsvc.search.readings import LITTLE, readings
from searchsvc.search.remembered import Remembered, Scope
from searchsvc.search.story_reader import StoryReader
from searchsvc.search.synonym_file import SynonymFile
from searchsvc.search.trends import Per, Trends, TrendUnit, days_of, period_counts, trends

FEW = 20  # hits from which on no correction is suggested
MAX_SECONDS = 0.5  # of a search: slower ones get no help, since each part of it may take as long
_OF_FIRST_PAGES = ("sort", "versions", "per_page", "facets", "facet_values", "date_facet", "date_unit", "today", "snippets")
_MAX_FIRST_PAGES = 8  # of the whole archive, which are remembered: one for each order, size and choice of facets
_PREWARMED_WORDS = 500  # the most frequent, of which suggestions are prewarmed in about half a second
_SMALL = 1_000  # articles up to which a suggestion takes a millisecond or two, prewarmed or not
_SUGGESTED = 6  # words that the search box shows
_MAX_NUMBER_FIELDS = 16  # whose numbers are remembered
_MAX_FACTS = 1_000  # fields of which it is remembered whether they are numbers
_MAX_NUMBER_FACETS = 100  # that are remembered from one page of a search to the next
_MAX_ORIGINS = 8  # ids of which one id may be the alias: each is looked up


class Searcher:
    """Answers from one generation, whatever is published meanwhile. Thread-safe.

    Nothing that it has may refer to it. It is then freed with its last request: a cycle of references would keep its memory
    and its files until garbage is collected, which is after the next publication.
    """

    def __init__(
        self,
        generation: Generation,
        info: GenerationInfo,
        engine: Engine,
        facets: tuple[str, ...] = (),
        synonyms: SynonymFile | None = None,
    ) -> None:
        self.generation = generation
        self.info = info
        self.engine = engine
        self.fields = frozenset((*info.fields, *METADATA))  # known to a query, even those without a value here
        chosen = tuple(name for name in facets if name in info.fields)
        self.default_facets = chosen or helpful_facets(info)
        self._many_valued = () if chosen else many_valued(info)
        self.quick_facets = chosen or tuple(name for name in self.default_facets if info.fields[name][1] <= MANY_VALUES)
        self.periods = lru_cache(maxsize=500)(partial(_periods, engine))
        self.numbers = lru_cache(maxsize=_MAX_NUMBER_FIELDS)(partial(read_numbers, engine))
        self._first_pages: dict[tuple[object, ...], Results] = {}
        self._number_facets: dict[tuple[Node, Scope, str], NumberFacet] = {}
        self.analyzers = Analyzers(info.languages)
        self.stories = read_stories(generation) or NO_STORIES
        self.story_reader = StoryReader(engine, self.stories)
        self._synonyms = synonyms
        self.remembered = Remembered(engine, self.analyzers.main)
        self.concordances = ConcordanceReader(engine, self.analyzers)
        self._bursts = BurstReader(engine, self.analyzers)
        self.is_numeric = lru_cache(maxsize=_MAX_FACTS)(partial(is_numeric, self.remembered.values, info.fields))
        self._reading_terms = Lock()

    def search(self, question: Question, *, with_help: bool = True) -> Answer:
        """Answer a question, with help if it finds little. Raise EngineError if the engine fails."""
        begun = perf_counter()
        results = self._results_of(question.request)
        values = values_named(self, question) if with_help and question.request.page == 1 and not question.by_cursor else ()
        answer = Answer(question, results, self.generation.name, self.info, values=values)
        if with_help and answer.results.total < FEW and question.text and perf_counter() - begun < MAX_SECONDS:
            answer = self._with_help(answer)
        return replace(answer, took_ms=(perf_counter() - begun) * 1000)

    def parse(self, text: str, match: Match = "all") -> ParsedQuery:
        """Parse a query of this archive, and add the synonyms of its words."""
        parsed = parse(text, self.fields, match)
        if ".." in text:
            parsed = with_tree_values(parsed, self.numbers)
        return parsed if self._synonyms is None else self._synonyms.current().expand(parsed, match, self.fields)

    @property
    def synonyms_version(self) -> str:
        """Return a text that changes with the synonyms. They change without a new generation."""
        return "" if self._synonyms is None else self._synonyms.version

    def count(self, request: SearchRequest) -> int:
        return self.engine.count(request)

    def has_article(self, article_id: str) -> bool:
        """Return whether there is an article with this id or alias."""
        return self._article(article_id) is not None

    def article(self, article_id: str) -> Article:
        """Return the article with this id or alias. Raise NotFoundError if there is none."""
        article = self._article(article_id)
        if article is None:
            shown = article_id if len(article_id) <= 200 else f"{article_id[:200]}…"
            raise NotFoundError(Message("there is no article with the id “%(id)s”", id=shown))
        return article

    def _article(self, article_id: str) -> Article | None:
        return self.engine.get(article_id) or self._aliased(article_id) if article_id else None

    def _aliased(self, article_id: str) -> Article | None:
        """Return the article that had an alias as long as another one had its id. Return None if there is none."""
        for origin, path in islice(origins(article_id), _MAX_ORIGINS):
            article = self.engine.get(origin)
            if article is not None and article.path == path:
                return article
        return None

    def highlight(self, article: Article, question: Question) -> tuple[Snippet, Snippet]:
        """Return the whole title and body of an article with the matches of a question."""
        highlighter = Highlighters(question.request.tree, self.analyzers).of(article)
        return highlighter.title(article.title), highlighter.text(article.body)

    def similar(self, article: Article, limit: int) -> tuple[Hit, ...]:
        """Return up to `limit` articles that are like an article, best first.

        Those that only share a word are left out, and those in another language, which share names and numbers.
        """
        analyzer = self.analyzers.of(article)  # of similar articles, too, which are in the same language
        weights = partial(term_weights, analyzer=analyzer, count=self.dictionary.count, articles=self.info.articles)
        own, found = weights(article), self.engine.more_like(article, limit)
        readable = (each for each in found if may_be_same(article.language, each.article.language))
        alike = [each for each in readable if likeness(own, weights(each.article)) >= LEAST_LIKENESS]
        return tuple(self.hits(alike, MatchAll()))

    def neighbours(self, question: Question, number: int) -> Neighbours:
        """Return the hits before and after hit `number`, counted from 1, and the number of all hits."""
        request = replace(question.request, facets=(), date_facet=False, per_page=1, after=None)
        pages = (page for page in (number - 1, number + 1) if 1 <= page <= MAX_DEPTH)
        found = {page: self.story_reader.folded(replace(request, page=page)) for page in pages}
        hits = {page: each.page.articles[0].article for page, each in found.items() if each.page.articles}
        total = max((each.listed for each in found.values()), default=0)
        return Neighbours(hits.get(number - 1), hits.get(number + 1), total)

    def scan(self, question: Question) -> Iterator[Article]:
        """Yield every article that a question finds, in its order. If sorted by relevance, stop after 100,000."""
        return self.engine.scan(question.request)

    def updates(self, articles: Iterable[Article]) -> dict[str, int]:
        """Return when articles last changed, in seconds since 1970, by id, without those that have kept to their date.

        The dictionary is empty if this generation has been deleted meanwhile.
        """
        with suppress(NoIndexError, sqlite3.Error), self.generation.open_manifest() as manifest:
            return manifest.updates(article.id for article in articles)
        return {}

    @cached_property
    def catalogue(self) -> Catalogue:
        """All articles of the archive."""
        return Catalogue(self.generation, self.engine if self.info.engine in EMBEDDED else None)

    def facet_page(
        self, field: str, question: Question, prefix: str = "", order: Order = "count", letter: str = ""
    ) -> FacetPage:
        """Return a page of the values of a metadata field among the hits. Raise NotFoundError for an unknown field."""
        if field not in self.info.fields:
            raise NotFoundError(Message("no article has the metadata field “%(field)s”", field=field[:200]))
        request = question.request
        selected = request.filters.get(field, ())
        listed = self.remembered.field_values(request.tree, Scope.of(request.without_filter(field)), field)
        if not listed.has(selected):  # which are listed even if no hit has them
            listed = FieldValues(self.engine.facet(request, field))
        return listed.page(prefix, order, request.page, letter, selected)

    @cached_property
    def page_facets(self) -> tuple[str, ...]:
        """The facets of pages: those by default, and fields of so many numbers that only a histogram can show them."""
        return (*self.default_facets, *filter(self.is_numeric, self._many_valued))[:MAX_DEFAULT_FACETS]

    @cached_property
    def listed_facets(self) -> tuple[str, ...]:
        """The facets of pages whose values are listed: all but those of numbers."""
        return tuple(name for name in self.page_facets if not self.is_numeric(name))

    def number_facet(self, field: str, question: Question) -> NumberFacet:
        """Return the numbers of a numeric field among the hits. Raise EngineError."""
        scope = Scope.of(question.request.without_filter(field))
        key = question.request.tree, scope, field
        known = self._number_facets.get(key)  # other threads may forget it at any moment
        if known is None:
            known = number_facet(self, *key)
            if len(self._number_facets) >= _MAX_NUMBER_FACETS:
                self._number_facets.clear()
            self._number_facets[key] = known
        return known

    def period_counts(self, request: SearchRequest) -> Mapping[str, int]:
        """Return the number of hits in each period of the date facet."""
        return period_counts(self.engine, request)

    def trends(self, questions: Sequence[Question], unit: TrendUnit, per: Per = "archive") -> Trends:
        """Return how often several searches find something over time. Raise UserError if there are too many periods."""
        return trends(self, questions, unit, per)

    def explain(self, question: Question, period: str) -> Burst:
        """Return what is special about the hits of a period. Raise OverloadError if others take too long."""
        fields = dict.fromkeys((*self.listed_facets, *(name for name in METADATA if name in self.info.fields)))
        dictionary, articles = self.dictionary, self.info.articles
        return self._bursts.explain(question, days_of(period), fields, lambda word: dictionary.count(word) / articles)

    def suggest(self, text: str, limit: int, question: Question | None = None) -> Suggestions:
        """Return up to `limit` completions of a partly typed query of each kind, under the filters of a question."""
        return suggest(self, text, limit, question or Question())

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
        """Compute what the first visitor would wait for: the words and values of the archive, facets, and the examples."""
        for word, _ in self.dictionary.complete("", 1):
            request = SearchRequest(Term(word), facets=self.listed_facets, facet_values=PAGE_FACET_VALUES, date_facet=True)
            self.engine.search(request).facets()
        first_page = SearchRequest(facets=self.listed_facets, facet_values=PAGE_FACET_VALUES, date_facet=True)
        self._results_of(replace(first_page, snippets=PAGE_SNIPPETS))
        for name in {*self.page_facets} - {*self.listed_facets}:
            self.number_facet(name, Question())
        for name in self.default_facets:
            self.remembered.values(name)
        if self.info.engine in EMBEDDED:  # on a cluster, every word would be a request
            self._prewarm_suggestions()
        _ = self.examples

    def _prewarm_suggestions(self) -> None:
        """Look up the forms of frequent words, of which most suggestions consist, and what a first letter suggests."""
        number = _PREWARMED_WORDS if self.info.articles > _SMALL else 1
        words = sorted(word for word, _ in self.dictionary.complete("", number))
        for word in words:
            self.engine.count(SearchRequest(Field("title", Term(word))))  # in titles, because they have the fewest words
        for letter in dict.fromkeys(word[0] for word in words):
            self.suggest(letter, _SUGGESTED)

    def _results_of(self, request: SearchRequest) -> Results:
        """Return one page of hits. The first of the whole archive, where visitors arrive, is the same for a generation."""
        kind = {name: getattr(request, name) for name in _OF_FIRST_PAGES}
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
        folded = self.story_reader.folded(request)
        page = folded.page
        laps.append(perf_counter())
        hits = tuple(self.hits(page.articles, request.tree, request.snippets))
        if folded.found is not None:
            below = self.story_reader.others([hit.article for hit in hits], folded.found)
            hits = tuple(hit._replace(others=each) if each.number else hit for hit, each in zip(hits, below, strict=True))
        laps.append(perf_counter())
        facets = page.facets()
        laps.append(perf_counter())
        timings = Timings(*((end - begin) * 1000 for begin, end in pairwise(laps)))
        return Results(page.total, hits, facets.fields, facets.dates, page.next, page.notes, timings, folded.stories)

    def hits(self, found: Iterable[ScoredArticle], tree: Node, snippets: int = SNIPPETS) -> Iterator[Hit]:
        """Yield articles as hits of a query: with their titles highlighted, and with fragments of their bodies."""
        highlighters = Highlighters(tree, self.analyzers)
        for article, score in found:
            highlighter = highlighters.of(article)
            title, fragments = highlighter.title(article.title), highlighter.fragments(article.body, snippets)
            yield Hit(article, score, title, fragments, *self.stories.story_of(article.id))

    def _with_help(self, answer: Answer) -> Answer:
        """Add what helps if little or nothing was found: other articles, a correction, and looser readings."""
        question, total = answer.question, answer.results.total
        correction = correct(self, question, total) if not answer.values else None
        found = readings(self, question, answer.results, correction, answer.values) if total < LITTLE else ()
        return replace(answer, partial=self._partial(answer), correction=correction, readings=found)

    def _partial(self, answer: Answer) -> tuple[Hit, ...]:
        """Return the articles with most of the words that fill up the first page, without those that have all of them."""
        question, results = answer.question, answer.results
        missing = question.request.per_page - results.listed
        if missing <= 0 or question.request.page > 1 or question.by_cursor:
            return ()
        request = any_words(question, self.parse(question.text, "any").tree, self.analyzers)
        if request is None:
            return ()
        shown = {hit.article.id for hit in results.hits}
        if request.versions == "one":  # the other versions of a hit may have all of the words
            shown.update(each for hit in results.hits if hit.others.number for each in self.story_reader.ids(hit.article))
        others = (each for each in self.story_reader.folded(request).page.articles if each.article.id not in shown)
        return tuple(self.hits(islice(others, missing), request.tree, request.snippets))

    @cached_property
    def _dictionary(self) -> TermDictionary:
        words = read_words(self.generation)
        return TermDictionary(words.items() if words is not None else self.engine.terms("", MAX_WORDS))


def _periods(
    engine: Engine, scope: str, unit: Unit | None = None, start: date | None = None, end: date | None = None
) -> Mapping[str, int]:
    """Return the number of articles of the archive in each year, in each month or day of a period, or by a unit.

    They are those between two days, both included, if these are given.
    """
    return period_counts(engine, SearchRequest(dates=(scope,) if scope else (), start=start, end=end, date_unit=unit))
