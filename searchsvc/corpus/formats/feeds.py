"""RSS and Atom feeds, one record for each entry: RSS 2.0 and 1.0, Atom (RFC 4287), Dublin Core and content:encoded."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from lxml import etree

from searchsvc.corpus.metadata.identifiers import resolve
from searchsvc.corpus.metadata.values import decode_references
from searchsvc.corpus.record import Record
from searchsvc.errors import UserError

_ATOM = "http://www.w3.org/2005/Atom"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_FIELDS = {  # of elements that are named otherwise
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

_ENTRIES = ("{*}item", "{*}entry")


def read_feed(stream: BinaryIO) -> Iterator[Record]:
    """Yield the entries of a feed, with its title as `source`. Raise UserError if the file is XML of another kind."""
    # Entities are not resolved and nothing is fetched: a feed must not read files or fill the memory.
    options: dict[str, bool] = {"resolve_entities": False, "no_network": True, "recover": True, "huge_tree": False}
    parser = etree.iterparse(stream, events=("end",), tag=_ENTRIES, **options)
    previous: etree._Element | None = None
    for _, entry in parser:
        if previous is not None and (parent := previous.getparent()) is not None:
            parent.remove(previous)  # so that a long feed needs no more memory than a short one
        yield _read_entry(entry)
        previous = entry
    if parser.root is None:
        raise UserError("is not well formed: it contains no XML")
    _require_feed(parser.root)
    # An entry without an end, such as the last one of a truncated file.
    yield from (_read_entry(entry) for entry in parser.root.iter(*_ENTRIES) if entry is not previous)


def _read_entry(entry: etree._Element) -> Record:
    root = entry.getroottree().getroot()
    _require_feed(root)
    return Record(_feed_fields(root) | _entry_fields(entry), is_decoded=True)


def _require_feed(root: etree._Element) -> None:
    if _local_name(root) not in ("rss", "RDF", "feed"):
        raise UserError("is XML, but neither an RSS nor an Atom feed")


def _feed_fields(root: etree._Element) -> dict[str, Any]:
    channel = root.find("{*}channel") if _local_name(root) != "feed" else root
    channel = root if channel is None else channel
    language = channel.findtext("{*}language") or root.get(_XML_LANG)
    title = channel.find("{*}title")
    fields = {"source": None if title is None else _text(title), "language": language}
    return {name: value for name, value in fields.items() if value}


def _entry_fields(entry: etree._Element) -> dict[str, Any]:
    fields: dict[str, list[str]] = {}
    for element in entry:
        name = _local_name(element)
        if value := _value(name, element):
            fields.setdefault(_FIELDS.get(name, name), []).append(value)
    body = max((fields.pop(name, [""])[0] for name in ("content", "description", "summary")), key=len)
    return {**{name: values[0] if len(values) == 1 else values for name, values in fields.items()}, "body": body}


def _value(name: str, element: etree._Element) -> str:
    if not name:
        return ""
    if name == "link" and element.get("href"):  # Atom: `rel` tells the article's own link from others
        return _address(element, element.get("href")) if element.get("rel", "alternate") == "alternate" else ""
    if name == "link":
        return _address(element, _text(element))
    if name in ("author", "contributor") and len(element):
        return (element.findtext("{*}name") or "").strip()
    if name == "category" and element.get("term"):
        return str(element.get("term"))
    if element.get("type") == "xhtml":
        return "".join(etree.tostring(child, encoding="unicode") for child in element)
    return _text(element)


def _text(element: etree._Element) -> str:
    """Return the text of an element. A title is HTML in RSS by custom, and in Atom if it says so (RFC 4287, 3.1.1)."""
    text = "".join(element.itertext()).strip()
    if _local_name(element) != "title":
        return text
    is_html = element.get("type") == "html" or etree.QName(element).namespace != _ATOM
    return decode_references(text) if is_html else text


def _address(element: etree._Element, address: str) -> str:
    """Return an address, resolved against the `xml:base` of its element if that is absolute."""
    return resolve(address.strip(), element.base or "")


def _local_name(element: etree._Element) -> str:
    """Return the name of an element without its namespace, or "" for a comment or processing instruction."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
