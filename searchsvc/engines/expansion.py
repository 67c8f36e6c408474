"""Limits on the words that the wildcards and fuzzy words of one query expand to."""

from searchsvc.query.ast import Node
from searchsvc.query.request import MAX_WORDS


class Expansion:
    """Counts the words that the nodes of one query have expanded to, and notes where they were cut."""

    def __init__(self, notes: list[str], max_words: int = MAX_WORDS) -> None:
        self._notes = notes
        self._left = max_words

    def kept(self, node: Node, words: list[str]) -> list[str]:
        """Return as many of the words that a node matches as are left. They must be sorted by frequency."""
        kept = words[: self._left]
        self._left -= len(kept)
        if len(kept) < len(words):
            self._notes.append(f"“{node}” matches {len(words):,} words; the {len(kept):,} most frequent were used")
        return kept
