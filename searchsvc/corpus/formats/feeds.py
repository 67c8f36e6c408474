"""RSS and Atom feeds, one record for each entry: RSS 2.0, 1.0 and 0.9, Atom, and their usual extensions.

feedparser was tried in place of this module. It reads 1.2 MB a second, which is more time than a file has, needs ten times
the memory of the file, since it does not stream, and takes the caption of a picture for the text of an entry.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any, BinaryIO, cast

from lxml import etree

from searchsvc.corpus.formats.blog_exports import (
    BLOGGER_KIND,
    is_wordpress,
    reason_to_pass_over,
    remove_shortcodes,
    wordpress_authors,
    wordpress_fields,
)
from searchsvc.corpus.formats.feed_elements import body_html, child_text, local_name, name, plain_text, title_text
from searchsvc.corpus.formats.xml_references import NumericReferences
from searchsvc.corpus.metadata.identifiers import is_absolute, resolve
from searchsvc.corpus.metadata.people import name_of
from searchsvc.corpus.record import ReadNote, Record
from searchsvc.errors import UserError

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_FIELDS = {
    "id": ("guid", "id", "dc:identifier"),
    "title": ("title", "dc:title"),
    "url": ("feedburner:origLink", "link"),
    "date": (
        *("pubDate", "published", "issued", "created", "dc:date", "dcterms:issued", "dcterms:created"),
        *("dcterms:date", "prism:publicationDate"),
    ),
    "updated": ("updated", "modified", "dcterms:modified"),
    "author": ("dc:creator", "author", "itunes:author"),
    "tag": ("category", "dc:subject", "media:keywords", "itunes:keywords"),
    "language": ("dc:language",),
    "source": ("source", "dc:publisher"),
}
"""Names of elements for each field, the preferred ones first."""
_BODIES = ("content:encoded", "content", "description", "summary", "dc:description", "body")
"""Elements of which the longest is the text of an entry."""
_LESSER_BODIES = ("excerpt:encoded", "media:description", "itunes:summary", "itunes:subtitle", "media:text")
"""Elements of which the first is the text if there is no other. Those of `media` are captions of pictures otherwise."""
_ALL_VALUES = ("date", "tag")  # fields that take the values of all their elements, not of the first one only
_KNOWN = {*_BODIES, *_LESSER_BODIES, *chain(*_FIELDS.values())}
_TAKEN = {each.rpartition(":")[2] for names in (*_FIELDS.values(), _BODIES) for each in names}
_ENTRIES = ("{*}item", "{*}entry")

_Elements = Mapping[str, list[etree._Element]]


def read_feed(stream: BinaryIO) -> Iterator[Record | ReadNote]:
    """Yield the entries of a feed, with its title as `source`. Raise UserError if the file is XML of another kind.

    Drafts, attachments and comments in exports of blogs are passed over, and counted in a note at the end.
    """
    # Entities are not resolved and nothing is fetched: a feed must not read files or fill the memory.
    options: dict[str, bool] = {"resolve_entities": False, "no_network": True, "recover": True, "huge_tree": False}
    numbered = cast(BinaryIO, NumericReferences(stream))
    parser = etree.iterparse(numbered, events=("end",), tag=_ENTRIES, **options)
    feed: _Feed | None = None
    previous: etree._Element | None = None
    for _, entry in parser:
        if previous is not None and (parent := previous.getparent()) is not None:
            parent.remove(previous)  # so that a long feed needs no more memory than a short one
        feed = feed or _Feed(entry.getroottree().getroot())
        yield from feed.read(entry)
        previous = entry
    if parser.root is None:
        raise UserError("is not well formed: it contains no XML")
    feed = feed or _Feed(parser.root)
    # An entry without an end, such as the last one of a truncated file.
    for entry in parser.root.iter(*_ENTRIES):
        if entry is not previous:
            yield from feed.read(entry)
    yield from feed.notes()


class _Feed:
    """What a feed says about all its entries, and a count of the entries that are no articles."""

    def __init__(self, root: etree._Element) -> None:
        if local_name(root) not in ("rss", "RDF", "feed"):
            raise UserError("is XML, but neither an RSS nor an Atom feed")
        channel = next((child for child in root if name(child) == "channel"), root)
        elements = _by_name(channel)
        links = [_address(link, link.get("href") or plain_text(link), "") for link in elements.get("link", [])]
        self._address = next(filter(is_absolute, links), "")
        languages = [plain_text(each) for same in ("language", "dc:language") for each in elements.get(same, [])]
        language = next(iter(languages), "") or root.get(_XML_LANG, "")
        source = next(map(title_text, elements.get("title", [])), "")
        author = next(map(_author, elements.get("author", [])), "")
        self._fields = {"source": source, "language": language, "author": author}
        self._authors = wordpress_authors(channel)
        self._passed_over: Counter[str] = Counter()

    def read(self, entry: etree._Element) -> Iterator[Record]:
        """Yield the record of an entry, unless it is no article."""
        if reason := reason_to_pass_over(entry):
            self._passed_over[reason] += 1
            return
        fields = {name: value for name, value in self._fields.items() if value}
        fields |= {"language": language} if (language := entry.get(_XML_LANG)) else {}
        fields |= _entry_fields(entry, self._address)
        if is_wordpress(entry):
            fields |= wordpress_fields(entry, self._authors)
            fields["body"] = remove_shortcodes(fields["body"])
        yield Record(fields, is_decoded=True)

    def notes(self) -> Iterator[ReadNote]:
        """Yield a note that counts the entries which are no articles, if there are any."""
        if number := self._passed_over.total():
            kinds = ", ".join(f"{kind} {count:,}" for kind, count in self._passed_over.most_common(10))
            what = "entries that are" if number > 1 else "entry that is"
            yield ReadNote(f"has {number:,} {what} no published post or page, and passed over: {kinds}")


def _by_name(parent: etree._Element) -> _Elements:
    elements: dict[str, list[etree._Element]] = {}
    for element in parent:
        elements.setdefault(name(element), []).append(element)
    return elements


def _entry_fields(entry: etree._Element, feed_address: str) -> dict[str, Any]:
    elements = _by_name(entry)
    fields: dict[str, Any] = _other_fields(elements)
    for field, names in _FIELDS.items():
        values = (_values(field, elements.get(each, []), feed_address) for each in names)
        found = [*chain(*values)] if field in _ALL_VALUES else next(filter(None, values), [])
        if found:
            fields[field] = found[0] if len(found) == 1 else found
    if "title" not in fields and (title := _first_text(entry, ("media:title", "itunes:title"))):
        fields["title"] = title
    bodies = [body_html(element) for each in _BODIES for element in elements.get(each, [])]
    return fields | {"body": max(bodies, key=len, default="") or _first_text(entry, _LESSER_BODIES)}


def _values(field: str, elements: list[etree._Element], feed_address: str) -> list[str]:
    """Return what the elements say of a field, without empty values."""
    if field == "url":
        return [address for element in elements if (address := _link(element, feed_address))]
    return [value for element in elements if (value := _TEXT_OF.get(field, plain_text)(element))]


def _first_text(entry: etree._Element, names: tuple[str, ...]) -> str:
    """Return the text of the first element of these names, however deep it is. Return "" if all are empty."""
    found = [element for element in entry.iter(etree.Element) if name(element) in names]
    found.sort(key=lambda element: names.index(name(element)))
    return next(filter(None, map(body_html, found)), "")


def _other_fields(elements: _Elements) -> dict[str, Any]:
    """Return the texts of elements that mean no field. Their prefix distinguishes them from those that do."""
    fields: dict[str, Any] = {}
    for qualified, same in elements.items():
        prefix, _, local = qualified.rpartition(":")
        texts = [text.strip() for element in same for text in element.itertext() if text.strip()]
        if texts and qualified not in _KNOWN and prefix != "wp":
            fields[f"{prefix}_{local}" if local in _TAKEN else local] = texts
    return fields


def _link(element: etree._Element, feed_address: str) -> str:
    """Return the address of an entry, or "" for another link. In Atom, `rel` tells them apart."""
    if element.get("rel", "alternate") != "alternate":
        return ""
    return _address(element, element.get("href") or plain_text(element), feed_address)


def _address(element: etree._Element, address: str, feed_address: str) -> str:
    """Return an address, resolved against the `xml:base` of its element, or else the address of the feed."""
    return resolve(resolve(address.strip(), element.base or ""), feed_address)


def _author(element: etree._Element) -> str:
    return name_of(child_text(element, "name") if len(element) else plain_text(element))


def _source(element: etree._Element) -> str:
    """Return the name of the feed that an entry is from. In Atom, the element is the head of that feed."""
    return child_text(element, "title") if len(element) else plain_text(element)


def _tag(element: etree._Element) -> str:
    term = element.get("term") or plain_text(element)
    return "" if term.startswith(BLOGGER_KIND) else term


_TEXT_OF: Mapping[str, Callable[[etree._Element], str]] = {
    "title": title_text,
    "author": _author,
    "tag": _tag,
    "source": _source,
}
"""Functions that return what an element says of a field. For other fields, that is its text."""
