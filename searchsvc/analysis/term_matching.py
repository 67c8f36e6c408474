"""What the words of a query stand for: stems, and of words as written, those that a prefix, wildcard or mistake fits."""

import re
from collections.abc import Callable, Sequence

from rapidfuzz.distance import OSA

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.phrases import positions_of, sloppy_matches
from searchsvc.analysis.tokenizer import MAX_WORD_BYTES
from searchsvc.query.ast import Fuzzy, Phrase, Term, Wildcard

Matcher = Callable[[str], bool]
"""Takes a word as written, with its accents folded and in lower case."""

_POSSESSIVE = re.compile(r"(?<=\w)['’ʼ]s\W*$", re.IGNORECASE)
_WILDCARD = re.compile(r"([*?])")


def normalize(text: str, analyzer: Analyzer) -> str:
    """One word with its accents folded, in lower case; "" where it is no single word."""
    if text.isascii() and text.isalnum() and len(text) < MAX_WORD_BYTES:
        return text.lower()  # as most are, and in no time
    words = analyzer.tokens(text)
    return words[0] if len(words) == 1 else ""


def literal_prefix(pattern: Wildcard, analyzer: Analyzer) -> str:
    """What every word that the pattern stands for begins with."""
    return normalize(_WILDCARD.split(pattern.text)[0], analyzer)


def pieces_of(pattern: Wildcard, analyzer: Analyzer) -> list[str]:
    """Its wildcards, and between them its letters, folded; [] where it stands for no word.

    That is so in scripts without spaces, whose words have one character.
    """
    parts = [part for part in _WILDCARD.split(pattern.text) if part]
    pieces = [part if part in "*?" else normalize(part, analyzer) for part in parts]
    return pieces if all(pieces) else []


def lengths_of(node: Fuzzy, analyzer: Analyzer) -> range:
    """How many letters the words have that the node stands for."""
    letters = len(normalize(node.text, analyzer))
    return range(letters - node.distance, letters + node.distance + 1) if letters else range(0)


def term_predicate(node: Wildcard | Fuzzy, analyzer: Analyzer) -> Matcher:
    """Whether a word is one that the node stands for.

    Mistakes are a letter too many, too few or wrong, or two neighbours swapped (optimal string alignment).
    """
    if isinstance(node, Fuzzy):
        word, distance, lengths = normalize(node.text, analyzer), node.distance, lengths_of(node, analyzer)
        return lambda other: len(other) in lengths and OSA.distance(word, other, score_cutoff=distance) <= distance
    pieces = pieces_of(node, analyzer)
    if not pieces:
        return lambda _: False
    pattern = re.compile("".join({"*": ".*", "?": "."}.get(piece) or re.escape(piece) for piece in pieces), re.DOTALL)
    return lambda other: pattern.fullmatch(other) is not None


def terms_of(node: Term | Phrase, analyzer: Analyzer, *, stemmed: bool = True) -> tuple[str, ...]:
    """What a word or phrase looks for: stems, or words as written; () where it has no letters.

    `Russia's` is looked for as Russia, which finds both; in a phrase the words stand as they are.
    """
    text = _POSSESSIVE.sub("", node.text) if isinstance(node, Term) else node.text
    return tuple(analyzer.terms(text) if stemmed else analyzer.tokens(text))


def value_matcher(node: Term | Phrase | Wildcard | Fuzzy, analyzer: Analyzer) -> Callable[[Sequence[str]], bool]:
    """Whether a metadata value, given as its words as written, has what the node looks for."""
    if isinstance(node, Wildcard | Fuzzy):
        matches = term_predicate(node, analyzer)
        return lambda words: any(map(matches, words))
    terms = terms_of(node, analyzer, stemmed=False)
    slop = node.slop if isinstance(node, Phrase) else 0
    return lambda words: any(sloppy_matches(positions_of(words), terms, slop))
