"""Several searches over time, as JSON and as CSV."""

import csv
import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import Archive


def get(client: FlaskClient, address: str) -> dict[str, Any]:
    response = client.get(address)
    assert response.status_code == 200, response.text
    return dict(response.get_json())


def rows(client: FlaskClient, address: str) -> list[list[str]]:
    response = client.get(address)
    assert response.status_code == 200, response.text
    assert response.text.startswith("\ufeff"), "spreadsheets look for this mark"
    return list(csv.reader(io.StringIO(response.text.removeprefix("\ufeff"))))


def test_searches_are_counted_over_the_same_periods(client: FlaskClient) -> None:
    found = get(client, "/api/v1/trends?q=tide&vs=ferry&vs=%22working+group%22")
    assert [period["value"] for period in found["periods"]] == ["2019", "2020", "2021", "2022", "2023", "2024"]
    assert found["periods"][0] == {"value": "2019", "first": "2019-01-01", "last": "2019-12-31", "articles": 9}
    assert [each["text"] for each in found["searches"]] == ["tide", "ferry", '"working group"']
    tide = found["searches"][0]
    total = get(client, "/api/search?q=tide")["total"]
    assert sum(tide["counts"]) + tide["earlier"] + tide["later"] + tide["undated"] == tide["total"] == total
    assert tide["shares"][0] == round(1_000 * tide["counts"][0] / 9, 4)
    assert get(client, found["searches"][2]["link"])["total"] == found["searches"][2]["total"]
    assert found["links"] == {
        "self": "/api/v1/trends?q=tide&vs=ferry&vs=%22working+group%22",
        "html": "/search?q=tide&vs=ferry&vs=%22working+group%22",
        "csv": "/trends.csv?q=tide&vs=ferry&vs=%22working+group%22",
    }


def test_periods_without_articles_have_no_share(client: FlaskClient) -> None:
    found = get(client, "/api/trends?q=the&unit=day&from=2022-06-01&to=2022-06-30")
    for period, count, share in zip(
        found["periods"], *(found["searches"][0][name] for name in ("counts", "shares")), strict=True
    ):
        assert (share is None) == (period["articles"] == 0)
        assert count <= period["articles"]


def test_filters_and_match_apply_to_every_search(client: FlaskClient) -> None:
    found = get(client, "/api/trends?q=tide+ferry&vs=tea+harbour&match=any&place=Saltmarsh&unit=month")
    for each, text in zip(found["searches"], ("tide+ferry", "tea+harbour"), strict=True):
        assert each["total"] == get(client, f"/api/search?q={text}&match=any&place=Saltmarsh")["total"]
    assert (found["match"], found["unit"]) == ("any", "month")


@pytest.mark.parametrize("unit", ["year", "month", "week", "day"])
def test_the_table_has_what_the_json_has(client: FlaskClient, unit: str) -> None:
    query = f"q=tide&vs=ferry&unit={unit}&from=2021&to=2022"
    found, (head, *lines) = get(client, f"/api/trends?{query}"), rows(client, f"/trends.csv?{query}")
    assert head == [unit, "first", "last", "articles", "tide", "ferry", "tide (per 1000)", "ferry (per 1000)"]
    assert [line[:4] for line in lines] == [[str(value) for value in period.values()] for period in found["periods"]]
    assert [[int(line[4 + at]) for line in lines] for at in (0, 1)] == [each["counts"] for each in found["searches"]]


def test_a_query_in_the_head_of_the_table_is_no_formula(client: FlaskClient) -> None:
    assert rows(client, "/trends.csv?q=tide&vs=%3DSUM(1)")[0][5] == "'=SUM(1)"
    assert rows(client, "/trends.csv")[0][4] == "*"


