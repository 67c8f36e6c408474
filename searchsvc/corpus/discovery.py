"""The files of a corpus, in an order that is the same every time."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG

from searchsvc.corpus.decoding import printable
from searchsvc.corpus.reader import is_readable
from searchsvc.errors import UserError


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read: its path within the corpus, its size in bytes, when it was changed, and where it lies on disk.

    The path has `/` between folders, and `%XX` for what is no printable character in UTF-8, so that it can be stored, shown
    and put into an address.
    """

    path: str
    file: Path
    size: int
    mtime_ns: int


def walk(root: Path) -> Iterator[SourceFile]:
    """Every regular file with a suffix that can be read, by path; hidden files and folders are left out.

    Links to files are followed as long as they stay inside the corpus, links to folders are not. Raises UserError where
    the corpus is no folder that can be read.
    """
    if not root.is_dir():
        what = "is not a folder" if root.exists() else "does not exist"
        raise UserError(
            f"the corpus {root} {what}: make it, or name another with --corpus or SEARCHSVC_CORPUS", param="corpus"
        )
    inside = os.path.realpath(root)
    for folder, folders, names in os.walk(root, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and is_readable(name):
                yield from _source(os.path.join(folder, name), root, inside)  # noqa: PTH118  a Path per file is slow


def _refuse(error: OSError) -> None:
    raise UserError(f"the folder {error.filename} cannot be read: {error.strerror}", param="corpus") from error


def _source(path: str, root: Path, inside: str) -> Iterator[SourceFile]:
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return  # gone since it was listed, or a link to nothing
    if not S_ISREG(status.st_mode):
        return
    if os.path.islink(path) and os.path.commonpath((os.path.realpath(path), inside)) != inside:  # noqa: PTH114
        return
    name = printable(os.path.relpath(path, root).replace(os.sep, "/"))
    yield SourceFile(name, Path(path), status.st_size, status.st_mtime_ns)
