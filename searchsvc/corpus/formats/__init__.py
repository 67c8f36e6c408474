"""File formats: readers that turn the bytes of a file into records.

Each reader takes a stream of decompressed bytes and yields a `Record` or a `ReadFailure` for each record of the file. It
raises UserError if the file as a whole cannot be read. Readers know nothing of paths, of compression and of the fields of
an article: see searchsvc.corpus.reader and searchsvc.corpus.metadata.
"""

from searchsvc.corpus.formats.archives import ARCHIVES, decompress
from searchsvc.corpus.formats.registry import (
    FORMATS,
    SUFFIXES,
    OnUnpacked,
    is_readable,
    is_slow,
    may_be_told,
    reader_module,
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
    "OnUnpacked",
    "decompress",
    "is_readable",
    "is_slow",
    "may_be_told",
    "reader_module",
    "reason_to_skip",
    "sniff",
    "split_suffixes",
    "suffix",
]
