"""Pages without the data that is embedded in them: pictures and fonts as `data:` addresses (RFC 2397).

A saved page of 50 MB is often one page of text. Only what is left counts towards the size of a page.
"""

import re
from collections.abc import Iterable, Iterator

from searchsvc.corpus.decoding import MAX_TEXT_BYTES, require_size

MIN_DATA = 500  # bytes of embedded data that are left out; shorter ones may be what an article writes about

_HEAD = re.compile(rb"data:[\w.+-]{1,80}\\?/[\w.+-]{1,80}(?:;[\w.+=-]{1,80}){0,4},")
_MAX_HEAD = 600  # bytes of one
_DATA = re.compile(rb"[^\"'()<> ]*+")


def without_embedded_data(chunks: Iterable[bytes]) -> bytes:
    """Return a page that comes in pieces, without embedded data. Raise UserError if the rest is too large."""
    kept: list[bytes] = []
    size = 0
    for piece in _Stripper().strip(chunks):
        kept.append(piece)
        size += len(piece)
        if size > MAX_TEXT_BYTES:
            break
    page = b"".join(kept)
    require_size(page)
    return page


class _Stripper:
    """Cuts embedded data out of a page. The data, or its head, may go on in the next piece."""

    def __init__(self) -> None:
        self._buffer = b""
        self._is_within = False

    def strip(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            start = _end_of_data(chunk, 0) if self._is_within else 0
            self._is_within = self._is_within and start == len(chunk)
            self._buffer += chunk[start:]
            yield from self._complete()
        yield self._buffer

    def _complete(self) -> Iterator[bytes]:
        """Yield what is known to be left, and keep the rest in the buffer."""
        buffer, position = self._buffer, 0
        while head := _HEAD.search(buffer, position):
            end = _end_of_data(buffer, head.end())
            is_long = end - head.end() >= MIN_DATA
            self._is_within = end == len(buffer) and is_long
            if end == len(buffer) and not is_long:
                yield buffer[position : head.start()]
                self._buffer = buffer[head.start() :]
                return
            yield buffer[position : head.end() if is_long else end]
            position = end
        kept = max(position, len(buffer) - _MAX_HEAD)
        yield buffer[position:kept]
        self._buffer = buffer[kept:]


def _end_of_data(data: bytes, start: int) -> int:
    match = _DATA.match(data, start)
    return match.end() if match is not None else start
