"""The service: the one object that pages, API and commands ask. It knows the live generation and follows it."""

import gc
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from time import perf_counter

from searchsvc.api.cursors import MAX_NUMBER, cursor
from searchsvc.api.parameters import Pairs, ValueListing, read_question
from searchsvc.config import Settings
from searchsvc.engines.protocol import Engine
from searchsvc.engines.registry import backend_for
from searchsvc.errors import RECOVERY_ADVICE, EngineError, NoIndexError, NotFoundError, SearchsvcError
from searchsvc.index.generation import Generation, GenerationInfo
from searchsvc.index.store import GenerationStore
from searchsvc.model.article import METADATA, Article
from searchsvc.model.results import Hit, Results, Snippet, Suggestion
from searchsvc.query.ast import Term
from searchsvc.query.parser import Note
from searchsvc.query.request import MAX_DEPTH, MAX_QUERY, SearchRequest
from searchsvc.search.examples import Example, examples
from searchsvc.search.facet_values import FacetPage, facet_page
from searchsvc.search.question import Question
from searchsvc.search.suggestions import FEW, Clause, Correction, SearchHelp

MAX_SHOWN_FACETS = 8
_STAYS_SECONDS = 1.0
"""A generation that another follows sooner is not worth reading ahead: somebody is putting one article after the other."""

