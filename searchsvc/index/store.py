"""The index folder: drafts of generations, publication by one rename, rollback, and the write lock.

index/CURRENT            the name of the live generation, replaced by a rename
index/CURRENT.new        the next CURRENT; the generation that it names is not published yet
index/CURRENT.back       the next CURRENT, while a rollback goes on
index/g000042/           a published generation, which never changes, unless CURRENT.new names it
    generation.json      engine, versions, language, counts, and a checksum for every file
    manifest.sqlite      the source files and their articles
    words.json           the most frequent words, which the engine has too
    signatures.base      signatures of the texts, by which versions are found, and the changes since that was written
    signatures.changes
    stories.arrays       which articles are versions of one text
    engine/              the engine's files
index/draft-g000043/     a generation being built or deleted
index/alerts.sqlite      what alerts have told, and what is still to be sent (see alerts.state)
index/.lock              locked by the one writer; the system releases it when the process dies
index/.gitignore         keeps the folder out of version control
index/CACHEDIR.TAG       keeps the folder out of backups: `searchsvc reindex` can build it again

One rename publishes a generation: that of CURRENT.new to CURRENT makes it live, and removes the mark that it is a draft.
A crash leaves drafts behind. Nobody takes them for generations, and the next writer deletes them.
"""

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from time import monotonic, sleep

from searchsvc.durable import sync_folder, try_lock, write_durably
from searchsvc.errors import BusyError, NoIndexError, SearchsvcError, ServiceError, UserError
from searchsvc.index.generation import Generation, GenerationInfo
from searchsvc.messages import Message

_NAME = re.compile(r"g\d{6,}")
_DRAFT = "draft-"
_OWN_NAME = re.compile(
    r"(\.gitignore|CACHEDIR\.TAG|CURRENT|\.owner)(\.new|\.back)?|(draft-|distributed-)?g\d{6,}"
    r"|\.lock|\.reindexing|\.requested|\.sessions|reindex\.(json|new)|\.alerts|alerts(-g\d{6,})?\.(sqlite(-journal)?|new)"
)
_DISK_FAULTS = (errno.EIO, errno.ENOSPC, errno.EDQUOT)
_CACHE_FILES = {
    ".gitignore": "*\n",
    "CACHEDIR.TAG": (  # see https://bford.info/cachedir/
        "Signature: 8a477f597d28d172789f06886806bc55\n"
        "# This folder is a search index. `searchsvc reindex` can build it again.\n"
    ),
}


