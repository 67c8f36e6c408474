"""Faults of the disk: strace makes one system call of a process fail, or kills the process there."""

import mmap
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.conftest import SOAK

WRITING = (
    *("openat", "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "fallocate", "sendfile", "copy_file_range"),
    *("mkdir", "rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "rmdir", "chmod", "fchmodat"),
)
"""System calls that change a disk. `close` is missing: strace can only skip it, and then the file stays open and locked."""
DELETING = "unlinkat,rmdir"  # of a folder with files
READING = ("read", "pread64", "getdents64", "newfstatat", "statx", "flock")
KINDS = ("KILL", "ENOSPC", "EDQUOT", "EIO", "ENOSPC+", "EIO+", "EIO stuck")
"""The kinds of faults: `+` stands for a disk that stays full or broken, `stuck` for one that deletes nothing any more."""
_SECONDS = 60  # after which a process counts as hanging


@contextmanager
def quick_folder() -> Iterator[Path]:
    """Yield a temporary folder, in memory if possible. Thousands of flushes to a real disk would take minutes."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(
        dir=memory if os.access(memory, os.W_OK) else None, ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


@dataclass(frozen=True)
class Fault:
    """A fault at one of the calls of a name, counted in each thread, or from there on."""

    call: str
    number: int
    kind: str

    def __str__(self) -> str:
        return f"{self.kind} at {self.call} {self.number}"

    @property
    def options(self) -> list[str]:
        """The options of strace that inject it."""
        kind, _, stuck = self.kind.partition(" ")
        error = "signal=KILL" if kind == "KILL" else f"error={kind.rstrip('+')}"
        found = ["-e", f"inject={self.call}:{error}:when={self.number}{'+' if kind.endswith('+') else ''}"]
        return [*found, *(["-e", f"inject={DELETING}:error=EIO"] if stuck and self.call not in DELETING else [])]

    @property
    def lasts(self) -> bool:
        """Whether the process cannot clean up after it."""
        return self.kind == "KILL" or self.kind.endswith(("+", "stuck"))


@dataclass(frozen=True)
class Outcome:
    """How a process ended: killed, with an error, or with a value, of which this is the text."""

    killed: bool
    error: str
    value: str


class Faults:
    """A server that forks processes which do some work under strace. The forks have loaded what they need."""

    def __init__(self, warm_up: Callable[[], object]) -> None:
        if (strace := shutil.which("strace")) is None:
            pytest.skip("strace is missing: faults of the disk cannot be injected")
        self._strace = strace
        context = multiprocessing.get_context("spawn")
        self._connection, other = context.Pipe()
        self._server = context.Process(target=_serve, args=(other, warm_up))  # no daemon: those may not start others
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)  # a fault would hit the saving of its data, which hangs
            self._server.start()
        other.close()

    def close(self) -> None:
        self._connection.close()
        self._server.kill()
        self._server.join()

    def calls(self, work: Callable[..., object], *arguments: object, reading: bool = False) -> Counter[str]:
        """Run some work, and return how often it makes each system call at most in one thread."""
        names = (*WRITING, *READING) if reading else WRITING
        with tempfile.NamedTemporaryFile("r") as log:
            outcome = self._run(work, arguments, ["-o", log.name, "-e", f"trace={','.join(names)}"])
            assert outcome.error == "", outcome
            made = Counter(match.groups() for match in re.finditer(r"^(\d+) +(\w+)\(", log.read(), re.MULTILINE))
        most: Counter[str] = Counter()
        for (_, name), number in made.items():
            most[name] = max(most[name], number)
        return most

    def run(self, fault: Fault, work: Callable[..., object], *arguments: object) -> Outcome:
        """Run some work with a fault."""
        return self._run(work, arguments, ["-o", os.devnull, "-e", f"trace={fault.call},{DELETING}", *fault.options])

    def _run(self, work: Callable[..., object], arguments: Sequence[object], options: list[str]) -> Outcome:
        self._connection.send((work, arguments))
        process = self._connection.recv()
        _wait_for(process, r"^State:\s+T")
        command = [self._strace, "-f", "-qqq", *options, "-p", str(process)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
            while not _status(process, r"^TracerPid:\s+[1-9]"):
                if strace.poll() is not None:
                    os.kill(process, signal.SIGKILL)
                    pytest.skip(f"strace does not work here: {strace.communicate()[1]}")
                time.sleep(0.0005)
            os.kill(process, signal.SIGCONT)
            if not self._connection.poll(_SECONDS):
                os.kill(process, signal.SIGKILL)
                self._connection.recv()
                pytest.fail(f"the process hangs: {' '.join(command)}")
            outcome: Outcome = self._connection.recv()
            return outcome


def faults_at(calls: Counter[str], kind: str, every: int = 1) -> Iterator[Fault]:
    """Yield a fault of a kind for each call, or for every n-th unless this is a soak. Reading only fails with EIO."""
    for call, number in sorted(calls.items()):
        if call in WRITING or kind.startswith("EIO"):
            for each in range(1, number + 1, 1 if SOAK else every):
                yield Fault(call, each, kind)


def tried(faults: Iterable[Fault], attempt: Callable[[Fault], None]) -> int:
    """Attempt each fault, and return their number. Fail with the list of those for which an assertion does not hold."""
    failed, number = [], 0
    for fault in faults:
        number += 1
        try:
            attempt(fault)
        except AssertionError as error:
            failed.append(f"{fault}: {error}")
    if failed:
        pytest.fail("\n".join([f"{len(failed)} of {number} faults:", *failed[:20]]))
    return number


def _status(process: int, pattern: str) -> bool:
    return re.search(pattern, Path(f"/proc/{process}/status").read_text(), re.MULTILINE) is not None


def _wait_for(process: int, pattern: str) -> None:
    while not _status(process, pattern):
        time.sleep(0.0005)


def _serve(connection: "Connection[Any, Any]", warm_up: Callable[[], object]) -> None:
    """Fork a process for each piece of work that arrives. Send its id, and later how it ended."""
    warm_up()
    while (order := _next_order(connection)) is not None:
        note = mmap.mmap(-1, 2**14)  # writing to it is no system call
        process = os.fork()
        if process == 0:
            connection.close()
            _work(note, *order)
        connection.send(process)
        status = os.waitpid(process, 0)[1]
        kind, _, text = note[:].rstrip(b"\0").decode(errors="replace").partition(" ")
        connection.send(Outcome(os.WIFSIGNALED(status), text if kind == "error" else "", text if kind == "value" else ""))
        note.close()


def _next_order(connection: "Connection[Any, Any]") -> Any:
    """Return the next piece of work, or None if the tests have died."""
    try:
        return connection.recv()
    except EOFError:
        return None


def _work(note: mmap.mmap, work: Callable[..., object], arguments: Sequence[object]) -> NoReturn:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libraries write there when they panic
    os.kill(os.getpid(), signal.SIGSTOP)  # until strace is there
    try:
        text = f"value {work(*arguments)}"
    except BaseException as error:  # noqa: BLE001  the test decides what may be raised
        text = f"error {type(error).__name__}: {error}"
    data = text.encode(errors="replace")[: len(note)]
    note[: len(data)] = data
    os._exit(0)
