"""The table of file formats by suffix."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, NamedTuple

from searchsvc.corpus.formats.archives import ARCHIVES, DECOMPRESSORS
from searchsvc.corpus.record import ReadFailure, Record

FieldLookup = Callable[[str], str | None]  # returns the article field of a name, or None if the name is unknown


class Format(NamedTuple):
    """A file format: the module of this package and the function in it that read the format.

    A reader of a format that `has_headers`, or other names that it has to know, needs a `FieldLookup`. A
    format that `is_slow` is likely to hold HTML.
    """

    module: str
    function: str
    holds_one: bool = False
    has_headers: bool = False
    is_slow: bool = False

    def read(self, stream: BinaryIO, field_of: FieldLookup) -> Iterator[Record | ReadFailure]:
        """Yield the records of a stream. Import the reader if it is the first stream of this format."""
        reader: Callable[..., Iterator[Record | ReadFailure]] = getattr(import_module(self.module_name), self.function)
        return reader(stream, field_of) if self.has_headers else reader(stream)

    @property
    def module_name(self) -> str:
        return f"{__package__}.{self.module}"


FORMATS: Mapping[str, Format] = {
    ".txt": Format("text", "read_text", holds_one=True, has_headers=True),
    ".md": Format("text", "read_markdown", holds_one=True, has_headers=True, is_slow=True),
    **dict.fromkeys((".html", ".htm", ".xhtml"), Format("html", "read_html", holds_one=True, is_slow=True)),
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), Format("records", "read_json", has_headers=True)),
    ".csv": Format("tables", "read_csv"),
    ".tsv": Format("tables", "read_tsv"),
    **dict.fromkeys((".xml", ".rss", ".atom"), Format("feeds", "read_feed", is_slow=True)),
    ".warc": Format("warc", "read_warc", is_slow=True),
}
SUFFIXES = (*FORMATS, *ARCHIVES)  # each may be followed by the suffix of a compression
_SHORT_SUFFIXES = {".tgz": (".tar", ".gz"), ".tbz2": (".tar", ".bz2"), ".txz": (".tar", ".xz")}


def is_readable(name: str) -> bool:
    """Return whether files of this name have a known format."""
    return suffix(name) in SUFFIXES


def is_slow(name: str) -> bool:
    """Return whether a readable file of this name is likely to hold HTML, which takes a hundred times as long to read."""
    file_format = FORMATS.get(suffix(name))
    return file_format is None or file_format.is_slow


def suffix(name: str) -> str:
    """Return the suffix of the format in lower case, without the suffix of the compression."""
    return split_suffixes(name)[0]


def split_suffixes(name: str) -> tuple[str, str]:
    """Return the suffix of the format and the suffix of the compression, in lower case. Each is "" if there is none."""
    suffixes = Path(name.lower()).suffixes
    if suffixes and suffixes[-1] in _SHORT_SUFFIXES:
        return _SHORT_SUFFIXES[suffixes[-1]]
    compression = suffixes.pop() if suffixes and suffixes[-1] in DECOMPRESSORS else ""
    format_suffix = suffixes[-1] if suffixes else ""
    # The records of a WARC file are compressed one by one, and its reader decompresses them.
    return format_suffix, "" if (format_suffix, compression) == (".warc", ".gz") else compression
