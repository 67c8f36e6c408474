"""What is read of an index, and kept: postings as sets of documents, dates, orders, words and values."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, cast

from whoosh.reading import IndexReader, TermNotFound

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.engines.stored import load
from searchsvc.engines.whoosh.schema import UNDATED, meta_term
from searchsvc.model.article import Article

Documents = frozenset[int]
"""Articles, by the numbers that Whoosh gives them."""

NOTHING: Documents = frozenset()


@dataclass(frozen=True, slots=True)
class Key:
    """What an article is sorted and dated by; `day` and `instant` are None where it has no date."""

    id: str
    day: date | None
    instant: int | None


class Archive:
    """One generation. Every document that is given is live: the library passes over those that are deleted."""

    def __init__(self, reader: IndexReader, analyzer: Analyzer) -> None:
        self._reader = reader
        self.analyzer = analyzer
        self.values = lru_cache(maxsize=64)(self._values)
        self.counts = lru_cache(maxsize=8)(self._counts)
        self.length = lru_cache(maxsize=8)(self._average_length)

    @cached_property
    def keys(self) -> Mapping[int, Key]:
        """Every document's key."""
        if not self.everything:
            return {}  # an index without documents has no columns
        column = self._reader.column_reader("key", translate=False)
        return {document: _key(column[document]) for document in self.everything}

    @cached_property
    def everything(self) -> Documents:
        """Every document."""
        return frozenset(self._reader.all_doc_ids())

    @cached_property
    def place_when_newest_first(self) -> Mapping[int, int]:
        """Where each document stands, by instant and id, those without a date last, by id."""
        return self._places(newest_first=True)

    @cached_property
    def place_when_oldest_first(self) -> Mapping[int, int]:
        """The same the other way round; those without a date still come last."""
        return self._places(newest_first=False)

    def article(self, document: int) -> Article:
        """The article itself."""
        return load(cast(bytes, self._reader.stored_fields(document)["article"]))

    def having(self, field: str, term: str) -> Documents:
        """Documents with a term."""
        try:
            return frozenset(self._reader.postings(field, term).all_ids())
        except TermNotFound:
            return NOTHING

    def having_text(self, term: str) -> Documents:
        """Documents with a stem, in title or body."""
        return self.having("title", term) | self.having("body", term)

    def frequencies(self, field: str, term: str) -> dict[int, float]:
        """How often the term stands in each document that has it."""
        return {posting.id(): float(posting.weight()) for posting in self._postings(field, term)}

    def positions(self, field: str, term: str, documents: Documents) -> dict[int, Sequence[int]]:
        """Where the term stands in each of these documents that has it."""
        postings = self._postings(field, term)
        return {posting.id(): posting.value_as("positions") for posting in postings if posting.id() in documents}

    def _postings(self, field: str, term: str) -> Iterator[Any]:
        """The library's cursor, on each posting in turn."""
        try:
            postings = self._reader.postings(field, term)
        except TermNotFound:
            return
        while postings.is_active():
            yield postings
            postings.next()

    def field_length(self, document: int, field: str) -> int:
        """About how many terms a document has in a field."""
        return int(self._reader.doc_field_length(document, field) or 0)

    def _average_length(self, fields: tuple[str, ...]) -> float:
        total = float(sum(self._reader.field_length(field) for field in fields))
        return max(1.0, total / max(1, int(self._reader.doc_count_all())))

    def _counts(self, field: str) -> Mapping[str, int]:
        """Every word of a field, and about how many documents have it: deleted ones still count."""
        return {term.decode(): info.doc_frequency() for term, info in self._reader.iter_field(field)}

    def _values(self, name: str) -> Mapping[str, Documents]:
        """The values of a metadata field, and the documents that have each."""
        prefix = meta_term(name, "").encode()
        terms = [term.decode() for term in self._reader.expand_prefix("meta", prefix)]
        found = {term[len(name) + 1 :]: self.having("meta", term) for term in terms}
        return {value: documents for value, documents in found.items() if documents}

    def _places(self, *, newest_first: bool) -> Mapping[int, int]:
        by_id = sorted(self.keys, key=lambda document: self.keys[document].id)
        dated = [document for document in by_id if self.keys[document].instant is not None]
        dated.sort(key=self.instant)
        undated = [document for document in by_id if self.keys[document].instant is None]
        ordered = [*(reversed(dated) if newest_first else dated), *undated]
        return {document: place for place, document in enumerate(ordered)}

    def instant(self, document: int) -> int:
        """The seconds since 1970 by which a dated document is sorted."""
        instant = self.keys[document].instant
        assert instant is not None, "undated articles have no instant"  # noqa: S101
        return instant

    def days(self, documents: Documents) -> Counter[str]:
        """The days of the documents that have one, as text."""
        days = (self.keys[document].day for document in documents)
        return Counter(str(day) for day in days if day is not None)


def _key(data: bytes) -> Key:
    day, instant, article_id = data.decode().split("|", 2)
    if int(day) == UNDATED:
        return Key(article_id, None, None)
    return Key(article_id, date.fromordinal(int(day)), int(instant))
