"""The fields of an index, and articles as its documents.

Our analyzer cuts texts into terms, and the cluster only splits them at spaces. So all engines have the same terms, and a
cluster needs no plugin.

| field         | contents                                                | used for                                      |
|---------------|---------------------------------------------------------|-----------------------------------------------|
| `id`          | id of the article                                       | getting one article                           |
| `text`        | stems of title and body, copied by the cluster          | words, scored as one field                    |
| `title`       | stems of the title, with positions                      | `title:`, phrases, the title boost            |
| `body`        | stems of the body, with positions                       | `body:`, phrases                              |
| `title_words` | words of the title as written                           | prefixes, wildcards, fuzzy words              |
| `body_words`  | words of the body as written                            | the same, and the boost of exact words        |
| `vocabulary`  | distinct words of the body, not searchable              | counting terms                                |
| `meta`        | metadata values, each after the prefix of its field     | filters and facets                            |
| `meta_words`  | words of metadata values, each after that prefix        | `place:delhi`                                 |
| `day`         | 20221223                                                | date ranges, the date facet by day            |
| `month`       | 202212                                                  | the date facet by month and year              |
| `instant`     | seconds since 1970 by which the article is sorted       | cursors                                       |
| `order`       | instant and id, sortable as text                        | the total order by date                       |
| `undated`     | id of an article without a date                         | the order of undated articles                 |
| `article`     | the article as JSON, the only part that is stored       | hits                                          |
"""

from functools import lru_cache
from hashlib import blake2b
from typing import Any

import orjson

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.model.article import Article, instant, metadata, order_key
from searchsvc.model.periods import day_number

SCHEMA_VERSION = 1
MAX_RANK_WINDOW = 110_000
"""The largest offset of a search: as deep as a cursor goes, and one page more."""

_TERMS = {"type": "text", "analyzer": "whitespace"}
_EXACT = {"type": "keyword", "ignore_above": 8_191}
_NUMBER = {"type": "long"}


def index_mapping(owner: str) -> dict[str, Any]:
    """Return the mapping of a new index. `owner` identifies the archive, since several may share a cluster."""
    return {
        "dynamic": "strict",
        "_meta": {"owner": owner, "schema": SCHEMA_VERSION},
        # Until segments are merged, the cluster keeps whole documents besides. If it moves an index while it is written,
        # it completes the copy from them.
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
    """Return the document of an article as JSON."""
    title, title_words = analyzer.analyze_both(article.title)
    body, body_words = analyzer.analyze_both(article.body)
    values = [(name, value) for name, values in metadata(article).items() for value in values]
    fields: dict[str, Any] = {
        "id": article.id,
        "title": " ".join(title),
        "body": " ".join(body),
        "title_words": " ".join(title_words),
        "body_words": " ".join(body_words),
        "vocabulary": list(dict.fromkeys(body_words)),
        "meta": [prefixed(name, value) for name, value in values],
        "meta_words": [" ".join(prefixed(name, word) for word in analyzer.tokens(value)) for name, value in values],
        "article": orjson.Fragment(stored),
    }
    if article.date is not None:
        day = day_number(article.date)
        fields |= {"day": day, "month": day // 100, "instant": instant(article), "order": order_key(article)}
    else:
        fields["undated"] = article.id
    return orjson.dumps(fields)


def document_id(article_id: str) -> str:
    """Return the id of an article's document. The cluster limits its length, so it is a digest."""
    return blake2b(article_id.encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=10_000)
def field_prefix(name: str) -> str:
    """Return the prefix of a metadata field's values and words. It is a digest, since names may have any characters."""
    return blake2b(name.encode(), digest_size=8).hexdigest() + "="


def prefixed(name: str, value: str) -> str:
    """Return a value or word of a metadata field as it is indexed."""
    return field_prefix(name) + value
