"""Conversion of HTML fragments, as in records and rendered Markdown, to plain text."""

import re
import warnings
from collections.abc import Iterator
from html import unescape

from searchsvc.corpus.decoding import clean

MAX_TAGS = 5_000  # beyond this number, parsing a nested fragment may take minutes

_TAG = re.compile(
    r"</?(?:p|br|hr|div|span|a|b|i|u|s|em|strong|small|sub|sup|mark|font|center|code|pre|cite|q|abbr|ul|ol|li|dl|dt|dd|h[1-6]"
    r"|table|tr|td|th|img|picture|video|iframe|figure|figcaption|blockquote|section|article|aside|header|jats:[a-z]+)"
    r"(?:\s[^<>=]*=[^<>]*|\s*/?)>",
    re.IGNORECASE,
)
_BLOCKS = ["p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "figure", "section", "article"]
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
    for element in soup(["script", "style", "template"]):
        element.decompose()
    for element in soup("br"):
        element.replace_with("\n")
    for element in soup(_BLOCKS):
        element.insert_before("\n\n")
        element.insert_after("\n\n")
    return soup.get_text()


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
