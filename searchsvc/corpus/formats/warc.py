"""WARC files of web crawls (ISO 28500): one record for each page of HTML, and for each text that was made of a page."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser

from searchsvc.corpus.decoding import decode, require_size
from searchsvc.corpus.formats.content_coding import decode_body
from searchsvc.corpus.formats.html import parse_html
from searchsvc.corpus.formats.warc_records import WarcRecord, read_records
from searchsvc.corpus.metadata.identifiers import names_article
from searchsvc.corpus.record import ReadFailure, Record
from searchsvc.errors import UserError

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_HTTP_HEAD = StatusAndHeadersParser(["HTTP/"], verify=False)
_PAGES = ("text/html", "application/xhtml")


def read_warc(stream: BinaryIO) -> Iterator[Record | ReadFailure]:
    """Yield the pages of a crawl without images, redirections and error pages. The stream may be compressed.

    Pages that cannot be read, and stretches of the file that are damaged, are failures. Raise UserError if the file holds
    no record at all.
    """
    crawl, has_records = _Crawl(), False
    damage: list[ReadFailure] = []
    for found in read_records(stream):
        if isinstance(found, ReadFailure):
            damage.append(found)
            continue
        yield from damage
        damage.clear()
        has_records = True
        yield from crawl.read(found)
    if not has_records:
        raise UserError("is not a WARC file, or is truncated")
    yield from damage


class _Crawl:
    """A crawl, and the titles of its pages by the addresses that they declare."""

    def __init__(self) -> None:
        self._titles: dict[int, int] = {}

    def read(self, warc_record: WarcRecord) -> Iterator[Record | ReadFailure]:
        """Yield the page or text of a record, if it has one, or the reason why it cannot be read."""
        try:
            page = self._page(warc_record)
        except UserError as error:
            yield ReadFailure(f"({warc_record.url}) {error}")
            return
        if page is not None:
            # The day of the crawl is not the date of the page.
            yield page | Record({"crawled": warc_record.head.get_header("WARC-Date")})

    def _page(self, warc_record: WarcRecord) -> Record | None:
        kind = warc_record.head.get_header("WARC-Type")
        if kind == "conversion" and str(warc_record.head.get_header("Content-Type")).startswith("text/plain"):
            return Record({"url": warc_record.url, "body": decode(_whole_block(warc_record))})
        block = BytesIO(warc_record.block)
        if kind != "response" or not warc_record.block.startswith(b"HTTP/"):
            return None
        http = _HTTP_HEAD.parse(block)
        content_type = str(http.get_header("Content-Type", ""))
        if not str(http.get_statuscode()).startswith("200") or not content_type.strip().lower().startswith(_PAGES):
            return None
        _whole_block(warc_record)
        body = decode_body(block.read(), [*_values(http, "Content-Encoding"), *_values(http, "Transfer-Encoding")])
        charset = _CHARSET.search(content_type)
        page = parse_html(body, warc_record.url, charset[1] if charset else "")
        return page if self._has_own_address(page, warc_record.url) else page | Record({"url": warc_record.url})

    def _has_own_address(self, page: Record, loaded_from: str) -> bool:
        """Return whether the address that a page declares identifies it better than the one from which it was loaded.

        It does not if another page with another title has declared the same one: some sites declare it on all their pages.
        """
        declared = str(page.fields.get("url", ""))
        if declared == loaded_from or not names_article(declared):
            return False
        title = hash(str(page.fields.get("title", "")))
        return self._titles.setdefault(hash(declared), title) == title


def _whole_block(warc_record: WarcRecord) -> bytes:
    """Return the block of a record. Raise UserError if it is truncated or too large."""
    require_size(warc_record.block)
    if warc_record.missing:
        raise UserError("is truncated")
    return warc_record.block


def _values(http: StatusAndHeaders, name: str) -> list[str]:
    """Return the values of all headers with a name, which may each have several."""
    values = (value for header, value in http.headers if header.lower() == name.lower())
    return [part for value in values for part in value.split(",")]
