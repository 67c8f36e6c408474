"""Markdown with front matter or header lines."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from markdown_it import MarkdownIt

from searchsvc.corpus.decoding import clean, decode, read_all
from searchsvc.corpus.formats.front_matter import FrontMatter, split_front_matter, usable_fields
from searchsvc.corpus.formats.html_text import html_text
from searchsvc.corpus.formats.registry import FieldLookup
from searchsvc.corpus.formats.text import split_headers
from searchsvc.corpus.record import ReadNote, Record

_HEADING = re.compile(r"\s*#[ \t]+(\S.*)\n?")
_HASH = re.compile(r"(?<![^\s,;])#(?=[^\s#])")
_MARKDOWN = MarkdownIt("commonmark").enable("table")


def read_markdown(stream: BinaryIO, field_of: FieldLookup) -> Iterator[Record | ReadNote]:
    """Yield the record of a Markdown file: its front matter, and its text as `body`.

    The first heading becomes the title if the front matter has none. A note follows if the front matter is not well formed.
    """
    fields, text, fault = _read_head(clean(decode(read_all(stream))), field_of)
    fields = usable_fields(fields)
    fields |= {name: _tags(value, fields) for name, value in fields.items() if field_of(name) == "tag"}
    heading = _HEADING.match(text)
    if heading is not None and not any(field_of(name) == "title" for name in fields):
        fields["title"] = heading[1].rstrip(" \t#") or heading[1]
        text = text[heading.end() :]
    yield Record({**fields, "body": html_text(_MARKDOWN.render(text))})
    if fault:
        yield ReadNote(fault)


def _read_head(text: str, field_of: FieldLookup) -> FrontMatter:
    """Return the front matter of a text, or else its header lines, which may follow the first line of front matter."""
    front_matter = split_front_matter(text)
    if front_matter.fields:
        return front_matter
    if text.startswith("---\n"):
        fields, rest = split_headers(text.removeprefix("---\n"), field_of)
        if fields:
            return FrontMatter(fields, rest, "has front matter without an end, read as header lines")
    return FrontMatter(*split_headers(front_matter.text, field_of), front_matter.fault)


def _tags(value: Any, fields: Mapping[str, Any]) -> Any:
    """Return tags without the `#` that Obsidian and Logseq put before them.

    Spaces separate them if each has one, and in posts of Jekyll, whose front matter has a `layout`.
    """
    if isinstance(value, list):
        return [_HASH.sub("", tag) if isinstance(tag, str) else tag for tag in value]
    if not isinstance(value, str):
        return value
    has_spaces = value.startswith("#") or ("layout" in fields and not any(mark in value for mark in ",;|"))
    plain = _HASH.sub("", value)
    return plain.replace(",", " ").split() if has_spaces else plain
