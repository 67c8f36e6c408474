"""What a file holds and where each field was found, for a person who wants to know how the file is read."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from searchsvc.corpus.budget import TimeBudget
from searchsvc.corpus.metadata.field_mapping import FieldMapper
from searchsvc.corpus.reader import FileReader
from searchsvc.corpus.reader_process import ReaderProcesses
from searchsvc.corpus.record import ExtractedItem, ReadFailure
from searchsvc.errors import UserError
from searchsvc.model.article import FieldMapping


def extract_file(file: Path, mapping: FieldMapping, limit: int) -> list[ExtractedItem]:
    """Return the first `limit` items of a file, or the one reason why it cannot be read within the budget."""
    try:
        return ReaderProcesses().run(_extract, file, mapping, limit)
    except UserError as error:
        return [ReadFailure(str(error), file.name)]


def _extract(budget: TimeBudget, file: Path, mapping: FieldMapping, limit: int) -> Iterator[ExtractedItem]:
    budget.begin()
    reader = FileReader(file, file.name, FieldMapper(mapping), budget.add_bytes)
    yield from islice(reader.extracted(), limit)
