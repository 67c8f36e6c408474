"""Fields, their values and filters in words, in the language of the interface."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from babel import Locale
from flask_babel import gettext, lazy_gettext

from searchsvc.api.links import ActiveFilter
from searchsvc.model.article import METADATA
from searchsvc.model.languages import language_tag
from searchsvc.model.number_ranges import NumberRange, number_of
from searchsvc.web.dates import spelled_period
from searchsvc.web.languages import page_language

_CORE = {
    "author": lazy_gettext("Author"),
    "language": lazy_gettext("Language"),
    "place": lazy_gettext("Place"),
    "section": lazy_gettext("Section"),
    "source": lazy_gettext("Source"),
    "tag": lazy_gettext("Tag"),
}
_GROUPS = {
    "author": lazy_gettext("Authors"),
    "language": lazy_gettext("Languages"),
    "place": lazy_gettext("Places"),
    "section": lazy_gettext("Sections"),
    "source": lazy_gettext("Sources"),
    "tag": lazy_gettext("Tags"),
}
_CAPITALIZING = ("de", "lb")
"""Languages that capitalize their nouns."""
_SEPARATORS = re.compile(r"[_\s.-]+|(?<=[a-z])(?=[A-Z][a-z])")
"""What stands between the words of a name: has_topics, has-topics or hasTopics."""


class Labels:
    """Labels of metadata fields: those of the settings, else their names in words."""

    def __init__(self, own: Mapping[str, str]) -> None:
        self._own = own

    def __call__(self, field: str) -> str:
        return self._own.get(field) or _label(field, language())

    def of_group(self, field: str) -> str:
        """Return the heading of a group of values of a field, such as “Authors”."""
        return self._own.get(field) or str(_GROUPS.get(field) or self(field))

    def in_sentence(self, field: str) -> str:
        """Return the label of a field within a sentence: where nouns are not capitalized, only names are."""
        return _in_sentence(self(field))

    def filter_in_sentence(self, active: ActiveFilter) -> str:
        """Return an active filter within a sentence, such as “source: Vox”."""
        text = self.filter_text(active)
        return text if active.name == "date" else _in_sentence(text)

    def filter_text(self, active: ActiveFilter) -> str:
        """Return an active filter as its chip shows it, such as “Source: Vox”, “not Vox” or “Words: not 5”."""
        if not active.field:
            day = spelled_period(active.value)
            span = {"from": gettext("From %(day)s", day=day), "to": gettext("Until %(day)s", day=day)}
            return str(span.get(active.name, day))
        field, shown = self(active.field), active.shown
        value = range_text(shown) if isinstance(shown, NumberRange) else named_value(shown, active.field)
        if not active.excluded:
            return str(gettext("%(field)s: %(value)s", field=field, value=value))
        if isinstance(shown, NumberRange) or number_of(value) is not None:  # a number means nothing without its field
            return str(gettext("%(field)s: not %(value)s", field=field, value=value))
        return str(gettext("not %(value)s", value=value))


def field_order(own: Sequence[str]) -> Callable[[str], int]:
    """Return the place of a field on pages: after those of every archive, the own ones in this order, and then others."""
    places = {name: number for number, name in enumerate([*METADATA, *own])} | dict.fromkeys(METADATA, 0)
    return lambda name: places.get(name, len(places))


@lru_cache(maxsize=2_000)
def _label(field: str, _language: str) -> str:
    return str(_CORE.get(field) or in_words(field))


@lru_cache(maxsize=2_000)
def in_words(name: str) -> str:
    """Return the name of a field in words: `has_topics` becomes “Has topics”. Capitals within a word are kept."""
    first, *others = [word for word in _SEPARATORS.split(name) if word] or [name]
    return " ".join([f"{first[:1].upper()}{first[1:]}", *map(_uncapitalized, others)])


def _uncapitalized(word: str) -> str:
    return word.lower() if word.istitle() else word


def _in_sentence(text: str) -> str:
    is_word = text[1:2].islower()  # and no abbreviation
    return f"{text[0].lower()}{text[1:]}" if is_word and language() not in _CAPITALIZING else text


def language() -> str:
    """Return the language of the interface, as the CLDR calls it."""
    return page_language().locale


def named_value(value: str, field: str) -> str:
    """Return a value of a field as pages show it: codes of languages as their names, and others as they are."""
    return _language_name(value, language()) if field == "language" else value


def range_text(numbers: NumberRange) -> str:
    """Return a range of numbers in words."""
    least, most = str(numbers).split("..")
    if not least:
        return str(gettext("%(most)s or less", most=most))
    if not most:
        return str(gettext("%(least)s or more", least=least))
    return least if least == most else str(gettext("%(least)s to %(most)s", least=least, most=most))


@lru_cache(maxsize=2_000)
def _language_name(value: str, locale: str) -> str:
    """Return the name of a language, given its code. Return any other value as it is."""
    names, tag = Locale.parse(locale).languages, language_tag(value).replace("-", "_")
    name = names.get(tag) or names.get(tag.partition("_")[0].lower())
    return f"{name[:1].upper()}{name[1:]}" if name else value
