"""The visible text of templates that gettext does not see, found in their syntax trees."""

from collections.abc import Iterator
from html.parser import HTMLParser

from jinja2 import Environment, nodes

_ATTRIBUTES = ("title", "aria-label", "aria-description", "placeholder", "alt", "label")
_UNTRANSLATED = ("code", "pre", "kbd", "script", "style")
_VOID = ("input", "meta", "link", "br", "img", "hr", "source", "wbr", "rect", "line", "path", "polyline", "circle")
_NAMES = frozenset(
    ["API", "Atom", "BibTeX", "CSL-JSON", "CSV", "G²", "JSON", "JavaScript", "Lines", "Python", "RIS", "curl"]
)
"""Names that are the same in every language."""


def visible_text(environment: Environment, source: str) -> list[str]:
    """Return the texts of a template that readers see, which are not translated."""
    parser = _Texts()
    parser.feed("".join(_html(environment.parse(source))))
    parser.close()
    return parser.found


def _html(tree: nodes.Node) -> Iterator[str]:
    """Yield the HTML of a template in order, all branches one after the other, with the constants of its expressions."""
    for output in tree.find_all(nodes.Output):
        for node in output.nodes:
            yield node.data if isinstance(node, nodes.TemplateData) else " ".join(_constants(node))


def _constants(node: nodes.Expr) -> Iterator[str]:
    """Yield the constant texts that an expression may have as its value, or within it."""
    match node:
        case nodes.Const():
            yield str(node.value)
        case nodes.CondExpr():
            yield from _constants(node.expr1)
            yield from _constants(node.expr2) if node.expr2 else ()
        case nodes.Concat():
            for each in node.nodes:
                yield from _constants(each)
        case nodes.And() | nodes.Or() | nodes.Add() | nodes.Mod():
            yield from _constants(node.left)
            yield from _constants(node.right)
        case nodes.Filter() if node.node is not None:
            yield from _constants(node.node)


class _Texts(HTMLParser):
    """Collects texts and attributes with letters, outside of elements that no one translates."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._untranslated: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        for name in _ATTRIBUTES:
            self._add(given.get(name) or "")
        opens = tag in _UNTRANSLATED or given.get("lang") == "en" or self._untranslated
        if opens and tag not in _VOID:
            self._untranslated.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._untranslated:
            while self._untranslated.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._add(data)

    def _add(self, text: str) -> None:
        words = [word.strip(" ,.:;()–") for word in text.split()]
        if not self._untranslated and any(word not in _NAMES and any(map(str.isalpha, word)) for word in words):
            self.found.append(" ".join(text.split()))
