"""Articles that were uploaded over HTTP: one file each, in a folder of their own in the corpus.

Uploads take precedence over articles of other files with the same id. If an article of another file is deleted over HTTP,
its upload is a tombstone: files that the owner of the corpus has put there are never changed.
"""

import os
import tempfile
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson

from searchsvc.corpus.record import Tombstone
from searchsvc.durable import sync_folder

FOLDER = "api"  # within the corpus
_TOMBSTONE_FIELD = "withdrawn"


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
    return Tombstone(str(fields["id"])) if is_put(path) and fields.get(_TOMBSTONE_FIELD) is True else None


def dump_record(record: Mapping[str, Any]) -> bytes:
    """Return the content of an upload's file."""
    return orjson.dumps(record, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


class Draft:
    """A context manager for a temporary file next to its place in the corpus, deleted unless published."""

    def __init__(self, corpus: Path, path: str, data: bytes) -> None:
        self._target = corpus / path
        self._target.parent.mkdir(exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".", suffix=".json", dir=self._target.parent)
        self.file = Path(name)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        self.file.chmod(0o644)  # mkstemp lets only its user read the file

    def __enter__(self) -> "Draft":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.unlink(missing_ok=True)

    def publish(self) -> None:
        """Move the file to its place in the corpus, durably."""
        self.file.replace(self._target)
        sync_folder(self._target.parent)


def remove(corpus: Path, path: str) -> None:
    """Delete the upload at a path, durably. It may be deleted already."""
    (corpus / path).unlink(missing_ok=True)
    sync_folder((corpus / path).parent)
