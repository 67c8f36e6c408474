"""The terms of a query: what ranking, highlighting and suggestions look for in title and body."""

from functools import lru_cache
from typing import NamedTuple

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.joined_words import joined_word
from searchsvc.analysis.term_matching import terms_of
from searchsvc.query.ast import Fuzzy, Node, Phrase, Term, Wildcard, leaves

Terms = tuple[str, ...]  # adjacent stems, or words as written: one for a word, several for a phrase


class QueryTerm(NamedTuple):
    """A word or a phrase of a query: stems with the steps within which they may be apart, or words as written (None)."""

    terms: Terms
    slop: int | None = 0


class FieldTerms(NamedTuple):
    """The terms of a query in one text field, each once, in the order of the query. Excluded terms are left out."""

    terms: tuple[QueryTerm, ...]
    words: tuple[str, ...]  # single words as typed, normalized but not stemmed
    patterns: frozenset[Wildcard | Fuzzy]

    @property
    def stems(self) -> tuple[str, ...]:
        """The stems of single words."""
        return tuple(each.terms[0] for each in self.terms if len(each.terms) == 1 and each.slop is not None)


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
    found = [_query_term(each, analyzer) for each in nodes if isinstance(each, Term | Phrase)]
    joined = (joined_word(each.text) for each in nodes if isinstance(each, Term))
    found += (_query_term(Term(word), analyzer) for word in joined if word)
    texts = (each.text for each in nodes if isinstance(each, Term))
    return FieldTerms(
        tuple(dict.fromkeys(each for each in found if each.terms)),
        tuple(dict.fromkeys(word for text in texts for word in analyzer.tokens(text))),
        frozenset(each for each in nodes if isinstance(each, Wildcard | Fuzzy)),
    )


def _query_term(node: Term | Phrase, analyzer: Analyzer) -> QueryTerm:
    terms = terms_of(node, analyzer)
    slop = node.slop if isinstance(node, Phrase) else 0
    return QueryTerm(terms, 0 if slop is not None and len(terms) == 1 else slop)
