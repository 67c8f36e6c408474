"""Pages and API through an HTTP client."""

import json
import re
from datetime import date
from html import escape
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from lxml import etree

from searchsvc.index.store import GenerationStore
from searchsvc.web.app import create_app
from tests.conftest import Archive


def get(client: FlaskClient, address: str) -> dict[str, Any]:
    response = client.get(address)
    assert response.status_code == 200, response.text
    return dict(response.get_json())


def of_field(answer: dict[str, Any], field: str) -> list[dict[str, Any]]:
    """Return the values of a facet."""
    (found,) = (facet["values"] for facet in answer["facets"] if facet.get("field") == field)
    return list(found)


def test_search_answers_in_the_documented_shape(client: FlaskClient) -> None:
    answer = get(client, '/api/search?q="working+group"&per_page=2&facet=section&facet=date')
    assert answer["query"] == {
        "text": '"working group"',
        "parsed": '"working group"',
        "match": "all",
        "notes": [],
        "values": [],
        "suggestion": None,
        "readings": [],
    }
    assert (answer["total"], answer["page"], answer["per_page"], answer["pages"]) == (4, 1, 2, 2)
    assert answer["index"].keys() == {"generation", "engine", "articles", "updated"}
    assert answer["index"]["updated"].endswith("Z")
    hit = answer["results"][0]
    metadata = [
        "id",
        "title",
        "url",
        "path",
        "date",
        "published",
        "source",
        "section",
        "author",
        "place",
        "tag",
        "language",
    ]
    assert list(hit) == [
        *metadata,
        "extra",
        "story",
        "versions",
        "more_versions",
        "other_versions",
        "score",
        "title_html",
        "title_spans",
        "snippets_html",
        "snippets",
    ]
    snippet = hit["snippets"][0]
    start, end = snippet["spans"][0]
    assert snippet["text"][start:end].lower() == "working group"
    assert "<mark>working group</mark>" in hit["snippets_html"][0]
    assert [facet["kind"] for facet in answer["facets"]] == ["values", "dates"]
    value = answer["facets"][0]["values"][0]
    links = {name: value[name] for name in ("toggle", "exclude")}
    assert value == {"value": "Business", "count": 1, "selected": False, "excluded": False} | links
    assert answer["facets"][1]["unit"] == "year"
    assert answer["links"].keys() == {"self", "next", "prev", "html", "atom", "csv", "jsonl", "ris"}
    assert get(client, answer["links"]["next"])["page"] == 2
    assert answer["links"]["html"].startswith("/search?q=%22working")


def test_paging_visits_every_hit_once(client: FlaskClient) -> None:
    address, seen = "/api/search?q=the&per_page=7&versions=all", []
    while address:
        answer = get(client, address)
        seen += [hit["id"] for hit in answer["results"]]
        address = answer["links"]["next"]
    assert len(seen) == len(set(seen)) == answer["total"] > 40


def test_toggles_tick_and_untick_and_leave_other_counts_alone(client: FlaskClient) -> None:
    before = get(client, "/api/search?q=the")
    oakmoor = next(value for value in of_field(before, "place") if value["value"] == "Oakmoor")
    after = get(client, oakmoor["toggle"])
    assert after["total"] == oakmoor["count"]
    ticked = next(value for value in of_field(after, "place") if value["selected"])
    assert (ticked["value"], ticked["toggle"]) == ("Oakmoor", "/api/v1/search?q=the")
    assert [(v["value"], v["count"]) for v in of_field(after, "place")] == [
        (v["value"], v["count"]) for v in of_field(before, "place")
    ]
    both = get(client, next(v["toggle"] for v in of_field(after, "place") if v["value"] == "Vintry"))
    assert both["total"] > after["total"]


def test_dates_filters_and_orders(client: FlaskClient) -> None:
    spring = get(client, "/api/search?from=2021-03&to=2021-05-31&sort=oldest")
    days = [hit["date"] for hit in spring["results"]]
    assert days == sorted(days)
    assert days[0] >= "2021-03-01"
    assert days[-1] <= "2021-05-31"
    june = get(client, "/api/search?date=2022-06")
    assert june["facets"][-1]["unit"] == "day"
    assert {hit["date"][:7] for hit in june["results"]} == {"2022-06"}
    assert get(client, "/api/search?q=date:2022-06")["total"] == june["total"]
    assert get(client, "/api/search?q=tide+eels&match=any")["total"] > get(client, "/api/search?q=tide+eels")["total"]


@pytest.mark.parametrize(
    ("query", "title"), [("वेधशाला", "कर्स्ट"), ("潮汐", "盐沼"), ("phare", "Le phare"), ("fahre OR Brücke", "Ein Chor")]
)
def test_other_languages_are_found(client: FlaskClient, query: str, title: str) -> None:
    hits = get(client, f"/api/search?q={quote(query)}")["results"]
    assert any(hit["title"].startswith(title) and hit["snippets"][0]["spans"] for hit in hits)


