"""JSON of one record or many, in any arrangement. A bad record yields a failure and does not affect the others."""

from collections.abc import Iterator, Mapping
from io import StringIO
from itertools import chain
from typing import Any, BinaryIO

from searchsvc.corpus.budget import NEEDS_MEMORY
from searchsvc.corpus.decisions import decide
from searchsvc.corpus.decoding import CHUNK_BYTES, DecodedText
from searchsvc.corpus.formats.json_lines import JsonLines
from searchsvc.corpus.formats.json_stream import JsonReader
from searchsvc.corpus.formats.json_tables import find_table
from searchsvc.corpus.formats.record_lists import NO_RECORDS, ROOT, RecordWalk, Survey, describe_paths
from searchsvc.corpus.formats.record_shape import bulk_action, plain, unwrap
from searchsvc.corpus.formats.registry import FieldLookup
from searchsvc.corpus.record import ReadFailure, Record
from searchsvc.errors import UserError

HEAD_CHARACTERS = 8 * 2**20  # of JSON in which its records are looked for

Records = Iterator[Record | ReadFailure]


def read_json(stream: BinaryIO, field_of: FieldLookup) -> Records:
    """Yield the records of JSON: of a list, which may be wrapped in objects, or of values one after the other."""
    text = DecodedText(stream)
    head = text.read(HEAD_CHARACTERS)
    survey = Survey(JsonReader(StringIO(), head), field_of)
    if survey.begins_with not in ("[", "{"):
        raise UserError(NO_RECORDS)
    paths = survey.choose()
    decide("records", describe_paths(paths))
    if paths:
        is_by_line = paths == (ROOT,) and text.is_utf_8
        values = _read_lines(head, text) if is_by_line else RecordWalk(JsonReader(_Rejoined(head, text)), paths).values()
        yield from _require_record(_join_bulk(values, field_of))


def _read_lines(head: str, text: DecodedText) -> Iterator[Any]:
    """Yield the values of a text: by line, and from the first line on that is not one value, as they come."""
    encoded = head.encode()
    pieces = (encoded[begin : begin + CHUNK_BYTES] for begin in range(0, len(encoded), CHUNK_BYTES))
    lines = JsonLines(chain(pieces, text.utf_8_chunks()))
    yield from lines.values()
    text.put_back(b"".join((lines.rest, *pieces)))
    yield from RecordWalk(JsonReader(text), (ROOT,), lines.first_key()).values()


class _Rejoined:
    """A text whose head has been read already. The head is given out by the piece: each is copied several times."""

    def __init__(self, head: str, rest: DecodedText) -> None:
        self._head = StringIO(head)
        self._rest = rest

    def read(self, size: int) -> str:
        return self._head.read(size) or self._rest.read(size)


def _require_record(records: Records) -> Records:
    """Yield the records. Raise UserError if there is nothing but one failure, which is that of the whole file."""
    first, second = next(records, None), next(records, None)
    if isinstance(first, ReadFailure) and second is None:
        raise UserError(first.reason)
    yield from filter(None, (first, second))
    yield from records


def _join_bulk(values: Iterator[Any], field_of: FieldLookup) -> Records:
    """Yield a record for each value. Lines that say what a bulk file does with the next one give it their id."""
    action: Mapping[str, Any] = {}
    has_table = False
    for value in values:
        if isinstance(value, ReadFailure):
            yield value
        elif not isinstance(value, dict):
            yield ReadFailure("is not a JSON object")
        elif (found := bulk_action(value)) is not None:
            action = found
        elif (table := find_table(value, field_of)) is not None:
            decide("records", f"the rows of a table of {len(table.names)} columns")
            rows = table.records(are_labels_ids=not has_table)  # those of several tables may be the same
            yield from (Record(row) if isinstance(row, dict) else row for row in rows)
            has_table = True
        else:
            article = {"_id": action["_id"], **value} if "_id" in action else value
            yield _convert(article, field_of)
            action = {}


def _convert(article: Mapping[str, Any], field_of: FieldLookup) -> Record | ReadFailure:
    try:
        return Record(unwrap(plain(article), field_of))
    except MemoryError:  # it was just small enough to be parsed
        return ReadFailure(NEEDS_MEMORY)
