"""Conversion of HTML fragments, as in records and rendered Markdown, to plain text."""

import re
import warnings
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING

from searchsvc.corpus.decoding import clean

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

MAX_TAGS = 5_000  # beyond this number, parsing a nested fragment may take minutes

_TAG = re.compile(
    r"</?(?:p|br|hr|div|span|a|b|i|u|s|em|strong|small|sub|sup|mark|font|center|code|pre|cite|q|abbr|ul|ol|li|dl|dt|dd|h[1-6]"
    r"|table|tr|td|th|img|picture|video|iframe|figure|figcaption|blockquote|section|article|aside|header|jats:[a-z]+)"
    r"(?:\s[^<>=]*=[^<>]*|\s*/?)>",
    re.IGNORECASE,
)
_BLOCKS = frozenset(
    ("p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "figure", "section", "article")
)
_ANY_TAG = re.compile(r"<[^<>]*>")
_SCRIPT = re.compile("<(script|style)", re.IGNORECASE)
_SCRIPT_ENDS = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style")}
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n[\s]*")


def looks_like_html(text: str) -> bool:
    """Return whether a value that should be plain text contains HTML tags."""
    return "<" in text and _TAG.search(text) is not None


def html_text(html: str) -> str:
    """Return the text of a fragment, with blank lines between its blocks. More than `MAX_TAGS` tags give one block."""
    if html.count("<") > MAX_TAGS:
        return " ".join(strip_tags(html).split())
    text = _SPACES.sub(" ", clean(_block_text(html)))  # also of what its references stand for, such as `&shy;`
    return _BREAKS.sub(lambda spaces: "\n\n" if spaces[0].count("\n") > 1 else "\n", text).strip()


def _block_text(html: str) -> str:
    from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)  # a body may consist of one URL
        soup = BeautifulSoup(clean(html), "lxml")
    for element in soup("template"):
        element.decompose()
    return "".join(_pieces(soup))


def _pieces(soup: "BeautifulSoup") -> Iterator[str]:
    """Yield the pieces of text, and breaks where lines end and where blocks begin and end.

    Adding the breaks to the tree would search the siblings of each element and all that it contains.
    """
    from bs4.element import CData, NavigableString, Tag

    ancestors: list[Tag] = [soup]
    for node in soup.descendants:
        while node.parent is not ancestors[-1]:
            yield "\n\n" if ancestors.pop().name in _BLOCKS else ""
        if isinstance(node, Tag):
            ancestors.append(node)
            yield "\n\n" if node.name in _BLOCKS else "\n" if node.name == "br" else ""
        elif type(node) is NavigableString or type(node) is CData:  # others are comments, scripts and styles
            yield node


def strip_tags(html: str) -> str:
    """Return the text without tags, scripts and styles. Patterns do it, since deep nesting would slow down a parser."""
    return unescape(_ANY_TAG.sub(" ", " ".join(_outside_scripts(html))))


def _outside_scripts(html: str) -> Iterator[str]:
    position = 0
    while begin := _SCRIPT.search(html, position):
        yield html[position : begin.start()]
        end = _SCRIPT_ENDS[begin[1].lower()].search(html, begin.end())
        if end is None:
            return
        position = end.start()
    yield html[position:]
