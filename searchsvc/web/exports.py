"""A search as an Atom feed (RFC 4287), and the OpenSearch description."""

import datetime as dt
import re
from collections.abc import Iterable
from urllib.parse import quote
from xml.etree import ElementTree as ET

from searchsvc.api.links import article_path, web_address
from searchsvc.model.article import Article
from searchsvc.model.results import Hit

_IN_ADDRESSES = "%/:?#[]@!$&'()*+,;="


def atom_feed(title: str, hits: Iterable[Hit], root: str, here: str, updated: str) -> bytes:
    """Return the Atom feed of a search at the address `here` of the service `root`. `updated` dates hits without a date."""
    feed = ET.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom"})
    _add(feed, "title", title)
    _add(feed, "id", here)
    _add(feed, "updated", updated)
    _link(feed, "self", here, "application/atom+xml")
    for hit in hits:
        _add_entry(feed, hit, root, updated)
    return _xml(feed)


def opensearch_description(title: str, root: str, icon: str) -> bytes:
    """Return the description by which browsers search the service `root`. `icon` is the address of its icon."""
    described = ET.Element("OpenSearchDescription", {"xmlns": "http://a9.com/-/spec/opensearch/1.1/"})
    _add(described, "ShortName", title[:16])
    _add(described, "LongName", title[:48])
    _add(described, "Description", f"Search {title}")
    _add(described, "InputEncoding", "UTF-8")
    image = ET.SubElement(described, "Image", {"height": "16", "width": "16", "type": "image/svg+xml"})
    image.text = icon
    addresses = {
        "text/html": "/search",
        "application/atom+xml": "/search.atom",
        "application/x-suggestions+json": "/opensearch/suggest",
    }
    for kind, path in addresses.items():
        ET.SubElement(described, "Url", {"type": kind, "template": f"{root.rstrip('/')}{path}?q={{searchTerms}}"})
    return _xml(described)


def _add_entry(feed: ET.Element, hit: Hit, root: str, updated: str) -> None:
    article = hit.article
    page = root.rstrip("/") + article_path(article.id)
    entry = ET.SubElement(feed, "entry")
    _add(entry, "title", article.title)
    _add(entry, "id", page)
    _link(entry, "alternate", page, "text/html")
    if original := web_address(article):
        _link(entry, "via", quote(original, safe=_IN_ADDRESSES, errors="replace"), "text/html")
    written = _instant(article)
    _add(entry, "updated", written or updated)
    if written:
        _add(entry, "published", written)
    for name in article.author or (article.source,):
        _add(ET.SubElement(entry, "author"), "name", name or "unknown")
    for name in (article.section, *article.tag):
        if name:
            ET.SubElement(entry, "category", {"term": name})
    _add(entry, "summary", " … ".join(snippet.text for snippet in hit.snippets) or article.body[:300])


def _instant(article: Article) -> str:
    """Return the instant of publication (RFC 3339), or "" if it is unknown."""
    if article.published is not None:
        return article.published.isoformat()
    return dt.datetime.combine(article.date, dt.time(), dt.UTC).isoformat() if article.date else ""


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def _link(parent: ET.Element, relation: str, address: str, kind: str) -> None:
    ET.SubElement(parent, "link", {"rel": relation, "href": address, "type": kind})


def _xml(root: ET.Element) -> bytes:
    """Return a document as XML, whatever its texts and attributes hold."""
    for element in root.iter():
        element.text = _xml_text(element.text or "")
        for name, value in element.items():
            element.set(name, _xml_text(value))
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _xml_text(text: str) -> str:
    """Return the text with a space for each character that XML 1.0 cannot hold, not even escaped."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", " ", text)
