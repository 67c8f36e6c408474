"""Plain text and Markdown."""

import re
import tomllib
from typing import Any, BinaryIO

import yaml
from markdown_it import MarkdownIt

from searchsvc.corpus.decoding import clean, decode, read_all
from searchsvc.corpus.formats.html_text import html_text
from searchsvc.corpus.metadata.field_mapping import FieldMapper
from searchsvc.errors import UserError

_HEADER_LINE = re.compile(r"[ \t]*([^\W\d_][\w -]{0,40}?)[ \t]*:[ \t]+(\S.*)")
_FRONT_MATTER = re.compile(r"\s*(---|\+\+\+)[ \t]*\n(.*?)\n\1[ \t]*(?:\n|\Z)", re.DOTALL)
_HEADING = re.compile(r"\s*#\s+(.+?)[ \t#]*(?:\n|\Z)")
_MARKDOWN = MarkdownIt("commonmark").enable("table")


def read_text(stream: BinaryIO, names: FieldMapper) -> dict[str, Any]:
    """Header lines `key: value`, if the text begins with any, and the text behind them as `body`."""
    text = clean(decode(read_all(stream)))
    headers, body = _headers(text, names)
    return {**headers, "body": body}


def read_markdown(stream: BinaryIO, names: FieldMapper) -> dict[str, Any]:
    """YAML (`---`) or TOML (`+++`) front matter, and the text without its markup as `body`.

    A first heading is the title where the front matter has none. Raises UserError for front matter that is not well formed.
    """
    text = clean(decode(read_all(stream)))
    record, text = _front_matter(text)
    if not record:
        record, text = _headers(text, names)
    heading = _HEADING.match(text)
    if heading is not None and not any(names.field(name) == "title" for name in record):
        record["title"] = heading[1]
        text = text[heading.end() :]
    return {**record, "body": html_text(_MARKDOWN.render(text))}


def _headers(text: str, names: FieldMapper) -> tuple[dict[str, Any], str]:
    """Lines `key: value` at the head; the first key has to be a known name, so that a text is not taken for headers."""
    headers: dict[str, Any] = {}
    rest = text.lstrip("\n")
    while (line := _HEADER_LINE.match(rest)) and (headers or names.field(line[1])):
        headers[line[1]] = line[2].strip()
        rest = rest[line.end() :].removeprefix("\n")
    return headers, rest if headers else text


def _front_matter(text: str) -> tuple[dict[str, Any], str]:
    found = _FRONT_MATTER.match(text)
    if found is None:
        return {}, text
    try:
        # BaseLoader leaves every value as it was written; others would read times, versions and `no` as something else.
        loaded = yaml.load(found[2], yaml.BaseLoader) if found[1] == "---" else tomllib.loads(found[2])  # noqa: S506
    except (yaml.YAMLError, tomllib.TOMLDecodeError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"has front matter that is not well formed: {reason}") from error
    if not isinstance(loaded, dict):
        raise UserError("has front matter that is not a list of `name: value`")
    return {str(name): value for name, value in loaded.items()}, text[found.end() :]
