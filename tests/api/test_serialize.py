"""Answers as JSON: golden answers built from values, which the schema validates, and highlighted text as HTML."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter

from searchsvc.api import Addresses, schema, serialize
from searchsvc.api.cursors import encode
from searchsvc.api.listing_parameters import ValueListing
from searchsvc.api.quotations import difference_html
from searchsvc.errors import NotFoundError, SearchsvcError, ServiceError, UserError
from searchsvc.model.article import Article
from searchsvc.model.cursors import RankCursor
from searchsvc.model.quotations import Difference, Printing
from searchsvc.model.results import (
    DateFacet,
    FacetValue,
    FieldFacet,
    Hit,
    Results,
    Snippet,
    Suggestions,
    TitleSuggestion,
    ValueSuggestion,
    WordSuggestion,
)
from searchsvc.query import Note
from searchsvc.search.answer import Answer
from searchsvc.search.corrections import Correction
from searchsvc.search.facet_values import FacetPage
from searchsvc.search.readings import Reading
from tests.api.example import INFO, question_of

TEA = Article(
    "a/1",
    "Tea & <cups>",
    "Green tea.\n\nBlack tea.",
    "a.jsonl",
    date=date(2022, 12, 23),
    published=datetime(2022, 12, 23, 10, tzinfo=UTC),
    author=("Ann", "Bo"),
    source="ANI",
    place=("India",),
    url="https://a.example/1",
    extra={"date": ("circa 1900",), "mood": ("calm",)},
)
BARE = Article("b", "B", "x", "b.txt")
BLACK = Snippet("Black tea.", cut_start=True, cut_end=True)
HITS = (
    Hit(TEA, 4.25, Snippet("Tea & <cups>", ((0, 3),)), (Snippet("Green tea.", ((6, 9),), cut_end=True), BLACK), "a/0", 3),
    Hit(BARE, None, Snippet("B"), ()),
)
TEA_JSON = {
    "id": "a/1",
    "title": "Tea & <cups>",
    "url": "https://a.example/1",
    "path": "a.jsonl",
    "date": "2022-12-23",
    "published": "2022-12-23T10:00:00Z",
    "source": "ANI",
    "section": None,
    "author": ["Ann", "Bo"],
    "place": ["India"],
    "tag": [],
    "language": None,
    "extra": {"date": ["circa 1900"], "mood": ["calm"]},
}
BARE_JSON: dict[str, object] = {
    **{"id": "b", "title": "B", "url": None, "path": "b.txt", "date": None, "published": None, "source": None},
    **{"section": None, "author": [], "place": [], "tag": [], "language": None, "extra": {}},
}
HITS_JSON = [
    {
        **TEA_JSON,
        "story": "a/0",
        "versions": 3,
        "more_versions": 0,
        "other_versions": [],
        "score": 4.25,
        "title_html": "<mark>Tea</mark> &amp; &lt;cups&gt;",
        "title_spans": [[0, 3]],
        "snippets_html": ["Green <mark>tea</mark>. …", "… Black tea. …"],
        "snippets": [
            {"text": "Green tea.", "spans": [[6, 9]], "cut_start": False, "cut_end": True},
            {"text": "Black tea.", "spans": [], "cut_start": True, "cut_end": True},
        ],
    },
    {
        **BARE_JSON,
        "story": "b",
        "versions": 1,
        "more_versions": 0,
        "other_versions": [],
        "score": None,
        "title_html": "B",
        "title_spans": [],
        "snippets_html": [],
        "snippets": [],
    },
]
RESULTS = Results(
    total=42,
    hits=HITS,
    facets=(
        FieldFacet("place", (FacetValue("India", 5, selected=True), FacetValue("Peru", 2)), other=7),
        FieldFacet("date", (FacetValue("circa 1900", 3),)),
        FieldFacet("page", ()),
    ),
    dates=DateFacet("year", (FacetValue("2021", 4), FacetValue("2022", 9, selected=True))),
    next=RankCursor(20),
)
ANSWER = Answer(question_of("q=tea&place=India&date=2022&page=2"), RESULTS, "g000007", INFO, took_ms=1.23456)


def as_json(value: object, model: type | None = None) -> Any:
    """Return the JSON of a value, after the schema has validated it strictly."""
    data = serialize.to_json(value)
    if model is not None:
        TypeAdapter(model).validate_json(data, strict=True)
    return json.loads(data)


def answer_json(answer: Answer) -> Any:
    return as_json(serialize.search_answer(answer, Addresses()), schema.SearchAnswer)


def test_an_answer_in_full() -> None:
    place, search = "&date=2022&place=India", "q=tea&date=2022&place=India"
    assert answer_json(ANSWER) == {
        "query": {
            "text": "tea",
            "parsed": "tea",
            "match": "all",
            "notes": [],
            "values": [],
            "suggestion": None,
            "readings": [],
        },
        "total": 42,
        "stories": None,
        "page": 2,
        "per_page": 10,
        "cursor": encode(RankCursor(20), "g000007"),
        "pages": 5,
        "took_ms": 1.23,
        "index": {"generation": "g000007", "engine": "tantivy", "articles": 89, "updated": "2026-01-31T12:00:00Z"},
        "results": HITS_JSON,
        "partial": [],
        "facets": [
            {
                "field": "place",
                "kind": "values",
                "values": [
                    {
                        **{"value": "India", "count": 5, "selected": True, "excluded": False},
                        "toggle": "/api/v1/search?q=tea&date=2022",
                        "exclude": "/api/v1/search?q=tea&date=2022&filter=-place%3AIndia",
                    },
                    {
                        **{"value": "Peru", "count": 2, "selected": False, "excluded": False},
                        "toggle": f"/api/v1/search?{search}&place=Peru",
                        "exclude": f"/api/v1/search?{search}&filter=-place%3APeru",
                    },
                ],
                "other": 7,
            },
            {
                "field": "date",
                "kind": "values",
                "values": [
                    {
                        **{"value": "circa 1900", "count": 3, "selected": False, "excluded": False},
                        "toggle": f"/api/v1/search?{search}&filter=date%3Acirca%201900",
                        "exclude": f"/api/v1/search?{search}&filter=-date%3Acirca%201900",
                    }
                ],
                "other": 0,
            },
            {"field": "page", "kind": "values", "values": [], "other": 0},
            {
                "kind": "dates",
                "unit": "year",
                "values": [
                    {"value": "2021", "count": 4, "selected": False, "toggle": f"/api/v1/search?{search}&date=2021"},
                    {"value": "2022", "count": 9, "selected": True, "toggle": "/api/v1/search?q=tea&place=India"},
                ],
            },
        ],
        "links": {
            "self": f"/api/v1/search?q=tea{place}&page=2",
            "next": f"/api/v1/search?q=tea{place}&page=3",
            "prev": f"/api/v1/search?q=tea{place}",
            "html": f"/search?q=tea{place}&page=2",
            "atom": f"/search.atom?q=tea{place}",
            "csv": f"/search.csv?q=tea{place}",
            "jsonl": f"/search.jsonl?q=tea{place}",
            "ris": f"/search.ris?q=tea{place}",
        },
    }


def test_the_members_have_a_fixed_order() -> None:
    answer = answer_json(ANSWER)
    assert list(answer) == [
        *("query", "total", "stories", "page", "per_page", "cursor", "pages", "took_ms", "index", "results", "partial"),
        *("facets", "links"),
    ]
    assert list(answer["results"][0])[:13] == list(TEA_JSON)
    assert [facet.get("field") for facet in answer["facets"]] == ["place", "date", "page", None]


LAST = replace(RESULTS, next=None)
PAGES = {
    "q=tea": ("/api/v1/search?q=tea&page=2", None),
    "q=tea&page=4": ("/api/v1/search?q=tea&page=5", "/api/v1/search?q=tea&page=3"),
    "q=tea&page=5": (f"/api/v1/search?q=tea&cursor={encode(RankCursor(20), 'g000007')}", "/api/v1/search?q=tea&page=4"),
    "q=tea&cursor=*": (f"/api/v1/search?q=tea&cursor={encode(RankCursor(20), 'g000007')}", None),
}


@pytest.mark.parametrize("query", PAGES)
def test_pages_are_linked_by_number_and_then_by_cursor(query: str) -> None:
    links = answer_json(replace(ANSWER, question=question_of(query)))["links"]
    assert (links["next"], links["prev"]) == PAGES[query]


def test_the_last_page_has_no_next() -> None:
    answer = answer_json(replace(ANSWER, question=question_of("q=tea&cursor=*"), results=LAST))
    assert (answer["page"], answer["cursor"], answer["links"]["next"]) == (None, None, None)
    assert answer["links"]["self"] == "/api/v1/search?q=tea&cursor=%2A"


def test_facets_are_those_that_were_counted() -> None:
    assert answer_json(replace(ANSWER, results=Results(0, ())))["facets"] == []


def test_what_was_ignored_is_noted() -> None:
    question = replace(question_of("q=tea"), notes=(Note("“^” was ignored", 3), Note("cut")))
    answer = answer_json(replace(ANSWER, question=question, results=replace(LAST, notes=("a* was cut",))))
    assert answer["query"]["notes"] == [
        {"message": "“^” was ignored", "position": 3},
        {"message": "cut", "position": None},
        {"message": "a* was cut", "position": None},
    ]


def test_corrections_are_named() -> None:
    correction = Correction(question_of("q=green+tea&place=India"), 8)
    query = answer_json(replace(ANSWER, question=question_of("q=gren+tea"), correction=correction))["query"]
    assert query["suggestion"] == {"text": "green tea", "total": 8, "link": "/api/v1/search?q=green+tea&place=India"}


def test_articles_with_some_of_the_words_are_a_list_of_their_own() -> None:
    answer = answer_json(replace(ANSWER, results=Results(1, HITS[:1]), partial=HITS[1:]))
    assert (answer["total"], answer["results"], answer["partial"]) == (1, HITS_JSON[:1], HITS_JSON[1:])


def test_readings_say_what_was_changed_and_which_word_differs() -> None:
    reading = Reading(question_of('q="a green tea"&place=India'), "one word differs", 7, ((3, 8),))
    assert answer_json(replace(ANSWER, readings=(reading,)))["query"]["readings"] == [
        {
            **{"text": '"a green tea"', "spans": [[3, 8]], "why": "one word differs", "total": 7},
            "link": "/api/v1/search?q=%22a+green+tea%22&place=India",
        }
    ]


def test_an_article_in_full() -> None:
    assert as_json(serialize.article(TEA), schema.Article) == {**TEA_JSON, "body": "Green tea.\n\nBlack tea."}
    assert as_json(serialize.article(BARE), schema.Article) == {**BARE_JSON, "body": "x"}


def test_similar_articles() -> None:
    assert as_json(serialize.similar("a/1", HITS), schema.Similar) == {"id": "a/1", "results": HITS_JSON}


def test_suggestions() -> None:
    values = (ValueSuggestion('tag:"Tides"', "tag", "Tides", None),)
    found = Suggestions((WordSuggestion("the tide", 4),), (TitleSuggestion("The tide table", "a/1"),), values)
    assert as_json(serialize.suggestions("the ti", found), schema.Suggestions) == {
        "text": "the ti",
        "words": [{"text": "the tide", "total": 4}],
        "values": [{"text": 'tag:"Tides"', "field": "tag", "value": "Tides", "total": None}],
        "titles": [{"text": "The tide table", "id": "a/1"}],
    }


def test_a_page_of_values() -> None:
    page = FacetPage(
        "date", (FacetValue("circa 1900", 3), FacetValue("undated", 1, selected=True)), total=250, page=2, complete=False
    )
    question = question_of("q=tea&filter=date:undated&page=2")
    assert as_json(serialize.values(page, question, ValueListing("c", "value"), Addresses()), schema.Values) == {
        "field": "date",
        "total": 250,
        "complete": False,
        "page": 2,
        "pages": 3,
        "letters": [],
        "histogram": [],
        "values": [
            {
                "value": "circa 1900",
                "count": 3,
                "selected": False,
                "excluded": False,
                "toggle": "/api/v1/search?q=tea&filter=date%3Aundated&filter=date%3Acirca%201900",
                "exclude": "/api/v1/search?q=tea&filter=date%3Aundated&filter=-date%3Acirca%201900",
            },
            {
                "value": "undated",
                "count": 1,
                "selected": True,
                "excluded": False,
                "toggle": "/api/v1/search?q=tea",
                "exclude": "/api/v1/search?q=tea&filter=-date%3Aundated",
            },
        ],
        "links": {
            "next": "/api/v1/facets/date?q=tea&filter=date%3Aundated&page=3&prefix=c&order=value",
            "prev": "/api/v1/facets/date?q=tea&filter=date%3Aundated&prefix=c&order=value",
        },
    }


def test_the_provenance_of_an_article() -> None:
    shown = serialize.provenance(TEA, {"title": "“headline”"})
    assert shown["path"] == "a.jsonl"
    assert shown["fields"]["title"] == {"value": "Tea & <cups>", "from": "“headline”"}
    assert shown["fields"]["place"] == {"value": ("India",), "from": None}
    assert list(shown["fields"])[-2:] == ["extra.date", "extra.mood"]
    assert not {"section", "extra", "path"} & shown["fields"].keys()


PROBLEMS: list[tuple[SearchsvcError, dict[str, object]]] = [
    (UserError("wrong"), {}),
    (UserError("wrong", param="q", position=0), {"param": "q", "position": 0}),
    (NotFoundError("wrong", param="plcae", hint="place"), {"param": "plcae", "hint": "place"}),
    (ServiceError("wrong"), {}),
]


NOTHING = {"param": None, "position": None, "hint": None}


@pytest.mark.parametrize(("error", "members"), PROBLEMS)
def test_problems_have_all_members(error: SearchsvcError, members: dict[str, object]) -> None:
    shown = as_json(serialize.problem("/api/docs#x", "Bad Request", 400, error), schema.Problem)
    assert shown == {"type": "/api/docs#x", "title": "Bad Request", "status": 400, "detail": "wrong", **NOTHING} | members


HTML = {
    Snippet("tea"): "tea",
    Snippet("green tea", ((0, 5), (6, 9))): "<mark>green</mark> <mark>tea</mark>",
    Snippet("<b>tea</b>", ((3, 6),)): "&lt;b&gt;<mark>tea</mark>&lt;/b&gt;",
    Snippet("a&<\"'>", ((1, 5),)): "a<mark>&amp;&lt;&quot;&#x27;</mark>&gt;",
    Snippet("<mark>x</mark>"): "&lt;mark&gt;x&lt;/mark&gt;",
    Snippet("", ()): "",
}


@pytest.mark.parametrize("snippet", HTML)
def test_highlighted_text_is_escaped(snippet: Snippet) -> None:
    assert serialize.highlight_html(snippet) == HTML[snippet]


def test_matches_are_numbered_for_links() -> None:
    assert serialize.highlight_html(Snippet("tea, tea", ((0, 3), (5, 8))), 7) == (
        '<mark id="match-7" tabindex="-1">tea</mark>, <mark id="match-8" tabindex="-1">tea</mark>'
    )


QUOTED = "x and <b> & c"
COMPARED: list[tuple[tuple[Difference, ...], str]] = [
    ((), "a &lt;b&gt; &amp; c"),
    ((Difference("changed", (6, 9), (2, 5)),), "a <del>&lt;b&gt;</del> <ins>&lt;b&gt;</ins> &amp; c"),
    ((Difference("missing", (6, 6), (2, 5)),), "a <ins>&lt;b&gt;</ins> &amp; c"),
    ((Difference("added", (2, 5), (1, 1)),), "a <del>and</del> &lt;b&gt; &amp; c"),
    (
        (Difference("added", (0, 1), (0, 0)), Difference("added", (12, 13), (9, 9))),
        "<del>x</del> a &lt;b&gt; &amp; c <del>c</del>",
    ),
]


@pytest.mark.parametrize(("differences", "html"), COMPARED)
def test_a_passage_shows_what_differs(differences: tuple[Difference, ...], html: str) -> None:
    printing = Printing(Article("1", "a <b> & c", "", "p"), "title", (0, 9), 1, differences=differences)
    assert difference_html(printing, QUOTED) == html


def test_json_can_be_indented() -> None:
    assert serialize.to_json({"a": [1]}, indent=True) == b'{\n  "a": [\n    1\n  ]\n}'
