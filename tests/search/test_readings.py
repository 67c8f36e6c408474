"""Looser readings of searches that find little, the same with every engine."""

import datetime as dt
import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchsvc.model import Article, Results
from searchsvc.model.results import Timings
from searchsvc.query import SearchRequest, parse
from searchsvc.search import Question, Searcher
from searchsvc.search.phrase_readings import Variant, differing
from searchsvc.search.readings import MAX_READINGS, Reading, readings
from tests.conftest import Archive

Make = Callable[..., Searcher]
TEXTS = {
    "the russian faction": 1,
    "the russian minister met": 6,
    "a government minister": 3,
    "mistakes were made by the ministry": 4,
    "no mistakes are made here": 1,
    "they said kaepernick knelt": 2,
    "the only thing we have to fear is fear itself": 2,
}
ARCHIVE = [
    Article(f"{text} {n}", f"Report {n}", text, "p", dt.date(2020 + n, 1, 1), place=("Rome" if n % 2 else "Paris",))
    for text, number in TEXTS.items()
    for n in range(number)
]


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a busy machine the time that it needs."""
    monkeypatch.setattr("searchsvc.search.readings.MAX_SECONDS", 60.0)


def question(text: str, **request: Any) -> Question:
    parsed = parse(text, ["place"])
    return Question(text, "all", parsed.notes, SearchRequest(parsed.tree, **request))


def found(searcher: Searcher, asked: Question) -> tuple[Reading, ...]:
    return readings(searcher, asked, Results(searcher.count(asked.request), ()))


def shown(each: Iterable[Reading]) -> list[tuple[str, str, int]]:
    return [(reading.why, reading.question.text, reading.total) for reading in each]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"ministers met" -rome', [("other forms", '"ministers met"~ -rome', 6)]),
        ('"met minister russian"', [("near each other", '"met minister russian"~5', 6)]),
        ('"report minister"', [("without quotation marks", "report minister", 9)]),
        ('"mistakes was made"', [("one word differs", '"mistakes were made"', 4)]),
        ('"Mistakes WAS made" by', [("one word differs", '"Mistakes WERE made" by', 4)]),
        ('"a goverment minister"', [("one word differs", '"a government minister"', 3)]),
        ('"the minister met"', [("one word differs", '"the russian minister met"', 6)]),
        ('"fear is the fear itself"', [("one word differs", '"fear is fear itself"', 2)]),
        ("kaepern", [("words that begin with these letters", "kaepern*", 2)]),
        ("kaepern knelt", [("words that begin with these letters", "kaepern* knelt", 2), ("without kaepern", "knelt", 2)]),
        ("minister faction", [("without minister", "faction", 1), ("without faction", "minister", 9)]),
        ("minister -place:rome -place:paris", [("without -place:rome", "minister -place:paris", 4)]),
        ("zzzz", []),
        ("-the", []),
        ("", []),
        ('"zzzz"', []),
    ],
)
def test_a_search_that_finds_nothing_has_looser_readings(
    searcher_of: Make, text: str, expected: list[tuple[str, str, int]]
) -> None:
    assert shown(found(searcher_of(ARCHIVE), question(text)))[: len(expected) or None] == expected


def test_the_word_that_differs_is_marked(searcher_of: Make) -> None:
    searcher = searcher_of(ARCHIVE)
    marked = {
        text: [each.question.text[start:end] for start, end in each.spans]
        for text in ('by "mistakes was made"', '"the minister met"', '"fear is the fear itself"', '"goverment minister"')
        for each in found(searcher, question(text))
        if each.why == "one word differs"
    }
    assert list(marked.values()) == [["were"], ["russian"], [], ["government"]]


def test_filters_are_left_out_in_turn(searcher_of: Make) -> None:
    asked = question(
        "mistakes", filters={"place": ("Oslo",)}, dates=("2020",), start=dt.date(2019, 1, 1), end=dt.date(2020, 12, 31)
    )
    assert shown(found(searcher_of(ARCHIVE), asked)) == [("without place: Oslo", "mistakes", 2)]
    asked = question("zzzz", filters={"place": ("Rome",)})
    assert shown(found(searcher_of(ARCHIVE), asked)) == []
    asked = question("mistakes", start=dt.date(2030, 1, 1))
    assert shown(found(searcher_of(ARCHIVE), asked)) == [("without 2030-01-01..", "mistakes", 5)]


def test_a_search_that_finds_enough_has_no_readings(searcher_of: Make) -> None:
    assert searcher_of(ARCHIVE).search(question('"russian minister"')).readings == ()
    assert searcher_of(ARCHIVE).search(question('"russian faction"')).readings == ()


def test_quotations_of_frequent_words_only_lose_their_quotation_marks(
    searcher_of: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("searchsvc.search.phrase_readings._MAX_FREQUENT", 3)
    monkeypatch.setattr("searchsvc.search.phrase_readings._MAX_NEAR", 3)
    assert shown(found(searcher_of(ARCHIVE), question('"minister russian"'))) == [
        ("without quotation marks", "minister russian", 6)
    ]


def test_no_clause_of_a_slow_search_is_left_out(searcher_of: Make) -> None:
    searcher, asked = searcher_of(ARCHIVE), question("minister faction")
    assert readings(searcher, asked, Results(0, (), timings=Timings(hits=61_000))) == ()
    assert len(readings(searcher, asked, Results(0, (), timings=Timings(hits=10)))) == 2


def test_no_time_means_no_readings(searcher_of: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("searchsvc.search.readings.MAX_SECONDS", -1.0)
    assert found(searcher_of(ARCHIVE), question('"mistakes was made" kaepern')) == ()


@pytest.mark.parametrize(
    ("words", "text", "variants"),
    [
        ("a b c", "x a b c x", []),
        ("a b c", "a x c", [Variant(1, 2, "x")]),
        ("a b c", "x b c", [Variant(0, 1, "x")]),
        ("a b c", "a b x", [Variant(2, 3, "x")]),
        ("a b c", "a x b c", [Variant(1, 1, "x"), Variant(0, 1, "x")]),
        ("a b c", "a c", [Variant(1, 2, "")]),
        ("a b c", "a x x c", []),
        ("a b c", "x b x", []),
        ("a b c", "a b", []),
        ("a b c d", "a b x d a x c d", [Variant(2, 3, "x"), Variant(1, 2, "x")]),
    ],
)
def test_places_that_differ_in_one_word_are_found(words: str, text: str, variants: list[Variant]) -> None:
    assert list(differing(words.split(), text.split())) == variants


_words = st.lists(st.sampled_from("abc"), max_size=12)


@given(_words.filter(lambda words: len(words) > 2), _words, _words, st.integers(0, 11), st.sampled_from("wx"))
def test_every_changed_word_is_found(quotation: list[str], before: list[str], after: list[str], at: int, word: str) -> None:
    at %= len(quotation)
    changed = [*quotation[:at], word, *quotation[at + 1 :]]
    assert Variant(at, at + 1, word) in differing(quotation, [*before, *changed, *after])


@pytest.fixture
def searcher(searcher_of: Make) -> Searcher:
    return searcher_of(ARCHIVE)


MISQUOTED = '"mistakes was made"'
_PIECES = (
    MISQUOTED,
    "kaepern",
    '"the',
    '"',
    "-the",
    "place:rome",
    "date:2020",
    "OR",
    "(russian",
    "=fear",
    "中国",
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(_PIECES), max_size=9), st.sampled_from([{}, {"place": ("Oslo",)}, {"place": ("Rome",)}]))
def test_readings_find_what_they_say_and_never_the_whole_archive(
    searcher: Searcher, pieces: list[str], filters: dict[str, tuple[str, ...]]
) -> None:
    asked = question(" ".join(pieces), filters=filters)
    total = searcher.count(asked.request)
    given_readings = readings(searcher, asked, Results(total, ()))
    assert len(given_readings) <= MAX_READINGS
    for each in given_readings:
        again = replace_tree(each.question)
        assert searcher.count(again.request) == each.total
        assert total < each.total < len(ARCHIVE)


def replace_tree(asked: Question) -> Question:
    """Return the question as its link asks it again, from its text."""
    return question(asked.text, filters=asked.request.filters)


# On pages and in JSON


@pytest.fixture
def client(archive: Archive) -> FlaskClient:
    rows = [
        {"id": str(n), "title": f"Report {n}", "text": "mistakes were made", "page": "7" if n % 2 else "8"}
        for n in range(6)
    ]
    return archive.write({"a.jsonl": "\n".join(map(json.dumps, rows)), "b.txt": "nothing"}).client()


def test_links_find_as_many_articles_as_they_say(client: FlaskClient) -> None:
    query = client.get("/api/search", query_string={"q": MISQUOTED, "filter": "page:7"}).get_json()["query"]
    assert [(each["why"], each["text"], each["spans"], each["total"]) for each in query["readings"]] == [
        ("one word differs", '"mistakes were made"', [[10, 14]], 3),
    ]
    assert client.get(query["readings"][0]["link"]).get_json()["total"] == 3


def test_the_page_links_to_readings_and_marks_what_differs(client: FlaskClient) -> None:
    page = client.get("/search", query_string={"q": MISQUOTED}).text
    assert '<span dir="auto">One word differs</span>: <a' in page
    assert "mistakes <mark>were</mark> made" in page
    assert '<span class="number">(6 articles)' in page
    assert "Without zzzz&lt;b&gt;</span>: <a" in client.get("/search?q=mistakes+zzzz<b>").text


def test_the_page_never_offers_everything(client: FlaskClient) -> None:
    assert 'class="readings"' not in client.get("/search?q=zzzz&filter=page:7").text


def test_the_page_removes_filters(client: FlaskClient) -> None:
    page = client.get("/search?q=mistakes&filter=page:9&filter=-page:7").text
    assert ">Remove <bdi>page: 9</bdi>, <bdi>page: not 7</bdi></a>" in page
    assert "(6 articles)" in page