def test_article(client: FlaskClient) -> None:
    hit = get(client, "/api/search?q=title:ledger")["results"][0]
    assert hit["id"].startswith("https://")
    article = get(client, f"/api/articles/{quote(hit['id'], safe='')}")
    assert article["body"].startswith("The last keeper")
    assert article["published"] == "2024-11-12T08:30:00+01:00"
    page = client.get(f"/article/{quote(hit['id'], safe='')}?q=keeper").text
    assert "<mark>keeper</mark>" in page
    assert f'href="{hit["url"]}" rel="noopener noreferrer"' in page


WRONG = {
    "page=0": "page",
    f"page={'9' * 500}": "page",
    "per_page=x": "per_page",
    "sort=new": "sort",
    "date=2022-13": "date",
    "q=" + "(" * 20_000: "q",
    "facet=nothing": "facet",
    "plcae=India": "plcae",
    "&".join(f"place={number}" for number in range(101)): "place",
}


@pytest.mark.parametrize("query", WRONG)
def test_wrong_parameters_are_named(client: FlaskClient, query: str) -> None:
    response = client.get(f"/api/search?{query}")
    problem = response.get_json()
    assert (response.status_code, response.content_type) == (400, "application/problem+json")
    assert problem["param"] == WRONG[query]
    assert problem.keys() >= {"type", "title", "status", "detail"}


NOTED = {
    "page": "not a page number",
    "per_page": "a page shows 1 to 100 articles",
    "sort": "cannot be sorted by “new”",
    "date": "“2022-13” is not a date",
    "q": "cut after its first 1,000 characters",
    "facet": "“facet” in the address",
    "plcae": "“plcae” in the address",
}


@pytest.mark.parametrize("query", WRONG)
def test_pages_explain_wrong_parameters_too(client: FlaskClient, query: str) -> None:
    problem = client.get(f"/api/search?{query}").get_json()
    page = client.get(f"/search?{query}")
    if problem["param"] == "place":
        assert page.status_code == 400
        assert escape(problem["detail"][1:]) in page.text
    else:
        assert page.status_code == 200
        assert NOTED[problem["param"]] in "".join(re.findall(r'<p class="note">.*', page.text))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *(("/search?q=tide+%26+tea&per_page=100&page=101", 404), ("/article/none?q=tide+%26+tea", 404)),
        *(("/none?q=tide+%26+tea", 404), ("/facets/none?q=tide+%26+tea", 404)),
        (f"/search?q=tide+%26+tea&place={'x' * 1_001}", 400),
    ],
)
def test_the_box_keeps_its_text_on_pages_of_errors(client: FlaskClient, path: str, status: int) -> None:
    page = client.get(path)
    assert page.status_code == status
    assert 'value="tide &amp; tea"' in page.text


def test_hints(client: FlaskClient) -> None:
    assert client.get("/api/search?plcae=India").get_json()["hint"] == "place"
    assert client.get("/api/search?sort=newst").get_json()["hint"] == "newest"
    assert client.get("/search?utm_source=x&fbclid=y").status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "\x00",
        "(" * 900,
        '"' * 900,
        "-" * 900,
        "a:" * 400,
        "title:" * 150,
        "NOT " * 250,
        "🙂",
        "\ufffd",
        "*",
        "~2",
        "^3",
        "AND",
    ],
)
def test_no_text_in_the_search_box_is_an_error(client: FlaskClient, text: str) -> None:
    assert client.get("/api/search", query_string={"q": text}).status_code == 200
    assert client.get("/search", query_string={"q": text}).status_code == 200


def test_broken_encoding_is_no_error(client: FlaskClient) -> None:
    for query in ("q=%ff%fe", "q=%ED%A0%80", "place=%ff", "q=%"):
        assert client.get(f"/api/search?{query}").status_code == 200, query


def test_unknown_articles_and_addresses_get_404(client: FlaskClient) -> None:
    missing = client.get("/api/articles/none")
    assert (missing.status_code, missing.content_type) == (404, "application/problem+json")
    assert "no article with the id “none”" in missing.get_json()["detail"]
    assert client.get("/api/nothing").content_type == "application/problem+json"
    assert client.get("/article/none").status_code == client.get("/nothing").status_code == 404
    assert "There is no article with the id" in client.get("/article/none").text
    refused = client.post("/api/suggest")
    assert (refused.status_code, refused.content_type) == (405, "application/problem+json")
    assert "GET" in refused.headers["Allow"]


def test_health(client: FlaskClient) -> None:
    assert get(client, "/healthz") == {"status": "ok"}


