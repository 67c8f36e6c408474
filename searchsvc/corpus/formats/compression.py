"""Compressed files: gzip, bzip2 and xz."""

import bz2
import gzip
import lzma
from collections.abc import Callable, Mapping
from typing import BinaryIO, cast

DECOMPRESSORS: Mapping[str, Callable[[BinaryIO], BinaryIO]] = {
    ".gz": lambda raw: cast(BinaryIO, gzip.GzipFile(fileobj=raw)),
    ".bz2": lambda raw: cast(BinaryIO, bz2.BZ2File(raw)),
    ".xz": lambda raw: cast(BinaryIO, lzma.open(raw)),  # noqa: SIM115  the caller closes it
}
"""Functions that return the decompressed stream of a compressed one, by suffix."""


def decompress(raw: BinaryIO, suffix: str) -> BinaryIO:
    """Return the decompressed stream of a file. Return the stream itself if `suffix` is ""."""
    return DECOMPRESSORS[suffix](raw) if suffix else raw
