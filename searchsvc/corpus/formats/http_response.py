"""HTTP responses as crawls record them, and as `curl -i` and `wget --save-headers` save them: a head, and then a body."""

import re
from io import BytesIO
from typing import TYPE_CHECKING

from searchsvc.corpus.formats.content_coding import decode_body
from searchsvc.corpus.formats.sniffing import HEAD_BYTES, sniff
from searchsvc.errors import UserError
from searchsvc.extras import describe_missing

if TYPE_CHECKING:
    from warcio.statusandheaders import StatusAndHeaders

BEGIN = b"HTTP/"
HEAD = re.compile(rb"HTTP/\d(?:\.\d)? +[1-5]\d\d(?: [^\r\n]{0,200})?\r?\n(?:[!-9;-~]{1,100}:|\r?\n)")
"""How the head of a response begins in a file that need not be one: a status line, and a header or the end of the head."""

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
PAGE_TYPES = ("text/html", "application/xhtml")
_SAY_NOTHING = ("", "application/octet-stream", "unknown/unknown", "application/unknown", "*/*")
_MAX_HEADS = 20  # of redirections before the response itself


class HttpResponse:
    """A response. Heads of redirections and of `100 Continue` before its own are skipped.

    Raise UserError if the library that parses the head is not installed.
    """

    def __init__(self, data: bytes) -> None:
        missing = describe_missing("crawls")
        if missing:
            raise UserError(f"begins with the head of a response, which {missing}")
        from warcio.statusandheaders import StatusAndHeadersParser

        parser = StatusAndHeadersParser(["HTTP/"], verify=False)
        self._stream = BytesIO(data)
        for _ in range(_MAX_HEADS):
            self._head: StatusAndHeaders = parser.parse(self._stream)
            position = self._stream.tell()
            if self.status[:1] not in ("1", "3") or not data.startswith(BEGIN, position):
                break

    @property
    def status(self) -> str:
        return str(self._head.get_statuscode())

    @property
    def charset(self) -> str:
        """The encoding that the server declares, or ""."""
        found = _CHARSET.search(self._content_type)
        return found[1] if found else ""

    def is_page(self) -> bool:
        """Return whether this is a web page, not an error, a redirection or a file of another kind."""
        kind = self._content_type.partition(";")[0].strip().lower()
        return self.status == "200" and (kind.startswith(PAGE_TYPES) or (kind in _SAY_NOTHING and self._looks_like_page()))

    def body(self) -> bytes:
        """Return the body without chunks and compression. Raise UserError if it cannot be decoded, or is too large."""
        return decode_body(self._raw_body(), [*self._values("Content-Encoding"), *self._values("Transfer-Encoding")])

    @property
    def _content_type(self) -> str:
        return str(self._head.get_header("Content-Type", ""))

    def _looks_like_page(self) -> bool:
        return sniff(self._raw_body()[:HEAD_BYTES]) == ".html"

    def _raw_body(self) -> bytes:
        return self._stream.getvalue()[self._stream.tell() :]

    def _values(self, name: str) -> list[str]:
        """Return the values of all headers with a name, which may each have several."""
        values = (value for header, value in self._head.headers if header.lower() == name.lower())
        return [part for value in values for part in value.split(",")]