_ANY_WORDS = "no article has all of it; these have any of the words"
_CHANGED = "the archive has changed since the page before; articles may be missing between the two, or come twice"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Live:
    """A generation that answers, and gives advice."""

    generation: Generation
    info: GenerationInfo
    engine: Engine
    advisor: SearchHelp
    examples: Callable[[], tuple[Example, ...]]
    """Queries of the archive's own words, one for each operator; found when they are first asked for."""
    periods: Callable[[str], Mapping[str, int]]
    """How many articles of the whole archive each period has: the years, the months of a year, the days of a month."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A question, what was found, in which generation, and how long that took (milliseconds)."""

    question: Question
    results: Results
    live: Live
    took_ms: float
    any_words: bool = False
    """Whether nothing has all the words, so that these are the articles that have any of them."""
    correction: Correction | None = None
    clauses: tuple[Clause, ...] = ()
    """Where nothing was found: what each part of the search would find."""

    @property
    def timings(self) -> Mapping[str, float]:
        """How long each part of it took, in milliseconds; `help` is what was looked for where little was found."""
        parts = self.results.timings._asdict()
        return {"parse": self.question.parse_ms, **parts, "help": max(0.0, self.took_ms - sum(parts.values()))}

    @property
    def notes(self) -> tuple[Note, ...]:
        """What of the query was not taken as it stands, by its reader, the service or the engine."""
        own = [_ANY_WORDS] if self.any_words else []
        if self.question.generation not in ("", self.live.generation.name):
            own.append(_CHANGED)
        return (*self.question.notes, *map(Note, dict.fromkeys([*own, *self.results.notes])))

    @property
    def cursor(self) -> str | None:
        """What `cursor` has to be for the next page; None after the last."""
        after = self.results.next
        return cursor(after, self.live.generation.name) if after is not None and after.number <= MAX_NUMBER else None

    @property
    def pages(self) -> int:
        """The number of pages that the hits fill."""
        return -(-self.results.total // self.question.request.per_page)

    @property
    def last_page(self) -> int:
        """The last page that can be asked for: paging ends before the hits where there are very many."""
        return min(self.pages, MAX_DEPTH // self.question.request.per_page)


class SearchService:
    """Answers from the live generation. One for each process; safe to share between threads.

    One that reads ahead gets what some searches need, such as the words of the archive, as soon as there is a generation.
    """

    def __init__(self, settings: Settings, *, prewarm: bool = False) -> None:
        self.settings = settings
        self._prewarm = prewarm
        self.index = GenerationStore(settings.index)
        self._lock = threading.Lock()
        self._version: tuple[int, int] | None = None
        self._live: Live | None = None

    def live(self) -> Live:
        """The live generation, opened anew when another was published; raises NoIndexError where none can answer.

        Requests under way go on with the generation that they began with.
        """
        version = self.index.version()
        live = self._live
        if live is None or version != self._version:
            with self._lock:
                if self._live is None or version != self._version:
                    self._follow(version)
                live = self._live
        if live is None:
            raise NoIndexError(
                f"there is no index in {self.settings.index} yet: run `searchsvc reindex` to make one from "
                f"{self.settings.corpus}"
            )
        return live

    def ask(self, pairs: Pairs, *, strict: bool = True, choose_facets: bool = False) -> Question:
        """The question that parameters ask; raises UserError. Facets that help are counted where none are chosen."""
        info, begun = self.live().info, perf_counter()
        question = read_question(pairs, info.fields, strict=strict, choose_facets=choose_facets)
        question = replace(question, parse_ms=(perf_counter() - begun) * 1000)
        if question.request.facets:
            return question
        chosen = tuple(name for name in self.settings.facets if name in info.fields)
        facets = (*chosen, "date") if chosen else helpful_facets(info)
        return replace(question, request=replace(question.request, facets=facets))

    def search(self, question: Question) -> Answer:
        """The answer to a question; raises EngineError."""
        live = self.live()
        begun = perf_counter()
        results = live.engine.search(question.request)
        answer = Answer(question, results, live, 0.0)
        if results.total < FEW and question.text:
            answer = _advised(answer)
        return replace(answer, took_ms=(perf_counter() - begun) * 1000)

    def values(self, field: str, question: Question, listing: ValueListing) -> FacetPage:
        """A page of the values that a metadata field has among the hits; raises NotFoundError for an unknown field."""
        live = self.live()
        if field not in live.info.fields:
            raise NotFoundError(f"no article has the metadata field “{field[:200]}”")
        return facet_page(live.engine.values(question.request, field), *listing, question.request.page)

    def own_fields(self) -> list[str]:
        """The names of the metadata fields that are the archive's own, in the order of the alphabet."""
        return sorted(self.live().info.fields.keys() - set(METADATA))

    def every_hit(self, question: Question) -> Iterator[Article]:
        """The articles that a question finds, in its order, read as they are taken; by relevance, the first 100,000."""
        return self.live().engine.scan(question.request)

    def around(self, question: Question, number: int) -> tuple[Article | None, Article | None]:
        """The hits before and after the one of this number, counted from 1; None where there is none."""
        engine = self.live().engine
        request = replace(question.request, facets=(), per_page=1, after=None)

        def at(page: int) -> Article | None:
            hits = engine.search(replace(request, page=page)).hits if 1 <= page <= MAX_DEPTH else ()
            return hits[0].article if hits else None

        return at(number - 1), at(number + 1)

    def article(self, article_id: str) -> Article:
        """The article with this id; raises NotFoundError."""
        article = self.live().engine.get(article_id) if article_id else None
        if article is None:
            shown = article_id if len(article_id) <= 200 else f"{article_id[:200]}…"
            raise NotFoundError(f"there is no article with the id “{shown}”")
        return article

    def similar(self, article: Article, limit: int) -> tuple[Hit, ...]:
        """The articles most like this one."""
        return self.live().engine.similar(article, limit)

    def suggest(self, text: str, limit: int) -> list[Suggestion]:
        """Words and titles that a text which is being typed may become."""
        return self.live().engine.suggest(text[:MAX_QUERY], limit)

    def highlight(self, article: Article, question: Question) -> tuple[Snippet, Snippet]:
        """Title and body of an article, with what the question finds in them."""
        return self.live().engine.highlight(article, question.request)

    def rollback(self) -> Generation:
        """Make the last generation before the live one that is not damaged live again; raises UserError for none."""
        with self.index.write_lock():
            generation = self.index.rollback()
            kind = backend_for(generation.info().engine, self.settings)
            kind.on_publish(generation.engine, [each.engine for each in self.index.generations()])
        return generation

    def _follow(self, version: tuple[int, int] | None) -> None:
        """Open what is published now. A generation that cannot be opened is left to the one that answers already."""
        try:
            generation = self.index.live()
            live = _open(generation, self.settings) if generation is not None else None
        except SearchsvcError:
            if self._live is None:
                raise
            _log.exception("the new generation cannot be opened; going on with %s", self._live.generation.name)
            live = self._live
        before, self._live, self._version = self._live, live, version
        if self._prewarm and live is not None and live is not before:
            reading = threading.Timer(_STAYS_SECONDS if before else 0, self._warm_up, [live])
            reading.daemon = True
            reading.start()

    def _warm_up(self, live: Live) -> None:
        """Have read what the first search would have to wait for."""
        if self._live is not live:
            return
        try:
            for word, _ in live.engine.vocabulary().complete("", 1):
                live.engine.search(SearchRequest(Term(word), facets=helpful_facets(live.info)))
            gc.unfreeze()  # the generation before goes, with what refers to itself
            gc.collect()
            gc.freeze()  # what stays as long as the generation does is not gone through again by each full collection
        except SearchsvcError:  # who needs the words is told; the others need not wait for them
            _log.warning("%s cannot be read ahead", live.generation.name, exc_info=True)


def _advised(answer: Answer) -> Answer:
    """The answer with what helps where little or nothing was found."""
    question, engine, advisor = answer.question, answer.live.engine, answer.live.advisor
    answer = replace(answer, correction=advisor.correction(question, answer.results.total))
    if answer.results.total:
        return answer
    looser = advisor.relax(question)
    results = engine.search(looser) if looser is not None else answer.results
    if looser is not None and results.total:
        return replace(answer, question=replace(question, request=looser), results=results, any_words=True)
    return replace(answer, clauses=tuple(advisor.clauses(question)))


def _open(generation: Generation, settings: Settings) -> Live:
    info = generation.info()
    kind = backend_for(info.engine, settings)
    if info.schema != kind.schema:
        raise NoIndexError(
            f"the index {generation.folder} was made by another version of searchsvc (schema {info.schema}; this one "
            f"reads {kind.schema}): run `searchsvc reindex` to build it anew"
        )
    try:
        engine = kind.open(generation.engine, info.language)
    except EngineError as error:
        raise NoIndexError(f"the index {generation.folder} cannot be opened ({error}): {RECOVERY_ADVICE}") from error
    own_examples, periods = cache(partial(examples, engine, info)), lru_cache(maxsize=500)(partial(_periods, engine))
    return Live(generation, info, engine, SearchHelp(engine, info), own_examples, periods)


def _periods(engine: Engine, scope: str) -> Mapping[str, int]:
    request = SearchRequest(dates=(scope,) if scope else (), facets=("date",), per_page=1)
    (facet,) = engine.search(request).facets
    return {value.value: value.count for value in facet.values}


def helpful_facets(info: GenerationInfo) -> tuple[str, ...]:
    """The fields that help to narrow a search in this archive, at most eight, and the date.

    A field helps if it has several values, but not about as many as articles; of fields of the archive's own, those that
    more articles have come first.
    """
    known = [name for name in METADATA if name in info.fields and _varies(*info.fields[name])]
    own = [name for name, (articles, values) in info.fields.items() if 1 < values <= articles // 2 and name not in METADATA]
    own.sort(key=lambda name: (-info.fields[name][0], name))
    return (*[*known, *own][:MAX_SHOWN_FACETS], "date")


def _varies(articles: int, values: int) -> bool:
    return 1 < values < max(articles, 50)
