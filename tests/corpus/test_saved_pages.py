"""MHTML: pages that browsers saved in one file."""

import base64
import quopri

import pytest

from searchsvc.corpus import ReadFailure
from tests.conftest import Archive
from tests.corpus.reading import read, read_one

STORY = "<p>Die Ernte der Hügel war nie größer, sagten die Bauern am Freitag, und nie später im Jahr.</p>"
PAGE = f"<html><head><title>Ernte</title></head><body><article><h1>Ernte</h1>{STORY}</article></body></html>"


def part(kind: str, content: bytes, coding: str = "quoted-printable", **headers: str) -> bytes:
    encoded = quopri.encodestring(content) if coding == "quoted-printable" else base64.encodebytes(content)
    lines = [f"Content-Type: {kind}", f"Content-Transfer-Encoding: {coding}"]
    lines += [f"Content-{name.title()}: {value}" for name, value in headers.items()]
    return "\r\n".join(["--b", *lines, "", ""]).encode() + encoded + b"\r\n"


def mhtml(*parts: bytes, head: str = "Snapshot-Content-Location: https://hof.example/ernte", kind: str = "") -> bytes:
    lines = [
        "From: <Saved by Blink>",
        head,
        "Subject: =?utf-8?Q?Ernte_-_Hofblatt?=",
        "Date: Sat, 3 Jul 2021 09:00:00 -0000",
    ]
    lines += ["MIME-Version: 1.0", f'Content-Type: multipart/related; type="text/html"; boundary="b"{kind}', "", ""]
    return "\r\n".join(lines).encode() + b"".join(parts) + b"--b--\r\n"


PICTURE = part("image/png", b"\x89PNG" + bytes(3_000_000), "base64", location="https://hof.example/a.png")
FRAME = part("text/html", b"<html><p>An advertisement</p></html>", location="cid:frame@mhtml.blink")


@pytest.mark.parametrize("coding", ["quoted-printable", "base64"])
@pytest.mark.parametrize("charset", ["utf-8", "windows-1252"])
def test_the_page_is_read_in_its_own_encoding(archive: Archive, coding: str, charset: str) -> None:
    page = part(f"text/html; charset={charset}", PAGE.encode(charset), coding, location="https://hof.example/ernte")
    article = read_one(archive, "a.mhtml", mhtml(page, PICTURE, FRAME))
    assert (article.title, article.url) == ("Ernte", "https://hof.example/ernte")
    assert article.body.startswith("Die Ernte der Hügel war nie größer")
    assert "advertisement" not in article.body
    assert article.extra == {"saved": ("2021-07-03",)}


def test_the_main_page_is_the_one_that_the_head_names(archive: Archive) -> None:
    page = part("text/html", PAGE.encode(), location="https://hof.example/ernte", id="<main>")
    assert read_one(archive, "a.mht", mhtml(FRAME, page)).title == "Ernte"
    named = mhtml(FRAME, page, head="X-Saved: a", kind='; start="<main>"')
    assert read_one(archive, "b.mht", named).title == "Ernte"


def test_an_address_that_is_no_web_address_is_not_used(archive: Archive) -> None:
    page = part("text/html", PAGE.encode(), location="file:///C:/ernte.htm")
    article = read_one(archive, "a.mht", mhtml(page, head="Snapshot-Content-Location: file:///C:/ernte.htm"))
    assert (article.id, article.url) == ("a.mht", "")


def test_a_page_without_a_title_has_the_subject(archive: Archive) -> None:
    page = part("text/html", f"<html><body>{STORY}</body></html>".encode())
    assert read_one(archive, "a.mhtml", mhtml(page)).title == "Ernte - Hofblatt"


@pytest.mark.parametrize("content", [mhtml(PICTURE), b"no message at all", b"\x00" * 100])
def test_a_file_without_a_page_says_so(archive: Archive, content: bytes) -> None:
    (failure,) = read(archive, "a.mhtml", content)
    assert failure == ReadFailure("has no part that is a web page", "a.mhtml")
