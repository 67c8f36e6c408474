"""What programs choose of an answer, and the rules that hold for all answers: nulls, versions and unknown parameters."""

import json
import re
from collections.abc import Iterator
from typing import Any, get_type_hints

import pytest
from flask.testing import FlaskClient
from pydantic import TypeAdapter

from searchsvc.api import schema
from searchsvc.api.parameters import CHOSEN_FIELDS
from searchsvc.api.quotation_schema import QuotationCheck
from searchsvc.web.app import create_app
from tests.conftest import ENGINES, Archive, MakeArchive

ROWS = (
    {
        "id": "1",
        "title": "Green tea",
        "text": "Tea. " * 400 + "\n\nA cup of tea.",
        "mood": "calm",
        "pages": 7,
        "stars": "4.5",
    },
    {"id": "2", "title": "Black tea", "text": "Tea again.", "mood": "sad", "pages": "12", "section": "Food"},
    {"id": "3", "title": "Rowing", "text": "No cup.", "mood": ["calm", "sad"], "pages": 100, "date": "2022-03-04"},
    {
        "id": "4",
        "title": "Tides",
        "text": "The sea.",
        "pages": "ten",
        "a:b\\c": "x:y",
        "-x": "1",
        "none": "n",
        "filter": "f",
    },
    {"id": "5", "title": "Ranges", "text": "From here to there.", "pages": "8..20", "date": "circa 1900"},
)
HIGHLIGHTS = {"title_html", "title_spans", "snippets_html", "snippets"}
FILES: dict[str, str | bytes] = {"a.jsonl": "".join(json.dumps(row) + "\n" for row in ROWS)}


@pytest.fixture
def client(unchanged_archive: MakeArchive) -> FlaskClient:
    return create_app(unchanged_archive("tantivy", FILES).settings).test_client()


def get(client: FlaskClient, address: str, **parameters: object) -> Any:
    answer = client.get(f"/api/v1{address}", query_string=parameters)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def ids(answer: Any) -> str:
    return "".join(sorted(hit["id"] for hit in answer["results"]))


# Filters


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (["mood:calm"], "13"),
        (["-mood:calm"], "245"),
        (["-mood:calm", "-mood:sad"], "45"),
        (["mood:sad", "-mood:calm"], "2"),
        (["mood:sad", "section:Food"], "2"),
        (["-section:Food"], "1345"),
        (["pages:7..12"], "12"),
        (["pages:..7", "pages:100.."], "13"),
        (["pages:7.5.."], "23"),
        (["-pages:..12"], "345"),
        (["pages:7", "pages:50..200"], "13"),
        (["pages:13..99"], ""),
        (["stars:4..5"], "1"),
        (["pages:\\8..20"], "5"),
        (["pages:ten"], "4"),
        (["a\\:b\\\\c:x:y"], "4"),
        (["\\-x:1", "none:n", "filter:f"], "4"),
        (["date:circa 1900"], "5"),
    ],
)
def test_filters_of_any_field(unchanged_archive: MakeArchive, engine: str, filters: list[str], found: str) -> None:
    client = create_app(unchanged_archive(engine, FILES).settings).test_client()
    answer = get(client, "/search", filter=filters, facet=["pages", "mood"])
    assert (ids(answer), answer["total"]) == (found, len(found))
    for facet in answer["facets"]:
        for value in facet["values"]:
            assert client.get(value["toggle"]).status_code == client.get(value["exclude"]).status_code == 200


def test_what_is_excluded_is_said_and_can_be_let_in_again(client: FlaskClient) -> None:
    answer = get(client, "/search", filter="-mood:calm", facet="mood")
    (facet,) = answer["facets"]
    calm = next(value for value in facet["values"] if value["value"] == "calm")
    assert (calm["count"], calm["selected"], calm["excluded"]) == (2, False, True)
    assert ids(client.get(calm["exclude"]).get_json()) == "12345"
    assert ids(client.get(calm["toggle"]).get_json()) == "13"
    page = client.get("/search?filter=-mood:calm").text
    assert "<bdi>not calm</bdi>" in page
    assert "2 articles" not in page


