"""Decoding of bytes to clean Unicode text."""

import codecs
import io
import lzma
import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from typing import Any, BinaryIO, NamedTuple, TextIO
from urllib.parse import quote

from searchsvc.corpus.charsets import Encoding, Label, choose_encoding, is_plain_ascii, marked_encoding
from searchsvc.corpus.decisions import decide
from searchsvc.errors import UserError
from searchsvc.model.languages import UNSEEN, UNSPACED

MAX_TEXT_BYTES = 10 * 2**20  # of one article; a larger one is rejected, not truncated
CHUNK_BYTES = 2**20  # of a file that is read piece by piece

_UTF_8 = "utf-8"
_DECISIVE_BYTES = 8  # beyond ASCII, that decide the encoding of what follows them
_ASCII = bytes(range(0x80))
_CONTROL_BYTES = bytes(byte for byte in (*range(0x20), 0x7F) if byte not in b"\t\n")
_INDENT = re.compile(r"\n[ \t]{2,}(?=\S)")
_HYPHEN_END = re.compile(r"(?<=[^\W\d_])[-\u2010\u2e17]\n[^\W\d_]")  # of lines that are no paragraphs
_USELESS_SPACE = re.compile(f"(?<![{UNSPACED}])\u200b(?![{UNSPACED}])")
_PARTED = re.compile("(?:\u00ad|(?<=[^\\W\\d_])\u00ac)[ \t]*\n[ \t]*(?=[^\\W\\d_])")
"""A soft hyphen at the end of a line, which programs that recognise text also write as `¬`."""
_USUAL = re.compile("[\u0080-\u00ab\u00ae-\u02ff\u0400-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]*")
"""Letters and punctuation that `clean` leaves as they are, also beside each other."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def read_all(stream: BinaryIO, limit: int = MAX_TEXT_BYTES) -> bytes:
    """Return all bytes of a decompressed stream. Raise UserError if there are more than `limit`."""
    data = stream.read(limit + 1)
    require_size(data, limit)
    return data


def require_size(data: bytes, limit: int = MAX_TEXT_BYTES) -> None:
    """Raise UserError if there are more than `limit` bytes."""
    if len(data) > limit:
        raise UserError(f"is larger than {limit // 2**20} MiB, the limit for a file of this kind")


READ_ERRORS = (OSError, EOFError, zlib.error, lzma.LZMAError)
"""What reading a damaged or truncated file raises."""


def read_chunks(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the rest of a stream piece by piece, also what precedes an error, which is raised then."""
    chunks = _Chunks(stream)
    yield from chunks
    if chunks.error is not None:
        raise chunks.error


class _Chunks:
    """The rest of a stream piece by piece. What breaks off the reading is kept in `error`."""

    def __init__(self, stream: BinaryIO) -> None:
        self.error: Exception | None = None
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        pieces: list[bytes] = []
        missing = CHUNK_BYTES
        try:
            while missing and self.error is None and (piece := self._stream.read1(missing)):  # type: ignore[attr-defined]  # BinaryIO lacks it
                pieces.append(piece)
                missing -= len(piece)
        except READ_ERRORS as error:
            self.error = error
        if not pieces:
            raise StopIteration
        return b"".join(pieces)


def decode(data: bytes, labels: Iterable[Label] = ()) -> str:
    """Decode bytes by their mark, as UTF-8, by a label or by the likeliest encoding. Raise UserError if they are not text.

    What does not fit into the encoding becomes U+FFFD.
    """
    encoding = marked_encoding(data) or choose_encoding(data, labels)
    decide("encoding", str(encoding))
    return data.decode(encoding.name, "replace")


def decode_stream(stream: BinaryIO) -> TextIO:
    """Return a stream as text, decoded piece by piece like `decode`. Its lines end as they are written.

    Until something else than ASCII comes, nothing has to be decided. Raise UserError if the bytes are not text.
    """
    utf_8 = io.BufferedReader(_DecodedBytes(DecodedText(stream)))
    return io.TextIOWrapper(utf_8, encoding="utf-8", errors="surrogatepass", newline="")


class _EncodedChunk(NamedTuple):
    """A piece of a text, and its encoding. It may end within a character unless it is whole."""

    data: bytes
    encoding: str
    is_whole: bool


