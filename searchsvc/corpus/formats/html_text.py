"""HTML inside records and Markdown: to plain text, by Beautiful Soup."""

import re
import warnings
from collections.abc import Iterator
from html import unescape

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning

from searchsvc.corpus.decoding import clean

_TAG = re.compile(
    r"</?(?:p|br|div|span|a|b|i|em|strong|ul|ol|li|h[1-6]|table|img|figure|blockquote|section)\b[^<>]*>", re.I
)
_BLOCKS = [
    "p",
    "div",
    "li",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "pre",
    "figure",
    "section",
    "article",
]
MAX_TAGS = 5_000

_ANY_TAG = re.compile(r"<[^<>]*>")
_SCRIPT = re.compile("<(script|style)", re.IGNORECASE)
_ENDS = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style")}
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n[\s]*")


def looks_like_html(text: str) -> bool:
    """Whether a value that should be plain text is HTML."""
    return "<" in text and _TAG.search(text) is not None


def html_text(html: str) -> str:
    """The text of a fragment, with a blank line between its blocks and without scripts and styles.

    Of a fragment of very many tags, which would take minutes, one block.
    """
    if html.count("<") > MAX_TAGS:
        return " ".join(stripped(html).split())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)  # a body may well be one address
        soup = BeautifulSoup(clean(html), "lxml")
    for element in soup(["script", "style", "template"]):
        element.decompose()
    for element in soup("br"):
        element.replace_with("\n")
    for element in soup(_BLOCKS):
        element.insert_before("\n\n")
        element.insert_after("\n\n")
    return _BREAKS.sub(_break, _SPACES.sub(" ", soup.get_text())).strip()


def stripped(html: str) -> str:
    """What is left without tags, scripts and styles, by patterns that take no longer for nested or broken ones."""
    return unescape(_ANY_TAG.sub(" ", " ".join(_outside_scripts(html))))


def _outside_scripts(html: str) -> Iterator[str]:
    at = 0
    while begin := _SCRIPT.search(html, at):
        yield html[at : begin.start()]
        end = _ENDS[begin[1].lower()].search(html, begin.end())
        if end is None:
            return
        at = end.start()
    yield html[at:]


def _break(found: re.Match[str]) -> str:
    return "\n\n" if found.group().count("\n") > 1 else "\n"
