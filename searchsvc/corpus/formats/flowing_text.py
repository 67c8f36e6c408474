"""The text of large XML and HTML documents, one paragraph a block, in time and memory linear in their size.

No tree is built: the parser of libxml2 calls a target. Entities are not resolved, and nothing is fetched.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from lxml import etree

from searchsvc.corpus.decoding import MAX_TEXT_BYTES, require_size
from searchsvc.corpus.formats.xml_references import numeric_references
from searchsvc.errors import UserError

_ROOT = re.compile(r"<(?:[a-z]+:)?html\b", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt"),
        *("fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li"),
        *("main", "nav", "ol", "p", "pre", "section", "summary", "table", "td", "th", "title", "tr", "ul"),
    )
)
_UNSEEN = frozenset(("head", "script", "style", "template", "noscript", "svg", "math", "iframe", "object", "rt", "rp"))
_EMPTY = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))


class _Target(Protocol):
    def start(self, tag: str, attributes: Mapping[str, str]) -> None: ...
    def end(self, tag: str) -> None: ...
    def data(self, text: str) -> None: ...
    def close(self) -> list[str]: ...


def local_name(tag: str) -> str:
    """Return the name of an element without its namespace."""
    return tag.rpartition("}")[2]


class Paragraphs:
    """A target that collects the paragraphs of a word processor's document.

    A paragraph within another one, such as a footnote, follows it. Text counts within `texts`, or anywhere in a paragraph
    if that is empty. Elements in `skipped` are left out with all that is in them, by their names with or without their
    namespaces. Elements in `characters` stand for text.
    """

    def __init__(
        self,
        paragraphs: frozenset[str],
        skipped: frozenset[str],
        characters: Mapping[str, str],
        texts: frozenset[str] = frozenset(),
    ) -> None:
        self._names, self._skipped, self._characters, self._texts = paragraphs, skipped, characters, texts
        self._open: list[list[str]] = []
        self._inner: list[str] = []
        self._found: list[str] = []
        self._depth_skipped = self._depth_text = self._size = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = local_name(tag)
        if self._depth_skipped or name in self._skipped or tag in self._skipped:
            self._depth_skipped += 1
        elif name in self._names:
            self._open.append([])
        elif name in self._characters:
            self._add(self._characters[name])
        elif name in self._texts:
            self._depth_text += 1

    def end(self, tag: str) -> None:
        name = local_name(tag)
        if self._depth_skipped:
            self._depth_skipped -= 1
        elif name in self._names and self._open:
            self._close_paragraph()
        elif name in self._texts:
            self._depth_text -= 1

    def data(self, text: str) -> None:
        if not self._depth_skipped and (self._depth_text or not self._texts):
            self._add(text)

    def close(self) -> list[str]:
        while self._open:
            self._close_paragraph()
        return self._found

    def _add(self, text: str) -> None:
        self._size += len(text)
        if self._size > MAX_TEXT_BYTES:
            raise UserError(f"has more than {MAX_TEXT_BYTES // 2**20} MiB of text")
        if self._open:
            self._open[-1].append(text)

    def _close_paragraph(self) -> None:
        text = "".join(self._open.pop()).strip()
        if self._open:
            self._inner += [text] if text else []
            return
        self._found += [text] if text else []
        self._found += self._inner
        self._inner = []


class _Markup:
    """A target that collects the visible blocks of HTML."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._found: list[str] = []
        self._unseen: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = local_name(tag).lower()
        is_hidden = name in _UNSEEN or ("style" in attributes and _HIDDEN.search(attributes["style"]) is not None)
        if name not in _EMPTY and (self._unseen or is_hidden):
            self._unseen.append(name)
        elif name == "br":
            self._pieces.append("\n")
        elif name in _BLOCKS:
            self._end_block()

    def end(self, tag: str) -> None:
        name = local_name(tag).lower()
        if self._unseen:
            if name not in _EMPTY:
                self._unseen.pop()
        elif name in _BLOCKS:
            self._end_block()

    def data(self, text: str) -> None:
        if not self._unseen:
            self._pieces.append(re.sub(r"[\t\n\r ]+", " ", text))

    def close(self) -> list[str]:
        self._end_block()
        return self._found

    def _end_block(self) -> None:
        lines = (" ".join(line.split(" ")).strip() for line in "".join(self._pieces).split("\n"))
        text = "\n".join(filter(None, lines))
        self._found += [text] if text else []
        self._pieces = []


def parse_xml(chunks: Iterable[bytes], target: _Target) -> list[str]:
    """Return what a target collects of XML that comes in pieces. Raise UserError if the XML is not well formed."""
    parser = etree.XMLParser(target=target, resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        for chunk in chunks:
            parser.feed(chunk)
        return list(parser.close())
    except etree.XMLSyntaxError as error:
        raise UserError(f"is not well formed: {error}") from None


def xhtml_text(text: str) -> str:
    """Return the visible text of an XHTML page, as EPUB has them, with a blank line between blocks."""
    data = numeric_references(_without_prologue(text).encode(errors="replace"))
    options: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False, "recover": True}
    return _blocks(etree.XMLParser(target=_Markup(), encoding="utf-8", **options), data)


def markup_text(html: str) -> str:
    """Return the visible text of HTML, as in a message, with a blank line between blocks."""
    data = html.encode(errors="replace")
    return _blocks(etree.HTMLParser(target=_Markup(), encoding="utf-8", no_network=True, recover=True), data)


def _without_prologue(text: str) -> str:
    """Return a page from its root element on.

    Before it, a declaration may name an encoding that the decoded text no longer has, and a document type define entities
    that fill the memory.
    """
    root = _ROOT.search(text)
    return text[root.start() :] if root is not None else text


def _blocks(parser: Any, data: bytes) -> str:
    require_size(data)
    if not data.strip():
        return ""
    parser.feed(data)
    return "\n\n".join(parser.close())
