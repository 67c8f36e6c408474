"""One generation on disk, its description, and the checksums of its files."""

import os
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from stat import S_IMODE
from typing import Any

import orjson

from searchsvc.durable import sync_folder, write_durably
from searchsvc.errors import DAMAGED, OTHER_VERSION, RECOVERY_ADVICE, NoIndexError
from searchsvc.index.manifest import MANIFEST_VERSION, Manifest
from searchsvc.model.article import FieldMapping

Checksum = tuple[int, int]  # the size of a file in bytes, and the CRC-32 of its content


@dataclass(frozen=True, slots=True)
class GenerationInfo:
    """The content of generation.json. `schema`, `reader` and `manifest` are versions, and `created` is a time in UTC.

    `readers` names the plug-in, with its version, that reads the files of a suffix, and `extras` those of this package that
    readers could use. `languages` are those by whose rules
    articles are searched, the most frequent first. `language` is the setting that narrows them.
    """

    engine: str
    schema: int
    reader: int
    languages: tuple[str, ...]
    articles: int
    failures: int
    created: str
    manifest: int = 1
    language: tuple[str, ...] = ()
    mapping: FieldMapping = ()
    fields: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # numbers of articles and of values
    readers: Mapping[str, str] = field(default_factory=dict)
    extras: tuple[str, ...] = ()
    unindexed_fields: int = 0  # fields that are only kept with their articles; without any, further ones can be indexed
    files: Mapping[str, Checksum] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation, or a draft of one: a folder with a description, a manifest and the engine's files."""

    name: str
    folder: Path

    @property
    def engine(self) -> Path:
        return self.folder / "engine"

    @property
    def manifest(self) -> Path:
        return self.folder / "manifest.sqlite"

    @property
    def words(self) -> Path:
        return self.folder / "words.json"

    def open_manifest(self) -> Manifest:
        """Open the manifest for reading. Raise NoIndexError if another version of searchsvc wrote it."""
        if self.info().manifest != MANIFEST_VERSION:
            raise NoIndexError(
                f"the index {self.folder} was made by another version of searchsvc: run `searchsvc reindex` to rebuild it",
                public=OTHER_VERSION,
            )
        return Manifest(self.manifest)

    def info(self) -> GenerationInfo:
        """Return the content of generation.json. Raise NoIndexError if it cannot be read."""
        try:
            described = orjson.loads((self.folder / "generation.json").read_bytes())
            if described.pop("seal") != _crc(described):
                raise ValueError("the checksum of generation.json is wrong")
            for table in ("fields", "files"):
                described[table] = {name: (first, second) for name, (first, second) in described[table].items()}
            described["mapping"] = tuple((name, field) for name, field in described.get("mapping", ()))
            for names in ("language", "languages", "extras"):  # earlier versions had one language and no extras
                described[names] = tuple(described.get(names, ()))
            return GenerationInfo(**described)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise NoIndexError(
                f"the generation {self.name} in {self.folder.parent} is damaged ({error}): {RECOVERY_ADVICE}",
                public=DAMAGED,
            ) from error

    def verify_checksums(self) -> Iterator[str]:
        """Yield a sentence for each file that is not as it was published."""
        try:
            files = self.info().files
        except NoIndexError as error:
            yield f"generation.json: {error}"
            return
        for name, published in files.items():
            if problem := _damage(self.folder / name, published):
                yield f"{name}: {problem}"

    def copy_from(self, base: "Generation", mutable_files: frozenset[str], lock_files: frozenset[str]) -> None:
        """Copy the manifest of `base`, and hard-link its engine's files. Copy `mutable_files`, leave out `lock_files`."""
        shutil.copyfile(base.manifest, self.manifest)
        for file in base.engine.iterdir():
            if file.name not in lock_files:
                link_or_copy(file, self.engine / file.name, link=file.name not in mutable_files)

    def write_info(self, info: GenerationInfo, base: "Generation | None", lock_files: frozenset[str]) -> None:
        """Flush all files to disk, then write generation.json with their checksums. Hard links to `base` keep theirs."""
        known = base._checksums_by_inode() if base is not None else {}
        description = self.folder / "generation.json"
        description.touch()
        paths = sorted(path for path in self.folder.rglob("*") if path.is_file() and path != description)
        _share_mode(description, (path for path in paths if path.stat().st_ino not in known))
        own = (path for path in paths if path.name not in lock_files)
        files = {str(path.relative_to(self.folder)): _synced_checksum(path, known) for path in own}
        described = asdict(replace(info, files=files))
        data = orjson.dumps(described | {"seal": _crc(described)}, option=orjson.OPT_INDENT_2)
        write_durably(description, data)
        sync_folder(self.engine)
        sync_folder(self.folder)

    def _checksums_by_inode(self) -> dict[int, Checksum]:
        files = ((self.folder / name, checksum) for name, checksum in self.info().files.items())
        return {file.stat().st_ino: checksum for file, checksum in files if file.exists()}


def _share_mode(model: Path, files: Iterable[Path]) -> None:
    """Give files the mode of a file that was created as the umask says. Libraries create theirs with modes of their own."""
    mode = S_IMODE(model.stat().st_mode)
    for file in files:
        if S_IMODE(file.stat().st_mode) != mode:
            file.chmod(mode)


def _crc(described: Mapping[str, Any]) -> int:
    return zlib.crc32(orjson.dumps(described))


def _damage(file: Path, published: Checksum) -> str:
    try:
        found = _checksum(file)
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    if found[0] != published[0]:
        return f"it has {found[0]:,} bytes instead of {published[0]:,}"
    return "" if found == published else "its checksum is wrong"


def _checksum(file: Path, *, sync: bool = False) -> Checksum:
    size = crc = 0
    with file.open("rb") as stream:
        while chunk := stream.read(2**20):
            size, crc = size + len(chunk), zlib.crc32(chunk, crc)
        if sync:
            os.fsync(stream.fileno())
    return size, crc


def _synced_checksum(file: Path, known: Mapping[int, Checksum]) -> Checksum:
    """Flush a file to disk and return its checksum. A hard link to a published file is on disk already."""
    status = file.stat()
    published = known.get(status.st_ino)
    if published is not None and published[0] == status.st_size:
        return published
    return _checksum(file, sync=True)


def link_or_copy(file: Path, target: Path, *, link: bool = True) -> None:
    """Make a file the hard link of another one, or a copy if `link` is false or the file system has no links."""
    if link:
        with suppress(OSError):
            target.hardlink_to(file)
            return
    shutil.copyfile(file, target)
