"""The formats of files whose names do not tell them, such as `index.php?id=5` or `INBOX`: by their first bytes.

Web pages are recognised as browsers do it (WHATWG MIME Sniffing, section 7.1). Plain text is not: nothing distinguishes an
article from a list, a program or a log.
"""

import mimetypes
import re
import zlib
from functools import cache

from searchsvc.corpus.charsets import UTF_16_MARKS

HEAD_BYTES = 512
"""The bytes at the start of a file that are looked at."""

_UTF_8_MARK = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b\x08"
_SPACE = b"\t\n\f\r "
_PAGE = re.compile(
    rb"<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|meta)[\t\n\f\r />]",
    re.IGNORECASE,
)
_FEED = re.compile(rb"<(?:rss|feed|rdf:RDF)[\t\n\f\r >]")
_HTTP_PAGE = re.compile(
    rb"HTTP/[1-3](?:\.\d)? [123]\d\d\b(?s:.){0,400}\ncontent-type:[ \t]*(?:text/html|application/xhtml)", re.IGNORECASE
)
_ZIPPED = re.compile(rb"PK\x03\x04(?s:.){26}mimetypeapplication/(?:(epub\+zip)|vnd\.oasis\.opendocument\.text(?=PK))")
_MAILBOX = re.compile(rb"From [^\r\n]{1,200}\d:\d\d[^\r\n]{0,40}\r?\n(?:>?[A-Za-z][\w-]{0,70}:|>From )")
_HEADER = re.compile(
    rb"^(?:return-path|received|delivered-to|from|date|message-id|mime-version|subject|to|x-[\w-]{1,60}):",
    re.IGNORECASE | re.MULTILINE,
)
_SAVED_PAGE = re.compile(rb'^(?:From:[ \t]*["<]?Saved by |Snapshot-Content-Location:)', re.IGNORECASE | re.MULTILINE)
_MIN_HEADERS = 3  # that make a message


def is_of_other_kind(suffix: str) -> bool:
    """Return whether a suffix is that of pictures, programs or the like, so that no such file has to be opened."""
    return suffix in _other_suffixes()


@cache
def _other_suffixes() -> frozenset[str]:
    """Return the suffixes of Python's own table of media types, without those that this machine may add to it."""
    return frozenset(suffix for table in mimetypes.MimeTypes(filenames=()).types_map for suffix in table)


def sniff(head: bytes) -> str:
    """Return the suffix of the format of a file with these first bytes. Return "" if they do not tell it for certain."""
    if head.startswith(_GZIP):  # some servers and crawlers leave pages compressed
        unpacked = _sniff_plain(_unpack(head))
        return unpacked if unpacked in (".html", ".warc") else ""
    return _sniff_plain(head)


def _unpack(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(head, HEAD_BYTES)
    except zlib.error:
        return b""


def _sniff_plain(head: bytes) -> str:
    if head.startswith(UTF_16_MARKS):
        head = head.decode("utf-16", errors="ignore").encode(errors="ignore")
    head = head.removeprefix(_UTF_8_MARK)
    if head.startswith(b"%PDF-"):
        return ".pdf"
    if zipped := _ZIPPED.match(head):
        return ".epub" if zipped[1] else ".odt"
    if head.startswith((b"WARC/1.", b"WARC/0.1")):
        return ".warc"
    if head.startswith(b"filedesc://"):
        return ".arc"
    return _sniff_markup(head) or _sniff_message(head)


def _sniff_markup(head: bytes) -> str:
    if _HTTP_PAGE.match(head):
        return ".html"
    markup = _skip_prologue(head)
    if _PAGE.match(markup):
        return ".html"
    return ".xml" if _FEED.match(markup) else ""


def _skip_prologue(head: bytes) -> bytes:
    """Return what follows declarations, comments and white space. A comment without an end in sight is taken for a page."""
    while True:
        head = head.lstrip(_SPACE)
        ends = {b"<?xml": b"?>", b"<!--": b"-->"}
        end = next((end for begin, end in ends.items() if head.startswith(begin)), b"")
        if not end:
            return head
        _, found, rest = head.partition(end)
        if not found:
            return b"<html>" if end == b"-->" else b""
        head = rest


def _sniff_message(head: bytes) -> str:
    if _MAILBOX.match(head):
        return ".mbox"
    if not _HEADER.match(head):
        return ""
    if _SAVED_PAGE.search(head):
        return ".mhtml"
    names = {header.lower() for header in _HEADER.findall(head)}
    return ".eml" if len(names) >= _MIN_HEADERS else ""
