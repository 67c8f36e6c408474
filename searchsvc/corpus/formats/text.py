"""Plain text with header lines, and Markdown with front matter."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from markdown_it import MarkdownIt

from searchsvc.corpus.decoding import clean, decode, read_all
from searchsvc.corpus.formats.front_matter import split_front_matter
from searchsvc.corpus.formats.html_text import html_text
from searchsvc.corpus.formats.message_head import split_message_head
from searchsvc.corpus.formats.registry import FieldLookup
from searchsvc.corpus.record import ReadNote, Record

MAX_HEADERS = 200

_HEADER_LINE = re.compile(r"[ \t]*([^\W\d_][\w -]{0,40}?)[ \t]*::?[ \t]+(\S.*)\n?")
_HEADING = re.compile(r"\s*#[ \t]+(\S.*)\n?")
_MARKDOWN = MarkdownIt("commonmark").enable("table")


def read_text(stream: BinaryIO, field_of: FieldLookup) -> Iterator[Record]:
    """Yield the record of a plain text: its header lines `name: value`, if there are any, and the rest as `body`."""
    text = clean(decode(read_all(stream)))
    headers, body = split_message_head(text) or _split_headers(text, field_of)
    yield Record({**headers, "body": body})


def read_markdown(stream: BinaryIO, field_of: FieldLookup) -> Iterator[Record | ReadNote]:
    """Yield the record of a Markdown file: its front matter, and its text as `body`.

    The first heading becomes the title if the front matter has none. A note follows if the front matter is not well formed.
    """
    fields, text, fault = split_front_matter(clean(decode(read_all(stream))))
    if "layout" in fields:
        fields |= {name: _split_words(value) for name, value in fields.items() if field_of(name) in ("tag", "section")}
    if not fields:
        fields, text = _split_headers(text, field_of)
    heading = _HEADING.match(text)
    if heading is not None and not any(field_of(name) == "title" for name in fields):
        fields["title"] = heading[1].rstrip(" \t#") or heading[1]
        text = text[heading.end() :]
    yield Record({**fields, "body": html_text(_MARKDOWN.render(text))})
    if fault:
        yield ReadNote(fault)


def _split_words(value: Any) -> Any:
    """Return the tags of a post of Jekyll as a list. Such front matter has a `layout`, and may put spaces between them."""
    return value.split() if isinstance(value, str) and not any(mark in value for mark in ",;|") else value


def _split_headers(text: str, field_of: FieldLookup) -> tuple[dict[str, Any], str]:
    """Return the header lines and the text after them. The first name must be that of a field.

    Lines after the first `MAX_HEADERS` belong to the text.
    """
    headers: dict[str, Any] = {}
    position = len(text) - len(text.lstrip("\n"))
    while (line := _HEADER_LINE.match(text, position)) and _is_header(line[1], headers, field_of):
        headers[line[1]] = line[2].strip()
        position = line.end()
    return headers, text[position:] if headers else text


def _is_header(name: str, headers: Mapping[str, Any], field_of: FieldLookup) -> bool:
    return len(headers) < MAX_HEADERS if headers else field_of(name) is not None
