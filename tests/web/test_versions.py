"""Versions of a text and what differs between them, over HTTP and as a command, with every engine."""

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from searchsvc.cli.commands import main
from tests.conftest import ENGINES, Archive
from tests.indexer.test_stories import record, text

API = "/api/v1"
WHOLE = text(*range(10))


@pytest.fixture(params=ENGINES)
def archive(request: pytest.FixtureRequest, archive_of: Callable[[str], Archive]) -> Archive:
    """A story of three versions, one of which has no date, and two other articles."""
    undated = json.dumps({"id": "undated", "title": "Undated", "text": f"{WHOLE} {text(50)}"}) + "\n"
    versions = record("a/first|é", WHOLE, 2) + record("cut", text(*range(5)), 4) + undated
    return archive_of(request.param).write(
        {"a.jsonl": versions + record("other", text(20, 21), 1) + record("short", "No text.")}
    )


@pytest.fixture
def client(archive: Archive) -> FlaskClient:
    return archive.client()


def test_versions_are_listed_the_earliest_first_with_what_they_share(client: FlaskClient) -> None:
    found = client.get(f"{API}/versions/cut").json
    assert found is not None
    assert (found["id"], found["story"], found["total"], found["pages"]) == ("cut", "a/first|é", 3, 1)
    assert [each["id"] for each in found["results"]] == ["a/first|é", "cut", "undated"]
    shared = [each["shared"] for each in found["results"]]
    assert shared[1] == 1
    assert shared[0] == pytest.approx(0.48, abs=0.02)
    assert shared[2] < shared[0]


def test_versions_have_pages(client: FlaskClient) -> None:
    found = client.get(f"{API}/versions/cut?per_page=2&page=2").json
    assert found is not None
    assert ([each["id"] for each in found["results"]], found["pages"]) == (["undated"], 2)
    assert client.get(f"{API}/versions/cut?page=2").status_code == 404


def test_an_article_without_versions_is_its_own_story(client: FlaskClient) -> None:
    for article_id in ("other", "short"):
        found = client.get(f"{API}/versions/{article_id}").json
        assert found is not None
        assert (found["story"], found["total"]) == (article_id, 1)
        assert [(each["id"], each["shared"]) for each in found["results"]] == [(article_id, 1)]
    assert client.get(f"{API}/versions/nothing").status_code == 404


def test_results_and_articles_name_their_story(client: FlaskClient) -> None:
    answer = client.get(f"{API}/search?per_page=100").json
    assert answer is not None
    stories = {each["id"]: (each["story"], each["versions"]) for each in answer["results"]}
    assert stories["undated"] == ("a/first|é", 3)
    assert stories["other"] == ("other", 1)
    article = client.get(f"{API}/articles/cut").json
    assert article is not None
    assert (article["story"], article["versions"]) == ("a/first|é", 3)


def test_two_articles_are_compared_word_by_word(client: FlaskClient) -> None:
    found = client.get(f"{API}/diff?a=undated&b=a/first|%C3%A9").json
    assert found is not None
    assert [each["kind"] for each in found["runs"]] == ["equal", "delete"]
    assert found["runs"][1] == {
        "kind": "delete",
        "text": text(50),
        "a": [len(WHOLE) + 1, len(WHOLE) + 1 + len(text(50))],
        "b": None,
    }
    assert (found["a"]["id"], found["b"]["id"], found["complete"]) == ("undated", "a/first|é", True)
    assert found["shared"] == pytest.approx(0.9, abs=0.05)


@pytest.mark.parametrize(
    ("query", "status", "param"),
    [
        ("a=cut", 400, "b"),
        ("", 400, "a"),
        ("a=cut&b=none", 404, None),
        ("a=cut&b=cut&c=1", 400, "c"),
        ("a=cut&a=x&b=x", 400, "a"),
    ],
)
def test_a_wrong_comparison_is_named(client: FlaskClient, query: str, status: int, param: str | None) -> None:
    answer = client.get(f"{API}/diff?{query}")
    assert answer.json is not None
    assert (answer.status_code, answer.json["param"]) == (status, param)


def test_the_command_lists_the_largest_stories(archive: Archive, client: FlaskClient) -> None:
    assert client is not None
    options = ["stories", "--index", str(archive.settings.index)]
    urls = ",".join(archive.settings.opensearch_url)
    environment = {"SEARCHSVC_OPENSEARCH_URL": urls, "SEARCHSVC_OPENSEARCH_INDEX": archive.settings.opensearch_index}
    listed = CliRunner(env=environment).invoke(main, options)
    assert listed.exit_code == 0, listed.output
    assert listed.output.splitlines()[0] == "1 story of several versions, 3 articles in all"
    assert "3 versions  About a/first|é" in listed.output
    found = json.loads(CliRunner(env=environment).invoke(main, [*options, "--json"]).output)
    assert (found["total"], found["articles"]) == (1, 3)
    assert [(each["story"], each["versions"], each["earliest"]["date"]) for each in found["results"]] == [
        ("a/first|é", 3, "2021-03-02")
    ]
