"""Help when a search goes wrong: which words were meant, which clause is to blame, and what any of the words would find."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from time import monotonic

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.query_terms import extract_words
from searchsvc.analysis.term_matching import normalize
from searchsvc.analysis.tokenizer import token_pattern
from searchsvc.api.parameters import parameter
from searchsvc.engines.protocol import Engine
from searchsvc.index.generation import GenerationInfo
from searchsvc.model.article import METADATA
from searchsvc.query.ast import TEXT_FIELDS, And, MatchAll, Node, conjunction
from searchsvc.query.parser import parse
from searchsvc.query.request import SearchRequest
from searchsvc.search.question import Question

FEW = 20
"""Hits from which on nobody is asked whether something else was meant."""
CLEARLY_MORE = 5
"""How many times as many articles a suggestion has to find, and a word to be in, as what was typed."""
MAX_SECONDS = 0.5
"""After as long, no further clause is counted."""
MAX_CLAUSES = 12
"""Clauses that are counted on their own."""


@dataclass(frozen=True, slots=True)
class Correction:
    """The query as it may have been meant, and how many articles that finds."""

    question: Question
    total: int


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a search that found nothing: how many articles have it, and how many the search finds without it.

    `parameter` is the one that the clause is part of; `without` is the search that leaves it out.
    """

    text: str
    parameter: str
    total: int
    without: Question
    total_without: int


class SearchHelp:
    """Gives advice on questions to one generation."""

    def __init__(self, engine: Engine, info: GenerationInfo) -> None:
        self._engine = engine
        self._fields = {*info.fields, *METADATA}
        self._analyzer = Analyzer(info.language)

    def relax(self, question: Question) -> SearchRequest | None:
        """The same request for any of its words; None where that is no other."""
        tree = parse(question.text, self._fields, "any").tree
        return replace(question.request, tree=tree) if question.match == "all" and tree != question.request.tree else None

    def correction(self, question: Question, total: int) -> Correction | None:
        """The query with its misspelt words mended from the archive's own; None unless that finds clearly more."""
        words = {word for field in TEXT_FIELDS for word in extract_words(question.request.tree, field, self._analyzer)}
        mended = {word: better for word in words if (better := self._mended(word)) is not None}
        if not mended:
            return None
        text = token_pattern(question.text).sub(
            lambda found: mended.get(normalize(found[0], self._analyzer), found[0]), question.text
        )
        corrected = self._asking(question, text)
        found = self._engine.total(corrected.request)
        if not found and (looser := self.relax(corrected)) is not None:
            found = self._engine.total(looser)
        return Correction(corrected, found) if found >= max(1, CLEARLY_MORE * total) else None

    def clauses(self, question: Question) -> list[Clause]:
        """Every clause of a search with its counts, the query's first; as many as half a second is enough for."""
        counted: list[Clause] = []
        over = monotonic() + MAX_SECONDS
        for text, name, alone, without in islice(self._parts(question), MAX_CLAUSES):
            if monotonic() > over:
                break
            total, total_without = self._engine.total(alone), self._engine.total(without.request)
            counted.append(Clause(text, name, total, without, total_without))
        return counted

    def _mended(self, word: str) -> str | None:
        vocabulary = self._engine.vocabulary()
        return vocabulary.correct_spelling(word, max(1, CLEARLY_MORE * vocabulary.count(word)))

    def _asking(self, question: Question, text: str) -> Question:
        """The same search for another text, from its first page on."""
        parsed = parse(text, self._fields, question.match)
        request = replace(question.request, tree=parsed.tree, page=1, after=None)
        return replace(question, text=text, notes=parsed.notes, request=request)

    def _parts(self, question: Question) -> Iterator[tuple[str, str, SearchRequest, Question]]:
        """Each clause: its text, its parameter, the request for it alone, and the search without it."""
        request = replace(question.request, page=1, after=None)
        nodes = _nodes(request.tree)
        for number, node in enumerate(nodes):
            rest = conjunction([*nodes[:number], *nodes[number + 1 :]])
            without = replace(question, text=str(rest), request=replace(request, tree=rest))
            yield str(node), "q", SearchRequest(node), without
        for name, values in request.filters.items():
            others = {other: kept for other, kept in request.filters.items() if other != name}
            alone = SearchRequest(filters={name: values})
            yield ", ".join(values), parameter(name), alone, replace(question, request=replace(request, filters=others))
        if request.dates:
            without = replace(question, request=replace(request, dates=()))
            yield ", ".join(request.dates), "date", SearchRequest(dates=request.dates), without
        if request.start or request.end:
            alone = SearchRequest(start=request.start, end=request.end)
            without = replace(question, request=replace(request, start=None, end=None))
            yield f"{request.start or ''}..{request.end or ''}", "from" if request.start else "to", alone, without


def _nodes(tree: Node) -> tuple[Node, ...]:
    if isinstance(tree, And):
        return tree.nodes
    return () if isinstance(tree, MatchAll) else (tree,)
