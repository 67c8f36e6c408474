"""Pages as news sites serve them: metadata by Beautiful Soup, the main text by trafilatura."""

from collections.abc import Iterator
from html import unescape
from typing import Any, BinaryIO

import orjson
from bs4 import BeautifulSoup
from htmldate import find_date
from trafilatura import extract

from searchsvc.corpus.content import clean, decode, read_all
from searchsvc.corpus.dates import parse_date
from searchsvc.corpus.markup import html_text

_ARTICLE_TYPES = ("article", "posting", "report", "webpage")
_META = {
    "title": ("og:title", "twitter:title", "dc.title", "headline"),
    "date": (
        *(
            "article:published_time",
            "og:published_time",
            "datepublished",
            "date",
            "pubdate",
            "dc.date",
            "dc.date.issued",
        ),
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


Found = dict[str, tuple[Any, str]]
"""Names of a record, with their values and where they were found."""


class Page(dict[str, Any]):
    """A record of a page; `where` says of each name where in the page it was found."""

    def __init__(self, found: Found) -> None:
        super().__init__({name: value for name, (value, _) in found.items() if value})
        self.where = {name: where for name, (value, where) in found.items() if value}


def read_html(stream: BinaryIO) -> Page:
    """The article of a page: JSON-LD first, then OpenGraph and other meta elements, then what the page itself shows."""
    html = clean(_decode(read_all(stream)))
    soup = BeautifulSoup(html, "lxml")
    found = {**_from_page(soup), **_from_meta(soup), **_from_json_ld(soup)}
    if "date" not in found or parse_date(found["date"][0]) is None:
        found["date"] = find_date(html, original_date=True), "the text of the page"
    text = extract(html, include_comments=False, include_tables=True, favor_precision=False)
    body, where = (_paragraphs(text), "the main text of the page") if text else found.get("body", ("", ""))
    if not body:
        body, where = html_text(str(soup.body or "")), "all text of the page"
    found["body"] = _without_title(body, found.get("title", ("", ""))[0]), where
    return Page(found)


def _decode(data: bytes) -> str:
    """By byte order mark or UTF-8, else as the page declares."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        declared = BeautifulSoup(data[:4_096], "lxml").original_encoding
        try:
            return data.decode(declared or "")
        except (LookupError, UnicodeDecodeError):
            return decode(data)


def _paragraphs(text: str) -> str:
    return "\n\n".join(line for line in text.splitlines() if line.strip())


def _without_title(body: str, title: object) -> str:
    """The body without a first paragraph that only repeats the title."""
    first, _, rest = body.partition("\n\n")
    return rest if rest and " ".join(first.split()) == " ".join(unescape(str(title)).split()) else body


def _from_page(soup: BeautifulSoup) -> Found:
    heading, time, root = soup.h1 or soup.title, soup.find("time", datetime=True), soup.find("html")
    canonical = soup.find("link", rel="canonical")
    found = {
        "title": (heading.get_text(" "), f"<{heading.name}>") if heading else None,
        "date": (time["datetime"], "<time>") if time else None,
        "language": (root.get("lang"), "<html lang>") if root else None,
        "url": (canonical.get("href"), "<link rel=canonical>") if canonical else None,
    }
    return {name: pair for name, pair in found.items() if pair and pair[0]}


def _from_meta(soup: BeautifulSoup) -> Found:
    values: dict[str, list[str]] = {}
    for element in soup("meta"):
        name = element.get("property") or element.get("name") or element.get("http-equiv") or element.get("itemprop")
        content = str(element.get("content") or "").strip()
        if name and content:
            values.setdefault(str(name).lower(), []).append(content)
    known = ((field, name) for field, names in _META.items() for name in names if name in values)
    found: Found = {}
    for field, name in known:
        if field not in found and _useful(field, values[name]):
            found[field] = _one_or_all(values[name]), f"<meta {name}>"
    return found


def _one_or_all(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


def _useful(field: str, values: list[str]) -> bool:
    """Addresses of profiles stand where names of authors should."""
    return field != "author" or not values[0].startswith("http")


def _from_json_ld(soup: BeautifulSoup) -> Found:
    for script in soup("script", type="application/ld+json"):
        try:
            data = orjson.loads(str(script.string or ""))  # orjson refuses subclasses of str
        except orjson.JSONDecodeError:
            continue  # a broken block says nothing; the meta elements still do
        for node in _nodes(data, 0):
            kind = node.get("@type")
            kinds = kind if isinstance(kind, list) else [kind]
            if any(str(name).lower().endswith(_ARTICLE_TYPES) for name in kinds) and "headline" in node:
                return _from_node(node)
    return {}


def _nodes(data: Any, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(data, list) and depth < 4:
        for item in data:
            yield from _nodes(item, depth + 1)
    elif isinstance(data, dict):
        yield data
        yield from _nodes(data.get("@graph", []), depth + 1)


def _from_node(node: dict[str, Any]) -> Found:
    named = ((field, name) for field, names in _JSON_LD.items() for name in names if node.get(name))
    found: Found = {}
    for field, name in named:
        found.setdefault(field, (node[name], f"JSON-LD {name}"))
    return found


_JSON_LD = {
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
