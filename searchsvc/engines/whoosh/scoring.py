"""Which hits come first: what searchsvc.ranking says, computed from Whoosh's postings."""

from collections.abc import Iterable, Mapping
from itertools import islice, pairwise
from math import log

from searchsvc.analysis.query_terms import extract_terms, extract_words
from searchsvc.analysis.term_matching import terms_of
from searchsvc.engines.scoring import (
    EXACT_WEIGHT,
    K1,
    MAX_PAIRS,
    PROXIMITY_SLOP,
    PROXIMITY_WEIGHT,
    RESCORE_WINDOW,
    TITLE_WEIGHT,
    B,
)
from searchsvc.engines.whoosh.archive import Archive, Documents
from searchsvc.engines.whoosh.matching import Matching
from searchsvc.query.ast import TEXT_FIELDS, And, Boost, Field, Node, Or, Phrase, Term

Fields = tuple[str, ...]
Frequencies = Mapping[int, float]
"""How often a term or phrase stands in each document that has it."""


class Ranking:
    """The order of one request's hits."""

    def __init__(self, archive: Archive, matching: Matching, tree: Node) -> None:
        self._archive = archive
        self._matching = matching
        self._tree = tree

    def ranked(self, documents: Documents) -> list[tuple[int, float]]:
        """The documents and their scores, the best first; equal ones in the order in which they were written."""
        scores = dict.fromkeys(sorted(documents), 0.0)
        self._score(self._tree, None, 1.0, scores)
        for terms, _ in extract_terms(self._tree, "title", self._archive.analyzer):
            if len(terms) == 1:
                self._add(("title",), terms, self._archive.frequencies("title", terms[0]), TITLE_WEIGHT, scores)
        ordered = _ordered(scores)
        best = dict(ordered[:RESCORE_WINDOW])
        self._refine(best)
        return [*_ordered(best), *ordered[RESCORE_WINDOW:]]

    def like(self, terms: Mapping[str, float], left_out: Documents) -> list[tuple[int, float]]:
        """The documents with any of these stems and their scores, the best first."""
        scores = dict.fromkeys(sorted(frozenset[int]().union(*map(self._archive.having_text, terms)) - left_out), 0.0)
        for term, weight in terms.items():
            found = _summed(self._archive.frequencies(field, term) for field in TEXT_FIELDS)
            self._add(TEXT_FIELDS, (term,), found, weight, scores)
        return _ordered(scores)

    def _score(self, node: Node, scope: str | None, weight: float, scores: dict[int, float]) -> None:
        match node:
            case Term() | Phrase():
                self._leaf(node, (scope,) if scope else TEXT_FIELDS, weight, scores)
            case Boost(inner, factor):
                self._score(inner, scope, weight * factor, scores)
            case Field(name, inner):
                self._score(inner, name, weight, scores)
            case And(nodes) | Or(nodes):
                for inner in nodes:
                    self._score(inner, scope, weight, scores)
            case _:
                return  # dates, exclusions and words as written do not weigh

    def _leaf(self, node: Term | Phrase, fields: Fields, weight: float, scores: dict[int, float]) -> None:
        terms = terms_of(node, self._archive.analyzer)
        if not terms or not set(fields) <= set(TEXT_FIELDS):
            return
        if len(terms) == 1:
            found = _summed(self._archive.frequencies(field, terms[0]) for field in fields)
            self._add(fields, terms, found, weight, scores)
            return
        slop = node.slop if isinstance(node, Phrase) else 0
        for field in fields:
            self._add((field,), terms, self._matching.phrase(field, terms, slop), weight, scores)

    def _refine(self, scores: dict[int, float]) -> None:
        """Add what nearness and exact forms are worth."""
        documents = frozenset(scores)
        analyzer = self._archive.analyzer
        words = [terms[0] for terms, _ in extract_terms(self._tree, "body", analyzer) if len(terms) == 1]
        for pair in islice(pairwise(words), MAX_PAIRS):
            for field in TEXT_FIELDS:
                found = self._matching.phrase(field, pair, PROXIMITY_SLOP, documents)
                self._add((field,), pair, found, PROXIMITY_WEIGHT, scores)
        for word in islice(extract_words(self._tree, "body", analyzer), MAX_PAIRS):
            self._add(("body_words",), (word,), self._archive.frequencies("body_words", word), EXACT_WEIGHT, scores)

    def _add(
        self, fields: Fields, terms: tuple[str, ...], found: Frequencies, weight: float, scores: dict[int, float]
    ) -> None:
        """BM25 of a term, or of a phrase with the rarity of all its terms, for the documents that have a score."""
        rarity = sum(self._rarity(fields, term) for term in terms)
        average = self._archive.length(fields)
        for document, frequency in found.items():
            if document in scores:
                length = sum(self._archive.field_length(document, field) for field in fields)
                share = frequency / (frequency + K1 * (1 - B + B * length / average))
                scores[document] += weight * rarity * (K1 + 1) * share

    def _rarity(self, fields: Fields, term: str) -> float:
        having = len(frozenset[int]().union(*(self._archive.having(field, term) for field in fields)))
        return log(1 + (len(self._archive.everything) - having + 0.5) / (having + 0.5))


def _summed(frequencies: Iterable[Frequencies]) -> dict[int, float]:
    total: dict[int, float] = {}
    for each in frequencies:
        for document, frequency in each.items():
            total[document] = total.get(document, 0.0) + frequency
    return total


def _ordered(scores: Mapping[int, float]) -> list[tuple[int, float]]:
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
