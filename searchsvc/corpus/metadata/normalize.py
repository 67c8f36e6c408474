"""Comparison of the names of fields: without case, spaces, punctuation and accents, and without what exporters add."""

import re
import unicodedata
from functools import lru_cache

_PUNCTUATION = re.compile(r"[\W_]")
# A subject of Dublin Core is a tag, and without its namespace that of a message: its title.
_NAMESPACE = re.compile(r"(?:dc|dcterms|dct|schema|og|article|prism|sioc|sc)[:.](?!subject)", re.IGNORECASE)
_LANGUAGE = re.compile(r"\[(?:[A-Za-z]{2}(?:[_-][A-Za-z]{2})?)?\]$")
_SOLR_TYPE = re.compile(r"_(?:s|ss|t|ts|str|dt|dts|txt|txt_[a-z]{2}|text_[a-z]{2})$")


def without_type(name: str) -> str:
    """Return the name of a dynamic field of Solr, such as `title_txt_en`, without its type."""
    return _SOLR_TYPE.sub("", name)


@lru_cache(maxsize=10_000)
def normalize(name: str) -> str:
    """Return the form of a name in which it is compared: `dc.title[en]` and `Título` are `title` and `titulo`."""
    name = _NAMESPACE.sub("", _LANGUAGE.sub("", name.strip()), count=1) if _NAMESPACE.match(name.strip()) else name
    letters = unicodedata.normalize("NFKD", name.casefold())
    return _PUNCTUATION.sub("", "".join(char for char in letters if not unicodedata.combining(char)))
