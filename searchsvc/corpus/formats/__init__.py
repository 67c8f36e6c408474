"""File formats: readers that turn the bytes of a file into records.

Each reader takes a stream of decompressed bytes and yields a `Record` or a `ReadFailure` for each record of the file. It
raises UserError if the file as a whole cannot be read. Readers know nothing of paths, of compression and of the fields of
an article: see searchsvc.corpus.reader and searchsvc.corpus.metadata.
"""

from searchsvc.corpus.formats.archives import ARCHIVES, decompress
from searchsvc.corpus.formats.plugins import Found, PluginError
from searchsvc.corpus.formats.registry import (
    FORMATS,
    SUFFIXES,
    OnUnpacked,
    format_of,
    installed_extras,
    is_known,
    is_read_anew,
    is_readable,
    is_slow,
    known_suffixes,
    load_plugin,
    may_be_told,
    plugin_of,
    plugins,
    reader_module,
    reader_versions,
    reason_to_skip,
    split_suffixes,
    suffix,
)
from searchsvc.corpus.formats.sniffing import HEAD_BYTES, sniff

__all__ = [
    "ARCHIVES",
    "FORMATS",
    "HEAD_BYTES",
    "SUFFIXES",
    "Found",
    "OnUnpacked",
    "PluginError",
    "decompress",
    "format_of",
    "installed_extras",
    "is_known",
    "is_read_anew",
    "is_readable",
    "is_slow",
    "known_suffixes",
    "load_plugin",
    "may_be_told",
    "plugin_of",
    "plugins",
    "reader_module",
    "reader_versions",
    "reason_to_skip",
    "sniff",
    "split_suffixes",
    "suffix",
]
