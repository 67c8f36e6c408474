"""A process that reads files, so that no file can stop or exhaust the process that wants to know what is in it."""

import gc
import multiprocessing
import os
import resource
import signal
import socket
import sys
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any, NamedTuple

from searchsvc.corpus.budget import OUT_OF_MEMORY, TimeBudget, describe_death, limit_memory
from searchsvc.errors import SearchsvcError, ServiceError, UserError

Task = Callable[..., Iterable[Any]]
"""A function of a module. It is called with a `TimeBudget` and its arguments, and yields its results."""

_THREADS = Path("/proc/self/task")
_MAIN = Lock()
_BYTES_SENT_AHEAD = 4 * 2**20
_MAX_GROWTH = 200 * 2**20  # bytes by which a process may have grown; then another one reads the next file


class TaskEnd(NamedTuple):
    """What follows the results of a task, and whether the process ends with it."""

    is_last: bool


class ReaderProcess:
    """A process that carries out tasks one by one, within a budget. It ends with its parent, even if that is killed.

    The modules named by `preloaded` are imported before the first task.
    """

    def __init__(self, preloaded: Collection[str] = ()) -> None:
        context = _context(preloaded)
        self.connection, other = context.Pipe()
        _widen(other)
        # Its parent may be killed before it can ask who that is.
        is_forked = context.get_start_method() == "fork"
        self._process = context.Process(target=_run_tasks, args=(other, is_forked, preloaded), daemon=True)  # type: ignore[attr-defined]
        try:
            with _without_interrupts(), _without_main_module():
                self._process.start()
        except (OSError, EOFError) as error:  # multiprocessing raises the second if its server cannot be reached
            raise ServiceError(f"no process can be started that reads files ({error}): check memory and limits") from error
        other.close()

    def send(self, task: Task, *args: Any) -> None:
        """Send a task. If the process has ended, `receive` will tell."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self.connection.send((task, args))

    def receive(self) -> Any:
        """Return the next result of a task, or its TaskEnd. Raise EOFError if the process has ended."""
        try:
            return self.connection.recv()
        except OSError:  # it ended in the middle of a result
            raise EOFError from None

    def join(self) -> int:
        """Wait for the end of the process, and return its exit status."""
        self.connection.close()
        self._process.join()
        return self._process.exitcode or 0

    def kill(self) -> None:
        self._process.kill()
        self.join()


class ReaderProcesses:
    """Processes for single tasks, such as checking an upload. They are started when needed, and kept. Thread-safe."""

    def __init__(self) -> None:
        self._idle: deque[ReaderProcess] = deque()

    def run(self, task: Task, *args: Any) -> list[Any]:
        """Return the results of a task. Raise its SearchsvcError, or UserError if it exceeds the budget."""
        try:
            process = self._idle.pop()
        except IndexError:
            process = ReaderProcess()
        process.send(task, *args)
        results: list[Any] = []
        try:
            while not isinstance(result := process.receive(), TaskEnd):
                results.append(result)
        except EOFError:
            raise UserError(describe_death(process.join())) from None
        if not result.is_last:
            self._idle.append(process)
        if results and isinstance(results[-1], SearchsvcError):
            raise results[-1]
        return results


def _widen(connection: "Connection[Any, Any]") -> None:
    """Let several results wait in a pipe, so that its ends need not wait for each other. The system may allow less."""
    with socket.socket(fileno=os.dup(connection.fileno())) as pipe:
        pipe.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BYTES_SENT_AHEAD)


def _context(preloaded: Collection[str]) -> BaseContext:
    """Return a context that starts processes quickly and safely.

    A fork takes milliseconds, but inherits the locks that other threads hold. A process with other threads therefore uses
    a server that forks, which takes a quarter of a second to start.
    """
    if _THREADS.exists() and len(os.listdir(_THREADS)) == 1:  # noqa: PTH208  only their number counts
        return multiprocessing.get_context("fork")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, *preloaded])
    return context


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Delay ctrl-C until a process has been started. Python ignores exceptions in what it does at a fork."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _without_main_module() -> Iterator[None]:
    """Hide the script that runs in this process. The server of multiprocessing would run it again in every process."""
    with _MAIN:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def _run_tasks(connection: "Connection[Any, Any]", is_forked: bool, preloaded: Iterable[str]) -> None:
    """Carry out the tasks that arrive, until the pipe breaks or this process has grown too much."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-C is handled by the process that started this one
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sys.addaudithook(_forbid_network)
    with suppress(OSError):
        os.dup2(2, 1)  # what a library prints is no output of the command
    if is_forked:
        _close_inherited_files(connection.fileno())
    for module in preloaded:  # at no file's expense
        import_module(module)
    limit_memory()
    budget, most = TimeBudget(), _peak_memory() + _MAX_GROWTH
    is_last = False
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while not is_last:
            task, args = connection.recv()
            try:
                _run(task, args, budget, connection)
            except MemoryError:
                os._exit(OUT_OF_MEMORY)
            is_last = _peak_memory() > most
            connection.send(TaskEnd(is_last))


def _forbid_network(event: str, _args: object) -> None:
    """Raise PermissionError if a library follows an address in a file, which would betray or reach into the network."""
    if event.startswith("socket."):
        raise PermissionError("what reads files may not use the network")


def _run(task: Task, args: tuple[Any, ...], budget: TimeBudget, connection: "Connection[Any, Any]") -> None:
    try:
        for result in task(budget, *args):
            connection.send(result)
    except SearchsvcError as error:
        connection.send(error)
    finally:
        budget.end()


def _close_inherited_files(kept: int) -> None:
    """Close all files but the standard ones and `kept`, so that locks and pipes of the parent end with it."""
    gc.freeze()  # so that no file object of the parent is collected, which would close a file of the same number
    os.closerange(3, kept)
    os.closerange(kept + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _peak_memory() -> int:
    """Return the most memory in bytes that this process has had."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
