"""Files into articles: which files there are, and what each of them holds."""

from searchsvc.corpus.discovery import SourceFile, walk
from searchsvc.corpus.metadata.field_mapping import ExtractedArticle, FieldMapper
from searchsvc.corpus.reader import SUFFIXES, FileReader, ReadFailure, is_readable, suffix
from searchsvc.corpus.uploads import Tombstone, is_put
from searchsvc.corpus.worker_pool import Batch, digest, read_files

__all__ = [
    "READER_VERSION",
    "SUFFIXES",
    "Batch",
    "ExtractedArticle",
    "FieldMapper",
    "FileReader",
    "ReadFailure",
    "SourceFile",
    "Tombstone",
    "digest",
    "is_put",
    "is_readable",
    "read_files",
    "suffix",
    "walk",
]

READER_VERSION = 4
"""Goes up whenever a reader makes something else of the same file, so that files read before are read again."""
