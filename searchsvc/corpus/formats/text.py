"""Plain text with header lines."""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from searchsvc.corpus.decoding import clean, decode, read_all
from searchsvc.corpus.formats.message_head import split_message_head
from searchsvc.corpus.formats.registry import FieldLookup
from searchsvc.corpus.record import Record
from searchsvc.model.languages import MARKS

MAX_HEADERS = 200

_HEADER_LINE = re.compile(rf"[ \t]*([^\W\d_][\w{MARKS} -]{{0,40}}?)[ \t]*::?[ \t]+(\S.*)\n?")


def read_text(stream: BinaryIO, field_of: FieldLookup) -> Iterator[Record]:
    """Yield the record of a plain text: its header lines `name: value`, if there are any, and the rest as `body`."""
    text = clean(decode(read_all(stream)))
    headers, body = split_message_head(text) or split_headers(text, field_of)
    yield Record({**headers, "body": body})


def split_headers(text: str, field_of: FieldLookup) -> tuple[dict[str, Any], str]:
    """Return the header lines and the text after them. The first name must be that of a field.

    Lines of one name give a list. Lines after the first `MAX_HEADERS` belong to the text.
    """
    values: dict[str, list[str]] = {}
    position = len(text) - len(text.lstrip("\n"))
    lines = 0
    while lines < MAX_HEADERS and (line := _HEADER_LINE.match(text, position)) and (values or field_of(line[1])):
        values.setdefault(line[1], []).append(line[2].strip())
        position = line.end()
        lines += 1
    headers = {name: same if len(same) > 1 else same[0] for name, same in values.items()}
    return headers, text[position:] if headers else text
