"""Articles into an index."""

import os
from pathlib import Path

from tantivy import Document, Index

from searchsvc.analysis import Analyzer, spaced
from searchsvc.engines.stored import metadata
from searchsvc.engines.tantivy.schema import build_schema, day_number, guarded, meta_value, register_tokenizers
from searchsvc.model import Article

_HEAP_BYTES = 200_000_000
_HEAP_BYTES_AT_LEAST = 30_000_000
"""Below 15 MB a thread, the library refuses."""
_MANY_BYTES = 20_000_000
_MAX_THREADS = 4
_EPOCH_SHIFT = 10**12
"""Makes seconds since 1970 positive for every year since 1, so that they sort as text."""


class TantivyWriter:
    """The one writer of an index; the library locks the folder against a second."""

    def __init__(self, folder: Path, language: str, expected_bytes: int) -> None:
        self._analyzer = Analyzer(language)
        folder.mkdir(exist_ok=True)
        threads = min(os.cpu_count() or 1, _MAX_THREADS) if expected_bytes > _MANY_BYTES else 1
        with guarded("opening the index for writing"):
            index = Index(build_schema(), path=str(folder))
            register_tokenizers(index, self._analyzer)
            self._writer = index.writer(heap_size=_HEAP_BYTES if threads > 1 else _HEAP_BYTES_AT_LEAST, num_threads=threads)

    def add(self, article: Article, stored: bytes) -> None:
        """Add an article whose id is not in the index; `stored` is what `stored.dump` makes of it."""
        with guarded(f"adding the article {article.id}"):
            self._writer.add_document(self._document(article, stored))

    def delete(self, article_id: str) -> None:
        """Remove the article with this id, if there is one."""
        with guarded(f"deleting the article {article_id}"):
            self._writer.delete_documents_by_term("id", article_id)

    def commit(self) -> None:
        """Write all segments, and wait for those that are being merged."""
        with guarded("committing"):
            self._writer.commit()
            self._writer.wait_merging_threads()

    def close(self) -> None:
        """Drop the writer and with it the lock of the folder."""
        del self._writer

    def _document(self, article: Article, stored: bytes) -> Document:
        # The typed methods raise at once; add_document would take a wrong type and then fail every later commit.
        document = Document()
        document.add_text("id", article.id)
        title, body = spaced(article.title), spaced(article.body)
        for field in ("text", "words"):
            document.add_text(field, title)
            document.add_text(field, body)
        for field in ("title", "title_words"):
            document.add_text(field, title)
        document.add_text("body", body)
        values = metadata(article)
        document.add_json("meta", {name: [meta_value(value) for value in of] for name, of in values.items()})
        document.add_json("meta_words", {name: [f"= {spaced(value)}" for value in of] for name, of in values.items()})
        if article.date is not None:
            day = day_number(article.date)
            document.add_integer("day", day)
            document.add_integer("month", day // 100)
            document.add_text("order", f"{_instant(article) + _EPOCH_SHIFT:013d}|{article.id}")
        else:
            document.add_text("undated", article.id)
        document.add_bytes("article", stored)
        return document


def _instant(article: Article) -> int:
    """Seconds since 1970 by which the article is sorted: when it was published, else the start of its day in UTC."""
    if article.published is not None:
        return int(article.published.timestamp())
    assert article.date is not None, "undated articles have no instant"  # noqa: S101
    return (article.date.toordinal() - 719_163) * 86_400