def test_page_shows_hits_facets_filters_and_paging(client: FlaskClient) -> None:
    page = client.get("/search?q=the&place=Oakmoor&place=Vintry&date=2022&from=2021-01-01&sort=newest").text
    assert '<span aria-current="true">Newest</span>' in page
    assert "Place: Oakmoor" in page
    assert 'href="/search?q=the&amp;sort=newest&amp;from=2021-01-01&amp;date=2022&amp;place=Vintry"' in page
    assert "All years" in page
    assert re.search(r"<title>June 2022: \d", page)
    assert '<input type="hidden" name="place" value="Oakmoor">' in page
    assert 'rel="next"' in client.get("/").text


def test_page_without_hits_and_beyond_the_last(client: FlaskClient) -> None:
    assert "No articles match" in client.get("/search?q=zebra").text
    assert "These articles match some of your words" in client.get("/search?q=zebra+tide").text
    assert "There is no page 900" in client.get("/search?page=900").text
    assert "unmatched quotation mark" in client.get('/search?q="tide').text


def test_a_site_can_have_its_own_colour(archive: Archive) -> None:
    archive.write({"a.txt": "tea"}).service()
    client = create_app(archive.with_settings(accent="#7a1f4b")).test_client()
    assert '<link rel="stylesheet" href="/site.css">' in client.get("/").text
    assert "#7a1f4b" in client.get("/site.css").text


def test_headers(client: FlaskClient) -> None:
    for address in ("/", "/api/search", "/nothing", "/static/style.css"):
        with client.get(address) as response:
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
            assert response.headers["X-Content-Type-Options"] == "nosniff"


ATTACK = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}</mark>&lt;b&gt;"


def test_nothing_from_an_article_or_a_query_reaches_a_page_unescaped(archive: Archive) -> None:
    fields = ("title", "source", "section", "author", "place", "tag", "language", "id", "my field <b>")
    rows = [
        dict.fromkeys(fields, ATTACK + str(number)) | {"body": f"tea {ATTACK}", "url": "javascript:alert(1)"}
        for number in (1, 2, 3)
    ]
    client = archive.write({"a.jsonl": "".join(json.dumps(row) + "\n" for row in rows)}).client()
    pages = [
        client.get("/").text,
        client.get("/search", query_string={"q": f"tea {ATTACK}", "match": "any", "place": f"{ATTACK}1"}).text,
        client.get("/search", query_string={"q": ATTACK, "from": ATTACK}).text,
        client.get(f"/article/{quote(ATTACK, safe='')}1", query_string={"q": "tea"}).text,
        client.get(f"/article/{quote(ATTACK, safe='')}").text,
    ]
    for page in pages:
        assert "alert(1)" in page
        for harm in ("<script>alert", "<img", "<b>", "49", 'href="javascript', "</mark>&lt;b&gt;<"):
            assert harm not in re.sub(r'class="number"|\?v=\w+', "", page), harm
    answer = get(client, "/api/search?q=tea")
    for hit in answer["results"]:
        assert not re.search(r"<(?!/?mark>)", hit["title_html"] + "".join(hit["snippets_html"]))


def test_an_empty_archive_says_what_to_do(archive: Archive) -> None:
    client = archive.client()
    assert "This archive is empty" in client.get("/").text
    assert get(client, "/api/search?q=x")["total"] == 0


def test_without_an_index_pages_and_api_say_what_to_do(archive: Archive) -> None:
    client = create_app(archive.settings).test_client()
    page = client.get("/")
    assert (page.status_code, "searchsvc reindex" in page.text) == (503, True)
    problem = client.get("/api/search")
    assert (problem.status_code, problem.headers["Retry-After"]) == (503, "10")
    assert client.get("/healthz").status_code == 200


def test_a_new_generation_is_followed_without_a_restart(archive: Archive) -> None:
    client = archive.write({"a.txt": "Title: Tea\n\nx"}).client()
    assert get(client, "/api/search")["index"]["generation"] == "g000001"
    archive.write({"b.txt": "Title: Milk\n\nx"}).service()
    answer = get(client, "/api/search")
    assert (answer["index"]["generation"], answer["total"]) == ("g000002", 2)


def test_metadata_fields_named_like_parameters_are_filters_like_any_other(archive: Archive) -> None:
    rows = [{"title": "A", "page": "7", "sort": "up", "x.y": "z"}, {"title": "B", "page": "8", "sort": "up", "x.y": "z"}]
    client = archive.write({"a.jsonl": "".join(json.dumps(row) + "\n" for row in rows)}).client()
    assert get(client, "/api/search?filter=page:7")["total"] == 1
    assert get(client, "/api/search?filter=x.y:z")["total"] == 2
    facet = get(client, "/api/search?facet=page")["facets"][0]["values"][0]
    assert facet["toggle"] == "/api/v1/search?filter=page%3A7"
    assert client.get("/api/search?page=7x").status_code == 400


