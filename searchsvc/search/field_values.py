"""Values of metadata fields that a whole query names: “Tobias Renn” is an author."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from heapq import nsmallest
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from searchsvc.analysis.term_dictionary import LONG_WORD, MIN_LETTERS
from searchsvc.model.article import METADATA
from searchsvc.query.ast import And, Field, MatchAll, Node, Phrase, Term, disjunction
from searchsvc.query.request import FACET_VALUES, SearchRequest
from searchsvc.search.facet_values import folded
from searchsvc.search.question import Question
from searchsvc.search.remembered import Value

if TYPE_CHECKING:
    from searchsvc.search.searcher import Searcher

MAX_VALUES = 5
MAX_FIELDS = 20  # fields that are looked at: those with an attribute of their own, then the most frequent ones
MAX_WORDS = 12  # words of a query that may be a value
MAX_ALIKE = 3


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A value of a field, the search for it under the same filters, and the number of articles that it finds."""

    field: str
    value: str
    question: Question
    total: int


def values_named(searcher: "Searcher", question: Question) -> tuple[FieldValue, ...]:
    """Return the values that consist of the words of a query, whatever their case and accents, most frequent first.

    A name of two words may be in either order.
    """
    text = _plain_text(question)
    words = tuple(searcher.analyzers.main.tokens(text)) if text else ()
    if not 0 < len(words) <= MAX_WORDS:
        return ()
    trees = {name: _naming(name, words) for name in _fields(searcher) if name not in question.request.filtered_fields}
    request = replace(
        question.request, tree=disjunction(trees.values()), sort="newest", page=1, after=None, date_facet=False
    )
    if not trees or not searcher.count(request):  # as for nearly every query
        return ()
    return _with_values(searcher, question, request, trees, words)


def values_alike(searcher: "Searcher", question: Question) -> Iterator[tuple[str, str]]:
    """Yield the fields and values that a whole query names but for a mistake or two, the nearest first, up to three.

    They are looked for in the fields that are facets by default.
    """
    words = tuple(folded(_plain_text(question)).split())
    letters = len(" ".join(words))
    if letters < MIN_LETTERS or len(words) > MAX_WORDS:
        return
    mistakes = 1 if letters < LONG_WORD else 2
    found = [
        (distance, -value.articles, name, value.value)
        for name in searcher.default_facets
        if name != "language" and name not in question.request.filtered_fields
        for order in _orders(name, words)
        for value, distance in _values_near(searcher, name, f" {' '.join(order)}", mistakes)
    ]
    yield from ((name, value) for _, _, name, value in nsmallest(MAX_ALIKE, found))


def _values_near(searcher: "Searcher", name: str, words: str, mistakes: int) -> Iterator[tuple[Value, int]]:
    values = searcher.remembered.values(name)
    near = extract(words, searcher.remembered.value_words(name), scorer=OSA.distance, score_cutoff=mistakes, limit=None)
    yield from ((values[place], int(distance)) for _, distance, place in near)


def _with_values(
    searcher: "Searcher", question: Question, request: SearchRequest, trees: Mapping[str, Node], words: tuple[str, ...]
) -> tuple[FieldValue, ...]:
    tokens = searcher.analyzers.main.tokens
    having = tuple(name for name, tree in trees.items() if searcher.count(replace(request, tree=tree)))
    page = searcher.engine.search(replace(request, facets=having, facet_values=FACET_VALUES, per_page=1))
    found = [
        FieldValue(facet.field, each.value, _only(question, facet.field, each.value), each.count)
        for facet in page.facets().fields
        for each in facet.values
        if tuple(tokens(each.value)) in _orders(facet.field, words)
    ]
    return tuple(sorted(found, key=lambda each: -each.total)[:MAX_VALUES])


def _plain_text(question: Question) -> str:
    """Return the text of a query of plain words, or of a single quotation. Return "" for any other query."""
    tree = question.request.tree
    if isinstance(tree, Phrase):
        return tree.text if tree.slop is None else ""
    nodes = tree.nodes if isinstance(tree, And) else (tree,)
    words = [node.text for node in nodes if isinstance(node, Term)]
    return " ".join(words) if len(words) == len(nodes) else ""


def _fields(searcher: "Searcher") -> list[str]:
    known = searcher.info.fields
    named = [name for name in METADATA if name in known and name != "language"]
    own = sorted(known.keys() - set(METADATA), key=lambda name: (-known[name][0], name))
    return [*named, *own][:MAX_FIELDS]


def _naming(field: str, words: tuple[str, ...]) -> Node:
    return disjunction(Field(field, Phrase(" ".join(each))) for each in _orders(field, words))


def _orders(field: str, words: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the orders in which a value may have the words: of a person, the family name may come first."""
    is_name = field == "author" and len(words) == 2 and words[0] != words[1]
    return (words, words[::-1]) if is_name else (words,)


def _only(question: Question, field: str, value: str) -> Question:
    """Return the search for a value instead of the words, under the same filters."""
    filters = {**question.request.filters, field: (value,)}
    request = replace(question.request, tree=MatchAll(), filters=filters, page=1, after=None)
    return Question("", question.match, (), request)
