"""What a file holds and where each field was found, for a person who wants to know how the file is read."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from searchsvc.corpus.budget import TimeBudget
from searchsvc.corpus.decisions import listening
from searchsvc.corpus.formats import (
    HEAD_BYTES,
    is_readable,
    known_suffixes,
    load_plugin,
    may_be_told,
    reader_module,
    reason_to_skip,
    sniff,
    suffix,
)
from searchsvc.corpus.metadata.field_mapping import FieldMapper
from searchsvc.corpus.reader import FileReader
from searchsvc.corpus.reader_process import ReaderProcesses
from searchsvc.corpus.record import ExtractedItem, ReadFailure
from searchsvc.errors import UserError
from searchsvc.model.article import FieldMapping


def find_format(file: Path) -> tuple[str, str]:
    """Return the suffix of the format that a file has, and what tells it. Raise UserError if the file is skipped."""
    if is_readable(file.name):
        return suffix(file.name), "its name"
    problem = f"{file} is skipped: {reason_to_skip(file.name)}"
    if not may_be_told(file.name):
        raise UserError(f"{problem}; known formats are {', '.join(known_suffixes())}", param="path")
    with file.open("rb") as stream:
        told = sniff(stream.read(HEAD_BYTES))
    if not told:
        raise UserError(
            f"{problem}: neither its name nor its first bytes tell one of {', '.join(known_suffixes())}", param="path"
        )
    return told, "its first bytes"


class Inspection(NamedTuple):
    """The first items of a file, and by subject what was decided about the file as a whole, such as its encoding."""

    items: list[ExtractedItem]
    decisions: Mapping[str, str]


def inspect_file(file: Path, mapping: FieldMapping, limit: int) -> Inspection:
    """Return the first `limit` items of a file, or the one reason why it cannot be read within the budget."""
    try:
        *items, decisions = ReaderProcesses().run(_inspect, file, mapping, limit)
    except UserError as error:
        return Inspection([ReadFailure(str(error), file.name)], {})
    return Inspection(items, decisions)


def _inspect(budget: TimeBudget, file: Path, mapping: FieldMapping, limit: int) -> Iterator[ExtractedItem | dict[str, str]]:
    import_module(reader_module(file.name))  # at no file's expense
    budget.begin()
    load_plugin(file.name)
    budget.begin()
    reader = FileReader(file, file.name, FieldMapper(mapping), budget.add_bytes)
    with listening() as decisions:
        yield from islice(reader.extracted(), limit)
    yield decisions
