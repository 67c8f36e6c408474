"""Writes that survive a power failure, and locks that end with their process."""

import fcntl
import os
from pathlib import Path
from typing import IO


def write_durably(path: Path, data: bytes) -> None:
    """Write a file and flush its content to disk. Its name is durable after `sync_folder` on its folder."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_file(path: Path) -> None:
    """Flush the content of a file that is written to disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Flush the entries of a folder to disk: names that were created, renamed or deleted."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def try_lock(file: IO[bytes] | int) -> bool:
    """Lock a file or a descriptor, and return True. Return False if another process holds the lock."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
