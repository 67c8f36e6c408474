"""Mapping of records to articles.

Case, spaces and punctuation of names are ignored: `published_at`, `publishedAt` and `Published at` are equal. Of several
names of one field, the first in the table with a usable value wins. Everything else becomes `extra` metadata.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from searchsvc.corpus.metadata import values
from searchsvc.corpus.metadata.authors import split_authors
from searchsvc.corpus.metadata.date_columns import MONTH_FIRST, OrderOf
from searchsvc.corpus.metadata.datelines import Dateline, agency_credit, first_sentence, parse_dateline, split_date_line
from searchsvc.corpus.metadata.dates import PublicationDate, day_in_path, numeric_date, parse_date
from searchsvc.corpus.metadata.identifiers import bounded, is_absolute, names_article
from searchsvc.corpus.record import ExtractedArticle, Record
from searchsvc.model.article import Article, FieldMapping

FIELD_ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "_id", "guid", "uuid", "article_id", "doc_id"),
    "title": ("title", "headline", "heading", "name", "subject_line"),
    "body": ("body", "text", "content", "article_body", "full_text", "body_text", "main_text", "article", "story"),
    "date": (
        *("date", "published", "published_at", "date_published", "publication_date", "publish_date", "pub_date"),
        *("published_on", "published_time", "issued", "created_at", "created", "date_created", "datetime", "timestamp"),
        *("updated", "updated_at", "date_updated", "modified", "modified_at", "date_modified", "last_modified", "lastmod"),
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

_T = TypeVar("_T")
_PUNCTUATION = re.compile(r"[\W_]")


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

    def field(self, name: str) -> str | None:
        """Return the article field that a name means, or None if the name is unknown."""
        rank = self.rank(name)
        return rank[0] if rank else None

    def rank(self, name: str) -> tuple[str, int] | None:
        """Return the article field that a name means, and the rank of the name in it. The lowest rank is preferred."""
        return self._ranks.get(_normalize(name))


@lru_cache(maxsize=10_000)
def _normalize(name: str) -> str:
    return _PUNCTUATION.sub("", name.casefold())


DEFAULT_MAPPER = FieldMapper(())


def extract_article(
    record: Record,
    path: str,
    name: str,
    mapper: FieldMapper = DEFAULT_MAPPER,
    order_of: OrderOf = lambda *_: MONTH_FIRST,
) -> ExtractedArticle:
    """Return the article of a record. Without an id or address, its id is `name`. Raise NoTextError if there is no text.

    `order_of` tells how the numeric dates of a field are read.
    """
    fields = _RecordFields(record, mapper)
    day, body = split_date_line(fields.body())
    line = parse_dateline(body) or Dateline((), "", 0)
    title = fields.value("title") or fields.found("title", first_sentence(body[line.length :]), "the first sentence")
    if not title:
        raise NoTextError
    date = fields.date(order_of) or fields.found("date", parse_date(day), "a date line at the head of the text")
    if date is None and name == path:  # the name of a file of many records tells nothing about one of them
        date = fields.found("date", day_in_path(path), "the path of the file")
    article_id, url = _identify(fields)
    article = Article(
        id=article_id or bounded(name),
        title=title,
        body=body,
        path=path,
        date=date.date if date else None,
        published=date.published if date else None,
        author=fields.all_values("author", split_authors),
        source=(
            fields.value("source")
            or fields.found("source", line.agency, "the dateline")
            or fields.found("source", agency_credit(body), "the credit at the end")
        ),
        section=fields.value("section"),
        place=fields.all_values("place", values.split_list) or fields.found("place", line.places, "the dateline"),
        tag=fields.all_values("tag", values.split_list),
        language=values.language_code(fields.identifier("language")),
        url=url,
        extra=fields.rest(),
    )
    return ExtractedArticle(article, {"id": "its path"} | fields.provenance)


def _identify(fields: "_RecordFields") -> tuple[str, str]:
    """Return the id of a record and its address. The id is "" if the record has neither an id nor an address of its own."""
    own, url = fields.identifier("id"), fields.identifier("url")
    if own and (names_article(own) or not is_absolute(own)):  # a site's address is not the id of one article
        return bounded(own), url
    url = url or own
    return bounded(fields.found("id", url if names_article(url) else "", "its address")), url


class _RecordFields:
    """The values of a record, by article field. Reading a field removes it and adds its provenance."""

    def __init__(self, record: Record, mapper: FieldMapper) -> None:
        self.provenance: dict[str, str] = {}
        self._record = record
        self._left = {str(name): value for name, value in record.fields.items() if value not in (None, "", [], {})}
        self._names: dict[str, list[str]] = {}
        for field, _, name in sorted((*rank, name) for name in self._left if (rank := mapper.rank(name)) is not None):
            self._names.setdefault(field, []).append(name)

    def body(self) -> str:
        return self.first("body", values.body_text) or ""

    def identifier(self, field: str) -> str:
        return self.first(field, values.identifier) or ""

    def value(self, field: str) -> str:
        """Return the first text of a field that readers see, or "" if there is none."""
        return self.first(field, lambda value: next(self._texts(value), "")) or ""

    def all_values(self, field: str, split: Callable[[str], list[str]]) -> tuple[str, ...]:
        def parts(value: Any) -> tuple[str, ...]:
            return values.unique(part for text in self._texts(value) for part in split(text))

        return self.first(field, parts) or ()

    def _texts(self, value: Any) -> Iterator[str]:
        texts = values.iter_texts(value)
        if self._record.is_decoded:
            return texts
        return filter(None, (" ".join(values.decode_references(text).split()) for text in texts))

    def date(self, order_of: OrderOf) -> PublicationDate | None:
        """Return the first usable date, or None if there is none. `order_of` tells how one that leaves a choice is read."""
        for name in self._names.get("date", ()):
            value = self._left[name]
            numeric = numeric_date(value)
            order = order_of(name, numeric) if numeric is not None and numeric.is_ambiguous else None
            if date := parse_date(value, day_first=order is not None and order.day_first):
                self._take("date", name)
                self.provenance["date"] += f", read {order.reason}" if order is not None else ""
                return date
        return None

    def first(self, field: str, convert: Callable[[Any], _T]) -> _T | None:
        """Return the first usable value of a field, or None if there is none."""
        for name in self._names.get(field, ()):
            if converted := convert(self._left[name]):
                self._take(field, name)
                return converted
        return None

    def _take(self, field: str, name: str) -> None:
        del self._left[name]
        self.provenance[field] = self._record.provenance.get(name) or f"“{name}”"

    def found(self, field: str, value: _T, provenance: str) -> _T:
        """Return a value that was found outside the record's fields. Keep its provenance unless it is empty."""
        if value:
            self.provenance[field] = provenance
        return value

    def rest(self) -> dict[str, tuple[str, ...]]:
        extra: dict[str, list[str]] = {}
        for name, text in values.iter_fields("", self._left):
            extra.setdefault(name, []).append(text)
        return {name: values.unique(texts) for name, texts in extra.items()}
