"""Files into articles: which files there are, and what each of them holds."""

from searchsvc.corpus.discovery import SourceFile, walk
from searchsvc.corpus.metadata.field_mapping import Explained, Names
from searchsvc.corpus.reader import SUFFIXES, Failure, Reading, is_readable, suffix
from searchsvc.corpus.uploads import Withdrawal, is_put
from searchsvc.corpus.worker_pool import Part, digest, read_files

__all__ = [
    "READER_VERSION",
    "SUFFIXES",
    "Explained",
    "Failure",
    "Names",
    "Part",
    "Reading",
    "SourceFile",
    "Withdrawal",
    "digest",
    "is_put",
    "is_readable",
    "read_files",
    "suffix",
    "walk",
]

READER_VERSION = 4
"""Goes up whenever a reader makes something else of the same file, so that files read before are read again."""