def test_ranges_of_very_many_values_are_noted(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("searchsvc.engines.tantivy.engine.MAX_LISTED_VALUES", 2)
    (note,) = get(archive.write(FILES).client(), "/search", filter="pages:1..")["query"]["notes"]
    assert note["message"].startswith("the field “pages” has very many values: its range was looked for among the 60,000")


def test_a_search_that_excludes_everything_can_be_read_without_it(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("searchsvc.search.readings.MAX_SECONDS", 60.0)
    readings = get(client, "/search", q="cup", filter=["-mood:calm", "pages:1..200"])["query"]["readings"]
    assert [each["why"] for each in readings] == ["without excluding mood: calm"]


# What comes back


def test_the_request_chooses_what_results_have(client: FlaskClient) -> None:
    everything = {*CHOSEN_FIELDS, "id", "title"}
    for given, members in (
        ({}, everything | HIGHLIGHTS),
        ({"fields": ["date", "extra"]}, {"id", "title", "date", "extra"} | HIGHLIGHTS),
        ({"fields": "score", "highlight": "html"}, {"id", "title", "score", "title_html", "snippets_html"}),
        ({"highlight": "spans"}, everything | {"title_spans", "snippets"}),
    ):
        for hit in get(client, "/search", q="tea", **given)["results"]:
            assert hit.keys() == members
            TypeAdapter(dict[str, Any]).validate_python(hit)
    for number in range(6):
        assert len(get(client, "/search", q='"a cup" tea', snippets=number)["results"][0]["snippets"]) <= number
    assert get(client, "/search", q="tea", snippets=0)["results"][0]["snippets_html"] == []
    assert client.get("/api/v1/search?snippets=6").get_json()["param"] == "snippets"
    assert client.get("/api/v1/search?fields=body").get_json()["param"] == "fields"


def test_more_snippets_show_more_of_the_text(archive: Archive) -> None:
    text = "\n\n".join(f"Tea number {n}. " + "No more of it here. " * 30 for n in range(6))
    client = archive.write({"a.txt": f"Title: A\n\n{text}"}).client()
    shown = [len(get(client, "/search", q="tea", snippets=number)["results"][0]["snippets"]) for number in range(6)]
    assert shown == [0, 1, 2, 3, 4, 5]
    assert len(get(client, "/search", q="tea")["results"][0]["snippets"]) == 3


def test_facets_come_in_the_order_of_the_request(client: FlaskClient) -> None:
    facets = get(client, "/search", facet=["pages", "date", "mood", "\\date", "\\none"])["facets"]
    assert [(facet["kind"], facet.get("field")) for facet in facets] == [
        *(("values", "pages"), ("dates", None), ("values", "mood"), ("values", "date"), ("values", "none")),
    ]
    assert get(client, "/search", facet="none")["facets"] == []
    assert [facet["kind"] for facet in get(client, "/search")["facets"]][-1] == "dates"


def test_links_keep_what_the_request_chose(client: FlaskClient) -> None:
    chosen = {"per_page": 1, "facet": ["\\date", "date"], "fields": "date", "snippets": 1, "highlight": "html"}
    answer = get(client, "/search", **chosen)
    following = client.get(answer["links"]["next"]).get_json()
    assert [facet["kind"] for facet in following["facets"]] == ["values", "dates"]
    assert following["results"][0].keys() == {"id", "title", "date", "title_html", "snippets_html"}
    assert "facet" not in answer["links"]["html"]


def test_an_article_is_highlighted_for_a_query(client: FlaskClient) -> None:
    article = get(client, "/articles/2", q="again OR black", highlight="spans")
    assert article["highlight"] == {"title_spans": [[0, 5]], "body_spans": [[4, 9]]}
    whole = get(client, "/articles/2", q="again")["highlight"]
    assert (whole["body_html"], whole["title_html"]) == ("Tea <mark>again</mark>.", "Black tea")
    assert get(client, "/articles/2")["highlight"] is None
    assert client.get("/api/v1/articles/2?page=1").get_json()["param"] == "page"


# POST


def test_a_range_that_ends_before_it_begins_is_told(client: FlaskClient) -> None:
    told = "the range 12..7 ends before it begins"
    assert client.get("/api/v1/search?filter=pages:12..7").get_json()["detail"] == told
    assert get(client, "/search", q="pages:12..7")["query"]["notes"][0]["message"].startswith(told)
    page = client.get("/search?filter=pages:12..7")
    assert page.status_code == 200
    assert told.removeprefix("the") in page.text


def test_every_link_of_an_answer_can_be_followed_whatever_it_chose(client: FlaskClient) -> None:
    chosen = "/api/v1/search?q=tea&per_page=1&facet=mood&fields=date&snippets=1&highlight=html"
    answer = client.get(chosen)
    links = [each for each in answer.get_json()["links"].values() if each]
    links += re.findall(r"<([^>]*)>", answer.headers["Link"])
    assert len(links) > 12
    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_a_search_can_be_posted(client: FlaskClient) -> None:
    body = {"q": "tea", "filter": ["pages:7..12", *(f"mood:{'x' * 500}{n}" for n in range(90)), "mood:calm"], "per_page": 1}
    answer = client.post("/api/v1/search", json=body)
    assert (answer.status_code, ids(answer.get_json())) == (200, "1")
    assert "ETag" not in answer.headers
    assert client.post("/api/v1/search?mood=1", json={}).get_json()["param"] == "mood"
    assert client.post("/api/v1/search", data="q=tea").status_code == 415
    assert client.post("/api/v1/search", json={"place": "x"}).get_json()["param"] == "place"
    assert client.post("/api/v1/search", json=[1]).status_code == 400


# Rules


def objects(data: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in JSON."""
    for each in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from objects(each)
    if isinstance(data, dict):
        yield data


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/search?q=tea", schema.SearchAnswer),
        ("/search?q=taa+zzz&filter=-mood:calm", schema.SearchAnswer),
        ("/search?cursor=*", schema.SearchAnswer),
        ("/articles/4", schema.ArticleAnswer),
        ("/articles/1?q=tea", schema.ArticleAnswer),
        ("/similar/1", schema.Similar),
        ("/suggest?q=te", schema.Suggestions),
        ("/facets/mood", schema.Values),
        ("/quote?text=from+here+to+there", QuotationCheck),
        ("/nothing", schema.Problem),
        ("/search?page=0", schema.Problem),
    ],
)
def test_every_member_is_there_and_what_is_unknown_is_null_or_an_empty_list(
    client: FlaskClient, path: str, model: type
) -> None:
    answer = client.get(f"/api/v1{path}").get_json()
    assert list(answer) == list(get_type_hints(model)) or set(answer) == set(TypeAdapter(model).json_schema()["properties"])
    TypeAdapter(model).validate_json(json.dumps(answer), strict=True)
    for each in objects(answer):
        for name in ("url", "source", "section", "language", "date", "published", "score", "param", "hint", "next", "prev"):
            assert each.get(name, None) != "", name
        for name in ("author", "place", "tag"):
            assert isinstance(each.get(name, []), list), name


@pytest.mark.parametrize(
    "path", ["/search?q=tea", "/articles/1", "/similar/1", "/suggest?q=te", "/facets/mood", "/quote?text=from+here+to"]
)
def test_addresses_without_a_version_answer_as_the_newest(client: FlaskClient, path: str) -> None:
    newest, first = client.get(f"/api{path}").get_json(), client.get(f"/api/v1{path}").get_json()
    for answer in (newest, first):
        answer.pop("took_ms", None)
    assert newest == first


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/healthz",
            "/readyz",
            "/metrics",
            "/api/v1/openapi.json",
            "/api/v1/search",
            "/api/v1/articles/1",
            "/api/v1/similar/1",
        ),
        *("/api/v1/suggest", "/api/v1/facets/mood", "/api/v1/quote", "/search.atom", "/search.csv", "/search.jsonl"),
    ],
)
def test_parameters_that_do_not_exist_are_refused_everywhere(client: FlaskClient, path: str) -> None:
    answer = client.get(f"{path}?nonsense=1")
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert answer.get_json()["param"] == "nonsense"


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/articles/1"), ("DELETE", "/articles/1"), ("POST", "/articles"), ("GET", "/reindex")]
)
def test_writers_are_refused_them_too(archive: Archive, method: str, path: str) -> None:
    client = create_app(archive.with_settings(write_token="a-token-for-writers")).test_client()
    headers = {"Authorization": "Bearer a-token-for-writers"}
    answer = client.open(f"/api/v1{path}?nonsense=1", method=method, headers=headers, data=b"{}")
    assert (answer.status_code, answer.get_json()["param"]) == (400, "nonsense")


def test_pages_beyond_the_numbers_are_not_found(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search?page=1001")
    assert (answer.status_code, answer.get_json()["param"]) == (404, "page")
