"""Citations of an article as files and in the head of its page, and the names of files."""

import json
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from lxml import etree

from searchsvc.api.citations import FORMATS, CitationFormat
from searchsvc.web.app import create_app
from tests.conftest import Archive

ROW = {
    "id": "http://a.example/1",
    "title": "Tea",
    "author": "Ann Lee",
    "date": "2022-03-05",
    "text": "A cup of tea.",
    "url": "http://a.example/1",
}


def client_of(archive: Archive, *rows: dict[str, str]) -> FlaskClient:
    return archive.write({"a.jsonl": "".join(json.dumps(row) + "\n" for row in rows)}).client()


@pytest.mark.parametrize("form", FORMATS)
def test_a_citation_is_a_file_at_the_address_of_its_article(archive: Archive, form: CitationFormat) -> None:
    client = client_of(archive, ROW)
    answer = client.get(f"/article/{quote(ROW['id'], safe='')}.{form}")
    _, media_type, write = FORMATS[form]
    assert (answer.status_code, answer.mimetype) == (200, media_type)
    assert answer.headers["Content-Disposition"] == f"attachment; filename=lee2022-38012d7f.{form}"
    assert answer.text == write(archive.service().acquire().article(ROW["id"]), "")
    assert client.get(f"/article/{quote(ROW['id'], safe='')}.{form}?nonsense=1").status_code == 400


def test_an_article_whose_id_is_such_an_address_is_itself_meant(archive: Archive) -> None:
    client = client_of(archive, {**ROW, "id": "a"}, {**ROW, "id": "a.ris", "title": "Milk"})
    assert "<h1" in client.get("/article/a.ris").text
    assert client.get("/article/a.ris.ris").text.startswith("TY  - NEWS\r\nID  - a.ris\r\nTI  - Milk")
    assert client.get("/article/a.bib").text.startswith("@misc{lee2022-")


def test_such_an_article_has_a_page_in_every_language(archive: Archive) -> None:
    client = client_of(archive, *({**ROW, "id": f"a.{form}"} for form in FORMATS))
    for form in FORMATS:
        english, german = (client.get(f"/article/a.{form}", headers={"Accept-Language": code}) for code in ("en", "de"))
        assert "Diesen Artikel zitieren" in german.text
        assert german.headers["ETag"] != english.headers["ETag"]
        assert "Accept-Language" in german.headers["Vary"]


def test_nobody_learns_of_such_an_article_without_the_token(archive: Archive) -> None:
    client_of(archive, {**ROW, "id": "a.ris"})
    client = create_app(archive.with_settings(read_token="a-token-for-readers")).test_client()
    asked = {"Accept": "text/html", "Accept-Language": "de"}
    found, none = (client.get(f"/article/{name}.ris", headers=asked) for name in ("a", "b"))
    assert (
        (found.status_code, found.content_type)
        == (none.status_code, none.content_type)
        == (401, "application/problem+json")
    )
    assert found.get_json()["detail"] == none.get_json()["detail"]


@pytest.mark.parametrize("path", ["/article/none.ris", "/article/none.csl.json", "/article/.bib"])
def test_programs_are_told_that_there_is_no_such_article(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_an_article_without_an_address_is_cited_by_its_page(archive: Archive) -> None:
    client = client_of(archive, {**ROW, "id": "a b/c", "url": ""})
    here = "http://localhost/article/a%20b%2Fc"
    assert f"UR  - {here}\r\n" in client.get(f"{here}.ris").text
    assert f"UR  - {here}\r\n" in client.get("/search.ris").text
    assert f'<p class="on-paper">{here}</p>' in client.get(here).text


def test_the_head_of_a_page_describes_its_article(archive: Archive) -> None:
    attack = "</script><script>alert(1)</script> & <!--"
    client = client_of(archive, {**ROW, "title": f"Tea {attack}", "source": attack})
    page = client.get(f"/article/{quote(ROW['id'], safe='')}").text
    assert attack not in page
    head = etree.HTML(page)
    assert head.xpath("//meta[@name='citation_author']/@content") == ["Lee, Ann"]
    assert head.xpath("//meta[@name='citation_title']/@content") == [f"Tea {attack}"]
    (data,) = head.xpath("//script[@type='application/ld+json']/text()")
    assert json.loads(data)["headline"] == f"Tea {attack}"
    for link in head.xpath("//head/link[@rel='alternate']"):
        assert client.get(link.get("href")).mimetype == link.get("type")


NAMES = {
    "tide ferry": "attachment; filename=tide-ferry.csv",
    "été": "attachment; filename=ete.csv; filename*=UTF-8''%C3%A9t%C3%A9.csv",
    "潮汐": "attachment; filename=archive.csv; filename*=UTF-8''%E6%BD%AE%E6%B1%90.csv",
    '"; x=1\r\n/': "attachment; filename=x-1.csv",
}


@pytest.mark.parametrize(("query", "announced"), NAMES.items(), ids=NAMES)
def test_files_are_announced_with_names_that_all_browsers_take(client: FlaskClient, query: str, announced: str) -> None:
    answer = client.get("/search.csv", query_string={"q": query})
    assert answer.headers["Content-Disposition"] == announced


def test_pages_offer_csv_for_spreadsheets_and_programs_get_it_plain(client: FlaskClient) -> None:
    page = etree.HTML(client.get("/search?q=tide").text)
    (link,) = page.xpath("//*[@class='tools']//a[text()='CSV']/@href")
    assert client.get(link).data.startswith(b"\xef\xbb\xbfid,")
    assert client.get("/search.csv?q=tide").data.startswith(b"id,")
    assert client.get("/search.csv?bom=yes").get_json()["param"] == "bom"
    assert client.get("/search.ris?bom=true").status_code == 400


def test_private_archives_keep_their_citations(archive: Archive) -> None:
    archive.write({"a.txt": "tea"}).service()
    private = create_app(archive.with_settings(read_token="correct-horse-battery")).test_client()
    assert private.get("/article/a.txt.ris").status_code == 401
