"""Named totals that the processes of a service add up in memory that they share.

The memory is anonymous, and made before the processes are forked. A file could be deleted, and a process that writes to a
mapped file on a full disk is killed (SIGBUS).
"""

import fcntl
import mmap
import os
import tempfile
import threading
import weakref
from collections import defaultdict
from collections.abc import Mapping

_NAMES = 2_048  # further ones are not counted, nor are longer ones
_NAME_BYTES = 120
_ROW_BYTES = _NAMES * (8 + _NAME_BYTES)


class SharedTotals:
    """Totals by name. Each process adds to a row of its own, without waiting for others, and the totals sum all rows.

    The row of a process that has ended keeps its numbers, and the next process goes on with it. If more than `processes`
    are running, the further ones are not counted.
    """

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._memory = memoryview(mmap.mmap(-1, processes * _ROW_BYTES))
        self._lock_file = _anonymous_file()
        weakref.finalize(self, os.close, self._lock_file)
        self._lock = threading.Lock()
        self._process = 0
        self._row: _Row | None = None

    def add(self, amounts: Mapping[str, float]) -> None:
        """Add to some of the totals."""
        with self._lock:
            if self._process != os.getpid():
                self._process, self._row = os.getpid(), self._claim_row()
            if self._row is not None:
                for name, amount in amounts.items():
                    self._row.add(name, amount)

    def totals(self) -> Mapping[str, float]:
        """Return every total that something was added to."""
        totals: dict[str, float] = defaultdict(float)
        for number in range(self._processes):
            for name, amount in self._row_at(number).numbers().items():
                totals[name] += amount
        return totals

    def _claim_row(self) -> "_Row | None":
        """Return the first row that no living process has, or None. The system releases it when this process ends."""
        for number in range(self._processes):
            try:
                fcntl.lockf(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
            except OSError:
                continue
            return self._row_at(number)
        return None

    def _row_at(self, number: int) -> "_Row":
        return _Row(self._memory[number * _ROW_BYTES : (number + 1) * _ROW_BYTES])


class _Row:
    """The numbers of one process, and their names in the order of their first use."""

    def __init__(self, memory: memoryview) -> None:
        self._numbers = memory[: _NAMES * 8].cast("d")
        self._names = memory[_NAMES * 8 :]
        self.slots: dict[str, int] = {}
        for slot in range(_NAMES):
            name = bytes(self._names[slot * _NAME_BYTES : (slot + 1) * _NAME_BYTES]).rstrip(b"\0")
            if not name or name.startswith(b"\0"):  # none, or one that is being written
                break
            self.slots[name.decode()] = slot

    def add(self, name: str, amount: float) -> None:
        slot = self.slots.get(name)
        if slot is None:
            if len(self.slots) == _NAMES or len(name.encode()) > _NAME_BYTES:
                return
            slot = self.slots[name] = len(self.slots)
            self._write_name(slot, name.encode())
        self._numbers[slot] += amount

    def numbers(self) -> dict[str, float]:
        return {name: self._numbers[slot] for name, slot in self.slots.items()}

    def _write_name(self, slot: int, name: bytes) -> None:
        """Write a name. Its first byte comes last, so that no other process reads half of it."""
        start = slot * _NAME_BYTES
        self._names[start + 1 : start + len(name)] = name[1:]
        self._names[start] = name[0]


def _anonymous_file() -> int:
    """Return the descriptor of an empty file without a name, for locks."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("searchsvc")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
