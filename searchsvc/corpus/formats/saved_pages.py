"""Pages that browsers saved with all that belongs to them: MHTML (RFC 2557)."""

from collections.abc import Iterator
from email.message import Message
from typing import BinaryIO

from searchsvc.corpus.formats.embedded_data import without_embedded_data
from searchsvc.corpus.formats.html import parse_html
from searchsvc.corpus.formats.mime import header, lines, parse_message, part_bytes
from searchsvc.corpus.metadata.dates import parse_date
from searchsvc.corpus.metadata.identifiers import is_absolute, names_article
from searchsvc.corpus.record import Record
from searchsvc.errors import UserError

_PAGES = ("text/html", "application/xhtml+xml")


def read_mhtml(stream: BinaryIO) -> Iterator[Record]:
    """Yield the record of the page. Raise UserError if the file has none."""
    message = parse_message(lines(stream), _is_page)
    pages = [part for part in message.walk() if part.get_content_type() in _PAGES]
    if not pages:
        raise UserError("has no part that is a web page")
    address = header(message, "Snapshot-Content-Location")
    page = _main_part(message, pages, address)
    address = next(
        filter(is_absolute, (address, header(page, "Content-Location"), header(message, "Content-Location"))), ""
    )
    record = parse_html(without_embedded_data([part_bytes(page)]), address, page.get_content_charset(""))
    about = {"title": (header(message, "Subject"), "the header Subject")} if not record.fields.get("title") else {}
    if not names_article(str(record.fields.get("url", ""))):
        about["url"] = (address, "the address from which the page was saved")
    if date := parse_date(header(message, "Date")):
        about["saved"] = (date.date.isoformat(), "the header Date")
    yield record | Record.of({field: (value, where) for field, (value, where) in about.items() if value})


def _is_page(kind: bytes) -> bool:
    return kind.startswith((b"multipart/", b"message/")) or kind.decode() in _PAGES


def _main_part(message: Message, pages: list[Message], address: str) -> Message:
    """Return the page that the others are frames of: the named one, else that of the given address, else the first."""
    root = message.get_param("start")
    named = [page for page in pages if root and header(page, "Content-ID").strip("<> ") == str(root).strip("<> ")]
    located = [page for page in pages if address and header(page, "Content-Location") == address]
    return next(iter([*named, *located, *pages]))
