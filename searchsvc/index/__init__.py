"""Generations on disk: where an index lies, which one is live, and what each was read from.

A `GenerationStore` builds a generation as a draft and publishes it with one rename, so no reader ever sees half an index.
Each `Generation` has the files of an engine, a description with checksums, and a `Manifest` of source files and articles.
This package neither reads the corpus nor knows the engines: callers say which of an engine's files may be shared.
"""

from searchsvc.index.changes import PreviousArticle
from searchsvc.index.generation import Generation, GenerationInfo
from searchsvc.index.manifest import MANIFEST_VERSION, TOMBSTONE, ArticleRow, FileState, Manifest
from searchsvc.index.store import GenerationStore
from searchsvc.index.stories import Stories, read_stories
from searchsvc.index.words import read_words, write_words

__all__ = [
    "MANIFEST_VERSION",
    "TOMBSTONE",
    "ArticleRow",
    "FileState",
    "Generation",
    "GenerationInfo",
    "GenerationStore",
    "Manifest",
    "PreviousArticle",
    "Stories",
    "read_stories",
    "read_words",
    "write_words",
]
