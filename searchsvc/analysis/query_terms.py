"""The terms of a query."""

from collections.abc import Iterator
from typing import NamedTuple, assert_never

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.term_matching import terms_of
from searchsvc.query.ast import And, Boost, Dates, Everything, Field, Fuzzy, Node, Not, Or, Pattern, Phrase, Word

Terms = tuple[str, ...]
"""Stems that stand side by side: one for a word, several for a phrase."""


class Wanted(NamedTuple):
    """A word or a phrase that a query looks for, and how many steps may part a phrase's words from their places."""

    terms: Terms
    slop: int = 0


def wanted_terms(tree: Node, field: str, analyzer: Analyzer) -> list[Wanted]:
    """The words and phrases that the query looks for in a text field, each once, in the order in which it has them.

    What it excludes is not wanted.
    """
    nodes = (node for node in _wanted(tree, field, None) if isinstance(node, Word | Phrase))
    found = ((terms_of(node, analyzer), node.slop if isinstance(node, Phrase) else 0) for node in nodes)
    return list(dict.fromkeys(Wanted(terms, slop if len(terms) > 1 else 0) for terms, slop in found if terms))


def wanted_words(tree: Node, field: str, analyzer: Analyzer) -> list[str]:
    """The single words that the query looks for in a text field, as they were typed, folded."""
    texts = (node.text for node in _wanted(tree, field, None) if isinstance(node, Word))
    return list(dict.fromkeys(word for text in texts for word in analyzer.written(text)))


def wanted_forms(tree: Node, field: str) -> frozenset[Pattern | Fuzzy]:
    """The words as written that the query looks for in a text field."""
    return frozenset(node for node in _wanted(tree, field, None) if isinstance(node, Pattern | Fuzzy))


def _wanted(node: Node, field: str, scope: str | None) -> Iterator[Word | Phrase | Pattern | Fuzzy]:
    match node:
        case Word() | Phrase() | Pattern() | Fuzzy():
            if scope in (None, field):
                yield node
        case Boost(inner):
            yield from _wanted(inner, field, scope)
        case Field(name, inner):
            yield from _wanted(inner, field, name)
        case And(nodes) | Or(nodes):
            for inner in nodes:
                yield from _wanted(inner, field, scope)
        case Everything() | Dates() | Not():
            return
        case _:
            assert_never(node)
