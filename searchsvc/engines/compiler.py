"""How a tree becomes an engine's query, whatever the engine calls what it is made of."""

from abc import ABC, abstractmethod
from datetime import date
from typing import Generic, TypeVar, assert_never

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
    """Takes a tree apart; the engine's own compiler makes queries of its leaves, and puts these together.

    A part that says nothing, since none of its words has a letter to search for, is None: it neither adds nor removes
    articles.
    """

    def compiled(self, node: Node, scope: str | None = None) -> Q | None:
        """The query of a node within a field; without one, in title and body."""
        match node:
            case MatchAll():
                return None
            case Term() | Phrase():
                return self.text(node, scope) if scope is None or scope in TEXT_FIELDS else self.metadata(node, scope)
            case Wildcard() | Fuzzy():
                return self.word_set(node, scope) if scope is None or scope in TEXT_FIELDS else self.values(node, scope)
            case Boost(inner, weight):
                query = self.compiled(inner, scope)
                return None if query is None else self.boosted(query, weight)
            case Field(name, inner):
                return self.compiled(inner, name)
            case DateRange(start, end):
                return self.dated(start, end)
            case Not():
                return self._conjunction((node,), scope)
            case And(nodes):
                return self._conjunction(nodes, scope)
            case Or(nodes):
                queries = [query for inner in nodes if (query := self.compiled(inner, scope)) is not None]
                return self.any_of(queries) if queries else None
            case _:
                assert_never(node)

    def _conjunction(self, nodes: tuple[Node, ...], scope: str | None) -> Q | None:
        excluded = [node.node for node in nodes if isinstance(node, Not)]
        without = [query for node in excluded if (query := self.compiled(node, scope)) is not None]
        wanted = [node for node in nodes if not isinstance(node, Not)]
        within = [query for node in wanted if (query := self.compiled(node, scope)) is not None]
        return self.less(within, without) if within or without else None

    @abstractmethod
    def text(self, node: Term | Phrase, scope: str | None) -> Q | None:
        """A word or phrase of title or body."""

    @abstractmethod
    def metadata(self, node: Term | Phrase, name: str) -> Q | None:
        """A word or phrase of a metadata field."""

    @abstractmethod
    def word_set(self, node: Wildcard | Fuzzy, scope: str | None) -> Q:
        """What stands for words of title or body as written."""

    @abstractmethod
    def values(self, node: Wildcard | Fuzzy, name: str) -> Q:
        """What stands for words of a metadata field."""

    @abstractmethod
    def dated(self, start: date | None, end: date | None) -> Q:
        """Days, both included, without a part in the score."""

    @abstractmethod
    def boosted(self, query: Q, weight: float) -> Q:
        """The same with so many times its weight."""

    @abstractmethod
    def less(self, within: list[Q], without: list[Q]) -> Q:
        """All of the first and none of the second; everything but the second where the first is empty."""

    @abstractmethod
    def any_of(self, queries: list[Q]) -> Q:
        """At least one of them."""
