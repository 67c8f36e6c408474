"""Writes articles into a Tantivy index."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from tantivy import Document, Index

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.tokenizer import GAP, searchable, searchable_readings
from searchsvc.engines.tantivy.schema import build_schema, meta_value, register_tokenizers, translating_errors
from searchsvc.engines.tantivy.stored_articles import (
    SAMPLE_BYTES,
    SAMPLE_LENGTH,
    Packer,
    load_dictionary,
    train_dictionary,
)
from searchsvc.model.article import Article, instant, metadata, number_of, order_key
from searchsvc.model.languages import language_of
from searchsvc.model.periods import day_number
from searchsvc.query.ast import TEXT_FIELDS

HEAP_BYTES, MIN_HEAP_BYTES = 200_000_000, 30_000_000  # of the one thread that indexes, as fast as a process can feed it
_MANY_BYTES = 20_000_000  # of a corpus, from which on the larger heap saves time
_SENT_AT_ONCE = 32  # documents: waking a thread of the library for each would take a tenth of the time of feeding it
_MAX_WAITING, _MAX_WAITING_BYTES = 10_000, 16_000_000  # articles that wait for the dictionary, and their bytes
_VALUES = 10_000  # of metadata whose words are remembered: most articles have the values of others
_GAP = range(GAP - 1)  # texts without words: the library leaves a position free behind each text of a field


class _Addition(NamedTuple):
    """An article whose stored form is missing in its document."""

    document: Document
    stored: bytes


class TantivyWriter:
    """The only writer of an index. The library locks the folder against another. See IndexWriter."""

    def __init__(self, folder: Path, languages: tuple[str, ...], expected_bytes: int) -> None:
        self._folder = folder
        self._languages = languages
        folder.mkdir(exist_ok=True)
        heap = HEAP_BYTES if expected_bytes > _MANY_BYTES else MIN_HEAP_BYTES
        with translating_errors("opening the index for writing"):
            index = Index(build_schema(), path=str(folder))
            register_tokenizers(index, Analyzer("none"))
            self._writer = index.writer(heap_size=heap, num_threads=1)
            dictionary = load_dictionary(folder)
        self._packer = Packer(dictionary)
        self._samples: list[bytes] | None = [] if dictionary is None else None  # by which one is trained, None if there is
        self._sampled = 0
        self._waiting: list[_Addition | str] = []  # additions, and ids to delete
        self._waiting_bytes = 0

    def add(self, article: Article, stored: bytes, *, versioned: bool = False) -> None:
        with translating_errors(f"adding the article {article.id}"):
            document = self._document(article)
            if versioned:
                document.add_integer("versioned", 1)
            self._waiting.append(_Addition(document, stored))
            self._waiting_bytes += len(stored)
            if self._samples is not None:
                self._sample(self._samples, stored)
            self._send_if_full()

    def delete(self, article_id: str) -> None:
        with translating_errors(f"deleting the article {article_id}"):
            self._waiting.append(article_id)
            self._send_if_full()

    def commit(self) -> None:
        with translating_errors("committing"):
            self._send()
            self._writer.commit()
            self._writer.wait_merging_threads()

    def close(self) -> None:
        del self._writer  # and with it the lock of the folder

    def _sample(self, samples: list[bytes], stored: bytes) -> None:
        """Keep a sample of an article, and train the dictionary once there are enough."""
        samples.append(stored[:SAMPLE_LENGTH])
        self._sampled += len(samples[-1])
        if self._sampled >= SAMPLE_BYTES:
            self._packer = Packer(train_dictionary(self._folder, samples))
            self._samples = None

    def _send_if_full(self) -> None:
        most = _SENT_AT_ONCE if self._samples is None else _MAX_WAITING
        if len(self._waiting) >= most or self._waiting_bytes > _MAX_WAITING_BYTES:
            self._send()

    def _send(self) -> None:
        """Give what waits to the library, in order."""
        for each in self._waiting:
            if isinstance(each, str):
                self._writer.delete_documents_by_term("id", each)
            else:
                each.document.add_bytes("article", self._packer.pack(each.stored))
                self._writer.add_document(each.document)
        self._waiting.clear()
        self._waiting_bytes = 0

    def _document(self, article: Article) -> Document:
        # The typed methods raise at once; add_document would take a wrong type and then fail every later commit.
        document = Document()
        document.add_text("id", article.id)
        document.add_integer("number", number_of(article.id))
        document.add_text("language", language_of(article.language, self._languages))
        for name in TEXT_FIELDS:
            _add_readings(document, name, searchable_readings(getattr(article, name)))
        values = metadata(article)
        document.add_json("meta", {name: [meta_value(value) for value in of] for name, of in values.items()})
        document.add_json("meta_words", {name: [*map(_words_of_value, of)] for name, of in values.items()})
        if article.date is not None:
            day = day_number(article.date)
            document.add_integer("day", day)
            document.add_integer("month", day // 100)
            document.add_integer("instant", instant(article))
            document.add_text("order", order_key(article))
        else:
            document.add_text("undated", article.id)
        return document


def _add_readings(document: Document, field: str, readings: Sequence[str]) -> None:
    document.add_text(field, readings[0])
    for reading in readings[1:]:
        for _ in _GAP:
            document.add_text(field, "")
        document.add_text(field, reading)


@lru_cache(maxsize=_VALUES)
def _words_of_value(value: str) -> str:
    """Return a metadata value as its words are indexed. The sign in front keeps Tantivy from parsing text as a date."""
    return f"= {searchable(value)}"
