"""The syntax tree of a query: frozen nodes that print as query text.

A tree is normalized: And and Or are flat, they have at least two nodes and no pattern twice, and no node contains MatchAll.
`conjunction` and `disjunction` build such trees. The grammar is in parser.py.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias, assert_never

from searchsvc.model.number_ranges import NumberRange

TEXT_FIELDS = ("title", "body")  # Fields of the text. Every other field is metadata.


@dataclass(frozen=True, slots=True)
class MatchAll:
    """Every article."""

    def __str__(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Term:
    """A word as typed, which matches in any of its forms. If the analyzer splits it (`U.S.`), it is matched as a phrase."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in this order, side by side within one field: as written, or with a `slop` in any of their forms.

    The slop is the number of steps by which the words may be out of place.
    """

    text: str
    slop: int | None = None

    def __str__(self) -> str:
        return f'"{self.text}"' if self.slop is None else f'"{self.text}"~{self.slop or ""}'


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A pattern for words as written: `*` matches any letters and `?` matches one. It begins with at least two letters."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """A word as written, with up to `distance` (1 or 2) typing mistakes."""

    text: str
    distance: int

    def __str__(self) -> str:
        return f"{self.text}~{self.distance}"


@dataclass(frozen=True, slots=True)
class Boost:
    """A node whose score is multiplied by `weight`."""

    node: "Node"
    weight: float

    def __str__(self) -> str:
        inner = str(self.node) if isinstance(self.node, Term | Phrase | Wildcard | Fuzzy) else f"({self.node})"
        return f"{inner}^{self.weight:g}"


@dataclass(frozen=True, slots=True)
class DateRange:
    """A range of days, both ends included. None leaves an end open. A range that ends before its start matches nothing."""

    start: date | None
    end: date | None

    @property
    def is_empty(self) -> bool:
        """True if the range ends before its start."""
        return self.start is not None and self.end is not None and self.start > self.end

    def __str__(self) -> str:
        return (
            f"date:{self.start}" if self.start and self.start == self.end else f"date:{self.start or ''}..{self.end or ''}"
        )


@dataclass(frozen=True, slots=True)
class Field:
    """A node that is matched in one field: title, body, or a metadata field."""

    name: str
    node: "Node"

    def __str__(self) -> str:
        return f"{self.name}:{_atom(self.node)}"


@dataclass(frozen=True, slots=True)
class Not:
    """Every article that the inner node does not match."""

    node: "Node"

    def __str__(self) -> str:
        return f"-{_atom(self.node)}"


@dataclass(frozen=True, slots=True)
class And:
    """All of at least two nodes, none of them an And. It is flat because Tantivy crashes on deeply nested queries."""

    nodes: tuple["Node", ...]

    def __str__(self) -> str:
        return " ".join(f"({node})" if isinstance(node, Or) else str(node) for node in self.nodes)


@dataclass(frozen=True, slots=True)
class Or:
    """Any of at least two nodes, none of them an Or."""

    nodes: tuple["Node", ...]

    def __str__(self) -> str:
        return " OR ".join(map(str, self.nodes))


Node: TypeAlias = MatchAll | Term | Phrase | Wildcard | Fuzzy | Boost | DateRange | NumberRange | Field | Not | And | Or
"""Any node. A range of numbers is always that of a metadata field."""


def conjunction(nodes: Iterable[Node]) -> Node:
    """Return the flat conjunction of nodes. Return MatchAll for no nodes, and a single node as it is."""
    flat = [inner for node in nodes for inner in (node.nodes if isinstance(node, And) else (node,))]
    kept = _distinct(node for node in flat if not isinstance(node, MatchAll))
    return And(kept) if len(kept) > 1 else kept[0] if kept else MatchAll()


def disjunction(nodes: Iterable[Node]) -> Node:
    """Return the flat disjunction of nodes. Return MatchAll for no nodes, and a single node as it is."""
    kept = _distinct(inner for node in nodes for inner in (node.nodes if isinstance(node, Or) else (node,)))
    return Or(kept) if len(kept) > 1 else kept[0] if kept else MatchAll()


def _distinct(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Return the nodes with each wildcard and fuzzy word once. They have no score that a repetition could raise."""
    found: list[Node] = []
    patterns: set[Node] = set()
    for node in nodes:
        if isinstance(node, Wildcard | Fuzzy):
            if node in patterns:
                continue
            patterns.add(node)
        found.append(node)
    return tuple(found)


