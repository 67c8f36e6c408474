"""Tasks of reader processes for uploads, whose content must not be parsed in a process that serves."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from searchsvc.corpus.budget import TimeBudget
from searchsvc.corpus.metadata.field_mapping import FieldMapper
from searchsvc.corpus.metadata.identifiers import bounded
from searchsvc.corpus.metadata.values import identifier
from searchsvc.corpus.reader import FileReader
from searchsvc.corpus.record import ReadFailure, Tombstone
from searchsvc.corpus.uploads import dump_record
from searchsvc.durable import write_durably
from searchsvc.errors import ServiceError, UserError
from searchsvc.model.article import Article, FieldMapping


def prepare_upload(budget: TimeBudget, file: Path, path: str, article_id: str, mapping: FieldMapping) -> Iterator[None]:
    """Add the id to the record in the file of an upload. Yield nothing.

    Raise UserError if it is not one article, and ServiceError if it cannot be written.
    """
    budget.begin()
    budget.add_bytes(file.stat().st_size)
    content = dump_record({"id": article_id, **_parse_record(file.read_bytes())})
    try:
        write_durably(file, content)
    except OSError as error:
        raise ServiceError(f"the upload {file} cannot be written ({error.strerror}): nothing was changed") from error
    reader = FileReader(file, path, FieldMapper(mapping), budget.add_bytes)
    _require_article(list(islice(reader, 2)), article_id)  # as a reindex will read it
    yield from ()


def read_id(budget: TimeBudget, data: bytes) -> Iterator[str]:
    """Yield the id in the record of an upload. Raise UserError if it has none."""
    budget.begin()
    budget.add_bytes(len(data))
    article_id = bounded(identifier(_parse_record(data, "line").get("id")))
    if not article_id:
        raise UserError("the article has no id", param="id")
    yield article_id


def is_tombstone(budget: TimeBudget, file: Path, path: str) -> Iterator[bool]:
    """Yield whether the file of an upload is a tombstone."""
    budget.begin()
    yield any(isinstance(item, Tombstone) for item in FileReader(file, path, on_unpacked=budget.add_bytes))


def _parse_record(data: bytes, place: str = "body") -> dict[str, Any]:
    try:
        record = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise UserError(f"the {place} is not JSON: {error}", position=error.pos) from None
    if not isinstance(record, dict):
        raise UserError(f"the {place} must be a JSON object with the fields of an article")
    return record


def _require_article(items: list[object], article_id: str) -> None:
    match items:
        case [Article(id=found)] if found == article_id:
            return
        case [Article(id=found)]:
            raise UserError(f"the article has the id “{found[:200]}”, but the address names another one", param="id")
        case [ReadFailure(reason=reason)]:
            raise UserError(f"the article {reason}")
        case _:
            raise UserError("send one JSON object with the fields of one article")
