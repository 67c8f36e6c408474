"""Translations: the catalogue of each language, and messages of other packages in the language of the request."""

from datetime import date
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask
from flask_babel import Babel, Domain
from markupsafe import Markup, escape

from searchsvc.messages import Message
from searchsvc.model.languages import PAGE_LANGUAGES
from searchsvc.web.dates import format_day, format_number
from searchsvc.web.languages import page_language

FOLDER = Path(__file__).parent / "translations"
"""A catalogue such as `de.po` for each language but English."""


class _Catalogues(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    def get_translations(self) -> NullTranslations:
        return catalogue(page_language().code)


def install(app: Flask) -> None:
    """Add gettext to the templates of an application, in the language of each request."""
    babel = Babel(app, locale_selector=lambda: page_language().locale)
    babel.domain_instance = _Catalogues()
    # A page has a hundred texts. Those of Flask-Babel take four times as long, through wrappers of Jinja.
    app.jinja_env.globals |= {"_": _gettext, "gettext": _gettext, "ngettext": _ngettext, "pgettext": _pgettext}
    app.jinja_env.filters |= {"translated": translated, "sentence": sentence, "capitalized": capitalized}


@cache
def catalogue(code: str) -> NullTranslations:
    """Return the translations into a language. It is read on first use, in about 20 ms, so that no step compiles it."""
    if code == PAGE_LANGUAGES[0]:
        return NullTranslations()
    compiled = BytesIO()
    with (FOLDER / f"{code}.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return Translations(compiled)


def _gettext(text: str, /, **values: object) -> Markup:
    """Return a text of a template in the language of the request. Values that are no markup are escaped."""
    found = _text(page_language().code, text)
    return Markup(found % {name: escape(value) for name, value in values.items()}) if values else found  # noqa: S704


def _ngettext(one: str, many: str, count: int, /, **values: object) -> Markup:
    """Return the form of a text of a template for a number, in the language of the request."""
    found = catalogue(page_language().code).ungettext(one, many, count)
    return Markup(found % {name: escape(value) for name, value in values.items()})  # noqa: S704


def _pgettext(context: str, text: str) -> Markup:
    """Return a text that other languages write differently in different contexts, such as “from” a day or a number."""
    return Markup(catalogue(page_language().code).upgettext(context, text))  # noqa: S704


@lru_cache(2_000)
def _text(code: str, text: str) -> Markup:
    return Markup(catalogue(code).ugettext(text))  # noqa: S704  texts of templates are written by us


def translated(text: str) -> str:
    """Return a message in the language of the request. Other texts stay as they are."""
    if not isinstance(text, Message):
        return text
    values = {name: _shown(value) for name, value in text.values.items()}
    number, found = text.values.get("number"), catalogue(page_language().code)
    if text.singular is not None and isinstance(number, int):
        return found.ungettext(text.singular, text.template, number) % values
    return found.ugettext(text.template) % values


def sentence(text: str) -> str:
    """Return a message as a sentence in the language of the request: with a capital letter, and a full stop."""
    words = capitalized(translated(text).removesuffix("."))
    return words if words.endswith(("?", "？", "؟")) else words + page_language().full_stop


def capitalized(text: str) -> str:
    """Return a text with its first letter as a capital, and the others as they are."""
    return text[:1].upper() + text[1:]


def _shown(value: object) -> str:
    if type(value) is int:
        return format_number(value)
    if isinstance(value, date):
        return format_day(value)
    return translated(value) if isinstance(value, str) else str(value)
