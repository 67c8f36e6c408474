"""An article as bytes, the form in which engines keep it and by which its changes are noticed."""

import datetime as dt
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson

from searchsvc.model.article import Article
from searchsvc.model.periods import Unit

MAX_VALUE_BYTES = 1_000
"""Bytes of a metadata value by which it is filtered, counted and searched."""
EPOCH_SHIFT = 10**12
"""Makes seconds since 1970 positive for every year since 1, so that they sort as text."""


def dump(article: Article) -> bytes:
    """The article as JSON, without what it does not have."""
    fields = {
        "id": article.id,
        "title": article.title,
        "body": article.body,
        "path": article.path,
        "date": article.date,
        "published": article.published,
        "author": article.author,
        "source": article.source,
        "section": article.section,
        "place": article.place,
        "tag": article.tag,
        "language": article.language,
        "url": article.url,
        "extra": article.extra,
    }
    return orjson.dumps({name: value for name, value in fields.items() if value})


def load(data: bytes) -> Article:
    """The article that `dump` wrote."""
    return loaded(orjson.loads(data))


def loaded(fields: Mapping[str, Any]) -> Article:
    """The article of what `dump` wrote, parsed."""
    date, published = fields.get("date"), fields.get("published")
    return Article(
        id=fields["id"],
        title=fields["title"],
        body=fields.get("body", ""),
        path=fields["path"],
        date=dt.date.fromisoformat(date) if date else None,
        published=dt.datetime.fromisoformat(published) if published else None,
        author=tuple(fields.get("author", ())),
        source=fields.get("source", ""),
        section=fields.get("section", ""),
        place=tuple(fields.get("place", ())),
        tag=tuple(fields.get("tag", ())),
        language=fields.get("language", ""),
        url=fields.get("url", ""),
        extra={name: tuple(values) for name, values in fields.get("extra", {}).items()},
    )


def fingerprint(data: bytes) -> bytes:
    """Sixteen bytes that differ for different articles."""
    return blake2b(data, digest_size=16).digest()


def metadata(article: Article) -> dict[str, tuple[str, ...]]:
    """Every metadata field that the article has, with its values as they are indexed: each once, its first 1,000 bytes."""
    own: dict[str, tuple[str, ...]] = {
        "section": (article.section,),
        "source": (article.source,),
        "place": article.place,
        "author": article.author,
        "tag": article.tag,
        "language": (article.language,),
    }
    fields = {**article.extra, **own}.items()
    return {name: tuple(dict.fromkeys(map(_indexed, filter(None, values)))) for name, values in fields if any(values)}


def _indexed(value: str) -> str:
    encoded = value.encode()
    return value if len(encoded) <= MAX_VALUE_BYTES else encoded[:MAX_VALUE_BYTES].decode(errors="ignore")


def instant(article: Article) -> int:
    """Seconds since 1970 by which a dated article is sorted: when it was published, else the start of its day in UTC."""
    if article.published is not None:
        return int(article.published.timestamp())
    assert article.date is not None, "undated articles have no instant"  # noqa: S101
    return (article.date.toordinal() - 719_163) * 86_400


def order_key(article: Article) -> str:
    """Instant and id of a dated article, so that texts sort as articles do: by instant, then by id."""
    return f"{instant(article) + EPOCH_SHIFT:013d}|{article.id}"


def day_number(day: dt.date) -> int:
    """A day as it is indexed: 20221223."""
    return day.year * 10_000 + day.month * 100 + day.day


def day_label(number: int, unit: Unit) -> str:
    """20221223 as a day is 2022-12-23, 202212 as a month 2022-12 and as a year 2022."""
    digits = f"{number:08d}" if unit == "day" else f"{number:06d}"
    return "-".join(filter(None, (digits[:4], digits[4:6] if unit != "year" else "", digits[6:])))
