"""Files of many records: JSON, JSON Lines, CSV and TSV. A bad record yields a failure and does not affect the others."""

import csv
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, BinaryIO

import orjson

from searchsvc.corpus.budget import NEEDS_MEMORY
from searchsvc.corpus.decoding import MAX_TEXT_BYTES, decode_stream, read_chunks
from searchsvc.corpus.formats.json_stream import split_records
from searchsvc.corpus.record import ReadFailure, Record
from searchsvc.errors import UserError

MAX_LINE_BYTES = 2 * MAX_TEXT_BYTES
MAX_WHOLE_BYTES = 8 * 2**20  # of JSON that is parsed as a whole, which may need fifty times the memory
_LIST_NAMES = ("articles", "items", "results", "documents", "docs", "records", "data", "entries", "posts", "hits")

csv.field_size_limit(MAX_TEXT_BYTES)

Records = Iterator[Record | ReadFailure]


def read_json(stream: BinaryIO) -> Records:
    """Yield the one record of a JSON file, or each of a list, which may stand in an object as `articles`, `items` or so."""
    head = stream.read(MAX_WHOLE_BYTES)
    if len(head) == MAX_WHOLE_BYTES:
        yield from _read_json_stream(chain([head], read_chunks(stream)))
        return
    value = _parse(head)
    if isinstance(value, dict):
        lists = [value[name] for name in _LIST_NAMES if isinstance(value.get(name), list)]
        value = lists[0] if lists and all(isinstance(item, dict) for item in lists[0]) else [value]
    if not isinstance(value, list):
        raise UserError("is neither an object nor a list of objects")
    yield from map(_record, value)


def _read_json_stream(chunks: Iterator[bytes]) -> Records:
    is_empty = True
    for record in split_records(chunks, _LIST_NAMES, MAX_LINE_BYTES):
        is_empty = False
        yield _parsed_record(record)
    if is_empty:
        raise UserError("is neither an object nor a list of objects")


def read_jsonl(stream: BinaryIO) -> Records:
    """Yield the record of each line. Blank lines are skipped."""
    while line := stream.readline(MAX_LINE_BYTES):
        if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
            while (rest := stream.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
                pass
            yield ReadFailure(f"is a line longer than {MAX_LINE_BYTES // 2**20} MiB")
        elif not line.isspace():
            yield _parsed_record(line)


def read_csv(stream: BinaryIO) -> Records:
    """Yield the record of each row under the names of the first row, delimited by commas, semicolons, tabs or bars."""
    text = decode_stream(stream)
    first = text.readline()
    return _read_table(chain([first], text), max(",;\t|", key=first.count))


def read_tsv(stream: BinaryIO) -> Records:
    """Yield the record of each row under the names of the first row, delimited by tabs."""
    return _read_table(decode_stream(stream), "\t")


def _read_table(lines: Iterable[str], delimiter: str) -> Records:
    rows = csv.reader(lines, delimiter=delimiter)
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
    except (MemoryError, SystemError):  # orjson raises either if there is no memory
        raise UserError(NEEDS_MEMORY) from None


def _parsed_record(data: bytes) -> Record | ReadFailure:
    try:
        return _record(_parse(data))
    except UserError as error:
        return ReadFailure(str(error))


def _record(value: object) -> Record | ReadFailure:
    return Record(value) if isinstance(value, dict) else ReadFailure("is not a JSON object")
