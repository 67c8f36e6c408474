"""Records into articles: which of a record's names mean which field, and what its values become.

Names are compared without case, spaces and punctuation, so that `published_at`, `publishedAt` and `Published at` are one.
Of several names for one field, the first in the table that has a usable value wins. What is not known, or could not be
used, is kept as `extra` metadata under its own name.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from searchsvc.corpus.decoding import clean, paragraphs
from searchsvc.corpus.formats.html_text import html_text, looks_like_html
from searchsvc.corpus.metadata.datelines import Dateline, credit, dateline, first_sentence, split_header
from searchsvc.corpus.metadata.dates import PublicationDate, parse_date
from searchsvc.model.article import METADATA, Article, FieldMapping

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

MAX_VALUES = 1_000
"""Values of one metadata field; what goes beyond is left out."""
MAX_NESTING = 8

_T = TypeVar("_T")

_NOT_NAME = re.compile(r"[\W_]")
_BYLINE = re.compile(r"^(?:by|von|par|por|di)\s+", re.IGNORECASE)
_AND = re.compile(r"\s*;\s*|\s+(?:and|und|et|y|e)\s+|\s+&\s+", re.IGNORECASE)
_LIST = re.compile(r"\s*[,;|]\s*")
_TEXT_KEYS = ("name", "rendered", "value", "text", "title", "#text", "@value")


class NoTextError(Exception):
    """A record with neither a title nor a body."""


def _plain_name(name: str) -> str:
    return _NOT_NAME.sub("", name.casefold())


class FieldMapper:
    """Which names mean which field: those of a mapping first, then the usual ones."""

    def __init__(self, mapping: FieldMapping) -> None:
        usual = ((name, field, rank) for field, names in FIELD_ALIASES.items() for rank, name in enumerate(names))
        self._ranks = {_plain_name(name): (field, rank) for name, field, rank in usual}
        own = {_plain_name(name): (field, rank - len(mapping)) for rank, (name, field) in reversed([*enumerate(mapping)])}
        self._ranks |= own
        self.rank = lru_cache(maxsize=10_000)(self._rank)

    def field(self, name: str) -> str | None:
        """The article's field that a name means; None where it is not known."""
        rank = self.rank(name)
        return rank[0] if rank else None

    def _rank(self, name: str) -> tuple[str, int] | None:
        """The field that a name means, and how far behind others of that field it stands; None where it is not known."""
        return self._ranks.get(_plain_name(name))


USUAL = FieldMapper(())


class ExtractedArticle(NamedTuple):
    """An article, and where each of its fields that has a value was found."""

    article: Article
    reasons: Mapping[str, str]


def extract_article(record: Mapping[str, Any], path: str, name: str, names: FieldMapper = USUAL) -> ExtractedArticle:
    """The article of a record, and where each field was found; raises NoTextError.

    `name` is the article's id where the record has neither an id nor an address.
    """
    found = _Fields(record, names)
    body = found.text("body", _body)
    day, body = split_header(body)
    wire = dateline(body)
    title = found.text("title", _line) or found.otherwise(
        "title", "the first sentence", first_sentence(_without(body, wire))
    )
    if not title:
        raise NoTextError
    when = found.date() or found.otherwise("date", "a date line at the head of the text", parse_date(day))
    url = found.text("url", _line)
    article_id = found.text("id", _line) or found.otherwise("id", "its address", url) or name
    agency, places = (wire.agency, wire.places) if wire else ("", ())
    article = Article(
        id=article_id[:1_000],
        title=title,
        body=body,
        path=path,
        date=when.date if when else None,
        published=when.published if when else None,
        author=found.values("author", _authors),
        source=next(iter(found.values("source", _whole)), "") or found.otherwise("source", *_agency(agency, body)),
        section=next(iter(found.values("section", _whole)), ""),
        place=found.values("place", _parts) or found.otherwise("place", "the dateline", places),
        tag=found.values("tag", _parts),
        language=_language(found.text("language", _line)),
        url=url,
        extra=found.rest(),
    )
    return ExtractedArticle(article, {"id": "its path"} | found.reasons)


def _agency(of_dateline: str, body: str) -> tuple[str, str]:
    """Where an agency was found, and which."""
    return ("the dateline", of_dateline) if of_dateline else ("the credit at the end", credit(body))


def _without(body: str, wire: Dateline | None) -> str:
    return body[wire.length if wire else 0 :]


