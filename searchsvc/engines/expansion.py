"""Limits on the words that the wildcards and fuzzy words of one query expand to, and notes on what they cut."""

from searchsvc.messages import Message
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
            counts = {"found": len(words), "kept": len(kept)}
            note = Message(
                "“%(query)s” matches %(found)s words; the %(kept)s most frequent were used", query=node, **counts
            )
            self._notes.append(note)
        return kept


def unverified(node: Node) -> Message:
    """Return the note on a phrase of which not all articles could be looked at."""
    return Message(
        "“%(query)s” takes too long to verify: in some of these articles, its words may be farther apart", query=node
    )
