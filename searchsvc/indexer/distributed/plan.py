"""A generation that several machines write together: who reads which files, and whose part is done.

They see one corpus and one index folder, on a file system that they share.

index/feeding-g000043/            one being written
    plan.json                     which part reads which files; there as soon as parts may begin
    engine/                       where the engine notes what all of them write to
    part-0003/.lock               held while part 3 is read; the system lets go of it when the process dies
    part-0003/manifest.sqlite     what part 3 was read from; there when all of it is written
"""

import fcntl
import os
import shutil
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from heapq import heapify, heapreplace
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from searchsvc.corpus import SourceFile, is_put
from searchsvc.durable import sync_folder, write_durably
from searchsvc.errors import BusyError, ServiceError, UserError
from searchsvc.index.store import GenerationStore

MAX_PARTS = 1_024
_FOLDER = "feeding-"
_RANKS_IN_FILE = 2**32
"""More than a file can have articles."""


class Share(NamedTuple):
    """The part of the work that one machine does: `number` from 1 `of` so many."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


def share(text: str) -> Share:
    """The share that is written 3/16; raises UserError where it is none."""
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of) <= MAX_PARTS):
        raise UserError(f"--part {text}: it takes a part and their number, such as 3/16, up to {MAX_PARTS:,}", param="part")
    return Share(int(number), int(of))


class Feeding:
    """A generation being written in parts, in its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name.removeprefix(_FOLDER)

    @property
    def engine(self) -> Path:
        """The folder where the engine notes what all of them write to."""
        return self.folder / "engine"

    # The plan

    def is_planned(self) -> bool:
        """Whether parts may begin."""
        return self._plan_file.exists()

    def plan(self, files: Iterable[SourceFile], of: int, agreed: Mapping[str, Any]) -> None:
        """Share files out, so that each part has about as many bytes; `agreed` is what all parts have to agree on."""
        inside = list(files)
        lightest = [(0, part) for part in range(1, of + 1)]
        heapify(lightest)
        part_of: dict[str, int] = {}
        for source in sorted(inside, key=lambda source: -source.size):
            size, part = lightest[0]
            part_of[source.path] = part
            heapreplace(lightest, (size + source.size, part))
        # Where several articles have one id, the last place wins, as it does where one machine reads everything.
        ranked = sorted(part_of, key=lambda path: (is_put(path), path))
        planned = {"of": of, "agreed": dict(agreed), "files": [(path, part_of[path]) for path in ranked]}
        new = self.folder / "plan.new"
        write_durably(new, orjson.dumps(planned))
        new.replace(self._plan_file)
        sync_folder(self.folder)

    def of(self) -> int:
        """The number of parts."""
        return int(self._planned["of"])

    def require(self, of: int, agreed: Mapping[str, Any]) -> None:
        """Raise UserError where the parts were planned otherwise."""
        planned = self._planned
        given = {"parts": of, **agreed}
        other = {"parts": planned["of"], **planned["agreed"]}
        for name, value in given.items():
            if orjson.dumps(value) != orjson.dumps(other[name]):
                raise UserError(
                    f"{self.name} was begun with {name} {other[name]}, not {value}: take the same for every part, or give "
                    "it up with `searchsvc reindex --full`",
                    param="part",
                )

    def files(self, part: int) -> dict[str, int]:
        """The paths that a part reads, each with the rank of its first article."""
        ranked = enumerate(self._planned["files"])
        return {path: position * _RANKS_IN_FILE for position, (path, of) in ranked if of == part}

    def missing(self) -> tuple[int, ...]:
        """The parts that nobody has read to their end."""
        return tuple(part for part in range(1, self.of() + 1) if not self.manifest(part).exists())

    # The parts

    def manifest(self, part: int) -> Path:
        """What a part was read from; there when all of it is written."""
        return self._part(part) / "manifest.sqlite"

    @contextmanager
    def reading(self, part: int) -> Iterator[None]:
        """Be the one who reads a part; raises BusyError where somebody does."""
        folder = self._part(part)
        folder.mkdir(exist_ok=True)
        with (folder / ".lock").open("a+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise BusyError(f"part {part} is being read by {file.read().decode()}: wait until it is done") from None
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}".encode())
            file.flush()
            yield

    def refuse(self) -> None:
        """Raise BusyError, since who is not part of it has to wait."""
        of, missing = self.of(), self.missing()
        which = f"which lacks {', '.join(map(str, missing))}" if missing else "all of them read"
        raise BusyError(
            f"{self.name} is being written in {of} parts, {which}: go on with `searchsvc reindex --part N/{of}`, or give "
            "it up with `searchsvc reindex --full`"
        )

    def give_up(self) -> None:
        """Remove what there is of it; raises BusyError where somebody still reads a part."""
        for part in range(1, self.of() + 1):
            with self.reading(part):
                pass
        self.remove()

    def remove(self) -> None:
        """Remove the folder; raises ServiceError where that fails."""
        try:
            shutil.rmtree(self.folder)
        except OSError as error:
            raise ServiceError(f"{self.folder} cannot be removed ({error}): remove it by hand") from error

    @property
    def _plan_file(self) -> Path:
        return self.folder / "plan.json"

    @cached_property
    def _planned(self) -> dict[str, Any]:
        """The plan; it never changes once it is there."""
        planned: dict[str, Any] = orjson.loads(self._plan_file.read_bytes())
        return planned

    def _part(self, part: int) -> Path:
        return self.folder / f"part-{part:04d}"


def feeding_of(index: GenerationStore) -> Feeding | None:
    """What is being written in parts, None where nothing is; what a crash left over is removed. For the writer only."""
    published = {generation.name for generation in index.generations()}
    going_on = None
    for path in sorted(index.folder.glob(f"{_FOLDER}*")):
        feeding = Feeding(path)
        if feeding.is_planned() and feeding.name not in published:
            going_on = feeding
        else:
            feeding.remove()
    return going_on


def new_feeding(index: GenerationStore) -> Feeding:
    """An empty folder for the next generation, which is to be written in parts. For the writer only."""
    folder = index.folder / f"{_FOLDER}{index.next_name()}"
    folder.mkdir()
    return Feeding(folder)
