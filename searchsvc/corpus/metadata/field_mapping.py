"""Mapping of records to articles.

Names of fields are compared without case, spaces and punctuation, so that `published_at`, `publishedAt` and `Published at`
are equal. If a record has several names of one article field, the first name in the table with a usable value wins. Fields
with unknown names or unusable values become `extra` metadata under their own names.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from searchsvc.corpus.metadata.datelines import (
    Dateline,
    agency_credit,
    first_sentence,
    parse_dateline,
    split_date_line,
)
from searchsvc.corpus.metadata.dates import PublicationDate, parse_date
from searchsvc.corpus.metadata.values import (
    body_text,
    iter_fields,
    iter_texts,
    language_code,
    single_line,
    split_authors,
    split_list,
    unique,
)
from searchsvc.corpus.record import ExtractedArticle, Record
from searchsvc.model.article import Article, FieldMapping

FIELD_ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "_id", "guid", "uuid", "article_id", "doc_id"),
    "title": ("title", "headline", "heading", "name", "subject_line"),
    "body": ("body", "text", "content", "article_body", "full_text", "body_text", "main_text", "article", "story"),
    "date": (
        *("date", "published", "published_at", "date_published", "publication_date", "publish_date", "pub_date"),
        *("published_on", "published_time", "issued", "created_at", "created", "date_created", "datetime", "timestamp"),
    ),
    "author": ("author", "authors", "byline", "creator", "writer", "by"),
    "source": ("source", "publisher", "publication", "agency", "newspaper", "outlet", "site_name", "provider"),
    "section": ("section", "category", "desk", "rubric", "article_section", "department"),
    "place": ("place", "places", "location", "locations", "city"),
    "tag": ("tag", "tags", "keywords", "keyword", "labels"),
    "language": ("language", "lang", "in_language", "locale"),
    "url": ("url", "link", "permalink", "canonical_url", "href", "web_url"),
}
"""Names of each article field in records, the preferred ones first."""
MAX_ID = 1_000
"""Length limit of an article's id."""

_T = TypeVar("_T")
_PUNCTUATION = re.compile(r"[\W_]")
_NO_DATELINE = Dateline((), "", 0)


class NoTextError(Exception):
    """A record has neither a title nor a body."""


class FieldMapper:
    """A mapping of names to article fields: the names of the settings first, then those of `FIELD_ALIASES`."""

    def __init__(self, mapping: FieldMapping) -> None:
        aliases = ((name, field, rank) for field, names in FIELD_ALIASES.items() for rank, name in enumerate(names))
        self._ranks = {_normalize(name): (field, rank) for name, field, rank in aliases}
        # Backwards, so that the first of two equal names in the mapping wins.
        for rank, (name, field) in reversed([*enumerate(mapping)]):
            self._ranks[_normalize(name)] = (field, rank - len(mapping))
        self.rank = lru_cache(maxsize=10_000)(self._rank)

    def field(self, name: str) -> str | None:
        """Return the article field that a name means, or None if the name is unknown."""
        rank = self.rank(name)
        return rank[0] if rank else None

    def _rank(self, name: str) -> tuple[str, int] | None:
        """Return the article field that a name means and its rank among the names of that field, the lowest first."""
        return self._ranks.get(_normalize(name))


def _normalize(name: str) -> str:
    return _PUNCTUATION.sub("", name.casefold())


DEFAULT_MAPPER = FieldMapper(())


def extract_article(record: Record, path: str, name: str, mapper: FieldMapper = DEFAULT_MAPPER) -> ExtractedArticle:
    """Return the article of a record, with the provenance of its fields.

    `name` becomes the id of an article that has neither an id nor a URL. Raise NoTextError if there is no text.
    """
    fields = _RecordFields(record, mapper)
    day, body = split_date_line(fields.text("body", body_text))
    line = parse_dateline(body) or _NO_DATELINE
    title = fields.text("title") or fields.found("title", first_sentence(body[line.length :]), "the first sentence")
    if not title:
        raise NoTextError
    date = fields.date() or fields.found("date", parse_date(day), "a date line at the head of the text")
    url = fields.text("url")
    article = Article(
        id=(fields.text("id") or fields.found("id", url, "its address") or name)[:MAX_ID],
        title=title,
        body=body,
        path=path,
        date=date.date if date else None,
        published=date.published if date else None,
        author=fields.values("author", split_authors),
        source=_find_source(fields, line, body),
        section=fields.value("section"),
        place=fields.values("place", split_list) or fields.found("place", line.places, "the dateline"),
        tag=fields.values("tag", split_list),
        language=language_code(fields.text("language")),
        url=url,
        extra=fields.rest(),
    )
    return ExtractedArticle(article, {"id": "its path"} | fields.provenance)


def _find_source(fields: "_RecordFields", line: Dateline, body: str) -> str:
    return (
        fields.value("source")
        or fields.found("source", line.agency, "the dateline")
        or fields.found("source", agency_credit(body), "the credit at the end")
    )


class _RecordFields:
    """The values of a record, grouped by article field.

    Reading a field removes it and adds its provenance. What is left becomes `extra`.
    """

    def __init__(self, record: Record, mapper: FieldMapper) -> None:
        self.provenance: dict[str, str] = {}
        self._record = record
        self._left = {str(name): value for name, value in record.fields.items() if value not in (None, "", [], {})}
        candidates: dict[str, list[tuple[int, str]]] = {}
        for name in self._left:
            rank = mapper.rank(name)
            if rank is not None:
                candidates.setdefault(rank[0], []).append((rank[1], name))
        self._names = {field: [name for _, name in sorted(ranked)] for field, ranked in candidates.items()}

    def text(self, field: str, convert: Callable[[Any], str] = single_line) -> str:
        """Return the first usable text of a field, or "" if there is none."""
        return self._first(field, convert) or ""

    def date(self) -> PublicationDate | None:
        """Return the first usable date, or None if there is none."""
        return self._first("date", parse_date)

    def value(self, field: str) -> str:
        """Return the first value of a field, or "" if there is none."""
        return next(iter(self.values(field, lambda text: [text])), "")

    def values(self, field: str, split: Callable[[str], list[str]]) -> tuple[str, ...]:
        """Return the values under the first name of a field that has any."""
        return self._first(field, lambda value: unique(part for text in iter_texts(value) for part in split(text))) or ()

    def _first(self, field: str, convert: Callable[[Any], _T]) -> _T | None:
        for name in self._names.get(field, ()):
            if converted := convert(self._left[name]):
                del self._left[name]
                self.provenance[field] = self._record.provenance.get(name) or f"“{name}”"
                return converted
        return None

    def found(self, field: str, value: _T, provenance: str) -> _T:
        """Return a value that was found outside the record's fields, and keep its provenance if it is not empty."""
        if value:
            self.provenance[field] = provenance
        return value

    def rest(self) -> dict[str, tuple[str, ...]]:
        """Return the values that no field has taken, by name."""
        extra: dict[str, list[str]] = {}
        for name, text in iter_fields("", self._left):
            extra.setdefault(name, []).append(text)
        return {name: unique(texts) for name, texts in extra.items()}
