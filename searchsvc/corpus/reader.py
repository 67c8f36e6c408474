"""Reading of one file: decompression, the format of its suffix, archives, and failures instead of exceptions."""

import lzma
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from searchsvc.corpus.decoding import escape_unprintable
from searchsvc.corpus.formats import ARCHIVES, FORMATS, SUFFIXES, decompress, split_suffixes
from searchsvc.corpus.formats.archives import Member
from searchsvc.corpus.metadata.field_mapping import DEFAULT_MAPPER, FieldMapper, NoTextError, extract_article
from searchsvc.corpus.record import ExtractedArticle, ExtractedItem, Item, ReadFailure, Record
from searchsvc.corpus.uploads import parse_tombstone
from searchsvc.errors import UserError


def read_file(file: Path, path: str, mapper: FieldMapper = DEFAULT_MAPPER) -> Iterator[Item]:
    """Yield the items of a file, whose `path` within the corpus tells the format. Nothing that it holds raises an error."""
    return iter(FileReader(file, path, mapper))


class FileReader:
    """A reader of one file that also knows its progress and the provenance of fields. Iterate over it for the items."""

    def __init__(self, file: Path, path: str, mapper: FieldMapper = DEFAULT_MAPPER) -> None:
        self._file = file
        self._path = path
        self._mapper = mapper
        self._raw: BinaryIO | None = None

    @property
    def bytes_read(self) -> int:
        """The number of bytes of the file that have been read so far, before decompression."""
        return self._raw.tell() if self._raw is not None and not self._raw.closed else 0

    def __iter__(self) -> Iterator[Item]:
        return (item.article if isinstance(item, ExtractedArticle) else item for item in self.extracted())

    def extracted(self) -> Iterator[ExtractedItem]:
        """Yield the items of the file, articles with the provenance of their fields."""
        return _catch_failures(self._path, self._items())

    def _items(self) -> Iterator[ExtractedItem]:
        suffix, compression = split_suffixes(self._path)
        if self._file.stat().st_size == 0:
            raise UserError("is empty")
        with self._file.open("rb") as self._raw, decompress(self._raw, compression) as stream:
            if suffix in ARCHIVES:
                yield from _read_members(ARCHIVES[suffix](stream), self._path, self._mapper)
            else:
                yield from _read_stream(stream, suffix, self._path, self._mapper)


def _read_members(members: Iterator[Member], archive: str, mapper: FieldMapper) -> Iterator[ExtractedItem]:
    """Yield the items of the files in an archive. Hidden files and those of unknown formats are skipped."""
    for name, stream in members:
        suffix, compression = split_suffixes(name)
        path = f"{archive}/{escape_unprintable(name)}"
        if suffix in ARCHIVES:
            yield ReadFailure("is an archive inside an archive: unpack it", path)
        elif suffix in SUFFIXES and not any(part.startswith(".") for part in name.split("/")):
            with decompress(stream, compression) as plain:
                yield from _catch_failures(path, _read_stream(plain, suffix, path, mapper))


def _read_stream(stream: BinaryIO, suffix: str, path: str, mapper: FieldMapper) -> Iterator[ExtractedItem]:
    file_format = FORMATS[suffix]
    for number, record in enumerate(file_format.read(stream, mapper.field), start=1):
        name = path if file_format.holds_one else f"{path}#{number}"
        yield replace(record, path=name) if isinstance(record, ReadFailure) else _extract(record, path, name, mapper)


def _extract(record: Record, path: str, name: str, mapper: FieldMapper) -> ExtractedItem:
    try:
        return extract_article(record, path, name, mapper)
    except NoTextError:
        return parse_tombstone(record.fields, path) or ReadFailure("has no text", name)
    except Exception as error:  # noqa: BLE001  one bad record must not hide the others of its file
        return ReadFailure(_describe_unexpected(error), name)


def _catch_failures(path: str, items: Iterator[ExtractedItem]) -> Iterator[ExtractedItem]:
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
    return f"is not well formed: {type(error).__name__}: {' '.join(str(error).split())[:500]}"
