"""Bytes into text."""

import re
import unicodedata
from typing import BinaryIO
from urllib.parse import quote

from charset_normalizer import from_bytes

from searchsvc.errors import UserError

MAX_TEXT_BYTES = 10 * 2**20
"""What one article may hold; a larger one is refused rather than cut."""

_CONTROL_BYTES = bytes(byte for byte in (*range(0x20), 0x7F) if byte not in b"\t\n")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def read_all(stream: BinaryIO, limit: int = MAX_TEXT_BYTES) -> bytes:
    """The whole stream; raises UserError beyond the limit, which also holds for what a compressed file unpacks to."""
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise UserError(f"is larger than {limit // 2**20} MiB, the most that one file of this kind may hold")
    return data


def decode(data: bytes) -> str:
    """Text from bytes: UTF-8 or what a byte order mark says, else the most likely encoding; raises UserError for none."""
    if b"\x00" in data[:1_000] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UserError("is not text: there are NUL bytes in it")
    try:
        return data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError:
        return data.decode(_encoding(data[:200_000]), errors="replace")


_MISTAKEN_FOR_WESTERN = (
    "cp1254",
    "cp1257",
    "cp1258",
    "cp775",
    "iso8859_",
    "mac_",
    "hp_roman8",
    "latin_1",
    "cp858",
    "cp437",
)
"""Rare encodings that short texts in Western European (cp1252) are detected as."""


def _encoding(data: bytes) -> str:
    """The most likely encoding; raises UserError for none."""
    best = from_bytes(data).best()
    if best is None:
        raise UserError("is not text in any known encoding")
    central_european = best.encoding in ("iso8859_2", "mac_latin2")
    rare = best.encoding.startswith(_MISTAKEN_FOR_WESTERN) and not central_european
    return "cp1252" if rare else best.encoding


def clean(text: str) -> str:
    """The text in composed form (NFC), with `\\n` line ends and without control characters."""
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub(" ", text) if _has_controls(text) else text


def _has_controls(text: str) -> bool:
    """Whether there are control characters, or the surrogates that a broken JSON escape leaves."""
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        return True
    return len(encoded.translate(None, _CONTROL_BYTES)) != len(encoded)


def printable(name: str) -> str:
    """The name of a file with `%XX` for what is no printable character in UTF-8."""
    if name.isprintable():
        return name
    return "".join(char if char.isprintable() else quote(char, errors="surrogateescape") for char in name)


_LINE_ENDS = re.compile(r"[ \t\xa0]+\n")
_BLANK_LINES = re.compile(r"\n{3,}")
_INDENT = re.compile(r"\n[ \t]{2,}(?=\S)")


def paragraphs(text: str) -> str:
    """The text with exactly one blank line between paragraphs, however the file parted them."""
    text = clean(text).strip()
    if "\n" not in text:
        return text
    if " \n" in text or "\t\n" in text or "\xa0\n" in text:
        text = _LINE_ENDS.sub("\n", text)
    if "\n\n" in text:
        return _BLANK_LINES.sub("\n\n", text) if "\n\n\n" in text else text
    if _INDENT.search(text):
        return _INDENT.sub("\n\n", text)
    lines = text.count("\n") + 1
    return text.replace("\n", "\n\n") if len(text) > 100 * lines else text
