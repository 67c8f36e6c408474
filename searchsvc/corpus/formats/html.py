"""Pages of news sites: metadata from elements, the main text by trafilatura, and dates not declared by htmldate."""

import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from itertools import chain, islice
from typing import BinaryIO, cast

from bs4.dammit import EncodingDetector
from htmldate import find_date
from lxml.etree import ParserError, iterwalk
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from searchsvc.corpus.charsets import Label
from searchsvc.corpus.decoding import CHUNK_BYTES, clean, decode, read_chunks
from searchsvc.corpus.formats.boilerplate import remove_boilerplate
from searchsvc.corpus.formats.content_coding import decode_body
from searchsvc.corpus.formats.document_parts import MAX_PACKED_BYTES
from searchsvc.corpus.formats.embedded_data import without_embedded_data
from searchsvc.corpus.formats.html_metadata import read_metadata
from searchsvc.corpus.formats.html_text import MAX_TAGS, html_text, strip_tags
from searchsvc.corpus.formats.http_response import HEAD, HttpResponse
from searchsvc.corpus.formats.main_text import find_main_text
from searchsvc.corpus.metadata.dates import PublicationDate, parse_date
from searchsvc.corpus.metadata.values import body_text
from searchsvc.corpus.record import Record

MAX_ATTRIBUTES = 1_000
MAX_DEPTH = 250  # a little less than the depth at which lxml truncates a tree
MAX_ELEMENTS = 50_000
LONG_TAG = 5_000
_HEAD_BYTES = 16_384  # in which a page may declare its encoding

_LONG_TAG = re.compile(rf"<[^<>]{{{LONG_TAG},}}>?")
_DAY_IN_URL = re.compile(
    r"""/(?: ((?:19|20)\d\d)/(\d{1,2}|[a-z]{3})/(\d{1,2})(?=[/.?\#_]|$)
      | ((?:19|20)\d\d)-(\d{1,2})-(\d{1,2})(?=[/.?\#_-]|$)
      | ((?:19|20)\d\d)(\d\d)(\d\d)(?=[/.?\#_-]|$) )""",
    re.VERBOSE | re.IGNORECASE,
)
_ZIP_MEMBER, _MAIN_MEMBER = b"PK\x03\x04", "index.html"
_HALF_DAY = timedelta(hours=12)  # the most by which local time differs from UTC, roughly


def read_html(stream: BinaryIO) -> Iterator[Record]:
    """Yield the record of a page."""
    data = _read_page(read_chunks(stream))
    if HEAD.match(data):  # saved with the head of the response
        response = HttpResponse(data)
        yield parse_html(response.body(), charset=response.charset)
    else:
        yield parse_html(decode_body(data, ()))  # which some servers and programs leave compressed


