"""One file into its articles, by suffix."""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from searchsvc.corpus.decoding import printable
from searchsvc.corpus.formats.archives import Member, tar_members, zip_members
from searchsvc.corpus.formats.feeds import read_feed
from searchsvc.corpus.formats.html import read_html
from searchsvc.corpus.formats.records import read_csv, read_json, read_jsonl, read_tsv
from searchsvc.corpus.formats.text import read_markdown, read_text
from searchsvc.corpus.formats.warc import read_warc
from searchsvc.corpus.metadata.field_mapping import USUAL, ExtractedArticle, FieldMapper, NoTextError, extract_article
from searchsvc.corpus.uploads import Tombstone, withdrawal
from searchsvc.errors import UserError
from searchsvc.model.article import Article


@dataclass(frozen=True, slots=True)
class ReadFailure:
    """A file, or a record in it, that could not be read, and why; `path` is that of the file, plus `#n` for a record.

    It is `transient` where the system refused, not the file's content, so that the next time it may be read.
    """

    path: str
    reason: str
    transient: bool = False


Item = Article | ReadFailure | Tombstone
"""What a file holds: articles, what could not be read, and ids of articles that are withdrawn."""
_Read = ExtractedArticle | ReadFailure | Tombstone

Record = Mapping[str, Any]
"""Fields as a file names them, before the usual names are found."""

_DECOMPRESS: Mapping[str, Callable[[BinaryIO], BinaryIO]] = {
    "": lambda raw: raw,
    ".gz": lambda raw: cast(BinaryIO, gzip.GzipFile(fileobj=raw)),
    ".bz2": lambda raw: cast(BinaryIO, bz2.BZ2File(raw)),
    ".xz": lambda raw: cast(BinaryIO, lzma.open(raw)),  # noqa: SIM115  the reader closes it
}
_TEXTS: Mapping[str, Callable[[BinaryIO, FieldMapper], Record]] = {".txt": read_text, ".md": read_markdown}
_PAGES = (".html", ".htm", ".xhtml")
_MANY: Mapping[str, Callable[[BinaryIO], Iterator[Record | UserError]]] = {
    ".json": read_json,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".csv": read_csv,
    ".tsv": read_tsv,
    ".xml": read_feed,
    ".rss": read_feed,
    ".atom": read_feed,
    ".warc": read_warc,
}
_ARCHIVES: Mapping[str, Callable[[BinaryIO], Iterator[Member]]] = {".zip": zip_members, ".tar": tar_members}
_SHORT = {".tgz": (".tar", ".gz"), ".tbz2": (".tar", ".bz2"), ".txz": (".tar", ".xz")}
SUFFIXES = (*_TEXTS, *_PAGES, *_MANY, *_ARCHIVES)
"""What can be read; each also with one of .gz, .bz2 and .xz behind it."""


def is_readable(name: str) -> bool:
    """Whether there is a reader for files of this name."""
    return suffix(name) in SUFFIXES


_FAST = (".txt", ".json", ".jsonl", ".ndjson", ".csv", ".tsv")


def is_slow(name: str) -> bool:
    """Whether files of this name are likely to hold HTML, which takes long to read."""
    return suffix(name) not in _FAST


def suffix(name: str) -> str:
    """The suffix that tells the format, in small letters, and not that of the compression."""
    return _suffixes(name)[0]


class FileReader:
    """The articles of one file in order, and what in it could not be read; `path` is its name within the corpus.

    Iterating never raises for what a file holds. `bytes_read` tells how far into the file it has come.
    """

    def __init__(self, file: Path, path: str, names: FieldMapper = USUAL) -> None:
        self._file = file
        self._path = path
        self._names = names
        self._raw: BinaryIO | None = None

    @property
    def bytes_read(self) -> int:
        """Bytes of the file, compressed as it is, that were read so far."""
        return self._raw.tell() if self._raw is not None and not self._raw.closed else 0

    def __iter__(self) -> Iterator[Item]:
        return (item.article if isinstance(item, ExtractedArticle) else item for item in self.extracted())

    def extracted(self) -> Iterator[ExtractedArticle | ReadFailure | Tombstone]:
        """The same, with where each field was found."""
        return _reported(self._path, self._articles())

    def _articles(self) -> Iterator[_Read]:
        suffix, compression = _suffixes(self._path)
        if self._file.stat().st_size == 0:
            raise UserError("is empty")
        with self._file.open("rb") as self._raw, _DECOMPRESS[compression](self._raw) as stream:
            if suffix in _ARCHIVES:
                yield from _members(_ARCHIVES[suffix](stream), self._path, self._names)
            else:
                yield from _read(stream, suffix, self._path, self._names)


def _read(stream: BinaryIO, suffix: str, path: str, names: FieldMapper) -> Iterator[_Read]:
    if suffix in _TEXTS:
        yield _article(_TEXTS[suffix](stream, names), path, path, names)
        return
    if suffix in _PAGES:
        yield _article(read_html(stream), path, path, names)
        return
    for number, record in enumerate(_MANY[suffix](stream), start=1):
        yield _article(record, path, f"{path}#{number}", names)


def _members(members: Iterator[Member], archive: str, names: FieldMapper) -> Iterator[_Read]:
    """The articles of an archive's files; hidden ones and those that nothing reads are passed over."""
    for name, stream in members:
        suffix, compression = _suffixes(name)
        path = f"{archive}/{printable(name)}"
        if suffix in _ARCHIVES:
            yield ReadFailure(path, "is an archive inside an archive, which is not read: unpack it")
        elif suffix in SUFFIXES and not any(part.startswith(".") for part in name.split("/")):
            with _DECOMPRESS[compression](stream) as plain:
                yield from _reported(path, _read(plain, suffix, path, names))


def _reported(path: str, articles: Iterator[_Read]) -> Iterator[_Read]:
    """The articles, and at the end a failure if what they are read from is broken."""
    try:
        yield from articles
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        refused = isinstance(error, OSError) and error.errno is not None
        yield ReadFailure(path, f"cannot be read: {getattr(error, 'strerror', None) or error}", transient=refused)
    except UserError as error:
        yield ReadFailure(path, str(error))
    except Exception as error:  # noqa: BLE001  parsers of others raise anything on broken files, which stop nothing
        yield ReadFailure(path, _unforeseen(error))


def _article(record: Record | UserError, path: str, name: str, names: FieldMapper) -> _Read:
    if isinstance(record, UserError):
        return ReadFailure(name, str(record))
    try:
        return extract_article(record, path, name, names)
    except NoTextError:
        return withdrawal(record, path) or ReadFailure(name, "has no text")
    except Exception as error:  # noqa: BLE001  the same for a record, so that the others are read
        return ReadFailure(name, _unforeseen(error))


def _unforeseen(error: Exception) -> str:
    return f"is not well formed: {type(error).__name__}: {' '.join(str(error).split())[:500]}"


def _suffixes(name: str) -> tuple[str, str]:
    """The suffix that tells the format, and the one that tells the compression ("" for none)."""
    parts = Path(name.lower()).suffixes
    if parts and parts[-1] in _SHORT:
        return _SHORT[parts[-1]]
    compression = parts.pop() if parts and parts[-1] in _DECOMPRESS else ""
    suffix = parts[-1] if parts else ""
    # Crawls are compressed record by record: their reader does that itself.
    return suffix, "" if (suffix, compression) == (".warc", ".gz") else compression
