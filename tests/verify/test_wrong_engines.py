"""Audits of sound engines, and of engines that are wrong on purpose."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pytest

from searchsvc.config import Settings
from searchsvc.engines import Engine, backend_for
from searchsvc.engines.wrapped import WrappedEngine
from searchsvc.index import GenerationInfo
from searchsvc.model import Article
from searchsvc.model.article import dump
from searchsvc.model.results import FacetValue, ResultPage, ScoredArticle
from searchsvc.query import SearchRequest
from searchsvc.query.ast import And, Boost, DateRange, Field, Fuzzy, MatchAll, Node, Not, Or, Phrase, Term, Wildcard
from searchsvc.verify import Audit, audit

pytestmark = pytest.mark.slow

Make = Callable[..., Engine]
Change = Callable[[Node], Node]

INFO = GenerationInfo("any", 0, 0, ("english",), 0, 0, "2026-01-01T00:00:00Z")
SENTENCES = (
    "The working group of Russia's ministers met in New Delhi",
    "Working groups work: the minister of Russia meets a group",
    "Teas, tea and the team: greener teas for the green team",
    "A trade of tea and trades of green leaves in Delhi",
    "The wrong word order: order word wrong the",
)
ARTICLES = [
    Article(
        f"id{number:03d}",
        f"Report {number % 9} of the {('minister', 'ministers', 'group')[number % 3]}",
        " ".join(SENTENCES[(number + shift) % 5] for shift in range(1 + number % 2)),
        "p",
        dt.date(2021, 1, 1) + dt.timedelta(days=29 * (number % 30)) if number % 7 else None,
        place=("New Delhi", "Paris", "Rome")[: number % 4],
        section=("Politics", "Trade")[number % 2],
    )
    for number in range(130)
]
"""More articles than fit on a page."""
FEW = 30
"""Articles that differ enough for most audits."""


def audited(engine: Engine, number: int = 120) -> Audit:
    return audit(engine, INFO, number, seed=11)


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Return a function that indexes articles with the default engine: here the audit is tested, not the engine."""
    backend = backend_for("tantivy", Settings())

    def index(articles: Iterable[Article]) -> Engine:
        folder = tmp_path_factory.mktemp("engine")
        writer = backend.writer(folder, ("english",), 0)
        for article in articles:
            writer.add(article, dump(article))
        writer.commit()
        return backend.open(folder, ("english",))

    return index


@pytest.fixture(scope="module")
def few(make: Make) -> Engine:
    return make(ARTICLES[:FEW])


@pytest.fixture(scope="module")
def many(make: Make) -> Engine:
    return make(ARTICLES)


# Sound engines


@pytest.mark.parametrize(("number", "seed"), [(FEW, 1), (FEW, 2), (len(ARTICLES), 3)])
def test_a_sound_engine_passes(engine_of: Make, number: int, seed: int) -> None:
    found = audit(engine_of(ARTICLES[:number]), INFO, 60, seed)
    assert found.differences == ()
    assert (found.compared, found.cut) == (60, 0)
    assert found.share_with_hits > 0.8


def test_every_article_is_scanned_once_and_reported(engine_of: Make) -> None:
    scanned: list[int] = []
    audit(engine_of(ARTICLES[:7]), INFO, 5, 1, scanned.append)
    assert scanned == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(("articles", "number"), [([], 50), (ARTICLES[:5], 0), ([], 0)])
def test_nothing_is_compared_without_articles_or_requests(engine_of: Make, articles: list[Article], number: int) -> None:
    found = audited(engine_of(articles), number)
    assert (found, found.share_with_hits) == (Audit(), 0.0)


def test_requests_that_the_engine_cut_are_counted_but_not_compared(few: Engine) -> None:
    found = audited(Changed(few, lambda page: replace(page, notes=("cut",), total=0)), 40)
    assert found == Audit(cut=40)


# Engines that understand requests wrongly


