"""Files to articles: find the files of a corpus, read every supported format, and map records to articles.

An article flows from discovery through a file reader, a format, a `Record` and the field mapping to an `ExtractedArticle`.
Use it to get articles, failures and tombstones from files, in one process or several. It does not know which files have
changed, which article wins among several with one id, or how articles are indexed: see searchsvc.indexer.
"""

from searchsvc.corpus.discovery import SourceFile, walk
from searchsvc.corpus.formats import (
    SUFFIXES,
    installed_extras,
    is_read_anew,
    known_suffixes,
    plugin_of,
    plugins,
    reader_versions,
    suffix,
)
from searchsvc.corpus.inspection import find_format, inspect_file
from searchsvc.corpus.metadata.field_mapping import FIELD_ALIASES, FieldMapper
from searchsvc.corpus.metadata.identifiers import names_article
from searchsvc.corpus.reader import FileReader, read_file
from searchsvc.corpus.reader_process import ReaderProcesses
from searchsvc.corpus.record import ExtractedArticle, Item, ReadFailure, ReadNote, Record, Tombstone
from searchsvc.corpus.uploads import delete_leftovers, is_put
from searchsvc.corpus.worker_pool import Batch, ReaderPool, digest

__all__ = [
    "FIELD_ALIASES",
    "READER_VERSION",
    "SUFFIXES",
    "Batch",
    "ExtractedArticle",
    "FieldMapper",
    "FileReader",
    "Item",
    "ReadFailure",
    "ReadNote",
    "ReaderPool",
    "ReaderProcesses",
    "Record",
    "SourceFile",
    "Tombstone",
    "delete_leftovers",
    "digest",
    "find_format",
    "inspect_file",
    "installed_extras",
    "is_put",
    "is_read_anew",
    "known_suffixes",
    "names_article",
    "plugin_of",
    "plugins",
    "read_file",
    "reader_versions",
    "suffix",
    "walk",
]

READER_VERSION = 11
"""Version of the readers' results. Increase it when a reader makes something else of a file, so that it is read again."""
