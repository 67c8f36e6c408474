"""Metadata of pages: JSON-LD first, then OpenGraph and other <meta> elements, then visible elements of the page."""

from collections.abc import Iterator
from typing import Any

import orjson
from lxml.html import HtmlElement

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
    "url": ("og:url",),
    "language": ("og:locale", "content-language"),
    "description": ("description", "og:description"),
}
_MAX_GRAPH_DEPTH = 4


def read_metadata(root: HtmlElement) -> Record:
    """Return the metadata that a page declares. Of several declarations of one field, the most precise one is used."""
    return _read_elements(root) | _read_meta(root) | _read_json_ld(root)


def _read_elements(root: HtmlElement) -> Record:
    heading = next(root.iter("h1"), None)
    heading = next(root.iter("title"), None) if heading is None else heading
    canonical = root.find(".//link[@rel='canonical']")
    found = {"language": (root.get("lang"), "<html lang>")}
    if heading is not None:
        found["title"] = (" ".join(heading.itertext()), f"<{heading.tag}>")
    if canonical is not None:
        found["url"] = (canonical.get("href"), "<link rel=canonical>")
    return Record.of({field: (value, provenance) for field, (value, provenance) in found.items() if value})


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
    name_of = {field: next(filter(node.get, names), None) for field, names in _JSON_LD_NAMES.items()}
    return Record.of({field: (node[name], f"JSON-LD {name}") for field, name in name_of.items() if name})
