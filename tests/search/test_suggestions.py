"""Help where little or nothing is found, asked over HTTP."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import Archive


def _file(rows: list[dict[str, str]]) -> dict[str, str | bytes]:
    return {"a.jsonl": "\n".join(map(json.dumps, rows))}


@pytest.fixture
def ask(archive: Archive) -> FlaskClient:
    texts = ["the russian faction", *["the russian minister met"] * 6, *["a government minister"] * 3, "Ein Fluß"]
    rows = [
        {
            "id": str(n),
            "title": f"Report {n}",
            "text": text,
            "date": f"2020-01-{n + 1:02}",
            "place": "Paris" if n % 2 else "Rome",
        }
        for n, text in enumerate(texts)
    ]
    return archive.write(_file(rows)).client()


def _answer(client: FlaskClient, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200
    return response.get_json()


def test_a_misspelt_word_is_mended_from_the_archives_own(ask: FlaskClient) -> None:
    answer = _answer(ask, "/api/search?q=Minster+met")
    suggestion = answer["query"]["suggestion"]
    assert (answer["total"], suggestion["text"], suggestion["total"]) == (0, "Minister met", 6)
    assert _answer(ask, suggestion["link"])["total"] == 6
    assert "Did you mean <a" in ask.get("/search?q=Minster+met").text


@pytest.mark.parametrize("query", ["minister", "faction", "title:minstr", "zzzzzz", "12346", "-minster", "min*"])
def test_what_would_not_find_clearly_more_is_not_suggested(ask: FlaskClient, query: str) -> None:
    assert _answer(ask, f"/api/search?q={query}")["query"]["suggestion"] is None


def test_words_and_titles_are_suggested(ask: FlaskClient) -> None:
    answer = _answer(ask, "/api/suggest?q=The+MIN")
    assert answer == {"text": "The MIN", "words": [{"text": "The minister", "total": 6}], "values": [], "titles": []}
    titles = _answer(ask, "/api/suggest?q=10+rep&limit=2")["titles"]
    assert titles == [{"text": "Report 10", "id": "10"}]
    assert [each["id"] for each in _answer(ask, "/api/suggest?q=rep&limit=2")["titles"]] == ["10", "9"]
    assert _answer(ask, "/api/suggest?q=r")["titles"] == []
    assert [each["text"] for each in _answer(ask, "/api/suggest?q=fluss")["words"]] == ["fluss"]
    assert _answer(ask, "/api/suggest?q=!")["words"] == []


def test_similar_articles_leave_the_article_itself_out(ask: FlaskClient) -> None:
    answer = _answer(ask, "/api/similar/1?limit=3")
    assert {hit["id"] for hit in answer["results"]} < {"2", "3", "4", "5", "6"}
    assert len(answer["results"]) == 3
    assert ask.get("/api/similar/none").status_code == 404


@pytest.mark.parametrize(
    ("address", "parameter"),
    [
        ("/api/suggest?q=a&limit=0", "limit"),
        ("/api/suggest?x=a", "x"),
        ("/api/similar/1?q=a", "q"),
        (f"/api/suggest?q={'a' * 1_001}", "q"),
        ("/api/search?cursor=nonsense", "cursor"),
        ("/api/search?cursor=%FF", "cursor"),
    ],
)
def test_wrong_parameters_are_named(ask: FlaskClient, address: str, parameter: str) -> None:
    response = ask.get(address)
    assert (response.status_code, response.get_json()["param"]) == (400, parameter)


def test_a_cursor_goes_on_in_another_generation_and_says_so(archive: Archive) -> None:
    rows = [{"id": str(n), "title": f"Tea {n}", "date": f"2020-01-{n + 1:02}"} for n in range(9)]
    client = archive.write(_file(rows)).client()
    first = _answer(client, "/api/search?sort=oldest&per_page=4&cursor=*")
    assert (first["page"], first["links"]["prev"]) == (None, None)
    archive.write({"b.jsonl": json.dumps({"id": "b", "title": "Tea", "date": "1999-01-01"})}).service()
    second = _answer(client, first["links"]["next"])
    assert [hit["id"] for hit in second["results"]] == ["4", "5", "6", "7"]
    assert second["total"] == 10
    assert "the archive has changed" in second["query"]["notes"][0]["message"]
    last = _answer(client, second["links"]["next"])
    assert (last["cursor"], last["links"]["next"], len(last["results"])) == (None, None, 1)
