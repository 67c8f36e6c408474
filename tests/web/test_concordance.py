"""The concordance of a search: as a page, as JSON and as CSV."""

import csv
import html
import io
import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import Archive
from tests.web.refused import assert_refused

API = "/api/v1/concordance"


def get(client: FlaskClient, query: str) -> dict[str, Any]:
    response = client.get(f"{API}?{query}")
    assert response.status_code == 200, response.text
    return dict(response.get_json())


def rows(client: FlaskClient, query: str) -> list[dict[str, str]]:
    response = client.get(f"/concordance.csv?{query}")
    assert response.status_code == 200, response.text
    assert response.text.startswith("\ufeff"), "spreadsheets look for this mark"
    return list(csv.DictReader(io.StringIO(response.text.removeprefix("\ufeff"), newline="")))


def test_every_match_is_a_line(client: FlaskClient) -> None:
    found = get(client, "q=tide")
    assert (found["articles"], found["matches"], found["complete"], found["read"], found["total"]) == (9, 14, True, 14, 14)
    assert found["left_words"][0] == {"word": "the", "count": 8, "link": f"{API}?q=tide&left=the"}
    assert found["links"] == {
        "next": None,
        "prev": None,
        "self": f"{API}?q=tide",
        "html": "/concordance?q=tide",
        "csv": "/concordance.csv?q=tide",
    }
    right = [re.findall(r"\w+", line["after"])[:1] for line in found["results"] if re.match(r"\W*\w", line["after"])]
    assert right == sorted(right)


def test_lines_lead_to_their_match(client: FlaskClient) -> None:
    for line in get(client, "q=tide&sort=left&left=the")["results"]:
        page = client.get(line["link"].partition("#")[0]).text
        mark = re.search(rf'<mark id="match-{line["number"]}"[^>]*>(.*?)</mark>', page)
        assert line["before"].lower().endswith("the ")
        assert mark is not None or line["field"] == "title"
        if mark is not None and line["field"] == "body":
            around = html.unescape(re.sub("<[^>]+>", "", page[: mark.end()]))
            assert " ".join(around.split()).endswith((line["before"] + line["match"]).strip())


def test_lines_are_narrowed_to_a_neighbour_and_sorted(client: FlaskClient) -> None:
    found = get(client, "q=tide&left=The&sort=oldest&place=Saltmarsh")
    assert (found["left"], found["sort"]) == ("the", "oldest")
    assert found["total"] == len(found["results"]) < found["read"]
    assert found["left_words"] == [
        {"word": "the", "count": found["total"], "link": f"{API}?q=tide&place=Saltmarsh&sort=oldest"}
    ]
    days = [line["date"] for line in found["results"]]
    assert days == sorted(days)


def test_the_table_has_all_lines(client: FlaskClient) -> None:
    found = rows(client, "q=tide")
    assert len(found) == 14
    assert list(found[0])[:5] == ["left", "match", "right", "left_word", "right_word"]
    assert found[0]["address"].startswith("http://localhost/article/")
    narrowed = rows(client, "q=tide&left=the&sort=oldest")
    assert {row["left_word"] for row in narrowed} == {"the"}
    assert [row["date"] for row in narrowed] == sorted(row["date"] for row in narrowed)
    disposition = client.get("/concordance.csv?q=tide+table").headers["Content-Disposition"]
    assert disposition == "attachment; filename=concordance-tide-table.csv"


def test_cells_of_the_table_are_no_formulas(archive: Archive) -> None:
    client = archive.write({"a.txt": "Title: T\nSource: =1+1\n\n=SUM(1) tea +2"}).client()
    (row,) = rows(client, "q=tea")
    assert (row["left"], row["right"], row["source"]) == ("'=SUM(1) ", " +2", "'=1+1")


@pytest.mark.parametrize("query", ['"working+group"', "tid*", "tied~", "title:tide", "tide+OR+ferry", "source:HNA+tide"])
def test_what_a_query_finds_has_lines(client: FlaskClient, query: str) -> None:
    found = get(client, f"q={query}")
    assert found["articles"] == client.get(f"/api/search?q={query}").get_json()["total"]
    assert {line["id"] for line in found["results"]} == {
        each["id"] for each in client.get(f"/api/search?q={query}&per_page=100").get_json()["results"]
    }


