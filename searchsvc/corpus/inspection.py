"""What a file holds and where each field was found, for a person who wants to know how the file is read."""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from searchsvc.corpus.budget import TimeBudget
from searchsvc.corpus.decisions import listening
from searchsvc.corpus.metadata.field_mapping import FieldMapper
from searchsvc.corpus.reader import FileReader
from searchsvc.corpus.reader_process import ReaderProcesses
from searchsvc.corpus.record import ExtractedItem, ReadFailure
from searchsvc.errors import UserError
from searchsvc.model.article import FieldMapping


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
    budget.begin()
    reader = FileReader(file, file.name, FieldMapper(mapping), budget.add_bytes)
    with listening() as decisions:
        yield from islice(reader.extracted(), limit)
    yield decisions
