"""The language of the pages: how it is chosen, what it changes, and what it does not."""

import datetime as dt

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from searchsvc.model.languages import PAGE_LANGUAGES
from searchsvc.web.catalogues import sentence, translated
from searchsvc.web.dates import format_day, format_number, period_label, spelled_period
from searchsvc.web.languages import LANGUAGES
from tests.conftest import Archive

HELP = {"en": "How to search", "de": "So suchen Sie", "fr": "Comment chercher", "es": "Cómo buscar"}
HELP |= {"hi": "कैसे खोजें", "ar": "كيف تبحث", "zh": "如何搜索"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application for all tests of this file, whose archive is indexed once."""
    group = "Title: Working group\nDate: 2022-12-23\n\nA working group met."
    archive = Archive(tmp_path_factory.mktemp("languages"))
    return archive.write({"a.txt": group, "b.txt": "Title: Tea\n\nTea."}).client().application


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def heading(client: FlaskClient, address: str = "/help", **headers: str) -> str:
    page = client.get(address, headers={name.replace("_", "-"): value for name, value in headers.items()})
    found = BeautifulSoup(page.text, "lxml").find("h1")
    return found.get_text() if found else ""


def language_of(client: FlaskClient, **headers: str) -> str:
    shown = heading(client, **headers)
    return next(code for code, text in HELP.items() if text == shown)


# Choosing one


def test_every_language_has_a_name_a_tag_and_a_direction() -> None:
    assert tuple(LANGUAGES) == PAGE_LANGUAGES
    assert [each.code for each in LANGUAGES.values() if each.direction == "rtl"] == ["ar"]


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT, en;q=0.5", "de"),
        ("pt, es;q=0.8, en;q=0.7", "es"),
        ("zh-TW", "zh"),
        ("ja", "en"),
        ("*", "en"),
        ("de;q=0, fr", "fr"),
        ("</html>", "en"),
    ],
)
def test_the_browser_says_which_language_is_read(client: FlaskClient, accepted: str, code: str) -> None:
    assert language_of(client, Accept_Language=accepted) == code


@pytest.mark.parametrize("code", PAGE_LANGUAGES)
def test_the_address_chooses_a_language_and_a_cookie_remembers_it(client: FlaskClient, code: str) -> None:
    answer = client.get(f"/help?lang={code}", headers={"Accept-Language": "fr"})
    page = BeautifulSoup(answer.text, "lxml")
    html = page.html
    assert html is not None
    assert (html["lang"], html["dir"]) == (LANGUAGES[code].tag, LANGUAGES[code].direction)
    assert HELP[code] in answer.text
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"searchsvc_lang={code};")
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert language_of(client, Accept_Language="fr") == code
    assert "Set-Cookie" not in client.get(f"/help?lang={code}").headers


def test_the_cookie_keeps_to_the_path_of_the_service(client: FlaskClient) -> None:
    answer = client.get("/help?lang=de", environ_overrides={"SCRIPT_NAME": "/archive"})
    assert "Path=/archive" in answer.headers["Set-Cookie"]
    assert 'href="/archive/help?lang=fr"' in answer.text


def test_the_setting_replaces_what_browsers_ask_for(archive: Archive) -> None:
    archive.write({"a.txt": "Title: A\n\nText"})
    archive.settings = archive.with_settings(page_language="de")
    client = archive.client()
    assert language_of(client, Accept_Language="fr") == "de"
    assert heading(client, "/help?lang=es") == HELP["es"]


@pytest.mark.parametrize("code", ["xx", "DE", "", "de-AT", "<b>"])
def test_an_unknown_language_is_ignored_with_a_note(client: FlaskClient, code: str) -> None:
    answer = client.get("/search", query_string={"lang": code})
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    notes = [note.get_text() for note in BeautifulSoup(answer.text, "lxml").select(".note")]
    expected = [f"There are no pages in the language “{code}”."] if code else []
    assert notes == expected
    assert client.get("/quote", query_string={"lang": code, "text": "a working group met"}).status_code == 200


def test_a_wrong_cookie_is_ignored(client: FlaskClient) -> None:
    client.set_cookie("searchsvc_lang", "xx")
    assert language_of(client, Accept_Language="de") == "de"


def test_the_choice_of_languages_keeps_the_search(client: FlaskClient) -> None:
    page = BeautifulSoup(client.get("/search?q=a%26b&place=X&place=Y&lang=fr").text, "lxml")
    links = page.select(".languages a")
    assert [link["hreflang"] for link in links] == [each.tag for each in LANGUAGES.values()]
    assert [link["lang"] for link in links] == [each.tag for each in LANGUAGES.values()]
    assert links[1]["href"] == "/search?q=a%26b&place=X&place=Y&lang=de"
    assert [link.get_text() for link in links if link.get("aria-current")] == ["Français"]


def test_the_address_of_an_article_in_another_language_leads_to_it(archive: Archive) -> None:
    client = archive.write({"a.jsonl": '{"id": "https://a.example/?x=1&y=ü", "title": "A", "text": "B"}'}).client()
    hit = BeautifulSoup(client.get("/search").text, "lxml").select_one(".hits h2 a")
    assert hit is not None
    link = BeautifulSoup(client.get(str(hit["href"])).text, "lxml").select(".languages a")[1]
    answer = client.get(str(link["href"]))
    assert answer.status_code == 200
    assert '<html lang="de"' in answer.text


# Caches


def test_caches_keep_the_languages_apart(client: FlaskClient) -> None:
    english, german = (client.get("/", headers={"Accept-Language": code}) for code in ("en", "de"))
    assert english.headers["ETag"] != german.headers["ETag"]
    assert {"Accept-Language", "Cookie"} <= set(english.vary)
    same = client.get("/", headers={"Accept-Language": "de", "If-None-Match": german.headers["ETag"]})
    assert (same.status_code, {"Accept-Language", "Cookie"} <= set(same.vary)) == (304, True)
    other = client.get("/", headers={"Accept-Language": "de", "If-None-Match": english.headers["ETag"]})
    assert other.status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/search", "/search.atom", "/search.csv", "/healthz"])
def test_programs_are_answered_in_english(client: FlaskClient, path: str) -> None:
    client.set_cookie("searchsvc_lang", "de")
    answer = client.get(path, headers={"Accept-Language": "ar"})
    assert answer.status_code == 200
    assert "Accept-Language" not in answer.vary
    assert answer.headers.get("ETag") == client.get(path).headers.get("ETag")


# Programs


def test_programs_choose_the_language_of_notes_and_readings(client: FlaskClient) -> None:
    address = "/api/v1/search?q=%22working+groups%22+%22&lang=de"
    answer = client.get(address).get_json()
    assert answer["query"]["notes"] == [{"message": "ein einzelnes Anführungszeichen wurde ignoriert", "position": 17}]
    assert [each["why"] for each in answer["query"]["readings"]][:1] == ["andere Wortformen"]
    assert "lang=de" in answer["links"]["self"]
    plain = client.get("/api/v1/search?q=%22working+groups%22+%22").get_json()
    assert plain["query"]["notes"][0]["message"] == "an unmatched quotation mark was ignored"
    body = client.post("/api/v1/search", json={"q": '"', "lang": "fr"}).get_json()
    assert body["query"]["notes"][0]["message"] == "un guillemet isolé a été ignoré"


def test_programs_choose_the_language_of_errors(client: FlaskClient) -> None:
    problem = client.get("/api/v1/search?page=0&lang=es").get_json()
    assert problem["detail"] == "page es «0»; debe ser un número entero de 1 a 10.000"
    assert client.get("/api/v1/articles/none?lang=fr").get_json()["detail"].startswith("il n’y a pas d’article")
    assert client.get("/api/v1/similar/none?lang=fr").get_json()["detail"].startswith("il n’y a pas d’article")


@pytest.mark.parametrize(
    "path", ["search?", "suggest?", "articles/x?", "similar/x?", "quote?text=a+b+c&", "facets/language?"]
)
def test_an_unknown_language_is_an_error_of_a_program(client: FlaskClient, path: str) -> None:
    problem = client.get(f"/api/v1/{path}lang=it").get_json()
    assert (problem["status"], problem["param"]) == (400, "lang")
    assert problem["detail"] == "lang is “it”; it must be one of en, de, fr, es, hi, ar, zh"


def test_the_page_about_the_api_is_a_page(client: FlaskClient) -> None:
    assert heading(client, "/api/docs", Accept_Language="ar") == "واجهة البرمجة (API)"
    assert client.get("/api/docs?lang=de").text.count("Beispiele") == 1


# What it changes, and what it does not


@pytest.mark.parametrize("code", PAGE_LANGUAGES)
def test_a_search_finds_the_same_in_every_language(client: FlaskClient, code: str) -> None:
    page = BeautifulSoup(client.get(f"/search?q=groups&lang={code}").text, "lxml")
    assert [hit.get_text() for hit in page.select(".hits h2")] == ["Working group"]
    assert [mark.get_text() for mark in page.select(".hits mark")] == ["group", "group"]


DAYS = {"en": "23 December 2022", "de": "23. Dezember 2022", "fr": "23 décembre 2022", "es": "23 de diciembre de 2022"}
DAYS |= {"hi": "23 दिसंबर 2022", "ar": "23 ديسمبر 2022", "zh": "2022年12月23日"}


@pytest.mark.parametrize("code", PAGE_LANGUAGES)
def test_days_are_written_as_people_write_them(client: FlaskClient, code: str) -> None:
    page = BeautifulSoup(client.get(f"/search?lang={code}").text, "lxml")
    day = page.select_one(".hits time")
    assert day is not None
    assert (day.get_text(), day["datetime"]) == (DAYS[code], "2022-12-23")


@pytest.mark.parametrize(
    ("code", "number", "share", "month", "label"),
    [
        ("en", "1,234,567", "1,234.5", "September 2022", "Sep"),
        ("de", "1.234.567", "1.234,5", "September 2022", "Sep"),
        ("fr", "1\u202f234\u202f567", "1\u202f234,5", "septembre 2022", "sept."),
        ("es", "1.234.567", "1.234,5", "septiembre de 2022", "sept"),
        ("hi", "12,34,567", "1,234.5", "सितंबर 2022", "सित॰"),
        ("ar", "1,234,567", "1,234.5", "سبتمبر 2022", "سبتمبر"),
        ("zh", "1,234,567", "1,234.5", "2022年9月", "9月"),
    ],
)
def test_numbers_and_months_follow_the_cldr(
    client: FlaskClient, code: str, number: str, share: str, month: str, label: str
) -> None:
    with client.application.test_request_context(f"/?lang={code}"):
        assert (format_number(1_234_567), format_number(1_234.5, 1)) == (number, share)
        assert (spelled_period("2022-09"), period_label("2022-09")) == (month, label)
        assert (period_label("2022-09-03"), format_day(None)) == ("3", "")


def test_outside_of_a_request_everything_is_english() -> None:
    assert (format_number(1_234), format_day(dt.date(2022, 12, 3))) == ("1,234", "3 December 2022")
    assert (spelled_period("2022"), sentence("no"), translated("no")) == ("2022", "No.", "no")


@pytest.mark.parametrize(
    ("code", "note"),
    [
        ("en", "An unmatched quotation mark was ignored."),
        ("hi", "एक अकेले उद्धरण चिह्न को अनदेखा किया गया।"),
        ("zh", "已忽略一个不成对的引号。"),
        ("ar", "أُهملت علامة اقتباس مفردة."),
    ],
)
def test_notes_are_sentences(client: FlaskClient, code: str, note: str) -> None:
    page = BeautifulSoup(client.get(f"/search?q=%22&lang={code}").text, "lxml")
    assert [each.get_text() for each in page.select(".note")] == [note]


def test_errors_are_in_the_language_of_the_page(client: FlaskClient) -> None:
    page = client.get("/search?per_page=x&lang=de").text
    assert "„x“ wurde ignoriert: Eine Seite zeigt 1 bis 100 Artikel." in page
    page = client.get(f"/search?q={'x' * 1_001}&lang=de").text
    assert "Die Suchanfrage wurde nach den ersten 1.000 Zeichen abgeschnitten." in page
    page = client.get("/search?from=2023&to=2022-06&lang=de").text
    assert "vertauscht: 1. Juni 2022 bis 31. Dezember 2023." in page
    page = client.get("/search?place=" + "x" * 1_001 + "&lang=de").text
    assert "Diese Anfrage kann nicht beantwortet werden" in page
    assert "Der Wert von place ist länger als 1.000 Bytes." in page
    assert "Unter dieser Adresse gibt es keine Seite." in client.get("/none?lang=de").text


def test_what_readers_send_is_escaped_in_every_language(client: FlaskClient) -> None:
    for code in PAGE_LANGUAGES:
        for path in (f"/search?q=date:<b>x</b>&lang={code}", f"/article/<b>x</b>?lang={code}", f"/help?<b>=1&lang={code}"):
            assert "<b>" not in client.get(path).text


@pytest.mark.parametrize(("code", "comma"), [("en", ", "), ("de", ", "), ("ar", "، "), ("zh", "、")])
def test_lists_have_the_comma_of_their_language(archive: Archive, code: str, comma: str) -> None:
    client = archive.write({"a.jsonl": '{"id": "a", "text": "tea", "author": ["Ann", "Bo"], "tag": ["x", "y"]}\n'}).client()
    line = BeautifulSoup(client.get(f"/search?q=tea&lang={code}").text, "lxml").select_one(".hits .meta")
    assert line is not None
    assert f"Ann{comma}Bo" in line.get_text()
    article = BeautifulSoup(client.get(f"/article/a?lang={code}").text, "lxml")
    assert [f"{one}{comma}{other}" in article.get_text() for one, other in (("Ann", "Bo"), ("x", "y"))] == [True, True]


@pytest.mark.parametrize(("code", "text"), [("en", "Other forms: "), ("fr", "Autres formes\xa0: "), ("zh", "其他词形：")])
def test_a_reading_and_its_query_are_one_sentence(archive: Archive, code: str, text: str) -> None:
    texts = ("The working group met", "Many groups met")
    rows = "".join(f'{{"id": "{text}", "text": "{text}", "language": "en"}}\n' for text in texts)
    client = archive.write({"a.jsonl": rows}).client()
    page = BeautifulSoup(client.get(f"/search?q=%22working+groups%22&lang={code}").text, "lxml")
    assert any(each.get_text().startswith(text) for each in page.select(".readings li"))


@pytest.mark.parametrize(("code", "labels"), [("en", "From to"), ("fr", "De à"), ("es", "De a"), ("de", "Von bis")])
def test_ranges_of_numbers_are_no_spans_of_days(archive: Archive, code: str, labels: str) -> None:
    rows = "".join(f'{{"id": "{number}", "text": "tea", "date": "2022", "pages": {number}}}\n' for number in range(30))
    client = archive.write({"a.jsonl": rows}).client()
    page = BeautifulSoup(client.get(f"/facets/pages?lang={code}").text, "lxml")
    assert " ".join(each.get_text(strip=True) for each in page.select(".between label")) == labels


def test_the_title_of_a_page_of_values_is_one_sentence(archive: Archive) -> None:
    client = archive.write({"a.jsonl": '{"id": "a", "text": "tea", "author": "Ann"}\n'}).client()
    page = client.get("/facets/author?q=tea&lang=fr").text
    assert "<title>Auteur\xa0: tea –" in page
    assert ">Retour aux résultats</a>" in page
