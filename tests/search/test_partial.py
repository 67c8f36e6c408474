"""The best of the rest: articles with some of the words fill up a page that articles with all of them leave empty."""

import datetime as dt
import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis.analyzer import Analyzers
from searchsvc.model import Article, Hit
from searchsvc.query import SearchRequest, parse
from searchsvc.search import Question, Searcher
from searchsvc.search.partial import any_words
from searchsvc.search.question_words import without_question_words
from tests.conftest import Archive

Make = Callable[..., Searcher]
ENGLISH = Analyzers(("english",))
NEWS = [
    Article("1", "Tea harvest in Assam", "The harvest of tea begins.", "p", dt.date(2021, 4, 1), place=("Assam",)),
    Article("2", "Tea exports", "Exports of tea to Russia grew.", "p", dt.date(2021, 12, 24), place=("Delhi",)),
    Article("3", "Coffee prices", "The price of coffee fell.", "p", dt.date(2022, 1, 5), place=("Delhi",)),
    Article("4", "Teas of the north", "Green tea and black tea.", "p", dt.date(2022, 1, 7)),
    Article("5", "Undated note", "Nothing but a note on tea.", "p", place=("Delhi",)),
]


def question(text: str, *, match: Any = "all", **request: Any) -> Question:
    parsed = parse(text, ["place"], match)
    return Question(text, match, parsed.notes, SearchRequest(parsed.tree, **request))


def ids(hits: Iterable[Hit]) -> list[str]:
    return [hit.article.id for hit in hits]


def test_the_first_page_is_filled_up_with_the_best_of_the_rest(searcher_of: Make) -> None:
    answer = searcher_of(NEWS).search(question("harvest tea", facets=("place",), date_facet=True))
    assert (answer.results.total, ids(answer.results.hits)) == (1, ["1"])
    assert sorted(ids(answer.partial)) == ["2", "4", "5"]
    assert answer.partial[0].title.spans
    assert [(facet.field, [each.value for each in facet.values]) for facet in answer.results.facets] == [
        ("place", ["Assam"])
    ]


def test_articles_with_the_rare_words_come_before_those_with_the_frequent_ones(searcher_of: Make) -> None:
    rows = [Article(str(n), "Report", "the minister of trade met again", "p") for n in range(12)]
    searcher = searcher_of([*rows, Article("rare", "Note", "a zeppelin", "p")])
    assert ids(searcher.search(question("minister trade met zeppelin")).partial)[0] == "rare"


@pytest.mark.parametrize(
    ("text", "request_", "filled"),
    [
        ("harvest coffee", {}, ["1", "3"]),
        ("harvest coffee", {"sort": "newest"}, ["1", "3"]),  # by relevance all the same
        ("harvest coffee", {"filters": {"place": ("Delhi",)}}, ["3"]),
        ("harvest coffee -assam", {}, ["3"]),
        ("harvest coffee date:2022", {}, ["3"]),
        ("harvest coffee place:assam", {}, ["1"]),
        ("what was the harvest of coffee", {}, ["1", "3"]),
        ("harvest coffee", {"per_page": 1}, ["1"]),
        ("harvest coffee", {"page": 2}, []),
        ("zzzz", {}, []),
        ("tea -harvest", {}, []),
        ("tea OR zzzz", {}, []),
        ('"harvest coffee"', {}, []),
        ("place:delhi date:2022 tea", {}, []),
    ],
)
def test_searches_for_several_words_are_filled_up(
    searcher_of: Make, text: str, request_: dict[str, Any], filled: list[str]
) -> None:
    answer = searcher_of(NEWS).search(question(text, **request_))
    found = sorted(ids(answer.partial))
    assert found == filled if request_.get("per_page", 10) > 1 else len(found) == 1


def test_a_search_for_any_of_the_words_and_one_by_cursor_are_not_filled_up(searcher_of: Make) -> None:
    searcher = searcher_of(NEWS)
    assert searcher.search(question("harvest coffee", match="any")).partial == ()
    by_cursor = Question("harvest tea", request=question("harvest tea").request, by_cursor=True)
    assert searcher.search(by_cursor).partial == ()
    assert searcher.search(question("harvest tea"), with_help=False).partial == ()


def test_a_full_page_is_not_filled_up(searcher_of: Make) -> None:
    answer = searcher_of(NEWS).search(question("tea of", per_page=2))
    assert (len(answer.results.hits), answer.partial) == (2, ())


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("who was the first man on the moon?", "first OR man OR moon?"),
        ("What is it", "What OR is OR it"),
        ("the WHO report", "WHO OR report"),
        ("WHO LED THE REPORT", "LED OR REPORT"),
        ("don't panic", "panic"),
        ('"the who" and tea', '"the who" OR tea'),
        ("the =who tea", '"who" OR tea'),
        ("well-known tea", "well-known^0.3 OR well OR known OR tea"),
        ("the tea date:2020", "tea date:2020-01-01..2020-12-31"),
        ("tea", "tea"),
        ("", ""),
    ],
)
def test_words_that_only_make_a_question_of_it_do_not_decide(text: str, kept: str) -> None:
    assert str(without_question_words(parse(text, match="any").tree, ENGLISH)) == kept


def test_other_languages_keep_all_words() -> None:
    tree = parse("wer war the erste", match="any").tree
    assert without_question_words(tree, Analyzers(("german",))) == tree


@given(st.text(max_size=200))
def test_every_question_has_one_request_or_none(text: str) -> None:
    tree = parse(text).tree
    request = any_words(Question(text, request=SearchRequest(tree)), parse(text, match="any").tree, ENGLISH)
    assert request is None or (request.page, request.facets, request.sort) == (1, (), "relevance")


@pytest.fixture
def client(archive: Archive) -> FlaskClient:
    rows = [{"id": str(n), "title": f"Tea {n}", "text": "harvest" if n == 3 else "exports"} for n in range(5)]
    return archive.write({"a.jsonl": "\n".join(map(json.dumps, rows))}).client()


def test_numbers_feeds_and_files_stay_those_of_the_strict_search(client: FlaskClient) -> None:
    answer = client.get("/api/search?q=tea+harvest").get_json()
    assert (answer["total"], answer["pages"], answer["cursor"], answer["links"]["next"]) == (1, 1, None, None)
    assert [hit["id"] for hit in answer["results"]] == ["3"]
    assert sorted(hit["id"] for hit in answer["partial"]) == ["0", "1", "2", "4"]
    assert answer["partial"][0].keys() == answer["results"][0].keys()
    assert client.get("/search.jsonl?q=tea+harvest").text.count("\n") == 1
    assert client.get("/search.atom?q=tea+harvest").text.count("<entry>") == 1


def test_a_line_on_the_page_says_where_the_rest_begins(client: FlaskClient) -> None:
    page = client.get("/search?q=tea+harvest").text
    assert "More articles match some of your words" in page
    assert page.index("1 article with all of the words") < page.index("More articles match") < page.index('start="2"')
    page = client.get("/search?q=harvest+zzzz").text
    assert ">No articles match</h1>" in page
    assert ">This article matches some of your words</h2>" in page
    assert 'href="/article/3?q=harvest+zzzz#match-1"' in page
