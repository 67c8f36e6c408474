"""Mapping of records to articles.

Case, accents, spaces and punctuation of names are ignored: `published_at`, `publishedAt` and `Published at` are equal. Of
several names of one field, the first in the table with a usable value wins. Everything else becomes `extra` metadata.

A record without a body has its summaries for one, or else its longest text under an unknown name.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields as fields_of
from dataclasses import replace
from typing import Any, TypeVar

from searchsvc.corpus.metadata import values
from searchsvc.corpus.metadata.authors import split_authors
from searchsvc.corpus.metadata.date_columns import MONTH_FIRST, OrderOf
from searchsvc.corpus.metadata.datelines import Dateline, agency_credit, first_sentence, parse_dateline, split_date_line
from searchsvc.corpus.metadata.dates import PublicationDate, day_in_path, numeric_date, parse_date
from searchsvc.corpus.metadata.field_names import OTHER_NAMES, summary_rank
from searchsvc.corpus.metadata.identifiers import bounded, is_absolute, names_article
from searchsvc.corpus.metadata.languages import detect_language
from searchsvc.corpus.metadata.normalize import normalize, without_type
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
_EXPORTED = frozenset(each.name for each in fields_of(Article))
MIN_TEXT_WORDS = 20  # of a text under an unknown name that is taken for a body


class NoTextError(Exception):
    """A record has neither a title nor a body."""


class FieldMapper:
    """A mapping of names to article fields: the names of the settings first, then those of `FIELD_ALIASES`."""

    def __init__(self, mapping: FieldMapping) -> None:
        aliases = ((name, field, rank) for field, names in FIELD_ALIASES.items() for rank, name in enumerate(names))
        self._ranks = {normalize(name): (field, rank) for name, field, rank in aliases}
        for field, names in OTHER_NAMES.items():
            for rank, name in enumerate(names, start=len(FIELD_ALIASES[field])):
                self._ranks.setdefault(normalize(name), (field, rank))
        # Backwards, so that the first of two equal names in the mapping wins.
        for rank, (name, field) in reversed([*enumerate(mapping)]):
            self._ranks[normalize(name)] = (field, rank - len(mapping))

    def field(self, name: str) -> str | None:
        """Return the article field that a name means, or None if the name is unknown."""
        rank = self.rank(name)
        return rank[0] if rank else None

    def rank(self, name: str) -> tuple[str, int] | None:
        """Return the article field that a name means, and the rank of the name in it. The lowest rank is preferred."""
        return self._ranks.get(normalize(name)) or self._ranks.get(normalize(without_type(name)))


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
    fields = _RecordFields(unpack_exported(record), mapper)
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
        source=_find_source(fields, line, body),
        section=fields.value("section"),
        place=fields.all_values("place", values.split_list) or fields.found("place", line.places, "the dateline"),
        tag=fields.all_values("tag", values.split_list),
        language=values.language_code(fields.identifier("language"))
        or fields.found("language", detect_language(title, body), "the words of the text"),
        url=url,
        extra=fields.rest(),
    )
    return ExtractedArticle(article, {"id": "its path"} | fields.provenance)


def unpack_exported(record: Record) -> Record:
    """Return a record that this program has exported with its own fields as members. Return any other as it is.

    The path is left out, since it was that of the file that the article came from.
    """
    own = record.fields.get("extra")
    if not (record.fields.keys() >= _EXPORTED and isinstance(own, Mapping)):
        return record
    known = {name: value for name, value in record.fields.items() if name not in ("path", "extra")}
    return replace(record, fields={**known, **{name: value for name, value in own.items() if not known.get(name)}})


def _find_source(fields: "_RecordFields", line: Dateline, body: str) -> str:
    """Return the declared source, or else the agency that the dateline or the end of the text names, or ""."""
    return (
        fields.value("source")
        or fields.found("source", line.agency, "the dateline")
        or fields.found("source", agency_credit(body), "the credit at the end")
    )


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
        self._rank = mapper.rank
        self._left = {str(name): value for name, value in record.fields.items() if value not in (None, "", [], {})}
        self._names: dict[str, list[str]] = {}
        for field, _, name in sorted((*rank, name) for name in self._left if (rank := mapper.rank(name)) is not None):
            self._names.setdefault(field, []).append(name)

    def body(self) -> str:
        """Return the body, else the summaries, else the longest text under an unknown name. Return "" if there is none."""
        return self.first("body", self._body_text) or self._summaries() or self._longest_text()

    def _body_text(self, value: Any) -> str:
        return values.body_text(value, is_decoded=self._record.is_decoded)

    def _summaries(self) -> str:
        """Return the summaries, without those that are part of another one."""
        ranks = {name: rank for name in self._unknown() if (rank := summary_rank(name)) is not None}
        texts = {text: name for name in sorted(ranks, key=ranks.__getitem__) if (text := self._body_text(self._left[name]))}
        return self._take_as_body([text for text in texts if not any(text != one and text in one for one in texts)], texts)

    def _longest_text(self) -> str:
        texts = {self._left[name]: name for name in self._unknown() if isinstance(self._left[name], str)}
        longest = max(texts, key=len, default="")
        is_long = longest.count(" ") >= MIN_TEXT_WORDS and not longest.startswith(("{", "["))
        text = self._body_text(longest) if is_long else ""
        return self._take_as_body([text], {text: texts[longest]}) if text else ""

    def _unknown(self) -> list[str]:
        return [name for name in self._left if self._rank(name) is None]

    def _take_as_body(self, texts: list[str], names: Mapping[str, str]) -> str:
        for text in texts:
            del self._left[names[text]]
        return self.found("body", "\n\n".join(texts), ", ".join(f"“{names[text]}”" for text in texts))

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
        return texts if self._record.is_decoded else filter(None, map(values.plain_line, texts))

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
