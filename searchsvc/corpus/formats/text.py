"""Plain text with header lines, and Markdown with front matter."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any, BinaryIO

import yaml
from markdown_it import MarkdownIt

from searchsvc.corpus.decoding import clean, decode, read_all
from searchsvc.corpus.formats.html_text import html_text
from searchsvc.corpus.formats.registry import FieldLookup
from searchsvc.corpus.record import Record
from searchsvc.errors import UserError

_HEADER_LINE = re.compile(r"[ \t]*([^\W\d_][\w -]{0,40}?)[ \t]*:[ \t]+(\S.*)")
_FRONT_MATTER = re.compile(r"\s*(---|\+\+\+)[ \t]*\n(.*?)\n\1[ \t]*(?:\n|\Z)", re.DOTALL)
_HEADING = re.compile(r"\s*#\s+(.+?)[ \t#]*(?:\n|\Z)")
_MARKDOWN = MarkdownIt("commonmark").enable("table")


def read_text(stream: BinaryIO, field_of: FieldLookup) -> Iterator[Record]:
    """Yield the record of a plain text: its header lines `name: value`, if there are any, and the rest as `body`."""
    headers, body = _split_headers(clean(decode(read_all(stream))), field_of)
    yield Record({**headers, "body": body})


def read_markdown(stream: BinaryIO, field_of: FieldLookup) -> Iterator[Record]:
    """Yield the record of a Markdown file: its front matter, and its text as `body`.

    The first heading becomes the title if the front matter has none. Raise UserError for malformed front matter.
    """
    fields, text = _split_front_matter(clean(decode(read_all(stream))))
    if not fields:
        fields, text = _split_headers(text, field_of)
    heading = _HEADING.match(text)
    if heading is not None and not any(field_of(name) == "title" for name in fields):
        fields["title"] = heading[1]
        text = text[heading.end() :]
    yield Record({**fields, "body": html_text(_MARKDOWN.render(text))})


def _split_headers(text: str, field_of: FieldLookup) -> tuple[dict[str, Any], str]:
    """Return the header lines and the text after them. The first name must be that of a field."""
    headers: dict[str, Any] = {}
    rest = text.lstrip("\n")
    while (line := _HEADER_LINE.match(rest)) and (headers or field_of(line[1])):
        headers[line[1]] = line[2].strip()
        rest = rest[line.end() :].removeprefix("\n")
    return headers, rest if headers else text


def _split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    match = _FRONT_MATTER.match(text)
    if match is None:
        return {}, text
    try:
        # BaseLoader keeps every value as it is written. Other loaders convert times, versions and `no`.
        front_matter = yaml.load(match[2], yaml.BaseLoader) if match[1] == "---" else tomllib.loads(match[2])  # noqa: S506
    except (yaml.YAMLError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"has front matter that is not well formed: {' '.join(str(error).split())}") from error
    if not isinstance(front_matter, dict):
        raise UserError("has front matter that is not a list of `name: value`")
    return {str(name): value for name, value in front_matter.items()}, text[match.end() :]
