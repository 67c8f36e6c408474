"""Decoding of bytes to clean Unicode text."""

import codecs
import io
import re
import unicodedata
from collections.abc import Iterator
from itertools import chain
from typing import Any, BinaryIO, TextIO
from urllib.parse import quote

from searchsvc.errors import UserError
from searchsvc.model.languages import UNSPACED

MAX_TEXT_BYTES = 10 * 2**20  # of one article; a larger one is rejected, not truncated
CHUNK_BYTES = 2**20  # of a file that is read piece by piece
_SAMPLE_BYTES = 200_000  # from which an encoding is detected

UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CONTROL_BYTES = bytes(byte for byte in (*range(0x20), 0x7F) if byte not in b"\t\n")
_BLANK_LINES = re.compile(r"\n{3,}")
_INDENT = re.compile(r"\n[ \t]{2,}(?=\S)")
_HYPHEN_END = re.compile(r"(?<=[^\W\d_])[-\u2010\u2e17]\n[^\W\d_]")  # of lines that are no paragraphs
_UNSEEN = "\u00ad\u2060\ufeff"
_USELESS_SPACE = re.compile(f"(?<![{UNSPACED}])\u200b(?![{UNSPACED}])")
_PARTED = re.compile("(?:\u00ad|(?<=[^\\W\\d_])\u00ac)[ \t]*\n[ \t]*(?=[^\\W\\d_])")
"""A soft hyphen at the end of a line, which programs that recognise text also write as `¬`."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_MISTAKEN_FOR_WESTERN = re.compile("cp125[478]|cp437|cp775|cp858|hp_roman8|iso8859_(?!2$)|latin_1|mac_(?!latin2$)")
"""Rare encodings that charset_normalizer detects in short texts in Western European (cp1252)."""


def read_all(stream: BinaryIO, limit: int = MAX_TEXT_BYTES) -> bytes:
    """Return all bytes of a decompressed stream. Raise UserError if there are more than `limit`."""
    data = stream.read(limit + 1)
    require_size(data, limit)
    return data


def require_size(data: bytes, limit: int = MAX_TEXT_BYTES) -> None:
    """Raise UserError if there are more than `limit` bytes."""
    if len(data) > limit:
        raise UserError(f"is larger than {limit // 2**20} MiB, the limit for a file of this kind")


def read_chunks(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the rest of a stream piece by piece."""
    while chunk := stream.read(CHUNK_BYTES):
        yield chunk


def decode(data: bytes) -> str:
    """Decode bytes by byte order mark, as UTF-8, or by the likeliest encoding. Raise UserError if they are not text."""
    try:
        return data.decode("utf-16" if _has_utf_16_mark(data) else "utf-8-sig")
    except UnicodeDecodeError:
        return data.decode(_detect_encoding(data[:_SAMPLE_BYTES]), errors="replace")


def _has_utf_16_mark(data: bytes) -> bool:
    """Return whether the first bytes of a file mark UTF-16. Raise UserError if they are not text."""
    has_mark = data.startswith(UTF_16_MARKS)
    if b"\x00" in data[:1_000] and not has_mark:
        raise UserError("is not text: it contains NUL bytes")
    return has_mark


def decode_stream(stream: BinaryIO) -> TextIO:
    """Return a stream as text, decoded piece by piece like `decode`. Its lines end as they are written.

    The bytes after the first that is not UTF-8 decide the encoding, unless there were others beyond ASCII before it. Then
    the text is UTF-8, and what is not becomes U+FFFD. Raise UserError if the bytes are not text.
    """
    utf_8 = io.BufferedReader(_DecodedBytes(read_chunks(stream)))
    return io.TextIOWrapper(utf_8, encoding="utf-8", newline="")


class _DecodedBytes(io.RawIOBase):
    """The bytes of a text in UTF-8, whatever encoding they had."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._texts = _decode_chunks(chunks)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest and (text := next(self._texts, None)) is not None:
            self._rest = text.encode()
        number = min(len(buffer), len(self._rest))
        buffer[:number], self._rest = self._rest[:number], self._rest[number:]
        return number


def _decode_chunks(chunks: Iterator[bytes]) -> Iterator[str]:
    first = next(chunks, b"")
    is_ascii = not _has_utf_16_mark(first)
    decoder = _decoder("utf-8-sig", "strict") if is_ascii else _decoder("utf-16", "replace")
    for chunk in chain([first], chunks, [b""]):
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            data, position = error.object, error.start
            is_utf_8 = not (is_ascii and data[:position].isascii())
            encoding = "utf-8-sig" if is_utf_8 else _detect_encoding(data[max(0, position - 100) :][:_SAMPLE_BYTES])
            decoder = _decoder(encoding, "replace")
            text = decoder.decode(data, final=not chunk)
        is_ascii = is_ascii and text.isascii()
        yield text


def _decoder(encoding: str, errors: str) -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder(encoding)(errors)


def _detect_encoding(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is None:
        raise UserError("is not text in any known encoding")
    return "cp1252" if _MISTAKEN_FOR_WESTERN.match(best.encoding) else best.encoding


def clean(text: str) -> str:
    """Return the text in composed form (NFC), with `\\n` as line ending and spaces instead of control characters.

    Soft hyphens and other characters that are never seen are removed, and words joined that they part at line ends.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = _remove_unseen(text)
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
    return _CONTROL.sub(" ", text) if _has_controls(text) else text


def _remove_unseen(text: str) -> str:
    """Return the text without soft hyphens, word joiners, byte order marks and spaces without width.

    Other characters without width have a use where the text is shown: joiners in Persian, in Indic scripts and in emoji,
    marks of direction, and spaces without width between Thai or Khmer words.
    """
    if "\u00ad" in text or "\u00ac" in text:
        text = _PARTED.sub("", text)
    for char in _UNSEEN:
        if char in text:
            text = text.replace(char, "")
    return _USELESS_SPACE.sub("", text) if "\u200b" in text else text


def _has_controls(text: str) -> bool:
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        return True  # lone surrogates, left by a broken JSON escape
    return len(encoded.translate(None, _CONTROL_BYTES)) != len(encoded)


def escape_unprintable(name: str) -> str:
    """Return a file name with its unprintable characters, and bytes that are not UTF-8, escaped as `%XX`."""
    if name.isprintable():
        return name
    return "".join(char if char.isprintable() else quote(char, errors="surrogateescape") for char in name)


def separate_paragraphs(text: str) -> str:
    """Return the text with one blank line between paragraphs. It finds them by blank lines, indentation, or long lines.

    Lines of which one ends within a word are no paragraphs.
    """
    text = clean(text).strip()
    if "\n" not in text:
        return text
    if " \n" in text or "\t\n" in text or "\xa0\n" in text:
        text = "\n".join(line.rstrip(" \t\xa0") for line in text.split("\n"))
    if "\n\n" in text:
        return _BLANK_LINES.sub("\n\n", text) if "\n\n\n" in text else text
    if _INDENT.search(text):
        return _INDENT.sub("\n\n", text)
    has_long_lines = len(text) > 100 * (text.count("\n") + 1)
    return text.replace("\n", "\n\n") if has_long_lines and _HYPHEN_END.search(text) is None else text
