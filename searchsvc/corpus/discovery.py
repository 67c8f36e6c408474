"""Discovery of the files of a corpus, always in the same order."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from searchsvc.corpus.decoding import escape_unprintable
from searchsvc.corpus.formats import FORMATS, HEAD_BYTES, is_readable, may_be_told, reason_to_skip, sniff, suffix
from searchsvc.corpus.record import ReadFailure
from searchsvc.errors import UserError
from searchsvc.model.skipped import (
    DEAD_LINK,
    HIDDEN,
    IS_SYNONYMS,
    LINK_OUT,
    LINK_TO_FOLDER,
    SPECIAL,
    SYNONYMS,
    SkipCounter,
)

_VANISHED = (FileNotFoundError, NotADirectoryError)
"""Errors of what was deleted since its folder was listed, and of links that lead nowhere."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the corpus. Its path within the corpus has `/` between folders and `%XX` for unprintable characters."""

    path: str
    location: str  # in the file system
    size: int
    mtime_ns: int

    @property
    def file(self) -> Path:
        return Path(self.location)  # made only for files that are read: that takes longer than to examine a file


def raise_failure(failure: ReadFailure) -> None:
    """Raise UserError for a folder or file of the corpus that the system does not show."""
    raise UserError(f"{failure.path} {failure.reason}", param="corpus")


def walk(
    root: Path, on_failure: Callable[[ReadFailure], None] = raise_failure, skipped: SkipCounter | None = None
) -> Iterator[SourceFile]:
    """Yield every readable regular file below `root`, sorted by path within each folder.

    Files with an unknown suffix are opened if nothing else can tell what they are. Count in `skipped` what is left out:
    files of unknown formats, hidden files and folders, links to folders or out of the corpus, and the list of synonyms.
    Call `on_failure` for each folder that cannot be listed, and each file that cannot be examined. Raise UserError if that
    is `root` itself.
    """
    if not root.is_dir():
        problem = "is not a folder" if root.exists() else "does not exist"
        advice = "create it, or choose another with --corpus or SEARCHSVC_CORPUS"
        raise UserError(f"the corpus {root} {problem}: {advice}", param="corpus")
    yield from _Discovery(root, on_failure, SkipCounter() if skipped is None else skipped).files()


class _Discovery:
    """A walk through one corpus."""

    def __init__(self, root: Path, on_failure: Callable[[ReadFailure], None], skipped: SkipCounter) -> None:
        self._root = os.fspath(root)
        self._real_root = os.path.realpath(root)
        self._on_failure = on_failure
        self._skipped = skipped

    def files(self) -> Iterator[SourceFile]:
        """Yield the files of each folder before those of its subfolders."""
        pending = [self._root]
        while pending:
            subfolders: list[str] = []
            for entry in self._entries(pending.pop()):
                if entry.name.startswith("."):
                    self._skipped.add(HIDDEN)
                elif self._is_folder(entry):
                    subfolders.append(entry.path)
                elif self._path_within(entry.path) == SYNONYMS:
                    self._skipped.add(IS_SYNONYMS)
                elif (source := self._readable(entry)) is not None:
                    yield source
            pending += reversed(subfolders)

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        """Return the entries of a folder. If it cannot be listed, report that and return none."""
        try:
            with os.scandir(folder) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            if folder == self._root:
                raise UserError(f"the corpus {folder} cannot be listed: {error.strerror}", param="corpus") from error
            self._report(error, folder, "cannot be listed")
            return []

    def _is_folder(self, entry: os.DirEntry[str]) -> bool:
        try:
            return entry.is_dir(follow_symlinks=False)
        except OSError as error:  # some file systems only know after another look
            self._report(error, entry.path, "cannot be examined")
            return False

    def _readable(self, entry: os.DirEntry[str]) -> SourceFile | None:
        """Return a file if it can be read. Otherwise count it, and return None."""
        if is_readable(entry.name):
            return self._source_file(entry)
        if may_be_told(entry.name):
            return self._told(entry)
        self._skipped.add(reason_to_skip(entry.name), suffix(entry.name))
        return None

    def _told(self, entry: os.DirEntry[str]) -> SourceFile | None:
        """Return a file if its first bytes tell a format that can be read. Otherwise count it, and return None."""
        source = self._source_file(entry)
        head = self._head(source) if source is not None else None
        if head is None:
            return None
        told = sniff(head)
        reason = FORMATS[told].missing if told else reason_to_skip(entry.name)
        if reason:
            self._skipped.add(reason, suffix(entry.name))
        return None if reason else source

    def _source_file(self, entry: os.DirEntry[str]) -> SourceFile | None:
        try:
            status = entry.stat()
        except OSError as error:
            self._report(error, entry.path, "cannot be examined")
            return None
        if not S_ISREG(status.st_mode):
            self._skipped.add(LINK_TO_FOLDER if S_ISDIR(status.st_mode) else SPECIAL)
            return None
        if self._leads_out(entry):
            self._skipped.add(LINK_OUT)
            return None
        return SourceFile(self._path_within(entry.path), entry.path, status.st_size, status.st_mtime_ns)

    def _head(self, source: SourceFile) -> bytes | None:
        """Return the first bytes of a file. If it cannot be opened, report that and return None."""
        try:
            with source.file.open("rb", buffering=0) as stream:
                return stream.read(HEAD_BYTES)
        except OSError as error:
            self._report(error, source.location, "cannot be examined")
            return None

    def _leads_out(self, entry: os.DirEntry[str]) -> bool:
        """Return whether an entry is a link to something outside the corpus."""
        return entry.is_symlink() and os.path.commonpath((os.path.realpath(entry), self._real_root)) != self._real_root

    def _report(self, error: OSError, path: str, problem: str) -> None:
        if os.path.islink(path) and isinstance(error, _VANISHED):  # noqa: PTH114
            self._skipped.add(DEAD_LINK)
        elif not isinstance(error, _VANISHED):
            self._on_failure(ReadFailure(f"{problem}: {error.strerror}", self._path_within(path), transient=True))

    def _path_within(self, path: str) -> str:
        return escape_unprintable(path.removeprefix(self._root).removeprefix(os.sep).replace(os.sep, "/"))
