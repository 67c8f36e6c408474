"""One generation on disk."""

import os
import re
import shutil
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from searchsvc.errors import RECOVERY_ADVICE, NoIndexError
from searchsvc.model.article import FieldMapping

_NAME = re.compile(r"g\d{6,}")
_DRAFT = "draft-"
_CHUNK = 2**20


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
    mapping: FieldMapping = ()
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
                f"the generation {self.name} in {self.folder.parent} is damaged ({error}): {RECOVERY_ADVICE}"
            ) from error

    def verify_checksums(self) -> Iterator[str]:
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
