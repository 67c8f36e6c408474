"""Help for people who search: completions, corrected words, looser queries, and the count of each clause."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, Literal

from searchsvc.analysis.analyzer import analyzer_for
from searchsvc.analysis.query_terms import extract_terms
from searchsvc.analysis.term_matching import normalize
from searchsvc.analysis.tokenizer import token_pattern
from searchsvc.model.article import METADATA
from searchsvc.model.results import Suggestions, TermCount, TitleSuggestion
from searchsvc.query.ast import And, Field, MatchAll, Node, Wildcard, conjunction
from searchsvc.query.parser import parse
from searchsvc.query.request import MAX_QUERY, SearchRequest
from searchsvc.search.question import Question

if TYPE_CHECKING:
    from searchsvc.search.searcher import Searcher

FEW = 20
"""Hits from which on no correction is suggested."""
CLEARLY_MORE = 5
"""Factor by which a suggested word must be more frequent, and a suggested query must find more."""
MAX_SECONDS = 0.5
"""Time after which no further clause is counted."""
MAX_CLAUSES = 12
"""Clauses that are counted on their own."""
MIN_TITLE_PREFIX = 2
"""Letters from which on titles are suggested."""

_Part = Literal["query", "filter", "date", "from", "to"]


@dataclass(frozen=True, slots=True)
class Correction:
    """The query with its misspelt words corrected, and the number of articles that it finds."""

    question: Question
    total: int


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a search that found nothing: `total` articles match it, and `total_without` match the search without it.

    `part` is the kind of the clause, and `field` the metadata field of a filter. `without` is the search without it.
    """

    text: str
    part: _Part
    field: str
    total: int
    without: Question
    total_without: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A clause that is not counted yet: the request for it alone, and the search without it."""

    text: str
    part: _Part
    alone: SearchRequest
    without: Question
    field: str = ""


class SearchHelp:
    """Helps with searches that found little or nothing in one snapshot."""

    def __init__(self, searcher: "Searcher") -> None:
        self._searcher = searcher
        self._fields = {*searcher.info.fields, *METADATA}
        self._analyzer = analyzer_for(searcher.info.language)

    def relax(self, question: Question) -> SearchRequest | None:
        """Return the same request for any of its words, or None if it is no different."""
        tree = parse(question.text, self._fields, "any").tree
        return replace(question.request, tree=tree) if question.match == "all" and tree != question.request.tree else None

    def correction(self, question: Question, total: int) -> Correction | None:
        """Return the query with misspelt words corrected. Return None unless that finds clearly more than `total`."""
        terms = extract_terms(question.request.tree, self._analyzer)
        words = {*terms.title.words, *terms.body.words}
        corrected = {word: better for word in words if (better := self._corrected_word(word)) is not None}
        if not corrected:
            return None

        def replacement(found: re.Match[str]) -> str:
            return corrected.get(normalize(found[0], self._analyzer), found[0])

        other = self._with_text(question, token_pattern(question.text).sub(replacement, question.text))
        count = self._searcher.count(other.request)
        if not count and (relaxed := self.relax(other)) is not None:
            count = self._searcher.count(relaxed)
        return Correction(other, count) if count >= max(1, CLEARLY_MORE * total) else None

    def clauses(self, question: Question) -> list[Clause]:
        """Return the clauses of a search with their counts, those of the query first, as many as half a second allows."""
        counted: list[Clause] = []
        deadline = monotonic() + MAX_SECONDS
        for each in islice(_clauses(question), MAX_CLAUSES):
            if monotonic() > deadline:
                break
            total, total_without = self._searcher.count(each.alone), self._searcher.count(each.without.request)
            counted.append(Clause(each.text, each.part, each.field, total, each.without, total_without))
        return counted

    def _corrected_word(self, word: str) -> str | None:
        dictionary = self._searcher.dictionary
        return dictionary.correct_spelling(word, max(1, CLEARLY_MORE * dictionary.count(word)))

    def _with_text(self, question: Question, text: str) -> Question:
        """Return the same search for another text, on its first page."""
        parsed = parse(text, self._fields, question.match)
        request = replace(question.request, tree=parsed.tree, page=1, after=None)
        return replace(question, text=text, notes=parsed.notes, request=request)


def _clauses(question: Question) -> Iterator[_Candidate]:
    request = replace(question.request, page=1, after=None)
    yield from _query_clauses(question, request)
    for name, values in request.filters.items():
        others = {other: kept for other, kept in request.filters.items() if other != name}
        without = replace(question, request=replace(request, filters=others))
        yield _Candidate(", ".join(values), "filter", SearchRequest(filters={name: values}), without, name)
    if request.dates:
        without = replace(question, request=replace(request, dates=()))
        yield _Candidate(", ".join(request.dates), "date", SearchRequest(dates=request.dates), without)
    if request.start or request.end:
        without = replace(question, request=replace(request, start=None, end=None))
        text = f"{request.start or ''}..{request.end or ''}"
        alone = SearchRequest(start=request.start, end=request.end)
        yield _Candidate(text, "from" if request.start else "to", alone, without)


def _query_clauses(question: Question, request: SearchRequest) -> Iterator[_Candidate]:
    nodes = _nodes(request.tree)
    for number, node in enumerate(nodes):
        rest = conjunction([*nodes[:number], *nodes[number + 1 :]])
        without = replace(question, text=str(rest), request=replace(request, tree=rest))
        yield _Candidate(str(node), "query", SearchRequest(node), without)


def _nodes(tree: Node) -> tuple[Node, ...]:
    if isinstance(tree, And):
        return tree.nodes
    return () if isinstance(tree, MatchAll) else (tree,)


def suggest(searcher: "Searcher", text: str, limit: int) -> Suggestions:
    """Return completions of a partly typed query.

    Up to `limit` words complete the last one typed, by document frequency. Up to `limit` titles contain every word,
    newest first. Return empty suggestions if the text has no word.
    """
    *before, last = analyzer_for(searcher.info.language).tokens(text[:MAX_QUERY]) or [""]
    if not last:
        return Suggestions()
    words = searcher.dictionary.complete(last, limit)
    if len(words) < limit:  # the dictionary has frequent words only
        words = searcher.engine.terms(last, limit)
    completed = tuple(TermCount(" ".join([*before, word]), count) for word, count in words)
    titles = _titles(searcher, before, last, limit) if len(last) >= MIN_TITLE_PREFIX else {}
    return Suggestions(completed, tuple(TitleSuggestion(title, article_id) for title, article_id in titles.items()))


def _titles(searcher: "Searcher", before: list[str], last: str, limit: int) -> dict[str, str]:
    """Return the titles with these words and one that begins with `last`, each once, with an article's id."""
    words = [*map(Wildcard, before), Wildcard(f"{last}*")]  # a wildcard without * or ? matches the word as written
    tree = Field("title", conjunction(list(words)))
    found: dict[str, str] = {}
    for each in searcher.engine.search(SearchRequest(tree, sort="newest", per_page=limit)).articles:
        found.setdefault(each.article.title, each.article.id)
    return found
