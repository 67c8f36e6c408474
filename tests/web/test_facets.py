"""Facets over HTTP: the pages of all values, what their forms lead to, and the same for programs."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import Archive

ROWS = [
    {"id": str(n), "title": f"Tea {n}", "pages": n, "author": ("Ann", "Bea", "Дана")[n % 3], "code": f"{n}..{n + 1}"}
    for n in range(30)
]


@pytest.fixture
def client(archive: Archive) -> FlaskClient:
    return archive.write({"a.jsonl": "".join(json.dumps(row) + "\n" for row in ROWS)}).client()


def get(client: FlaskClient, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


@pytest.mark.parametrize(
    ("address", "results"),
    [
        ("/facets/pages?q=tea&least=20&most=10", "/search?q=tea&filter=pages%3A10..20"),
        ("/facets/pages?filter=pages:1..2&least=5&most=&show=results", "/search?filter=pages%3A5.."),
        ("/facets/pages?least=&most=&show=results&page=3&utm_source=x", "/search"),
        ("/facets/author?author=Ann&author=Bea&filter=-author:C&prefix=a&order=value&show=x", None),
        ("/facets/code?filter=code:%5C1..2&show=results", "/search?filter=code%3A%5C1..2"),
    ],
)
def test_what_is_chosen_leads_to_the_results(client: FlaskClient, address: str, results: str | None) -> None:
    answer = client.get(address)
    assert answer.status_code == 303
    assert answer.headers["Location"] == (results or "/search?author=Ann&author=Bea&filter=-author%3AC")


def test_an_unknown_field_is_an_error_and_a_wrong_letter_one_for_programs(client: FlaskClient) -> None:
    assert client.get("/facets/none?show=results").status_code == 404
    assert "3 values" in client.get("/facets/author?letter=ab").text
    assert client.get("/api/facets/author?letter=ab").get_json()["param"] == "letter"
    assert client.get("/api/facets/author?least=1").get_json()["param"] == "least"  # of the page only


def test_values_by_letter(client: FlaskClient) -> None:
    answer = get(client, "/api/facets/author?q=tea")
    assert (answer["letters"], answer["histogram"]) == (["A", "B", "Д"], [])
    answer = get(client, "/api/facets/author?q=tea&letter=д")
    assert [(each["value"], each["count"]) for each in answer["values"]] == [("Дана", 10)]


def test_a_histogram_for_programs(client: FlaskClient) -> None:
    answer = get(client, "/api/facets/pages?filter=author:Ann&filter=pages:5..9")
    assert answer["total"] == 10
    bars = {(each["least"], each["most"]): each for each in answer["histogram"]}
    assert list(bars) == [(n, n + 4) for n in range(0, 30, 5)]
    assert [each["count"] for each in bars.values()] == [2, 2, 1, 2, 2, 1]
    assert [bounds for bounds, each in bars.items() if each["selected"]] == [(5, 9)]
    assert bars[5, 9]["toggle"] == "/api/v1/search?author=Ann"
    assert get(client, bars[10, 14]["toggle"])["total"] == bars[10, 14]["count"]


def test_ticks_that_are_not_on_the_page_are_kept(client: FlaskClient) -> None:
    page = client.get("/facets/author?author=Ann&author=Bea&letter=A&q=tea").text.partition('<form class="choose"')[2]
    assert '<input type="checkbox" name="author" value="Ann" checked>' in page
    assert '<input type="hidden" name="author" value="Bea">' in page
    assert '<input type="hidden" name="author" value="Ann">' not in page
    assert "Show 20 articles" in page


def test_serial_numbers_are_no_facet_of_the_results(client: FlaskClient) -> None:
    page = client.get("/search?q=tea").text
    assert "<h2>Author</h2>" in page
    assert "<h2>Pages</h2>" not in page  # as many as articles


def test_numbers_that_no_hit_has_are_left_out(archive: Archive) -> None:
    rows = [{"id": str(n), "title": "Tea", "pages": n // 3} for n in range(30)] + [{"id": "x", "title": "Milk"}]
    client = archive.write({"a.jsonl": "".join(json.dumps(row) + "\n" for row in rows)}).client()
    assert 'aria-label="2: 3 articles, add filter"' in client.get("/search?q=tea").text
    assert "<h2>Pages</h2>" not in client.get("/search?q=milk").text
    assert "<h2>Pages</h2>" in client.get("/search?q=milk&filter=pages:1..").text


def test_filters_by_numbers_are_shown_in_words(client: FlaskClient) -> None:
    shown = {
        "pages:5..9": "Pages: 5 to 9",
        "-pages:5..": "Pages: not 5 or more",
        "-pages:5": "Pages: not 5",
        "-author:Ann": "not Ann",
    }
    for given, text in shown.items():
        assert f"<bdi>{text}</bdi>" in client.get("/search", query_string={"filter": given}).text


def test_a_page_of_values_says_what_of_its_address_it_ignores(client: FlaskClient) -> None:
    page = client.get("/facets/author?order=up&letter=ab&page=x").text
    for note in (
        "“x” is not a page number, so this is the first page.",
        "Values cannot be sorted by “up”, so the most frequent come first.",
        "“ab” is not a first letter, so all values are shown.",
    ):
        assert f'<p class="note">{note}</p>' in page


def test_links_of_facets_keep_what_the_chart_compares(client: FlaskClient) -> None:
    page = client.get("/search?q=tea&vs=milk").text
    assert 'href="/search?q=tea&amp;vs=milk&amp;author=Ann"' in page
    page = client.get("/facets/pages?q=tea&vs=milk").text
    assert 'href="/search?q=tea&amp;filter=pages%3A5..9&amp;vs=milk"' in page
    assert page.count('<input type="hidden" name="vs" value="milk">') == 3  # in the box, the range and the choice
    chosen = client.get("/facets/author?q=tea&vs=milk&author=Ann&show=results").headers["Location"]
    assert chosen == "/search?q=tea&author=Ann&vs=milk"


def test_a_page_of_values_says_what_it_has_found(client: FlaskClient) -> None:
    assert "with a word that starts with “x&lt;”" in client.get("/facets/author?prefix=x%3C").text
    assert "No author matches “x&lt;”." in client.get("/facets/author?prefix=x%3C").text
    assert "beginning with A" in client.get("/facets/author?letter=a").text
