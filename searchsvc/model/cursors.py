"""Cursors."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class After:
    """Where a page of hits goes on after another, however deep.

    `instant`: after the first `number` hits of this instant, in seconds since 1970. `undated`: after so many hits without a
    date. `rank`: after so many hits, where the order is by relevance.
    """

    kind: Literal["instant", "undated", "rank"]
    number: int
    instant: int = 0
