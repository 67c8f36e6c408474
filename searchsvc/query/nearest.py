"""The nearest of the known names to a misspelt one, for hints. An archive may have many names, and very long ones."""

from collections.abc import Sequence

MAX_NAME = 100  # characters of a name that gets a hint: comparing two long names takes long


def nearest_name(name: str, known: Sequence[str], similarity: int) -> str | None:
    """Return the first of the most similar names. Return None if none of them is `similarity` percent similar."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415  commands import this module, and should start at once

    found = process.extractOne(name, known, scorer=fuzz.ratio, score_cutoff=similarity) if len(name) <= MAX_NAME else None
    return found[0] if found is not None else None
