"""Archives of many files: what they hold, one member after the other, without unpacking anything to disk."""

import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO, NamedTuple, cast

from searchsvc.errors import UserError


class Member(NamedTuple):
    """A file in an archive: its name, without any way out of the archive, and its bytes, to be read before the next."""

    name: str
    stream: BinaryIO


def zip_members(stream: BinaryIO) -> Iterator[Member]:
    """The files of a zip archive; raises UserError where they are encrypted."""
    with zipfile.ZipFile(stream) as archive:
        for info in archive.infolist():
            if info.flag_bits & 1:
                raise UserError("is encrypted")
            if not info.is_dir():
                with archive.open(info) as file:
                    yield Member(_inside(info.filename), cast(BinaryIO, file))


def tar_members(stream: BinaryIO) -> Iterator[Member]:
    """The regular files of a tar archive; links, devices and the like are passed over."""
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for info in archive:
            file = archive.extractfile(info) if info.isreg() else None
            if file is not None:
                yield Member(_inside(info.name), cast(BinaryIO, file))


def _inside(name: str) -> str:
    """The name of a member as a path within the archive."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return "/".join(part for part in parts if part not in ("/", "..", "."))
