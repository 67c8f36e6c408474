"""Languages and scripts, for packages that do not import a tokenizer."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

_CODES = """
arabic ar ara | armenian hy hye arm | basque eu eus baq | catalan ca cat | czech cs ces cze | danish da dan
dutch nl nld dut | english en eng | esperanto eo epo | estonian et est | finnish fi fin | french fr fra fre
german de deu ger | greek el ell gre | hindi hi hin | hungarian hu hun | indonesian id ind | irish ga gle
italian it ita | lithuanian lt lit | nepali ne nep | norwegian no nor nb nob nn nno | persian fa fas per
polish pl pol | portuguese pt por | romanian ro ron rum | russian ru rus | serbian sr srp hr hrv bs bos
spanish es spa | swedish sv swe | tamil ta tam | turkish tr tur | yiddish yi yid
"""
_NAMES = [names.split() for line in _CODES.strip().splitlines() for names in line.split("|")]
_TAGS = {names[0]: names[1] for names in _NAMES}
_TAG = re.compile("[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,4}")
LANGUAGES = (*(names[0] for names in _NAMES), "none")
"""Languages that have a stemmer. `none` leaves words unstemmed."""
_STEMMERS: Mapping[str, str] = {name: names[0] for names in (*_NAMES, ["none"]) for name in names}
PAGE_LANGUAGES = ("en", "de", "fr", "es", "hi", "ar", "zh")
"""Languages of the pages and of messages, the default first."""
DEFAULT_LANGUAGE = "english"
"""The language of articles that do not tell theirs."""


def named_language(text: str) -> str | None:
    """Return the language that a name or a code in lower case means, or None if it has no stemmer."""
    return _STEMMERS.get(text)


def stemmer_of(language: str) -> str:
    """Return the stemmer for a language as articles have it: a code, a locale, or an English name.

    Return `none` for a language without a stemmer, and the default for "".
    """
    if not language:
        return DEFAULT_LANGUAGE
    name = language.strip().lower()
    return _STEMMERS.get(name) or _STEMMERS.get(name.replace("_", "-").partition("-")[0], "none")


def may_be_same(one: str, other: str) -> bool:
    """Return whether two languages as articles have them are the same, or may be, since one is not known."""
    return not one or not other or _primary(one) == _primary(other)


def _primary(language: str) -> str:
    """Return the language without its country or script, whether it is given by a code or by its name."""
    own = language.strip().lower().replace("_", "-").partition("-")[0]
    return _STEMMERS.get(own, own)


def language_tag(language: str) -> str:
    """Return the tag (BCP 47) of a language as articles have it. Return "" if the text is no language that is known."""
    text = language.strip().replace("_", "-")
    return text if _TAG.fullmatch(text) else _TAGS.get(text.lower(), "")


def language_of(language: str, known: tuple[str, ...]) -> str:
    """Return the language by whose rules an article is searched, one of those that are `known` in the archive.

    `language` is the article's own. If it is not among the known languages, the first of them is used.
    """
    own = stemmer_of(language)
    return own if own in known or not known else known[0]


class LanguageFilter(NamedTuple):
    """The languages of which articles are kept, or if these are none, those of which articles are left out."""

    kept: tuple[str, ...]
    left_out: tuple[str, ...]


def language_filter(languages: Sequence[str], known: Sequence[str]) -> LanguageFilter:
    """Return the filter for the articles that are searched by the rules of some of the `known` languages.

    Articles in languages that are not known are searched by those of the first, as `language_of` says.
    """
    others = tuple(language for language in known if language not in languages)
    return LanguageFilter((), others) if known[0] in languages else LanguageFilter(tuple(languages), ())


UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Burmese
    "\u1780-\u17ff"  # Khmer
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u31f0-\u31ff"  # radicals, iteration marks, kana
    "\uac00-\ud7a3"  # Hangul: Korean puts spaces between phrases, and particles behind its words
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"  # Han, half-width kana
    "\U00020000-\U0003fffd"  # Han, supplementary planes
)
"""Characters of scripts without spaces between words, as the inside of a regex class. Each one is a word of its own."""
UNSEEN = "\u00ad\u2060\ufeff"
"""Soft hyphen, word joiner and byte order mark, which readers neither see nor type, as the inside of a regex class."""
DIRECTION_MARKS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Characters without width that only set the direction of writing, as the inside of a regex class."""
MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u109f\u1780-\u17df"
"""Accents, points and vowel signs, which `\\w` does not match, with letters of their scripts, as the inside of a class."""