class _Fields:
    """A record's values by the article's fields; what is taken is taken out, so that the rest is `extra`.

    `reasons` says where the fields that were taken were found.
    """

    def __init__(self, record: Mapping[str, Any], names: FieldMapper) -> None:
        self.reasons: dict[str, str] = {}
        self._where: Mapping[str, str] = getattr(record, "where", {})
        self._left = {str(name): value for name, value in record.items() if value not in (None, "", [], {})}
        candidates: dict[str, list[tuple[int, str]]] = {}
        for name in self._left:
            rank = names.rank(name)
            if rank is not None:
                candidates.setdefault(rank[0], []).append((rank[1], name))
        self._names = {field: [name for _, name in sorted(ranked)] for field, ranked in candidates.items()}

    def text(self, field: str, read: Callable[[Any], str]) -> str:
        """The first usable text of a field; "" where there is none."""
        for name in self._names.get(field, ()):
            if text := read(self._left[name]):
                self._take(field, name)
                return text
        return ""

    def otherwise(self, field: str, where: str, value: _T) -> _T:
        """A value that was found elsewhere, with where that was, if it is one."""
        if value:
            self.reasons[field] = where
        return value

    def _take(self, field: str, name: str) -> None:
        del self._left[name]
        self.reasons[field] = self._where.get(name) or f"“{name}”"

    def date(self) -> PublicationDate | None:
        for name in self._names.get("date", ()):
            if when := parse_date(self._left[name]):
                self._take("date", name)
                return when
        return None

    def values(self, field: str, split: Callable[[str], list[str]]) -> tuple[str, ...]:
        """The values of the first name of a field that has any."""
        for name in self._names.get(field, ()):
            if values := _unique(part for value in _flat(self._left[name]) for part in split(value)):
                self._take(field, name)
                return values
        return ()

    def rest(self) -> dict[str, tuple[str, ...]]:
        """Every other value, nested ones under names joined by dots."""
        extra: dict[str, list[str]] = {}
        for name, value in _leaves("", self._left, 0):
            extra.setdefault(name, []).append(value)
        return {name: values for name, found in extra.items() if (values := _unique(found))}


def _line(value: Any) -> str:
    """One line of text: of a scalar, or of the first of a list, or of what an object calls its name."""
    text = next(_flat(value), "")
    return html.unescape(text) if "&" in text else text


def _body(value: Any) -> str:
    if isinstance(value, list):
        return "\n\n".join(filter(None, map(_body, value)))
    if isinstance(value, dict):
        return next((_body(value[key]) for key in _TEXT_KEYS if value.get(key)), "")
    if not isinstance(value, str):
        return ""
    return html_text(value) if looks_like_html(value) else paragraphs(value)


def _flat(value: Any, depth: int = 0) -> Iterator[str]:
    """The scalar values in a value, each as one line of text."""
    if isinstance(value, dict):
        named = next((value[key] for key in _TEXT_KEYS if value.get(key)), None)
        yield from _flat(named, depth + 1) if named is not None and depth < MAX_NESTING else ()
    elif isinstance(value, list | tuple):
        for item in value[:MAX_VALUES] if depth < MAX_NESTING else ():
            yield from _flat(item, depth + 1)
    elif value is not None and (text := _scalar(value)):
        yield text


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(clean(str(value)).split())


def _leaves(prefix: str, value: Any, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and depth < MAX_NESTING:
        for name, inner in value.items():
            label = " ".join(clean(str(name)).split()) or "_"
            label = f"x_{label}" if not prefix and label in METADATA else label
            yield from _leaves(f"{prefix}.{label}" if prefix else label, inner, depth + 1)
    elif isinstance(value, list | tuple) and depth < MAX_NESTING:
        for item in value[:MAX_VALUES]:
            yield from _leaves(prefix, item, depth + 1)
    elif value is not None and not isinstance(value, dict | list | tuple) and (text := _scalar(value)):
        yield prefix, text


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))[:MAX_VALUES]


def _whole(value: str) -> list[str]:
    return [value]


def _parts(value: str) -> list[str]:
    """A text of many values: parted by semicolons or bars, or else by commas where no part has several words."""
    if ";" not in value and "|" not in value and any(part.count(" ") > 2 for part in value.split(",")):
        return [value]
    return [part for part in _LIST.split(value) if part]


def _authors(value: str) -> list[str]:
    """`By Jane Smith and John Doe` as two names; `Smith, Jane` stays one."""
    names = [name for name in _AND.split(_BYLINE.sub("", value)) if name]
    return [part for name in names for part in (name.split(", ") if _is_list_of_names(name) else [name])]


def _is_list_of_names(value: str) -> bool:
    return ", " in value and all(" " in part.strip() for part in value.split(", "))


def _language(value: str) -> str:
    """`en-US` as `en`; names such as `English` stay."""
    code = re.split("[-_]", value.strip().lower())[0]
    return code if len(code) in (2, 3) else value
