"""JSON Lines: values that are alone in their lines, by the fastest reader. Nearly all large files are written so."""

from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

import orjson

from searchsvc.corpus.formats.json_stream import PATIENT_DECODER, JsonReader, may_be_rounded

_LONGEST_LINE = 2**20  # bytes; a longer one is read by a reader that fails more gently if memory runs out
_BEFORE, _BEHIND = b"\x1e, \t\r", b", \t\r"  # around a value, with the mark of JSON text sequences (RFC 7464)


class JsonLines:
    """The values at the beginning of a text in UTF-8, up to the first line that is not one value.

    When they have ended, `rest` is what has been taken from the pieces of the text and not been read.
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.rest = b""
        self._pieces = pieces
        self._last = b""

    def values(self) -> Iterator[Any]:
        """Yield the value of each line."""
        for piece in self._pieces:
            *lines, self.rest = (self.rest + piece).split(b"\n")
            for number, line in enumerate(lines):
                written = line.lstrip(_BEFORE).rstrip(_BEHIND)
                if not written:
                    continue
                try:
                    value = _parse(written)
                except ValueError:
                    self.rest = b"\n".join((*lines[number:], self.rest))
                    return
                self._last = written
                yield value
            if len(self.rest) > _LONGEST_LINE:
                return

    def first_key(self) -> str:
        """Return the first name of the last value as it is written, or "" if it has none."""
        return JsonReader(StringIO(), self._last.decode(errors="replace")).first_key()


def _parse(line: bytes) -> Any:
    """Return the object or list that a line is. Raise ValueError if it is neither, or too long."""
    if not line.endswith((b"}", b"]")) or len(line) > _LONGEST_LINE:
        raise ValueError
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return _parse_patiently(line)
    return _parse_patiently(line) if may_be_rounded(value) else value


def _parse_patiently(line: bytes) -> Any:
    text = line.decode(errors="replace")
    try:
        value, end = PATIENT_DECODER.raw_decode(text)
    except (RecursionError, MemoryError):
        raise ValueError from None
    if end < len(text):
        raise ValueError
    return value
