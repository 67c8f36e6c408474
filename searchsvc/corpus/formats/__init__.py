"""File formats: readers that turn the bytes of a file into records.

Each reader takes a stream of decompressed bytes and yields a `Record` or a `ReadFailure` for each record of the file. It
raises UserError if the file as a whole cannot be read. Readers know nothing of paths, of compression and of the fields of
an article: see searchsvc.corpus.reader and searchsvc.corpus.metadata.

`FORMATS` maps suffixes to formats, whose modules and libraries are imported when the first file of a format is read.
"""

from searchsvc.corpus.formats.archives import ARCHIVES
from searchsvc.corpus.formats.compression import decompress
from searchsvc.corpus.formats.registry import FORMATS, SUFFIXES, is_readable, is_slow, split_suffixes, suffix

__all__ = ["ARCHIVES", "FORMATS", "SUFFIXES", "decompress", "is_readable", "is_slow", "split_suffixes", "suffix"]
