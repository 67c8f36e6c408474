"""WARC files of web crawls."""

import datetime as dt
import gzip
from dataclasses import replace

import pytest

from searchsvc.corpus import ExtractedArticle, FileReader, ReadFailure
from searchsvc.model.article import Article
from tests.conftest import Archive
from tests.corpus.reading import PAGE, read


def warc(*records: tuple[str, str, str, bytes]) -> bytes:
    """Return a crawl of records that are given by type, URL, content type and content."""
    return b"".join(gzip.compress(warc_record(*record)) for record in records)


def warc_record(kind: str, url: str, content_type: str, content: bytes) -> bytes:
    if kind == "response":
        content = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n\r\n".encode() + content
        content_type = "application/http; msgtype=response"
    head = {"WARC-Type": kind, "WARC-Target-URI": url, "WARC-Date": "2023-01-01T00:00:00Z", "Content-Type": content_type}
    lines = [f"{name}: {value}" for name, value in (head | {"Content-Length": str(len(content))}).items()]
    return "\r\n".join(["WARC/1.0", *lines, "", ""]).encode() + content + b"\r\n\r\n"


CRAWL = warc(
    ("response", "https://courier.example/x.png", "image/png", b"\x89PNG"),
    ("response", "https://courier.example/tea?from=crawl", "text/html; charset=utf-8", PAGE.encode()),
    ("response", "https://courier.example/plain", "text/html", b"<p>Plain page about a harvest of tea and of milk.</p>"),
    ("conversion", "https://courier.example/text", "text/plain", b"Text of a page." * 20),
)


def test_pages_and_texts_of_a_crawl_are_read(archive: Archive) -> None:
    page, plain, text = read(archive, "crawl.warc.gz", CRAWL)
    assert isinstance(page, Article)
    assert (page.id, page.title, page.date) == ("https://courier.example/tea", "Tea & more", dt.date(2022, 12, 23))
    assert page.extra == {"crawled": ("2023-01-01T00:00:00Z",)}
    assert isinstance(plain, Article)
    assert (plain.url, plain.date) == ("https://courier.example/plain", None)
    assert isinstance(text, Article)
    assert text.body == "Text of a page." * 20


def test_pages_keep_their_provenance(archive: Archive) -> None:
    archive.write({"crawl.warc.gz": CRAWL})
    page, plain, _ = FileReader(archive.corpus / "crawl.warc.gz", "crawl.warc.gz").extracted()
    assert isinstance(page, ExtractedArticle)
    assert (page.provenance["title"], page.provenance["url"]) == ("JSON-LD headline", "<link rel=canonical>")
    assert isinstance(plain, ExtractedArticle)
    assert plain.provenance["url"] == "“url”"


def test_a_truncated_crawl_keeps_its_whole_records(archive: Archive) -> None:
    whole = [item for item in read(archive, "crawl.warc.gz", CRAWL)[:2] if isinstance(item, Article)]
    *articles, failure = read(archive, "broken.warc.gz", CRAWL[:-15])
    assert articles == [replace(article, path="broken.warc.gz") for article in whole]
    assert failure == ReadFailure("(https://courier.example/text) is truncated", "broken.warc.gz#3")


@pytest.mark.parametrize("name", ["none.warc", "none.warc.gz"])
def test_other_files_are_rejected(archive: Archive, name: str) -> None:
    (failure,) = read(archive, name, b"no crawl at all")
    assert isinstance(failure, ReadFailure)
    assert failure.reason.startswith("is not a WARC file, or is truncated")
