"""The terms of a query: what ranking, highlighting and suggestions look for in title and body."""

from functools import lru_cache
from typing import NamedTuple

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.term_matching import terms_of
from searchsvc.query.ast import Fuzzy, Node, Phrase, Term, Wildcard, leaves

Terms = tuple[str, ...]  # adjacent stems: one for a word, several for a phrase


class QueryTerm(NamedTuple):
    """A word or a phrase of a query. `slop` is the number of steps within which the words of a phrase may be apart."""

    terms: Terms
    slop: int = 0


class FieldTerms(NamedTuple):
    """The terms of a query in one text field, each once, in the order of the query. Excluded terms are left out."""

    terms: tuple[QueryTerm, ...]
    words: tuple[str, ...]  # single words as typed, normalized but not stemmed
    patterns: frozenset[Wildcard | Fuzzy]

    @property
    def stems(self) -> tuple[str, ...]:
        """The stems of single words."""
        return tuple(each.terms[0] for each in self.terms if len(each.terms) == 1)


class QueryTerms(NamedTuple):
    """The terms of a query by text field."""

    title: FieldTerms
    body: FieldTerms


@lru_cache(maxsize=1024)
def extract_terms(tree: Node, analyzer: Analyzer) -> QueryTerms:
    """Return the terms of a query. Equal trees share one result, so a request's terms are extracted once."""
    return QueryTerms(_field_terms(tree, "title", analyzer), _field_terms(tree, "body", analyzer))


def _field_terms(tree: Node, field: str, analyzer: Analyzer) -> FieldTerms:
    nodes = [node for node, scopes in leaves(tree) if scopes[-1:] in ((), (field,))]
    found = [(terms_of(each, analyzer), getattr(each, "slop", 0)) for each in nodes if isinstance(each, Term | Phrase)]
    texts = (each.text for each in nodes if isinstance(each, Term))
    return FieldTerms(
        tuple(dict.fromkeys(QueryTerm(terms, slop if len(terms) > 1 else 0) for terms, slop in found if terms)),
        tuple(dict.fromkeys(word for text in texts for word in analyzer.tokens(text))),
        frozenset(each for each in nodes if isinstance(each, Wildcard | Fuzzy)),
    )
