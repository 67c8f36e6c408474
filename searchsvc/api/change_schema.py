"""The JSON of changes to the archive over the API, as in `schema`."""

from dataclasses import dataclass
from typing import Literal

from searchsvc.api.schema import Strict


@dataclass
class Change(Strict):
    """A change to the corpus."""

    id: str
    path: str
    """The file in the corpus that records the change."""
    generation: str | None
    """The first generation with the change, or null if it is not published yet."""


@dataclass
class ChangedLine(Strict):
    """What became of one line of articles."""

    line: int
    """Its number, from 1."""
    outcome: Literal["created", "replaced", "refused"]
    id: str | None
    """Null if the line was refused, as is `path`."""
    path: str | None
    detail: str | None
    """Why the line was refused, or null."""


@dataclass
class Changes(Strict):
    """What became of each line. Lines that were refused change nothing."""

    results: tuple[ChangedLine, ...]
    generation: str | None
    """The first generation with all of the accepted lines, or null if it is not published yet."""
