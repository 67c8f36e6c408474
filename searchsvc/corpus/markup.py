"""HTML inside records and Markdown: to plain text, by Beautiful Soup."""

import re
import warnings

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning

from searchsvc.corpus.content import clean

_TAG = re.compile(r"</?(?:p|br|div|span|a|b|i|em|strong|ul|ol|li|h[1-6]|table|img|figure|blockquote|section)\b[^>]*>", re.I)
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
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n[\s]*")


def looks_like_html(text: str) -> bool:
    """Whether a value that should be plain text is HTML."""
    return "<" in text and _TAG.search(text) is not None


def html_text(html: str) -> str:
    """The text of a fragment, with a blank line between its blocks and without scripts and styles."""
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


def _break(found: re.Match[str]) -> str:
    return "\n\n" if found.group().count("\n") > 1 else "\n"
