"""The index folder: drafts of generations, publication by one rename, rollback, and the write lock.

index/CURRENT            the name of the live generation, replaced by a rename
index/CURRENT.new        the next CURRENT, while a generation is being published
index/g000042/           a published generation, which never changes
    generation.json      engine, versions, language, counts, and a checksum for every file
    manifest.sqlite      the source files and their articles
    engine/              the engine's files
index/draft-g000043/     a generation being built; a crash leaves it behind, and the next writer deletes it
index/.lock              locked by the one writer; the system releases it when the process dies
index/.gitignore         keeps the folder out of version control
index/CACHEDIR.TAG       keeps the folder out of backups: `searchsvc reindex` can build it again
"""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import BinaryIO

from searchsvc.durable import sync_folder, write_durably
from searchsvc.errors import BusyError, UserError
from searchsvc.index.generation import Generation, GenerationInfo

_NAME = re.compile(r"g\d{6,}")
_DRAFT = "draft-"
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

    def version(self) -> tuple[int, int] | None:
        """Return a value that changes with every publication, or None before the first. It costs one system call."""
        with suppress(FileNotFoundError):
            status = self._current.stat()
            return status.st_mtime_ns, status.st_ino
        return None

    def live(self) -> Generation | None:
        """Return the live generation, or None before the first publication."""
        with suppress(FileNotFoundError):
            return self._named(self._current.read_text(encoding="utf-8").strip())
        return None

    def generations(self) -> list[Generation]:
        """Return the generations that are kept, oldest first."""
        if not self.folder.is_dir():
            return []
        names = sorted(path.name for path in self.folder.iterdir() if _NAME.fullmatch(path.name))
        return [self._named(name) for name in names]

    def earlier(self) -> Generation | None:
        """Return the last undamaged generation before the live one, or None. This reads all files of the candidates."""
        live = self.live()
        earlier = (generation for generation in reversed(self.generations()) if live is None or generation.name < live.name)
        return next((generation for generation in earlier if not any(generation.verify_checksums())), None)

    def create_folder(self) -> None:
        """Create the index folder, and mark an empty one as a cache. Raise UserError if it cannot be written."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if all(path.name in _CACHE_FILES for path in self.folder.iterdir()):
                for name, text in _CACHE_FILES.items():
                    with suppress(FileExistsError), (self.folder / name).open("x", encoding="utf-8") as file:
                        file.write(text)
        except OSError as error:
            raise self._not_writable(error) from error

    @contextmanager
    def write_lock(self, timeout: float = 0.0) -> Iterator[None]:
        """Hold the write lock while the block runs, waiting up to `timeout` seconds. Unfinished drafts are deleted on exit.

        Raise UserError if the folder cannot be written, and BusyError if another process still holds the lock.
        """
        until = monotonic() + timeout
        with self._open_lock() as file:
            while not try_lock(file):
                if monotonic() >= until:
                    file.seek(0)
                    owner = file.read().decode()
                    raise BusyError(f"another reindex (process {owner}) is writing {self.folder}: wait until it is done")
                sleep(0.2)
            file.truncate(0)
            file.write(str(os.getpid()).encode())
            file.flush()
            self._delete_unfinished()
            try:
                yield
            finally:
                self._delete_unfinished()

    def next_name(self) -> str:
        last = max((int(generation.name[1:]) for generation in self.generations()), default=0)
        return f"g{last + 1:06d}"

    def draft(
        self, base: Generation | None, mutable_files: frozenset[str] = frozenset(), lock_files: frozenset[str] = frozenset()
    ) -> Generation:
        """Create a draft of the next generation: empty, or a clone of `base` with hard links to all but `mutable_files`."""
        self._delete_unfinished()
        name = self.next_name()
        draft = Generation(name, self.folder / f"{_DRAFT}{name}")
        draft.engine.mkdir(parents=True)
        if base is not None:
            draft.copy_from(base, mutable_files, lock_files)
        return draft

    def publish(
        self, draft: Generation, info: GenerationInfo, base: Generation | None, lock_files: frozenset[str] = frozenset()
    ) -> Generation:
        """Make a finished draft the live generation. Its files are on disk before its name is."""
        draft.write_info(info, base, lock_files)
        published = self._named(draft.name)
        # If the process dies before the switch, CURRENT.new tells the next writer that this generation was never live.
        write_durably(self._next, f"{published.name}\n".encode())
        draft.folder.rename(published.folder)
        self._switch()
        return published

    def rollback(self) -> Generation:
        """Make the last undamaged generation before the live one live again. Raise UserError if there is none."""
        if (earlier := self.earlier()) is None:
            raise UserError(f"cannot roll back: {self.folder} has no undamaged generation before the live one")
        write_durably(self._next, f"{earlier.name}\n".encode())
        self._switch()
        return earlier

    def prune(self, keep: int) -> None:
        """Delete the oldest generations until `keep` are left. The live one always stays. Open readers keep working."""
        live = self.live()
        others = [generation for generation in self.generations() if generation != live]
        for generation in others[: max(0, len(others) - (keep - 1))]:
            shutil.rmtree(generation.folder, ignore_errors=True)

    def _named(self, name: str) -> Generation:
        return Generation(name, self.folder / name)

    def _open_lock(self) -> BinaryIO:
        self.create_folder()
        try:
            return (self.folder / ".lock").open("a+b")
        except OSError as error:
            raise self._not_writable(error) from error

    def _not_writable(self, error: OSError) -> UserError:
        return UserError(
            f"the index folder {self.folder} cannot be written ({error.strerror}): "
            "make it writable, or name another with --index or SEARCHSVC_INDEX",
            param="index",
        )

    def _delete_unfinished(self) -> None:
        for path in self.folder.glob(f"{_DRAFT}*"):
            shutil.rmtree(path, ignore_errors=True)
        with suppress(OSError):
            name, live = self._next.read_text(encoding="utf-8", errors="replace").strip(), self.live()
            # Delete a generation that never became live. An unfinished rollback names an older one, which was live once.
            if _NAME.fullmatch(name) and (live is None or name > live.name):
                shutil.rmtree(self.folder / name, ignore_errors=True)
            self._next.unlink()

    def _switch(self) -> None:
        sync_folder(self.folder)  # the generation's name is on disk before CURRENT names it
        self._next.replace(self._current)
        sync_folder(self.folder)


def try_lock(file: BinaryIO | int) -> bool:
    """Lock a file or a descriptor, and return True. Return False if another process holds the lock."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
