"""Reading of one file: decompression, the format of its suffix, archives, and failures instead of exceptions."""

import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeVar, cast

from searchsvc.corpus.budget import NEEDS_MEMORY
from searchsvc.corpus.decoding import escape_unprintable
from searchsvc.corpus.formats import ARCHIVES, FORMATS, SUFFIXES, decompress, split_suffixes
from searchsvc.corpus.formats.archives import Member
from searchsvc.corpus.formats.registry import FieldLookup
from searchsvc.corpus.metadata.date_columns import DateColumns
from searchsvc.corpus.metadata.field_mapping import DEFAULT_MAPPER, FieldMapper, NoTextError, extract_article
from searchsvc.corpus.record import ExtractedArticle, ExtractedItem, Item, ReadFailure, ReadNote, Record
from searchsvc.corpus.uploads import parse_tombstone
from searchsvc.errors import UserError

MAX_FAILURES = 1_000  # of a file that are listed
OnUnpacked = Callable[[int], None]
"""A function that is told how many more bytes of a file have been unpacked."""


class _Entry(NamedTuple):
    """A record, the path of the file or member of an archive that it is from, and its own path, which has its number."""

    record: Record
    path: str
    name: str


_Entries = Iterator[_Entry | ReadFailure | ReadNote]
_T = TypeVar("_T")


def read_file(file: Path, path: str, mapper: FieldMapper = DEFAULT_MAPPER) -> Iterator[Item]:
    """Yield the items of a file, whose `path` within the corpus tells the format. Nothing that it holds raises an error."""
    return iter(FileReader(file, path, mapper))


class FileReader:
    """A reader of one file that also knows its progress and the provenance of fields. Iterate over it for the items."""

    def __init__(
        self,
        file: Path,
        path: str,
        mapper: FieldMapper = DEFAULT_MAPPER,
        on_unpacked: OnUnpacked = lambda _: None,
    ) -> None:
        self._file = file
        self._path = path
        self._mapper = mapper
        self._on_unpacked = on_unpacked
        self._raw: BinaryIO | None = None
        self._dates = DateColumns(self._read_ahead)

    @property
    def bytes_read(self) -> int:
        """The number of bytes of the file that have been read so far, before decompression."""
        return self._raw.tell() if self._raw is not None and not self._raw.closed else 0

    def __iter__(self) -> Iterator[Item]:
        return (item.article if isinstance(item, ExtractedArticle) else item for item in self.extracted())

    def extracted(self) -> Iterator[ExtractedItem]:
        """Yield the items of the file, articles with the provenance of their fields."""
        return chain(_catch_failures(self._path, _limit_failures(self._path, self._items())), self._notes())

    def _items(self) -> Iterator[ExtractedItem]:
        for entry in self._entries():
            yield self._extract(entry) if isinstance(entry, _Entry) else entry

    def _notes(self) -> Iterator[ReadNote]:
        yield from (ReadNote(text, path) for path, text in self._dates.undecided())

    def _extract(self, entry: _Entry) -> ExtractedItem:
        record, path, name = entry
        try:
            return extract_article(record, path, name, self._mapper, partial(self._dates.order, path))
        except NoTextError:
            return parse_tombstone(record.fields, path) or ReadFailure("has no text", name)
        except Exception as error:  # noqa: BLE001  one bad record must not hide the others of its file
            return ReadFailure(_describe_unexpected(error), name)

    def _read_ahead(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the dates of each record. What cannot be read is reported when the file is read for good."""
        ahead = FileReader(self._file, self._path, self._mapper, self._on_unpacked)
        for entry in _catch_failures(self._path, ahead._entries()):
            if isinstance(entry, _Entry):
                fields = entry.record.fields.items()
                yield entry.path, {name: value for name, value in fields if self._mapper.field(str(name)) == "date"}

    def _entries(self) -> _Entries:
        suffix, compression = split_suffixes(self._path)
        if self._file.stat().st_size == 0:
            raise UserError("is empty")
        with self._file.open("rb") as self._raw, decompress(self._raw, compression) as plain:
            stream = self._metered(plain)
            if suffix in ARCHIVES:
                yield from self._read_members(ARCHIVES[suffix](stream))
            else:
                yield from _read_stream(stream, suffix, self._path, self._mapper.field)

    def _read_members(self, members: Iterator[Member]) -> _Entries:
        """Yield the records of the files in an archive. Hidden files and those of unknown formats are skipped."""
        for name, member in members:
            suffix, compression = split_suffixes(name)
            path = f"{self._path}/{escape_unprintable(name)}"
            if suffix in ARCHIVES:
                yield ReadFailure("is an archive inside an archive: unpack it", path)
            elif suffix in SUFFIXES and not any(part.startswith(".") for part in name.split("/")):
                with decompress(member, compression) as plain:
                    yield from _catch_failures(path, _read_stream(self._metered(plain), suffix, path, self._mapper.field))

    def _metered(self, stream: BinaryIO) -> BinaryIO:
        return cast(BinaryIO, _MeteredStream(stream, self._on_unpacked))


class _MeteredStream:
    """A stream that tells how many bytes are read from it."""

    def __init__(self, stream: BinaryIO, on_unpacked: OnUnpacked) -> None:
        self._stream = stream
        self._on_unpacked = on_unpacked

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._on_unpacked(len(data))
        return data

    def readline(self, size: int = -1) -> bytes:
        line = self._stream.readline(size)
        self._on_unpacked(len(line))
        return line

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _read_stream(stream: BinaryIO, suffix: str, path: str, field_of: FieldLookup) -> _Entries:
    file_format, number = FORMATS[suffix], 0
    for record in file_format.read(stream, field_of):
        if isinstance(record, ReadNote):
            yield replace(record, path=path)
            continue
        number += 1
        name = path if file_format.holds_one else f"{path}#{number}"
        yield replace(record, path=name) if isinstance(record, ReadFailure) else _Entry(record, path, name)


def _limit_failures(path: str, items: Iterator[ExtractedItem]) -> Iterator[ExtractedItem]:
    """Yield the items with no more than `MAX_FAILURES` failures, and one more that counts the others."""
    failures = 0
    for item in items:
        failures += isinstance(item, ReadFailure)
        if failures <= MAX_FAILURES or not isinstance(item, ReadFailure):
            yield item
    if failures > MAX_FAILURES:
        yield ReadFailure(f"has {failures - MAX_FAILURES:,} more parts that cannot be read", path)


def _catch_failures(path: str, items: Iterator[_T]) -> Iterator[_T | ReadFailure]:
    """Yield the items, and a failure at the end if an error broke off the reading."""
    try:
        yield from items
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        reason = f"cannot be read: {getattr(error, 'strerror', None) or error}"
        yield ReadFailure(reason, path, transient=getattr(error, "errno", None) is not None)
    except UserError as error:
        yield ReadFailure(str(error), path)
    except Exception as error:  # noqa: BLE001  parsing libraries raise anything for broken files
        yield ReadFailure(_describe_unexpected(error), path)


def _describe_unexpected(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return NEEDS_MEMORY
    return f"is not well formed: {type(error).__name__}: {' '.join(str(error).split())[:500]}"
