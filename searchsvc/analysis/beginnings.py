"""How words with the same stem begin. By that they are found, in a dictionary and in texts, without stemming all others.

Stemmers change the ends of words. A few also remove prefixes, or letters within. What is said here of each language was
found by stemming words made of its letters and affixes, as the tests do again.
"""

from itertools import product

_LENGTH = 3  # of a beginning, so that few words have it
_CHANGED = 2  # letters at the end of a stem that may be others in its words, in the languages of `_ENDINGS_ONLY`
_ENDINGS_ONLY = frozenset(
    (
        *("armenian", "basque", "catalan", "czech", "danish", "french", "hindi", "hungarian", "italian", "lithuanian"),
        *("nepali", "norwegian", "polish", "portuguese", "romanian", "russian", "spanish", "swedish", "turkish"),
    )
)
"""Languages whose stemmers change nothing but the ends of words, found with half a million words and made-up ones."""
_ARABIC_LENGTH = 2
_GREEK_LENGTH = 2
_GREEK_SWAPPED = ("ακ", "ιτσ")  # each stands for the other: σκίτσα becomes σκακ, and πακι πιτσ
_DUTCH_PREFIX = "ge"
_GERMAN_UMLAUTS = "aou"  # `ae`, `oe` and `ue` lose their e
_VOWELS = "aeiouyäöå"
_ARABIC_CONJUNCTIONS = ("", "و", "ف")
_ARABIC_PREFIXES = ("", "ال", "بال", "كال", "لل", "ب", "ك", "س")
_ARABIC_REQUEST, _ARABIC_PERSONS = "است", ("يست", "نست", "تست")  # of verbs of the tenth form


def beginnings_of(stem: str, language: str) -> tuple[str, ...]:
    """Return beginnings of which each word with this stem has one. Return ("",) if they may begin in any way."""
    # The last letter may be the stem's own, and `dying` becomes `die`.
    shared = max(1, len(stem) - 1 - stem.endswith("ie"))
    match language:
        case "none":
            return (stem,)
        case "english":
            return (stem[:shared],)
        case "esperanto" | "indonesian" | "irish" | "persian" | "serbian" | "tamil" | "yiddish":
            return ("",)  # they change letters or alphabets, or remove prefixes
        case "estonian":
            return (stem[:1],)  # `loen` becomes `luge`
        case "arabic":
            return _arabic(stem)
        case "dutch":
            return _dutch(stem)
        case "german":
            return _german(stem[: min(_LENGTH, shared)])
        case "finnish":
            return (stem[: max(1, min(_LENGTH, _last_consonant(stem) + 1))],)
        case "greek":
            return (stem[: 1 if stem[1:] in _GREEK_SWAPPED else min(_GREEK_LENGTH, shared)],)
        case _ if language in _ENDINGS_ONLY:
            return (stem[: max(min(_LENGTH, shared), len(stem) - _CHANGED)],)
        case _:
            return (stem[: min(_LENGTH, shared)],)


def _arabic(stem: str) -> tuple[str, ...]:
    at = stem.find(_ARABIC_REQUEST)
    others = [stem[:at] + person for person in _ARABIC_PERSONS] if 0 <= at < _ARABIC_LENGTH else []
    begun = (stem[:_ARABIC_LENGTH], *others)
    return tuple("".join(parts) for parts in product(_ARABIC_CONJUNCTIONS, _ARABIC_PREFIXES, begun))


def _dutch(stem: str) -> tuple[str, ...]:
    """Return the beginning of `bomen`, which becomes `boom`, also with the prefix of `gewerkt` or `opgewerkt`."""
    shared = max(1, min(_LENGTH, len(stem) - 2))
    return (stem[:shared], _DUTCH_PREFIX + stem[:1], stem[:1] + _DUTCH_PREFIX, stem[:2] + _DUTCH_PREFIX)


def _german(begun: str) -> tuple[str, ...]:
    # What begins with the last letter and an e begins with that letter, too.
    letters = [(letter, f"{letter}e") if letter in _GERMAN_UMLAUTS else (letter,) for letter in begun[:-1]]
    return tuple("".join(spelt) for spelt in product(*letters, begun[-1:]))


def _last_consonant(stem: str) -> int:
    """Return the place of the last consonant, behind which a second one like it may be missing, or -1 if there is none."""
    return max((at for at, letter in enumerate(stem) if letter not in _VOWELS), default=-1)
