"""File formats: readers that turn the bytes of a file into records.

Each reader takes a stream of decompressed bytes and yields a `Record` or a `ReadFailure` for each record of the file. It
raises UserError if the file as a whole cannot be read. Readers know nothing of paths, of compression and of the fields of
an article: see searchsvc.corpus.reader and searchsvc.corpus.metadata.
"""

from searchsvc.corpus.formats.archives import ARCHIVES, decompress
from searchsvc.corpus.formats.registry import FORMATS, SUFFIXES, is_readable, is_slow, split_suffixes, suffix

__all__ = ["ARCHIVES", "FORMATS", "SUFFIXES", "decompress", "is_readable", "is_slow", "split_suffixes", "suffix"]
