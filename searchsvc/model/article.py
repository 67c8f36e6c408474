"""The article: its fields, the form in which engines store it, and the keys by which it is filtered and sorted."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from hashlib import blake2b
from typing import Any, Literal

import orjson

METADATA = ("section", "source", "place", "author", "tag", "language")
"""Metadata fields with an attribute of their own, in the order of their facets. All others are in `extra`."""
FIELDS = ("id", "title", "body", "date", "author", "source", "section", "place", "tag", "language", "url")
"""Fields of an article that the fields of a record can be mapped to."""
ExportFormat = Literal["jsonl", "csv", "ris"]
"""Formats of files of articles."""
FieldMapping = tuple[tuple[str, str], ...]
"""Pairs of a name in records and the article field that it means. They take precedence over the built-in aliases."""

MAX_VALUE_BYTES = 1_000  # bytes of a metadata value that are indexed
EPOCH_SHIFT = 10**12  # makes the seconds since 1970 of every year from 1 positive, so that they sort as text
_EPOCH_DAY = dt.date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Article:
    """One article of the archive.

    `date` is the calendar day as the publisher wrote it. `published` is the instant, if known, with its time zone. `extra`
    holds every other metadata field under its own name. Unknown text is "", unknown values are ().
    """

    id: str
    title: str
    body: str
    path: str
    date: dt.date | None = None
    published: dt.datetime | None = None
    author: tuple[str, ...] = ()
    source: str = ""
    section: str = ""
    place: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    language: str = ""
    url: str = ""
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


_NAMES = tuple(each.name for each in fields(Article))
_PARSERS: Mapping[str, Callable[[Any], Any]] = {
    **{each.name: tuple for each in fields(Article) if each.default == ()},
    "date": dt.date.fromisoformat,
    "published": dt.datetime.fromisoformat,
    "extra": lambda extra: {name: tuple(values) for name, values in extra.items()},
}


def dump(article: Article) -> bytes:
    """Return the article as JSON, without its empty fields."""
    return orjson.dumps({name: value for name in _NAMES if (value := getattr(article, name))})


def load(data: bytes) -> Article:
    """Return the article that `dump` wrote."""
    return from_fields(orjson.loads(data))


def from_fields(stored: Mapping[str, Any]) -> Article:
    """Return the article that `dump` wrote, given its parsed JSON."""
    parsed = {name: parse(stored[name]) for name, parse in _PARSERS.items() if name in stored}
    return Article(**{"body": "", **stored, **parsed})


def fingerprint(data: bytes) -> bytes:
    """Return 16 bytes that differ for different articles."""
    return blake2b(data, digest_size=16).digest()


def number_of(article_id: str) -> int:
    """Return a number for an article, the same in every index. Collisions are as rare as those of 63-bit hashes."""
    return int.from_bytes(blake2b(article_id.encode(), digest_size=8).digest()) >> 1


def last_number(share: float) -> int:
    """Return the number up to which a share of all articles have theirs, chosen as if at random."""
    return max(0, int(share * 2**63) - 1)


def metadata(article: Article) -> dict[str, tuple[str, ...]]:
    """Return every metadata field of the article with its distinct values as they are indexed, cut to 1,000 bytes each."""
    known = {name: getattr(article, name) for name in METADATA}
    own = {name: (values,) if isinstance(values, str) else values for name, values in known.items()}
    every = {**article.extra, **own}.items()
    return {name: tuple(dict.fromkeys(map(_indexed, filter(None, values)))) for name, values in every if any(values)}


def _indexed(value: str) -> str:
    encoded = value.encode()
    return value if len(encoded) <= MAX_VALUE_BYTES else encoded[:MAX_VALUE_BYTES].decode(errors="ignore")


def instant(article: Article) -> int:
    """Return the seconds since 1970 by which a dated article is sorted: its instant, or the start of its day in UTC."""
    if article.published is not None:
        return int(article.published.timestamp())
    assert article.date is not None, "undated articles have no instant"  # noqa: S101
    return (article.date.toordinal() - _EPOCH_DAY) * 86_400


def is_earlier(one: Article, other: Article) -> bool:
    """Return whether an article comes before another one in the order of time, where undated ones come last."""
    if one.date is None or other.date is None:
        return one.date is not None
    return (instant(one), one.id) < (instant(other), other.id)


def order_key(article: Article) -> str:
    """Return a text that sorts dated articles by instant, then by id."""
    return f"{instant(article) + EPOCH_SHIFT:013d}|{article.id}"
