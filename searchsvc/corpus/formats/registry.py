"""The table of file formats by suffix: those of this package, and those of plug-ins."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import BinaryIO, NamedTuple

from searchsvc.corpus.formats.archives import ARCHIVES, DECOMPRESSORS
from searchsvc.corpus.formats.plugins import Plugin, PluginError, Plugins, find_plugins
from searchsvc.corpus.formats.sniffing import is_of_other_kind
from searchsvc.corpus.record import ReadFailure, ReadNote, Record
from searchsvc.errors import UserError
from searchsvc.extras import describe_missing
from searchsvc.model.skipped import UNKNOWN_FORMAT

FieldLookup = Callable[[str], str | None]  # returns the article field of a name, or None if the name is unknown
OnUnpacked = Callable[[int], None]
"""A function that is told how many more bytes of a file have been unpacked."""


class Format(NamedTuple):
    """A file format: the module of this package and the function in it that read the format.

    A reader of a format that `has_headers`, or other names that it has to know, needs a `FieldLookup`, and one that
    `unpacks` what is inside the file an `OnUnpacked`. A format that `is_slow` is likely to hold HTML. It may need an
    `extra` of the package.
    """

    module: str
    function: str
    holds_one: bool = False
    has_headers: bool = False
    is_slow: bool = False
    unpacks: bool = False
    extra: str = ""

    def read(
        self, stream: BinaryIO, field_of: FieldLookup, on_unpacked: OnUnpacked = lambda _: None
    ) -> Iterator[Record | ReadFailure | ReadNote]:
        """Yield the records of a stream. Import the reader if it is the first stream of this format.

        Raise UserError if its extra is not installed.
        """
        if not self.is_installed:
            raise UserError(f"cannot be read: it {self.missing}")
        reader: Callable[..., Iterator[Record | ReadFailure | ReadNote]]
        reader = getattr(import_module(self.module_name), self.function)
        arguments = (*([field_of] if self.has_headers else []), *([on_unpacked] if self.unpacks else []))
        return reader(stream, *arguments)

    @property
    def module_name(self) -> str:
        return f"{__package__}.{self.module}"

    @property
    def is_installed(self) -> bool:
        return not self.missing

    @property
    def missing(self) -> str:
        """What has to be installed before such files can be read, or ""."""
        return _describe_missing(self.extra) if self.extra else ""


FORMATS: dict[str, Format] = {
    ".txt": Format("text", "read_text", holds_one=True, has_headers=True),
    ".md": Format("markdown", "read_markdown", holds_one=True, has_headers=True, is_slow=True, extra="markdown"),
    **dict.fromkeys((".html", ".htm", ".xhtml"), Format("html", "read_html", holds_one=True, is_slow=True)),
    **dict.fromkeys((".mhtml", ".mht"), Format("saved_pages", "read_mhtml", holds_one=True, is_slow=True)),
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), Format("records", "read_json", has_headers=True)),
    ".csv": Format("tables", "read_csv"),
    ".tsv": Format("tables", "read_tsv"),
    **dict.fromkeys((".xml", ".rss", ".atom"), Format("feeds", "read_feed", is_slow=True)),
    ".warc": Format("warc", "read_warc", is_slow=True, extra="crawls"),
    ".arc": Format("warc", "read_arc", is_slow=True, extra="crawls"),
    ".pdf": Format("pdf", "read_pdf", holds_one=True, is_slow=True, unpacks=True, extra="documents"),
    **dict.fromkeys((".docx", ".docm"), Format("office", "read_docx", holds_one=True, unpacks=True)),
    ".odt": Format("office", "read_odt", holds_one=True, unpacks=True),
    ".epub": Format("epub", "read_epub", holds_one=True, is_slow=True, unpacks=True),
    ".eml": Format("mail", "read_eml", holds_one=True, is_slow=True),
    ".emlx": Format("mail", "read_emlx", holds_one=True, is_slow=True),
    ".mbox": Format("mail", "read_mbox", is_slow=True),
}
SUFFIXES = (*FORMATS, *ARCHIVES)  # each may be followed by the suffix of a compression
_SHORT_SUFFIXES = {".tgz": (".tar", ".gz"), ".tbz2": (".tar", ".bz2"), ".txz": (".tar", ".xz")}


_TAME_SUFFIX = re.compile(r"\.[\w~+-]{1,15}")


@cache
def plugins() -> Plugins:
    """Return the plug-ins that are installed."""
    return find_plugins({*SUFFIXES, *DECOMPRESSORS, *_SHORT_SUFFIXES})


def known_suffixes() -> tuple[str, ...]:
    """Return the suffixes of all formats, those of plug-ins last."""
    return (*SUFFIXES, *plugins().readers)


def format_of(format_suffix: str) -> Format | Plugin | None:
    """Return the format of a suffix, or None if it is unknown, or that of an archive."""
    return FORMATS.get(format_suffix) or plugins().readers.get(format_suffix)


def is_known(format_suffix: str) -> bool:
    """Return whether a suffix is that of a format or an archive."""
    return format_suffix in ARCHIVES or format_of(format_suffix) is not None


def is_readable(name: str) -> bool:
    """Return whether files of this name have a known format, and the library that it needs is installed."""
    found = suffix(name)
    file_format = format_of(found)
    return found in ARCHIVES or (file_format is not None and file_format.is_installed)


def reason_to_skip(name: str) -> str:
    """Return why files of this name are not read, unless their content tells what they are."""
    file_format = FORMATS.get(suffix(name))
    return UNKNOWN_FORMAT if file_format is None else file_format.missing


def may_be_told(name: str) -> bool:
    """Return whether the content may tell the format of files of this name. Their suffix is unknown, or there is none."""
    found = split_suffixes(name)[0]
    return not is_known(found) and not is_of_other_kind(found)


def is_slow(name: str) -> bool:
    """Return whether a readable file of this name is likely to hold HTML, which takes a hundred times as long to read."""
    file_format = format_of(suffix(name))
    return file_format is None or file_format.is_slow


def reader_module(name: str) -> str:
    """Return the module that reads files of this name. For archives and unknown suffixes, that is the one of pages."""
    return (format_of(suffix(name)) or FORMATS[".html"]).module_name


def plugin_of(name: str) -> str:
    """Return the distribution whose plug-in reads files of this name, or "" if none does."""
    plugin = plugins().readers.get(suffix(name))
    return plugin.distribution if plugin is not None else ""


def load_plugin(name: str) -> None:
    """Import the plug-in that reads files of this name, if one does. If that fails, reading a file will tell."""
    plugin = plugins().readers.get(suffix(name))
    if plugin is not None:
        with suppress(PluginError):
            plugin.load()


def reader_versions() -> dict[str, str]:
    """Return the plug-in and its version for each suffix that one reads."""
    return plugins().versions


def installed_extras() -> tuple[str, ...]:
    """Return the extras of this package that readers of files need and that are installed."""
    return tuple(sorted({each.extra for each in FORMATS.values() if each.extra and each.is_installed}))


def is_read_anew(name: str, former: Mapping[str, str]) -> bool:
    """Return whether files of this name have another reader than when `reader_versions` returned `former`.

    An archive may hold files of any suffix.
    """
    now = reader_versions()
    if now == former:
        return False
    found = suffix(name)
    return found in ARCHIVES or former.get(found) != now.get(found)


def suffix(name: str) -> str:
    """Return the suffix of the format in lower case, without the suffix of the compression.

    Return "" if there is none, or only the rest of a title, as in `Dr. Who is this`.
    """
    found = split_suffixes(name)[0]
    return found if _TAME_SUFFIX.fullmatch(found) else ""


def split_suffixes(path: str) -> tuple[str, str]:
    """Return the suffix of the format and the suffix of the compression, in lower case. Each is "" if there is none.

    Only the name of the file counts, not its folders. Crawlers name pages like `index.html?id=5`. What follows the question
    mark only counts if nothing known precedes it.
    """
    name = path.rpartition("/")[2]
    whole = _split(name)
    if "?" not in name:
        return whole
    before = _split(name.partition("?")[0])
    return before if is_known(before[0]) or not is_known(whole[0]) else whole


def _split(name: str) -> tuple[str, str]:
    suffixes = _suffixes(name.lower())
    if suffixes and suffixes[-1] in _SHORT_SUFFIXES:
        return _SHORT_SUFFIXES[suffixes[-1]]
    compression = suffixes.pop() if suffixes and suffixes[-1] in DECOMPRESSORS else ""
    format_suffix = suffixes[-1] if suffixes else ""
    # The records of a WARC file are compressed one by one, and its reader decompresses them.
    return format_suffix, "" if format_suffix in (".warc", ".arc") and compression == ".gz" else compression


def _suffixes(name: str) -> list[str]:
    """Return the last two suffixes of a file name, or all if there are fewer, as `Path` does in three times as long."""
    base = name.rpartition("/")[2]
    return [] if base.endswith(".") else [f".{part}" for part in base.lstrip(".").rsplit(".", 2)[1:]]


@cache  # a walk asks for every file
def _describe_missing(extra: str) -> str:
    return describe_missing(extra)