class Misunderstanding(WrappedEngine):
    """An engine that answers another request than the one it is asked."""

    def __init__(self, engine: Engine, misread: Callable[[SearchRequest], SearchRequest]) -> None:
        super().__init__(engine)
        self._misread = misread

    def search(self, request: SearchRequest) -> ResultPage:
        return super().search(self._misread(request))


def misread(tree: Node, change: Change) -> Node:
    """Return a tree with some of its nodes changed."""
    match tree:
        case And(nodes):
            return And(tuple(misread(node, change) for node in nodes))
        case Or(nodes):
            return Or(tuple(misread(node, change) for node in nodes))
        case Not(node):
            return change(Not(misread(node, change)))
        case Boost(node, weight):
            return Boost(misread(node, change), weight)
        case Field(name, node):
            return change(Field(name, misread(node, change)))
        case _:
            return change(tree)


def in_trees(change: Change) -> Callable[[SearchRequest], SearchRequest]:
    return lambda request: replace(request, tree=misread(request.tree, change))


def double_slop(node: Node) -> Node:
    return Phrase(node.text, 2 * node.slop) if isinstance(node, Phrase) and node.slop else node


def exact_phrase(node: Node) -> Node:
    return Phrase(node.text) if isinstance(node, Phrase) else node


def phrase_in_any_form(node: Node) -> Node:
    return Phrase(node.text, 0) if isinstance(node, Phrase) and node.slop is None else node


def words_of_phrase(node: Node) -> Node:
    return And(tuple(map(Term, node.text.split()))) if isinstance(node, Phrase) and " " in node.text else node


def equal_word(node: Node) -> Node:
    return Wildcard(node.text) if isinstance(node, Fuzzy) else node


def two_mistakes(node: Node) -> Node:
    return Fuzzy(node.text, 2) if isinstance(node, Fuzzy) else node


def many_letters(node: Node) -> Node:
    return Wildcard(node.text.replace("?", "*")) if isinstance(node, Wildcard) else node


def one_letter(node: Node) -> Node:
    return Wildcard(node.text.replace("*", "?")) if isinstance(node, Wildcard) else node


def as_written(node: Node) -> Node:
    return Wildcard(node.text) if isinstance(node, Term) and node.text.isascii() and node.text.isalpha() else node


def keep_possessive(node: Node) -> Node:
    return Phrase(node.text) if isinstance(node, Term) else node


def any_field(node: Node) -> Node:
    return node.node if isinstance(node, Field) and node.name in ("title", "body") else node


def ignore_not(node: Node) -> Node:
    return node.node if isinstance(node, Not) else node


def open_end(node: Node) -> Node:
    return DateRange(node.start, None) if isinstance(node, DateRange) else node


@pytest.mark.parametrize(
    "misunderstood",
    [
        pytest.param(lambda request: replace(request, tree=MatchAll()), id="the query is ignored"),
        pytest.param(lambda request: replace(request, filters={}), id="filters are ignored"),
        pytest.param(lambda request: replace(request, dates=()), id="periods are ignored"),
        pytest.param(lambda request: replace(request, start=None), id="the first day is ignored"),
        pytest.param(lambda request: replace(request, end=None), id="the last day is ignored"),
        pytest.param(
            lambda request: replace(request, filters={name: values[:1] for name, values in request.filters.items()}),
            id="only the first value of a filter counts",
        ),
        *(
            pytest.param(in_trees(change), id=change.__name__)
            for change in (
                *(double_slop, exact_phrase, phrase_in_any_form, words_of_phrase, equal_word, many_letters, one_letter),
                *(as_written, keep_possessive, any_field, ignore_not, open_end),
            )
        ),
    ],
)
def test_an_engine_that_misunderstands_requests_is_found_out(
    few: Engine, misunderstood: Callable[[SearchRequest], SearchRequest]
) -> None:
    found = audited(Misunderstanding(few, misunderstood), 320)
    assert (found.compared, found.cut) == (320, 0)
    assert found.differences != ()


def test_an_engine_that_allows_one_mistake_more_is_found_out_by_the_few_words_so_near_each_other(few: Engine) -> None:
    assert audited(Misunderstanding(few, in_trees(two_mistakes)), 1_200).differences != ()


