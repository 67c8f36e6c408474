"""Discovery of the files of a corpus, always in the same order."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG

from searchsvc.corpus.decoding import escape_unprintable
from searchsvc.corpus.formats import is_readable
from searchsvc.errors import UserError


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the corpus. Its path within the corpus has `/` between folders and `%XX` for unprintable characters."""

    path: str
    file: Path
    size: int
    mtime_ns: int


def walk(root: Path) -> Iterator[SourceFile]:
    """Yield every readable regular file below `root`, sorted by path within each folder.

    Skip hidden files and folders, and links to folders or out of the corpus. Raise UserError for an unreadable folder.
    """
    if not root.is_dir():
        problem = "is not a folder" if root.exists() else "does not exist"
        advice = "create it, or choose another with --corpus or SEARCHSVC_CORPUS"
        raise UserError(f"the corpus {root} {problem}: {advice}", param="corpus")
    real_root = os.path.realpath(root)
    for folder, subfolders, names in os.walk(root, onerror=_raise_unreadable):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and is_readable(name):
                file = os.path.join(folder, name)  # noqa: PTH118  a Path per file is slow
                if (source := _source_file(file, root, real_root)) is not None:
                    yield source


def _raise_unreadable(error: OSError) -> None:
    raise UserError(f"the folder {error.filename} cannot be read: {error.strerror}", param="corpus") from error


def _source_file(path: str, root: Path, real_root: str) -> SourceFile | None:
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return None  # deleted since it was listed, or a broken link
    if not S_ISREG(status.st_mode):
        return None
    if os.path.islink(path) and os.path.commonpath((os.path.realpath(path), real_root)) != real_root:  # noqa: PTH114
        return None
    name = escape_unprintable(os.path.relpath(path, root).replace(os.sep, "/"))
    return SourceFile(name, Path(path), status.st_size, status.st_mtime_ns)
