"""Pages as news sites serve them: metadata from the tree of lxml, the main text by trafilatura."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any, BinaryIO

import orjson
from bs4 import BeautifulSoup
from htmldate import find_date
from lxml.etree import ParserError, iterwalk
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from trafilatura import extract

from searchsvc.corpus.decoding import clean, decode, read_all
from searchsvc.corpus.formats.boilerplate import without_boilerplate
from searchsvc.corpus.formats.html_text import MAX_TAGS, html_text, stripped
from searchsvc.corpus.metadata.dates import PublicationDate, parse_date

MAX_ATTRIBUTES = 1_000
MAX_DEPTH = 250
"""A little less than what lxml cuts a tree at."""
MAX_ELEMENTS = 50_000
LONG_TAG = 5_000

_TAG_OF_LENGTH = re.compile(rf"<[^<>]{{{LONG_TAG},}}>?")
_DAY_IN_ADDRESS = re.compile(r"/(\d{4})[/-](\d{1,2})[/-](\d{1,2})(?=[/-])")
_HALF_A_DAY = timedelta(hours=12)
"""About as far as the day of any place is from that of UTC."""
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
    html = _without_overloaded_tags(clean(_decode(read_all(stream))))
    root = _parsed(html)
    if root is None:
        return Page({})
    found = {**_from_page(root), **_from_meta(root), **_from_json_ld(root)}
    if _is_monstrous(html, root):
        return Page({**found, "body": (stripped(html), "all text of the page, which has too many or too deep elements")})
    found["date"] = _date(html, root, found)
    text = _main_text(html, root)
    body, where = (text, "the main text of the page") if text else found.get("body", ("", ""))
    if not body:
        body, where = html_text(html), "all text of the page"
    title = unescape(str(found.get("title", ("", ""))[0]))
    found["body"] = _body(body, " ".join(title.split())), where
    return Page(found)


def _without_overloaded_tags(html: str) -> str:
    """The page without the tags that have so many attributes that parsers take minutes over them."""
    long = any(len(piece) > LONG_TAG and ">" not in piece[:LONG_TAG] for piece in html.split("<"))
    return _TAG_OF_LENGTH.sub(_unless_overloaded, html) if long else html


def _unless_overloaded(tag: re.Match[str]) -> str:
    """A long tag as it is, or a space where it has too many attributes."""
    return tag[0] if len(tag[0].split()) <= MAX_ATTRIBUTES else " "


def _is_monstrous(html: str, root: HtmlElement) -> bool:
    """Whether a page is made so that finding its main text would take minutes; seldom worth the time to find out."""
    if html.count("<") <= MAX_TAGS:
        return False
    depth = deepest = elements = 0
    for event, _ in iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest, elements = max(depth, deepest), elements + (event == "start")
    return deepest >= MAX_DEPTH or elements > MAX_ELEMENTS


def _parsed(html: str) -> HtmlElement | None:
    try:
        parser = HTMLParser(encoding="utf-8", collect_ids=False, remove_comments=True, remove_pis=True)
        return document_fromstring(html.encode(), parser=parser)
    except ParserError:
        return None  # there is nothing in it


def _date(html: str, root: HtmlElement, found: Found) -> tuple[Any, str]:
    """The declared date, else what htmldate finds, else that of the first <time>, which may be another article's."""
    declared, where = found.get("date", (None, ""))
    when = parse_date(declared)
    if when is not None:
        return _on_the_publishers_day(when, str(found.get("url", ("", ""))[0])), where
    day = find_date(html, original_date=True)
    time = root.find(".//time[@datetime]")
    return (day, "the text of the page") if day or time is None else (time.get("datetime"), "<time>")


def _on_the_publishers_day(when: PublicationDate, address: str) -> PublicationDate:
    """The date; where it is an instant in UTC and the page's address names the day beside, the instant of that day.

    Sites that declare UTC put their own day into the address: 2023-11-09T01:12Z is the evening of /2023/11/08/ in Denver.
    """
    named = _DAY_IN_ADDRESS.search(address)
    day = parse_date("-".join(named.groups())) if named else None
    if day is None or when.published is None or when.published.utcoffset() != timedelta(0):
        return when
    within = (when.published - _HALF_A_DAY).date() <= day.date <= (when.published + _HALF_A_DAY).date()
    return when._replace(date=day.date) if within else when


def _main_text(html: str, root: HtmlElement) -> str:
    """What trafilatura takes for the article: strictly, or where that finds nothing, with all its ways to find any."""
    strict = extract(root, include_comments=False, include_tables=True, favor_precision=True, fast=True)
    return strict or extract(html, include_comments=False, include_tables=True) or ""


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


def _body(text: str, title: str) -> str:
    """The main text with blank lines between its paragraphs; all of them where nothing else would be left."""
    lines = [line for line in text.splitlines() if line.strip()]
    return "\n\n".join([*without_boilerplate(lines, title)] or lines)


def _from_page(root: HtmlElement) -> Found:
    heading = next(root.iter("h1"), None)
    heading = next(root.iter("title"), None) if heading is None else heading
    canonical = root.find(".//link[@rel='canonical']")
    found = {
        "title": (" ".join(heading.itertext()), f"<{heading.tag}>") if heading is not None else None,
        "language": (root.get("lang"), "<html lang>"),
        "url": (canonical.get("href"), "<link rel=canonical>") if canonical is not None else None,
    }
    return {name: pair for name, pair in found.items() if pair and pair[0]}


def _from_meta(root: HtmlElement) -> Found:
    values: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("http-equiv") or element.get("itemprop")
        content = (element.get("content") or "").strip()
        if name and content:
            values.setdefault(name.lower(), []).append(content)
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


def _from_json_ld(root: HtmlElement) -> Found:
    for script in root.iterfind(".//script[@type='application/ld+json']"):
        try:
            data = orjson.loads(script.text or "")
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
