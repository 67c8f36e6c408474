"""The check of regular expressions by text that is made for them."""

import re

import pytest

from dev.regexes import Use, slow_text, uses_of
from searchsvc.corpus.formats import html_text
from searchsvc.web import syndication


def use(method: str, pattern: str, flags: int = 0, module: str = "a") -> Use:
    return Use(module, 1, method, re.compile(pattern, flags))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "pattern"),
    [
        ("match", "(a+)+b"),
        ("fullmatch", r"(\w|\d\d)*!"),
        ("sub", "[ \t\xa0]+\n"),
        ("match", r"\s*#\s+(.+?)[ \t#]*(?:\n|\Z)"),
        ("split", r"\s*[,;|]\s*"),
        ("search", r"more\s*\s*\s*$"),
        ("search", "(?:and )+(?:and )+x"),
    ],
)
def test_expressions_that_are_not_linear_are_found(method: str, pattern: str) -> None:
    assert slow_text(use(method, pattern)) is not None


@pytest.mark.parametrize(
    ("method", "pattern"),
    [("match", "[ \t\xa0]+\n"), ("sub", r"\s+"), ("search", r"(?<!\s)\s++x"), ("fullmatch", "a*b*c*")],
)
def test_linear_expressions_are_not_reported(method: str, pattern: str) -> None:
    assert slow_text(use(method, pattern)) is None


@pytest.mark.slow
def test_an_expression_for_short_text_may_be_slow_for_long_text() -> None:
    module = "searchsvc.corpus.metadata.dates"
    assert slow_text(use("search", "[ \t]+\n", module=module)) is None
    assert slow_text(use("search", "(a+)+b", module=module)) is not None


def test_named_expressions_and_those_in_calls_are_checked() -> None:
    assert ("sub", html_text._SPACES) in {(found.method, found.pattern) for found in uses_of(html_text)}
    assert [found.method for found in uses_of(syndication)] == ["sub"]
