"""Many files into articles: pages in several processes at once, since a page takes a hundred times as long as a record.

Files come back in no particular order, each in parts, so that none has to fit into memory. A process that dies over a file
takes nothing else with it: another process reads the rest, tries that file once more, and then it is reported.
"""

import hashlib
import multiprocessing
import signal
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count, islice
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from searchsvc.corpus.discovery import SourceFile
from searchsvc.corpus.metadata.field_mapping import FieldMapper
from searchsvc.corpus.reader import FileReader, Item, ReadFailure, is_slow
from searchsvc.model.article import FieldMapping

WORTH_BYTES = 8_000_000
"""Pages that take longer to read than other processes take to start, in bytes."""
PART = 64
"""Articles that are handed over at once."""
_AHEAD = 2
"""Files that a process has been given: one that it reads, and the next, so that it need not wait."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some of what a file holds: its items from number `first` on, and how far into the file they reach, in bytes.

    `digest` is None until the file's last part, which has that of its bytes, empty where the system refused to read them.
    """

    source: SourceFile
    first: int
    items: list[Item]
    bytes_read: int
    digest: bytes | None


def digest(file: Path) -> bytes:
    """A hash of a file's bytes; empty where it cannot be read."""
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16)).digest()
    except OSError:
        return b""


def read_files(sources: Iterable[SourceFile], mapping: FieldMapping, processes: int) -> Generator[Batch, None, None]:
    """Every part of every file; closing the iterator ends the processes."""
    sources = list(sources)
    slow = [source for source in sources if is_slow(source.path)] if processes > 1 else []
    if len(slow) < 2 or sum(source.size for source in slow) < WORTH_BYTES:
        slow = []
    with _Readers(slow, mapping, min(processes, len(slow))) as readers:
        yield from readers.parts()
    names = FieldMapper(mapping)
    done = {source.path for source in slow}
    for source in sources:
        if source.path not in done:
            yield from _parts(source, names)


def _parts(source: SourceFile, names: FieldMapper) -> Iterator[Batch]:
    known = digest(source.file)
    reading = FileReader(source.file, source.path, names)
    items = iter(reading)
    refused = False
    for first in count(step=PART):
        some = list(islice(items, PART))
        refused = refused or any(isinstance(item, ReadFailure) and item.transient for item in some)
        if len(some) < PART:
            yield Batch(source, first, some, source.size, b"" if refused else known)
            return
        yield Batch(source, first, some, reading.bytes_read, None)


@dataclass(slots=True)
class _Reader:
    """A process that reads files; `given` are those it has not finished, and `taken` items of the first are here."""

    process: BaseProcess
    given: deque[SourceFile] = field(default_factory=deque)
    taken: int = 0


class _Readers:
    """Processes that read files. They end when this one does, however it ends, since their pipe then breaks."""

    def __init__(self, sources: Iterable[SourceFile], mapping: FieldMapping, processes: int) -> None:
        self._left = deque(sources)
        self._mapping = mapping
        self._processes = processes
        self._readers: dict[Connection, _Reader] = {}
        self._suspects: set[SourceFile] = set()
        # Forking this process itself would copy the threads of whoever shows progress.
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__])

    def __enter__(self) -> "_Readers":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for connection, reader in self._readers.items():
            connection.close()
            reader.process.terminate()
            reader.process.join()

    def parts(self) -> Iterator[Batch]:
        """Every part of every file, as they come."""
        for _ in range(self._processes):
            self._start()
        while self._readers:
            for connection in wait(list(self._readers)):
                yield from self._received(cast(Connection, connection))

    def _start(self) -> None:
        connection, other = self._context.Pipe()
        process = self._context.Process(target=_read_given, args=(other, self._mapping), daemon=True)
        process.start()
        other.close()
        self._readers[connection] = _Reader(process)
        for _ in range(_AHEAD):
            self._give(connection)

    def _give(self, connection: Connection) -> None:
        """The next file, or where there is none, and the process has finished its last, leave to go."""
        given = self._readers[connection].given
        source = self._left.popleft() if self._left else None
        if source is not None:
            given.append(source)
        if source is not None or not given:
            with suppress(BrokenPipeError):  # it has died, which is found out by receiving from it
                connection.send(source)

    def _received(self, connection: Connection) -> Iterator[Batch]:
        reader = self._readers[connection]
        try:
            part: Batch = connection.recv()
        except (EOFError, ConnectionResetError):
            yield from self._ended(connection)
            return
        reader.taken += len(part.items)
        if part.digest is not None:
            reader.given.popleft()
            reader.taken = 0
            self._give(connection)
        yield part

    def _ended(self, connection: Connection) -> Iterator[Batch]:
        """A process has ended: because nothing was left, or over the file that it was reading."""
        reader = self._readers.pop(connection)
        connection.close()
        reader.process.join()
        if reader.given and (reader.taken or reader.given[0] in self._suspects):
            yield _unread(reader.given.popleft(), reader)
        elif reader.given:
            self._suspects.add(reader.given[0])
        self._left.extendleft(reversed(reader.given))
        if self._left:
            self._start()


def _unread(source: SourceFile, reader: _Reader) -> Batch:
    """The end of a file over which its reader has died."""
    code = reader.process.exitcode or 0
    how = f"by {signal.Signals(-code).name}" if code < 0 else f"with status {code}"
    reason = f"cannot be read: the process that read it was ended ({how}), perhaps for want of memory"
    return Batch(source, reader.taken, [ReadFailure(source.path, reason)], source.size, digest(source.file))


def _read_given(connection: "Connection[Any, Any]", mapping: FieldMapping) -> None:
    """Read each file that comes, until None does or nobody listens."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-C is for who started this
    names = FieldMapper(mapping)
    try:
        while (source := connection.recv()) is not None:
            for part in _parts(source, names):
                connection.send(part)
    except (EOFError, BrokenPipeError):
        return
