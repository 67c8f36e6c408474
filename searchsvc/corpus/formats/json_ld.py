"""JSON-LD of pages: what the nodes of the article and of the page say, with references into the graph resolved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from searchsvc.corpus.formats.lenient_json import parse_json
from searchsvc.corpus.metadata.values import MAX_NESTING, decode_references, iter_texts
from searchsvc.corpus.record import Record

_ARTICLE_TYPES = ("article", "posting", "report", "review", "recipe", "episode")
_PAGE_TYPES = ("webpage",)
_SITE_TYPES = ("website", "organization", "newspaper", "blog")
_FIELD_NAMES = {
    "source": ("publisher",),
    "section": ("articleSection",),
    "tag": ("keywords",),
    "place": ("contentLocation",),
    "language": ("inLanguage",),
    "body": ("articleBody",),
}
_DATE_NAMES = ("datePublished", "dateCreated")
_TITLE_NAMES = ("headline", "name")
_AUTHOR_NAMES = ("author", "creator")
_NESTED_NODES = ("@graph", "mainEntity", "mainEntityOfPage")
_ITEMS = ("@list", "@set", "@value")
_PARTS_OF_NAMES = ("givenName", "additionalName", "familyName")
MAX_NODES = 1_000  # that can be the article's, and the site's
_MAX_OBJECTS = 20_000  # to which others can refer

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LinkedData:
    """What JSON-LD says of a page: fields, dates and titles with their names, authors, and names of the site."""

    fields: Record
    dates: tuple[tuple[str, str], ...] = ()
    titles: tuple[tuple[str, str], ...] = ()
    persons: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    site_names: tuple[str, ...] = ()


def read_json_ld(root: HtmlElement) -> LinkedData:
    """Return what the blocks of JSON-LD say of the page. Every part is empty if there is no block that can be read."""
    blocks = [
        parse_json(script.text)
        for script in root.iter("script")
        if script.text and "ld+json" in (script.get("type") or "").lower()
    ]
    return _Graph(blocks).read() if blocks else LinkedData(Record({}))


class _Graph:
    """All nodes of a page, of which some stand for others by their `@id`."""

    def __init__(self, blocks: list[Any]) -> None:
        self._nodes = [*islice(_iter_nodes(blocks, 0), MAX_NODES)]
        self._by_id = {node["@id"]: node for node in _iter_objects(blocks) if _is_text(node.get("@id")) and _name_of(node)}

    def read(self) -> LinkedData:
        nodes = self._nodes_of_page()
        fields = {name: found for name in _FIELD_NAMES if (found := self._first(nodes, name)) is not None}
        authors = next(filter(None, (self._authors(node) for node in nodes)), [])
        publishers = (node["publisher"] for node in nodes if node.get("publisher"))
        sites = [*publishers, *(node for node in self._nodes if _is_a(node, _SITE_TYPES))]
        return LinkedData(
            Record.of(fields),
            tuple((text, name) for node in nodes for name in _DATE_NAMES for text in iter_texts(node.get(name))),
            tuple(_iter_titles(nodes)),
            tuple(name for name, is_person in authors if is_person),
            tuple(name for name, is_person in authors if not is_person),
            tuple(name for site in sites for name, _ in self._iter_names(site)),
        )

    def _nodes_of_page(self) -> list[Node]:
        """Return the node of the article, those with the same headline or none, and those of the page itself."""
        articles = sorted(
            (node for node in self._nodes if _is_a(node, _ARTICLE_TYPES)), key=lambda node: not node.get("headline")
        )
        pages = [node for node in self._nodes if _is_a(node, _PAGE_TYPES)]
        headline = articles[0].get("headline") if articles else None
        same = [node for node in articles if node is articles[0] or node.get("headline") in (None, "", headline)]
        return [*same, *pages]

    def _first(self, nodes: list[Node], field: str) -> tuple[Any, str] | None:
        """Return the first value of a field and its provenance. Return None if there is none."""
        for node in nodes:
            for name in _FIELD_NAMES[field]:
                value = _decode(self._resolve(node.get(name)))
                if next(iter_texts(value), ""):
                    return value, f"JSON-LD {name}"
        return None

    def _authors(self, node: Node) -> list[tuple[str, bool]]:
        return next(filter(None, ([*self._iter_names(node.get(name))] for name in _AUTHOR_NAMES)), [])

    def _iter_names(self, value: Any) -> Iterator[tuple[str, bool]]:
        """Yield each name in a value, and whether it can be that of a person. Each reference is followed once."""
        left = [(value, True)]
        seen: set[str] = set()
        while left:
            value, is_person = left.pop()
            if _is_text(reference := _reference(value)) and reference in self._by_id:
                value = None if reference in seen else self._by_id[reference]
                seen.add(reference)
            if _is_text(value):
                yield decode_references(value), is_person
            elif isinstance(value, list):
                left.extend((item, is_person) for item in reversed(value))
            elif isinstance(value, dict):
                left.append((_name_of(value), is_person and not _is_a(value, _SITE_TYPES)))

    def _resolve(self, value: Any) -> Any:
        """Return the node that a reference stands for, or the value itself if it is none."""
        reference = _reference(value)
        return self._by_id.get(reference, value) if _is_text(reference) else value


def _reference(value: Any) -> Any:
    """Return what can be the `@id` of another node: that of an object without a name, or a text."""
    return value.get("@id") if isinstance(value, dict) and not _name_of(value) else value


def _iter_titles(nodes: list[Node]) -> Iterator[tuple[str, str]]:
    """Yield each title of the nodes, and the name that it has there. Names of web pages are often those of the site."""
    for node in nodes:
        names = _TITLE_NAMES[:1] if _is_a(node, _PAGE_TYPES) else _TITLE_NAMES
        yield from ((text, name) for name in names for text in iter_texts(_decode(node.get(name))))


def _iter_nodes(value: Any, depth: int) -> Iterator[Node]:
    if isinstance(value, list) and depth < MAX_NESTING:
        for item in value:
            yield from _iter_nodes(item, depth + 1)
    elif isinstance(value, dict) and depth < MAX_NESTING:
        yield value
        for name in _NESTED_NODES:
            yield from _iter_nodes(value.get(name), depth + 1)


def _iter_objects(blocks: list[Any]) -> Iterator[Node]:
    left = [*blocks]
    for _ in range(_MAX_OBJECTS):
        if not left:
            return
        value = left.pop()
        if isinstance(value, dict):
            yield value
        left.extend(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())


def _is_a(node: Node, types: tuple[str, ...]) -> bool:
    """Return whether a node has one of these types behind any prefix: `NewsArticle` and `schema:Article` are articles."""
    kind = node.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return any(str(name).lower().endswith(types) for name in kinds)


def _name_of(node: Node) -> Any:
    """Return the name of a person or a site, or what a list of JSON-LD holds. Return None if there is neither."""
    named = node.get("name") or next((node[key] for key in _ITEMS if node.get(key)), None)
    parts = [node[part] for part in _PARTS_OF_NAMES if _is_text(node.get(part))]
    numbered = [item for key, item in node.items() if key.isdigit()]  # a list as PHP writes it
    return named or " ".join(parts) or numbered or node.get("legalName") or node.get("alternateName")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _decode(value: Any, depth: int = 0) -> Any:
    """Return a value without character references. Scripts have none, but publishers write them into JSON-LD."""
    if isinstance(value, str):
        return decode_references(value)
    if depth > MAX_NESTING:
        return None
    if isinstance(value, list):
        return [_decode(item, depth + 1) for item in value]
    return {key: _decode(item, depth + 1) for key, item in value.items()} if isinstance(value, dict) else value
