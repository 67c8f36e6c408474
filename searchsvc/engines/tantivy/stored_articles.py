"""Articles as the index stores them: JSON, compressed with a dictionary of what articles of the archive have in common.

Tantivy compresses blocks of stored fields by LZ4, to .64 of their size. Zstandard with a dictionary reaches .42 at its
first level, and .38 at the third, which takes a quarter longer. The first articles of an index train its dictionary, which
is never replaced. An index of few articles has none, and keeps them as they are.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import cast

from tantivy import DocAddress, Searcher

from searchsvc.model.article import Article, load

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DICTIONARY_FILE = "articles.dict"
SAMPLE_BYTES = 2_000_000  # by which a dictionary is trained, in a twentieth of a second
SAMPLE_LENGTH = 8_192  # bytes of each of them, at most
_DICTIONARY_BYTES = 2**16
_LEVEL = 1


class ArticleReader:
    """Reads the articles of one index."""

    def __init__(self, folder: Path, searcher: Searcher) -> None:
        self._searcher = searcher
        self._dictionary = load_dictionary(folder)

    def at(self, address: DocAddress) -> Article:
        """Return the article at an address."""
        return load(unpack(cast(bytes, self._searcher.doc(address).get_first("article")), self._dictionary))


class Packer:
    """Compresses articles with a dictionary. Without one, it returns them as they are."""

    def __init__(self, dictionary: zstd.ZstdDict | None) -> None:
        digested = dictionary.as_digested_dict if dictionary is not None else None
        self._compressor = zstd.ZstdCompressor(_LEVEL, zstd_dict=digested) if digested is not None else None

    def pack(self, stored: bytes) -> bytes:
        if self._compressor is None:
            return stored
        return self._compressor.compress(stored, zstd.ZstdCompressor.FLUSH_FRAME)


def unpack(data: bytes, dictionary: zstd.ZstdDict | None) -> bytes:
    """Return the JSON of an article, given the dictionary of its index."""
    if data.startswith(b"{"):
        return data
    return zstd.decompress(data, dictionary.as_digested_dict if dictionary is not None else None)


def train_dictionary(folder: Path, samples: Iterable[bytes]) -> zstd.ZstdDict:
    """Write the dictionary of an index, trained by the beginnings of articles, and return it."""
    dictionary = zstd.train_dict(samples, _DICTIONARY_BYTES)
    (folder / DICTIONARY_FILE).write_bytes(dictionary.dict_content)
    return dictionary


def load_dictionary(folder: Path) -> zstd.ZstdDict | None:
    """Return the dictionary of an index, or None if it has none."""
    try:
        return zstd.ZstdDict((folder / DICTIONARY_FILE).read_bytes())
    except FileNotFoundError:
        return None
