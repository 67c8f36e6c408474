"""Reading of many files, slow ones in several processes: a page takes a hundred times as long as a record.

Files are yielded in no particular order, and each in batches, so that none has to fit into memory. If a process dies while
it reads a file, another one reads its remaining files and tries that file once more. If it dies too, the file is reported.
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
from typing import Any, cast

from searchsvc.corpus.discovery import SourceFile
from searchsvc.corpus.formats import FORMATS, is_slow
from searchsvc.corpus.metadata.field_mapping import FieldMapper
from searchsvc.corpus.reader import FileReader
from searchsvc.corpus.record import Item, ReadFailure
from searchsvc.model.article import FieldMapping

MIN_PARALLEL_BYTES = 8_000_000  # of slow files, from which on reading takes longer than starting processes
BATCH_SIZE = 64  # items of a full batch


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive items of a file. Only the last batch has a digest. It is empty if the system refused the file."""

    source: SourceFile
    first: int
    items: list[Item]
    bytes_read: int
    digest: bytes | None


def digest(file: Path) -> bytes:
    """Return a hash of the bytes of a file, or no bytes if it cannot be read."""
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16)).digest()
    except OSError:
        return b""


def read_files(sources: Iterable[SourceFile], mapping: FieldMapping, processes: int) -> Generator[Batch, None, None]:
    """Yield every batch of every file. Closing the generator ends the processes."""
    sources = list(sources)
    slow = [source for source in sources if is_slow(source.path)] if processes > 1 else []
    if len(slow) < 2 or sum(source.size for source in slow) < MIN_PARALLEL_BYTES:
        slow = []
    yield from _WorkerPool(slow, mapping, min(processes, len(slow))).batches()
    mapper = FieldMapper(mapping)
    slow_paths = {source.path for source in slow}
    for source in sources:
        if source.path not in slow_paths:
            yield from _read_batches(source, mapper)


def _read_batches(source: SourceFile, mapper: FieldMapper) -> Iterator[Batch]:
    file_digest = digest(source.file)  # before reading, so that a file that changes meanwhile is read again
    reader = FileReader(source.file, source.path, mapper)
    items = iter(reader)
    is_refused = False
    for first in count(step=BATCH_SIZE):
        batch = list(islice(items, BATCH_SIZE))
        is_refused = is_refused or any(isinstance(item, ReadFailure) and item.transient for item in batch)
        if len(batch) < BATCH_SIZE:
            yield Batch(source, first, batch, source.size, b"" if is_refused else file_digest)
            return
        yield Batch(source, first, batch, reader.bytes_read, None)


@dataclass(slots=True)
class _Worker:
    """A process that reads files, the files that it has not finished, and the number of items received of the first."""

    process: BaseProcess
    assigned: deque[SourceFile] = field(default_factory=deque)
    received: int = 0


class _WorkerPool:
    """Processes that read files. They end with this process, even if it is killed, because their pipes then break."""

    def __init__(self, sources: Iterable[SourceFile], mapping: FieldMapping, processes: int) -> None:
        self._queue = deque(sources)
        self._mapping = mapping
        self._processes = processes
        self._workers: dict[Connection, _Worker] = {}
        self._suspects: set[SourceFile] = set()
        # A fork of this process would inherit locks held by its other threads, such as that of the progress bar.
        self._context = multiprocessing.get_context("forkserver")
        slow_modules = {file_format.module_name for file_format in FORMATS.values() if file_format.is_slow}
        self._context.set_forkserver_preload([__name__, *slow_modules])

    def batches(self) -> Iterator[Batch]:
        try:
            for _ in range(self._processes):
                self._start_worker()
            while self._workers:
                for connection in wait(list(self._workers)):
                    yield from self._receive(cast(Connection, connection))
        finally:
            for connection, worker in self._workers.items():
                connection.close()
                worker.process.terminate()
                worker.process.join()

    def _start_worker(self) -> None:
        connection, other = self._context.Pipe()
        process = self._context.Process(target=_work, args=(other, self._mapping), daemon=True)
        process.start()
        other.close()
        self._workers[connection] = _Worker(process)
        for _ in range(2):  # the file that it reads, and the next, so that it never waits
            self._assign(connection)

    def _assign(self, connection: Connection) -> None:
        """Send the next file to a worker. If there is none, and the worker has finished its last file, let it end."""
        assigned = self._workers[connection].assigned
        source = self._queue.popleft() if self._queue else None
        if source is not None:
            assigned.append(source)
        if source is not None or not assigned:
            with suppress(BrokenPipeError):  # it has died, and receiving from it will tell
                connection.send(source)

    def _receive(self, connection: Connection) -> Iterator[Batch]:
        worker = self._workers[connection]
        try:
            batch: Batch = connection.recv()
        except (EOFError, ConnectionResetError):
            yield from self._bury(connection)
            return
        worker.received += len(batch.items)
        if batch.digest is not None:
            worker.assigned.popleft()
            worker.received = 0
            self._assign(connection)
        yield batch

    def _bury(self, connection: Connection) -> Iterator[Batch]:
        """Remove a worker that has ended. Report a file that two died over, or one if items of the file were yielded."""
        worker = self._workers.pop(connection)
        connection.close()
        worker.process.join()
        if worker.assigned and (worker.received or worker.assigned[0] in self._suspects):
            yield _crash_report(worker.assigned.popleft(), worker)
        elif worker.assigned:
            self._suspects.add(worker.assigned[0])
        self._queue.extendleft(reversed(worker.assigned))
        if self._queue:
            self._start_worker()


def _crash_report(source: SourceFile, worker: _Worker) -> Batch:
    code = worker.process.exitcode or 0
    cause = f"by {signal.Signals(-code).name}" if code < 0 else f"with status {code}"
    reason = f"cannot be read: the process that read it died ({cause}), perhaps from lack of memory"
    return Batch(source, worker.received, [ReadFailure(reason, source.path)], source.size, digest(source.file))


def _work(connection: "Connection[Any, Any]", mapping: FieldMapping) -> None:
    """Read the files that arrive, and send their batches, until None arrives or the pipe breaks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-C is handled by the process that started this one
    mapper = FieldMapper(mapping)
    with suppress(EOFError, BrokenPipeError):
        while (source := connection.recv()) is not None:
            for batch in _read_batches(source, mapper):
                connection.send(batch)
