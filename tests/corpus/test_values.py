"""Conversion of values of any shape to text and lists."""

import json
from typing import Any

import pytest

from searchsvc.corpus.metadata.values import (
    MAX_VALUES,
    body_text,
    decode_references,
    identifier,
    iter_fields,
    iter_texts,
    language_code,
    split_list,
    split_written_list,
    unique,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\n  b", "a b"),
        (True, "true"),
        (3.5, "3.5"),
        ({"name": "n", "x": "y"}, "n"),
        ({"rendered": {"value": "v"}}, "v"),
        ({"x": "y"}, ""),
        ([[], "", "a", "b"], "a"),
        (None, ""),
    ],
)
def test_the_first_text_of_a_value(value: Any, text: str) -> None:
    assert next(iter_texts(value), "") == text


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("https://x.example/?a=1&copy=2&amp;b=3", "https://x.example/?a=1&copy=2&amp;b=3"),
        ("a  b", "a  b"),
        (" <a> \n", "<a>"),
        ("e\u0301", "e\u0301"),
        ("a\tb\x00c\ud800d", "a b c d"),
        ("\u200c", "\u200c"),
        (7, "7"),
        (True, "true"),
        ({"value": ["", None, "v"]}, "v"),
        ([], ""),
        (" ", ""),
    ],
)
def test_identifiers_are_taken_as_written(value: Any, found: str) -> None:
    assert identifier(value) == found


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("Tea &amp; milk", "Tea & milk"),
        ("&#8217;&#x2019;&eacute;", "’’é"),
        ("&amp;amp;", "&amp;"),
        ("&copy=2 &amp R&D; &nosuch;", "&copy=2 &amp R&D; &nosuch;"),
        ("plain", "plain"),
    ],
)
def test_character_references_of_text_are_decoded_once(text: str, decoded: str) -> None:
    assert decode_references(text) == decoded


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\n\n\nb", "a\n\nb"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        (["a", {"text": "b"}, 3], "a\n\nb"),
        ({"rendered": "<p>a</p>"}, "a"),
        (3, ""),
    ],
)
def test_body_text(value: Any, text: str) -> None:
    assert body_text(value) == text


def test_nested_fields_get_dotted_names() -> None:
    value = {"geo": {"lat": 1.5, "tags": ["a", {"b": False}]}, "place": "Paris", " a\nb ": "x", "": "e", "n": None}
    assert list(iter_fields("", value)) == [
        ("geo.lat", "1.5"),
        ("geo.tags", "a"),
        ("geo.tags.b", "false"),
        ("x_place", "Paris"),
        ("a b", "x"),
        ("_", "e"),
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a, b", ["a", "b"]),
        ("a | b", ["a", "b"]),
        ("Paris; Lyon, France", ["Paris", "Lyon", "France"]),
        ("the price of tea, in milk", ["the price of tea, in milk"]),
        ("", []),
    ],
)
def test_split_list(text: str, parts: list[str]) -> None:
    assert split_list(text) == parts


@pytest.mark.parametrize(
    ("text", "items"),
    [
        (json.dumps(["Zoë Šarić", 'a "b"', "😀"]), ["Zoë Šarić", 'a "b"', "😀"]),
        (ascii(["Zoë", "Šarić’s", "😀", "a\nb\\c"]), ["Zoë", "Šarić’s", "😀", "a b\\c"]),
        (str(("Zoë", "O'Hara")), ["Zoë", "O'Hara"]),
        (r'["r\/f", "a\tb", "\ud83d", "\u0000x", ""]', ["r/f", "a b", "\ufffd", "x", ""]),
        (r"['\U00110000', '\xz']", ["U00110000", "xz"]),
        ("[]", []),
        ("[a, b]", None),
    ],
)
def test_lists_that_programs_have_written_lose_their_escapes(text: str, items: list[str] | None) -> None:
    assert split_written_list(text) == items


@pytest.mark.parametrize(
    ("text", "code"), [("en-US", "en"), ("pt_BR", "pt"), ("DE", "de"), ("English", "English"), ("", "")]
)
def test_language_code(text: str, code: str) -> None:
    assert language_code(text) == code


def test_unique_values_are_limited() -> None:
    assert unique(["b", "a", "b"]) == ("b", "a")
    assert len(unique(map(str, range(2 * MAX_VALUES)))) == MAX_VALUES
