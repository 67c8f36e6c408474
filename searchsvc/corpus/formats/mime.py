"""MIME messages (RFC 2045), as in e-mail and saved pages: their lines without attachments, their headers and their texts.

Python's email package parses what is left. A message of 50 MB, most of it pictures, needs no more memory than its text.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from typing import BinaryIO

from searchsvc.corpus.charsets import Label
from searchsvc.corpus.decisions import listening
from searchsvc.corpus.decoding import decode
from searchsvc.errors import UserError

MAX_LINE = 65_536  # bytes of a line that are read at once
MAX_MESSAGE_BYTES = 30 * 2**20  # of a message without its attachments
MAX_HEADER = 10_000  # characters of a header that are decoded

_CONTROLS = bytes({*range(0x20), 0x7F} - {*b"\t\n\r\x0e\x0f\x1b"})
"""Characters that have no place in a header. Some encodings switch their characters by the others."""
_BOUNDARY = re.compile(rb'boundary\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_CONTENT_TYPE = re.compile(rb"^content-type[ \t]*:[\s]*([\w.+-]{1,80}/[\w.+-]{1,80})?", re.IGNORECASE | re.MULTILINE)


def lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a stream without a byte order mark. A very long one comes in pieces."""
    line = stream.readline(MAX_LINE).removeprefix(BOM_UTF8)
    while line:
        yield line
        line = stream.readline(MAX_LINE)


def parse_message(message_lines: Iterable[bytes], is_read: Callable[[bytes], bool]) -> Message:
    """Return a message with the parts of which `is_read` says so, by their media type, and only the heads of the others.

    Raise UserError if these are too large, or nested too deeply.
    """
    kept: list[bytes] = []
    size = 0
    for line in _without_other_parts(message_lines, is_read):
        kept.append(line)
        size += len(line)
        if size > MAX_MESSAGE_BYTES:
            raise UserError(f"has more than {MAX_MESSAGE_BYTES // 2**20} MiB without its attachments")
    try:
        return message_from_bytes(b"".join(kept))
    except RecursionError:
        raise UserError("has parts that are nested too deeply") from None


def _without_other_parts(message_lines: Iterable[bytes], is_read: Callable[[bytes], bool]) -> Iterator[bytes]:
    head: list[bytes] | None = []
    boundaries: set[bytes] = set()
    keeps = True
    for line in message_lines:
        if _is_boundary(line, boundaries):
            head, keeps = [], True
        elif head is not None:
            head.append(line)
            if not line.strip():
                kind = _read_head(b"".join(head), boundaries)
                keeps = is_read(kind)
                head = [] if kind == b"message/rfc822" else None  # the head of that message follows
                yield line
                continue
        if keeps:
            yield line


def _read_head(head: bytes, boundaries: set[bytes]) -> bytes:
    """Return the media type that the head of a part declares, and note the boundary of the parts in it."""
    boundary = _BOUNDARY.search(head)
    if boundary is not None:
        boundaries.add((boundary[1] or boundary[2]).strip())
    kind = _CONTENT_TYPE.search(head)
    return (kind[1] or b"text/plain").lower() if kind is not None else b"text/plain"


def _is_boundary(line: bytes, boundaries: set[bytes]) -> bool:
    if not line.startswith(b"--"):
        return False
    name = line.strip()[2:]
    return name in boundaries or name.removesuffix(b"--") in boundaries


def header(message: Message, name: str) -> str:
    """Return the decoded text of the first header with a name, or ""."""
    raw = next((value for key, value in message.raw_items() if key.lower() == name.lower()), "")
    return decode_words(str(raw)[:MAX_HEADER])


def decode_words(raw: str) -> str:
    """Return the text of a header that may have encoded words, and bytes beyond ASCII as surrogates."""
    with listening():  # so that its encoding is not taken for that of the whole file
        return _decode_words(raw)


def _decode_words(raw: str) -> str:
    data = raw.encode("utf-8", "surrogateescape").translate(None, _CONTROLS)
    text = data.decode() if data.isascii() else decode(data)
    unfolded = re.sub(r"\r?\n[ \t]*", " ", text)
    if "=?" not in unfolded:
        return unfolded.strip()
    try:
        return "".join(_decode_word(word, charset) for word, charset in decode_header(unfolded)).strip()
    except (HeaderParseError, ValueError):  # of a word that is not base64
        return unfolded.strip()


def _decode_word(word: bytes | str, charset: str | None) -> str:
    if isinstance(word, str):
        return word
    # Python returns the text between encoded words as bytes that stand for themselves.
    return (
        decode_labelled(word.translate(None, _CONTROLS), charset)
        if charset
        else word.decode("raw-unicode-escape", "replace")
    )


def part_text(part: Message) -> str:
    """Return the decoded text of a part that is text."""
    return decode_labelled(part_bytes(part), part.get_content_charset(""))


def part_bytes(part: Message) -> bytes:
    """Return the bytes of a part, without base64 and quoted-printable."""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def decode_labelled(data: bytes, charset: str) -> str:
    """Decode bytes by their own look and by the encoding that a message declares."""
    return decode(data, [Label(charset.strip("\"' "), "the message")]) if data else ""
