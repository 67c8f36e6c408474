"""Fields, values and filters in words."""

import json
import re

import pytest
from flask.testing import FlaskClient

from searchsvc.web.app import create_app
from searchsvc.web.labels import in_words, named_value
from tests.conftest import Archive


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("has_topics", "Has topics"),
        ("date-line", "Date line"),
        ("newsDesk", "News desk"),
        ("NYT_Desk", "NYT desk"),
        ("ISBN", "ISBN"),
        ("dc.subject", "Dc subject"),
        ("सूची", "सूची"),
        ("über_uns", "Über uns"),
        ("__", "__"),
    ],
)
def test_names_of_fields_in_words(name: str, words: str) -> None:
    assert in_words(name) == words


@pytest.fixture
def client(archive: Archive) -> FlaskClient:
    rows = [
        {
            "id": str(n),
            "title": "Tea",
            "text": "x",
            "has_topics": "tea",
            "isbn": f"{n % 2}",
            "language": "de" if n else "en",
        }
        for n in range(4)
    ]
    archive.write({"a.jsonl": "\n".join(map(json.dumps, rows))}).service()
    return create_app(archive.with_settings(labels=(("isbn", "ISBN <13>"),))).test_client()


def test_facets_and_filters_have_labels(client: FlaskClient) -> None:
    page = client.get("/search?filter=isbn:1").text
    assert "<h2>ISBN &lt;13&gt;</h2>" in page
    assert "<bdi>ISBN &lt;13&gt;: 1</bdi>" in page
    assert 'aria-label="Remove filter: ISBN &lt;13&gt;: 1"' in page
    assert "<bdi>not tea</bdi>" in client.get("/search?filter=-has_topics:tea").text
    assert "<dt>Has topics</dt>" in client.get("/article/1").text


def test_own_fields_have_the_order_of_the_settings(archive: Archive) -> None:
    row = {"id": "1", "title": "Tea", "text": "x", "source": "ANI", "mood": "calm", "size": "7", "tone": "low"}
    archive.write({"a.jsonl": json.dumps(row)}).service()
    client = create_app(archive.with_settings(field_order=("size", "none"))).test_client()
    names = re.findall("<dt>(.*?)</dt>", client.get("/article/1").text)
    assert names[:4] == ["Source", "Size", "Mood", "Tone"]


def test_languages_have_names(client: FlaskClient) -> None:
    page = client.get("/search?language=de").text
    assert "<bdi>Language: German</bdi>" in page
    assert '<span class="value" dir="auto">German</span>' in page
    with client.application.test_request_context():
        assert [named_value(each, "language") for each in ("en-GB", "pt_BR", "xx", "Klingon", "")] == [
            "British English",
            "Brazilian Portuguese",
            "xx",
            "Klingon",
            "",
        ]


def test_days_of_filters_are_spelled_out(client: FlaskClient) -> None:
    page = client.get("/search?from=2020-01-02&to=2021&date=2020-03").text
    assert "<bdi>From 2 January 2020</bdi>" in page
    assert "<bdi>Until 31 December 2021</bdi>" in page
    assert "<bdi>March 2020</bdi>" in page
