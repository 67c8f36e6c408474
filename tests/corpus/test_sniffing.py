"""Formats that the first bytes of a file tell."""

import gzip

import pytest

from searchsvc.corpus.formats.registry import may_be_told
from searchsvc.corpus.formats.sniffing import HEAD_BYTES, sniff
from tests.corpus.documents import docx, epub, odt, pdf, word_paragraph

MESSAGE = b"Return-Path: <a@b.example>\nReceived: from x\nSubject: Tea\n\nText"


@pytest.mark.parametrize(
    ("head", "suffix"),
    [
        (b"<!DOCTYPE html><html>", ".html"),
        (b"\xef\xbb\xbf\r\n  <HTML lang=fr>", ".html"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0">', ".html"),
        (b"<!-- saved from url=(0024)https://a.example/ -->\n<html>", ".html"),
        (b"<!-- a very long comment" + b"." * HEAD_BYTES, ".html"),
        ("<!doctype html><title>Tee".encode("utf-16"), ".html"),
        (b"<br />\n<b>Warning</b>: mysql_connect() in page.php", ".html"),
        (gzip.compress(b"<!doctype html><p>Tea", mtime=0), ".html"),
        (b"HTTP/1.1 200 OK\r\nServer: a\r\nContent-Type: text/html\r\n\r\n<p>Tea", ".html"),
        (b'<?xml version="1.0"?><rss version="2.0">', ".xml"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom">', ".xml"),
        (b"WARC/1.1\r\nWARC-Type: warcinfo\r\n", ".warc"),
        (gzip.compress(b"WARC/1.0\r\nWARC-Type: warcinfo\r\n", mtime=0), ".warc"),
        (b"filedesc://crawl.arc 0.0.0.0 20060101000000 text/plain 76", ".arc"),
        (b"From a@b.example Fri Jul  2 10:00:00 2021\nSubject: Tea\n", ".mbox"),
        (b"From - Fri Jul 02 10:00:00 2021\r\nX-Mozilla-Status: 0001\r\n", ".mbox"),
        (MESSAGE, ".eml"),
        (b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://a.example/\r\n", ".mhtml"),
        (b'From: "Saved by Windows Internet Explorer 7"\r\nSubject: Tea\r\n', ".mhtml"),
        (pdf([[("Tea", 20, 0)]]), ".pdf"),
        (epub({"a.xhtml": "<p>Tea</p>"}), ".epub"),
        (odt("<text:p>Tea</text:p>"), ".odt"),
    ],
)
def test_what_is_certain_is_told(head: bytes, suffix: str) -> None:
    assert sniff(head[:HEAD_BYTES]) == suffix


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"The title\n\nSome text, and then <p>tags</p>.",
        b"<?php echo 1;",
        b"<?xml version='1.0'?><svg>",
        b"<?xml never ends",
        b"<urlset><url>",
        b"<articles><article>",
        b'{"title": "Tea"}',
        b"title,date\nTea,2021",
        b"From then on, in 2021\nSubject: Tea",
        b"Subject: tea\nDate: 2021-07-02\n\nAn article with header lines.",
        b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<p>",
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n<p>",
        gzip.compress(b"title,date", mtime=0),
        b"\x1f\x8b\x08nonsense",
        docx(word_paragraph("Tea")),
        b"\x89PNG\r\n\x1a\n",
    ],
)
def test_what_is_uncertain_is_not_told(head: bytes) -> None:
    assert sniff(head[:HEAD_BYTES]) == ""


@pytest.mark.parametrize(
    ("name", "told"),
    [
        *(
            (name, True)
            for name in ("story", "a.php", "a.php?x=1.5", "a.aspx", "a.html.orig", "INBOX", "page.html@id=5", "a.1")
        ),
        *((name, False) for name in ("a.png", "a.css?v=3", "a.js", "a.html", "a.html?id=5", "a.pdf", "a.mp4", "a.py")),
    ],
)
def test_only_files_whose_names_say_nothing_are_opened(name: str, told: bool) -> None:
    assert may_be_told(name) is told
