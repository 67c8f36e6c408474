"""Files into articles: which files there are, and what each of them holds."""

from searchsvc.corpus.read import Failure, Reading
from searchsvc.corpus.walk import SourceFile, walk

__all__ = ["READER_VERSION", "Failure", "Reading", "SourceFile", "walk"]

READER_VERSION = 1
"""Goes up whenever a reader makes something else of the same file, so that files read before are read again."""
