"""Files of many records: JSON, JSON Lines, CSV and TSV. A bad record yields a failure and does not affect the others."""

import csv
import io
from collections.abc import Iterator
from typing import Any, BinaryIO

import orjson

from searchsvc.corpus.decoding import MAX_RECORDS_BYTES, MAX_TEXT_BYTES, decode, read_all
from searchsvc.corpus.record import ReadFailure, Record
from searchsvc.errors import UserError

MAX_LINE_BYTES = 2 * MAX_TEXT_BYTES
_LIST_NAMES = ("articles", "items", "results", "documents", "docs", "records", "data", "entries", "posts", "hits")

csv.field_size_limit(MAX_TEXT_BYTES)

Records = Iterator[Record | ReadFailure]


def read_json(stream: BinaryIO) -> Records:
    """Yield the one record of a JSON file, or each of a list, which may stand in an object as `articles`, `items` or so."""
    value = _parse(read_all(stream, MAX_RECORDS_BYTES))
    if isinstance(value, dict):
        lists = [value[name] for name in _LIST_NAMES if isinstance(value.get(name), list)]
        value = lists[0] if lists and all(isinstance(item, dict) for item in lists[0]) else [value]
    if not isinstance(value, list):
        raise UserError("is neither an object nor a list of objects")
    yield from map(_record, value)


def read_jsonl(stream: BinaryIO) -> Records:
    """Yield the record of each line. Blank lines are skipped."""
    while line := stream.readline(MAX_LINE_BYTES):
        if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
            while (rest := stream.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
                pass
            yield ReadFailure(f"is a line longer than {MAX_LINE_BYTES // 2**20} MiB")
        elif not line.isspace():
            try:
                yield _record(_parse(line))
            except UserError as error:
                yield ReadFailure(str(error))


def read_csv(stream: BinaryIO) -> Records:
    """Yield the record of each row under the names of the first row, delimited by commas, semicolons, tabs or bars."""
    head = stream.read(8_192)
    names = decode(head).partition("\n")[0]
    return _read_table(head, stream, max(",;\t|", key=names.count))


def read_tsv(stream: BinaryIO) -> Records:
    """Yield the record of each row under the names of the first row, delimited by tabs."""
    return _read_table(b"", stream, "\t")


def _read_table(head: bytes, stream: BinaryIO, delimiter: str) -> Records:
    text = io.StringIO(decode(head + read_all(stream, MAX_RECORDS_BYTES)), newline="")
    rows = csv.reader(text, delimiter=delimiter)
    names = [name.strip() for name in next(rows, [])]
    if not names:
        raise UserError("is empty: its first line should name the columns")
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            yield ReadFailure(f"is not well formed: {error}")
            continue
        if row is None:
            return
        if len(row) > len(names):
            yield ReadFailure(f"has {len(row)} values for {len(names)} columns")
        elif any(row):
            yield Record(dict(zip(names, row, strict=False)))


def _parse(data: bytes) -> Any:
    try:
        return orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise UserError(f"is not JSON: {error}") from None


def _record(value: object) -> Record | ReadFailure:
    return Record(value) if isinstance(value, dict) else ReadFailure("is not a JSON object")
