"""Conversion of a record's values, which may be any JSON, to text and lists of text."""

import html
import re
from collections.abc import Iterable, Iterator
from typing import Any

from searchsvc.corpus.decoding import clean, separate_paragraphs
from searchsvc.corpus.formats.html_text import html_text, looks_like_html
from searchsvc.model.article import METADATA

MAX_VALUES = 1_000  # of one metadata field; further ones are dropped
MAX_NESTING = 8

_BYLINE = re.compile(r"^(?:by|von|par|por|di)\s+", re.IGNORECASE)
_AND = re.compile(" ?; ?| (?:and|und|et|y|e|&) ", re.IGNORECASE)  # of text with single spaces
_DELIMITER = re.compile(" ?[,;|] ?")
_TEXT_KEYS = ("name", "rendered", "value", "text", "title", "#text", "@value")  # of an object, the preferred first


def single_line(value: Any) -> str:
    """Return the first text in a value as one line, or "" if there is none."""
    text = next(iter_texts(value), "")
    return html.unescape(text) if "&" in text else text


def body_text(value: Any) -> str:
    """Return the text of a body, with its HTML converted and a blank line between paragraphs."""
    if isinstance(value, list):
        return "\n\n".join(filter(None, map(body_text, value)))
    if isinstance(value, dict):
        return next((body_text(value[key]) for key in _TEXT_KEYS if value.get(key)), "")
    if not isinstance(value, str):
        return ""
    return html_text(value) if looks_like_html(value) else separate_paragraphs(value)


def iter_texts(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield the texts in a value, each as one line: a scalar, the text of an object, or those of a list."""
    if isinstance(value, dict):
        text_value = next((value[key] for key in _TEXT_KEYS if value.get(key)), None)
        yield from iter_texts(text_value, depth + 1) if text_value is not None and depth < MAX_NESTING else ()
    elif isinstance(value, list | tuple):
        for item in value[:MAX_VALUES] if depth < MAX_NESTING else ():
            yield from iter_texts(item, depth + 1)
    elif value is not None and (text := _scalar_text(value)):
        yield text


def iter_fields(prefix: str, value: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the name and text of each scalar in a value, nested names joined by dots."""
    if isinstance(value, dict) and depth < MAX_NESTING:
        for key, inner in value.items():
            name = " ".join(clean(str(key)).split()) or "_"
            name = f"x_{name}" if not prefix and name in METADATA else name
            yield from iter_fields(f"{prefix}.{name}" if prefix else name, inner, depth + 1)
    elif isinstance(value, list | tuple) and depth < MAX_NESTING:
        for item in value[:MAX_VALUES]:
            yield from iter_fields(prefix, item, depth + 1)
    elif value is not None and not isinstance(value, dict | list | tuple) and (text := _scalar_text(value)):
        yield prefix, text


def _scalar_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(clean(str(value)).split())


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """Return the first `MAX_VALUES` distinct values, in order."""
    return tuple(dict.fromkeys(values))[:MAX_VALUES]


def split_list(text: str) -> list[str]:
    """Split a text at semicolons and bars, and at commas unless a part between commas is a phrase of several words."""
    if ";" not in text and "|" not in text and any(part.count(" ") > 2 for part in text.split(",")):
        return [text]
    return [part for part in _DELIMITER.split(text) if part]


def split_authors(byline: str) -> list[str]:
    """Split a byline into names: `By Jane Smith and John Doe` has two, `Smith, Jane` has one."""
    names = [name for name in _AND.split(_BYLINE.sub("", byline)) if name]
    return [part for name in names for part in (name.split(", ") if _is_list_of_names(name) else [name])]


def _is_list_of_names(text: str) -> bool:
    return ", " in text and all(" " in part.strip() for part in text.split(", "))


def language_code(text: str) -> str:
    """Return the language of a locale, `en` for `en-US`. Other texts, such as `English`, are returned unchanged."""
    code = re.split("[-_]", text.strip().lower())[0]
    return code if len(code) in (2, 3) else text
