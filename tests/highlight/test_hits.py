"""Every hit shows why it was found."""

from datetime import date

import pytest
from hypothesis import given

from searchsvc.analysis.analyzer import analyzer_for
from searchsvc.highlight.highlighter import Highlighter
from searchsvc.query.ast import TEXT_FIELDS, And, Boost, DateRange, Field, Fuzzy, Node, Or, Phrase, Term, Wildcard
from searchsvc.verify.reference import AnalyzedArticle, matches, matches_tree
from tests.strategies import Archive, archives

NOTHING = DateRange(date.max, date.min)


@pytest.mark.slow
@given(archives())
def test_every_hit_is_marked_unless_it_matches_without_its_text(archive: Archive) -> None:
    articles, (request,) = archive
    highlighter = Highlighter(request.tree, analyzer_for("english"))
    for analyzed in (AnalyzedArticle(article, "english") for article in articles):
        if matches(request, analyzed):
            snippets = (highlighter.title(analyzed.article.title), *highlighter.fragments(analyzed.article.body))
            marked = any(snippet.spans for snippet in snippets)
            assert marked or matches_tree(_without_text(request.tree), analyzed), str(request.tree)


def _without_text(node: Node, scope: str | None = None) -> Node:
    """Return the tree with every clause on title or body replaced by one that matches nothing."""
    match node:
        case Term() | Phrase() | Wildcard() | Fuzzy():
            return NOTHING if scope in (None, *TEXT_FIELDS) else node
        case Boost(inner, weight):
            return Boost(_without_text(inner, scope), weight)
        case Field(name, inner):
            return Field(name, _without_text(inner, name))
        case And(nodes):
            return And(tuple(_without_text(inner, scope) for inner in nodes))
        case Or(nodes):
            return Or(tuple(_without_text(inner, scope) for inner in nodes))
        case _:
            return node
