"""The service: the one object that pages, API and commands ask. It knows the live generation and follows it."""

import logging
import threading
from dataclasses import dataclass, replace
from time import perf_counter

from searchsvc.address import MAX_DEPTH, MAX_NUMBER, MAX_QUERY, Pairs, Question, cursor, read_question
from searchsvc.advice import FEW, Advisor, Clause, Correction
from searchsvc.config import Settings
from searchsvc.engines import Engine, engine_kind
from searchsvc.errors import EngineError, NoIndexError, NotFoundError, SearchsvcError
from searchsvc.index import WAYS_OUT, Generation, GenerationInfo, IndexFolder
from searchsvc.model import METADATA, Article, Hit, Results, Snippet, Suggestion
from searchsvc.query import Note

MAX_SHOWN_FACETS = 8

_ANY_WORDS = "no article has all of it; these have any of the words"
_CHANGED = "the archive has changed since the page before; articles may be missing between the two, or come twice"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Live:
    """A generation that answers, and gives advice."""

    generation: Generation
    info: GenerationInfo
    engine: Engine
    advisor: Advisor


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
    """Answers from the live generation. One for each process; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.index = IndexFolder(settings.index)
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._live: Live | None = None

    def live(self) -> Live:
        """The live generation, opened anew when another was published; raises NoIndexError where none can answer.

        Requests under way go on with the generation that they began with.
        """
        stamp = self.index.stamp()
        live = self._live
        if live is None or stamp != self._stamp:
            with self._lock:
                if self._live is None or stamp != self._stamp:
                    self._follow(stamp)
                live = self._live
        if live is None:
            raise NoIndexError(
                f"there is no index in {self.settings.index} yet: run `searchsvc reindex` to make one from "
                f"{self.settings.corpus}"
            )
        return live

    def ask(self, pairs: Pairs, *, strict: bool = True, choose_facets: bool = False) -> Question:
        """The question that parameters ask; raises UserError. Facets that help are counted where none are chosen."""
        info = self.live().info
        question = read_question(pairs, info.fields, strict=strict, choose_facets=choose_facets)
        if question.request.facets:
            return question
        return replace(question, request=replace(question.request, facets=helpful_facets(info)))

    def search(self, question: Question) -> Answer:
        """The answer to a question; raises EngineError."""
        live = self.live()
        begun = perf_counter()
        results = live.engine.search(question.request)
        answer = Answer(question, results, live, 0.0)
        if results.total < FEW and question.text:
            answer = _advised(answer)
        return replace(answer, took_ms=(perf_counter() - begun) * 1000)

    def article(self, article_id: str) -> Article:
        """The article with this id; raises NotFoundError."""
        article = self.live().engine.get(article_id) if article_id else None
        if article is None:
            shown = article_id if len(article_id) <= 200 else f"{article_id[:200]}…"
            raise NotFoundError(f"there is no article with the id “{shown}”")
        return article

    def similar(self, article_id: str, limit: int) -> tuple[Hit, ...]:
        """The articles most like this one; raises NotFoundError."""
        return self.live().engine.similar(self.article(article_id), limit)

    def suggest(self, text: str, limit: int) -> list[Suggestion]:
        """Words and titles that a text which is being typed may become."""
        return self.live().engine.suggest(text[:MAX_QUERY], limit)

    def highlight(self, article: Article, question: Question) -> tuple[Snippet, Snippet]:
        """Title and body of an article, with what the question finds in them."""
        return self.live().engine.highlight(article, question.request)

    def rollback(self) -> Generation:
        """Make the last generation before the live one that is not damaged live again; raises UserError for none."""
        with self.index.writing():
            return self.index.rollback()

    def _follow(self, stamp: tuple[int, int] | None) -> None:
        """Open what is published now. A generation that cannot be opened is left to the one that answers already."""
        try:
            generation = self.index.live()
            live = _open(generation) if generation is not None else None
        except SearchsvcError:
            if self._live is None:
                raise
            _log.exception("the new generation cannot be opened; going on with %s", self._live.generation.name)
            live = self._live
        self._live, self._stamp = live, stamp


def _advised(answer: Answer) -> Answer:
    """The answer with what helps where little or nothing was found."""
    question, engine, advisor = answer.question, answer.live.engine, answer.live.advisor
    answer = replace(answer, correction=advisor.correction(question, answer.results.total))
    if answer.results.total:
        return answer
    looser = advisor.any_words(question)
    results = engine.search(looser) if looser is not None else answer.results
    if looser is not None and results.total:
        return replace(answer, question=replace(question, request=looser), results=results, any_words=True)
    return replace(answer, clauses=tuple(advisor.clauses(question)))


def _open(generation: Generation) -> Live:
    info = generation.info()
    kind = engine_kind(info.engine)
    if info.schema != kind.schema:
        raise NoIndexError(
            f"the index {generation.folder} was made by another version of searchsvc (schema {info.schema}; this one "
            f"reads {kind.schema}): run `searchsvc reindex` to build it anew"
        )
    try:
        engine = kind.open(generation.engine, info.language)
    except EngineError as error:
        raise NoIndexError(f"the index {generation.folder} cannot be opened ({error}): {WAYS_OUT}") from error
    return Live(generation, info, engine, Advisor(engine, info))


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
