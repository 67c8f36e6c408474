"""Reading of one file: decompression, the format of its suffix, archives, and failures instead of exceptions."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeVar, cast

from searchsvc.corpus.budget import NEEDS_MEMORY
from searchsvc.corpus.decoding import READ_ERRORS, escape_unprintable
from searchsvc.corpus.formats import (
    ARCHIVES,
    HEAD_BYTES,
    Found,
    OnUnpacked,
    PluginError,
    decompress,
    format_of,
    is_known,
    is_readable,
    may_be_told,
    reason_to_skip,
    sniff,
    split_suffixes,
    suffix,
)
from searchsvc.corpus.formats.archives import Member
from searchsvc.corpus.metadata.date_columns import DateColumns
from searchsvc.corpus.metadata.field_mapping import DEFAULT_MAPPER, FieldMapper, NoTextError, extract_article
from searchsvc.corpus.record import ExtractedArticle, ExtractedItem, Item, ReadFailure, ReadNote, Record
from searchsvc.corpus.uploads import parse_tombstone
from searchsvc.errors import UserError
from searchsvc.model.skipped import HIDDEN, SkipCounter, SkippedFiles

MAX_FAILURES = 1_000  # of a file that are listed


class _Entry(NamedTuple):
    """A record, the path of the file or member of an archive that it is from, and its own path, which has its number."""

    record: Record
    path: str
    name: str


_Entries = Iterator[_Entry | ReadFailure | ReadNote | SkippedFiles]
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
        with closing(self._dates):
            yield from _catch_failures(self._path, _limit_failures(self._path, self._items()))
            yield from self._notes()

    def _items(self) -> Iterator[ExtractedItem]:
        for entry in self._entries():
            yield self._extract(entry) if isinstance(entry, _Entry) else entry

    def _notes(self) -> Iterator[ReadNote]:
        yield from (ReadNote(text, path) for path, text in self._dates.undecided())

    def _extract(self, entry: _Entry) -> ExtractedItem:
        record, path, name = entry
        order_of = partial(self._dates.order, path, has_neighbours=name != path)
        try:
            return extract_article(record, path, name, self._mapper, order_of)
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
            if suffix in ARCHIVES:
                yield from self._read_members(ARCHIVES[suffix](self._metered(plain)))
                return
            records = self._read_stream(plain, self._path, self._path)
            if records is None:
                raise UserError("is of no known format: neither its suffix nor its first bytes tell one")
            yield from records

    def _read_members(self, members: Iterator[Member]) -> _Entries:
        """Yield the records of the files in an archive, and at last the numbers of those that were skipped."""
        skipped = SkipCounter()
        for name, member in members:
            member_suffix, compression = split_suffixes(name)
            path = f"{self._path}/{escape_unprintable(name)}"
            if member_suffix in ARCHIVES:
                yield ReadFailure("is an archive inside an archive: unpack it", path)
            elif any(part.startswith(".") for part in name.split("/")):
                skipped.add(HIDDEN)
            elif not (is_readable(name) or may_be_told(name)):
                skipped.add(reason_to_skip(name), suffix(name))
            else:
                with decompress(member, compression) as plain:
                    records = self._read_stream(plain, name, path)
                    if records is None:
                        skipped.add(reason_to_skip(name), suffix(name))
                    else:
                        yield from _catch_failures(path, records)
        yield from skipped

    def _read_stream(self, stream: BinaryIO, name: str, path: str) -> _Entries | None:
        """Return the records of a stream that is named so. Return None if neither name nor content tell its format."""
        format_suffix = split_suffixes(name)[0]
        if not is_known(format_suffix):
            head: bytes = cast(Any, stream).peek(HEAD_BYTES)  # which all streams of files and archives have
            format_suffix = sniff(head[:HEAD_BYTES])
        return self._records(self._metered(stream), format_suffix, path) if format_suffix else None

    def _records(self, stream: BinaryIO, format_suffix: str, path: str) -> _Entries:
        if (file_format := format_of(format_suffix)) is None:
            raise UserError("is of no known format")
        number, found = 0, file_format.read(stream, self._mapper.field, self._on_unpacked)
        is_one = file_format.holds_one or isinstance(found, Found)
        for record in (found,) if isinstance(found, Found) else found:
            if isinstance(record, ReadNote):
                yield replace(record, path=path)
                continue
            number += 1
            name = path if is_one else f"{path}#{number}"
            yield replace(record, path=name) if isinstance(record, ReadFailure) else _Entry(record, path, name)

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

    def read1(self, size: int = -1) -> bytes:
        data: bytes = self._stream.read1(size)  # type: ignore[attr-defined]  # all streams have it, but not BinaryIO
        self._on_unpacked(len(data))
        return data

    def readline(self, size: int = -1) -> bytes:
        line = self._stream.readline(size)
        self._on_unpacked(len(line))
        return line

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


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
    except READ_ERRORS as error:
        reason = f"cannot be read: {getattr(error, 'strerror', None) or error}"
        yield ReadFailure(reason, path, transient=getattr(error, "errno", None) is not None)
    except PluginError as error:
        yield ReadFailure(str(error), path, transient=error.transient)
    except UserError as error:
        yield ReadFailure(str(error), path)
    except Exception as error:  # noqa: BLE001  parsing libraries raise anything for broken files
        yield ReadFailure(_describe_unexpected(error), path)


def _describe_unexpected(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return NEEDS_MEMORY
    return f"is not well formed: {type(error).__name__}: {' '.join(str(error).split())[:500]}"
