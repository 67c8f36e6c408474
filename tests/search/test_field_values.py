"""Values of metadata fields that a whole query names, the same with every engine."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchsvc.model import Article
from searchsvc.query import SearchRequest, parse
from searchsvc.search import Question, Searcher
from searchsvc.search.field_values import values_named
from tests.conftest import Archive

Make = Callable[..., Searcher]
ARCHIVE = [
    *(Article(f"r{n}", "Report", "text", "p", author=("Tobias Renn",), source="The Courier") for n in range(9)),
    Article("s", "Report", "text", "p", author=("Tobias Renn Senior", "Renn, Tobias"), place=("Zürich", "Bern")),
    Article("t", "Tobias Renn", "about Tobias Renn", "p", section="Courier", extra={"mood": ("Zurich", "calm")}),
    Article("u", "Report", "text", "p", author=("Tobias", "Renn"), language="en"),
]


def question(text: str, **request: Any) -> Question:
    parsed = parse(text, ["author"])
    return Question(text, "all", parsed.notes, SearchRequest(parsed.tree, **request))


@pytest.fixture
def searcher(searcher_of: Make) -> Searcher:
    return searcher_of(ARCHIVE)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Tobias Renn", [("author", "Tobias Renn", 9), ("author", "Renn, Tobias", 1)]),
        ("tobias renn", [("author", "Tobias Renn", 9), ("author", "Renn, Tobias", 1)]),
        ("Renn Tobias", [("author", "Tobias Renn", 9), ("author", "Renn, Tobias", 1)]),
        ('"tobias renn"', [("author", "Tobias Renn", 9), ("author", "Renn, Tobias", 1)]),
        ("tobias renn senior", [("author", "Tobias Renn Senior", 1)]),
        ("renn senior tobias", []),
        ("zurich", [("place", "Zürich", 1), ("mood", "Zurich", 1)]),
        ("ZÜRICH", [("place", "Zürich", 1), ("mood", "Zurich", 1)]),
        ("the courier", [("source", "The Courier", 9)]),
        ("courier the", []),
        ("courier", [("section", "Courier", 1)]),
        ("renn", [("author", "Renn", 1)]),
        ("en", []),
        ("renn -tobias", []),
        ("tobias OR renn", []),
        ("author:renn", []),
        ('"tobias renn"~2', []),
        ("tobias* renn", []),
        ("report", []),
        ("!", []),
        ("", []),
        ("tobias " * 20, []),
    ],
)
def test_a_query_that_is_a_value_names_it(searcher: Searcher, text: str, values: list[tuple[str, str, int]]) -> None:
    found = values_named(searcher, question(text))
    assert [(each.field, each.value, each.total) for each in found] == values
    assert [searcher.count(each.question.request) for each in found] == [each.total for each in found]


def test_values_are_counted_under_the_filters_of_the_search(searcher: Searcher) -> None:
    (found,) = values_named(searcher, question("tobias renn", filters={"source": ("The Courier",)}))
    assert (found.total, found.question.request.filters) == (9, {"source": ("The Courier",), "author": ("Tobias Renn",)})
    assert values_named(searcher, question("tobias renn", filters={"author": ("Tobias Renn",)})) == ()


def test_a_query_that_is_a_value_is_not_corrected(searcher: Searcher) -> None:
    answer = searcher.search(question("zurich"))
    assert (len(answer.values), answer.correction) == (2, None)
    assert [(each.why, each.question.text) for each in answer.readings][:1] == [("value of a field", 'place:"Zürich"')]
    assert searcher.search(question("zurich", page=2)).values == ()
    assert searcher.search(question("zurich"), with_help=False).values == ()


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("tobbias ren", ['author:"Tobias Renn"', 'author:"Renn, Tobias"']),
        ("ren tobias", ['author:"Tobias Renn"', 'author:"Renn, Tobias"']),
        ("zurihc", ['place:"Zürich"']),
        ("tobbbias remm", []),
        ("zuric -x", []),
        ("\x00" * 9, []),
    ],
)
def test_a_value_that_is_misspelt_is_offered(searcher: Searcher, text: str, offered: list[str]) -> None:
    readings = searcher.search(question(text)).readings
    assert [each.question.text for each in readings if each.why == "value of a field"] == offered


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30) | st.sampled_from([name for each in ARCHIVE for name in each.author]))
def test_every_query_names_values_that_consist_of_its_words(searcher: Searcher, text: str) -> None:
    for each in values_named(searcher, question(text)):
        assert searcher.count(each.question.request) == each.total > 0


@pytest.fixture
def client(archive: Archive) -> FlaskClient:
    rows = [{"id": str(n), "title": "Report", "author": "Tobias Renn", "mood": "calm", "size": "a<b"} for n in range(3)]
    return archive.write({"a.jsonl": "\n".join(map(json.dumps, rows)), "b.txt": "nothing"}).client()


def test_values_come_with_the_answer_and_link_to_their_articles(client: FlaskClient) -> None:
    (named,) = client.get("/api/search?q=CALM&author=x").get_json()["query"]["values"] or [{}]
    assert named == {}
    (named,) = client.get("/api/search?q=CALM").get_json()["query"]["values"]
    assert named == {"field": "mood", "value": "calm", "total": 3, "link": "/api/v1/search?filter=mood%3Acalm"}
    assert client.get(named["link"]).get_json()["total"] == 3


def test_the_page_says_what_a_value_is(client: FlaskClient) -> None:
    page = client.get("/search?q=renn+tobias").text
    assert '<a href="/search?author=Tobias+Renn" rel="nofollow"><bdi>Tobias Renn</bdi> is an author: 3 articles ' in page
    assert "<bdi>a&lt;b</bdi> is a value of size: 3 articles" in client.get("/search?q=a+b").text
