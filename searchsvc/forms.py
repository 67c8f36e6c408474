"""Words as written: which of them a prefix, a wildcard or a typing mistake stands for."""

import re
from collections.abc import Callable

from rapidfuzz.distance import OSA

from searchsvc.analysis import Analyzer
from searchsvc.tree import Fuzzy, Pattern

Matcher = Callable[[str], bool]
"""Takes a word as written, with its accents folded and in lower case."""

_WILDCARD = re.compile(r"([*?])")


def folded(text: str, analyzer: Analyzer) -> str:
    """One word with its accents folded, in lower case; "" where it is no single word."""
    words = analyzer.written(text)
    return words[0] if len(words) == 1 else ""


def literal_prefix(pattern: Pattern, analyzer: Analyzer) -> str:
    """What every word that the pattern stands for begins with."""
    return folded(_WILDCARD.split(pattern.text)[0], analyzer)


def matcher(node: Pattern | Fuzzy, analyzer: Analyzer) -> Matcher:
    """Whether a word is one that the node stands for.

    Mistakes are a letter too many, too few or wrong, or two neighbours swapped (optimal string alignment).
    """
    if isinstance(node, Fuzzy):
        word, distance = folded(node.text, analyzer), node.distance
        return lambda other: bool(word) and OSA.distance(word, other, score_cutoff=distance) <= distance
    parts = [part for part in _WILDCARD.split(node.text) if part]
    pieces = [{"*": ".*", "?": "."}.get(part) or re.escape(folded(part, analyzer)) for part in parts]
    if not all(pieces):
        return lambda _: False  # scripts without spaces have words of one character
    pattern = re.compile("".join(pieces), re.DOTALL)
    return lambda other: pattern.fullmatch(other) is not None
