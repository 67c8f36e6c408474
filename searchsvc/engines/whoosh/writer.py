"""The fields of an index, and writing articles to it.

Whoosh receives terms, not text: the analyzer alone decides what a word is. Whoosh unpickles its table of contents, so the
index folder must stay private to the service.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from whoosh import fields, formats
from whoosh.index import create_in, exists_in, open_dir

from searchsvc.analysis.analyzer import Analyzer, analyzer_for
from searchsvc.analysis.phrases import positions_of
from searchsvc.engines.protocol import IndexWriter
from searchsvc.errors import EngineError
from searchsvc.model.article import Article, instant, metadata
from searchsvc.model.languages import language_of

SCHEMA_VERSION = 7
BODY_START = 1 << 30  # the position of a body's first word in `text`, so that no phrase joins it with the title


class Terms(fields.FieldType):
    """Terms of a document. A value of this field maps each term to its positions, of which some formats keep none."""

    def index(self, value: Mapping[str, list[int]], **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        for term, positions in value.items():
            yield term.encode(), len(positions), float(len(positions)), self.format.encode(positions)


def build_schema() -> fields.Schema:
    """Return the schema of new indexes. `text`, of title and body, and `title` hold stems, `*_words` words as written."""
    terms = {
        name: Terms(formats.Existence(), None, scorable=True) for name in ("id", "title", "meta", "language", "versioned")
    }
    terms |= {name: Terms(formats.Positions(), None, scorable=True) for name in ("text", "title_words", "body_words")}
    return fields.Schema(key=fields.COLUMN(), article=fields.STORED(), **terms)


def meta_term(name: str, value: str) -> str:
    """Return the term of a metadata value."""
    return f"{name}\x00{value}"


@contextmanager
def translating_errors(doing: str) -> Iterator[None]:
    """Raise EngineError for every exception of the library while the block runs."""
    try:
        yield
    except Exception as error:
        raise EngineError(f"whoosh failed while {doing}: {error!r}") from error


class WhooshWriter(IndexWriter):
    """The writer of an index. The library locks the folder against a second one."""

    def __init__(self, folder: Path, languages: tuple[str, ...], expected_bytes: int) -> None:
        self._languages = languages
        folder.mkdir(exist_ok=True)
        with translating_errors("opening the index for writing"):
            schema = build_schema()
            self._index = open_dir(folder, schema=schema) if exists_in(folder) else create_in(folder, schema)
            self._writer = self._index.writer(limitmb=128)
        self._added, self._outdated = Counter[str](), Counter[str]()

    def add(self, article: Article, stored: bytes, *, versioned: bool = False) -> None:
        language = language_of(article.language, self._languages)
        positions = partial(_positions, analyzer_for(language))
        (title, title_words), (body, body_words) = map(positions, (article.title, article.body))
        terms = {"title": title, "title_words": title_words, "body_words": body_words, "language": {language: [0]}}
        terms["meta"] = {meta_term(name, value): [0] for name, values in metadata(article).items() for value in values}
        terms["versioned"] = {"yes": [0]} if versioned else {}
        terms["text"] = text = dict(terms["title"])
        for term, at in body.items():
            text[term] = [*text.get(term, ()), *(BODY_START + position for position in at)]
        key = orjson.dumps((instant(article), article.id, article.date) if article.date else (None, article.id, None))
        with translating_errors(f"adding the article {article.id}"):
            self._writer.add_document(id={article.id: [0]}, key=key, article=stored, **terms)
        self._added[article.id] += 1

    def delete(self, article_id: str) -> None:
        with translating_errors(f"deleting the article {article_id}"):
            self._writer.delete_by_term("id", article_id)
        # Whoosh does not find articles that are not committed yet: `commit` deletes those.
        self._outdated[article_id] = self._added[article_id]

    def commit(self) -> None:
        with translating_errors("committing"):
            self._writer.commit()
            if outdated := +self._outdated:
                with self._index.searcher() as searcher, self._index.writer() as writer:
                    writer.merge = False
                    for article_id, number in outdated.items():
                        for document in sorted(searcher.document_numbers(id=article_id))[:number]:
                            writer.delete_document(document)

    def close(self) -> None:
        if not self._writer.is_closed:
            with translating_errors("discarding changes"):
                self._writer.cancel()


def _positions(analyzer: Analyzer, text: str) -> list[dict[str, list[int]]]:
    """Return the positions of the stems, and of the words as written, in the readings of a text."""
    return [positions_of(*words) for words in zip(*analyzer.analyze_readings(text), strict=True)]
