"""Conversion of a record's values, which may be any JSON, to text and lists of text.

Text for readers is cleaned. Identifiers and addresses are taken as they are written: cleaning could make two of them equal.
"""

import html
import re
from collections.abc import Iterable, Iterator
from typing import Any

from searchsvc.corpus.decoding import clean, separate_paragraphs
from searchsvc.corpus.formats.html_text import html_text, looks_like_html
from searchsvc.corpus.formats.lenient_json import unescape_text
from searchsvc.model.article import METADATA

MAX_VALUES = 1_000  # of one metadata field; further ones are dropped
MAX_NESTING = 8

_DELIMITER = re.compile(" ?[,;|] ?")
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_WRITTEN_ITEM = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_WRITTEN_LIST = re.compile(rf"[\[({{]\s*+(?:{_WRITTEN_ITEM}(?:\s*+,?\s*+{_WRITTEN_ITEM})*+\s*+,?\s*+)?[\])}}]")
_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
TEXT_KEYS = (
    *("name", "rendered", "value", "text", "title", "#text", "@value", "main", "original", "content", "html", "plain"),
    *("displayName", "display_name", "webTitle", "label", "term", "$t", "_text", "__text", "__cdata"),
)
"""Names of the text of an object, the preferred first."""


def identifier(value: Any) -> str:
    """Return the first identifier or address in a value as it is written, or "" if there is none.

    Only space around it is removed, and control characters and lone surrogates, which no index can hold, become spaces.
    """
    return next(filter(None, (_CONTROL.sub(" ", _written(scalar)).strip() for scalar in _iter_scalars(value))), "")


def decode_references(text: str) -> str:
    """Return the text with its character references decoded, such as `&amp;`. One without a semicolon is no reference."""
    return _REFERENCE.sub(lambda reference: html.unescape(reference[0]), text) if "&" in text else text


def plain_line(text: str) -> str:
    """Return a line of text without the tags and character references of HTML."""
    return " ".join(_without_markup(text).split()) if "<" in text or "&" in text else text


def _without_markup(text: str) -> str:
    """Return the text of HTML, also of HTML that is escaped once more. Return other text with its references decoded."""
    if looks_like_html(text):
        return html_text(text)
    decoded = decode_references(text)
    return html_text(decoded) if "</" in decoded and looks_like_html(decoded) else decoded


def body_text(value: Any, *, is_decoded: bool = False) -> str:
    """Return the text of a body, without HTML, and with a blank line between paragraphs.

    Each part of a list is a paragraph.
    """
    if isinstance(value, list):
        return "\n\n".join(filter(None, (body_text(part, is_decoded=is_decoded) for part in _join_inline(value))))
    if isinstance(value, dict):
        texts = (body_text(value[key], is_decoded=is_decoded) for key in TEXT_KEYS if value.get(key))
        return next(texts, "")
    if not isinstance(value, str):
        return ""
    if looks_like_html(value):
        return html_text(value)
    return separate_paragraphs(value if is_decoded or "&" not in value else _without_markup(value))


def _join_inline(parts: list[Any]) -> list[Any]:
    """Return the parts of a text. If some have types, and others are texts, they are pieces of one line, as in messages."""
    pieces = [part["text"] if _is_typed(part) else part for part in parts]
    is_line = any(map(_is_typed, parts)) and any(isinstance(part, str) for part in parts)
    return ["".join(piece for piece in pieces if isinstance(piece, str))] if is_line else parts


def _is_typed(part: Any) -> bool:
    return isinstance(part, dict) and "type" in part and isinstance(part.get("text"), str)


def iter_texts(value: Any) -> Iterator[str]:
    """Yield the texts in a value, each as one line: a scalar, the text of an object, or those of a list."""
    return filter(None, map(_scalar_text, _iter_scalars(value)))


def _iter_scalars(value: Any, depth: int = 0) -> Iterator[Any]:
    if isinstance(value, dict):
        text_value = next((value[key] for key in _keys_of_text(value) if value.get(key)), None)
        yield from _iter_scalars(text_value, depth + 1) if depth < MAX_NESTING else ()
    elif isinstance(value, list | tuple):
        for item in value[:MAX_VALUES] if depth < MAX_NESTING else ():
            yield from _iter_scalars(item, depth + 1)
    elif value is not None:
        yield value


def _keys_of_text(value: dict[Any, Any]) -> tuple[str, ...]:
    """Return the names of an object's text. Beside a text as `value`, `name` is that of its kind, as in keywords."""
    return ("value", *TEXT_KEYS) if isinstance(value.get("value"), str) else TEXT_KEYS


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
    return " ".join(clean(_written(value)).split())


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """Return the first `MAX_VALUES` distinct values, in order."""
    return tuple(dict.fromkeys(values))[:MAX_VALUES]


def split_written_list(text: str) -> list[str] | None:
    """Return the items of a list that a program has written, such as `['a', "b"]`. Return None for other text."""
    if _WRITTEN_LIST.fullmatch(text) is None:
        return None
    return [_scalar_text(unescape_text(item[1:-1])) for item in re.findall(_WRITTEN_ITEM, text)]


def split_list(text: str) -> list[str]:
    """Split a text at semicolons and bars, and at commas unless a part between commas is a phrase of several words.

    A list that a program has written, such as `['a', 'b']`, is split into its items.
    """
    written = split_written_list(text)
    if written is not None:
        return [item for item in written if item]
    if ";" not in text and "|" not in text and any(part.count(" ") > 2 for part in text.split(",")):
        return [text]
    return [part for part in _DELIMITER.split(text) if part]


def language_code(text: str) -> str:
    """Return the language of a locale, `en` for `en-US`. Other texts, such as `English`, are returned unchanged."""
    code = re.split("[-_]", text.strip().lower())[0]
    return code if len(code) in (2, 3) else text
