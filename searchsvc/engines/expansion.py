"""Limits on the words that the wildcards and fuzzy words of one query expand to."""

from searchsvc.query.ast import Node

MAX_WORDS = 1_024  # Words that the wildcards of one query may expand to in all. The most frequent ones are kept.


class Expansion:
    """Counts the words that the nodes of one query have expanded to, and notes where they were cut."""

    def __init__(self, notes: list[str]) -> None:
        self._notes = notes
        self._left = MAX_WORDS

    def kept(self, node: Node, words: list[str]) -> list[str]:
        """Return as many of the words that a node matches as are left. They must be sorted by frequency."""
        kept = words[: self._left]
        self._left -= len(kept)
        if len(kept) < len(words):
            self._notes.append(f"“{node}” matches {len(words):,} words; the {len(kept):,} most frequent were used")
        return kept
