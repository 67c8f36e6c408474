"""Trees into sets of documents."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, reduce
from itertools import islice
from operator import or_
from typing import assert_never

from searchsvc.analysis.phrases import sloppy_matches
from searchsvc.analysis.term_matching import literal_prefix, term_predicate, terms_of, value_matcher
from searchsvc.engines.expansion import Expansion
from searchsvc.engines.whoosh.archive import NOTHING, Archive, Documents
from searchsvc.engines.whoosh.schema import meta_term
from searchsvc.model.periods import period
from searchsvc.query.ast import (
    TEXT_FIELDS,
    And,
    Boost,
    DateRange,
    Field,
    Fuzzy,
    MatchAll,
    Node,
    Not,
    Or,
    Phrase,
    Term,
    Wildcard,
)
from searchsvc.query.request import SearchRequest


class Matching:
    """Finds the documents of one request; `notes` says what was left out."""

    def __init__(self, archive: Archive, request: SearchRequest) -> None:
        self._archive = archive
        self._analyzer = archive.analyzer
        self.notes: list[str] = []
        self._expansion = Expansion(self.notes)
        self.phrase = cache(self._phrase)  # what a phrase matches is needed again to score it
        tree = self._find(request.tree, None)
        self._tree = archive.everything if tree is None else tree
        self._filters = {name: self._having_value(name, values) for name, values in request.filters.items() if values}
        if request.dates:
            periods = [days for value in request.dates if (days := period(value)) is not None]
            self._filters["date"] = any_of(self.dated(*days) for days in periods)
        self._span = self.dated(request.start, request.end) if request.start or request.end else archive.everything

    def documents(self, without: str | None = None) -> Documents:
        """What the request finds, without the filter of the field that is named."""
        filters = (found for name, found in self._filters.items() if name != without)
        return reduce(frozenset.intersection, filters, self._tree & self._span)

    def dated(self, start: date | None, end: date | None) -> Documents:
        """Documents dated within these days, both included; without either, all there are."""
        if start is None and end is None:
            return self._archive.everything
        first, last = start or date.min, end or date.max
        keys = self._archive.keys
        return frozenset(document for document, key in keys.items() if key.day is not None and first <= key.day <= last)

    def _phrase(
        self, field: str, terms: tuple[str, ...], slop: int, within: Documents | None = None
    ) -> Mapping[int, float]:
        """How often each document of a field has the terms side by side; once, where up to `slop` steps may part them."""
        having = (self._archive.having(field, term) for term in set(terms))
        documents = reduce(frozenset.intersection, having, self._archive.everything if within is None else within)
        positions = {term: self._archive.positions(field, term, documents) for term in set(terms)} if documents else {}
        found = {}
        for document in documents:
            places = sloppy_matches({term: of[document] for term, of in positions.items()}, terms, slop)
            number = sum(1 for _ in (islice(places, 1) if slop else places))
            if number:
                found[document] = float(number)
        return found

    def _find(self, node: Node, scope: str | None) -> Documents | None:
        """None for what says nothing, so that it neither adds nor removes articles."""
        match node:
            case MatchAll():
                return None
            case Term() | Phrase():
                return self._text(node, scope) if scope in (None, *TEXT_FIELDS) else self._metadata(node, scope)
            case Wildcard() | Fuzzy():
                return self._written(node, scope) if scope in (None, *TEXT_FIELDS) else self._metadata(node, scope)
            case Boost(inner):
                return self._find(inner, scope)
            case Field(name, inner):
                return self._find(inner, name)
            case DateRange(start, end):
                return self.dated(start, end)
            case Not(inner):
                without = self._find(inner, scope)
                return None if without is None else self._archive.everything - without
            case And(nodes):
                found = [each for inner in nodes if (each := self._find(inner, scope)) is not None]
                return reduce(frozenset.intersection, found) if found else None
            case Or(nodes):
                found = [each for inner in nodes if (each := self._find(inner, scope)) is not None]
                return any_of(found) if found else None
            case _:
                assert_never(node)

    def _text(self, node: Term | Phrase, scope: str | None) -> Documents | None:
        terms = terms_of(node, self._analyzer)
        if not terms:
            return None
        fields = (scope,) if scope else TEXT_FIELDS
        if len(terms) == 1:
            return any_of(self._archive.having(field, terms[0]) for field in fields)
        slop = node.slop if isinstance(node, Phrase) else 0
        return any_of(frozenset(self.phrase(field, terms, slop)) for field in fields)

    def _written(self, node: Wildcard | Fuzzy, scope: str | None) -> Documents:
        fields = [f"{field}_words" for field in ((scope,) if scope else TEXT_FIELDS)]
        matches = term_predicate(node, self._analyzer)
        prefix = literal_prefix(node, self._analyzer) if isinstance(node, Wildcard) else ""
        if isinstance(node, Wildcard) and not prefix:
            return NOTHING
        found: Counter[str] = Counter()
        for field in fields:
            counts = self._archive.counts(field).items()
            found.update({word: count for word, count in counts if word.startswith(prefix) and matches(word)})
        words = sorted(found, key=lambda word: (-found[word], word))
        kept = self._expansion.kept(node, words) if isinstance(node, Wildcard) else words
        return any_of(self._archive.having(field, word) for word in kept for field in fields)

    def _metadata(self, node: Term | Phrase | Wildcard | Fuzzy, name: str) -> Documents | None:
        if isinstance(node, Term | Phrase) and not terms_of(node, self._analyzer, stemmed=False):
            return None
        fits = value_matcher(node, self._analyzer)
        values = self._archive.values(name).items()
        return any_of(documents for value, documents in values if fits(self._analyzer.tokens(value)))

    def _having_value(self, name: str, values: Iterable[str]) -> Documents:
        return any_of(self._archive.having("meta", meta_term(name, value)) for value in values)


def any_of(found: Iterable[Documents]) -> Documents:
    """Documents that are in at least one of these sets."""
    return reduce(or_, found, NOTHING)
