"""The file of synonyms, which is read again when it changes."""

import logging
from pathlib import Path
from threading import Lock
from time import monotonic

from searchsvc.analysis.synonyms import Synonyms, parse_synonyms

MAX_BYTES = 2**20  # of the file
MAX_PROBLEMS = 20  # lines that are reported
_INTERVAL = 1.0  # seconds after which the file is looked at again

_log = logging.getLogger(__name__)
_Version = tuple[int, int, int] | None


def read_synonyms(file: Path) -> tuple[Synonyms, list[str]]:
    """Return the synonyms of a file, and a sentence for each line that was skipped. A file that is missing has none.

    Raise OSError if the file cannot be read.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return Synonyms(), []
    if len(data) > MAX_BYTES:
        return Synonyms(), [f"{file}: it is larger than {MAX_BYTES // 2**20} MiB, so it was not read: divide or shorten it"]
    found, problems = parse_synonyms(data.decode("utf-8", "replace"))
    lines = [f"{file}, line {line}: {reason}, so it was skipped" for line, reason in problems[:MAX_PROBLEMS]]
    return found, lines + ([f"{file}: {len(problems):,} lines in all were skipped"] if len(problems) > MAX_PROBLEMS else [])


def synonym_problems(file: Path) -> list[str]:
    """Return a sentence for each mistake in a file of synonyms."""
    try:
        return read_synonyms(file)[1]
    except OSError as error:
        return [f"{file} cannot be read ({error.strerror}): there are no synonyms"]


class SynonymFile:
    """The synonyms of an archive. Threads can share it.

    A file that cannot be read any more leaves those that were read last.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = Lock()
        self._next_look = 0.0
        self._version: _Version = None
        self._synonyms = Synonyms()

    @property
    def version(self) -> str:
        """Return a text that changes with the file, for entity tags of answers."""
        self.current()
        return "" if self._version is None else f"{self._version[0]} {self._version[1]}"

    def current(self) -> Synonyms:
        """Return the synonyms of the file as it is, or was a second ago. Log the lines that were skipped."""
        if monotonic() >= self._next_look:
            with self._lock:
                if monotonic() >= self._next_look:
                    self._look()
                    self._next_look = monotonic() + _INTERVAL
        return self._synonyms

    def _look(self) -> None:
        version = self._version_of_file()
        if version == self._version:
            return
        self._version = version
        try:
            self._synonyms, problems = read_synonyms(self._file)
        except OSError as error:
            problems = [f"{self._file} cannot be read ({error.strerror}): the synonyms stay as they were"]
        for problem in problems:
            _log.warning("%s", problem)

    def _version_of_file(self) -> _Version:
        try:
            status = self._file.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino
