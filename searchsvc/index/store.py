"""Generations: an index is built aside, checked, and published by one rename, so that no reader ever sees half of it.

index/CURRENT            the name of the live generation; replaced by rename
index/g000042/           one published generation, never changed again
    generation.json      what it is: engine, schema, language, counts, and every file with size and checksum
    manifest.sqlite      what it was read from
    engine/              the engine's files
index/draft-g000043/     one being built; left over after a crash, and then removed by the next reindex
index/feeding-g000043/   one that several machines write together: see searchsvc.feeding
index/.lock              held by the one writer; the system lets go of it when the process dies
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from time import monotonic, sleep
from typing import BinaryIO

import orjson

from searchsvc.durable import sync_folder, write_durably
from searchsvc.errors import BusyError, UserError
from searchsvc.index.generation import (
    _DRAFT,
    _NAME,
    Generation,
    GenerationInfo,
    _checksums_by_inode,
    _clone,
    _files,
    _is_lock,
    _seal,
    _sealed,
)

_AGAIN_SECONDS = 0.2


class GenerationStore:
    """The folder that holds the generations of one archive."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    # Reading

    def version(self) -> tuple[int, int] | None:
        """Something that changes with every publication, at the price of one system call; None before the first."""
        try:
            status = (self.folder / "CURRENT").stat()
        except FileNotFoundError:
            return None
        return status.st_mtime_ns, status.st_ino

    def live(self) -> Generation | None:
        """The published generation; None before the first."""
        try:
            name = (self.folder / "CURRENT").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None
        return Generation(name, self.folder / name)

    def generations(self) -> list[Generation]:
        """Those that are kept, oldest first."""
        if not self.folder.is_dir():
            return []
        names = sorted(path.name for path in self.folder.iterdir() if _NAME.fullmatch(path.name))
        return [Generation(name, self.folder / name) for name in names]

    def earlier(self) -> Generation | None:
        """The last generation before the live one that is not damaged, which reading all its files tells; None for none."""
        live = self.live()
        earlier = (generation for generation in reversed(self.generations()) if live is None or generation.name < live.name)
        return next((generation for generation in earlier if not any(generation.verify_checksums())), None)

    # Writing

    @contextmanager
    def write_lock(self, patience: float = 0.0) -> Iterator[None]:
        """Be the one writer, after waiting up to `patience` seconds for another.

        What a crash or an error left half built is removed by the end. Raises UserError where the folder cannot be written,
        BusyError where there is still a writer.
        """
        until = monotonic() + patience
        with self._lock_file() as file:
            while not _locked(file):
                if monotonic() >= until:
                    file.seek(0)
                    owner = f"process {file.read().decode()}"
                    raise BusyError(f"another reindex ({owner}) is writing {self.folder}: wait until it is done")
                sleep(_AGAIN_SECONDS)
            file.truncate(0)
            file.write(str(os.getpid()).encode())
            file.flush()
            try:
                yield
            finally:
                self._remove_drafts()

    def next_name(self) -> str:
        """The name of the generation that will be published next."""
        last = max((int(generation.name[1:]) for generation in self.generations()), default=0)
        return f"g{last + 1:06d}"

    def draft(self, base: Generation | None, rewritten: frozenset[str] = frozenset()) -> Generation:
        """A folder to build the next generation in: empty, or a clone of `base`.

        A clone shares the engine's files by hard links, but for those that engines rewrite in place.
        """
        name = self.next_name()
        draft = Generation(name, self.folder / f"{_DRAFT}{name}")
        self._remove_drafts()
        draft.engine.mkdir(parents=True)
        if base is not None:
            shutil.copyfile(base.manifest, draft.manifest)
            for file in base.engine.iterdir():
                if not _is_lock(file):
                    _clone(file, draft.engine / file.name, share=file.name not in rewritten)
        return draft

    def publish(self, draft: Generation, info: GenerationInfo, base: Generation | None) -> Generation:
        """Make a finished draft the live generation. Everything is on disk before its name is."""
        known = _checksums_by_inode(base) if base is not None else {}
        files = {str(path.relative_to(draft.folder)): _sealed(path, known) for path in _files(draft.folder)}
        described = asdict(info) | {"files": files}
        sealed = described | {"seal": _seal(described)}
        write_durably(draft.folder / "generation.json", orjson.dumps(sealed, option=orjson.OPT_INDENT_2))
        for folder in (draft.engine, draft.folder):
            sync_folder(folder)
        published = Generation(draft.name, self.folder / draft.name)
        draft.folder.rename(published.folder)
        self._point_to(published)
        return published

    def rollback(self) -> Generation:
        """Make the last generation before the live one that is not damaged live again; raises UserError for none."""
        earlier = self.earlier()
        if earlier is None:
            raise UserError(f"there is no earlier generation in {self.folder} to go back to, or none that is not damaged")
        self._point_to(earlier)
        return earlier

    def prune(self, keep: int) -> None:
        """Remove all but the live generation and the newest others, `keep` in all. Readers of a removed one go on."""
        live = self.live()
        others = [generation for generation in self.generations() if generation != live]
        for generation in others[: max(0, len(others) - (keep - 1))]:
            shutil.rmtree(generation.folder, ignore_errors=True)

    def _lock_file(self) -> BinaryIO:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            return (self.folder / ".lock").open("a+b")
        except OSError as error:
            raise UserError(
                f"the index folder {self.folder} cannot be written ({error.strerror}): "
                "make it writable, or name another with --index or SEARCHSVC_INDEX",
                param="index",
            ) from error

    def _remove_drafts(self) -> None:
        for path in self.folder.glob(f"{_DRAFT}*"):
            shutil.rmtree(path, ignore_errors=True)

    def _point_to(self, generation: Generation) -> None:
        sync_folder(self.folder)
        write_durably(self.folder / "CURRENT.new", f"{generation.name}\n".encode())
        (self.folder / "CURRENT.new").replace(self.folder / "CURRENT")
        sync_folder(self.folder)


def _locked(file: BinaryIO) -> bool:
    """Whether the lock is ours now; the system lets go of it when the process dies."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
