"""The parts of compounds and of texts without spaces, any of which may match where any word is enough."""

import re

from searchsvc.model.languages import UNSPACED
from searchsvc.query.ast import Boost, Node, Phrase, Term, disjunction
from searchsvc.query.letters import count_letters, is_letter

COMPOUND_WEIGHT = 0.3  # weight of a compound as a whole, beside its parts
MAX_PAIRS = 32  # of neighbouring characters of one text without spaces: each is a phrase
_JOINT = re.compile("[-‐–—/]")  # between the parts of a compound
_UNSPACED_RUN = re.compile(f"([{UNSPACED}]{{3,}})")
_SPELT = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+")  # in Thai, Lao, Burmese and Khmer, which spell out sounds
_HIRAGANA = re.compile("[\u3041-\u309f]+")
_OPERATORS = ("AND", "OR", "NOT")


def with_parts(node: Node) -> Node:
    """Return a compound as alternatives: its parts, and with a low weight the whole. Return other nodes unchanged.

    The parts of a text without spaces are its pairs of neighbouring characters, of which most words consist. The words of a
    question are found by them, without knowing where one ends.
    """
    parts = _parts_of(node.text) if isinstance(node, Term) else []
    if len(parts) < 2:
        return node
    words = (Phrase(part, slop=0) if part in _OPERATORS else Term(part) for part in parts if count_letters(part) > 1)
    return disjunction([Boost(node, COMPOUND_WEIGHT), *words])


def _parts_of(text: str) -> list[str]:
    """Return the parts of a text, or fewer than two if it is one word or has more than words."""
    if _UNSPACED_RUN.search(text):
        runs = [each for run in _UNSPACED_RUN.split(text) for each in _JOINT.split(run)]
        parts = [part for run in runs for part in (_pairs(run) if _UNSPACED_RUN.fullmatch(run) else [run])]
        return [part for part in dict.fromkeys(parts) if _is_part(part)]
    parts = _JOINT.split(text)
    return parts if all(map(_is_part, parts)) else []


def _pairs(run: str) -> list[str]:
    """Return the pairs of neighbouring characters, or three at a time of scripts that spell words out in more of them.

    Those of hiragana alone are left out, which mostly are grammar.
    """
    length = 3 if _SPELT.fullmatch(run) else 2
    pairs = [run[at : at + length] for at in range(len(run) - length + 1)]
    return ([pair for pair in pairs if not _HIRAGANA.fullmatch(pair)] or pairs)[:MAX_PAIRS]


def _is_part(text: str) -> bool:
    """Return whether a text between hyphens is part of a compound: it has nothing but letters, `_` and the apostrophe ʼ."""
    return any(map(str.isalnum, text)) and all(is_letter(char) or char in "_ʼ" for char in text)
