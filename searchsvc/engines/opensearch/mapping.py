"""The fields of an index, and articles as documents.

Texts are cut into terms here, by the analyzer that all engines share, and the cluster only parts them at spaces: so every
engine has the same terms, and a cluster needs no plugin.

| field         | holds                                                      | for                                         |
|---------------|------------------------------------------------------------|---------------------------------------------|
| `id`          | the article's id                                           | getting one article                         |
| `text`        | stems of title and body, which the cluster copies here     | words, ranked as one field                  |
| `title`       | stems of the title, with positions                         | `title:`, phrases, and a boost for titles   |
| `body`        | stems of the body, with positions                          | `body:` and phrases                         |
| `title_words` | words of the title as written                              | prefixes, wildcards, typing mistakes        |
| `body_words`  | words of the body as written                               | the same, and a boost for exact forms       |
| `vocabulary`  | each word of the body once (only counted)                  | suggestions, and what was meant             |
| `meta`        | every metadata value, behind a mark of its field           | filters and facets                          |
| `meta_words`  | every word of metadata values, each behind that mark       | `place:delhi`                               |
| `day`         | 20221223                                                   | date ranges, the date facet by day          |
| `month`       | 202212                                                     | the date facet by month and year            |
| `instant`     | seconds by which it is sorted                              | going on after an article                   |
| `order`       | instant and id, sortable as text                           | newest and oldest first, in a total order   |
| `undated`     | the id of an article without a date                        | the order among those, which come last      |
| `article`     | the article itself, the only thing that is kept as it came | hits                                        |
"""

from functools import lru_cache
from hashlib import blake2b
from typing import Any

import orjson

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.engines.stored import day_number, instant, metadata, order_key
from searchsvc.model.article import Article

SCHEMA_VERSION = 1
MAX_RANK_WINDOW = 110_000
"""Hits that may be gone past: as deep as a cursor goes, and a page."""

_TERMS = {"type": "text", "analyzer": "whitespace"}
_EXACT = {"type": "keyword", "ignore_above": 8_191}
_NUMBER = {"type": "long"}


def mapping(owner: str) -> dict[str, Any]:
    """The mapping of every index that this version writes; `owner` tells archives that share a cluster apart."""
    return {
        "dynamic": "strict",
        "_meta": {"owner": owner, "schema": SCHEMA_VERSION},
        # Until they are merged, the cluster also keeps documents as they were sent: it completes an index from them that it
        # moves while it is fed.
        "_source": {"includes": ["article"]},
        "properties": {
            "id": _EXACT,
            "text": _TERMS | {"index_options": "freqs"},
            "title": _TERMS | {"copy_to": "text"},
            "body": _TERMS | {"copy_to": "text"},
            "title_words": _TERMS | {"index_options": "docs", "norms": False},
            "body_words": _TERMS | {"index_options": "freqs"},
            "vocabulary": {"type": "keyword", "index": False, "eager_global_ordinals": False},
            "meta": _EXACT,
            "meta_words": _TERMS | {"norms": False},
            "day": _NUMBER,
            "month": _NUMBER,
            "instant": _NUMBER,
            "order": _EXACT,
            "undated": _EXACT,
            "article": {"type": "object", "enabled": False},
        },
    }


def document(article: Article, stored: bytes, analyzer: Analyzer) -> bytes:
    """An article as the cluster takes it, in JSON."""
    title, title_words = analyzer.analyze_both(article.title)
    body, body_words = analyzer.analyze_both(article.body)
    values = metadata(article)
    fields: dict[str, Any] = {
        "id": article.id,
        "title": " ".join(title),
        "body": " ".join(body),
        "title_words": " ".join(title_words),
        "body_words": " ".join(body_words),
        "vocabulary": list(dict.fromkeys(body_words)),
        "meta": [meta_value(name, value) for name, of in values.items() for value in of],
        "meta_words": [_marked(name, analyzer.tokens(value)) for name, of in values.items() for value in of],
        "article": orjson.Fragment(stored),
    }
    if article.date is not None:
        day = day_number(article.date)
        fields |= {"day": day, "month": day // 100, "instant": instant(article), "order": order_key(article)}
    else:
        fields["undated"] = article.id
    return orjson.dumps(fields)


def document_id(article_id: str) -> str:
    """The name of an article's document: a cluster takes no long ones."""
    return blake2b(article_id.encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=10_000)
def mark(name: str) -> str:
    """What stands in front of the values and words of a metadata field, whatever its name is."""
    return blake2b(name.encode(), digest_size=8).hexdigest() + "="


def meta_value(name: str, value: str) -> str:
    """A metadata value as it is indexed."""
    return mark(name) + value


def _marked(name: str, words: list[str]) -> str:
    return " ".join(mark(name) + word for word in words)
