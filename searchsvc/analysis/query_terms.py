"""The terms of a query."""

from collections.abc import Iterator
from typing import NamedTuple, assert_never

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.term_matching import terms_of
from searchsvc.query.ast import And, Boost, DateRange, Field, Fuzzy, MatchAll, Node, Not, Or, Phrase, Term, Wildcard

Terms = tuple[str, ...]
"""Stems that stand side by side: one for a word, several for a phrase."""


class Wanted(NamedTuple):
    """A word or a phrase that a query looks for, and how many steps may part a phrase's words from their places."""

    terms: Terms
    slop: int = 0


def extract_terms(tree: Node, field: str, analyzer: Analyzer) -> list[Wanted]:
    """The words and phrases that the query looks for in a text field, each once, in the order in which it has them.

    What it excludes is not wanted.
    """
    nodes = (node for node in _wanted(tree, field, None) if isinstance(node, Term | Phrase))
    found = ((terms_of(node, analyzer), node.slop if isinstance(node, Phrase) else 0) for node in nodes)
    return list(dict.fromkeys(Wanted(terms, slop if len(terms) > 1 else 0) for terms, slop in found if terms))


def extract_words(tree: Node, field: str, analyzer: Analyzer) -> list[str]:
    """The single words that the query looks for in a text field, as they were typed, folded."""
    texts = (node.text for node in _wanted(tree, field, None) if isinstance(node, Term))
    return list(dict.fromkeys(word for text in texts for word in analyzer.tokens(text)))


def extract_patterns(tree: Node, field: str) -> frozenset[Wildcard | Fuzzy]:
    """The words as written that the query looks for in a text field."""
    return frozenset(node for node in _wanted(tree, field, None) if isinstance(node, Wildcard | Fuzzy))


def _wanted(node: Node, field: str, scope: str | None) -> Iterator[Term | Phrase | Wildcard | Fuzzy]:
    match node:
        case Term() | Phrase() | Wildcard() | Fuzzy():
            if scope in (None, field):
                yield node
        case Boost(inner):
            yield from _wanted(inner, field, scope)
        case Field(name, inner):
            yield from _wanted(inner, field, name)
        case And(nodes) | Or(nodes):
            for inner in nodes:
                yield from _wanted(inner, field, scope)
        case MatchAll() | DateRange() | Not():
            return
        case _:
            assert_never(node)
