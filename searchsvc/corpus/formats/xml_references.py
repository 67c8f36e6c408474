"""Character references of XML by number instead of by name.

From the first fault of a document on, libxml2 leaves out every named reference, also `&lt;` and `&amp;`. It keeps those by
number. An `&` that begins no reference is such a fault, and so is a name of HTML such as `&nbsp;`.
"""

import re
from html.entities import html5
from io import BytesIO
from typing import BinaryIO

_REFERENCE = re.compile(rb"<!\[CDATA\[|\]\]>|&(?:([A-Za-z][A-Za-z0-9]{0,31});|(?!#(?:[0-9]{1,7}|x[0-9A-Fa-f]{1,6});))")
_CUT = re.compile(rb"(?:&[#\w]{0,32}|<(?:!(?:\[\w{0,5})?)?|\]{1,2})\Z")
"""What may be the first part of a reference or delimiter, at the end of a piece."""
_MAX_CUT = 33  # bytes of it
_CDATA = b"<![CDATA["
_OTHER_ENCODING = re.compile(
    rb"\xff\xfe|\xfe\xff|\0|<\0|<\?xml[^>]{0,100}\sencoding\s*=\s*[\"'](?:iso-?2022|csiso2022|hz|utf-?(?:7|16|32)|ucs)",
    re.IGNORECASE,
)
"""How a document begins in whose encoding the byte of `&` may be a part of another character."""


class NumericReferences:
    """A stream of XML in which character references have numbers. Names that HTML does not know stay as they are."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._held = b""
        self._is_begun = self._is_other_encoding = self._is_in_cdata = False

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, about `size` of them. Return b"" at the end."""
        while chunk := self._stream.read(size):
            if piece := self._convert(chunk):
                return piece
        rest, self._held = self._held, b""
        return _REFERENCE.sub(self._replace, rest)

    def _convert(self, chunk: bytes) -> bytes:
        """Return a piece that is converted, and hold back what may go on in the next one."""
        if not self._is_begun:
            self._is_begun, self._is_other_encoding = True, _OTHER_ENCODING.match(chunk) is not None
        if self._is_other_encoding:
            return chunk
        data = self._held + chunk
        cut = _CUT.search(data, max(0, len(data) - _MAX_CUT))
        end = cut.start() if cut else len(data)
        self._held = data[end:]
        return _REFERENCE.sub(self._replace, data[:end])

    def _replace(self, match: re.Match[bytes]) -> bytes:
        if not match[0].startswith(b"&"):
            self._is_in_cdata = match[0] == _CDATA
            return match[0]
        return match[0] if self._is_in_cdata else _numeric(match)


def _numeric(reference: re.Match[bytes]) -> bytes:
    if reference[1] is None:
        return b"&#38;"
    characters = html5.get(f"{reference[1].decode()};", "")
    return "".join(f"&#{ord(character)};" for character in characters).encode() or reference[0]


def numeric_references(data: bytes) -> bytes:
    """Return XML in which character references have numbers."""
    stream = NumericReferences(BytesIO(data))
    return stream.read() + stream.read()  # all but what looks cut off, and that
