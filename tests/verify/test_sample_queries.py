"""Random requests: made from articles, so that most find something, and the same for the same seed."""

import datetime as dt
from collections.abc import Iterator
from random import Random

import pytest

from searchsvc.config import Settings
from searchsvc.model import Article
from searchsvc.query import SearchRequest
from searchsvc.query.ast import And, Boost, DateRange, Field, Fuzzy, Node, Not, Or, Phrase, Term, Wildcard
from searchsvc.query.request import MAX_PER_PAGE
from searchsvc.search import SearchService
from searchsvc.verify.audit import random_requests
from searchsvc.verify.reference import AnalyzedArticle, matches
from searchsvc.verify.sample_queries import MAX_FACETS, RequestSampler

BODIES = (
    "The working group of Russia's ministers met in New Delhi.",
    "Tea harvests of Assam grew, and exporters shipped greener teas.",
    "L’été à Paris: the émigrés' letters were published again.",
    "中国经济 grew while Čapek wrote about robots.",
)
ARTICLES = [
    Article(
        str(number),
        f"Report number {number}",
        BODIES[number % 4],
        "p",
        dt.date(2020, 1, 1) + dt.timedelta(days=40 * number) if number % 5 else None,
        place=("New Delhi", "Paris")[: number % 3],
        source=("ANI", "Reuters")[number % 2],
        extra={"odd.name\\x": (f"value {number % 4}",)},
    )
    for number in range(20)
]


def requests(seed: int, number: int = 300, articles: list[Article] = ARTICLES) -> list[SearchRequest]:
    return RequestSampler(articles, Random(seed)).requests(number)


def nodes(tree: Node) -> Iterator[Node]:
    """Yield the nodes of a tree."""
    yield tree
    match tree:
        case And(inner) | Or(inner):
            for each in inner:
                yield from nodes(each)
        case Not(node) | Boost(node) | Field(_, node):
            yield from nodes(node)


def test_the_same_seed_gives_the_same_requests() -> None:
    assert requests(7) == requests(7)
    assert requests(7)[:10] == requests(7, 10)
    assert requests(7) != requests(8)


@pytest.mark.parametrize("number", [0, 1, 17])
def test_as_many_requests_are_made_as_asked(number: int) -> None:
    assert len(requests(1, number)) == number
    assert requests(1, number, []) == []


def test_most_requests_find_an_article() -> None:
    analyzed = [AnalyzedArticle(article, "english") for article in ARTICLES]
    found = [any(matches(request, each) for each in analyzed) for request in requests(3)]
    assert sum(found) > 0.8 * len(found)


def test_every_operator_and_every_part_of_a_request_is_used() -> None:
    sampled = requests(5)
    kinds = {type(node) for request in sampled for node in nodes(request.tree)}
    assert kinds == {Term, Phrase, Wildcard, Fuzzy, Boost, DateRange, Field, Not, And, Or}
    phrases = [node for request in sampled for node in nodes(request.tree) if isinstance(node, Phrase)]
    assert {phrase.slop for phrase in phrases} == {None, *range(11)}
    assert {request.sort for request in sampled} == {"relevance", "newest", "oldest"}
    assert {len(period) for request in sampled for period in request.dates} == {4, 7, 10}
    assert {name for request in sampled for name in request.filters} == {"place", "source", "odd.name\\x"}
    assert max(len(values) for request in sampled for values in request.filters.values()) == 2
    assert any(request.start and request.end for request in sampled)


def test_requests_stay_within_their_limits() -> None:
    for request in requests(9):
        assert (request.page, request.after, request.per_page, request.date_facet) == (1, None, MAX_PER_PAGE, True)
        assert len(set(request.facets)) == len(request.facets) == MAX_FACETS
        assert (request.start is None) == (request.end is None)
        assert request.start is None or request.end is None or request.start <= request.end


@pytest.mark.parametrize(
    "article",
    [
        Article("1", "Tea", "", "p"),
        Article("1", "…", "— !? 🙂", "p"),
        Article("1", "中", "国", "p"),
        Article("1", "a b", "x", "p", place=("—",)),
        Article("1", "First day", "x", "p", dt.date.min),
        Article("1", "Last day", "x", "p", dt.date.max),
        Article("1", "Long", "x" * 300 + " word" * 30_000, "p", tag=("y" * 5_000,)),
        Article("1", "Odd names", "x", "p", extra={"": ("empty",), "title": ("clash",), "date": ("clash",)}),
    ],
)
def test_requests_are_made_from_articles_of_any_kind(article: Article) -> None:
    sampled = requests(2, 100, [article])
    assert len(sampled) == 100
    assert all(len(request.facets) <= MAX_FACETS for request in sampled)


def test_requests_of_an_archive_are_the_same_for_the_same_seed(sample: Settings) -> None:
    engine = SearchService(sample).acquire().engine
    assert random_requests(engine, 40, 7) == random_requests(engine, 40, 7)
    assert random_requests(engine, 40, 7) != random_requests(engine, 40, 8)
    assert random_requests(engine, 0, 7) == []
