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
import re
import shutil
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any, BinaryIO

import orjson

from searchsvc.durable import sync_folder, write_durably
from searchsvc.errors import WAYS_OUT, BusyError, NoIndexError, UserError
from searchsvc.model import Naming

_NAME = re.compile(r"g\d{6,}")
_DRAFT = "draft-"
_CHUNK = 2**20
_AGAIN_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class GenerationInfo:
    """What generation.json says.

    `created` is an instant in UTC; `mapping` is that of the settings; `fields` maps metadata fields to articles and values;
    `files` maps each file to its size in bytes and the CRC-32 of its content.
    """

    engine: str
    schema: int
    reader: int
    language: str
    articles: int
    failures: int
    created: str
    mapping: Naming = ()
    fields: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    files: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation, or the draft of one, and where it lies."""

    name: str
    folder: Path

    @property
    def engine(self) -> Path:
        """The folder of the engine's files."""
        return self.folder / "engine"

    @property
    def manifest(self) -> Path:
        """The SQLite file that says what it was read from."""
        return self.folder / "manifest.sqlite"

    def info(self) -> GenerationInfo:
        """What generation.json says; raises NoIndexError where it cannot be read."""
        try:
            described = orjson.loads((self.folder / "generation.json").read_bytes())
            seal = described.pop("seal")
            if seal != _seal(described):
                raise ValueError("generation.json is not as it was written")
            for table in ("fields", "files"):
                described[table] = {name: (first, second) for name, (first, second) in described[table].items()}
            mapping = tuple((name, field) for name, field in described.pop("mapping", ()))
            return GenerationInfo(**described, mapping=mapping)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise NoIndexError(
                f"the generation {self.name} in {self.folder.parent} is damaged ({error}): {WAYS_OUT}"
            ) from error

    def damage(self) -> Iterator[str]:
        """What is wrong with its files; nothing, where all are as they were published."""
        try:
            files = self.info().files
        except NoIndexError as error:
            yield f"generation.json: {error}"
            return
        for name, published in files.items():
            problem = _damage(self.folder / name, published)
            if problem:
                yield f"{name}: {problem}"


class IndexFolder:
    """The folder that holds the generations of one archive."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    # Reading

    def stamp(self) -> tuple[int, int] | None:
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
        return next((generation for generation in earlier if not any(generation.damage())), None)

    # Writing

    @contextmanager
    def writing(self, patience: float = 0.0) -> Iterator[None]:
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


def _seal(described: Mapping[str, Any]) -> int:
    """The CRC-32 of what generation.json says."""
    return zlib.crc32(orjson.dumps(described))


def _damage(file: Path, published: tuple[int, int]) -> str:
    try:
        with file.open("rb") as stream:
            found = _checksum(stream)
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    if found[0] != published[0]:
        return f"it has {found[0]:,} bytes instead of {published[0]:,}"
    return "" if found == published else "its checksum is another"


def _checksum(file: BinaryIO) -> tuple[int, int]:
    """The size of a file in bytes, and the CRC-32 of its content."""
    size = found = 0
    while chunk := file.read(_CHUNK):
        size, found = size + len(chunk), zlib.crc32(chunk, found)
    return size, found


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not _is_lock(path))


def _is_lock(file: Path) -> bool:
    """Whether a file is an engine's lock: Tantivy's end in `.lock`, Whoosh's in `_WRITELOCK`."""
    return file.name.lower().endswith("lock")


def _clone(file: Path, target: Path, *, share: bool) -> None:
    if share:
        try:
            target.hardlink_to(file)
        except OSError:
            share = False  # a file system without hard links
    if not share:
        shutil.copyfile(file, target)


def _checksums_by_inode(generation: Generation) -> dict[int, tuple[int, int]]:
    """Size and checksum of files that a clone shares and that need not be read again."""
    files = generation.info().files
    return {
        (generation.folder / name).stat().st_ino: sealed
        for name, sealed in files.items()
        if (generation.folder / name).exists()
    }


def _sealed(path: Path, known: Mapping[int, tuple[int, int]]) -> tuple[int, int]:
    """Size and checksum of a file that is now safely on disk."""
    status = path.stat()
    shared = known.get(status.st_ino)
    if shared is not None and shared[0] == status.st_size:
        return shared
    with path.open("rb") as file:
        sealed = _checksum(file)
        os.fsync(file.fileno())
    return sealed
