"""Files that are still there after the power has failed."""

import os
from pathlib import Path


def write_durably(path: Path, data: bytes) -> None:
    """Write a file whose content is on disk then; its name is when its folder was synced."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Have the names of a folder on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
