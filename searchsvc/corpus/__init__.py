"""Files into articles: which files there are, and what each of them holds."""

from searchsvc.corpus.fields import Explained, Names
from searchsvc.corpus.parallel import Part, digest, read_files
from searchsvc.corpus.put import Withdrawal, is_put
from searchsvc.corpus.read import SUFFIXES, Failure, Reading, is_readable, suffix
from searchsvc.corpus.walk import SourceFile, walk

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