WRONG = {
    "": ("q", "a concordance needs a word or a phrase"),
    "q=source:HNA": ("q", "a concordance needs a word or a phrase"),
    "q=tide&sort=relevance": ("sort", "sort is “relevance”; it must be one of right, right2"),
    "q=tide&left=two+words": ("left", "left is “two words”; it must be one word"),
    "q=tide&right=": ("right", "right is empty"),
    f"q=tide&right={'a' * 201}": ("right", "right is “aaa"),
    "q=tide&cursor=*": ("cursor", "there is no parameter “cursor”"),
}


@pytest.mark.parametrize("query", WRONG)
@pytest.mark.parametrize("path", [API, "/concordance.csv"])
def test_wrong_parameters_are_named(client: FlaskClient, path: str, query: str) -> None:
    assert_refused(client.get(f"{path}?{query}"), *WRONG[query])


def test_pages_end(client: FlaskClient) -> None:
    response = client.get(f"{API}?q=tide&page=2")
    assert response.status_code == 404
    assert response.get_json()["detail"] == "there is no page 2; the last one is 1"
    assert "There is no page 2." in client.get("/concordance?q=tide&page=2").text


def test_the_page_mends_what_it_can_and_keeps_the_search(client: FlaskClient) -> None:
    page = client.get("/concordance?q=tide&place=Saltmarsh&sort=x&left=a+b&colour=red")
    assert page.status_code == 200
    for note in (
        "cannot be sorted by “x”",
        "“a b” was ignored: lines are narrowed to one word",
        "“colour” in the address was ignored",
    ):
        assert note in html.unescape(page.text)
    assert '<input type="hidden" name="place" value="Saltmarsh">' in page.text
    empty = client.get("/concordance?q=source:HNA")
    assert empty.status_code == 400
    assert "A concordance needs a word or a phrase to show in its lines" in empty.text
    assert 'value="source:HNA"' in empty.text
    assert "Enter a word or a phrase" in client.get("/concordance").text


def test_the_results_lead_to_the_concordance_with_their_filters(client: FlaskClient) -> None:
    assert 'href="/concordance?q=tide&amp;place=Saltmarsh"' in client.get("/search?q=tide&place=Saltmarsh&per_page=5").text
    assert "/concordance?" not in client.get("/search?q=source:HNA").text
    moved = client.get("/search?q=tide&place=Saltmarsh&view=kwic&page=2&sort=newest&vs=ferry")
    assert (moved.status_code, moved.headers["Location"]) == (303, "/concordance?q=tide&place=Saltmarsh")


def test_a_sample_is_said_to_be_one(archive: Archive) -> None:
    text = "tea cup " * 60
    client = archive.write({f"{n}.txt": f"Title: T\nDate: 2020-01-{n % 28 + 1:02}\n\n{text}" for n in range(200)}).client()
    found = get(client, "q=tea&page=100")
    assert (found["complete"], found["read"], found["matches"], len(found["results"])) == (False, 10_000, 12_000, 100)
    assert "A fair sample of 10,000 of 12,000 lines" in client.get("/concordance?q=tea").text
    narrowed = client.get("/concordance?q=tea&right=cup").text
    assert "10,000 of 10,000 lines" in narrowed
    assert "The lines are a fair sample of 10,000 of 12,000." in narrowed
    assert len(rows(client, "q=tea")) == 12_000


def test_notes_are_in_the_language_that_a_program_chooses(client: FlaskClient) -> None:
    assert get(client, "q=tide+a*&lang=de")["notes"] != get(client, "q=tide+a*")["notes"] != []


def test_lines_are_escaped(archive: Archive) -> None:
    record = {"id": '"><i>', "title": "T", "source": "A & B", "body": "&lt;b>x&lt;/b> tea &amp;lt;script>"}
    client = archive.write({"a.jsonl": json.dumps(record)}).client()
    page = client.get("/concordance?q=tea&right=lt").text + client.get("/concordance?q=tea+OR+%3Cb%3E").text
    assert "<b>" not in page
    assert "<i>" not in page
    assert "<script>" not in page
    assert "A &amp; B" in page
    assert "&lt;b&gt;" in page
