"""Articles that were put over HTTP: a file each, in a folder of their own in the corpus, so that every reindex finds them.

They win over articles of other files with the same id. Where an article of another file is deleted over HTTP, such a file
withdraws it: what the owner of the corpus has put there is never changed.
"""

import os
import tempfile
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from searchsvc.durable import sync_folder

FOLDER = "api"
"""The folder, within the corpus."""
_WITHDRAWN = "withdrawn"


class Tombstone(NamedTuple):
    """What a file says that withdraws the article with this id."""

    id: str


def is_put(path: str) -> bool:
    """Whether a file of the corpus is one of those that were put there over HTTP."""
    return path.startswith(f"{FOLDER}/")


def put_path(article_id: str) -> str:
    """The path within the corpus of what was put under this id."""
    return f"{FOLDER}/{blake2b(article_id.encode(), digest_size=16).hexdigest()}.json"


def withdrawal(record: Mapping[str, Any], path: str) -> Tombstone | None:
    """What a record without text withdraws; None where it does not."""
    return Tombstone(str(record["id"])) if is_put(path) and record.get(_WITHDRAWN) is True else None


def tombstone_record(article_id: str) -> dict[str, Any]:
    """The record that withdraws an article."""
    return {"id": article_id, _WITHDRAWN: True}


class Draft:
    """A record on disk, beside its place in the corpus: kept only where it is published; use it as a context."""

    def __init__(self, corpus: Path, path: str, record: Mapping[str, Any]) -> None:
        self._target = corpus / path
        self._target.parent.mkdir(exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".", suffix=".json", dir=self._target.parent)
        self.file = Path(name)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(orjson.dumps(record, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
            stream.flush()
            os.fsync(stream.fileno())
        self.file.chmod(0o644)

    def __enter__(self) -> "Draft":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.unlink(missing_ok=True)

    def publish(self) -> None:
        """Put it in its place, for good."""
        self.file.replace(self._target)
        sync_folder(self._target.parent)


def remove(corpus: Path, path: str) -> None:
    """Take what was put at a path away, for good; it may be gone already."""
    (corpus / path).unlink(missing_ok=True)
    sync_folder((corpus / path).parent)