class GenerationStore:
    """The folder that holds the generations of one archive."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._current = folder / "CURRENT"
        self._next = folder / "CURRENT.new"
        self._back = folder / "CURRENT.back"

    def version(self) -> tuple[int, int] | None:
        """Return a value that changes with every publication, or None before the first. It costs one system call.

        Raise NoIndexError if the system refuses to look.
        """
        try:
            status = self._current.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._not_readable(error) from error
        return status.st_mtime_ns, status.st_ino

    def live(self) -> Generation | None:
        """Return the live generation. Return None if there is none. Raise NoIndexError if CURRENT cannot be read."""
        try:
            name = self._current.read_text(encoding="utf-8", errors="replace").strip()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._not_readable(error) from error
        return self._named(name) if _NAME.fullmatch(name) else None

    def generations(self) -> list[Generation]:
        """Return the published generations that are kept, oldest first."""
        if not self.folder.is_dir():
            return []
        unpublished = self._unpublished()
        names = sorted(path.name for path in self.folder.iterdir() if _NAME.fullmatch(path.name))
        return [self._named(name) for name in names if name != unpublished]

    def earlier(self) -> Generation | None:
        """Return the last undamaged generation before the live one, or None. This reads all files of the candidates."""
        live = self.live()
        earlier = (generation for generation in reversed(self.generations()) if live is None or generation.name < live.name)
        return next((generation for generation in earlier if not any(generation.verify_checksums())), None)

    def create_folder(self) -> None:
        """Create the index folder, and mark it as a cache unless it has files of others.

        Raise UserError if it cannot be written, and ServiceError if its disk is full or fails.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            names = {path.name for path in self.folder.iterdir()}
            if all(map(_OWN_NAME.fullmatch, names)):
                for name in _CACHE_FILES.keys() - names:
                    self._mark(name)
        except OSError as error:
            raise self._not_writable(error) from error

    @contextmanager
    def write_lock(self, timeout: float = 0.0) -> Iterator[None]:
        """Hold the write lock while the block runs, waiting up to `timeout` seconds. Drafts are deleted before and after.

        Raise UserError if the folder cannot be written, ServiceError if its disk is full or fails, and BusyError if another
        process still holds the lock.
        """
        with self._open_lock() as file:
            _wait_for_lock(file, self.folder, timeout)
            with suppress(OSError):  # a full disk has no room for the number, which only another's message needs
                file.truncate(0)
                file.write(str(os.getpid()).encode())
            try:
                self._delete_drafts()
            except OSError as error:
                raise self._not_writable(error) from error
            try:
                yield
            finally:
                with suppress(OSError):  # the next writer tries again, and until then nobody takes it for a generation
                    self._delete_drafts()

    def next_name(self) -> str:
        last = max((int(generation.name[1:]) for generation in self.generations()), default=0)
        return f"g{last + 1:06d}"

    def draft(
        self, base: Generation | None, mutable_files: frozenset[str] = frozenset(), lock_files: frozenset[str] = frozenset()
    ) -> Generation:
        """Create a draft of the next generation: empty, or a clone of `base` with hard links to all but `mutable_files`."""
        self._delete_drafts()
        name = self.next_name()
        draft = Generation(name, self.folder / f"{_DRAFT}{name}")
        draft.engine.mkdir(parents=True)
        if base is not None:
            draft.copy_from(base, mutable_files, lock_files)
        return draft

    def publish(
        self, draft: Generation, info: GenerationInfo, base: Generation | None, lock_files: frozenset[str] = frozenset()
    ) -> Generation:
        """Make a finished draft the live generation. Its files are on disk before its name is.

        Raise OSError if it stays a draft, and ServiceError if it is live, but the disk may lose that.
        """
        draft.write_info(info, base, lock_files)
        published = self._named(draft.name)
        # The mark is on the disk before the folder has the name of a generation, and the folder before CURRENT names it.
        write_durably(self._next, f"{published.name}\n".encode())
        sync_folder(self.folder)
        draft.folder.rename(published.folder)
        sync_folder(self.folder)
        self._switch(self._next, published)
        return published

    def rollback(self) -> Generation:
        """Make the last undamaged generation before the live one live again. Raise UserError if there is none."""
        if (earlier := self.earlier()) is None:
            raise UserError(f"cannot roll back: {self.folder} has no undamaged generation before the live one")
        write_durably(self._back, f"{earlier.name}\n".encode())
        self._switch(self._back, earlier)
        return earlier

    def prune(self, keep: int) -> None:
        """Delete the oldest generations until `keep` are left. The live one always stays. Open readers keep working.

        Raise OSError if one cannot be deleted.
        """
        live = self.live()
        others = [generation for generation in self.generations() if generation != live]
        outdated = others[: max(0, len(others) - (keep - 1))]
        if outdated:
            sync_folder(self.folder)  # CURRENT is on the disk before the generation that it named is gone
        for generation in outdated:
            # A deletion that is broken off leaves a draft, not half a generation.
            draft = self.folder / f"{_DRAFT}{generation.name}"
            generation.folder.rename(draft)
            shutil.rmtree(draft)

    def _named(self, name: str) -> Generation:
        return Generation(name, self.folder / name)

    def _open_lock(self) -> FileIO:
        self.create_folder()
        try:
            return (self.folder / ".lock").open("a+b", buffering=0)
        except OSError as error:
            raise self._not_writable(error) from error

    def _mark(self, name: str) -> None:
        """Write a file that marks the folder. A crash leaves no half of it."""
        new = self.folder / f"{name}.new"
        new.write_text(_CACHE_FILES[name], encoding="utf-8")
        new.replace(self.folder / name)

    def _not_writable(self, error: OSError) -> SearchsvcError:
        problem = f"the index folder {self.folder} cannot be written ({error.strerror})"
        if error.errno in _DISK_FAULTS:
            return ServiceError(f"{problem}: check whether its disk is full or failing, then try again")
        return UserError(f"{problem}: make it writable, or name another with --index or SEARCHSVC_INDEX", param="index")

    def _not_readable(self, error: OSError) -> NoIndexError:
        return NoIndexError(
            f"{self._current} cannot be read ({error.strerror}): check the permissions of its folder, and its disk",
            public=Message("the index cannot be read: the log of the service has the reason"),
        )

    def _unpublished(self) -> str | None:
        """Return the name of a generation whose publication has begun, or was broken off. Return None if there is none."""
        try:
            name = self._next.read_text(encoding="utf-8", errors="replace").strip()
        except FileNotFoundError:
            return None
        live = self.live()
        # A rollback of an earlier version wrote an older name there. That generation is published.
        return name if _NAME.fullmatch(name) and (live is None or name > live.name) else None

    def _delete_drafts(self) -> None:
        """Delete drafts, and a generation whose publication was broken off. Raise OSError if one cannot be deleted."""
        for path in self.folder.glob(f"{_DRAFT}*"):
            # Tantivy watches an index that has been opened, and would create a file for its lock in the meantime.
            moved = path.rename(path.with_name(f"{path.name}-"))
            shutil.rmtree(moved)
        unpublished = self._unpublished()
        if unpublished is not None and (self.folder / unpublished).exists():
            shutil.rmtree(self.folder / unpublished)
            sync_folder(self.folder)  # it is gone from the disk before its mark
        for file in (self._next, self._back):
            file.unlink(missing_ok=True)

    def _switch(self, new: Path, generation: Generation) -> None:
        new.replace(self._current)
        try:
            sync_folder(self.folder)
        except OSError as error:
            raise ServiceError(
                f"{generation.name} is live, but the disk of {self.folder} did not confirm it ({error.strerror}): check "
                "that disk, since the generation before may be live again after a power failure"
            ) from error


def _wait_for_lock(file: FileIO, folder: Path, timeout: float) -> None:
    until = monotonic() + timeout
    while not try_lock(file):
        if monotonic() >= until:
            file.seek(0)
            owner = file.read().decode()
            raise BusyError(f"another reindex (process {owner}) is writing {folder}: wait until it is done")
        sleep(0.2)