def test_a_damaged_segment_is_one_answer_and_no_lost_worker(archive: Archive) -> None:
    """Tantivy panics on such a segment, with an exception that `except Exception` does not catch."""
    client = archive.write({"a.txt": "Title: Tea\n\nmilk and tea"}).client()
    assert get(client, "/api/search?q=tea")["total"] == 1
    live = GenerationStore(archive.settings.index).live()
    assert live is not None
    (postings,) = live.engine.glob("*.idx")
    content = bytearray(postings.read_bytes())
    content[: len(content) - 80] = b"\xff" * (len(content) - 80)
    with postings.open("r+b") as file:  # never shorter than it was: it is mapped, and reading beyond its end ends a process
        file.write(content)
    response = client.get('/api/search?q="milk+and"')
    assert (response.status_code, response.content_type) == (500, "application/problem+json")
    assert response.get_json()["detail"] == "the service failed to answer; its log has the reason"
    assert client.get('/search?q="milk+and"').status_code == 500
    assert client.get("/healthz").status_code == 200


def test_days_in_pages(client: FlaskClient) -> None:
    hit = get(client, "/api/search?q=title:ledger")["results"][0]
    assert date.fromisoformat(hit["date"]) == date(2024, 11, 12)
    assert '<time datetime="2024-11-12">12 November 2024</time>' in client.get("/search?q=title:ledger").text


IDS = ["/2020/01/x", "//a//", "/", "..", ".", "a/../b", "../a", "%2F", "%", "100%", "%25", "?", "#", "http://a//b?c#d"]
IDS += [
    "a/similar",
    "/similar",
    "similar",
    "a/similar/similar",
    "/similar/similar",
    "search",
    "articles/a",
    "api/articles/a",
]
IDS += ["a/", "a//", "a b", "a+b", "a&b=c", "a;b", "é", "油 🙂", "<b>", "'", '"', "\\", "a\\b", "openapi.json", "x" * 300]


@pytest.mark.slow
def test_an_article_is_found_whatever_its_id_looks_like(archive: Archive) -> None:
    ids = sorted({f"{article_id}{end}" for article_id in IDS for end in ("", "/similar", "/similar/similar")})
    texts = {article_id: f"A cup of tea{number}." for number, article_id in enumerate(ids)}
    client = archive.write(
        {"a.jsonl": "".join(json.dumps({"id": each, "text": text}) + "\n" for each, text in texts.items())}
    ).client()
    for article_id, text in texts.items():
        quoted = quote(article_id, safe="")
        assert client.get(f"/api/articles/{quoted}").get_json()["body"] == text
        assert client.get(f"/api/similar/{quoted}").get_json()["id"] == article_id
        assert text in client.get(f"/article/{quoted}").text
        found = client.get(f"/search?q={text[9:-1]}").text
        (link,) = etree.HTML(found).xpath("//*[@class='hits']//h2/a/@href")
        assert text in client.get(link).text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "count", "switch"),
    [
        ("/search?q=tide+eels", "with all of the words", "Match any of the words"),
        ("/search?q=tide+eels&match=any", "with any of the words", "Match all of the words"),
        ("/search?q=tide+OR+eels", "with any of the words", ""),
        ("/search?q=tide+eels&place=Saltmarsh", "", "Match any of the words"),
        ("/search?q=tide+eels+-zebra", "", "Match any of the words"),
        ('/search?q=tide+"the+eels"', "", "Match any of the words"),
        ("/search?q=tide+-eels", "", ""),
        ("/search?q=NOT+section:Culture", "", ""),
        ("/search?q=tide+date:2023", "", ""),
        ("/search?q=tide&match=any", "", ""),
        ("/search?q=tide+(eels+OR+ferry)", "", "Match any of the words"),
        ("/search", "", ""),
    ],
)
def test_the_page_says_which_words_hits_have(client: FlaskClient, address: str, count: str, switch: str) -> None:
    page = client.get(address).text
    heading = page.partition('<h1 class="count">')[2].partition("</h1>")[0]
    assert heading.partition(" with ")[2] == count.partition("with ")[2]
    assert (page.partition('<a class="match"')[2].partition(">")[2].partition("<")[0]) == switch


def test_the_sample_archive_names_the_original_of_a_copy(client: FlaskClient) -> None:
    some = client.get("/search", query_string={"q": 'oakmoor source:"The Sella Courier"'}).text
    assert "<summary>1 more version matches · earliest of 6: <bdi>HNA</bdi>, 2 May 2023</summary>" in some
    none = client.get("/search", query_string={"q": '"three valleys"'}).text
    assert 'href="/versions/bees-5" rel="nofollow">6 versions · earliest: <bdi>HNA</bdi>, 2 May 2023</a>' in none
