"""The fields of an index, and articles as its documents.

Our analyzer cuts texts into terms, and the cluster only splits them at spaces. So all engines have the same terms, and a
cluster needs no plugin.
"""

from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from typing import Any

import orjson

from searchsvc.analysis.analyzer import analyzer_for
from searchsvc.model.article import Article, instant, metadata, number_of, order_key
from searchsvc.model.languages import language_of
from searchsvc.model.periods import day_number

SCHEMA_VERSION = 7
MAX_RANK_WINDOW = 110_000  # the largest offset of a search: as deep as a cursor goes, and one page more

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
            "id": _EXACT,  # to get one article
            "language": _EXACT,  # by whose rules the article is searched
            "text": _TERMS | {"index_options": "freqs"},  # stems of title and body, scored as one field
            "title": _TERMS | {"copy_to": "text"},  # stems, for `title:`, phrases in any form and the title boost
            "body": _TERMS | {"copy_to": "text"},  # stems, for `body:` and phrases in any form
            "title_words": _TERMS,  # as written, for exact phrases, wildcards and fuzzy words
            "body_words": _TERMS,  # the same, and for the boost of exact words
            # Distinct words of the body, to count terms.
            "vocabulary": {"type": "keyword", "index": False, "eager_global_ordinals": False},
            "meta": _EXACT,  # values after the prefix of their field, for filters and facets
            "meta_words": _TERMS | {"norms": False},  # words of values, each after that prefix, for `place:delhi`
            "number": _NUMBER,  # made of the id, to search a share of the articles
            "versioned": {"type": "boolean"},  # true if the article has other versions
            "day": _NUMBER,  # 20221223, for date ranges and the facet by day
            "month": _NUMBER,  # 202212, for the facet by month and year
            "instant": _NUMBER,  # seconds since 1970 by which the article is sorted, for cursors
            "order": _EXACT,  # instant and id, sortable as text, for the total order by date
            "undated": _EXACT,  # id of an article without a date, for the order of those
            "article": {"type": "object", "enabled": False},  # the article as JSON, the only part that is stored
        },
    }


def document(article: Article, stored: bytes, languages: tuple[str, ...], *, versioned: bool = False) -> bytes:
    """Return the document of an article as JSON. Its language is one of the `languages`, if there are any."""
    analyzer = analyzer_for(language_of(article.language, languages))
    title, title_words = zip(*analyzer.analyze_readings(article.title), strict=True)
    body, body_words = zip(*analyzer.analyze_readings(article.body), strict=True)
    values = [(name, value) for name, values in metadata(article).items() for value in values]
    texts = {"title": title, "body": body, "title_words": title_words, "body_words": body_words}
    fields: dict[str, Any] = {
        "id": article.id,
        "number": number_of(article.id),
        "language": analyzer.language,
        # The cluster keeps the positions of several values a hundred apart.
        **{name: [" ".join(words) for words in readings] for name, readings in texts.items()},
        "vocabulary": list(dict.fromkeys(chain.from_iterable(texts["body_words"]))),
        "meta": [prefixed(name, value) for name, value in values],
        "meta_words": [" ".join(prefixed(name, word) for word in analyzer.tokens(value)) for name, value in values],
        "article": orjson.Fragment(stored),
    }
    if versioned:
        fields["versioned"] = True
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
