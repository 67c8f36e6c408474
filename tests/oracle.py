"""What the query language means, word for word and by brute force: the yardstick of every engine."""

import re
from collections import Counter
from datetime import date

from rapidfuzz.distance import OSA

from searchsvc.analysis import Analyzer
from searchsvc.engines.stored import metadata
from searchsvc.model import Article, SearchRequest
from searchsvc.tree import And, Boost, Dates, Everything, Field, Fuzzy, Node, Not, Or, Pattern, Phrase, Word

ANALYZER = Analyzer("english")


def matches(node: Node, article: Article, scope: str | None = None) -> bool:
    match node:
        case Everything():
            return True
        case Word(text) | Phrase(text):
            return any(_has(words, _terms(text, scope)) for words in _texts(article, scope))
        case Pattern(text):
            fits = re.compile(re.escape(text.lower()).replace(r"\*", ".*").replace(r"\?", ".")).fullmatch
            return any(map(fits, _written(article, scope)))
        case Fuzzy(text, distance):
            return any(OSA.distance(text.lower(), word) <= distance for word in _written(article, scope))
        case Boost(inner):
            return matches(inner, article, scope)
        case Field(name, inner):
            return matches(inner, article, name)
        case Dates(start, end):
            return article.date is not None and (start or date.min) <= article.date <= (end or date.max)
        case Not(inner):
            return not matches(inner, article, scope)
        case And(nodes):
            return all(matches(inner, article, scope) for inner in nodes)
        case Or(nodes):
            return any(matches(inner, article, scope) for inner in nodes)


def found(request: SearchRequest, articles: list[Article], ignoring: str | None = None) -> list[Article]:
    """The articles that the request matches, without the filter of one field."""
    return [article for article in articles if matches(request.tree, article) and _passes(request, article, ignoring)]


def counts(request: SearchRequest, articles: list[Article], name: str) -> dict[str, int]:
    """The disjunctive counts of one metadata field."""
    hits = found(request, articles, ignoring=name)
    return dict(Counter(value for article in hits for value in metadata(article).get(name, ())))


def _passes(request: SearchRequest, article: Article, ignoring: str | None) -> bool:
    for name, values in request.filters.items():
        if name != ignoring and not set(values) & set(metadata(article).get(name, ())):
            return False
    if request.dates and ignoring != "date" and not str(article.date).startswith(request.dates):
        return False
    return matches(Dates(request.start, request.end), article) if request.start or request.end else True


def _written(article: Article, scope: str | None) -> list[str]:
    texts = [article.title] * (scope in (None, "title")) + [article.body] * (scope in (None, "body"))
    return [word for text in texts or metadata(article).get(scope or "", ()) for word in ANALYZER.written(text)]


def _texts(article: Article, scope: str | None) -> list[list[str]]:
    if scope in (None, "title", "body"):
        texts = [article.title] * (scope != "body") + [article.body] * (scope != "title")
        return [ANALYZER.terms(text) for text in texts]
    return [ANALYZER.written(value) for value in metadata(article).get(scope, ())]


def _terms(text: str, scope: str | None) -> list[str]:
    return ANALYZER.terms(text) if scope in (None, "title", "body") else ANALYZER.written(text)


def _has(words: list[str], wanted: list[str]) -> bool:
    return any(words[at : at + len(wanted)] == wanted for at in range(len(words) - len(wanted) + 1))
