"""Help for people who search: completions, corrected words, looser queries, and the count of each clause."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, Literal

from searchsvc.analysis.analyzer import analyzer_for
from searchsvc.model.results import Suggestions, TermCount, TitleSuggestion
from searchsvc.query.ast import And, Field, MatchAll, Node, Phrase, Term, Wildcard, conjunction, replace_phrases
from searchsvc.query.letters import count_words
from searchsvc.query.parser import MAX_SLOPPY_WORDS, parse
from searchsvc.query.request import MAX_QUERY, SearchRequest
from searchsvc.search.question import Question

if TYPE_CHECKING:
    from searchsvc.search.searcher import Searcher

FEW = 20  # hits from which on no correction is suggested
# Slower searches get no help, and after so long no more is added: each part of it takes about as long as the search.
MAX_SECONDS = 0.5
NEAR = 5  # steps within which the words of a phrase that was not found are looked for
MAX_CLAUSES = 12  # clauses that are counted on their own
MIN_TITLE_PREFIX = 2  # letters from which on titles are suggested
MAX_ENDINGS = 20  # words that complete the last one in titles, the most frequent: more take longer than typing allows

_Part = Literal["query", "filter", "date", "from", "to"]


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a search that found nothing, the number of articles that match it, and the search without it."""

    text: str
    part: _Part
    field: str  # the metadata field of a filter
    total: int
    without: Question
    total_without: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A looser reading of a search whose exact phrases were not found, and the number of articles that it finds."""

    question: Question
    why: str
    total: int


class SearchHelp:
    """Helps with searches that found little or nothing in one snapshot."""

    def __init__(self, searcher: "Searcher") -> None:
        self._searcher = searcher
        self._analyzer = analyzer_for(searcher.info.language)

    def readings(self, question: Question, deadline: float) -> list[Reading]:
        """Return looser readings of the exact phrases of a search, nearest first, that find ever more articles."""
        found: dict[str, Reading] = {}
        for why in _BY_COST:
            tree = replace_phrases(question.request.tree, _LOOSER[why])
            if tree != question.request.tree and monotonic() < deadline:
                request = replace(question.request, tree=tree, page=1, after=None)
                total = self._searcher.count(request)
                found[why] = Reading(replace(question, text=str(tree), request=request), why, total)
        readings: list[Reading] = []
        for reading in (found[why] for why in _LOOSER if why in found):
            if reading.total > (readings[-1].total if readings else 0):
                readings.append(reading)
        return readings

    def clauses(self, question: Question, deadline: float) -> list[Clause]:
        """Return the clauses of a search with their counts, those of the query first, as many as time allows."""
        counted: list[Clause] = []
        for text, part, field, alone, without in islice(_clauses(question), MAX_CLAUSES):
            if monotonic() > deadline:
                break
            total, total_without = self._searcher.count(alone), self._searcher.count(without.request)
            counted.append(Clause(text, part, field, total, without, total_without))
        return counted


def _in_other_forms(phrase: Phrase) -> Node:
    return Phrase(phrase.text, 0) if phrase.slop is None else phrase


def _near(phrase: Phrase) -> Node:
    return Phrase(phrase.text, NEAR) if phrase.slop is None and 1 < count_words(phrase.text) <= MAX_SLOPPY_WORDS else phrase


def _as_words(phrase: Phrase) -> Node:
    words = (word for word in phrase.text.split() if any(map(str.isalnum, word)))
    return conjunction(map(_plain, words)) if phrase.slop is None else phrase


def _plain(word: str) -> Node:
    """Return a word of a phrase as a term, unless it would be read as something else."""
    return Term(word) if ":" not in word and parse(word).tree == Term(word) else Phrase(word, 0)


_LOOSER: Mapping[str, Callable[[Phrase], Node]] = {
    "in other forms": _in_other_forms,
    "near each other": _near,
    "without quotation marks": _as_words,
}
"""Changes of a phrase, nearest first, by what they are called."""
_BY_COST = ("in other forms", "without quotation marks", "near each other")


def _clauses(question: Question) -> Iterator[tuple[str, _Part, str, SearchRequest, Question]]:
    """Yield the text, part and field of each clause, the request for it alone, and the search without it."""
    request = replace(question.request, page=1, after=None)
    tree = request.tree
    nodes = tree.nodes if isinstance(tree, And) else () if isinstance(tree, MatchAll) else (tree,)
    for number, node in enumerate(nodes):
        rest = conjunction([*nodes[:number], *nodes[number + 1 :]])
        without = replace(question, text=str(rest), request=replace(request, tree=rest))
        yield str(node), "query", "", SearchRequest(node), without
    for name, values in request.filters.items():
        others = {other: kept for other, kept in request.filters.items() if other != name}
        without = replace(question, request=replace(request, filters=others))
        yield ", ".join(values), "filter", name, SearchRequest(filters={name: values}), without
    if request.dates:
        without = replace(question, request=replace(request, dates=()))
        yield ", ".join(request.dates), "date", "", SearchRequest(dates=request.dates), without
    if request.start or request.end:
        without = replace(question, request=replace(request, start=None, end=None))
        text = f"{request.start or ''}..{request.end or ''}"
        alone = SearchRequest(start=request.start, end=request.end)
        yield text, "from" if request.start else "to", "", alone, without


def suggest(searcher: "Searcher", text: str, limit: int) -> Suggestions:
    """Return up to `limit` words that complete the last one typed, and up to `limit` titles that contain every word."""
    *before, last = analyzer_for(searcher.info.language).tokens(unicodedata.normalize("NFC", text[:MAX_QUERY])) or [""]
    if not last:
        return Suggestions()
    words = searcher.dictionary.complete(last, limit)
    if len(words) < limit:  # the dictionary has frequent words only
        words = searcher.engine.terms(last, limit)
    completed = tuple(TermCount(" ".join([*before, word]), count) for word, count in words)
    if len(last) < MIN_TITLE_PREFIX:
        return Suggestions(completed)
    # A wildcard without * or ? matches the word as written.
    tree = Field("title", conjunction(map(Wildcard, [*before, f"{last}*"])))
    titles: dict[str, str] = {}
    request = SearchRequest(tree, sort="newest", per_page=limit, max_words=len(before) + MAX_ENDINGS)
    for article, _ in searcher.engine.search(request).articles:
        titles.setdefault(article.title, article.id)
    return Suggestions(completed, tuple(TitleSuggestion(title, article_id) for title, article_id in titles.items()))
