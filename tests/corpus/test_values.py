"""Conversion of values of any shape to text and lists."""

from typing import Any

import pytest

from searchsvc.corpus.metadata.values import (
    MAX_VALUES,
    body_text,
    iter_fields,
    language_code,
    single_line,
    split_authors,
    split_list,
    unique,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\n  b", "a b"),
        ("Tea &amp; milk", "Tea & milk"),
        (True, "true"),
        (3.5, "3.5"),
        ({"name": "n", "x": "y"}, "n"),
        ({"rendered": {"value": "v"}}, "v"),
        ({"x": "y"}, ""),
        ([[], "", "a", "b"], "a"),
        (None, ""),
    ],
)
def test_single_line(value: Any, text: str) -> None:
    assert single_line(value) == text


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
    ("byline", "names"),
    [
        ("By Jane Smith and Bo Li", ["Jane Smith", "Bo Li"]),
        ("von Jane Smith; Bo Li", ["Jane Smith", "Bo Li"]),
        ("Jane Smith, Bo Li", ["Jane Smith", "Bo Li"]),
        ("Smith, Jane", ["Smith, Jane"]),
        ("", []),
    ],
)
def test_split_authors(byline: str, names: list[str]) -> None:
    assert split_authors(byline) == names


@pytest.mark.parametrize(
    ("text", "code"), [("en-US", "en"), ("pt_BR", "pt"), ("DE", "de"), ("English", "English"), ("", "")]
)
def test_language_code(text: str, code: str) -> None:
    assert language_code(text) == code


def test_unique_values_are_limited() -> None:
    assert unique(["b", "a", "b"]) == ("b", "a")
    assert len(unique(map(str, range(2 * MAX_VALUES)))) == MAX_VALUES
