"""Choices and limits of requests, which the commands need before they load anything else."""

from typing import Literal

MAX_PER_PAGE = 100
MAX_DEPTH = 10_000  # Hits that numbered pages reach. A cursor continues from there.
PER_PAGE = 10

Sort = Literal["relevance", "newest", "oldest"]
Match = Literal["all", "any"]
VersionChoice = Literal["one", "all"]

SIGNATURE_SIZE = 16
"""Values of the signature of a text."""
