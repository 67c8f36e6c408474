"""Pages: main text, encodings, and dates that are declared, found or named by the URL."""

import datetime as dt
import io
import zipfile

import pytest

from searchsvc.corpus.formats.html import parse_html
from searchsvc.corpus.formats.sniffing import HEAD_BYTES, sniff
from searchsvc.corpus.metadata import PublicationDate
from tests.conftest import Archive
from tests.corpus.reading import PAGE, read_one

JSON_LD_ONLY = '<script type="application/ld+json">{"@type": "Article", "headline": "T", "articleBody": "Tea."}</script>'


def test_an_article_of_a_page(archive: Archive) -> None:
    article = read_one(archive, "page.html", PAGE)
    assert (article.title, article.author, article.source) == ("Tea & more", ("Jane Smith", "Bo Li"), "Courier")
    assert (article.section, article.tag, article.place) == ("Business", ("tea", "trade"), ("Delhi",))
    assert (article.language, article.id) == ("en", "https://courier.example/tea")
    assert article.date == dt.date(2022, 12, 23), "the day as the publisher wrote it"
    assert article.published == dt.datetime(2022, 12, 24, 4, 30, tzinfo=dt.UTC)


def test_the_body_is_the_main_text(archive: Archive) -> None:
    first, second = read_one(archive, "page.html", PAGE).body.split("\n\n")
    assert first == "The harvest of the hills has never been larger, the growers said on Friday, and never later."
    assert second == "Buyers from nine countries had come to see it, and most of them stayed for a second cup of it."


@pytest.mark.parametrize(
    ("page", "body", "provenance"),
    [
        ("<title>T</title><p>Tea.", "Tea.", "the main text of the page"),
        (JSON_LD_ONLY, "Tea.", "JSON-LD articleBody"),
        ("<p>Tea</p>" + "<b>" * 6_000, "Tea", "all text of the page, which has too many or too deep elements"),
    ],
)
def test_where_the_body_comes_from(page: str, body: str, provenance: str) -> None:
    record = parse_html(page.encode())
    assert (record.fields["body"].strip(), record.provenance["body"]) == (body, provenance)


def test_an_empty_page_is_an_empty_record() -> None:
    assert parse_html(b"<!-- nothing -->").fields == {}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "shift_jis"])
def test_pages_are_decoded_as_they_declare(encoding: str) -> None:
    title = "お茶" if encoding == "shift_jis" else "Чай"
    declared = encoding if encoding.startswith(("cp", "shift")) else "wrong"
    page = f'<meta charset="{declared}"><title>{title}</title>'
    assert parse_html(page.encode(encoding)).fields["title"] == title


@pytest.mark.parametrize(
    ("published", "url", "day"),
    [
        ("2023-11-09T01:12:00Z", "https://x.example/2023/11/08/mayor/", "2023-11-08"),
        ("2023-11-08T18:00:00+00:00", "https://x.example/2023/11/09/mayor/", "2023-11-09"),
        ("2023-11-09T15:00:00Z", "https://x.example/2023/11/08/mayor/", "2023-11-09"),
        ("2023-11-09T01:12:00+01:00", "https://x.example/2023/11/08/mayor/", "2023-11-09"),
        ("2023-11-09T01:12:00Z", "https://x.example/2023/11/05/mayor/", "2023-11-09"),
        ("2023-11-09", "https://x.example/2023/11/08/mayor/", "2023-11-09"),
        ("2023-11-09T01:12:00Z", "https://x.example/2023/99/08/", "2023-11-09"),
        ("2023-11-09T01:12:00Z", "https://x.example/2023/nov/08/mayor", "2023-11-08"),
        ("2023-11-09T01:12:00Z", "https://x.example/20231108/mayor", "2023-11-08"),
        ("2023-11-09T01:12:00Z", "https://x.example/mayor/2023-11-08", "2023-11-08"),
        ("2023-11-09T01:12:00Z", "https://x.example/2023/11/8-mayors", "2023-11-09"),
    ],
)
def test_an_instant_in_utc_gets_the_day_in_the_url(published: str, url: str, day: str) -> None:
    page = PAGE.replace("2022-12-23T23:30:00-05:00", published).replace("https://courier.example/tea", url)
    instant = dt.datetime.fromisoformat(published) if "T" in published else None
    assert parse_html(page.encode()).fields["date"] == PublicationDate(dt.date.fromisoformat(day), instant)


