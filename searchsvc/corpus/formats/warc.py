"""WARC files of web crawls (ISO 28500): one article for each page that was answered with HTML, or text made of one."""

import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord

from searchsvc.corpus.decoding import MAX_TEXT_BYTES, decode, read_all
from searchsvc.corpus.formats.html import read_html
from searchsvc.errors import UserError


def read_warc(stream: BinaryIO) -> Iterator[dict[str, Any] | UserError]:
    """The pages of a crawl, from the bytes as they are, also of `.warc.gz`, whose records are compressed one by one.

    Images, redirections, errors and the like are passed over.
    """
    try:
        for record in ArchiveIterator(stream):
            if _is_page(record):
                yield _page(record)
    except ArchiveLoadFailed as error:
        yield UserError(f"is not a WARC file, or breaks off: {' '.join(str(error).split())[:200]}")


def _is_page(record: ArcWarcRecord) -> bool:
    if record.rec_type == "conversion":
        return str(record.content_type).startswith("text/plain")
    headers = record.http_headers
    if record.rec_type != "response" or headers is None or not str(headers.get_statuscode()).startswith("200"):
        return False
    return str(headers.get_header("Content-Type", "")).lower().startswith(("text/html", "application/xhtml"))


def _page(record: ArcWarcRecord) -> dict[str, Any] | UserError:
    url = record.rec_headers.get_header("WARC-Target-URI")
    try:
        content = read_all(record.content_stream(), MAX_TEXT_BYTES)
        if record.raw_stream.limit:  # what is missing of the record: warcio passes over it
            return UserError(f"({url}) breaks off")
        found = {"body": decode(content)} if record.rec_type == "conversion" else read_html(io.BytesIO(content))
    except UserError as error:
        return UserError(f"({url}) {error}")
    # An address that the page itself gives says better which article it is; the day of the crawl is not the article's.
    found.setdefault("url", url)
    found["crawled"] = record.rec_headers.get_header("WARC-Date")
    return found
