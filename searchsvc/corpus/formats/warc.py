"""WARC files of web crawls (ISO 28500): one record for each page of HTML, and for each text that was made of a page."""

from collections.abc import Iterator
from typing import BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord

from searchsvc.corpus.decoding import decode, read_all
from searchsvc.corpus.formats.html import parse_html
from searchsvc.corpus.record import ReadFailure, Record
from searchsvc.errors import UserError


def read_warc(stream: BinaryIO) -> Iterator[Record | ReadFailure]:
    """Yield the pages of a crawl without images, redirections and error pages. The stream may be compressed."""
    try:
        for warc_record in ArchiveIterator(stream):
            if _is_page(warc_record):
                yield _read_page(warc_record)
    except ArchiveLoadFailed as error:
        yield ReadFailure(f"is not a WARC file, or is truncated: {' '.join(str(error).split())[:200]}")


def _is_page(warc_record: ArcWarcRecord) -> bool:
    if warc_record.rec_type == "conversion":
        return str(warc_record.content_type).startswith("text/plain")
    headers = warc_record.http_headers
    if warc_record.rec_type != "response" or headers is None or not str(headers.get_statuscode()).startswith("200"):
        return False
    return str(headers.get_header("Content-Type", "")).lower().startswith(("text/html", "application/xhtml"))


def _read_page(warc_record: ArcWarcRecord) -> Record | ReadFailure:
    url = warc_record.rec_headers.get_header("WARC-Target-URI")
    try:
        content = read_all(warc_record.content_stream())
        if warc_record.raw_stream.limit:  # bytes that are missing at the end, which warcio does not report
            return ReadFailure(f"({url}) is truncated")
        is_text = warc_record.rec_type == "conversion"
        page = Record({"body": decode(content)}) if is_text else parse_html(content)
    except UserError as error:
        return ReadFailure(f"({url}) {error}")
    # The page's own URL identifies the article better than that of the crawl, and the day of the crawl is not its date.
    return Record({"url": url}) | page | Record({"crawled": warc_record.rec_headers.get_header("WARC-Date")})
