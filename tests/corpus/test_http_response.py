"""Responses with their heads, and pages that were left compressed: what `curl -i` and wget leave in files."""

import gzip

import pytest

from searchsvc.corpus.formats.http_response import HttpResponse
from tests.conftest import Archive
from tests.corpus.reading import read_one

PAGE = "<!doctype html><title>Thé</title><h1>Thé</h1><p>La récolte des collines n'a jamais été aussi grande.</p>"
LATIN_1 = PAGE.encode("iso-8859-1")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=iso-8859-1\r\n\r\n"


@pytest.mark.parametrize(
    "content",
    [
        HEAD + LATIN_1,
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/2 301\r\nLocation: /a\r\n\r\n" + HEAD + LATIN_1,
        HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n") + gzip.compress(LATIN_1, mtime=0),
        gzip.compress(PAGE.encode(), mtime=0),
    ],
)
@pytest.mark.parametrize("name", ["a.html", "a.php", "a"])
def test_a_page_is_read_without_the_head_and_the_compression(archive: Archive, name: str, content: bytes) -> None:
    article = read_one(archive, name, content)
    assert (article.title, article.body) == ("Thé", "La récolte des collines n'a jamais été aussi grande.")


@pytest.mark.parametrize(
    "status", ["HTTP/2 200", "HTTP/2 200 ", "HTTP/1.0 200", "HTTP/1.1 203 Non-Authoritative Information"]
)
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_heads_have_status_lines_of_several_forms(archive: Archive, status: str, newline: bytes) -> None:
    content = HEAD.replace(b"HTTP/1.1 200 OK", status.encode()).replace(b"\r\n", newline) + LATIN_1
    assert read_one(archive, "a.html", content).body == "La récolte des collines n'a jamais été aussi grande."


@pytest.mark.parametrize("begin", ["HTTP/2 was published in 2015.", "HTTP/1.1 404 errors are common.", "HTTP/3 200 OK"])
def test_a_text_about_http_is_no_head(archive: Archive, begin: str) -> None:
    body = read_one(archive, "a.html", f"{begin}\nSo it goes on.\n\n<p>The growers read it twice.</p>").body
    assert body.startswith(begin)
    assert "So it goes on." in body


@pytest.mark.parametrize(
    ("head", "body", "is_page"),
    [
        ("200 OK\r\nContent-Type: text/html", "x", True),
        ("200 OK\r\nContent-Type: application/xhtml+xml", "x", True),
        ("200 OK", "<!doctype html>", True),
        ("200 OK\r\nContent-Type: application/octet-stream", "<html>", True),
        ("200 OK", "{}", False),
        ("200 OK\r\nContent-Type: image/png", "<html>", False),
        ("404 Not Found\r\nContent-Type: text/html", "<html>", False),
    ],
)
def test_servers_that_declare_nothing_send_pages_too(head: str, body: str, is_page: bool) -> None:
    assert HttpResponse(f"HTTP/1.1 {head}\r\n\r\n{body}".encode()).is_page() is is_page
