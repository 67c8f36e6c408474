"""A metadata field called `date`, from records whose date is not a date: a field like any other, beside the date facet."""

import csv
import io
import json
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import etree

from tests.conftest import Archive

WRITTEN = ("circa 1900", "circa 1900", "undated", "circa 1900", "undated", "2022-12-23", "2021-05-03", "2022-01-02")


@pytest.fixture
def client(archive: Archive) -> FlaskClient:
    rows = [{"id": str(n), "title": f"Tea {n}", "text": "A cup of tea.", "date": date} for n, date in enumerate(WRITTEN)]
    return archive.write({"a.jsonl": "".join(json.dumps(row) + "\n" for row in rows)}).client()


def get(client: FlaskClient, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200, response.text
    return response.get_json()


def counts(values: list[dict[str, Any]]) -> list[tuple[str, int, bool]]:
    return [(value["value"], value["count"], value["selected"]) for value in values]


def ids(answer: dict[str, Any]) -> set[str]:
    return {hit["id"] for hit in answer["results"]}


def test_it_is_a_value_of_the_article(client: FlaskClient) -> None:
    article = get(client, "/api/articles/0")
    assert (article["date"], article["extra"]) == (None, {"date": ["circa 1900"]})
    assert (get(client, "/api/articles/5")["date"], get(client, "/api/articles/5")["extra"]) == ("2022-12-23", {})


def test_it_is_a_facet_beside_the_date_facet(client: FlaskClient) -> None:
    for query in ("q=tea", "q=tea&facet=%5Cdate&facet=date"):
        facets = get(client, f"/api/search?{query}")["facets"]
        assert [facet.get("field") for facet in facets] == ["date", None]
        assert counts(facets[0]["values"]) == [("circa 1900", 3, False), ("undated", 2, False)]
        assert counts(facets[1]["values"]) == [("2021", 1, False), ("2022", 2, False)]
    assert [facet["kind"] for facet in get(client, "/api/search?facet=%5Cdate")["facets"]] == ["values"]
    assert [facet["kind"] for facet in get(client, "/api/search?facet=date")["facets"]] == ["dates"]


def test_it_filters_apart_from_the_date(client: FlaskClient) -> None:
    old = get(client, "/api/search?filter=date%3Acirca+1900")
    assert ids(old) == {"0", "1", "3"}
    assert counts(old["facets"][0]["values"]) == [("circa 1900", 3, True), ("undated", 2, False)]
    both = get(client, old["facets"][0]["values"][1]["toggle"])
    assert ids(both) == {"0", "1", "2", "3", "4"}
    assert both["links"]["self"] == "/api/v1/search?filter=date%3Acirca+1900&filter=date%3Aundated"
    assert ids(get(client, old["facets"][0]["values"][0]["toggle"])) == {str(n) for n in range(len(WRITTEN))}
    assert ids(get(client, "/api/search?date=2022")) == {"5", "7"}
    assert get(client, "/api/search?date=2022&filter=date%3Aundated")["total"] == 0
    assert client.get("/api/search?date=circa+1900").get_json()["param"] == "date"


def test_a_search_without_hits_can_be_read_without_it(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("searchsvc.search.readings.MAX_SECONDS", 60.0)
    readings = get(client, "/api/search?q=tea&date=2022&filter=date%3Aundated")["query"]["readings"]
    assert {each["why"]: (each["total"], each["link"]) for each in readings} == {
        "without date: undated": (2, "/api/v1/search?q=tea&date=2022"),
        "without 2022": (2, "/api/v1/search?q=tea&filter=date%3Aundated"),
    }


def test_its_values_are_listed(client: FlaskClient) -> None:
    listed = get(client, "/api/facets/date?order=value&filter=date%3Aundated")
    assert (listed["field"], listed["total"]) == ("date", 2)
    assert counts(listed["values"]) == [("circa 1900", 3, False), ("undated", 2, True)]
    assert ids(get(client, listed["values"][0]["toggle"])) == {"0", "1", "2", "3", "4"}
    assert counts(get(client, "/api/facets/date?prefix=19")["values"]) == [("circa 1900", 3, False)]
    assert get(client, "/api/facets/date?date=2022")["values"] == []


def link(page: Any, text: str) -> str:
    """Return the address of the only link of a page with this text."""
    (found,) = (each for each in page.xpath("//main//a[@href]") if " ".join(each.itertext()).split() == text.split())
    return str(unescape(found.get("href")))


def page_of(client: FlaskClient, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200, response.text
    return etree.HTML(response.text)


def test_pages_show_it_as_a_facet_and_as_a_filter(client: FlaskClient) -> None:
    page = page_of(client, "/search?q=tea")
    assert page.xpath("//section[@class='facet']/h2/text()") == ["Date"]
    chosen = link(page, "circa 1900 3 add filter")
    assert chosen == "/search?q=tea&filter=date%3Acirca%201900"
    narrowed = page_of(client, chosen)
    assert narrowed.xpath("string(//h1)") == "3 articles"
    assert narrowed.xpath("//section[@class='facet']//a[@aria-current]/@href") == ["/search?q=tea"]
    assert link(narrowed, "Date: circa 1900 ×") == "/search?q=tea"
    assert narrowed.xpath("//header//input[@name='filter']/@value") == ["date:circa 1900"]


def test_pages_show_it_beside_the_timeline(client: FlaskClient) -> None:
    page = page_of(client, "/search?q=tea")
    assert page.xpath("//*[@data-key='2022-12']/@href") == ["/search?q=tea&date=2022-12"]
    empty = page_of(client, "/search?q=tea&date=2022&filter=date%3Aundated")
    assert empty.xpath("//ul[@class='readings']//a/@href")[0] == "/search?q=tea&date=2022"


def test_the_page_of_its_values_leads_to_searches(client: FlaskClient) -> None:
    page = page_of(client, "/facets/date?q=tea")
    assert page.xpath("string(//h1)") == "Date"
    assert page.xpath("//form[@class='choose']/@action") == ["/facets/date"]
    (box,) = page.xpath("//form[@class='choose']//input[@type='checkbox'][@value='date:undated']/@name")
    assert box == "filter"
    chosen = client.get("/facets/date?q=tea&filter=date:undated&show=results").headers["Location"]
    assert page_of(client, chosen).xpath("string(//h1)") == "2 articles"
    assert link(page, "A to Z") == "/facets/date?q=tea&order=value"


def test_the_page_of_an_article_links_its_value(client: FlaskClient) -> None:
    page = page_of(client, "/article/0?filter=date%3Acirca+1900&hit=1")
    assert link(page, "circa 1900") == "/search?filter=date%3Acirca%201900"
    assert link(page, "Next result") == "/article/1?filter=date%3Acirca+1900&hit=2"
    assert page.xpath("//article//time") == []


def test_exports_have_it_in_a_column_of_its_own(client: FlaskClient) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/search.csv?filter=date%3Aundated").text, newline="")))
    assert [(row["id"], row["date"], row["extra.date"]) for row in rows] == [("2", "", "undated"), ("4", "", "undated")]
    lines = client.get("/search.jsonl?filter=date%3Aundated").text.splitlines()
    assert [json.loads(line)["extra"] for line in lines] == [{"date": ["undated"]}] * 2
