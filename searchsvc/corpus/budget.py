"""The budget of processor time and memory within which a process reads one file.

The kernel enforces it, because much of the reading happens inside libraries that nothing else can interrupt.
"""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CPU_SECONDS = 3.0
CPU_SECONDS_PER_MB = 0.5  # of what a file unpacks to
CPU_SECONDS_PER_ARTICLE = 0.005  # since an article of a few words costs more than its bytes
MEMORY_BYTES = 500 * 2**20  # in addition to what the process needs before it reads a file

_STATUS = Path("/proc/self/statm")
_GRANTED_AT_ONCE = 64 * 1024  # bytes: a system call for each line would cost more than reading it


class TimeBudget:
    """The processor time that is left for a file. Its end ends the process with SIGPROF."""

    def __init__(self) -> None:
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        self._unpacked = 0

    def begin(self) -> None:
        """Grant the time that every file has."""
        self._unpacked = 0
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)

    def end(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def add_bytes(self, number: int) -> None:
        """Grant the time for so many unpacked bytes."""
        self._unpacked += number
        if self._unpacked >= _GRANTED_AT_ONCE:
            self._grant(CPU_SECONDS_PER_MB * self._unpacked / 2**20)
            self._unpacked = 0

    def add_articles(self, number: int) -> None:
        """Grant the time for so many articles."""
        self._grant(CPU_SECONDS_PER_ARTICLE * number)

    def _grant(self, seconds: float) -> None:
        left = signal.getitimer(signal.ITIMER_PROF)[0]
        signal.setitimer(signal.ITIMER_PROF, left + seconds)


@contextmanager
def at_no_files_expense() -> Iterator[None]:
    """Stop the clock while the block runs, which does what all files need and one of them is the first to ask for."""
    left, _ = signal.setitimer(signal.ITIMER_PROF, 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, left)


def limit_memory() -> None:
    """Limit the memory of this process. Allocations beyond it fail. Do nothing where the system does not tell its size."""
    if _STATUS.exists():
        used = int(_STATUS.read_text().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY_BYTES, hard))


def describe_death(status: int) -> str:
    """Return why a process ended while it read a file, from its exit status."""
    if status == -signal.SIGPROF:
        return f"takes more processor time than {CPU_SECONDS:g} s and {CPU_SECONDS_PER_MB:g} s for each MB"
    if status == OUT_OF_MEMORY:
        return NEEDS_MEMORY
    cause = f"by {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
    return f"cannot be read: the process that read it died ({cause}), perhaps from lack of memory"


OUT_OF_MEMORY = 12
"""The exit status of a process that could not allocate memory: ENOMEM."""
NEEDS_MEMORY = f"needs more than {MEMORY_BYTES // 2**20} MB of memory"
