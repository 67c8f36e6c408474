"""Files of arrays, which are mapped into memory, so that processes share them and opening one takes no time."""

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]


def write_arrays(file: Path, kind: str, arrays: Arrays) -> None:
    """Write arrays by their names. `kind` says what they are, with a version. Publication makes the file durable."""
    described = [(name, array.dtype.str, array.shape) for name, array in arrays.items()]
    header = orjson.dumps({"kind": kind, "arrays": described})
    with file.open("wb") as stream:
        stream.write(len(header).to_bytes(8, "little") + header + bytes(-len(header) % 8))
        for array in arrays.values():
            stream.write(np.ascontiguousarray(array).tobytes() + bytes(-array.nbytes % 8))


def read_arrays(file: Path, kind: str) -> Arrays:
    """Return the arrays of a file of this kind. Raise OSError if it cannot be read, and ValueError if it is damaged."""
    data = np.memmap(file, np.uint8, "r")
    size = int.from_bytes(data[:8].tobytes(), "little")
    described = orjson.loads(data[8 : 8 + size].tobytes())
    if described["kind"] != kind:
        raise ValueError(f"it has {described['kind']} instead of {kind}")
    arrays, place = {}, 8 + size + -size % 8
    for name, dtype, shape in described["arrays"]:
        array: NDArray[Any] = np.frombuffer(data, dtype, int(np.prod(shape)), place).reshape(shape)
        arrays[name], place = array, place + array.nbytes + -array.nbytes % 8
    return arrays


def packed(texts: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return texts as two arrays: their bytes, and where each ends."""
    encoded = [text.encode() for text in texts]
    ends = np.fromiter(accumulate(map(len, encoded)), np.int64, len(encoded))
    return {"text_bytes": np.frombuffer(b"".join(encoded), np.uint8), "text_ends": ends}


def unpacked(arrays: Arrays) -> list[str]:
    """Return all texts that were packed."""
    ends, data = arrays["text_ends"].tolist(), arrays["text_bytes"].tobytes()
    return [data[start:end].decode() for start, end in pairwise([0, *ends])]


def text_at(arrays: Arrays, number: int) -> str:
    """Return one of the texts that were packed."""
    ends = arrays["text_ends"]
    data: bytes = arrays["text_bytes"][ends[number - 1] if number else 0 : ends[number]].tobytes()
    return data.decode()
