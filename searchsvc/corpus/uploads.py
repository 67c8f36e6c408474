"""Articles that were uploaded over HTTP: one file each, in a folder of their own in the corpus.

Uploads take precedence over articles of other files with the same id. If an article of another file is deleted over HTTP,
its upload is a tombstone: files that the owner of the corpus has put there are never changed.
"""

import os
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from hashlib import blake2b
from io import FileIO
from pathlib import Path
from secrets import token_hex
from typing import Any

import orjson

from searchsvc.corpus.metadata.identifiers import bounded
from searchsvc.corpus.metadata.values import identifier
from searchsvc.corpus.record import Tombstone
from searchsvc.durable import sync_folder, try_lock
from searchsvc.errors import ServiceError

FOLDER = "api"  # within the corpus
_TOMBSTONE_FIELD = "withdrawn"
_PREFIX = ".put-"  # of temporary files, which discovery skips because they are hidden


def is_put(path: str) -> bool:
    """Return whether a path within the corpus is that of an upload."""
    return path.startswith(f"{FOLDER}/")


def put_path(article_id: str) -> str:
    """Return the path within the corpus of the upload with this id."""
    return f"{FOLDER}/{blake2b(article_id.encode(), digest_size=16).hexdigest()}.json"


def tombstone_record(article_id: str) -> dict[str, Any]:
    """Return the JSON object that deletes the article with this id."""
    return {"id": article_id, _TOMBSTONE_FIELD: True}


def parse_tombstone(fields: Mapping[str, Any], path: str) -> Tombstone | None:
    """Return the tombstone that a record stands for, or None if it is not one or not in the folder of uploads."""
    article_id = bounded(identifier(fields.get("id")))
    return Tombstone(article_id) if article_id and is_put(path) and fields.get(_TOMBSTONE_FIELD) is True else None


def dump_record(record: Mapping[str, Any]) -> bytes:
    """Return the content of an upload's file."""
    return orjson.dumps(record, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


class Draft:
    """A context manager for a temporary file next to its place in the corpus, deleted unless published.

    The file is locked until then, so that others can tell it from one that a killed process has left behind.
    """

    def __init__(self, corpus: Path, path: str, data: bytes) -> None:
        self._corpus = corpus
        self._target = corpus / path
        self._data = data
        self._cleanup = ExitStack()
        self.file = self._target

    def __enter__(self) -> "Draft":
        if not self._target.parent.exists():
            self._target.parent.mkdir(exist_ok=True)
            sync_folder(self._corpus)
        with ExitStack() as cleanup:
            stream = self._create_locked(cleanup)
            while self._data:  # an almost full disk takes a part of it
                self._data = self._data[stream.write(self._data) :]
            os.fsync(stream.fileno())
            self._cleanup = cleanup.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()

    def _create_locked(self, cleanup: ExitStack) -> FileIO:
        """Create the file with the mode that the umask says, and lock it."""
        while True:
            self.file = self._target.with_name(f"{_PREFIX}{token_hex(8)}")
            cleanup.callback(self.file.unlink, missing_ok=True)
            stream = cleanup.enter_context(self.file.open("xb", buffering=0))
            with suppress(OSError):  # on a file system without locks, nobody takes the file for a leftover
                if not try_lock(stream):
                    continue
            if os.fstat(stream.fileno()).st_nlink:  # nobody has taken it for a leftover before it was locked
                return stream

    def publish(self) -> None:
        """Move the file to its place in the corpus. Raise ServiceError if it is there, but the disk may lose it."""
        self.file.replace(self._target)
        _confirm(self._target)


def remove(corpus: Path, path: str) -> None:
    """Delete the upload at a path, durably. It may be deleted already."""
    (corpus / path).unlink(missing_ok=True)
    _confirm(corpus / path)


def delete_leftovers(corpus: Path) -> None:
    """Delete the temporary files of processes that were killed. Those that cannot be deleted stay: nobody reads them."""
    with suppress(OSError):
        for file in (corpus / FOLDER).glob(f"{_PREFIX}*"):
            with suppress(OSError), file.open("rb") as stream:
                if try_lock(stream):
                    file.unlink()


def _confirm(file: Path) -> None:
    try:
        sync_folder(file.parent)
    except OSError as error:
        raise ServiceError(
            f"{file} is changed, but its disk did not confirm it ({error.strerror}): check that disk, since the change may "
            "be lost after a power failure"
        ) from error
