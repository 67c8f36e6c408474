"""Versions of a text and what differs between them, over HTTP and as a command, with every engine."""

import json
import re
from collections.abc import Callable

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from searchsvc.cli.commands import main
from searchsvc.web.app import create_app
from searchsvc.web.versions import LISTED, PER_PAGE, in_percent
from tests.conftest import ENGINES, Archive, MakeArchive
from tests.indexer.test_stories import SENTENCES, record, text

API = "/api/v1"
WHOLE = text(*range(10))


UNDATED = json.dumps({"id": "undated", "title": "Undated", "text": f"{WHOLE} {text(50)}"}) + "\n"
VERSIONS = record("a/first|é", WHOLE, 2) + record("cut", text(*range(5)), 4) + UNDATED
FILES: dict[str, str | bytes] = {"a.jsonl": VERSIONS + record("other", text(20, 21), 1) + record("short", "No text.")}
"""A story of three versions, one of which has no date, and two other articles."""


@pytest.fixture(params=ENGINES)
def archive(request: pytest.FixtureRequest, unchanged_archive: MakeArchive) -> Archive:
    return unchanged_archive(request.param, FILES)


@pytest.fixture
def client(archive: Archive) -> FlaskClient:
    return create_app(archive.settings).test_client()


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
    answer = client.get(f"{API}/search?per_page=100&versions=all").json
    assert answer is not None
    stories = {each["id"]: (each["story"], each["versions"]) for each in answer["results"]}
    assert stories["undated"] == ("a/first|é", 3)
    assert stories["other"] == ("other", 1)
    article = client.get(f"{API}/articles/cut").json
    assert article is not None
    assert (article["story"], article["versions"]) == ("a/first|é", 3)


def test_results_are_folded_unless_every_article_is_asked_for(client: FlaskClient) -> None:
    found = client.get(f"{API}/search?sort=oldest&facet=date").json
    assert found is not None
    assert [each["id"] for each in found["results"]] == ["other", "short", "a/first|é"]
    assert (found["total"], found["stories"], found["pages"]) == (5, 3, 1)
    assert sum(each["count"] for each in found["facets"][0]["values"]) == 4
    first = found["results"][2]
    assert (first["versions"], first["more_versions"]) == (3, 2)
    assert first["other_versions"] == [
        {"id": "cut", "title": "About cut", "date": "2021-03-04", "source": None},
        {"id": "undated", "title": "Undated", "date": None, "source": None},
    ]
    every = client.get(f"{API}/search?versions=all").json
    assert every is not None
    assert (every["total"], every["stories"], len(every["results"])) == (5, None, 5)
    assert {each["more_versions"] for each in every["results"]} == {0}
    assert client.get(f"{API}/search?versions=none").status_code == 400


def test_pages_and_cursors_count_stories(client: FlaskClient) -> None:
    for start in ("page=1", "cursor=*"):
        address, found = f"{API}/search?sort=newest&per_page=1&{start}", []
        while address:
            answer = client.get(address).json
            assert answer is not None
            assert (answer["total"], answer["stories"], answer["pages"]) == (5, 3, 3)
            found += [each["id"] for each in answer["results"]]
            address = answer["links"]["next"]
        assert found == ["cut", "short", "other"]


def test_a_page_shows_the_other_versions_of_a_hit(client: FlaskClient) -> None:
    page = client.get("/search?sort=newest").text
    assert "5 articles<span" in page
    assert "3 stories" in page
    summary = re.findall(r"<summary>(.*more version.*)</summary>", page)
    assert summary == ["2 more versions · earliest: 2 March 2021"]
    assert 'href="/article/a%2Ffirst%7C%C3%A9?sort=newest"' in page
    assert 'href="/search?sort=newest&amp;versions=all"' in page
    every = client.get("/search?sort=newest&versions=all").text
    assert "stories" not in every
    assert 'href="/search?sort=newest" rel="nofollow">Show one article of each story' in every


def versions_said(client: FlaskClient, address: str) -> list[str]:
    """Return what a page of results says of the versions of hits."""
    found = re.findall(r'<summary>([^<]*version.*)</summary>|<p class="others">(.*)</p>', client.get(address).text)
    return [re.sub("<[^>]*>", "", summary or line) for summary, line in found]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("About", ["1 more version matches · this is the earliest of 3"]),
        ("title:cut OR Undated", ["1 more version matches · earliest of 3: 2 March 2021"]),
        ("Undated", ["3 versions · earliest: 2 March 2021"]),
        ("first", ["3 versions · this is the earliest"]),
        ("", ["2 more versions · this is the earliest"]),
    ],
)
def test_a_hit_names_the_earliest_version_of_its_story(client: FlaskClient, query: str, said: list[str]) -> None:
    assert versions_said(client, f"/search?sort=oldest&q={query}") == said


