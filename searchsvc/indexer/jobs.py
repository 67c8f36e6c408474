"""A reindex in a process of its own, started and followed from any other; one at a time for an index folder.

index/.reindexing    held while one runs: its process inherits the lock, and lets go of it however it ends
index/reindex.json   how far it has come, or how the last one ended
index/.wanted        there is something that a reindex under way may have missed: another has to follow
"""

import datetime as dt
import fcntl
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from time import monotonic, sleep
from typing import Any, Literal

import orjson

from searchsvc.config import Settings, environment, settings_of
from searchsvc.errors import BusyError, SearchsvcError, UserError

State = Literal["none", "running", "done", "failed"]

BUSY_SECONDS = 600
"""How long a reindex that was started otherwise is waited for."""
MAX_LISTED = 100
"""Failures, and ids that several articles have, that a status lists."""
_TOLD_SECONDS = 0.5
_LOOKS = 5

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Status:
    """How the last reindex is getting on, or ended; `none` where there never was one.

    `started` and `finished` are instants in UTC. `progress` and `report` are what reindexing says, the latter at the end;
    `error` is why it failed.
    """

    state: State = "none"
    full: bool = False
    started: str | None = None
    finished: str | None = None
    progress: Mapping[str, int] | None = None
    report: Mapping[str, Any] | None = None
    error: str | None = None


class ReindexJobs:
    """Starts reindexes and knows how they get on."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = settings.index / ".reindexing"
        self._told = settings.index / "reindex.json"
        self._wanted = settings.index / ".wanted"

    def start(self, *, full: bool = False) -> bool:
        """Start one; False where one is running. Raises UserError where the index folder cannot be written."""
        lock = self._taken()
        for _ in range(_LOOKS):
            if lock is None:  # or somebody is only looking
                sleep(0.002)
                lock = self._taken()
        if lock is None:
            return False
        try:
            self.tell(Status("running", full, _now()))
            command = [sys.executable, "-m", "searchsvc.indexer.jobs", *(["--full"] if full else [])]
            own = os.environ | environment(self._settings)
            process = subprocess.Popen(command, env=own, pass_fds=(lock,), stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603
        finally:
            os.close(lock)
        threading.Thread(target=process.wait, daemon=True).start()  # so that no zombie is left
        return True

    def want(self) -> None:
        """Have what is in the corpus by now indexed, by a reindex that begins after this."""
        self._make_folder()
        self._wanted.touch()
        self.ensure_running()

    def ensure_running(self) -> None:
        """Start a reindex if one is wanted and none runs that will see that it is."""
        while self._wanted.exists() and not self.start() and self._said().state != "running":
            sleep(0.01)  # one that has just ended, and may have looked for the last time

    @property
    def is_wanted(self) -> bool:
        """Whether what was wanted has not been begun."""
        return self._wanted.exists()

    def status(self) -> Status:
        """How the last one is getting on, or ended."""
        said = self._said()
        if said.state != "running" or self._is_held():
            return said
        said = self._said()  # it may have ended between the two
        ended = "its process was ended before it was done; what was published before is live"
        return replace(said, state="failed", error=ended) if said.state == "running" else said

    def tell(self, status: Status) -> None:
        """Say how it gets on."""
        new = self._told.with_suffix(".new")
        new.write_bytes(orjson.dumps(asdict(status)))
        new.replace(self._told)

    def run(self, *, full: bool) -> None:
        """Reindex in this process, and again as long as that is wanted."""
        while True:
            status = Status("running", full, _now())
            self.tell(status)
            self._wanted.unlink(missing_ok=True)
            self.tell(self._done(status))
            if not self._wanted.exists():
                return
            full = False

    def _done(self, status: Status) -> Status:
        try:
            report = self._report(status)
        except SearchsvcError as error:
            _log.error("reindexing failed: %s", error)
            return replace(status, state="failed", finished=_now(), error=str(error))
        except Exception:  # noqa: BLE001  whatever it is, who follows has to hear of it
            _log.exception("reindexing failed")
            return replace(status, state="failed", finished=_now(), error="it failed; the service's log says why")
        return replace(status, state="done", finished=_now(), report=report)

    def _report(self, status: Status) -> Mapping[str, Any]:
        # Only the process that reindexes needs the readers of files.
        from searchsvc.indexer.ingest import Progress  # noqa: PLC0415
        from searchsvc.indexer.reindex import reindex  # noqa: PLC0415

        next_time = 0.0

        def show(progress: Progress) -> None:
            nonlocal next_time
            if monotonic() >= next_time:
                self.tell(replace(status, progress=asdict(progress)))
                next_time = monotonic() + _TOLD_SECONDS

        until = monotonic() + BUSY_SECONDS
        while True:
            try:
                report = asdict(reindex(self._settings, full=status.full, progress=show))
                return report | {name: report[name][:MAX_LISTED] for name in ("failures", "duplicates")}
            except BusyError:
                if monotonic() > until:
                    raise
                sleep(0.2)

    def _said(self) -> Status:
        try:
            return Status(**orjson.loads(self._told.read_bytes()))
        except FileNotFoundError:
            return Status()

    def _make_folder(self) -> None:
        try:
            self._settings.index.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"the index folder {self._settings.index} cannot be made ({error.strerror})") from error

    def _taken(self) -> int | None:
        """The lock, taken; None where another has it."""
        self._make_folder()
        lock = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        return lock

    def _is_held(self) -> bool:
        lock = self._taken()
        if lock is not None:
            os.close(lock)
        return lock is None


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def main() -> None:
    """The process that `Background.start` starts."""
    logging.basicConfig(format="searchsvc: %(message)s")
    ReindexJobs(settings_of(os.environ)).run(full="--full" in sys.argv)


if __name__ == "__main__":
    main()
