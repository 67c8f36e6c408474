"""One file into its articles, by suffix."""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from searchsvc.corpus.fields import NoTextError, to_article
from searchsvc.corpus.html import read_html
from searchsvc.corpus.records import read_csv, read_json, read_jsonl, read_tsv
from searchsvc.corpus.text import read_markdown, read_text
from searchsvc.errors import UserError
from searchsvc.model import Article


@dataclass(frozen=True, slots=True)
class Failure:
    """A file, or a record in it, that could not be read, and why; `path` is that of the file, plus `#n` for a record."""

    path: str
    reason: str


Record = Mapping[str, Any]
"""Fields as a file names them, before the usual names are found."""

_DECOMPRESS: Mapping[str, Callable[[BinaryIO], BinaryIO]] = {
    "": lambda raw: raw,
    ".gz": lambda raw: cast(BinaryIO, gzip.GzipFile(fileobj=raw)),
    ".bz2": lambda raw: cast(BinaryIO, bz2.BZ2File(raw)),
    ".xz": lambda raw: cast(BinaryIO, lzma.open(raw)),  # noqa: SIM115  the reader closes it
}
_SINGLE: Mapping[str, Callable[[BinaryIO], Record]] = {
    ".txt": read_text,
    ".md": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
}
_MANY: Mapping[str, Callable[[BinaryIO], Iterator[Record | UserError]]] = {
    ".json": read_json,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".csv": read_csv,
    ".tsv": read_tsv,
}
SUFFIXES = (*_SINGLE, *_MANY)
"""What can be read; each also with one of .gz, .bz2 and .xz behind it."""


def is_readable(name: str) -> bool:
    """Whether there is a reader for files of this name."""
    return _suffixes(name)[0] in SUFFIXES


class Reading:
    """The articles of one file in order, and what in it could not be read; `path` is its name within the corpus.

    Iterating never raises for what a file holds. `bytes_read` tells how far into the file it has come.
    """

    def __init__(self, file: Path, path: str) -> None:
        self._file = file
        self._path = path
        self._raw: BinaryIO | None = None

    @property
    def bytes_read(self) -> int:
        """Bytes of the file, compressed as it is, that were read so far."""
        return self._raw.tell() if self._raw is not None and not self._raw.closed else 0

    def __iter__(self) -> Iterator[Article | Failure]:
        try:
            yield from self._articles()
        except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
            yield Failure(self._path, f"cannot be read: {getattr(error, 'strerror', None) or error}")
        except UserError as error:
            yield Failure(self._path, str(error))
        except Exception as error:  # noqa: BLE001  parsers of others raise anything on broken files, which stop nothing
            yield Failure(self._path, _unforeseen(error))

    def _articles(self) -> Iterator[Article | Failure]:
        suffix, compression = _suffixes(self._path)
        with self._file.open("rb") as self._raw, _DECOMPRESS[compression](self._raw) as stream:
            if suffix in _SINGLE:
                yield _article(_SINGLE[suffix](stream), self._path, self._path)
                return
            for number, record in enumerate(_MANY[suffix](stream), start=1):
                yield _article(record, self._path, f"{self._path}#{number}")


def _article(record: Record | UserError, path: str, name: str) -> Article | Failure:
    if isinstance(record, UserError):
        return Failure(name, str(record))
    try:
        return to_article(record, path, name)
    except NoTextError:
        return Failure(name, "has no text")
    except Exception as error:  # noqa: BLE001  the same for a record, so that the others are read
        return Failure(name, _unforeseen(error))


def _unforeseen(error: Exception) -> str:
    return f"is not well formed: {type(error).__name__}: {' '.join(str(error).split())[:500]}"


def _suffixes(name: str) -> tuple[str, str]:
    """The suffix that tells the format, and the one that tells the compression ("" for none)."""
    parts = Path(name.lower()).suffixes
    compression = parts.pop() if parts and parts[-1] in _DECOMPRESS else ""
    return (parts[-1] if parts else ""), compression