def test_a_hit_whose_versions_do_not_match_leads_to_them(client: FlaskClient) -> None:
    page = client.get("/search?q=Undated").text
    assert '<p class="others"><a href="/versions/undated" rel="nofollow">3 versions · earliest: ' in page
    words = f"{SENTENCES[20].split()[0]}+Undated"
    assert versions_said(client, f"/search?q={words}") == ["3 versions · earliest: 2 March 2021"]
    assert len(versions_said(client, "/search?versions=all")) == 3


def test_the_article_page_goes_through_stories(client: FlaskClient) -> None:
    page = client.get("/article/short?sort=newest&hit=2").text
    assert "2 of 3" in page
    assert "/article/cut?sort=newest&amp;hit=1" in page
    assert "/article/other?sort=newest&amp;hit=3" in page


def test_files_and_feeds_have_every_article(client: FlaskClient) -> None:
    for address in ("/search.jsonl", "/search.jsonl?versions=one"):
        assert len(client.get(address).text.splitlines()) == 5
    assert client.get("/search.atom").text.count("<entry>") == 4  # of those that are dated


def test_articles_with_some_of_the_words_are_folded_too(client: FlaskClient) -> None:
    words = SENTENCES[0].split()[0]
    answer = client.get(f"{API}/search?q={words}+{SENTENCES[20].split()[0]}").json
    assert answer is not None
    partial = [each["id"] for each in answer["partial"]]
    assert len({"a/first|é", "cut", "undated"} & {*partial}) == 1
    assert "other" in partial


def test_the_command_folds_hits(archive: Archive) -> None:
    options = ["search", "--index", str(archive.settings.index), "--sort", "newest"]
    environment = {
        "SEARCHSVC_OPENSEARCH_URL": ",".join(archive.settings.opensearch_url),
        "SEARCHSVC_OPENSEARCH_INDEX": archive.settings.opensearch_index,
    }
    folded = CliRunner(env=environment).invoke(main, options).output
    assert folded.startswith("5 articles, 3 stories in ")
    assert "   2 more versions · earliest: 2021-03-02" in folded
    every = CliRunner(env=environment).invoke(main, [*options, "--versions", "all"]).output
    assert every.startswith("5 articles in ")
    assert "more version" not in every
    part = CliRunner(env=environment).invoke(main, [*options, "--", "title:cut OR Undated"]).output
    assert "   1 more version matches · earliest of 3: 2021-03-02" in part
    alone = CliRunner(env=environment).invoke(main, [*options, "Undated"]).output
    assert "   3 versions · earliest: 2021-03-02" in alone


def test_results_name_the_first_other_versions(archive_of: Callable[[str], Archive]) -> None:
    many = archive_of("tantivy").write({"a.jsonl": "".join(record(f"v{number:02}", WHOLE) for number in range(30))})
    page = many.client().get("/search?q=v07").text
    assert "stories" not in page
    page = many.client().get("/search?sort=newest").text
    assert re.findall(r'<li><a href="/article/(v\d\d)', page) == ["v00", "v01", "v02", "v03", "v04"]
    assert '<a href="/versions/v29" rel="nofollow">All versions</a>' in page


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
        ("a=cut&b=none", 404, "b"),
        ("a=none&b=cut", 404, "a"),
        ("a=cut&b=cut&c=1", 400, "c"),
        ("a=cut&a=x&b=x", 400, "a"),
    ],
)
def test_a_wrong_comparison_is_named(client: FlaskClient, query: str, status: int, param: str | None) -> None:
    answer = client.get(f"{API}/diff?{query}")
    assert answer.json is not None
    assert (answer.status_code, answer.json["param"]) == (status, param)


def test_the_page_of_an_article_lists_its_versions(client: FlaskClient) -> None:
    page = client.get("/article/cut?q=about").text
    assert '<a class="to-versions" href="#versions">3 versions</a>' in page
    section = page.partition('id="versions"')[2].partition("</section>")[0]
    assert re.findall(r">([^<]+)</a>\s*<p", section) == ["About a/first|é", "About cut", "Undated"]
    assert re.findall(r"(\d+)% of the text is the same", section) == ["48", "44"]
    assert "this article" in section
    assert 'href="/compare?a=cut&amp;b=a%2Ffirst%7C%C3%A9"' in section
    assert 'href="/article/undated?q=about"' in section
    assert "Versions of this article" not in client.get("/article/other").text