def _read_page(chunks: Iterator[bytes]) -> bytes:
    """Return a page without embedded data. A file may also be a zip archive of the page, as SingleFile saves it."""
    data = next(chunks, b"")
    if _ZIP_MEMBER in data:
        data += b"".join(islice(chunks, MAX_PACKED_BYTES // CHUNK_BYTES))
        if zipfile.is_zipfile(BytesIO(data)):
            with zipfile.ZipFile(BytesIO(data)) as archive:
                if _MAIN_MEMBER in archive.namelist():
                    return without_embedded_data(read_chunks(cast(BinaryIO, archive.open(_MAIN_MEMBER))))
    return without_embedded_data(chain([data], chunks))


def parse_html(data: bytes, address: str = "", charset: str = "") -> Record:
    """Return the record of a page. Raise UserError if the bytes are not text.

    `address` and `charset` are what a server said about the page, if they are known.
    """
    html = _remove_overloaded_tags(clean(_decode(data, charset)))
    root = _parse_tree(html)
    if root is None:
        return Record({})
    metadata = read_metadata(root, address)
    if _exceeds_limits(html, root):
        provenance = "all text of the page, which has too many or too deep elements"
        return metadata | Record.of({"body": (strip_tags(html), provenance)})
    return metadata | _find_date(root, metadata, address) | _find_body(html, root, metadata)


def _decode(data: bytes, charset: str) -> str:
    """Decode a page like a browser: what the server says counts more than what the page says."""
    declared = EncodingDetector.find_declared_encoding(data[:_HEAD_BYTES], is_html=True, search_entire_document=True)
    return decode(data, [Label(charset, "the server"), Label(declared or "", "the page")])


def _remove_overloaded_tags(html: str) -> str:
    """Return the page without tags of very many attributes, over which parsers take minutes."""
    has_long_tag = any(len(piece) > LONG_TAG and ">" not in piece[:LONG_TAG] for piece in html.split("<"))
    if not has_long_tag:
        return html
    return _LONG_TAG.sub(lambda tag: tag[0] if len(tag[0].split()) <= MAX_ATTRIBUTES else " ", html)


def _parse_tree(html: str) -> HtmlElement | None:
    try:
        parser = HTMLParser(encoding="utf-8", collect_ids=False, remove_comments=True, remove_pis=True)
        return document_fromstring(html.encode(), parser=parser)
    except ParserError:
        return None  # the page is empty


def _exceeds_limits(html: str, root: HtmlElement) -> bool:
    """Return whether a page has so many or so deeply nested elements that extraction would take minutes."""
    if html.count("<") <= MAX_TAGS:  # true of nearly every page, and much faster to find out than the rest
        return False
    depth = deepest = elements = 0
    for event, _ in iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest, elements = max(depth, deepest), elements + (event == "start")
    return deepest >= MAX_DEPTH or elements > MAX_ELEMENTS


def _find_date(root: HtmlElement, metadata: Record, address: str) -> Record:
    """Return the date that a page declares, names in its address or holds in its text, the first that there is.

    A <time> comes last: it may belong to another article.
    """
    declared = parse_date(metadata.fields.get("date"))
    day = _day_in_url(str(metadata.fields.get("url") or address))
    if declared is not None:
        return Record.of({"date": (_match_day(declared, day), metadata.provenance["date"])})
    if day is not None:
        return Record.of({"date": (day, "the address of the page")})
    found = find_date(root, original_date=True)  # given the text of a page that is an address, it would load what is there
    time = root.find(".//time[@datetime]")
    if found or time is None:
        return Record.of({"date": (found, "the text of the page")})
    return Record.of({"date": (time.get("datetime"), "<time>")})


def _day_in_url(url: str) -> PublicationDate | None:
    """Return the day that an address names, as in `/2023/11/08/`, `/2023/nov/08/` or `/20231108.html`."""
    match = _DAY_IN_URL.search(url)
    return parse_date("-".join(filter(None, match.groups()))) if match else None


def _match_day(date: PublicationDate, day: PublicationDate | None) -> PublicationDate:
    """Return a date in UTC with the day that the URL of the page names, if that day is next to its own.

    Such sites put the local day into the URL: 2023-11-09T01:12Z is the evening of /2023/11/08/ in Denver.
    """
    if day is None or date.published is None or date.published.utcoffset() != timedelta(0):
        return date
    is_near = (date.published - _HALF_DAY).date() <= day.date <= (date.published + _HALF_DAY).date()
    return date._replace(date=day.date) if is_near else date


def _find_body(html: str, root: HtmlElement, metadata: Record) -> Record:
    """Return the main text without boilerplate, else all text of the page."""
    text, provenance = find_main_text(root, body_text(metadata.fields.get("body")))
    if not text:
        text, provenance = html_text(html), "all text of the page"
    title = " ".join(str(metadata.fields.get("title", "")).split())
    lines = [line for line in text.splitlines() if line.strip()]
    paragraphs = [*remove_boilerplate(lines, title)] or lines  # the boilerplate, if there is nothing else
    return Record.of({"body": ("\n\n".join(paragraphs), provenance)})
