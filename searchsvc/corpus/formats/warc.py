"""WARC files of web crawls (ISO 28500) and their forerunners, ARC files: one record for each page of HTML.

Texts that were made of pages (WET) are records, too.
"""

from collections.abc import Iterator
from typing import BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from searchsvc.corpus.decoding import MAX_TEXT_BYTES, decode, require_size
from searchsvc.corpus.formats.html import parse_html
from searchsvc.corpus.formats.http_response import BEGIN, PAGE_TYPES, HttpResponse
from searchsvc.corpus.formats.warc_records import WarcRecord, read_records
from searchsvc.corpus.metadata.identifiers import names_article
from searchsvc.corpus.record import ReadFailure, Record
from searchsvc.errors import UserError


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


def read_arc(stream: BinaryIO) -> Iterator[Record | ReadFailure]:
    """Yield the pages of an ARC file, until it is damaged. The stream may be compressed."""
    crawl = _Crawl()
    try:
        for found in ArchiveIterator(stream, arc2warc=True, no_record_parse=True):
            block = found.raw_stream.read(MAX_TEXT_BYTES + 1)
            yield from crawl.read(WarcRecord(found.rec_headers, block, 0))
    except ArchiveLoadFailed as error:
        raise UserError(f"is not an ARC file, or is damaged: {' '.join(str(error).split())[:200]}") from None


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
        if kind == "resource" and str(warc_record.head.get_header("Content-Type")).startswith(PAGE_TYPES):
            return self._parse(_whole_block(warc_record), warc_record.url, "")
        if kind != "response" or not warc_record.block.startswith(BEGIN):
            return None
        response = HttpResponse(warc_record.block)
        if not response.is_page():
            return None
        _whole_block(warc_record)
        return self._parse(response.body(), warc_record.url, response.charset)

    def _parse(self, body: bytes, url: str, charset: str) -> Record:
        page = parse_html(body, url, charset)
        return page if self._has_own_address(page, url) else page | Record({"url": url})

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
