"""Several searches over time, as JSON and as CSV."""

import csv
import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import Archive
from tests.web.refused import assert_refused


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
        "html": "/trends?q=tide&vs=ferry&vs=%22working+group%22&unit=year",
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


def test_averages_stand_beside_the_counts(client: FlaskClient) -> None:
    query = "q=pianos&vs=sea&unit=month&from=2022&to=2022"
    plain, found = get(client, f"/api/trends?{query}"), get(client, f"/api/trends?{query}&smooth=3")
    assert (plain["smooth"], found["smooth"]) == (1, 3)
    for without, each in zip(plain["searches"], found["searches"], strict=True):
        assert (without["smoothed_counts"], without["smoothed_shares"]) == (None, None)
        assert (without["counts"], without["shares"]) == (each["counts"], each["shares"])
    months = [period["value"] for period in found["periods"]]
    pianos, articles = found["searches"][0], [period["articles"] for period in found["periods"]]
    may = months.index("2022-05")
    around = [at for at in (may - 1, may, may + 1) if articles[at]]
    hits = sum(pianos["counts"][at] for at in around)
    assert pianos["smoothed_counts"][may] == round(hits / len(around), 4) == 3.0
    assert pianos["smoothed_shares"][may] == round(1_000 * hits / sum(articles[at] for at in around), 4)
    head, *lines = rows(client, f"/trends.csv?{query}&smooth=3")
    assert head[8:] == [f"{text} ({kind}average of 3)" for kind in ("", "per 1000, ") for text in ("pianos", "sea")]
    assert float(lines[may][8]) == 3.0


def test_shares_of_filters_are_of_what_they_leave(client: FlaskClient) -> None:
    query = "q=pianos&place=Lanthorn&unit=month&from=2022-04&to=2022-04"
    of_archive, of_filters = (get(client, f"/api/trends?{query}&per={per}") for per in ("archive", "filters"))
    assert [each["per"] for each in (of_archive, of_filters)] == ["archive", "filters"]
    assert [each["periods"][0]["articles"] for each in (of_archive, of_filters)] == [9, 6]
    assert of_filters["searches"][0]["shares"] == [1_000.0]
    assert "&per=filters" in of_filters["links"]["csv"]


def test_a_peak_is_explained_with_links_to_its_articles(client: FlaskClient) -> None:
    found = get(client, "/api/v1/trends?unit=month&burst=peak")["burst"]
    assert [found[name] for name in ("period", "first", "last", "articles", "rest")] == [
        *("2022-04", "2022-04-01", "2022-04-30", 9, 83)
    ]
    pianos, mirabel = found["words"][:2]
    assert (pianos["text"], pianos["a"], pianos["b"], pianos["c"], pianos["d"], pianos["g2"]) == (
        "pianos",
        9,
        0,
        9,
        83,
        58.93,
    )
    assert mirabel["text"] == "Mirabel"
    assert {(each["field"], each["value"]) for each in found["values"]} == {
        *(("tag", "pianos"), ("tag", "shipping"), ("place", "Lanthorn"))
    }
    for each in (*found["words"], *found["values"]):
        assert get(client, each["link"])["total"] == each["a"], each
    head, *lines = rows(client, "/trends.csv?unit=month&burst=2022-04")
    assert head == ["period", "field", "value", "a", "b", "c", "d", "g2"]
    assert [line[2] for line in lines] == [
        *(each["text"] for each in found["words"]),
        *(each["value"] for each in found["values"]),
    ]


@pytest.mark.parametrize("query", ["pianos+OR+salt", "pianos+salt&match=any", "place:Lanthorn", "title:pianos+OR+brass"])
@pytest.mark.parametrize("period", ["2022-04", "2022", "2022-W14", "2022-04-06"])
def test_links_of_a_peak_narrow_any_search(client: FlaskClient, query: str, period: str) -> None:
    unit = "week" if "W" in period else ("year", "month", "day")[period.count("-")]
    found = get(client, f"/api/trends?q={query}&unit={unit}&burst={period}&from=2019-01-02")["burst"]
    for each in (*found["words"], *found["values"]):
        assert get(client, each["link"])["total"] == each["a"], each


def test_without_hits_there_is_no_peak(client: FlaskClient) -> None:
    assert get(client, "/api/trends?q=zebra&burst=peak")["burst"] is None
    assert get(client, "/api/trends?q=pianos")["burst"] is None
    assert get(client, "/api/trends?q=pianos&burst=2022")["burst"]["words"] == [], "there is no rest"
    assert len(rows(client, "/trends.csv?q=zebra&burst=peak")) == 1


WRONG = {
    "smooth=4": ("smooth", "smooth is 4; it must be an odd number"),
    "smooth=101": ("smooth", "smooth is “101”; it must be a whole number from 1 to 99"),
    "per=day": ("per", "per is “day”; it must be one of archive, filters"),
    "burst=2022-13": ("burst", "burst is “2022-13”; it must be peak, or one of the periods that are counted, such as 2024"),
    "burst=2022-04": ("burst", "burst is “2022-04”; it must be"),
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
    assert_refused(client.get(f"{path}?{query}"), *WRONG[query])


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
