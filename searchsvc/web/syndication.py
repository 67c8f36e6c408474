"""What feed readers and browsers ask for: the Atom feed of a search (RFC 4287), and the OpenSearch description."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

from searchsvc.api.addresses import Addresses, article_path
from searchsvc.api.links import pairs, web_address
from searchsvc.api.parameter_reader import LANG
from searchsvc.api.serialize import joined_text
from searchsvc.config import Settings
from searchsvc.model.article import Article
from searchsvc.model.languages import language_tag
from searchsvc.model.results import Hit
from searchsvc.search.question import Question

_IN_ADDRESSES = "%/:?#[]@!$&'()*+,;="
_IN_TAGS = "?:@!$&'()*+,;="
"""What may stand in a part of a tag as it is, besides letters, digits and `-._~` (RFC 4151). Slashes part them."""
_NO_DOMAIN = "searchsvc.invalid,2026"
"""The domain and year in ids without `feed_id`. Nobody can own a domain below `invalid` (RFC 6761)."""
_ORDER = ("sort", "versions", "per_page", "page", "cursor", LANG)
"""Parameters that make no difference to a feed."""
_SHORT_NAME, _LONG_NAME = 16, 48
"""The most characters that OpenSearch 1.1 allows in names."""


def tags_of(settings: Settings) -> str:
    """Return the beginning of the tags (RFC 4151) of an archive. They stay the same when it moves to another host."""
    return f"tag:{settings.feed_id}:" if settings.feed_id else f"tag:{_NO_DOMAIN}:{_quoted(settings.title)}/"


def search_path(question: Question) -> str:
    """Return the part of a tag that names a search. Two searches with the same articles in their feeds have the same."""
    query = urlencode([pair for pair in pairs(question) if pair[0] not in _ORDER])
    return f"search?{query}" if query else "search"


@dataclass(frozen=True, slots=True)
class Feed:
    """The feed of a search: its hits, the addresses of the service, and those of the feed and of its page.

    `tags` is the beginning of all ids, and `path` the rest of that of the feed. `updates` says when articles changed that
    have not kept to their date, in seconds since 1970. `indexed` is the time of the index.
    """

    title: str
    tags: str
    path: str
    addresses: Addresses
    here: str
    page: str
    hits: Sequence[Hit]
    updates: Mapping[str, int]
    indexed: dt.datetime

    def xml(self) -> bytes:
        """Return the feed as XML. Its time is that of its latest entry, so that it changes with its entries only."""
        feed = ET.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom"})
        _add(feed, "title", self.title)
        _add(feed, "id", self.tags + self.path)
        latest = max((self._updated(hit.article) for hit in self.hits), default=self.indexed)
        _add(feed, "updated", latest.isoformat())
        _link(feed, "self", self.here, "application/atom+xml")
        _link(feed, "alternate", self.page, "text/html")
        for hit in self.hits:
            self._add_entry(feed, hit)
        return _xml(feed)

    def _add_entry(self, feed: ET.Element, hit: Hit) -> None:
        article = hit.article
        language = language_tag(article.language)
        entry = ET.SubElement(feed, "entry", {"xml:lang": language} if language else {})
        _add(entry, "title", article.title)
        _add(entry, "id", f"{self.tags}article/{_quoted(article.id)}")
        _link(entry, "alternate", self.addresses.absolute(self.addresses.to(article_path(article.id))), "text/html")
        if original := web_address(article):
            _link(entry, "via", quote(original, safe=_IN_ADDRESSES, errors="replace"), "text/html")
        _add(entry, "updated", self._updated(article).isoformat())
        if published := _published(article):
            _add(entry, "published", published.isoformat())
        for name in article.author or (article.source,):
            _add(ET.SubElement(entry, "author"), "name", name or "unknown")
        for term in dict.fromkeys(filter(None, (article.section, *article.tag))):
            ET.SubElement(entry, "category", {"term": term})
        _add(entry, "summary", joined_text(hit.snippets) or article.body[:300])

    def _updated(self, article: Article) -> dt.datetime:
        """Return when an article last changed: as recorded, or else its date. Each article has one of them."""
        recorded = self.updates.get(article.id)
        if recorded is not None:
            return dt.datetime.fromtimestamp(recorded, dt.UTC)
        return _published(article) or self.indexed


def _published(article: Article) -> dt.datetime | None:
    """Return the instant of publication, or the start of its day in UTC. Return None if it is unknown."""
    if article.published is not None:
        return article.published
    return dt.datetime.combine(article.date, dt.time(), dt.UTC) if article.date else None


def opensearch_description(title: str, addresses: Addresses, icon: str) -> bytes:
    """Return the description by which browsers search the service. `icon` is the address of its icon."""
    described = ET.Element("OpenSearchDescription", {"xmlns": "http://a9.com/-/spec/opensearch/1.1/"})
    _add(described, "ShortName", _whole_words(title, _SHORT_NAME))
    _add(described, "LongName", _whole_words(title, _LONG_NAME))
    _add(described, "Description", f"Search {title}")
    _add(described, "InputEncoding", "UTF-8")
    image = ET.SubElement(described, "Image", {"height": "16", "width": "16", "type": "image/svg+xml"})
    image.text = addresses.absolute(icon)
    for attributes in _urls(addresses):
        ET.SubElement(described, "Url", attributes)
    return _xml(described)


def _urls(addresses: Addresses) -> Iterator[dict[str, str]]:
    """Yield the attributes of each address: of the results as page and feed, of suggestions, and of the description."""
    root = addresses.absolute(addresses.to(""))
    for kind, relation, path in (
        ("text/html", "results", "/search"),
        ("application/atom+xml", "results", "/search.atom"),
        ("application/x-suggestions+json", "suggestions", "/opensearch/suggest"),
    ):
        yield {"type": kind, "rel": relation, "template": f"{root}{path}?q={{searchTerms}}"}
    own = {"type": "application/opensearchdescription+xml", "rel": "self"}  # where browsers look for changes
    yield {**own, "template": f"{root}/opensearch.xml"}


def _whole_words(text: str, most: int) -> str:
    """Return as many whole words of a text as fit, or the beginning of a word that is too long."""
    if len(text) <= most:
        return text
    words = text[: most + 1].rpartition(" ")[0].rstrip(" ,;:&–—-")
    return words or text[:most]


def _quoted(text: str) -> str:
    return quote(text, safe=_IN_TAGS, errors="replace")


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
