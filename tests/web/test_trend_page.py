"""The page of trends: its form, its chart, its table, and what explains a peak."""

import re
from html import unescape
from threading import BoundedSemaphore

import pytest
from flask.testing import FlaskClient

from searchsvc.search import turns
from searchsvc.web.trend_axis import label, number_of
from tests.conftest import Archive


def page(client: FlaskClient, query: str) -> str:
    response = client.get(f"/trends?{query}")
    assert response.status_code == 200, response.text
    return response.text


def links(text: str, start: str) -> list[str]:
    """Return the addresses of a page that begin in a way."""
    return [each for each in map(unescape, re.findall(r'href="([^"]*)"', text)) if each.startswith(start)]


def test_the_form_has_the_searches_and_a_box_for_another(client: FlaskClient) -> None:
    text = page(client, "q=pianos&vs=sea&unit=week&per=archive&smooth=3&from=2022&place=Lanthorn")
    boxes = re.findall(r'<input type="search" name="(\w+)" value="(.*?)" dir', text)
    assert boxes == [("q", "pianos"), ("vs", "sea"), ("vs", "")]
    for value in ("week", "archive", "3"):
        assert f'<option value="{value}" selected>' in text
    assert '<input type="hidden" name="place" value="Lanthorn">' in text
    assert 'name="from" value="2022-01-01"' in text
    assert "Per 1,000 articles, by week, average of 3 weeks" in text
    assert len(re.findall('name="vs"', page(client, "q=a&vs=b&vs=c&vs=d&vs=e"))) == 4


@pytest.mark.parametrize(
    ("given", "short"),
    [
        ("q=&vs=pianos&vs=&per=&smooth=&unit=month", "?q=pianos&unit=month"),
        ("q=pianos&vs=+&vs=sea&from=&to=", "?q=pianos&vs=sea"),
        ("q=&vs=", ""),
    ],
)
def test_a_form_leads_to_a_short_address(client: FlaskClient, given: str, short: str) -> None:
    response = client.get(f"/trends?{given}")
    assert (response.status_code, response.headers["Location"]) == (303, f"/trends{short}")


def test_points_and_figures_lead_to_their_hits(client: FlaskClient) -> None:
    text = page(client, "q=pianos&vs=sea&unit=month&place=Lanthorn")
    assert "/search?q=pianos&date=2022-04&place=Lanthorn&vs=sea" in links(text, "/search")
    assert "/search?q=sea&date=2022-04&place=Lanthorn" not in links(text, "/search"), "which finds nothing"
    text = page(client, "q=pianos&unit=week")
    (week, *_) = links(text, "/search?q=pianos&from=")
    assert week == "/search?q=pianos&from=2022-04-04&to=2022-04-10"
    assert client.get(f"/api{week}").get_json()["total"] == 4
    assert "Week 14 of 2022 (4 – 10 Apr 2022)" in text.replace("\u2009", " ")
    assert 'data-first="2022-04-04" data-last="2022-04-10"' in text


def test_lines_have_gaps_where_there_are_no_articles(archive: Archive) -> None:
    days = ("2022-01-05", "2022-02-05", "2022-05-05", "2022-08-05", "2022-09-05")
    client = archive.write({f"{day}.txt": f"Title: T\nDate: {day}\n\ntea" for day in days}).client()
    text = client.get("/trends?q=tea&unit=month").text
    pieces = re.findall(r'<polyline points="([^"]*,[^"]*)"/>', text.partition('class="lines"')[2].partition("</svg>")[0])
    assert [len(piece.split()) for piece in pieces] == [2, 1, 2]
    assert text.partition('class="strip"')[2].partition("</svg>")[0].count("<rect") == 5
    long: dict[str, str | bytes] = {f"{year}.txt": f"Title: T\nDate: {year}-01-01\n\ntea" for year in range(2000, 2023, 2)}
    client = archive.write(long).client()
    assert client.get("/trends?q=tea&unit=month").text.count('<use href="#mark1" x="') > 10, "points between two gaps"


def test_undated_articles_are_said(archive: Archive) -> None:
    files: dict[str, str | bytes] = {
        f"{at}.txt": f"Title: T\n{day}\n\ntea" for at, day in enumerate(("Date: 2022-05-05", "Place: X", "Place: Y"))
    }
    client = archive.write(files).client()
    text = client.get("/trends?q=tea&unit=month").text
    assert "2 articles without a date" in text
    assert "2 articles of the archive have no date." in text
    (link,) = links(text, "/search?q=tea%20-date")
    assert client.get(f"/api{link}").get_json()["total"] == 2


def test_a_peak_is_explained_beside_the_chart(client: FlaskClient) -> None:
    text = page(client, "unit=month")
    (explain,) = set(links(text, "/trends?unit=month&burst=2022-04"))
    assert explain.endswith("#peak")
    text = client.get(explain).text
    assert "What is special about April 2022" in text
    assert "9 of 9" in text
    assert "/search?q=mirabel&date=2022-04" in links(text, "/search")
    assert "/search?date=2022-04&tag=pianos" in links(text, "/search")
    assert 'class="selected "' in text
    assert "Words were counted in a fair sample" not in text
    assert "/trends.csv?unit=month&burst=2022-04" in links(text, "/trends.csv")
    second = links(page(client, "q=sea&vs=pianos&unit=month"), "/trends?q=pianos&vs=sea&unit=month&burst=2022-04")
    assert second, "what explains the peak of another search has that search first"


