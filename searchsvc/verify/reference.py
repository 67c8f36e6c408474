"""What a request means, word for word and by brute force: the yardstick of every engine, and of `check --verify`.

Nothing here is quick; everything is meant to be plain.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import assert_never

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.phrases import positions_of, sloppy_matches
from searchsvc.analysis.term_matching import term_predicate, terms_of, value_matcher
from searchsvc.model.article import Article
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


@dataclass(frozen=True)
class Scanned:
    """An article, its metadata, and the words of its texts, found when they are first asked for."""

    article: Article
    metadata: Mapping[str, Sequence[str]]
    analyzer: Analyzer

    @cached_property
    def stems(self) -> dict[str, dict[str, list[int]]]:
        """Where each stem stands, in title and body."""
        return {name: positions_of(self.analyzer.terms(text)) for name, text in self._texts()}

    @cached_property
    def words(self) -> dict[str, frozenset[str]]:
        """The words as written of title and body."""
        return {name: frozenset(self.analyzer.tokens(text)) for name, text in self._texts()}

    def values(self, name: str) -> list[list[str]]:
        """The words as written of each value of a metadata field."""
        return [self.analyzer.tokens(value) for value in self.metadata.get(name, ())]

    def _texts(self) -> tuple[tuple[str, str], ...]:
        return ("title", self.article.title), ("body", self.article.body)


def fits(request: SearchRequest, scanned: Scanned, ignoring: str | None = None) -> bool:
    """Whether the request finds the article; `ignoring` leaves out the filter of one field, as its facet does."""
    article = scanned.article
    for name, values in request.filters.items():
        if name != ignoring and not set(values) & set(scanned.metadata.get(name, ())):
            return False
    if request.dates and ignoring != "date" and not str(article.date).startswith(request.dates):
        return False
    within = _dated(article, request.start, request.end) if request.start or request.end else True
    return within and matches(request.tree, scanned)


def found(request: SearchRequest, archive: Sequence[Scanned], ignoring: str | None = None) -> list[Scanned]:
    """The articles that the request finds."""
    return [scanned for scanned in archive if fits(request, scanned, ignoring)]


def counts(request: SearchRequest, archive: Sequence[Scanned], name: str) -> dict[str, int]:
    """The disjunctive counts of one metadata field."""
    values = (scanned.metadata.get(name, ()) for scanned in found(request, archive, ignoring=name))
    return dict(Counter(value for of in values for value in of))


def matches(node: Node, scanned: Scanned, scope: str | None = None) -> bool:
    """Whether the tree matches the article, within one field where `scope` names one."""
    match node:
        case MatchAll():
            return True
        case Term() | Phrase() | Wildcard() | Fuzzy():
            return _has(node, scanned, scope)
        case Boost(inner):
            return matches(inner, scanned, scope)
        case Field(name, inner):
            return matches(inner, scanned, name)
        case DateRange(start, end):
            return _dated(scanned.article, start, end)
        case Not(inner):
            return not matches(inner, scanned, scope)
        case And(nodes):
            return all(matches(inner, scanned, scope) for inner in nodes)
        case Or(nodes):
            return any(matches(inner, scanned, scope) for inner in nodes)
        case _:
            assert_never(node)


def _has(node: Term | Phrase | Wildcard | Fuzzy, scanned: Scanned, scope: str | None) -> bool:
    if scope not in (None, *TEXT_FIELDS):
        return any(map(_fits_value(node, scanned.analyzer), scanned.values(scope)))
    fields = (scope,) if scope else TEXT_FIELDS
    if isinstance(node, Wildcard | Fuzzy):
        return any(map(_fits_word(node, scanned.analyzer), (word for name in fields for word in scanned.words[name])))
    terms = _terms(node, scanned.analyzer)
    slop = node.slop if isinstance(node, Phrase) else 0
    return any(any(sloppy_matches(scanned.stems[name], terms, slop)) for name in fields)


# Of a query that many articles are compared with, these are made once.
_fits_value = lru_cache(maxsize=1024)(value_matcher)
_fits_word = lru_cache(maxsize=1024)(term_predicate)
_terms = lru_cache(maxsize=1024)(terms_of)


def _dated(article: Article, start: date | None, end: date | None) -> bool:
    return article.date is not None and (start or date.min) <= article.date <= (end or date.max)
