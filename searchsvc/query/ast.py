"""The tree of a query: frozen nodes that print as the query language, for engines to compile.

And and Or are flat and have at least two parts, and nothing holds an Everything: `conjunction` and `disjunction` see to it.
The grammar is in query.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias, assert_never

TEXT_FIELDS = ("title", "body")
"""Fields of the text itself; every other field is metadata."""


@dataclass(frozen=True, slots=True)
class MatchAll:
    """Every article."""

    def __str__(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Term:
    """A run of text as typed; one that the analyzer cuts into several words (`U.S.`, `well-known`) is a phrase of them."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand side by side, in this order, within one field; or that `slop` steps would bring there."""

    text: str
    slop: int = 0

    def __str__(self) -> str:
        return f'"{self.text}"~{self.slop}' if self.slop else f'"{self.text}"'


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Words as written that fit: `*` stands for any letters, `?` for one; at least two letters stand in front."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Words as written within `distance` typing mistakes, 1 or 2, of this one."""

    text: str
    distance: int

    def __str__(self) -> str:
        return f"{self.text}~{self.distance}"


@dataclass(frozen=True, slots=True)
class Boost:
    """The same articles, with `weight` times the score for what is inside."""

    node: "Node"
    weight: float

    def __str__(self) -> str:
        inner = str(self.node) if isinstance(self.node, Term | Phrase | Wildcard | Fuzzy) else f"({self.node})"
        return f"{inner}^{self.weight:g}"


@dataclass(frozen=True, slots=True)
class DateRange:
    """Articles dated within these days, both included; None leaves an end open, and start after end finds nothing."""

    start: date | None
    end: date | None

    def __str__(self) -> str:
        if self.start == self.end and self.start is not None:
            return f"date:{self.start}"
        return f"date:{self.start or ''}..{self.end or ''}"


@dataclass(frozen=True, slots=True)
class Field:
    """What is inside holds in this field alone: title, body, or a metadata field."""

    name: str
    node: "Node"

    def __str__(self) -> str:
        return f"{self.name}:{_atom(self.node)}"


@dataclass(frozen=True, slots=True)
class Not:
    """Articles that the inner node does not match."""

    node: "Node"

    def __str__(self) -> str:
        return f"-{_atom(self.node)}"


@dataclass(frozen=True, slots=True)
class And:
    """All of at least two nodes, none of them an And: engines need long conjunctions flat."""

    nodes: tuple["Node", ...]

    def __str__(self) -> str:
        return " ".join(f"({node})" if isinstance(node, Or) else str(node) for node in self.nodes)


@dataclass(frozen=True, slots=True)
class Or:
    """Any of at least two nodes, none of them an Or."""

    nodes: tuple["Node", ...]

    def __str__(self) -> str:
        return " OR ".join(map(str, self.nodes))


Node: TypeAlias = MatchAll | Term | Phrase | Wildcard | Fuzzy | Boost | DateRange | Field | Not | And | Or


def conjunction(nodes: Iterable[Node]) -> Node:
    """All of the nodes, flat; Everything of none, the node itself of one."""
    flat = [inner for node in nodes for inner in (node.nodes if isinstance(node, And) else (node,))]
    kept = tuple(node for node in flat if not isinstance(node, MatchAll))
    return And(kept) if len(kept) > 1 else kept[0] if kept else MatchAll()


def disjunction(nodes: Iterable[Node]) -> Node:
    """Any of the nodes, flat; Everything of none, the node itself of one."""
    flat = tuple(inner for node in nodes for inner in (node.nodes if isinstance(node, Or) else (node,)))
    return Or(flat) if len(flat) > 1 else flat[0] if flat else MatchAll()


def looks_for_text(node: Node) -> bool:
    """Whether the node wants words of title or body, so that hits have something to mark."""
    match node:
        case Term() | Phrase() | Wildcard() | Fuzzy():
            return True
        case Boost(inner):
            return looks_for_text(inner)
        case Field(name, inner):
            return name in TEXT_FIELDS and looks_for_text(inner)
        case And(nodes) | Or(nodes):
            return any(looks_for_text(inner) for inner in nodes)
        case MatchAll() | DateRange() | Not():
            return False
        case _:
            assert_never(node)


def has_relevance(node: Node) -> bool:
    """Whether some hits fit better than others: words and phrases weigh, prefixes, wildcards and mistakes do not."""
    match node:
        case Term() | Phrase():
            return True
        case Boost(inner):
            return has_relevance(inner)
        case Field(name, inner):
            return name in TEXT_FIELDS and has_relevance(inner)
        case And(nodes) | Or(nodes):
            return any(has_relevance(inner) for inner in nodes)
        case MatchAll() | DateRange() | Not() | Wildcard() | Fuzzy():
            return False
        case _:
            assert_never(node)


def named_fields(node: Node) -> frozenset[str]:
    """The fields that a node looks into by their names."""
    match node:
        case Field(name, inner):
            return frozenset((name,)) | named_fields(inner)
        case Boost(inner):
            return named_fields(inner)
        case And(nodes) | Or(nodes):
            return frozenset().union(*map(named_fields, nodes))
        case Term() | Phrase() | Wildcard() | Fuzzy() | MatchAll() | DateRange() | Not():
            return frozenset()
        case _:
            assert_never(node)


def _atom(node: Node) -> str:
    return f"({node})" if isinstance(node, And | Or | Not) else str(node)
