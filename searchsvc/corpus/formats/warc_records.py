"""The records of a WARC file, also those behind damage.

warcio parses the heads. Records are found here, because warcio gives up at the first fault: a damaged gzip member, a wrong
length, bytes between records, or a file that is compressed as a whole.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from warcio.recordloader import ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser

from searchsvc.corpus.decoding import MAX_TEXT_BYTES
from searchsvc.corpus.record import ReadFailure

MAX_LINE = 65_536  # bytes of a line in a head
MAX_RETURNED = 500_000_000  # bytes of records with a wrong length that are read again for a next record
_CHUNK = 16_384
_GZIP = b"\x1f\x8b\x08"
_BLANK = b"\r\n\0 "
_VERSION_LINE = re.compile(rb"WARC/(?:0\.1[78]|1\.[01])\r?\n")
_END = re.compile(rb"\r?\n\r?\n(?=WARC/(?:0\.1[78]|1\.[01])\r?\n)")
_HEAD = StatusAndHeadersParser(ArcWarcRecordLoader.WARC_TYPES)


class WarcRecord(NamedTuple):
    """The head of a record, and its block, of which a large one is cut. Fewer bytes may be left than the head declares."""

    head: StatusAndHeaders
    block: bytes
    missing: int

    @property
    def url(self) -> str:
        """The address, without the angle brackets that some versions of Wget write."""
        return str(self.head.get_header("WARC-Target-URI", "")).strip("<> ")


def read_records(stream: BinaryIO) -> Iterator[WarcRecord | ReadFailure]:
    """Yield the records of a file, and a failure for each stretch of it that holds none."""
    source = _Reader(stream.read)
    if source.peek(len(_GZIP)) != _GZIP:
        yield from _read_plain(source)
        return
    skipped = 0
    while True:
        skipped += source.skip_to(_GZIP)
        if not source.peek(1):
            break
        member = _Member(source)
        records = _read_plain(_Reader(member.read))
        first = next(records, None)
        if first is None:
            skipped += len(_GZIP) if member.error else 0
            continue
        if skipped:
            yield _damage(skipped)
        skipped = 0
        yield first
        yield from records
        if member.error:
            yield ReadFailure(f"is damaged: {member.error}")
    if skipped:
        yield _damage(skipped)


def _damage(skipped: int) -> ReadFailure:
    return ReadFailure(f"is damaged: {skipped:,} bytes belong to no record")


def _read_plain(reader: "_Reader") -> Iterator[WarcRecord | ReadFailure]:
    skipped = 0
    while line := reader.readline():
        version = _VERSION_LINE.search(line)
        skipped += len((line if version is None else line[: version.start()]).strip(_BLANK))
        if version is not None:
            if skipped:
                yield _damage(skipped)
            skipped = 0
            yield from _read_record(reader, version[0])
    if skipped:
        yield _damage(skipped)


def _read_record(reader: "_Reader", version: bytes) -> Iterator[WarcRecord | ReadFailure]:
    """Yield the record after a version line. If its length is wrong, yield a failure, and read on after its real end."""
    head = _HEAD.parse(reader, version)
    length = str(head.get_header("Content-Length", "")).strip()
    if not (length.isascii() and length.isdigit() and len(length) < 16):
        yield ReadFailure("is a record without a valid length")
        return
    block = reader.read(min(int(length), MAX_TEXT_BYTES + 1))
    missing = int(length) - len(block)
    missing -= reader.skip(missing)
    is_wrong = (missing or not reader.is_between_records()) and reader.returned < MAX_RETURNED
    end = _END.search(block) if is_wrong else None
    if end is None:
        yield WarcRecord(head, block, missing)
        return
    reader.unread(block[end.end() :])
    yield WarcRecord(head, block[: end.start()], 0)
    yield ReadFailure("is a record with a wrong length: the next record begins within it")


class _Reader:
    """A buffered reader to which bytes can be returned. `returned` is their number."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self.returned = 0
        self._read = read
        self._buffer = b""
        self._position = 0

    def peek(self, size: int) -> bytes:
        """Return the next bytes, which stay unread. Return fewer than `size` only at the end."""
        while len(self._buffer) - self._position < size and (chunk := self._read(_CHUNK)):
            self._buffer, self._position = self._buffer[self._position :] + chunk, 0
        return self._buffer[self._position : self._position + size]

    def read(self, size: int) -> bytes:
        """Return the next bytes. Return fewer than `size` only at the end."""
        return b"".join(self._pieces(size))

    def skip(self, size: int) -> int:
        """Skip the next bytes. Return their number, which is less than `size` only at the end."""
        return sum(map(len, self._pieces(size)))

    def readline(self) -> bytes:
        """Return the next line with its end, or the next `MAX_LINE` bytes of a longer one. Return b"" at the end."""
        end = self._buffer.find(b"\n", self._position, self._position + MAX_LINE)
        size = end + 1 - self._position if end >= 0 else self.peek(MAX_LINE).find(b"\n") + 1
        return self.read(size or MAX_LINE)

    def skip_to(self, magic: bytes) -> int:
        """Skip everything before `magic`, or everything if it does not follow. Return the number of bytes not blank."""
        skipped = 0
        while (at := (data := self.peek(_CHUNK)).find(magic)) < 0 and data:
            # The last bytes may be the first ones of `magic`.
            kept = len(magic) - 1 if len(data) == _CHUNK else 0
            skipped += len(self.read(len(data) - kept).strip(_BLANK))
        return skipped + len(self.read(max(at, 0)).strip(_BLANK))

    def unread(self, data: bytes) -> None:
        self.returned += len(data)
        self._buffer, self._position = data + self._buffer[self._position :], 0

    def is_between_records(self) -> bool:
        following = self.peek(_CHUNK).lstrip(_BLANK)
        return not following or following.startswith(b"WARC/")

    def _pieces(self, size: int) -> Iterator[bytes]:
        while size and (piece := self.peek(min(size, _CHUNK))):
            self._position += len(piece)
            size -= len(piece)
            yield piece


class _Member:
    """One member of a gzip file. Its data ends early if it is damaged; `error` then says why."""

    def __init__(self, source: _Reader) -> None:
        self.error = ""
        self._source = source
        self._decompressor = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self._decompressor.decompress(source.read(len(_GZIP)))  # so that the search for the next member goes on behind it
        self._pending = b""
        self._has_begun = False

    def read(self, size: int) -> bytes:
        """Return some of the decompressed data, or b"" at its end."""
        while not (self.error or self._decompressor.eof) and (chunk := self._pending or self._source.read(_CHUNK)):
            try:
                data = self._decompressor.decompress(chunk, size)
            except zlib.error as error:
                return self._give_up(str(error), chunk)
            if not (data or self._has_begun or self._decompressor.eof):
                return self._give_up("what looks like the head of a compressed part is none", chunk)
            self._has_begun = True
            self._pending = self._decompressor.unconsumed_tail
            if self._decompressor.eof:
                self._source.unread(self._decompressor.unused_data)
            if data:
                return data
        return b""

    def _give_up(self, reason: str, chunk: bytes) -> bytes:
        self.error = reason
        self._source.unread(chunk)
        return b""
