"""Metadata of pages: JSON-LD first, then OpenGraph and other <meta> elements, then visible elements of the page."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
from lxml.html import HtmlElement

from searchsvc.corpus.metadata.identifiers import is_absolute, names_article, resolve
from searchsvc.corpus.metadata.values import MAX_NESTING, decode_references
from searchsvc.corpus.record import Record

_ARTICLE_TYPES = ("article", "posting", "report", "webpage")
_JSON_LD_NAMES = {
    "title": ("headline",),
    "date": ("datePublished", "dateCreated"),
    "author": ("author", "creator"),
    "source": ("publisher",),
    "section": ("articleSection",),
    "tag": ("keywords",),
    "place": ("contentLocation",),
    "language": ("inLanguage",),
    "body": ("articleBody",),
}
_META_NAMES = {
    "title": ("og:title", "twitter:title", "dc.title", "headline"),
    "date": (
        *("article:published_time", "og:published_time", "datepublished", "date", "pubdate", "dc.date", "dc.date.issued"),
        *("dcterms.created", "parsely-pub-date", "sailthru.date", "publish-date", "publication_date"),
    ),
    "author": ("author", "article:author", "dc.creator", "parsely-author", "byl"),
    "source": ("og:site_name", "publisher", "dc.publisher", "application-name"),
    "section": ("article:section", "section", "parsely-section"),
    "tag": ("article:tag", "news_keywords", "keywords", "parsely-tags"),
    "language": ("og:locale", "content-language"),
    "description": ("description", "og:description"),
}
_ADDRESSES = (
    (".//meta[@property='og:url']", "content", "<meta og:url>"),
    (".//link[@rel='canonical']", "href", "<link rel=canonical>"),
)
_MAX_GRAPH_DEPTH = 4


def read_metadata(root: HtmlElement, address: str = "") -> Record:
    """Return the metadata that a page declares. Of several declarations of one field, the most precise one is used.

    A relative address is resolved if the page names an absolute one, or if `address`, from which it was loaded, is known.
    """
    found = _read_elements(root) | _read_address(root, address) | _read_meta(root) | _read_json_ld(root)
    return replace(found, is_decoded=True)


def _read_elements(root: HtmlElement) -> Record:
    heading = next(root.iter("h1"), None)
    heading = next(root.iter("title"), None) if heading is None else heading
    found = {"language": (root.get("lang"), "<html lang>")}
    if heading is not None:
        found["title"] = (" ".join(heading.itertext()), f"<{heading.tag}>")
    return Record.of({field: (value, provenance) for field, (value, provenance) in found.items() if value})


def _read_address(root: HtmlElement, loaded_from: str) -> Record:
    """Return the first declared address that can be that of one article, else the first one. Root pages name no article."""
    declared = [
        (value, provenance)
        for path, attribute, provenance in _ADDRESSES
        if (element := root.find(path)) is not None and (value := (element.get(attribute) or "").strip())
    ]
    base = root.find(".//base[@href]")
    known = [base.get("href").strip() if base is not None else "", loaded_from, *(value for value, _ in declared)]
    absolute = next(filter(is_absolute, known), "")
    resolved = [(resolve(value, absolute), provenance) for value, provenance in declared]
    chosen = next((each for each in resolved if names_article(each[0])), next(iter(resolved), None))
    return Record.of({"url": chosen} if chosen is not None else {})


def _read_meta(root: HtmlElement) -> Record:
    declared: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("http-equiv") or element.get("itemprop")
        content = (element.get("content") or "").strip()
        if name and content:
            declared.setdefault(name.lower(), []).append(content)
    found: dict[str, tuple[Any, str]] = {}
    for field, names in _META_NAMES.items():
        for name in names:
            values = declared.get(name, [])
            if values and not (field == "author" and values[0].startswith("http")):  # that is the URL of a profile
                found.setdefault(field, (values[0] if len(values) == 1 else values, f"<meta {name}>"))
    return Record.of(found)


def _read_json_ld(root: HtmlElement) -> Record:
    for script in root.iterfind(".//script[@type='application/ld+json']"):
        try:
            data = orjson.loads(script.text or "")
        except orjson.JSONDecodeError:
            continue  # a broken block must not cost what the other elements declare
        for node in _iter_nodes(data, 0):
            if _is_article(node):
                return _read_node(node)
    return Record({})


def _iter_nodes(data: Any, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(data, list) and depth < _MAX_GRAPH_DEPTH:
        for item in data:
            yield from _iter_nodes(item, depth + 1)
    elif isinstance(data, dict):
        yield data
        yield from _iter_nodes(data.get("@graph", []), depth + 1)


def _is_article(node: dict[str, Any]) -> bool:
    kind = node.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return "headline" in node and any(str(name).lower().endswith(_ARTICLE_TYPES) for name in kinds)


def _read_node(node: dict[str, Any]) -> Record:
    """Return the fields of an article. Scripts have no character references, but publishers write them into JSON-LD."""
    name_of = {field: next(filter(node.get, names), None) for field, names in _JSON_LD_NAMES.items()}
    return Record.of({field: (_decode(node[name]), f"JSON-LD {name}") for field, name in name_of.items() if name})


def _decode(value: Any, depth: int = 0) -> Any:
    if isinstance(value, str):
        return decode_references(value)
    if depth > MAX_NESTING:
        return None
    if isinstance(value, list):
        return [_decode(item, depth + 1) for item in value]
    return {key: _decode(item, depth + 1) for key, item in value.items()} if isinstance(value, dict) else value