@pytest.mark.parametrize(
    "lost",
    [
        pytest.param(lambda article: replace(article, place=article.place[:1]), id="only the first value is indexed"),
        pytest.param(lambda article: replace(article, title="x"), id="titles are not indexed"),
        pytest.param(lambda article: replace(article, body=article.body[:40]), id="bodies are cut"),
        pytest.param(
            lambda article: replace(article, date=article.date and article.date.replace(day=1)), id="days are cut"
        ),
        pytest.param(lambda article: replace(article, section=article.section.lower()), id="values lose their case"),
        pytest.param(lambda article: replace(article, body=article.body.replace("'s", "s")), id="apostrophes are lost"),
    ],
)
def test_an_engine_that_indexes_less_than_it_stores_is_found_out(
    few: Engine, make: Make, lost: Callable[[Article], Article]
) -> None:
    assert audited(Storing(few)).differences == ()
    assert audited(Storing(make(map(lost, ARTICLES[:FEW]))), 400).differences != ()


class Storing(WrappedEngine):
    """An engine that scans the articles as they were read, not as they are indexed."""

    def scan(self, request: SearchRequest) -> Iterator[Article]:
        return iter(ARTICLES[:FEW])


# Engines that answer wrongly


class Changed(WrappedEngine):
    """An engine whose pages are changed."""

    def __init__(self, engine: Engine, change: Callable[[ResultPage], ResultPage]) -> None:
        super().__init__(engine)
        self._change = change

    def search(self, request: SearchRequest) -> ResultPage:
        return self._change(super().search(request))


STRANGER = ScoredArticle(Article("zz", "Stranger", "", "p"), None)


def change_first_value(page: ResultPage) -> ResultPage:
    """Count one hit too many for the first value of each field."""
    facets = page.facets()
    fields = tuple(
        replace(each, values=(replace(each.values[0], count=each.values[0].count + 1), *each.values[1:]))
        if each.values
        else each
        for each in facets.fields
    )
    return replace(page, facets=lambda: facets._replace(fields=fields))


def lose_last_value(page: ResultPage) -> ResultPage:
    facets = page.facets()
    fields = tuple(replace(each, values=each.values[:-1]) for each in facets.fields)
    return replace(page, facets=lambda: facets._replace(fields=fields))


def add_period(page: ResultPage) -> ResultPage:
    facets = page.facets()
    dates = facets.dates and facets.dates._replace(values=(*facets.dates.values, FacetValue("1999", 1)))
    return replace(page, facets=lambda: facets._replace(dates=dates))


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (lambda page: replace(page, total=page.total + 1), " hits instead of "),
        (lambda page: replace(page, articles=page.articles[1:]), " missing hits, such as id"),
        (lambda page: replace(page, articles=page.articles[:1] + page.articles), "1 repeated hits, such as id"),
        (lambda page: replace(page, articles=(*page.articles, STRANGER)), "1 wrong hits, such as zz"),
        (lambda page: replace(page, next=None), " missing hits, such as id"),
        (change_first_value, " hits with section “"),
        (lose_last_value, " values of place instead of "),
        (add_period, "1 hits with date “1999” instead of 0"),
    ],
)
def test_an_engine_whose_answers_are_wrong_is_found_out(
    many: Engine, change: Callable[[ResultPage], ResultPage], difference: str
) -> None:
    found = audited(Changed(many, change), 60)
    assert any(difference in each for each in found.differences)
    assert found.compared + found.cut == 60


def test_a_difference_describes_the_request_that_found_it(few: Engine) -> None:
    found = audited(Changed(few, lambda page: replace(page, total=1_234_567)))
    assert len(found.differences) >= 120
    assert all(each.startswith("“") for each in found.differences)
    totals = [each for each in found.differences if ": 1,234,567 hits instead of " in each]
    assert len(totals) == 120
    for part in ("” place=", "” section=Trade", " date=2021", " 2021-", ".."):
        assert any(part in each for each in totals)