@pytest.mark.parametrize(("shared", "percent"), [(0.669, 67), (0.729, 73), (0.996, 99), (1.0, 100), (0.0, 0)])
def test_percentages_are_rounded_but_only_equal_texts_are_100(shared: float, percent: int) -> None:
    assert in_percent(shared) == percent


def test_versions_are_not_similar_articles_too(client: FlaskClient) -> None:
    similar = client.get("/article/cut").text.partition('class="similar"')[2]
    assert "Undated" not in similar


def test_an_article_lists_its_first_versions_and_a_page_has_all(archive_of: Callable[[str], Archive]) -> None:
    many = archive_of("tantivy").write({"a.jsonl": "".join(record(f"v{number:02}", WHOLE) for number in range(60))})
    client = many.client()
    page = client.get("/article/v55").text
    assert page.count("same text") == LISTED
    assert '<a href="/versions/v55" rel="nofollow">All 60 versions</a>' in page
    assert [client.get(f"/versions/v55?page={page}").text.count("same text") for page in (1, 2)] == [PER_PAGE, 9]
    assert client.get("/compare?a=v55&b=v59").text.count("<option") == 2 * (PER_PAGE + 2)


def test_all_versions_have_a_page(client: FlaskClient) -> None:
    page = client.get("/versions/a%2Ffirst%7C%C3%A9?utm_source=x").text
    assert "<h1>3 versions of this article</h1>" in page
    assert '<meta name="robots" content="noindex">' in page
    assert client.get("/versions/cut?page=2").status_code == 404
    assert client.get("/versions/none").status_code == 404


def test_pages_about_versions_mend_addresses(client: FlaskClient) -> None:
    page = client.get("/versions/cut?page=abc&per_page=1&lang=xx&fbclid=1").text
    assert "<h1>3 versions of this article</h1>" in page
    assert re.findall('<p class="note">(.*)</p>', page) == [
        "“per_page” in the address was ignored, because it means nothing here; did you mean “page”?",
        "There are no pages in the language “xx”.",
        "“abc” is not a page number, so this is the first page.",
    ]
    page = client.get("/compare?a=cut&b=undated&b=other&x=1&utm_source=x").text
    assert re.findall('<p class="note">(.*)</p>', page) == [
        "“x” in the address was ignored, because it means nothing here.",
        "The address has “b” 2 times: only the first one counts.",
    ]


def test_programs_are_told_of_languages_that_do_not_exist(client: FlaskClient) -> None:
    for address in ("versions/cut?lang=", "diff?a=cut&b=undated&lang="):
        assert client.get(f"{API}/{address}de").status_code == 200
        refused = client.get(f"{API}/{address}xx")
        assert (refused.status_code, (refused.json or {})["param"]) == (400, "lang")


def test_a_feed_with_and_without_folding_is_one_feed(client: FlaskClient) -> None:
    feeds = [client.get(f"/search.atom?q=about{more}").text for more in ("", "&versions=all", "&versions=one&sort=oldest")]
    assert len({re.findall("<id>.*?</id>", feed)[0] for feed in feeds}) == 1


def test_the_page_compares_two_articles_side_by_side(client: FlaskClient) -> None:
    page = client.get("/compare?a=undated&b=a/first|%C3%A9&utm_source=x").text
    assert '<meta name="robots" content="noindex">' in page
    words = f'<del><span class="hidden">only in A: </span>{text(50)}<span class="hidden"> (end)</span></del>'
    assert f'data-side="A">{WHOLE} {words}</td>' in page
    assert f'data-side="B">{WHOLE}</td>' in page
    assert len(re.findall("<option [^>]*selected", page)) == 2
    assert "<option" in client.get("/compare?a=other&b=cut").text
    for each in ("cut", "short"):
        assert "These texts are the same." in client.get(f"/compare?a={each}&b={each}").text
    assert client.get("/compare?a=cut").status_code == 400
    assert client.get("/compare?a=cut&b=none").status_code == 404


def test_the_help_leads_to_a_story(client: FlaskClient) -> None:
    page = client.get("/help").text
    assert re.search(r'href="/versions/a%2Ffirst%7C%C3%A9"[^>]*>About a/first\|é</a></dt>\s*<dd>3 versions</dd>', page)
    assert 'href="/search.atom?q=' in page


def test_the_command_lists_the_largest_stories(archive: Archive) -> None:
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