@pytest.mark.parametrize(
    ("page", "date", "provenance"),
    [
        ('<p>Tea. <time datetime="2022-12-23T10:00">', "2022-12-23", "the text of the page"),
        ('<p>Tea. <time datetime="1985-12-23T10:00">', "1985-12-23T10:00", "<time>"),
        ("<p>Published on December 23, 2022</p><p>Tea.", "2022-12-23", "the text of the page"),
        ('<meta name="date" content="soon"><p>Tea.', None, "the text of the page"),
        ('<link rel="canonical" href="https://x.example/2022/12/3-teas">', "2022-12-03", "the text of the page"),
    ],
)
def test_dates_that_are_not_declared(page: str, date: str | None, provenance: str) -> None:
    record = parse_html(page.encode())
    assert (record.fields["date"], record.provenance["date"]) == (date, provenance)


PUBLISHED = '<meta property="article:published_time" content="{}">'
IN_JSON_LD = '<script type="application/ld+json">{{"@type": "Article", "headline": "T", "datePublished": {}}}</script>'


@pytest.mark.parametrize(
    ("page", "provenance"),
    [
        (PUBLISHED.format("2022-12-23") * 2, "<meta article:published_time>"),
        (PUBLISHED.format("soon") + PUBLISHED.format("2022-12-23"), "<meta article:published_time>"),
        (PUBLISHED.format("soon") + '<meta name="pubdate" content="2022-12-23">', "<meta pubdate>"),
        (IN_JSON_LD.format('"soon"') + PUBLISHED.format("2022-12-23"), "<meta article:published_time>"),
        (IN_JSON_LD.format('["2022-12-23"]'), "JSON-LD datePublished"),
        ('<link rel="canonical" href="https://x.example/2022/12/23/tea">', "the address of the page"),
        ('<link rel="canonical" href="https://x.example/2022-12-23-tea">', "the address of the page"),
    ],
)
def test_of_several_declared_dates_the_first_that_can_be_read_is_used(page: str, provenance: str) -> None:
    record = parse_html(page.encode())
    assert record.fields["date"] == PublicationDate(dt.date(2022, 12, 23))
    assert record.provenance["date"] == provenance


def test_the_address_from_which_a_page_was_loaded_can_name_its_day() -> None:
    record = parse_html(b"<p>Tea.", "https://x.example/2022/dec/23/tea")
    assert record.fields["date"] == PublicationDate(dt.date(2022, 12, 23))


def self_extracting(compression: int, **members: str) -> bytes:
    """Return a page like the self-extracting ones of SingleFile: HTML with a zip archive in a comment."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", compression) as packed:
        for name, content in members.items():
            packed.writestr(f"{name}.html", content)
        packed.writestr("images/0.png", bytes(range(256)) * 50_000, zipfile.ZIP_STORED)
    icon = f"<link rel=icon href='data:image/png;base64,{'A' * 900}'>"
    stub = f"<!doctype html><html><head><title>Please wait…</title>{icon}</head><body><p>Please wait…</p><!--"
    return stub.encode() + archive.getvalue() + b"--></body></html>"


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_self_extracting_page_is_read_as_the_page_in_it(archive: Archive, compression: int) -> None:
    picture = f"<img src='data:image/png;base64,{'A' * 5_000}'>"
    page = PAGE.replace("<article>", f"<article>{picture}")
    content = self_extracting(compression, index=page, frame="<title>Frame</title><p>An advertisement")
    assert content.startswith(b"<!doctype html>")
    assert sniff(content[:HEAD_BYTES]) == ".html"
    article = read_one(archive, "a.html", content)
    assert (article.title, article.url) == ("Tea & more", "https://courier.example/tea")
    assert article.body.startswith("The harvest of the hills has never been larger")
    assert "wait" not in article.body
