"""A reindex in a process of its own, which any other process can start and follow. One runs at a time for an index folder.

index/.reindexing    locked while one runs: its process inherits the lock, and the system releases it when the process ends
index/reindex.json   the progress of the one that runs, or the result of the last one
index/.requested     exists if the one that runs may have missed a change, so that another has to follow
"""

import datetime as dt
import logging
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Literal

import orjson

from searchsvc.config import Settings, environment, settings_of
from searchsvc.durable import try_lock
from searchsvc.errors import BusyError, SearchsvcError, ServiceError, UserError
from searchsvc.index.store import GenerationStore
from searchsvc.indexer.reindex import reindex
from searchsvc.indexer.report import Progress, ReindexReport
from searchsvc.logs import configure_logging

if TYPE_CHECKING:
    from pydantic import TypeAdapter

State = Literal["none", "running", "done", "failed", "unknown"]

_READING_SECONDS = 0.012
"""For which the lock may be held to read the status."""
_ENDING_SECONDS = 2.0
"""For which a process may hold it that has written its result."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReindexStatus:
    """The progress or the result of the last reindex, with times in UTC.

    The state is `none` if there never was one, and `unknown` if the file with the result cannot be read.
    """

    state: State = "none"
    full: bool = False
    started: dt.datetime | None = None
    finished: dt.datetime | None = None
    progress: Progress | None = None
    report: ReindexReport | None = None
    error: str | None = None


class ReindexJobs:
    """The reindexes of one archive that run in processes of their own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._store = GenerationStore(settings.index)
        self._lock_file = settings.index / ".reindexing"
        self._status_file = settings.index / "reindex.json"
        self._request_file = settings.index / ".requested"
        self._problem = ""

    def start(self, *, full: bool = False) -> bool:
        """Start a reindex. Return False if one is running. Raise ServiceError if the index folder cannot be written."""
        if (lock := self._lock_soon()) is None:
            return False
        try:
            self._write_status(ReindexStatus("running", full, _now()))
            command = [sys.executable, "-m", "searchsvc.indexer.jobs", *(["--full"] if full else [])]
            environ = os.environ | environment(self._settings)
            process = subprocess.Popen(  # noqa: S603  our own command
                command, env=environ, pass_fds=(lock,), stdin=subprocess.DEVNULL, start_new_session=True
            )
        finally:
            os.close(lock)
        threading.Thread(target=process.wait, daemon=True).start()  # so that no zombie is left
        return True

    def request(self) -> None:
        """Make sure that a reindex begins after this moment, which sees all changes so far.

        Raise ServiceError if the index folder cannot be written.
        """
        with self._translating_errors():
            self._store.create_folder()
            self._request_file.touch()
        self.ensure_running()

    def ensure_running(self) -> None:
        """Start a reindex if one is requested, unless one runs that will notice the request."""
        while self._request_file.exists() and not self.start() and self._read_status().state != "running":
            sleep(0.01)  # one that is about to end may not look for requests again

    @property
    def is_requested(self) -> bool:
        return self._request_file.exists()

    def status(self) -> ReindexStatus:
        """Return the progress or the result of the last reindex."""
        status = self._read_status()
        if status.state not in ("running", "unknown"):
            return status
        if self._is_locked():
            return replace(status, state="running", error=None)
        status = self._read_status()  # it may have ended in between
        error = "its process ended before it was done; the generation before is still live"
        return replace(status, state="failed", error=error) if status.state == "running" else status

    def run(self, *, full: bool) -> None:
        """Run a reindex in this process, and repeat it for as long as that is requested."""
        while True:
            status = ReindexStatus("running", full, _now())
            self._write_status(status)
            try:
                self._request_file.unlink(missing_ok=True)
            except OSError as error:  # repeating it for as long as the file exists would never end
                self._write_status(
                    replace(status, state="failed", finished=_now(), error=f"requests cannot be deleted: {error.strerror}")
                )
                return
            self._write_status(self._result(status))
            if not self._request_file.exists():
                return
            full = False

    def _result(self, status: ReindexStatus) -> ReindexStatus:
        try:
            report = self._reindex(status)
        except SearchsvcError as error:
            _log.error("reindexing failed: %s", error)
            return replace(status, state="failed", finished=_now(), error=self._without_folders(error.public))
        except Exception:  # noqa: BLE001  whoever follows the reindex must learn that it failed, whatever the reason
            _log.exception("reindexing failed")
            return replace(status, state="failed", finished=_now(), error="it failed; see the log of the service")
        notes = tuple(map(self._without_folders, report.notes))
        full = self._without_folders(report.full) if report.full else None
        shown = replace(report, full=full, notes=notes)
        return replace(status, state="done", finished=_now(), report=shown)

    def _without_folders(self, text: str) -> str:
        """Return a message for clients, which shows where no folder of the server is, but only its name."""
        settings = self._settings
        for path in (settings.index, settings.corpus, settings.synonyms_file, Path(tempfile.gettempdir())):
            text = text.replace(str(path.absolute()), path.name)
        return text

    def _reindex(self, status: ReindexStatus) -> ReindexReport:
        next_time = 0.0

        def write_progress(progress: Progress) -> None:
            nonlocal next_time
            if monotonic() >= next_time:
                self._write_status(replace(status, progress=progress))
                next_time = monotonic() + 0.5

        until = monotonic() + 600  # wait for a reindex that was started in another way
        while True:
            try:
                report = reindex(self._settings, full=status.full, on_progress=write_progress)
                return report.shortened(100)
            except BusyError:
                if monotonic() > until:
                    raise
                sleep(0.2)

    def _read_status(self) -> ReindexStatus:
        try:
            return _status_reader().validate_json(self._status_file.read_bytes())
        except FileNotFoundError:
            return ReindexStatus()
        except OSError as error:
            reason = error.strerror
        except ValueError:
            reason = "it is damaged"
        problem = f"{self._status_file.name} cannot be read ({reason}); the next reindex writes it again"
        return ReindexStatus("unknown", error=problem)

    def _write_status(self, status: ReindexStatus) -> None:
        new = self._status_file.with_suffix(".new")
        try:
            new.write_bytes(orjson.dumps(status, option=orjson.OPT_UTC_Z))
            new.replace(self._status_file)
            self._problem = ""
        except OSError as error:  # whoever follows the reindex sees less of it, but it goes on
            if str(error) != self._problem:
                self._problem = str(error)
                _log.warning("the progress of reindexing cannot be written: %s", error)

    def _lock(self) -> int | None:
        """Return the descriptor of the locked file, or None if another process holds the lock."""
        with self._translating_errors():
            self._store.create_folder()
            lock = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o666)
        if try_lock(lock):
            return lock
        os.close(lock)
        return None

    def _lock_soon(self) -> int | None:
        """Return the same, but wait for whoever reads the status, and for a process that is done and about to end."""
        begun = monotonic()
        while (lock := self._lock()) is None:
            most = _READING_SECONDS if self._read_status().state == "running" else _ENDING_SECONDS
            if monotonic() - begun > most:
                return None
            sleep(0.002)
        return lock

    def _is_locked(self) -> bool:
        try:
            lock = os.open(self._lock_file, os.O_RDONLY)
        except OSError:
            return False  # no process could have locked it either
        try:
            return not try_lock(lock)
        finally:
            os.close(lock)

    @contextmanager
    def _translating_errors(self) -> Iterator[None]:
        """Raise ServiceError if the index folder cannot be written. A client over HTTP can choose no other folder."""
        try:
            yield
        except (OSError, UserError) as error:
            raise ServiceError(f"no reindex can be started: {error}") from error


@cache
def _status_reader() -> "TypeAdapter[ReindexStatus]":
    from pydantic import TypeAdapter  # noqa: PLC0415  the process that reindexes only writes, and starts faster without

    return TypeAdapter(ReindexStatus)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def main() -> None:
    """Run the process that `ReindexJobs.start` starts."""
    settings = settings_of(os.environ)
    configure_logging(settings.log_format)
    ReindexJobs(settings).run(full="--full" in sys.argv)


if __name__ == "__main__":
    main()
