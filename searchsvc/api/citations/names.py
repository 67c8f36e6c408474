"""Names of authors in their parts, as far as a name tells them.

Nothing says which part of a name is the family's. “Tobias van der Berg” is parted as most names in Latin letters
are written: the last word is the family name, with the particles in front of it. Names in other letters and names of
organisations stay whole.
"""

import re
from functools import lru_cache
from typing import NamedTuple
from unicodedata import name as character_name

from searchsvc.api.citations.fields import line
from searchsvc.model.article import Article

_SMALL_WORDS = """
af al av bin bint da dal das de degli dei del dela della den der des di do dos du el ibn la las le les lo los san ten ter
van vom von zu zum zur
"""
_PARTICLES = frozenset(_SMALL_WORDS.split())
_CONJUNCTIONS = frozenset(("y", "e", "i"))
"""Words between two family names: José Ortega y Gasset."""
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv", "phd", "md", "esq"))
_WORDS_OF_ORGANISATIONS = """
& + / and at by für for in of pour the to und agence agencia agency agentur association board bureau channel commission
committee company contributor contributors correspondent correspondents council department desk editor editorial editors
foundation group institute journal magazine media ministry network news newspaper newsroom office press publisher radio
redacción redaktion redazione reporter reporters rédaction service services society staff team television times today
tribune tv university wire
"""
_OF_ORGANISATIONS = frozenset(_WORDS_OF_ORGANISATIONS.split())
_FAMILY_FIRST = frozenset(("hu", "ja", "ko", "vi", "zh"))
"""Languages in which the family name comes first."""
_ACRONYM = re.compile(r"[A-Z]{3,}")
_MAX_WORDS = 6


class Name(NamedTuple):
    """A name in its parts. Without `given`, `family` is the whole name, of an organisation or of a person."""

    family: str
    given: str = ""
    particle: str = ""
    suffix: str = ""
    is_organisation: bool = False

    @property
    def is_whole(self) -> bool:
        return not self.given

    @property
    def last(self) -> str:
        """The family name with its particle."""
        return f"{self.particle} {self.family}" if self.particle else self.family

    def inverted(self) -> str:
        """Return the name as lists have it: `van der Berg, Tobias, Jr.`."""
        return ", ".join(filter(None, (self.last, self.given, self.suffix)))

    def natural(self) -> str:
        """Return the name as it is spoken: `Tobias van der Berg Jr.`."""
        return " ".join(filter(None, (self.given, self.last, self.suffix)))


def names_of(article: Article) -> list[Name]:
    """Return the names of the authors of an article."""
    return [parse_name(author, article.language[:2].lower()) for author in article.author if author.strip()]


@lru_cache(maxsize=2_000)
def parse_name(text: str, language: str = "") -> Name:
    """Return a name in its parts. `language` is that of its article, by which the family name may come first."""
    text = line(text).strip('"“” ') or text
    head, *rest = text.split(", ")
    if _is_organisation(text):
        return Name(text, is_organisation=True)
    if len(rest) > 2 or not _is_latin(text):
        return Name(text)
    if rest and not _is_suffix(rest[0]):
        return _with_particle(head.split(" "), *rest) if _is_suffix("".join(rest[1:]) or "jr") else Name(text)
    words = head.split(" ")
    suffix = rest[0] if rest else words.pop() if len(words) > 2 and _is_suffix(words[-1]) else ""
    if not 1 < len(words) <= _MAX_WORDS or language in _FAMILY_FIRST:
        return Name(text)
    first = _start_of_family(words)
    return _with_particle(words[first:], " ".join(words[:first]), suffix)


def _with_particle(family: list[str], given: str, suffix: str = "") -> Name:
    """Return a name whose particle is what of its family name is in lower case."""
    first = next((at for at, word in enumerate(family[:-1]) if word not in _PARTICLES), len(family) - 1)
    return Name(" ".join(family[first:]), given, " ".join(family[:first]), suffix)


def _start_of_family(words: list[str]) -> int:
    first = len(words) - 1
    if first > 2 and words[first - 1] in _CONJUNCTIONS:
        first -= 2
    while first > 1 and words[first - 1].lower() in _PARTICLES:
        first -= 1
    return first


def _is_suffix(word: str) -> bool:
    return word.replace(".", "").lower() in _SUFFIXES


def _is_organisation(text: str) -> bool:
    words = text.split(" ")
    if any(word.lower() in _OF_ORGANISATIONS for word in words):
        return True
    return any(_ACRONYM.fullmatch(word) and not _is_suffix(word) for word in words) and not (
        text.isupper() and len(words) > 1
    )


def _is_latin(text: str) -> bool:
    """Return whether all words begin with a letter, and all letters are Latin ones."""
    if not all(word[0].isalpha() for word in text.split()):
        return False
    return all(not char.isalpha() or character_name(char, "").startswith("LATIN") for char in text)
