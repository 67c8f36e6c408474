"""Which metadata fields of an archive are indexed. An archive with very many names of fields is using data as names.

Its 1,000 most frequent fields can be searched, filtered and counted. The others are only kept with their articles. Counts
are exact, since every article of a generation has a field indexed, or none has: a field whose articles were indexed from
the first one on is never left out before the end, and one that was left out stays so until a full reindex.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from heapq import nsmallest

from searchsvc.model.article import MAX_VALUE_BYTES, METADATA, Article

MAX_FIELDS = 1_000  # fields besides those that every archive may have
MAX_COUNTED = 100_000  # names that are counted, and indexed until it is known which are frequent


class FieldNames:
    """The names of the fields that are indexed, with the number of articles that have each in this reindex.

    `known` are those of the articles that are indexed already. If they are all that ever will be, `is_complete` is true.
    """

    def __init__(self, known: Collection[str] = (), *, is_complete: bool = False) -> None:
        self.counts = Counter[str]()
        self._known = frozenset(known)
        self._most = 0 if is_complete else MAX_COUNTED

    def restrict(self, article: Article) -> Article:
        """Return the article with only those of its own fields that are indexed, and count its fields."""
        indexed = [name for name in article.extra if self._is_indexed(name)]
        self.counts.update(indexed)
        self.counts.update(name for name in METADATA if getattr(article, name))
        if len(indexed) == len(article.extra):
            return article
        return replace(article, extra={name: article.extra[name] for name in indexed})

    def _is_indexed(self, name: str) -> bool:
        if name in self._known or name in self.counts:
            return True
        return len(self.counts) < self._most and len(name.encode()) <= MAX_VALUE_BYTES


def most_frequent(counts: Mapping[str, int]) -> list[str]:
    """Return the fields that can be searched, given the number of articles that have each."""
    own = [name for name in counts if name not in METADATA]
    frequent = own if len(own) <= MAX_FIELDS else nsmallest(MAX_FIELDS, own, key=lambda name: (-counts[name], name))
    return [*(name for name in METADATA if name in counts), *frequent]