WRONG = {
    "vs=a&vs=b&vs=c&vs=d&vs=e": ("vs", "vs was given 5 times; the limit is 4"),
    "vs=": ("vs", "vs is empty: leave it out, or give it a value"),
    f"vs={'a' * 1_001}": ("vs", "the query has 1,001 characters; the limit is 1,000"),
    "unit=decade": ("unit", "unit is “decade”; it must be one of year, month, week, day"),
    "chart=share": ("chart", "there is no parameter “chart”"),
    "sort=newest": ("sort", "there is no parameter “sort”"),
}


@pytest.mark.parametrize("query", WRONG)
@pytest.mark.parametrize("path", ["/api/v1/trends", "/trends.csv"])
def test_wrong_parameters_are_named(client: FlaskClient, path: str, query: str) -> None:
    response = client.get(f"{path}?{query}")
    param, detail = WRONG[query]
    assert response.status_code == 400
    assert response.get_json()["param"] == param
    assert response.get_json()["detail"].startswith(detail)


def test_searches_know_no_chart(client: FlaskClient) -> None:
    for query in ("vs=ferry", "chart=share"):
        assert client.get(f"/api/search?q=tide&{query}").status_code == 400
        assert client.get(f"/search.csv?q=tide&{query}").status_code == 400
        assert f"/search.csv?q=tide&amp;{query}" not in client.get(f"/search?q=tide&{query}").text


@pytest.mark.parametrize("address", ["/search?q={}", "/search?q=tide&vs={}", "/search?q=tide&vs={}&chart=share"])
def test_charts_escape_what_people_search_for(client: FlaskClient, address: str) -> None:
    page = client.get(address.format('tide+OR+"><b+x=%27')).text
    assert "<b x=" not in page
    assert "tide OR &#34;&gt;&lt;b x=&#39;" in page
    assert "&lt;rect" not in page
    assert '<rect class="room"' in page


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("q=tide&vs=%22working+group%22", "tide-working-group-by-year.csv"),
        ("q=tide&unit=month", "tide-by-month.csv"),
        ("place=Saltmarsh", "saltmarsh-by-year.csv"),
    ],
)
def test_the_table_is_named_like_its_searches(client: FlaskClient, query: str, name: str) -> None:
    assert client.get(f"/trends.csv?{query}").headers["Content-Disposition"] == f"attachment; filename={name}"


def test_pages_leave_out_a_search_that_is_too_long_to_compare(client: FlaskClient) -> None:
    page = client.get(f"/search?q=tide&vs={'a' * 1_001}&vs=ferry")
    assert page.status_code == 200
    assert "A search of more than 1,000 characters was left out of the chart." in page.text
    assert '<input type="hidden" name="vs" value="ferry">' in page.text


def test_notes_on_compared_searches_name_them(client: FlaskClient) -> None:
    page = client.get("/search?q=tide&vs=%22ferry&vs=tea").text
    assert "In the comparison with “&#34;ferry”, an unmatched quotation mark was ignored." in page
    page = client.get(f"/search?q=tide&vs=%22ferry+{'x' * 200}").text
    assert f"In the comparison with “&#34;ferry {'x' * 53}…”, an unmatched" in page


def test_shares_of_a_cut_period_are_of_the_requested_days(archive: Archive) -> None:
    days = ("2024-12-01", "2024-12-24", "2025-01-02")
    client = archive.write({f"{day}.txt": f"Title: T\nDate: {day}\n\ntea" for day in days}).client()
    asked = "q=tea&from=2024-12-20&to=2025-01-31"
    found = client.get(f"/api/v1/trends?{asked}&unit=month").get_json()
    assert [period["articles"] for period in found["periods"]] == [1, 1]
    assert found["searches"][0]["shares"] == [1_000, 1_000]
    found = client.get("/api/v1/trends?q=tea&date=2024-12&unit=year").get_json()
    assert found["searches"][0]["shares"] == [1_000]
    assert "2 of 2 articles" not in client.get(f"/search?{asked}").text
    assert "1 of 1 articles" in client.get(f"/search?{asked}").text