def leaves(node: Node, fields: tuple[str, ...] = ()) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """Yield the leaves of a tree, each with the fields around it, outermost first. An exclusion is a leaf."""
    match node:
        case Boost(inner):
            yield from leaves(inner, fields)
        case Field(name, inner):
            yield from leaves(inner, (*fields, name))
        case And(nodes) | Or(nodes):
            for inner in nodes:
                yield from leaves(inner, fields)
        case Term() | Phrase() | Wildcard() | Fuzzy() | MatchAll() | DateRange() | NumberRange() | Not():
            yield node, fields
        case _:
            assert_never(node)


def replace_text(node: Node, change: Callable[[Term | Phrase], Node]) -> Node:
    """Return the tree with each of its terms and phrases changed. Exclusions stay as they are."""
    match node:
        case Term() | Phrase():
            return change(node)
        case Boost(inner, weight):
            return Boost(replace_text(inner, change), weight)
        case Field(name, inner):
            return Field(name, replace_text(inner, change))
        case And(nodes):
            return conjunction(replace_text(inner, change) for inner in nodes)
        case Or(nodes):
            return disjunction(replace_text(inner, change) for inner in nodes)
        case _:
            return node


def replace_ranges(node: Node, change: Callable[[str, NumberRange], NumberRange]) -> Node:
    """Return the tree with each range of numbers changed, given its field, also in exclusions."""
    match node:
        case Field(name, NumberRange() as numbers):
            return Field(name, change(name, numbers))
        case Field(name, inner):
            return Field(name, replace_ranges(inner, change))
        case Boost(inner, weight):
            return Boost(replace_ranges(inner, change), weight)
        case Not(inner):
            return Not(replace_ranges(inner, change))
        case And(nodes):
            return And(tuple(replace_ranges(inner, change) for inner in nodes))
        case Or(nodes):
            return Or(tuple(replace_ranges(inner, change) for inner in nodes))
        case _:
            return node


def looks_for_text(node: Node) -> bool:
    """Return whether the node matches words of title or body, which can be highlighted."""
    return _has_text(node, Term, Phrase, Wildcard, Fuzzy)


def has_relevance(node: Node) -> bool:
    """Return whether hits differ in relevance: terms and phrases have scores, wildcards and fuzzy words do not."""
    return _has_text(node, Term, Phrase)


def clauses_of(node: Node) -> frozenset[Node]:
    """Return what must match: the nodes of a conjunction, whatever their order, or the node itself."""
    return frozenset(node.nodes if isinstance(node, And) else (node,))


def words_required(node: Node) -> Literal["all", "any", ""]:
    """Return whether hits have all or any of several words and phrases of title and body.

    Return "" if there are not several, or if some are alternatives and others are not.
    """
    text = [each for each in clauses_of(node) if not isinstance(each, Not) and looks_for_text(each)]
    if len(text) > 1 and all(map(_is_word, text)):
        return "all"
    alternatives = text[0].nodes if len(text) == 1 and isinstance(text[0], Or) else ()
    return "any" if alternatives and all(map(_is_word, alternatives)) else ""


def _is_word(node: Node) -> bool:
    """Return whether a node is one word or phrase of title or body, perhaps with a weight."""
    match node:
        case Boost(inner):
            return _is_word(inner)
        case Field(name, inner):
            return name in TEXT_FIELDS and _is_word(inner)
        case _:
            return isinstance(node, Term | Phrase | Wildcard | Fuzzy)


def named_fields(node: Node) -> frozenset[str]:
    """Return the names of the fields that the node restricts its search to."""
    return frozenset(name for _, fields in leaves(node) for name in fields)


def _has_text(node: Node, *kinds: type[Node]) -> bool:
    return any(isinstance(leaf, kinds) and set(fields) <= set(TEXT_FIELDS) for leaf, fields in leaves(node))


def _atom(node: Node) -> str:
    return f"({node})" if isinstance(node, And | Or | Not) else str(node)
