"""Metadata of pages: JSON-LD first, then OpenGraph and other <meta> elements, then visible elements of the page."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from searchsvc.corpus.formats.html_authors import find_authors
from searchsvc.corpus.formats.json_ld import LinkedData, read_json_ld
from searchsvc.corpus.formats.page_titles import (
    Title,
    find_title,
    links_to_front_page,
    plain,
    read_headings,
    read_title_element,
)
from searchsvc.corpus.formats.site_names import SiteNames
from searchsvc.corpus.metadata.dates import parse_date
from searchsvc.corpus.metadata.identifiers import is_absolute, names_article, resolve
from searchsvc.corpus.record import Record

_META_DATES = (
    *("article:published_time", "og:published_time", "datepublished", "date", "pubdate", "dc.date", "dc.date.issued"),
    *("dcterms.created", "parsely-pub-date", "sailthru.date", "publish-date", "publication_date"),
)
_META_NAMES = {
    "source": ("og:site_name", "publisher", "dc.publisher", "application-name"),
    "section": ("article:section", "section", "parsely-section"),
    "tag": ("article:tag", "news_keywords", "keywords", "parsely-tags"),
    "language": ("og:locale", "content-language"),
    "description": ("description", "og:description"),
}
_META_TITLES = ("og:title", "twitter:title", "dc.title", "headline")
_ADDRESSES = (
    (".//meta[@property='og:url']", "content", "<meta og:url>"),
    (".//link[@rel='canonical']", "href", "<link rel=canonical>"),
)
_LINKS = 5_000  # of a page, the first of which to its front page are looked for
_FRONT_PAGE_LINKS = 5  # which are looked at for names of the site

Meta = dict[str, list[str]]


def read_metadata(root: HtmlElement, address: str = "") -> Record:
    """Return the metadata that a page declares. Of several declarations of one field, the most precise one is used.

    A relative address is resolved if the page names an absolute one, or if `address`, from which it was loaded, is known.
    """
    meta, linked = _meta_elements(root), read_json_ld(root)
    language = Record.of({"language": (root.get("lang"), "<html lang>")} if root.get("lang") else {})
    found = language | _read_address(root, address) | _read_meta(meta) | linked.fields | _read_date(meta, linked)
    people = _read_title_and_authors(root, meta, linked, [str(found.fields.get("url", "")), address])
    return replace(found | people, is_decoded=True)


def _read_date(meta: Meta, linked: LinkedData) -> Record:
    """Return the first declared date that can be parsed. If there is none, return the first one as it is written."""
    declared = [(text, f"JSON-LD {name}") for text, name in linked.dates]
    declared += [(text, f"<meta {name}>") for name in _META_DATES for text in meta.get(name, [])]
    chosen = next((each for each in declared if parse_date(each[0]) is not None), next(iter(declared), None))
    return Record.of({"date": chosen} if chosen is not None else {})


def _read_title_and_authors(root: HtmlElement, meta: Meta, linked: LinkedData, addresses: list[str]) -> Record:
    headings = read_headings(root)
    named = (*linked.site_names, *(name for key in _META_NAMES["source"] for name in meta.get(key, [])), *headings.logos)
    sites = SiteNames(named, _front_page_links(root), addresses)
    declared = [Title(plain(text), f"JSON-LD {name}") for text, name in linked.titles]
    declared += [Title(plain(text), f"<meta {name}>") for name in _META_TITLES for text in meta.get(name, [])]
    title = find_title(declared, headings, read_title_element(root), sites)
    authors = find_authors(root, meta, linked, sites)
    found: dict[str, tuple[Any, str]] = {}
    if title is not None:
        found["title"] = title
    if authors is not None:
        found["author"] = ([*authors.names], authors.provenance)
    return Record.of(found)


def _front_page_links(root: HtmlElement) -> Iterator[str]:
    """Yield the texts of the first links to a front page, or those that stand for their pictures."""
    links = (link for link in islice(root.iter("a"), _LINKS) if links_to_front_page(link))
    for link in islice(links, _FRONT_PAGE_LINKS):
        yield "".join(link.itertext())
        yield link.get("title") or ""
        yield from (image.get("alt") or "" for image in link.iter("img"))


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


def _meta_elements(root: HtmlElement) -> Meta:
    """Return the contents of the <meta> elements by their names."""
    declared: Meta = {}
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("http-equiv") or element.get("itemprop")
        content = (element.get("content") or "").strip()
        if name and content:
            declared.setdefault(name.strip().lower(), []).append(content)
    return declared


def _read_meta(declared: Meta) -> Record:
    found: dict[str, tuple[Any, str]] = {}
    for field, names in _META_NAMES.items():
        for name in names:
            if values := declared.get(name, []):
                found.setdefault(field, (values[0] if len(values) == 1 else values, f"<meta {name}>"))
    return Record.of(found)
