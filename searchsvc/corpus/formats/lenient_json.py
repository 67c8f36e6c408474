"""JSON as templates of web pages write it, read as far as it can be.

Comments, CDATA marks, trailing commas, quotes that are not escaped, several values and a missing end cost nothing else.
"""

import re
from html import unescape
from typing import Any

import orjson

MAX_DEPTH = 50  # of nested lists and objects; what is deeper is not read

# Python before 3.11.5, such as Debian 12's, matches `(?:…(?!…))*+` wrongly, but not `(?>(?:…(?!…))*)`.
_TOKEN = re.compile(
    r"""
    # A quote ends a text only in front of punctuation or a line break.
    "(?P<text>(?>(?:[^"\\]++|\\.|"(?!\s*+(?:[,:}\]]|\Z)|[^\S\n]*+\n))*))"?
    | //[^\n]*+ | /\*(?>(?:[^*]++|\*(?!/))*)(?:\*/)? | <!--|--> | <!\[CDATA\[|\]\]>      # comments
    | (?P<mark>[{}\[\],:])
    | (?P<word>[^\s{}\[\],:"]++)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(  # those of JSON, and two of JavaScript and Python
    r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|U(00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{4})|(.))", re.DOTALL
)
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def parse_json(text: str) -> Any:
    """Return the value of a JSON text, or the list of all values that can be found if it is not well formed."""
    if "&quot;" in text and '"' not in text:
        text = unescape(text)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return _Builder().build(text)


class _Builder:
    """The values of a damaged JSON text, token by token. Each closing bracket ends the innermost list or object."""

    def __init__(self) -> None:
        self._values: list[Any] = []
        self._open: list[Any] = [self._values]
        self._name: str | None = None  # the last text in an object that was not a value
        self._expects_value = False

    def build(self, text: str) -> list[Any]:
        for token in _TOKEN.finditer(text):
            if token["text"] is not None:
                self._add(unescape_text(token["text"]))
            elif token["word"]:
                is_name = isinstance(self._open[-1], dict) and not self._expects_value
                self._add(token["word"] if is_name else _parse_word(token["word"]))
            elif token["mark"]:
                self._punctuate(token["mark"])
            if len(self._open) > MAX_DEPTH:
                break
        return self._values

    def _add(self, value: Any) -> None:
        container = self._open[-1]
        if isinstance(container, list):
            container.append(value)
        elif self._expects_value:
            container[self._name] = value
            self._name, self._expects_value = None, False
        elif isinstance(value, str):
            self._name = value

    def _punctuate(self, mark: str) -> None:
        if mark in "{[":
            container: Any = {} if mark == "{" else []
            self._add(container)
            self._open.append(container)
            self._name, self._expects_value = None, False
        elif mark in "}]":
            self._name, self._expects_value = None, False
            if len(self._open) > 1:
                self._open.pop()
        else:
            self._expects_value = mark == ":" and self._name is not None


def unescape_text(text: str) -> str:
    """Return a text that JSON or a program has written between quotation marks, without its escapes, such as `\\u00e9`."""
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(_character, text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # joins the halves of surrogate pairs


def _character(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2] or escape[3]
    return chr(int(code, 16)) if code else _CONTROLS.get(escape[4], escape[4])


def _parse_word(word: str) -> Any:
    try:
        return orjson.loads(word)
    except orjson.JSONDecodeError:
        return None  # such as NaN or the name of a template's variable
