"""The most frequent words of a generation, read from its engine once, when it is published, and not by each process."""

from collections.abc import Mapping
from contextlib import suppress

import orjson

from searchsvc.index.generation import Generation


def write_words(generation: Generation, words: Mapping[str, int]) -> None:
    """Write the words of a draft and the number of articles that have each. Publication makes them durable."""
    generation.words.write_bytes(orjson.dumps(words))


def read_words(generation: Generation) -> dict[str, int] | None:
    """Return the words of a generation and the number of articles that have each.

    Return None if they have to be read from the engine.
    """
    with suppress(OSError, ValueError):  # the engine has them too, and `check` finds a damaged file
        found = orjson.loads(generation.words.read_bytes())
        return found if isinstance(found, dict) else None
    return None
