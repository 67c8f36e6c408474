"""The figures at the foot of every page."""

import json

import pytest

from searchsvc.web.app import create_app
from tests.conftest import Archive


def foot(page: str) -> str:
    return " ".join(page.partition('<p class="facts">')[2].partition("</p>")[0].split())


@pytest.mark.parametrize(
    ("years", "said"),
    [
        (["2019", "2021", "2021"], "<span>from 2019 to 2021</span>"),
        (["2019"], "<span>from 2019</span>"),
        (["1066", *["2019"] * 300, "2020", "2999"], "<span>from 2019 to 2020</span>"),
        ([""], ""),
    ],
)
def test_the_foot_says_how_many_articles_there_are_and_of_which_years(
    archive: Archive, years: list[str], said: str
) -> None:
    rows = [{"id": str(n), "title": "Tea", "text": "x", "date": year and f"{year}-01-02"} for n, year in enumerate(years)]
    page = archive.write({"a.jsonl": "\n".join(map(json.dumps, rows))}).client().get("/").text
    number = "1 article" if len(years) == 1 else f"{len(years)} articles"
    assert f"<span>{number}</span> {said}".strip() in foot(page)
    assert "last updated on " in foot(page)


def test_who_may_not_read_sees_no_figures(archive: Archive) -> None:
    archive.write({"a.txt": "tea"}).service()
    client = create_app(archive.with_settings(read_token="correct-horse-battery")).test_client()
    assert foot(client.get("/login").text) == ""
    assert foot(client.get("/nothing", headers={"Accept": "text/html"}, follow_redirects=True).text) == ""


def test_without_an_index_there_are_no_figures(archive: Archive) -> None:
    page = create_app(archive.settings).test_client().get("/").text
    assert foot(page) == ""
    assert ">API</a>" in page
