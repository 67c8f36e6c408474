"""Splitting of JSON that is too large to be parsed at once: the bytes of one record after the other."""

import re
from collections.abc import Collection, Iterable, Iterator

import orjson

from searchsvc.errors import UserError

# Strings as a whole, since they may contain brackets. The last quotation mark begins a string whose end is not here yet.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]|"', re.DOTALL)
_UNDECIDED = re.compile(rb"\[\s*+\Z")  # a list at the end of the buffer, whose first value decides what it is
_OBJECT = re.compile(rb"\[\s*+\{")
_QUOTE, _OPENING, _LIST = ord('"'), b"[{", ord("[")


def split_records(chunks: Iterable[bytes], list_names: Collection[str], max_bytes: int) -> Iterator[bytes]:
    """Yield the bytes of each record: of the values in a list, which may stand in an object under one of these names.

    A value without such a list is one record. Several values may follow each other. Raise UserError if the JSON is
    truncated, or if a record has more than `max_bytes`.
    """
    splitter = _Splitter(list_names)
    for chunk in chunks:
        splitter.buffer += chunk
        yield from splitter.records()
        if len(splitter.buffer) > max_bytes:
            raise UserError(f"holds a record of more than {max_bytes // 2**20} MiB")
    if splitter.depth:
        raise UserError("is not JSON: it is truncated")


class _Splitter:
    """Finds the records in a buffer, from which everything before the current record is removed."""

    def __init__(self, list_names: Collection[str]) -> None:
        self.buffer = b""
        self.depth = 0
        self._names = list_names
        self._base = 0  # the depth at which records begin
        self._begin: int | None = None  # of the current record
        self._key = slice(0, 0)  # the last string
        self._scanned = 0

    def records(self) -> Iterator[bytes]:
        """Yield the records that end in the buffer."""
        scanned = len(self.buffer)
        for token in _TOKEN.finditer(self.buffer, self._scanned):
            begin, end = token.span()
            code = self.buffer[begin]
            if token[0] == b'"' or (code == _LIST and _UNDECIDED.match(self.buffer, begin)):
                scanned = begin
                break
            if code == _QUOTE:
                self._key = slice(begin, end)
            elif code in _OPENING:
                self._open(begin, code)
            elif (record := self._close(end)) is not None:
                yield record
        self._forget(scanned)

    def _open(self, position: int, code: int) -> None:
        if code == _LIST and (self.depth == 0 or (self.depth == 1 and self._base == 0 and self._is_named(position))):
            self._base, self._begin = self.depth + 1, None
        elif self.depth == self._base:
            self._begin = position
        self.depth += 1

    def _is_named(self, position: int) -> bool:
        """Return whether a list at a position contains objects, and is the value of one of the names."""
        if self.buffer[self._key.stop : position].strip() != b":" or not _OBJECT.match(self.buffer, position):
            return False
        try:
            return orjson.loads(self.buffer[self._key]) in self._names
        except orjson.JSONDecodeError:
            return False

    def _close(self, position: int) -> bytes | None:
        """Return the record that ends at a position, or None if none does."""
        self.depth = max(0, self.depth - 1)
        if self.depth < self._base:
            self._base = 0
        if self.depth != self._base or self._begin is None:
            return None
        record = self.buffer[self._begin : position]
        self._begin = None
        return record

    def _forget(self, scanned: int) -> None:
        """Remove what is not needed any more from the buffer."""
        kept = scanned if self._begin is None else self._begin
        if self.depth == 1 and self._base == 0:
            kept = min(kept, self._key.start)
        self.buffer = self.buffer[kept:]
        self._scanned = scanned - kept
        self._key = slice(max(0, self._key.start - kept), max(0, self._key.stop - kept))
        if self._begin is not None:
            self._begin -= kept