class DecodedText:
    """Text that is decoded piece by piece. What breaks off its reading is raised where it ends, every time."""

    def __init__(self, stream: BinaryIO) -> None:
        self._chunks = _Chunks(stream)
        self._encoded = _choose_encodings(self._chunks)
        self._encoding, self._decoder = _UTF_8, _decoder(_UTF_8)

    def read(self, size: int = 1) -> str:
        """Return at least so many next characters, or fewer at the end. Raise UserError if the bytes are not text."""
        pieces: list[str] = []
        while size > 0 and (chunk := next(self._encoded, None)) is not None:
            pieces.append(self._decode(chunk))
            size -= len(pieces[-1])
        if size > 0:
            pieces.append(self._decoder.decode(b"", final=True))
        text = "".join(pieces)
        if not text and self._chunks.error is not None:
            raise self._chunks.error
        return text

    @property
    def is_utf_8(self) -> bool:
        """Whether what has been read last is UTF-8 in the file too."""
        return self._encoding == _UTF_8

    def utf_8_chunks(self) -> Iterator[bytes]:
        """Yield the rest of a text that `is_utf_8` as it is in the file, as long as it stays so. Put back what is left."""
        yield self._take_undecoded()
        for chunk in self._encoded:
            if chunk.encoding != _UTF_8:
                self._encoded = chain([chunk], self._encoded)
                return
            yield chunk.data

    def put_back(self, data: bytes) -> None:
        """Read these bytes in UTF-8 next."""
        chunk = _EncodedChunk(data + self._take_undecoded(), _UTF_8, is_whole=False)
        self._encoded = chain([chunk], self._encoded)

    def _take_undecoded(self) -> bytes:
        """Return the beginning of a character whose end has not been read yet."""
        undecoded = self._decoder.getstate()[0]
        self._decoder.reset()
        return undecoded

    def _decode(self, chunk: _EncodedChunk) -> str:
        cut = ""
        if chunk.encoding != self._encoding:
            cut = self._decoder.decode(b"", final=True)
            self._encoding, self._decoder = chunk.encoding, _decoder(chunk.encoding)
        return cut + self._decoder.decode(chunk.data, final=chunk.is_whole)


class _DecodedBytes(io.RawIOBase):
    """The bytes of a text in UTF-8, whatever encoding they had."""

    def __init__(self, text: DecodedText) -> None:
        self._text = text
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._rest = self._rest or memoryview(self._text.read().encode(errors="surrogatepass"))
        number = min(len(buffer), len(self._rest))
        buffer[:number], self._rest = self._rest[:number], self._rest[number:]
        return number


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder(encoding)("replace")


def _choose_encodings(chunks: Iterator[bytes]) -> Iterator[_EncodedChunk]:
    decide("encoding", "utf-8, since all that was read is ASCII")
    head = next(chunks, b"")
    encoding = marked_encoding(head)
    chunks = chain([head.removeprefix(codecs.BOM_UTF8)], chunks)
    while encoding is None and (chunk := next(chunks, b"")):
        if is_plain_ascii(chunk):
            yield _EncodedChunk(chunk, _UTF_8, is_whole=True)
            continue
        following = next(chunks, b"")
        window = chunk + following
        found = choose_encoding(window, is_whole=not following)
        decide("encoding", str(found))
        if _is_decisive(window, found):
            encoding, chunks = found, chain([window], chunks)
        else:
            yield _EncodedChunk(window, found.name, is_whole=True)
    if encoding is not None:
        decide("encoding", str(encoding))
        name = _UTF_8 if encoding.name == "utf-8-sig" else encoding.name  # its mark is cut off
        yield from (_EncodedChunk(chunk, name, is_whole=False) for chunk in chunks)


def _is_decisive(window: bytes, found: Encoding) -> bool:
    """Return whether a piece of a text decides the encoding of the rest. A few stray bytes amid ASCII do not."""
    number = len(window.translate(None, _ASCII))
    is_cut = number == 0 or not window[-1:].isascii()  # without other bytes, it is ISO-2022-JP, which may end anywhere
    return is_cut or found.name == "utf-8" or number >= _DECISIVE_BYTES


def clean(text: str) -> str:
    """Return the text in composed form (NFC), with `\\n` as line ending and spaces instead of control characters.

    Soft hyphens and other characters that are never seen are removed, and words joined that they part at line ends.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii() and text.isprintable():  # as short texts are; longer ones have line ends
        return text
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        return clean(_CONTROL.sub(" ", text))  # of lone surrogates, left by a broken JSON escape
    if len(encoded) > len(text) and not _USUAL.fullmatch(encoded.translate(None, _ASCII).decode()):
        text = unicodedata.normalize("NFC", _remove_unseen(text))
    return _CONTROL.sub(" ", text) if len(encoded.translate(None, _CONTROL_BYTES)) < len(encoded) else text


def _remove_unseen(text: str) -> str:
    """Return the text without soft hyphens, word joiners, byte order marks and spaces without width.

    Other characters without width have a use where the text is shown: joiners in Persian, in Indic scripts and in emoji,
    marks of direction, and spaces without width between Thai or Khmer words.
    """
    if "\u00ad" in text or "\u00ac" in text:
        text = _PARTED.sub("", text)
    for char in UNSEEN:
        if char in text:
            text = text.replace(char, "")
    return _USELESS_SPACE.sub("", text) if "\u200b" in text else text


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
    lines = [line.rstrip(" \t\xa0") for line in text.split("\n")]
    if "" in lines:
        return "\n".join(line for before, line in pairwise(["", *lines]) if line or before)
    text = "\n".join(lines)
    if _INDENT.search(text):
        return _INDENT.sub("\n\n", text)
    has_long_lines = len(text) > 100 * len(lines)
    return text.replace("\n", "\n\n") if has_long_lines and _HYPHEN_END.search(text) is None else text
