"""Decoding of HTTP bodies as crawls record them: in chunks, and compressed by one or several codings (RFC 9110).

Servers label bodies wrongly, and some crawlers decode bodies but keep the labels. So the first bytes of a body count more
than its labels.
"""

import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from searchsvc.corpus.charsets import UTF_16_MARKS
from searchsvc.corpus.decoding import MAX_TEXT_BYTES, require_size
from searchsvc.errors import UserError
from searchsvc.extras import describe_missing

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    _Decompressor = zlib._Decompress | zstd.ZstdDecompressor

MAX_LAYERS = 4  # codings that are declared, and as many that are found without a declaration
MAX_MEMBERS = 100  # of one compression, each with a head of its own
_LONG = 200  # bytes of a body from which on compressed data certainly has control characters

_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")
_GZIP, _ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def decode_body(body: bytes, codings: Iterable[str]) -> bytes:
    """Return a body without chunks and compression. Raise UserError if it cannot be decoded, or is too large.

    `codings` are the content codings and then the transfer codings, in the order in which they were applied.
    """
    labels = [label.strip().lower().removeprefix("x-") for label in codings]
    if "chunked" in labels:
        body = _join_chunks(body)
    compressions = [label for label in labels if label not in ("", "chunked", "identity")]
    for label in (*reversed(compressions[-MAX_LAYERS:]), *[""] * MAX_LAYERS):
        body = _decode_layer(body, label)
    return body


def _join_chunks(body: bytes) -> bytes:
    """Return the data of a chunked body. What is not a chunk is kept as it is, since some bodies only say that they are."""
    chunks, position = [], 0
    while head := _CHUNK_SIZE.match(body, position):
        start, size = head.end(), int(head[1], 16)
        chunks.append(body[start : start + size])
        position = start + size
        if not size:
            return b"".join(chunks)
        position += len(b"\r\n") if body.startswith(b"\r\n", position) else body.startswith(b"\n", position)
    return b"".join([*chunks, body[position:]])


def _decode_layer(body: bytes, label: str) -> bytes:
    """Undo one compression. Return the body itself if it is text, whatever its label says."""
    coding = "gzip" if body.startswith(_GZIP) else "zstd" if body.startswith(_ZSTD) else label
    if not coding or (len(body) > _LONG and _is_text(body)):
        return body
    obstacle = describe_missing("crawls") if coding == "br" else "" if coding in _DECODERS else "cannot be read"
    if obstacle:
        return _require_text(body, f"is compressed by “{coding[:40]}”, which {obstacle}")
    try:
        decoded = _DECODERS[coding](body, MAX_TEXT_BYTES + 1)
    except EOFError:
        return _require_text(body, f"is truncated: its compressed data ({coding}) has no end")
    except (zlib.error, zstd.ZstdError, _BrotliError) as error:
        return _require_text(body, f"cannot be decompressed ({coding}): {error}")
    require_size(decoded)
    return decoded


def _require_text(body: bytes, problem: str) -> bytes:
    """Return a body that is text. Raise UserError with the problem if it is not."""
    if not _is_text(body):
        raise UserError(problem)
    return body


def _is_text(body: bytes) -> bool:
    return body.startswith(UTF_16_MARKS) or _CONTROL.search(body[:1_000]) is None


def _gunzip(data: bytes, limit: int) -> bytes:
    return _join_members(lambda: zlib.decompressobj(16 + zlib.MAX_WBITS), _GZIP, data, limit)


def _unzstd(data: bytes, limit: int) -> bytes:
    return _join_members(zstd.ZstdDecompressor, _ZSTD, data, limit)


def _inflate(data: bytes, limit: int) -> bytes:
    """Decompress `deflate`, which some servers send without the head that the standard wants."""
    try:
        return _run(zlib.decompressobj(), data, limit)
    except zlib.error:
        return _run(zlib.decompressobj(-zlib.MAX_WBITS), data, limit)


def _join_members(decompressor_of: "Callable[[], _Decompressor]", magic: bytes, data: bytes, limit: int) -> bytes:
    """Decompress one member after the other. Bytes that begin no further member are ignored."""
    pieces: list[bytes] = []
    while limit > 0 and (not pieces or data.startswith(magic)):
        if len(pieces) == MAX_MEMBERS:
            raise UserError(f"is compressed in more than {MAX_MEMBERS} pieces")
        decompressor = decompressor_of()
        pieces.append(_run(decompressor, data, limit))
        limit -= len(pieces[-1])
        data = decompressor.unused_data
    return b"".join(pieces)


def _run(decompressor: "_Decompressor", data: bytes, limit: int) -> bytes:
    decoded = decompressor.decompress(data, limit)
    if not decompressor.eof and len(decoded) < limit:
        raise EOFError
    return decoded


class _BrotliError(Exception):
    """Data that Brotli cannot decompress."""


def _unbrotli(data: bytes, limit: int) -> bytes:
    import brotli

    try:
        return b"".join(_brotli_pieces(brotli.Decompressor(), data, limit))
    except brotli.error as error:
        raise _BrotliError(str(error)) from error


def _brotli_pieces(decompressor: Any, data: bytes, limit: int) -> Iterator[bytes]:
    piece = decompressor.process(data, output_buffer_limit=limit)
    yield piece
    while not decompressor.is_finished() and (limit := limit - len(piece)) > 0:
        if decompressor.can_accept_more_data():
            raise EOFError
        piece = decompressor.process(b"", output_buffer_limit=limit)
        yield piece


_DECODERS: Mapping[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "deflate": _inflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
