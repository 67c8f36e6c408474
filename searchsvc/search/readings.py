"""Looser readings of a search that finds little: a ladder of changed searches, each with the number of articles it finds.

The nearest come first: quotations in other forms, with one word changed, near each other and without quotation marks; then
words that begin so; the correction; a value of a field; and what is found without one of the clauses. None is without any.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING

from searchsvc.analysis.term_matching import normalize
from searchsvc.messages import Message
from searchsvc.model.results import Results
from searchsvc.query.ast import And, Field, MatchAll, Node, Phrase, Term, Wildcard, conjunction, replace_text
from searchsvc.query.parser import parse
from searchsvc.query.request import MAX_QUERY, SearchRequest
from searchsvc.search.corrections import Correction
from searchsvc.search.field_values import FieldValue, values_alike
from searchsvc.search.phrase_readings import (
    Change,
    in_other_forms,
    near_each_other,
    with_one_word_changed,
    with_tree,
    without_quotation_marks,
)
from searchsvc.search.question import Question

if TYPE_CHECKING:
    from searchsvc.search.searcher import Searcher

LITTLE = 5  # articles from which on a search needs no other reading
MAX_SECONDS = 0.03  # after which nothing more is counted
MAX_READINGS = 8
CORRECTION = Message("corrected spelling")
VALUE = Message("value of a field")
_MAX_WITHOUT = 12  # clauses that are left out in turn
_MIN_BEGINNING = 3  # letters of a word from which on words that begin so are looked for


@dataclass(frozen=True, slots=True)
class Reading:
    """A looser reading of a search, and the number of articles that it finds.

    `spans` are the characters of the question's text that differ from the quotation as typed.
    """

    question: Question
    why: str
    total: int
    spans: tuple[tuple[int, int], ...] = ()


def readings(
    searcher: "Searcher",
    question: Question,
    results: Results,
    correction: Correction | None = None,
    values: Sequence[FieldValue] = (),
) -> tuple[Reading, ...]:
    """Return looser readings of a search with few results, as many as can be counted in time."""
    total = results.total
    request = replace(question.request, page=1, after=None)
    asked = replace(question, request=request, by_cursor=False, generation="")
    ladder = _Ladder(searcher, total, monotonic() + MAX_SECONDS)
    found = ladder.quotations(asked)
    if not total or isinstance(request.tree, Term):
        found += ladder.counted(_words_that_begin_so(searcher, asked))
    if correction is not None and correction.total:
        found.append(Reading(correction.question, CORRECTION, correction.total))
    named = [(each.field, each.value) for each in values]
    found += ladder.counted(_in_fields(searcher, asked, named if named or total else values_alike(searcher, asked)))
    if not total and results.timings.hits / 1000 < MAX_SECONDS:  # without one of its clauses, it may take as long again
        found += ladder.counted(_without_a_clause(asked))
    return tuple(found[:MAX_READINGS])


class _Ladder:
    """Counts changed searches as long as time allows."""

    def __init__(self, searcher: "Searcher", total: int, deadline: float) -> None:
        self._searcher = searcher
        self._total = total
        self._deadline = deadline

    def quotations(self, asked: Question) -> list[Reading]:
        """Return the readings of exact phrases. Each one that is wider finds more than those before it."""
        forms = self.counted(in_other_forms(self._searcher, asked))
        changed = self.counted(with_one_word_changed(self._searcher, asked, self._deadline - MAX_SECONDS / 6))
        words = self.counted(without_quotation_marks(self._searcher, asked))
        has_time = monotonic() < self._deadline - MAX_SECONDS / 2  # for the one that takes longest
        near = _finding_more(self.counted(near_each_other(self._searcher, asked)), forms) if has_time else []
        return [*forms, *changed, *near, *_finding_more(words, [*forms, *near])]

    def counted(self, changes: Iterator[Change]) -> list[Reading]:
        """Return the changes that find more than the search, but not the whole archive."""
        return list(self._counted(changes))

    def _counted(self, changes: Iterator[Change]) -> Iterator[Reading]:
        while monotonic() < self._deadline and (change := next(changes, None)) is not None:
            question = change.question
            if _has_clauses(question.request) and len(question.text) <= MAX_QUERY:
                found = self._searcher.count(question.request)
                if self._total < found < self._searcher.info.articles:
                    yield Reading(question, change.why, found, change.spans)


def _finding_more(wider: Iterable[Reading], narrower: Sequence[Reading]) -> list[Reading]:
    most = max((each.total for each in narrower), default=0)
    return [each for each in wider if each.total > most]


def _has_clauses(request: SearchRequest) -> bool:
    has_filter = bool(request.filtered_fields or request.dates or request.start or request.end)
    return has_filter or not isinstance(request.tree, MatchAll)


def _words_that_begin_so(searcher: "Searcher", asked: Question) -> Iterator[Change]:
    """Yield the search with the words that no article has as prefixes, or its only word if hardly any article has that."""
    analyzer, count = searcher.analyzers.main, searcher.dictionary.count
    least = LITTLE if isinstance(asked.request.tree, Term) else 1

    def changed(leaf: Term | Phrase) -> Node:
        word = normalize(leaf.text, analyzer) if isinstance(leaf, Term) else ""
        prefix = Wildcard(f"{leaf.text}*")
        is_rare = len(word) >= _MIN_BEGINNING and count(word) < least
        return prefix if is_rare and parse(prefix.text).tree == prefix else leaf

    tree = replace_text(asked.request.tree, changed)
    if tree != asked.request.tree:
        yield Change(Message("words that begin with these letters"), with_tree(asked, tree))


def _in_fields(searcher: "Searcher", asked: Question, values: Iterable[tuple[str, str]]) -> Iterator[Change]:
    """Yield the search for each of these values of fields."""
    for name, value in values:
        tree = Field(name, Phrase(value))
        if parse(str(tree), searcher.fields).tree == tree:
            yield Change(VALUE, with_tree(asked, tree))


def _without_a_clause(asked: Question) -> Iterator[Change]:
    """Yield the search without each of its filters, and without each clause of the query unless it is the only one."""
    request = asked.request
    for name in request.filtered_fields:
        yield _with_request(asked, _without(_filters_of(name, request)), request.without_filter(name))
    if request.dates:
        yield _with_request(asked, _without(", ".join(request.dates)), replace(request, dates=()))
    if request.start or request.end:
        span = f"{request.start or ''}..{request.end or ''}"
        yield _with_request(asked, _without(span), replace(request, start=None, end=None))
    tree = request.tree
    nodes = tree.nodes[:_MAX_WITHOUT] if isinstance(tree, And) else ()
    for number, node in enumerate(nodes):
        rest = conjunction([*nodes[:number], *nodes[number + 1 :]])
        yield Change(_without(node), with_tree(asked, rest))


def _filters_of(name: str, request: SearchRequest) -> str:
    """Return the filters of a field as text."""
    kept = ", ".join(map(str, (*request.filters.get(name, ()), *request.ranges.get(name, ()))))
    excluded = ", ".join(map(str, request.excluded.get(name, ())))
    own, others = f"{name}: {kept}", f"{name}: {excluded}"
    if not excluded:
        return own
    if not kept:
        return Message("excluding %(filter)s", filter=others)
    return Message("%(filter)s and excluding %(excluded)s", filter=own, excluded=others)


def _without(part: object) -> Message:
    return Message("without %(part)s", part=part)


def _with_request(asked: Question, why: str, request: SearchRequest) -> Change:
    return Change(why, replace(asked, request=request))
