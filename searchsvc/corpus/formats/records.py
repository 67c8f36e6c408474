"""Files of many records: JSON, JSON Lines, CSV and TSV. A bad record is reported in its place and stops nothing."""

import csv
import io
from collections.abc import Iterator
from typing import Any, BinaryIO

import orjson

from searchsvc.corpus.decoding import MAX_TEXT_BYTES, decode, read_all
from searchsvc.errors import UserError

MAX_JSON_BYTES = 512 * 2**20
MAX_LINE_BYTES = 2 * MAX_TEXT_BYTES
_LIST_NAMES = ("articles", "items", "results", "documents", "docs", "records", "data", "entries", "posts", "hits")

csv.field_size_limit(MAX_TEXT_BYTES)

Records = Iterator[dict[str, Any] | UserError]


def read_json(stream: BinaryIO) -> Records:
    """One record, a list of records, or an object that holds such a list under a usual name (`articles`, `items`, …)."""
    value = _parse(read_all(stream, MAX_JSON_BYTES))
    if isinstance(value, dict):
        lists = [value[name] for name in _LIST_NAMES if isinstance(value.get(name), list)]
        value = lists[0] if lists and all(isinstance(item, dict) for item in lists[0]) else [value]
    if not isinstance(value, list):
        raise UserError("holds neither an object nor a list of objects")
    yield from map(_record, value)


def read_jsonl(stream: BinaryIO) -> Records:
    """One record a line; blank lines are passed over."""
    while line := stream.readline(MAX_LINE_BYTES):
        if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
            while (rest := stream.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
                pass
            yield UserError(f"is a line of more than {MAX_LINE_BYTES // 2**20} MiB")
        elif not line.isspace():
            try:
                yield _record(_parse(line))
            except UserError as error:
                yield error


def read_csv(stream: BinaryIO) -> Records:
    """A first line of names, then one record a line; the delimiter is a comma, a semicolon, a tab or a bar."""
    head = stream.read(8_192)
    names = decode(head).partition("\n")[0]
    return _table(head, stream, max(",;\t|", key=names.count))


def read_tsv(stream: BinaryIO) -> Records:
    """The same with tabs."""
    return _table(b"", stream, "\t")


def _table(head: bytes, stream: BinaryIO, delimiter: str) -> Records:
    text = io.StringIO(decode(head + read_all(stream, MAX_JSON_BYTES)), newline="")
    rows = csv.reader(text, delimiter=delimiter)
    names = [name.strip() for name in next(rows, [])]
    if not names:
        raise UserError("is empty: its first line should name the columns")
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            yield UserError(f"is not well formed: {error}")
            continue
        if row is None:
            return
        if len(row) > len(names):
            yield UserError(f"has {len(row)} values for {len(names)} columns")
        elif any(row):
            yield dict(zip(names, row, strict=False))


def _parse(data: bytes) -> Any:
    try:
        return orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise UserError(f"is not JSON: {error}") from None


def _record(value: object) -> dict[str, Any] | UserError:
    return value if isinstance(value, dict) else UserError("is not a JSON object")
