"""Which characters of a query are letters, and how many of them and of its words count."""

import re
import unicodedata

from searchsvc.model.languages import UNSPACED

_UNSPACED = re.compile(f"[{UNSPACED}]")


def is_letter(char: str) -> bool:
    """Return whether a character may be part of a word: a letter, a mark on one, a digit, or one without width."""
    category = unicodedata.category(char)
    return (category[0] in "LMN" or category == "Cf") and char != "ʼ"  # an apostrophe, though a letter by Unicode


def count_letters(text: str) -> int:
    """Return the number of characters without accents, points and characters without width."""
    return sum(not unicodedata.combining(char) and unicodedata.category(char) != "Cf" for char in text)


def count_words(text: str) -> int:
    """Return the number of words in a phrase, where each character of an unspaced script is a word."""
    spaced = _UNSPACED.sub(r" \g<0> ", text)
    return len("".join(char if is_letter(char) else " " for char in spaced).split())
