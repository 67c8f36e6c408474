"""The catalogues of translations: complete, up to date, and with the same placeholders as the English texts."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from flask import Flask
from jinja2 import Environment

from dev.messages import TRANSLATED, english_of, forms_of, read, template, untranslated
from dev.visible_text import visible_text
from searchsvc.config import Settings
from searchsvc.messages import plural_message
from searchsvc.web import app as web_app
from searchsvc.web import languages
from searchsvc.web.catalogues import catalogue, sentence, translated

TEMPLATES = sorted((Path(web_app.__file__).parent / "templates").glob("*.html"))
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%|</?[a-z]+[^>]*>|`[^`]+`")
INVISIBLE = re.compile(r"[\u2066-\u2069\u200e\u200f]")


@pytest.fixture(scope="module")
def sources() -> Catalog:
    return template()


def messages(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def texts(message: Message) -> list[tuple[str, str]]:
    """Return the translations of a message, each with the English text of which it must have the placeholders."""
    return [(english_of(message), form) for form in forms_of(message)]


def places(message: Message) -> set[object]:
    return {location[0] for location in message.locations}


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_text_is_translated(code: str) -> None:
    assert [message.id for message in untranslated(read(code))] == [], "see python -m dev.messages --missing"


@pytest.mark.parametrize("code", TRANSLATED)
def test_the_catalogues_are_up_to_date(code: str, sources: Catalog) -> None:
    expected = {english_of(message): places(message) for message in messages(sources)}
    assert {english_of(message): places(message) for message in messages(read(code))} == expected, "run make messages"


@pytest.mark.parametrize("code", TRANSLATED)
def test_translations_have_the_placeholders_of_the_texts(code: str) -> None:
    for message in messages(read(code)):
        for english, other in texts(message):
            expected, found = Counter(PLACEHOLDER.findall(english)), Counter(PLACEHOLDER.findall(other))
            if message.pluralizable:  # a form for one or two may say the number in words
                found["%(number)s"] = expected["%(number)s"]
            assert found == expected, (english, other)


@pytest.mark.parametrize("code", TRANSLATED)
def test_translations_are_punctuated_like_the_texts(code: str) -> None:
    for message in messages(read(code)):
        for english, other in texts(message):
            assert other == other.strip(), other
            assert english.endswith(".") == INVISIBLE.sub("", other).endswith((".", "।", "。")), other


def test_every_text_is_extracted_from_where_pages_say_it(sources: Catalog) -> None:
    found = {place for message in messages(sources) for place in places(message)}
    assert {"searchsvc/query/parser.py", "searchsvc/api/parameters.py", "searchsvc/web/templates/help.html"} <= found
    assert len(list(messages(sources))) > 140


WORDS = (
    "the passage has one word; it needs at least %(least)s",
    "the passage has %(number)s words; it needs at least %(least)s",
)


@pytest.mark.parametrize(
    ("code", "number", "text"),
    [
        ("ar", 0, "لا كلمات في الاقتباس؛ الحد الأدنى 3"),
        ("ar", 1, "في الاقتباس كلمة واحدة؛ الحد الأدنى 3"),
        ("ar", 2, "في الاقتباس كلمتان؛ الحد الأدنى 3"),
        ("ar", 3, "في الاقتباس 3 كلمات؛ الحد الأدنى 3"),
        ("ar", 11, "في الاقتباس 11 كلمة؛ الحد الأدنى 3"),
        ("ar", 1_100, "في الاقتباس 1,100 كلمة؛ الحد الأدنى 3"),
        ("de", 1, "das Zitat hat nur ein Wort; es braucht mindestens 3"),
        ("de", 1_100, "das Zitat hat 1.100 Wörter; es braucht mindestens 3"),
        ("zh", 1, "引文有 1 个词；至少需要 3 个"),
        ("fr", 0, "la citation n’a qu’un mot\u202f; il en faut au moins 3"),
        ("en", 1, "the passage has one word; it needs at least 3"),
    ],
)
def test_plural_forms(code: str, number: int, text: str) -> None:
    app = Flask("searchsvc.web")
    languages.install(app, Settings())
    with app.test_request_context(f"/?lang={code}"):
        assert translated(plural_message(*WORDS, number, least=3)) == text
        assert sentence(plural_message(*WORDS, number, least=3)).endswith(("3.", "个。"))


def test_english_needs_no_catalogue() -> None:
    assert catalogue("en").ugettext("All years") == "All years"


# Texts in templates


def environment() -> Environment:
    return Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True, autoescape=True)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_have_no_text_that_is_not_translated(path: Path) -> None:
    assert visible_text(environment(), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ("<p>{{ _('Hello') }} – {{ name }}, 5 · ×</p>", []),
        ("{% if a %}<p>{{ 'match' if b else 'matches' }}</p>{% endif %}", ["match matches"]),
        ("<p>{{ 'a: ' ~ b }}</p>", ["a:"]),
        ("<p class=\"{{ 'x' if b }}\" title='Go'>{{ b | default('Any') }}</p>", ["Go"]),
        ("<code>x</code><pre>y <b>z</b></pre><p lang='en'>Help</p> CSV, JSON Lines", []),
        ("<p lang='en'>a <br> b</p> c", ["c"]),
        ("{% macro a() %}<b>x</b>{% endmacro %}{% block b %}<input placeholder='y'>{% endblock %}", ["x", "y"]),
        ("{{ ngettext('%(number)s article', '%(number)s articles', n, number=n) }}", []),
    ],
)
def test_text_outside_of_gettext_is_found(source: str, found: list[str]) -> None:
    assert visible_text(environment(), source) == found
