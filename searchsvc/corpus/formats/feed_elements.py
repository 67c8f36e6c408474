"""Elements of feeds: their names by namespace, and their text as their type says."""

import re
from functools import lru_cache
from html import escape

from lxml import etree

from searchsvc.corpus.formats.html_text import html_text, looks_like_html
from searchsvc.corpus.metadata.values import decode_references

_ATOM = ("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#")
_WORDPRESS = "http://wordpress.org/export/"  # and a version
_PREFIXES = {
    **dict.fromkeys(_ATOM, ""),
    "http://purl.org/rss/1.0": "",
    "http://my.netscape.com/rdf/simple/0.9": "",
    "http://backend.userland.com/rss2": "",
    "http://purl.org/rss/1.0/modules/content": "content",
    "http://purl.org/dc/elements/1.1": "dc",
    "http://purl.org/dc/terms": "dcterms",
    "http://search.yahoo.com/mrss": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.w3.org/2007/app": "app",
    "http://purl.org/atom/app#": "app",
    "http://schemas.google.com/blogger/2018": "blogger",
}
"""Prefixes of namespaces, whatever prefix a feed gives them. "" stands for RSS and Atom themselves."""
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!")
_CLOSED = re.compile(r"</[A-Za-z]|<(?:br|img|hr)\b|/>", re.IGNORECASE)


def name(element: etree._Element) -> str:
    """Return the name of an element, such as `title` or `media:title`. Return "" for a comment or processing instruction.

    A prefix that is not declared counts as the usual one of that name.
    """
    return _name(element.tag, element.prefix) if isinstance(element.tag, str) else ""


@lru_cache(maxsize=1024)
def _name(tag: str, declared: str | None) -> str:
    namespace, local = _split_tag(tag)
    if not namespace:
        return local
    if namespace.startswith(_WORDPRESS):
        prefix = "excerpt" if namespace.endswith("/excerpt") else "wp"
    else:
        prefix = _PREFIXES.get(namespace, declared or "")
    return f"{prefix}:{local}" if prefix else local


def local_name(element: etree._Element) -> str:
    """Return the name of an element without its namespace, or "" for a comment or processing instruction."""
    return name(element).rpartition(":")[2]


def _split_tag(tag: str) -> tuple[str, str]:
    """Return the namespace and the local name of a tag. That of a prefix which is not declared contains the prefix."""
    namespace, _, local = tag.rpartition("}")  # lxml's own class for names does not take such a prefix
    return namespace.lstrip("{").rstrip("/"), local


def plain_text(element: etree._Element) -> str:
    """Return the text of an element and of all that it contains, as it is written."""
    return "".join(element.itertext()).strip()


def child_text(element: etree._Element, wanted: str) -> str:
    """Return the text of the first child of a name, or "" if there is none."""
    return next((plain_text(child) for child in element if name(child) == wanted), "")


def title_text(element: etree._Element) -> str:
    """Return the text of a title. It is HTML in RSS by custom, and in Atom if it says so (RFC 4287, 3.1.1)."""
    text = plain_text(element)
    if not _is_html(element):
        return text
    return html_text(text) if _CLOSED.search(text) else decode_references(text)


def body_html(element: etree._Element) -> str:
    """Return the content of an element as HTML, or as text if it contains nothing that looks like HTML."""
    kind = element.get("type", "")
    if kind.endswith("xhtml") or (len(element) and kind.endswith("xml")):
        return "".join(map(_serialize, element))
    text = plain_text(element)
    if _is_html(element) or (not kind and _CLOSED.search(text)):  # many feeds of Atom do not say that theirs is HTML
        return f"<div>{text}</div>" if _TAG.search(text) else decode_references(text)
    return f"<div>{escape(text)}</div>" if looks_like_html(text) else text


def _is_html(element: etree._Element) -> bool:
    """Return whether the text of an element is HTML: by its type, or because RSS has no types."""
    kind = element.get("type", "")
    if kind in ("html", "text/html"):
        return True
    return not kind and _split_tag(element.tag)[0] not in _ATOM


def _serialize(element: etree._Element) -> str:
    """Return an element of XHTML as HTML, without the prefixes that some feeds give to it."""
    for each in element.iter(etree.Element):
        each.tag = _split_tag(each.tag)[1]
    return str(etree.tostring(element, encoding="unicode", method="html"))
