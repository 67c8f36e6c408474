"""A generation that several machines build together: which part reads which files, and which parts are done.

The machines share one corpus and one index folder on a file system that all of them see.

index/distributed-g000043/        a generation being built
    plan.json                     the files of each part; parts may be read as soon as it exists
    engine/                       the engine's note of the index that all parts write to
    part-0003/.lock               locked while part 3 is read; the system releases it when the process dies
    part-0003/signatures          the signatures of its articles
    part-0003/manifest.sqlite     the manifest of part 3; exists when all of the part is written
"""

import os
import shutil
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from heapq import heapify, heapreplace
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import orjson

from searchsvc.corpus import SourceFile
from searchsvc.durable import sync_folder, try_lock, write_durably
from searchsvc.errors import BusyError, ServiceError, UserError
from searchsvc.index.store import GenerationStore
from searchsvc.indexer.identity import precedence

MAX_PARTS = 1_024
_PREFIX = "distributed-"
_MAX_ARTICLES_IN_FILE = 2**32
MAX_RANK = 2**62
"""A rank that is higher than those of all articles of any corpus."""


class Part(NamedTuple):
    """The part of the corpus that one machine reads: `number` counts from 1 to `total`."""

    number: int
    total: int

    def __str__(self) -> str:
        return f"{self.number}/{self.total}"


def parse_part(text: str) -> Part:
    """Parse a part such as 3/16. Raise UserError if it is none."""
    number, _, total = text.partition("/")
    if not (number.isdecimal() and total.isdecimal() and 1 <= int(number) <= int(total) <= MAX_PARTS):
        raise UserError(
            f"--part {text}: give the number of a part and the number of parts, such as 3/16 (up to {MAX_PARTS:,} parts)",
            param="part",
        )
    return Part(int(number), int(total))


class DistributedBuild:
    """A generation that several machines build together, in its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name.removeprefix(_PREFIX)
        self.engine = folder / "engine"
        self.plan_file = folder / "plan.json"

    def write_plan(self, files: Iterable[SourceFile], parts: int, settings: Mapping[str, Any]) -> None:
        """Plan parts of about equal size. Record the `settings` that must be the same for every part."""
        part_of = _divide(list(files), parts)
        # Of several articles with one id, the one with the highest rank is kept, as in a reindex on one machine.
        ranked = sorted(part_of, key=lambda path: (precedence(path), path))
        plan = {"parts": parts, "settings": dict(settings), "files": [(path, part_of[path]) for path in ranked]}
        new = self.folder / "plan.new"
        write_durably(new, orjson.dumps(plan))
        new.replace(self.plan_file)
        sync_folder(self.folder)

    def require_plan(self, parts: int, settings: Mapping[str, Any]) -> None:
        """Raise UserError if the build was planned with another number of parts or other settings."""
        planned = {"parts": self._parts, **self._plan["settings"]}
        for name, value in {"parts": parts, **settings}.items():
            before = planned.get(name)
            if orjson.dumps(value) != orjson.dumps(before):
                raise UserError(
                    f"the build of {self.name} started with {name} {before}, not {value}: use the same for every "
                    "part, or abandon it with `searchsvc reindex --full`",
                    param="part",
                )

    def ranks(self, part: int) -> dict[str, int]:
        """Return the paths of a part's files, each with the rank of its first article."""
        ranked = enumerate(self._plan["files"])
        return {path: position * _MAX_ARTICLES_IN_FILE for position, (path, of) in ranked if of == part}

    def missing_parts(self) -> tuple[int, ...]:
        return tuple(part for part in range(1, self._parts + 1) if not self.manifest(part).exists())

    def manifest(self, part: int) -> Path:
        """Return the file of a part's manifest. It exists when all of the part is written."""
        return self.folder / f"part-{part:04d}" / "manifest.sqlite"

    def signatures(self, part: int) -> Path:
        """Return the file of the signatures of a part's articles."""
        return self.manifest(part).with_name("signatures")

    @contextmanager
    def part_lock(self, part: int) -> Iterator[None]:
        """Hold the lock of a part while the block runs. Raise BusyError if another process is reading it."""
        folder = self.manifest(part).parent
        folder.mkdir(exist_ok=True)
        with (folder / ".lock").open("a+b") as file:
            if not try_lock(file):
                file.seek(0)
                raise BusyError(f"part {part} is being read by {file.read().decode()}: wait until it is done")
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}".encode())
            file.flush()
            yield

    def refuse(self) -> NoReturn:
        missing = ", ".join(map(str, self.missing_parts()))
        state = f"part {missing} is missing" if missing else "all of them are read"
        raise BusyError(
            f"{self.name} is being built in {self._parts} parts, and {state}: continue with "
            f"`searchsvc reindex --part N/{self._parts}`, or abandon it with `searchsvc reindex --full`"
        )

    def abandon(self) -> None:
        """Delete everything that was built. Raise BusyError if a part is being read."""
        for part in range(1, self._parts + 1):
            with self.part_lock(part):
                pass
        self.delete()

    def delete(self) -> None:
        """Delete the folder. Raise ServiceError if that fails."""
        try:
            shutil.rmtree(self.folder)
        except OSError as error:
            raise ServiceError(f"{self.folder} cannot be deleted ({error}): delete it by hand") from error

    @cached_property
    def _plan(self) -> dict[str, Any]:
        # A plan never changes once it exists.
        plan: dict[str, Any] = orjson.loads(self.plan_file.read_bytes())
        return plan

    @property
    def _parts(self) -> int:
        return int(self._plan["parts"])


def find_build(store: GenerationStore) -> DistributedBuild | None:
    """Return the distributed build in progress, or None. Delete leftovers of a crash. The caller holds the write lock."""
    published = {generation.name for generation in store.generations()}
    found = None
    for folder in sorted(store.folder.glob(f"{_PREFIX}*")):
        build = DistributedBuild(folder)
        if build.plan_file.exists() and build.name not in published:
            found = build
        else:
            build.delete()
    return found


def create_build(store: GenerationStore) -> DistributedBuild:
    """Create the folder of a distributed build of the next generation. The caller holds the write lock."""
    folder = store.folder / f"{_PREFIX}{store.next_name()}"
    folder.mkdir()
    return DistributedBuild(folder)


def _divide(files: list[SourceFile], parts: int) -> dict[str, int]:
    """Give each file, the largest first, to the part that has the fewest bytes."""
    smallest = [(0, part) for part in range(1, parts + 1)]
    heapify(smallest)
    part_of: dict[str, int] = {}
    for source in sorted(files, key=lambda source: -source.size):
        size, part = smallest[0]
        part_of[source.path] = part
        heapreplace(smallest, (size + source.size, part))
    return part_of