def test_the_page_mends_what_it_can(client: FlaskClient, archive: Archive) -> None:
    text = page(client, "q=pianos&unit=decade&smooth=4&burst=1999&per=x&vs=a&vs=b&vs=c&vs=d&vs=e")
    for note in (
        "“decade” was ignored: charts go by year, month, week or day",
        "Smooth is 4; it must be an odd number up to 99, so 3 is shown.",
        "Burst is “1999”",
        "“x” was ignored: shares are of the archive",
        "The chart compares 5 searches at most",
    ):
        assert note in text
    files: dict[str, str | bytes] = {f"{year}.txt": f"Title: T\nDate: {year}-01-01\n\ntea" for year in range(2000, 2023)}
    text = archive.write(files).client().get("/trends?q=tea&unit=day").text
    assert "There are more than 1,000 periods, so a longer unit is shown." in text
    assert "Articles by month" in text
    cut = client.get(f"/trends?q={'a' * 1_001}")
    assert cut.status_code == 200
    assert f"q={'a' * 1_000}&" in cut.text
    without = client.get(f"/trends?q=tea&vs={'a' * 1_001}")
    assert "A search of more than 1,000 characters was left out of the chart." in without.text


@pytest.mark.parametrize(("smooth", "shown"), [("2", 3), ("98", 97), ("999", 99), ("5", 5)])
def test_the_page_says_which_average_it_shows(client: FlaskClient, smooth: str, shown: int) -> None:
    text = page(client, f"q=tide&unit=year&smooth={smooth}")
    assert f"average of {shown} years" in text.partition("<figcaption>")[2].partition("</figcaption>")[0]
    assert (f"so {shown} is shown" in text) == (smooth != str(shown))


def test_the_peak_is_the_highest_point_of_the_line(archive: Archive) -> None:
    """In 2020, 6 of 30 articles are about tea, in 2021 5 of 20, in 2022 4 of 25. In 2019, the only one is."""
    files: dict[str, str | bytes] = {}
    for year, tea, articles in ((2019, 1, 1), (2020, 6, 30), (2021, 5, 20), (2022, 4, 25)):
        for at in range(articles):
            files[f"{year}-{at}.txt"] = f"Title: T\nDate: {year}-01-01\n\n{'tea' if at < tea else 'rum'} {year} {at}"
    client = archive.write(files).client()
    for query, peak in (("", "2020"), ("&per=archive", "2021"), ("&smooth=3", "2021")):
        text = client.get(f"/trends?q=tea&unit=year&from=2019{query}").text
        assert f">tea</bdi>: {peak}</a>" in text
        burst = client.get(f"/api/v1/trends?q=tea&unit=year&from=2019{query}&burst=peak").get_json()["burst"]
        assert burst["period"] == peak


def test_an_archive_without_dates_has_no_chart(archive: Archive) -> None:
    client = archive.write({"a.txt": "Title: T\n\ntea"}).client()
    assert "There are no articles with a date here." in client.get("/trends?q=tea").text
    assert "There are no articles with a date here." in client.get("/trends").text


def test_what_people_search_for_is_escaped(client: FlaskClient) -> None:
    text = page(client, "q=pianos+OR+%22%3E%3Cb+x%3D%27&vs=sea+OR+%22%3E%3Cb+x%3D%27&unit=month&burst=2022-04")
    assert "<b x=" not in text
    assert '<rect class="room"' in text


def test_results_lead_to_trends(client: FlaskClient) -> None:
    text = client.get("/search?q=pianos&vs=sea&chart=share&place=Lanthorn").text
    assert "/trends?q=pianos&place=Lanthorn&vs=sea&unit=year&per=archive" in links(text, "/trends?")
    assert "/trends" in links(client.get("/help").text, "/trends")
    assert "Disallow: /trends?" in client.get("/robots.txt").text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("2022", "2022"), ("2022-01", "2022"), ("2022-03", "Mar"), ("2022-01-01", "2022"), ("2022-03-01", "Mar")),
        *(("2022-03-09", "9"), ("2022-W01", "2022"), ("2022-W14", "4 Apr")),
    ],
)
def test_labels_name_what_begins(client: FlaskClient, name: str, text: str) -> None:
    with client.application.test_request_context():
        assert label(name) == text


def test_longer_units_begin_with_multiples() -> None:
    assert number_of("2022-01") % 12 == number_of("2022-W01") % 52 == number_of("2022-01-01") % 360 == 0
    assert number_of("2022-W14") % 13 == number_of("2022-03-01") % 30 == 0
    assert all(number_of(name) % 2 for name in ("2020-W53", "2022-01-30", "2022-01-31"))


def test_a_busy_service_says_so_and_no_browser_keeps_that(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_working", BoundedSemaphore(0))
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    client = archive.write({"a.txt": "Title: T\nDate: 2022-01-01\n\ntea"}).client()
    busy = client.get("/trends?q=tea&unit=year&burst=2022")
    assert busy.status_code == 503
    assert "Concordances and peaks take long to read" in busy.text
    assert "ETag" not in busy.headers


def test_links_from_every_article_ask_only_what_these_pages_know(client: FlaskClient) -> None:
    found = client.get("/search?q=hives&versions=all&sort=newest&per_page=5").text
    led = {each for start in ("/trends", "/concordance") for each in links(found, start)}
    assert {each.partition("?")[0] for each in led} == {"/trends", "/trends.csv", "/concordance"}
    for each in led:
        response = client.get(each)
        assert response.status_code == 200, each
        assert "ignored" not in response.text
