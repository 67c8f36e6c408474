"""Compressed files, and the members of zip and tar archives. Nothing is unpacked to disk."""

import bz2
import gzip
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import BinaryIO, NamedTuple, cast

from searchsvc.errors import UserError

DECOMPRESSORS: Mapping[str, Callable[[BinaryIO], BinaryIO]] = {
    ".gz": lambda raw: cast(BinaryIO, gzip.GzipFile(fileobj=raw)),
    ".bz2": lambda raw: cast(BinaryIO, bz2.BZ2File(raw)),
    ".xz": lambda raw: cast(BinaryIO, lzma.open(raw)),  # noqa: SIM115  the caller closes it
}


class Member(NamedTuple):
    """A file in an archive: its path, which cannot lead out of the archive, and its bytes, valid until the next member."""

    path: str
    stream: BinaryIO


def decompress(raw: BinaryIO, suffix: str) -> BinaryIO:
    """Return the decompressed stream of a file. Return the stream itself if `suffix` is ""."""
    return DECOMPRESSORS[suffix](raw) if suffix else raw


def zip_members(stream: BinaryIO) -> Iterator[Member]:
    """Yield the files of a zip archive. Raise UserError if one is encrypted."""
    with zipfile.ZipFile(stream) as archive:
        for info in archive.infolist():
            if info.flag_bits & 1:
                raise UserError("is encrypted")
            if not info.is_dir():
                with archive.open(info) as file:
                    yield Member(_confined(info.filename), cast(BinaryIO, file))


def tar_members(stream: BinaryIO) -> Iterator[Member]:
    """Yield the regular files of a tar archive. Links and devices are skipped."""
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for info in archive:
            file = archive.extractfile(info) if info.isreg() else None
            if file is not None:
                yield Member(_confined(info.name), cast(BinaryIO, file))


def _confined(name: str) -> str:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return "/".join(part for part in parts if part not in ("/", "..", "."))


def wacz_members(stream: BinaryIO) -> Iterator[Member]:
    """Yield the crawls of a WACZ file, a zip archive that also has indexes and lists of their pages."""
    return (member for member in zip_members(stream) if member.path.startswith("archive/"))


ARCHIVES = {".zip": zip_members, ".tar": tar_members, ".wacz": wacz_members}
