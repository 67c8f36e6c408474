"""Reading of many files in processes of their own: slow files in several, since a page takes as long as a hundred records.

Files are read in no particular order, and each in batches, so that none has to fit into memory. If a process dies while it
reads a file, another one reads its remaining files and tries that file once more. If it dies too, the file is reported.
A file that exceeds its budget is reported at once.
"""

import hashlib
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from multiprocessing.connection import wait
from pathlib import Path
from time import process_time
from typing import Any, Self

from searchsvc.corpus.budget import OUT_OF_MEMORY, TimeBudget, describe_death
from searchsvc.corpus.discovery import SourceFile
from searchsvc.corpus.formats import is_slow, load_plugin, plugin_of, reader_module
from searchsvc.corpus.metadata.field_mapping import FieldMapper
from searchsvc.corpus.reader import FileReader
from searchsvc.corpus.reader_process import ReaderProcess, TaskEnd
from searchsvc.corpus.record import Item, ReadFailure
from searchsvc.model.article import Article, FieldMapping

MIN_PARALLEL_BYTES = 8_000_000  # of slow files, from which on reading takes longer than starting more processes
BATCH_SIZE = 64  # items of a full batch
BATCH_CHARACTERS = 2**22  # of the articles of a batch, which it exceeds by one article at most
BATCH_SECONDS = 0.5  # of processor time for a batch, so that little is lost if the budget ends
_MIN_AHEAD, _MAX_AHEAD, _BYTES_AHEAD = 2, 16, 2**18  # files, and their bytes, that a process has, so that it never waits
_EXCEEDS_BUDGET = (-signal.SIGPROF, OUT_OF_MEMORY)


Sign = Callable[[Sequence[str]], Sequence[Any]]
"""A module-level function that returns the signature of each text. Its type is known where texts are analyzed."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive items of a file. Only the last batch has a digest. It is empty if the system refused the file.

    `signatures` are those of the articles among the items, in order, or empty if they are not signed.
    """

    source: SourceFile
    first: int
    items: list[Item]
    bytes_read: int
    digest: bytes | None
    signatures: Sequence[Any] = ()


def digest(file: Path) -> bytes:
    """Return a hash of the bytes of a file, or no bytes if it cannot be read."""
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16)).digest()
    except OSError:
        return b""


@dataclass(slots=True)
class _Worker:
    """A process, the files that it has not finished, and the number of items received of the first of them."""

    process: ReaderProcess
    assigned: deque[SourceFile] = field(default_factory=deque)
    received: int = 0

    def has_enough(self) -> bool:
        size = sum(source.size for source in self.assigned)
        return len(self.assigned) >= (_MAX_AHEAD if size < _BYTES_AHEAD else _MIN_AHEAD)


