"""The page and the route of the API that check quotations."""

import json
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from searchsvc.web.request_reader import MAX_BODY_BYTES
from tests.conftest import Archive

TEXT = "The harbour (5 < 6) & the “old port” were closed at noon. Nobody knew why."
ROWS = [
    {"id": "first", "title": "Closed", "text": f"Saltmarsh. {TEXT}", "date": "2021-03-05", "source": "Courier"},
    {"id": "copy", "title": "Closed again", "text": TEXT, "date": "2021-03-06", "source": "HNA", "limit": "low"},
    {"id": "tea", "title": "Tea", "text": "A cup of tea was served by the old tea house at noon.", "date": "2021-03-04"},
]
MISQUOTED = TEXT.replace("were closed", "was shut")


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A client for all tests of this file, whose archive is indexed once."""
    archive = Archive(tmp_path_factory.mktemp("ports"))
    return archive.write({"a.jsonl": "\n".join(map(json.dumps, ROWS))}).client()


def answer_of(response: Any) -> Any:
    assert response.status_code == 200, response.text
    return response.get_json()


# The API


def test_an_address_a_form_and_json_are_answered_alike(ports: FlaskClient) -> None:
    given = {"text": TEXT, "limit": "1", "from": "2021-03-06", "source": ["HNA", "Courier"]}
    answers = [
        answer_of(response) | {"took_ms": 0}
        for response in (
            ports.get("/api/quote", query_string=given),
            ports.post("/api/quote", data=given),
            ports.post("/api/quote", data=given, content_type="multipart/form-data"),
            ports.post("/api/quote", json=given | {"limit": 1, "date": []}),
            ports.post("/api/quote?limit=1&from=2021-03-06", json={"text": TEXT, "source": ["HNA", "Courier"]}),
        )
    ]
    assert all(answer == answers[0] for answer in answers)
    assert (answers[0]["total"], answers[0]["results"][0]["id"]) == (1, "copy")


def test_word_for_word_the_earliest_is_first(ports: FlaskClient) -> None:
    answer = answer_of(ports.post("/api/quote", json={"text": f"  {TEXT.upper()}\r\n"}))
    assert (answer["verbatim"], answer["total"], answer["words"], answer["text"]) == (True, 2, 14, TEXT.upper())
    first, second = answer["results"]
    assert [first["id"], second["id"]] == ["first", "copy"]
    assert (first["span"], first["field"], first["passage"]) == ([11, 11 + len(TEXT) - 1], "body", TEXT[:-1])
    assert (first["before"], first["after"], first["differences"]) == ("Saltmarsh. ", ".", [])
    assert first["passage_html"] == TEXT[:-1].replace("&", "&amp;").replace("<", "&lt;")
    found = answer_of(ports.get(answer["links"]["search"]))
    assert [hit["id"] for hit in found["results"]] == ["first", "copy"]


def test_what_was_printed_instead(ports: FlaskClient) -> None:
    answer = answer_of(ports.post("/api/quote", json={"text": MISQUOTED}))
    assert (answer["verbatim"], answer["total"], answer["links"]) == (False, 0, {"search": None})
    (result,) = answer["results"]
    assert (result["id"], result["articles"], result["kept"], result["similarity"]) == ("first", 2, 12, 0.857)
    assert "port” <del>was shut</del> <ins>were closed</ins> at noon" in result["passage_html"]
    (difference,) = result["differences"]
    assert (difference["kind"], difference["quoted"], difference["printed"]) == ("changed", "was shut", "were closed")
    quoted, printed = difference["quoted_span"], difference["printed_span"]
    assert answer["text"][slice(*quoted)] == "was shut"
    assert result["passage"][slice(*printed)] == "were closed"


def test_filters_of_fields_whose_names_are_parameters(ports: FlaskClient) -> None:
    assert answer_of(ports.post("/api/quote", json={"text": TEXT, "filter": ["limit:low"], "limit": 5}))["total"] == 1


@pytest.mark.parametrize(
    ("given", "param", "detail"),
    [
        ({}, "text", "the passage has no words; it needs at least 3"),
        ({"text": "two words"}, "text", "the passage has 2 words; it needs at least 3"),
        ({"text": "a " * 501}, "text", "the passage has 501 words; the limit is 500: check it in parts"),
        ({"text": "x" * 5_001}, "text", "the passage has 5,001 characters; the limit is 5,000: check it in parts"),
        ({"text": TEXT, "limit": 0}, "limit", "limit is “0”; it must be a whole number from 1 to 100"),
        ({"text": TEXT, "limit": True}, "limit", "limit must be a whole number"),
        ({"text": TEXT, "limit": 2.5}, "limit", "limit must be a whole number"),
        ({"text": TEXT, "limit": "2"}, "limit", "limit must be a whole number"),
        ({"text": TEXT, "source": "HNA"}, "source", "source must be a list of strings"),
        ({"text": TEXT, "source": ["HNA", 5]}, "source", "source must be a list of strings"),
        ({"text": TEXT, "from": None}, "from", "from must be a string"),
        ({"text": {"a": "b"}}, "text", "text must be a string"),
        ({"text": [TEXT]}, "text", "text must be a string"),
        (
            {"text": TEXT, "from": "2022", "to": "2021"},
            "from",
            "from (2022-01-01) is after to (2021-12-31), so no article can match",
        ),
        ({"text": TEXT, "sauce": "HNA"}, "sauce", "there is no parameter “sauce”; did you mean “source”?"),
        ({"text": TEXT, "q": "tea"}, "q", "there is no parameter “q”"),
    ],
)
def test_wrong_quotations_are_named(ports: FlaskClient, given: dict[str, Any], param: str, detail: str) -> None:
    response = ports.post("/api/quote", json=given)
    assert (response.status_code, response.content_type) == (400, "application/problem+json")
    problem = response.get_json()
    assert problem["param"] == param
    assert problem["detail"].startswith(detail)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"[1]", "application/json", 400),
        (b'{"text": ', "application/json", 400),
        (b'{"text": "a\\ud800b c d"}', "application/json", 400),
        (b'{"text": "\xff\xfe"}', "application/json", 400),
        (b"[" * 2_000, "application/json", 400),
        (b"", "", 400),
        (b"the old port", "text/plain", 415),
        (b"text=" + b"a+" * MAX_BODY_BYTES, "application/x-www-form-urlencoded", 413),
    ],
)
def test_other_bodies_are_refused(ports: FlaskClient, body: bytes, kind: str, status: int) -> None:
    response = ports.post("/api/quote", data=body, content_type=kind)
    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    assert response.get_json()["type"].startswith("http://localhost/api/docs#")


# The page


def page_of(response: Any, status: int = 200) -> BeautifulSoup:
    assert response.status_code == status, response.text
    return BeautifulSoup(response.text, "lxml")


def texts(page: BeautifulSoup, query: str) -> list[str]:
    return [" ".join(each.get_text().split()) for each in page.select(query)]


def link(page: BeautifulSoup, query: str) -> str:
    (first, *_) = page.select(query)
    return str(first["href"])


def test_the_page_begins_with_a_box(ports: FlaskClient) -> None:
    page = page_of(ports.get("/quote?source=HNA&unknown=1"))
    (form,) = page.select("form.passage")
    assert (form["method"], form["action"]) == ("post", "/quote")
    assert texts(page, "textarea") == [""]
    assert [each["value"] for each in page.select("main input[type=checkbox]")] == ["HNA"]
    assert not page.select(".answer")
    assert "Check a quotation" in ports.get("/").text


def test_the_page_shows_where_it_was_printed(ports: FlaskClient) -> None:
    page = page_of(ports.post("/quote", data={"text": TEXT}))
    assert texts(page, ".count") == ["Printed word for word in 2 articles"]
    assert texts(page, ".answer h3") == ["Closed", "Closed again"]
    assert texts(page, ".printed mark") == [TEXT[:-1], TEXT[:-1]]
    assert texts(page, "textarea") == [TEXT]
    assert "<mark" in ports.get(link(page, ".answer h3 a")).text
    assert texts(page_of(ports.get(link(page, ".answer .match"))), ".count") == ["Printed word for word in 2 articles"]


def test_the_page_marks_what_differs(ports: FlaskClient) -> None:
    page = page_of(ports.post("/quote", data={"text": MISQUOTED, "source": "Courier", "to": "2021"}))
    assert texts(page, ".count") == ["Not printed word for word"]
    assert "Only articles that match your filters and dates were checked." in texts(page, ".answer p")
    assert (texts(page, ".printed del"), texts(page, ".printed ins")) == (["was shut"], ["were closed"])
    assert "12 of 14 words match" in texts(page, ".answer .meta")[0]
    page = page_of(ports.post("/quote", data={"text": MISQUOTED}))
    assert texts(page, ".answer .meta a") == ["2 articles have these words; this is the earliest"]
    assert "2 articles" in ports.get(link(page, ".answer .meta a")).text


def test_the_page_says_that_nothing_was_found(ports: FlaskClient) -> None:
    page = page_of(ports.post("/quote", data={"text": "zyx wvu tsr (title: OR"}))
    assert texts(page, ".count") == ["Not found, and nothing close to it"]
    assert ports.get(link(page, ".answer p a")).status_code == 200


@pytest.mark.parametrize(
    ("given", "note"),
    [
        ({"text": "</p>"}, "at least 3"),
        ({"text": "x" * 5_001}, "The passage has 5,001 characters"),
        ({"text": f"{TEXT}</textarea><script>", "from": "yesterday"}, "From is “yesterday”"),
        ({"text": TEXT, "limit": "x"}, "Limit is “x”"),
    ],
)
def test_a_wrong_value_costs_no_passage(ports: FlaskClient, given: dict[str, str], note: str) -> None:
    page = page_of(ports.post("/quote", data=given), 400)
    assert note in texts(page, ".note[role=alert]")[0]
    assert page.select("textarea")[0].get_text().lstrip("\n") == given["text"]
    assert not page.select("main script")


def test_an_empty_box_is_no_error(ports: FlaskClient) -> None:
    page = page_of(ports.post("/quote", data={"text": " \r\n "}))
    assert not page.select(".answer, .note")


def test_passages_are_not_logged(archive: Archive) -> None:
    archive.write({"a.txt": f"Title: A\n\n{TEXT}"})
    log = archive.corpus.parent / "access.log"
    archive.settings = archive.with_settings(access_log=str(log))
    client = archive.client()
    client.post("/quote", data={"text": TEXT})
    client.get("/api/quote", query_string={"text": TEXT})
    assert "harbour" not in log.read_text()
    assert [json.loads(line)["route"] for line in log.read_text().splitlines()] == ["/quote", "/api/quote"]


def test_a_private_archive_checks_nothing_without_its_token(archive: Archive) -> None:
    archive.write({"a.txt": f"Title: A\n\n{TEXT}"})
    archive.settings = archive.with_settings(read_token="a-token-for-readers")
    client = archive.client()
    for path in ("/quote", "/api/quote"):
        assert client.post(path, data={"text": TEXT}).status_code == 401
    token = {"Authorization": "Bearer a-token-for-readers"}
    assert answer_of(client.post("/api/quote", data={"text": TEXT}, headers=token))["total"] == 1
