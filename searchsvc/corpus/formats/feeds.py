"""RSS and Atom feeds, one article an entry: RSS 2.0 and 1.0, Atom (RFC 4287), with Dublin Core and content:encoded."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from lxml import etree

from searchsvc.corpus.decoding import read_all
from searchsvc.corpus.formats.records import MAX_JSON_BYTES
from searchsvc.errors import UserError

_ENTRIES = ("item", "entry")
_NAMES = {
    "guid": "id",
    "pubDate": "date",
    "published": "date",
    "issued": "date",
    "updated": "updated",
    "creator": "author",
    "category": "tag",
    "subject": "tag",
    "encoded": "content",
}
"""Elements whose usual meaning their name does not say."""


def read_feed(stream: BinaryIO) -> Iterator[dict[str, Any] | UserError]:
    """The entries of a feed; the feed's own title is their source. Raises UserError for XML of other kinds."""
    # No entity is resolved and nothing is fetched: a feed says all it has to say in itself.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    root = etree.fromstring(read_all(stream, MAX_JSON_BYTES), parser)
    if root is None:
        raise UserError("is not well formed: there is no XML in it")
    if _name(root) not in ("rss", "RDF", "feed"):
        raise UserError("is XML, but neither an RSS nor an Atom feed")
    about = root.find("{*}channel") if _name(root) != "feed" else root
    about = root if about is None else about
    title, language = about.findtext("{*}title"), about.findtext("{*}language") or root.get(f"{_XML}lang")
    for entry in root.iter(*(f"{{*}}{name}" for name in _ENTRIES)):
        given = {"source": title, "language": language}
        yield {name: value for name, value in given.items() if value} | _record(entry)


_XML = "{http://www.w3.org/XML/1998/namespace}"
_Fields = dict[str, list[str]]


def _record(entry: etree._Element) -> dict[str, Any]:
    fields: _Fields = {}
    for element in entry:
        name = _name(element)
        if not name:
            continue  # a comment
        value = _value(name, element)
        if value:
            fields.setdefault(_NAMES.get(name, name), []).append(value)
    body = max((fields.pop(name, [""])[0] for name in ("content", "description", "summary")), key=len)
    return {**{name: of[0] if len(of) == 1 else of for name, of in fields.items()}, "body": body}


def _value(name: str, element: etree._Element) -> str:
    if name == "link" and element.get("href"):  # Atom says in `rel` what a link is to
        return str(element.get("href")) if element.get("rel", "alternate") == "alternate" else ""
    if name in ("author", "contributor") and len(element):
        return (element.findtext("{*}name") or "").strip()
    if name == "category" and element.get("term"):
        return str(element.get("term"))
    if element.get("type") == "xhtml":
        return "".join(etree.tostring(child, encoding="unicode") for child in element)
    return "".join(element.itertext()).strip()


def _name(element: etree._Element) -> str:
    """The name without its namespace; "" for comments and the like."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
