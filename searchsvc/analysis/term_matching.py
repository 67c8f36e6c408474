"""What the leaves of a query match: stems for terms and phrases, words as written for wildcards and fuzzy words."""

import re
from collections.abc import Callable, Sequence

from rapidfuzz.distance import OSA

from searchsvc.analysis.analyzer import Analyzer, Analyzers
from searchsvc.analysis.phrases import positions_of, sloppy_matches
from searchsvc.analysis.tokenizer import MAX_WORD_BYTES
from searchsvc.query.ast import Fuzzy, Node, Phrase, Term, Wildcard
from searchsvc.query.letters import is_letter

_POSSESSIVE = re.compile(r"(?<=(.))['’ʼ]s\W*$", re.IGNORECASE)
_WILDCARD = re.compile(r"([*?])")


def normalize(text: str, analyzer: Analyzer) -> str:
    """Return a word with its accents folded, in lower case. Return "" if the text is not a single word."""
    if text.isascii() and text.isalnum() and len(text) < MAX_WORD_BYTES:
        return text.lower()  # the most frequent case, without the tokenizer
    words = analyzer.tokens(text)
    return words[0] if len(words) == 1 else ""


def literal_prefix(pattern: Wildcard, analyzer: Analyzer) -> str:
    """Return the normalized letters in front of the first wildcard."""
    return normalize(_WILDCARD.split(pattern.text)[0], analyzer)


def pieces_of(pattern: Wildcard, analyzer: Analyzer) -> list[str]:
    """Return the wildcards of a pattern, and the normalized letters between them.

    Return [] if the pattern matches no word, as in unspaced scripts, whose words have one character.
    """
    parts = [part for part in _WILDCARD.split(pattern.text) if part]
    pieces = [part if part in "*?" else normalize(part, analyzer) for part in parts]
    return pieces if all(pieces) else []


def lengths_of(node: Fuzzy, analyzer: Analyzer) -> range:
    """Return the possible lengths of words that a fuzzy word matches."""
    letters = len(normalize(node.text, analyzer))
    return range(max(1, letters - node.distance), letters + node.distance + 1) if letters else range(0)


def term_predicate(node: Wildcard | Fuzzy, analyzer: Analyzer) -> Callable[[str], bool]:
    """Return a predicate of normalized words that match the node. Fuzzy words match by optimal string alignment."""
    if isinstance(node, Fuzzy):
        word, distance, lengths = normalize(node.text, analyzer), node.distance, lengths_of(node, analyzer)
        return lambda other: len(other) in lengths and OSA.distance(word, other, score_cutoff=distance) <= distance
    pieces = pieces_of(node, analyzer)
    if not pieces:
        return lambda _: False
    pattern = re.compile(_regex("".join(pieces)), re.DOTALL)
    return lambda other: pattern.fullmatch(other) is not None


def _regex(wildcard: str) -> str:
    """Return a regular expression that takes time proportional to the lengths of wildcard and word.

    The letters between two `*` are matched where they first occur, which leaves the most letters to what follows. The
    atomic groups keep the regex engine from trying every later place too, for each of the `*`.
    """
    first, *others = (re.escape(letters).replace(r"\?", ".") for letters in wildcard.split("*"))
    middle = "".join(f"(?>.*?{letters})" for letters in others[:-1])
    return f"{first}{middle}.*{others[-1]}" if others else first


def terms_of(node: Term | Phrase, analyzer: Analyzer, *, stemmed: bool = True) -> tuple[str, ...]:
    """Return the stems of a term or a phrase in any form, or its words as written. Return () if it has no words.

    A term loses its possessive ending, so `Russia's` matches `Russia` too. A phrase keeps it.
    """
    words = words_of(node, analyzer)
    return tuple(map(analyzer.stem_of, words)) if stemmed and not is_exact(node) else words


def terms_by_language(node: Term | Phrase, analyzers: Analyzers) -> dict[tuple[str, ...], list[str]]:
    """Return the terms of a node, each with the languages in which they are these. Return {} if it has no words."""
    words = words_of(node, analyzers.main)
    found: dict[tuple[str, ...], list[str]] = {}
    for analyzer in analyzers if words else ():
        terms = words if is_exact(node) else tuple(map(analyzer.stem_of, words))
        found.setdefault(terms, []).append(analyzer.language)
    return found


def words_of(node: Term | Phrase, analyzer: Analyzer) -> tuple[str, ...]:
    """Return the words of a term or a phrase as written, which are the same in every language."""
    return tuple(analyzer.tokens(_without_possessive(node.text) if isinstance(node, Term) else node.text))


def is_exact(node: Node) -> bool:
    """Return whether the node is a phrase of words as written."""
    return isinstance(node, Phrase) and node.slop is None


def slop_of(node: Term | Phrase) -> int:
    """Return the steps by which the words of a phrase may be out of place, which is 0 for one as written and for a term."""
    return (node.slop or 0) if isinstance(node, Phrase) else 0


def _without_possessive(text: str) -> str:
    ending = _POSSESSIVE.search(text)
    return text[: ending.start()] if ending and is_letter(ending[1]) else text


def value_predicate(node: Term | Phrase | Wildcard | Fuzzy, analyzer: Analyzer) -> Callable[[Sequence[str]], bool]:
    """Return a predicate of metadata values that match the node. A value is given as its words as written."""
    if isinstance(node, Wildcard | Fuzzy):
        matches = term_predicate(node, analyzer)
        return lambda words: any(map(matches, words))
    terms = terms_of(node, analyzer, stemmed=False)
    slop = slop_of(node)
    return lambda words: any(sloppy_matches(positions_of(words), terms, slop))
