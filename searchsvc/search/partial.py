"""The best of the rest: articles that have most of the words of a query by weight, where few have all of them."""

from dataclasses import replace

from searchsvc.analysis.analyzer import Analyzers
from searchsvc.query.ast import Node, clauses_of
from searchsvc.query.request import SearchRequest
from searchsvc.search.question import Question
from searchsvc.search.question_words import without_question_words


def any_words(question: Question, tree: Node, analyzers: Analyzers) -> SearchRequest | None:
    """Return the request for the articles that have any of the words of a question, the best match first.

    `tree` is the question parsed so. Rare words weigh more than frequent ones, and words that only make a question of it do
    not count. Return None if the question is for any of the words already, or has a single one.
    """
    if question.match == "any" or clauses_of(tree) == clauses_of(question.request.tree):
        return None
    tree = without_question_words(tree, analyzers)
    return replace(question.request, tree=tree, sort="relevance", page=1, after=None, facets=(), date_facet=False)
