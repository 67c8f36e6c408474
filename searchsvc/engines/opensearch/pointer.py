"""The pointer file of a generation, which names its index in the cluster. It is the only file in the engine's folder."""

from pathlib import Path
from typing import NamedTuple

import orjson

from searchsvc.errors import NoIndexError

POINTER = "opensearch.json"


class IndexPointer(NamedTuple):
    """The name of a generation's index, and the number of its shards."""

    name: str
    shards: int


def write_pointer(folder: Path, pointer: IndexPointer) -> None:
    """Replace the pointer in an engine's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / f"{POINTER}.new"
    new.write_bytes(orjson.dumps(pointer._asdict()))
    new.replace(folder / POINTER)


def find_pointer(folder: Path) -> IndexPointer | None:
    """Return the pointer in an engine's folder, or None."""
    file = folder / POINTER
    return IndexPointer(**orjson.loads(file.read_bytes())) if file.exists() else None


def read_pointer(folder: Path) -> IndexPointer:
    """Return the pointer in an engine's folder. Raise NoIndexError if there is none."""
    pointer = find_pointer(folder)
    if pointer is None:
        raise NoIndexError(f"{folder} does not name its index in the cluster")
    return pointer