class ReaderPool:
    """Processes that read files, and sign the bodies of articles if asked to. A context manager: its end is theirs."""

    def __init__(
        self, sources: Iterable[SourceFile], mapping: FieldMapping, processes: int, sign: Sign | None = None
    ) -> None:
        slow, fast = _partition(sources)
        self._queue = deque([*slow, *fast])
        self._mapping = mapping
        self._sign = sign
        self._workers: dict[object, _Worker] = {}
        self._suspects: set[SourceFile] = set()
        self._preloaded = {reader_module(source.path) for source in slow} | ({sign.__module__} if sign else set())
        is_long = len(slow) > 1 and sum(source.size for source in slow) >= MIN_PARALLEL_BYTES
        for _ in range(min(processes, len(slow)) if is_long else 1):
            self._start_worker()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers.values():
            worker.process.kill()

    def batches(self) -> Iterator[Batch]:
        """Yield every batch of every file."""
        while self._workers:
            for connection in wait(list(self._workers)):  # type: ignore[arg-type]  # they are connections
                yield from self._receive(self._workers[connection])

    def _start_worker(self) -> None:
        if self._queue:
            worker = _Worker(ReaderProcess(self._preloaded))
            self._workers[worker.process.connection] = worker
            self._assign(worker)

    def _assign(self, worker: _Worker) -> None:
        """Send files to a process. End it if there are none left."""
        while self._queue and not worker.has_enough():
            worker.assigned.append(self._queue.popleft())
            worker.process.send(_read_batches, worker.assigned[-1], self._mapping, self._sign)
        if not worker.assigned:
            self._remove(worker)

    def _receive(self, worker: _Worker) -> Iterator[Batch]:
        try:
            result: Batch | TaskEnd = worker.process.receive()
        except EOFError:
            yield from self._bury(worker)
            return
        match result:
            case Batch():
                worker.received += len(result.items)
                if result.digest is not None:
                    worker.assigned.popleft()
                    worker.received = 0
                yield result
            case TaskEnd(is_last):
                if is_last:
                    self._remove(worker)
                    self._start_worker()
                else:
                    self._assign(worker)

    def _bury(self, worker: _Worker) -> Iterator[Batch]:
        """Remove a process that has died. Report the file that it read, unless another process shall try that file too."""
        source = worker.assigned[0] if worker.assigned else None
        status = self._remove(worker)
        if source is None:
            pass  # it had finished its files
        elif worker.received or status in _EXCEEDS_BUDGET or source in self._suspects:
            self._queue.popleft()
            # What else ends a process, such as a lack of memory on the machine, may be over at the next reindex.
            is_own_fault = status in _EXCEEDS_BUDGET
            plugin = plugin_of(source.path)
            reason = f"{describe_death(status)}{f', being read by {plugin}' if plugin else ''}"
            failure = ReadFailure(reason, source.path, transient=not is_own_fault)
            file_digest = digest(source.file) if is_own_fault else b""
            yield Batch(source, worker.received, [failure], source.size, file_digest)
        else:
            self._suspects.add(source)
        self._start_worker()

    def _remove(self, worker: _Worker) -> int:
        """Return the exit status of a process that has ended or will end. Put its files back into the queue."""
        self._queue.extendleft(reversed(worker.assigned))
        del self._workers[worker.process.connection]
        return worker.process.join()


def _partition(sources: Iterable[SourceFile]) -> tuple[list[SourceFile], list[SourceFile]]:
    slow: list[SourceFile] = []
    fast: list[SourceFile] = []
    for source in sources:
        (slow if is_slow(source.path) else fast).append(source)
    return slow, fast


def _read_batches(budget: TimeBudget, source: SourceFile, mapping: FieldMapping, sign: Sign | None) -> Iterator[Batch]:
    """Yield the batches of a file, in the process that reads it."""
    file_digest = digest(source.file)  # before reading, so that a file that changes meanwhile is read again
    import_module(reader_module(source.path))  # at no file's expense
    budget.begin()
    load_plugin(source.path)  # at no file's expense either, but it may never end
    budget.begin()
    reader = FileReader(source.file, source.path, _mapper(mapping), budget.add_bytes)
    items: list[Item] = []
    first = characters = 0
    until = process_time() + BATCH_SECONDS
    is_refused = False
    for item in reader:
        items.append(item)
        match item:
            case Article():
                characters += len(item.body)
            case ReadFailure(transient=True):
                is_refused = True
        if len(items) == BATCH_SIZE or characters > BATCH_CHARACTERS or process_time() > until:
            budget.add_articles(sum(isinstance(each, Article) for each in items))
            yield Batch(source, first, items, reader.bytes_read, None, _signatures(items, sign))
            first, items, characters, until = first + len(items), [], 0, process_time() + BATCH_SECONDS
    yield Batch(source, first, items, source.size, b"" if is_refused else file_digest, _signatures(items, sign))


def _signatures(items: Iterable[Item], sign: Sign | None) -> Sequence[Any]:
    return sign([item.body for item in items if isinstance(item, Article)]) if sign is not None else ()


@cache
def _mapper(mapping: FieldMapping) -> FieldMapper:
    return FieldMapper(mapping)
