"""Compilation of a query tree into an engine's query."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import date
from typing import Generic, TypeVar, assert_never

from searchsvc.analysis.joined_words import joined_word
from searchsvc.model.number_ranges import NumberRange
from searchsvc.query.ast import (
    TEXT_FIELDS,
    And,
    Boost,
    DateRange,
    Field,
    Fuzzy,
    MatchAll,
    Node,
    Not,
    Or,
    Phrase,
    Term,
    Wildcard,
)

Q = TypeVar("Q")


class TreeCompiler(ABC, Generic[Q]):
    """Compiles a query tree into an engine's query.

    Subclasses build the leaf and boolean queries. A clause without searchable terms compiles to None and is ignored.
    """

    def compile(self, node: Node, scope: str | None = None) -> Q | None:
        """Compile a node within the field `scope`, or within title and body if `scope` is None."""
        match node:
            case MatchAll():
                return None
            case Term() | Phrase():
                return self._words(node, scope) if scope is None or scope in TEXT_FIELDS else self.metadata(node, scope)
            case Wildcard() | Fuzzy():
                return self.expanded(node, scope) if scope is None or scope in TEXT_FIELDS else self.values(node, scope)
            case Boost(inner, weight):
                query = self.compile(inner, scope)
                return None if query is None else self.boosted(query, weight)
            case Field(name, inner):
                return self.compile(inner, name)
            case DateRange(start, end):
                return self.date_range(start, end)
            case NumberRange(values=values):
                return self.exact_values(values, scope or "")
            case Not():
                return self._conjunction((node,), scope)
            case And(nodes):
                return self._conjunction(nodes, scope)
            case Or(nodes):
                queries = self._compile_all(nodes, scope)
                return self.disjunction(queries) if queries else None
            case _:
                assert_never(node)

    def _words(self, node: Term | Phrase, scope: str | None) -> Q | None:
        """Compile a word or a phrase of the text. A word that is also written in one piece matches in both ways."""
        found = self.text(node, scope)
        joined = joined_word(node.text) if isinstance(node, Term) and found is not None else ""
        other = self.text(Term(joined), scope) if joined else None
        return found if found is None or other is None else self.disjunction([found, other])

    def _conjunction(self, nodes: tuple[Node, ...], scope: str | None) -> Q | None:
        must = self._compile_all((node for node in nodes if not isinstance(node, Not)), scope)
        must_not = self._compile_all((node.node for node in nodes if isinstance(node, Not)), scope)
        return self.boolean(must, must_not) if must or must_not else None

    def _compile_all(self, nodes: Iterable[Node], scope: str | None) -> list[Q]:
        return [query for node in nodes if (query := self.compile(node, scope)) is not None]

    @abstractmethod
    def text(self, node: Term | Phrase, scope: str | None) -> Q | None:
        """Compile a word or phrase of title or body. Return None if it has no terms."""

    @abstractmethod
    def metadata(self, node: Term | Phrase, name: str) -> Q | None:
        """Compile a word or phrase of a metadata field. Return None if it has no terms."""

    @abstractmethod
    def expanded(self, node: Wildcard | Fuzzy, scope: str | None) -> Q:
        """Compile a wildcard or fuzzy word of title or body."""

    @abstractmethod
    def values(self, node: Wildcard | Fuzzy, name: str) -> Q:
        """Compile a wildcard or fuzzy word of a metadata field."""

    @abstractmethod
    def exact_values(self, values: Iterable[str], name: str) -> Q:
        """Compile some values of a metadata field, of which articles must have one. It does not affect the score."""

    @abstractmethod
    def date_range(self, start: date | None, end: date | None) -> Q:
        """Compile a range of days, both included. It does not affect the score."""

    @abstractmethod
    def boosted(self, query: Q, weight: float) -> Q:
        """Multiply the score of a query by `weight`."""

    @abstractmethod
    def boolean(self, must: list[Q], must_not: list[Q]) -> Q:
        """Combine queries: all of `must` and none of `must_not`. If `must` is empty, start from every article."""

    @abstractmethod
    def disjunction(self, queries: list[Q]) -> Q:
        """Combine queries of which at least one must match."""
