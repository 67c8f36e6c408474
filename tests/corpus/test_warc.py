"""WARC files of web crawls."""

import datetime as dt
import gzip
from collections.abc import Callable
from dataclasses import replace

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.corpus import ExtractedArticle, FileReader, Item, ReadFailure
from searchsvc.model.article import Article
from tests.conftest import Archive
from tests.corpus.reading import PAGE, read


def warc(*records: tuple[str, str, str, bytes]) -> bytes:
    """Return a crawl of records that are given by type, URL, content type and content."""
    return b"".join(gzip.compress(warc_record(*record)) for record in records)


def warc_record(
    kind: str, url: str, content_type: str, content: bytes, http: str = "", length: str | None = None, version: str = "1.0"
) -> bytes:
    if kind == "response":
        content = f"HTTP/1.1 200 OK\r\n{http}Content-Type: {content_type}\r\n\r\n".encode() + content
        content_type = "application/http; msgtype=response"
    head = {"WARC-Type": kind, "WARC-Target-URI": url, "WARC-Date": "2023-01-01T00:00:00Z", "Content-Type": content_type}
    declared = {"Content-Length": str(len(content)) if length is None else length}
    lines = [f"{name}: {value}" for name, value in (head | declared).items() if value]
    return "\r\n".join([f"WARC/{version}", *lines, "", ""]).encode() + content + b"\r\n\r\n"


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


Pack = Callable[[list[bytes]], bytes]


def as_members(records: list[bytes]) -> bytes:
    return b"".join(map(gzip.compress, records))


def as_one_member(records: list[bytes]) -> bytes:
    return gzip.compress(b"".join(records))


PACKS = [pytest.param("c.warc", b"".join), pytest.param("c.warc.gz", as_members), pytest.param("c.warc.gz", as_one_member)]
each_pack = pytest.mark.parametrize(("name", "pack"), PACKS, ids=["plain", "members", "one member"])


def page(number: int, **changed: str) -> bytes:
    """Return the record of a page."""
    content = f"<title>Page {number}</title><p>The harvest of field {number} has never been larger or later than this."
    return warc_record("response", f"https://x.example/{number}", "text/html", content.encode(), **changed)


def titles(items: list[Item]) -> list[str]:
    return [item.title for item in items if isinstance(item, Article)]


def reasons(items: list[Item]) -> list[str]:
    return [item.reason for item in items if isinstance(item, ReadFailure)]


@each_pack
def test_a_page_that_cannot_be_decoded_costs_that_page_only(archive: Archive, name: str, pack: Pack) -> None:
    encoded = brotli.compress(b"<title>Brotli</title><p>A page about the harvest of the hills.")
    good = warc_record("response", "https://x.example/br", "text/html", encoded, "Content-Encoding: br\r\n")
    bad = warc_record("response", "https://x.example/bad", "text/html", b"\0" + encoded[9:], "Content-Encoding: br\r\n")
    items = read(archive, name, pack([page(1), good, bad, page(2)]))
    assert titles(items) == ["Page 1", "Brotli", "Page 2"]
    assert [reason.split(":")[0] for reason in reasons(items)] == ["(https"]
    assert "cannot be decompressed (br)" in reasons(items)[0]


@each_pack
@pytest.mark.parametrize("length", ["", "-1", "x", "²", "9" * 16])
def test_a_record_without_a_length_costs_itself_only(archive: Archive, name: str, pack: Pack, length: str) -> None:
    items = read(archive, name, pack([page(1), page(2, length=length), page(3)]))
    assert titles(items) == ["Page 1", "Page 3"]
    assert "is a record without a valid length" in reasons(items)


@each_pack
@pytest.mark.parametrize("length", ["100", "220", "1000", "100000"])
def test_after_a_record_with_a_wrong_length_the_next_ones_are_read(
    archive: Archive, name: str, pack: Pack, length: str
) -> None:
    items = read(archive, name, pack([page(1), page(2, length=length), page(3), page(4)]))
    assert [title for title in titles(items) if title != "Page 2"] == ["Page 1", "Page 3", "Page 4"]
    assert reasons(items)


@each_pack
def test_garbage_between_records_is_skipped_and_reported(archive: Archive, name: str, pack: Pack) -> None:
    for garbage in (b"garbage", b"\0\x1f\x8b\x08 \r\nWARC/9.9\r\n" * 9, b"x" * 200_000):
        items = read(archive, name, pack([garbage, page(1), garbage + page(2), garbage]))
        assert titles(items) == ["Page 1", "Page 2"]
        assert any("belong to no record" in reason for reason in reasons(items))


@pytest.mark.parametrize("garbage", [b"garbage", b"\x1f\x8b\x08", b"\x1f\x8b\x08" + b"\xff" * 40_000, b"\0" * 99])
def test_garbage_between_members_is_skipped(archive: Archive, garbage: bytes) -> None:
    first, second, third = (gzip.compress(page(number)) for number in (1, 2, 3))
    items = read(archive, "c.warc.gz", first + garbage + second + garbage + third + garbage)
    assert titles(items) == ["Page 1", "Page 2", "Page 3"]
    assert bool(reasons(items)) == any(garbage)


@pytest.mark.parametrize("damage", [b"\xff" * 30, b""])
@pytest.mark.parametrize("at", [0.0, 0.3, 0.9])
def test_a_damaged_or_cut_member_costs_itself_only(archive: Archive, damage: bytes, at: float) -> None:
    first, second, third = (gzip.compress(page(number)) for number in (1, 2, 3))
    cut = int(len(second) * at)
    items = read(archive, "c.warc.gz", first + second[:cut] + damage + second[cut + 30 :] + third)
    assert titles(items)[0] == "Page 1"
    assert titles(items)[-1] == "Page 3"
    assert reasons(items)


@pytest.mark.slow
@given(st.data())
@settings(max_examples=30)
def test_whatever_happens_to_one_record_the_others_are_read(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    pack, name = data.draw(st.sampled_from([(as_members, "c.warc.gz"), (b"".join, "c.warc")]))
    record = pack([page(2)])
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(record))] * 2)))
    hurt = record[:start] + data.draw(st.binary(max_size=60)) + record[end:]
    archive = Archive(tmp_path_factory.mktemp("crawl"))
    found = titles(
        read(archive, name, pack([page(0)]) + pack([page(1)]) + hurt + b"\r\n\r\n" + pack([page(3)]) + pack([page(4)]))
    )
    assert found[:2] == ["Page 0", "Page 1"]
    assert found[-1] == "Page 4"


def test_very_large_records_are_skipped_or_refused(archive: Archive) -> None:
    large = b"x" * (11 * 2**20)
    image = warc_record("response", "https://x.example/i", "image/png", large)
    items = read(
        archive, "c.warc", page(1) + image + warc_record("response", "https://x.example/p", "text/html", large) + page(2)
    )
    assert titles(items) == ["Page 1", "Page 2"]
    assert reasons(items) == ["(https://x.example/p) is larger than 10 MiB, the limit for a file of this kind"]


def test_records_that_are_no_pages_are_left_out(archive: Archive) -> None:
    others = [
        warc_record("warcinfo", "", "application/warc-fields", b"software: x"),
        warc_record("response", "https://x.example/empty", "text/html", b"").replace(
            b"HTTP/1.1 200 OK", b"HTTP/1.1 404 No"
        ),
        warc_record("response", "dns:x.example", "text/dns", b"1.1.1.1").replace(b"HTTP/", b"DNS_/"),
        warc_record("request", "https://x.example/", "text/html", b"GET / HTTP/1.1\r\n\r\n"),
    ]
    items = read(archive, "c.warc.gz", as_members([*others, page(1, version="1.1"), page(2, version="0.18")]))
    assert items == read(archive, "c.warc.gz", as_members([page(1), page(2)]))


def linking(url: str, title: str, canonical: str) -> tuple[str, str, str, bytes]:
    html = (
        f"<link rel=canonical href='{canonical}'><title>{title}</title><p>The harvest has never been larger, says {title}."
    )
    return ("response", url, "text/html", html.encode())


@pytest.mark.parametrize(
    "canonical", ["https://x.example/", "https://x.example/news", "/", "/news", "mailto:x", "http://[", ""]
)
def test_pages_that_all_declare_one_address_are_all_kept(archive: Archive, canonical: str) -> None:
    pages = [linking(f"https://x.example/news/{number}", f"Story {number}", canonical) for number in range(3)]
    items = read(archive, "crawl.warc.gz", warc(*pages))
    assert len({item.id for item in items if isinstance(item, Article)}) == 3


def test_copies_of_a_page_that_declare_one_address_are_one_article(archive: Archive) -> None:
    pages = [linking(f"https://x.example/{name}", "Story", "/news/1") for name in ("news/1?from=crawl", "amp/news/1")]
    items = read(archive, "crawl.warc.gz", warc(*pages))
    assert {item.id for item in items if isinstance(item, Article)} == {"https://x.example/news/1"}


@pytest.mark.parametrize("charset", ["windows-1251", '"windows-1251"', "Windows-1251; x=y"])
def test_the_charset_of_the_answer_is_used(archive: Archive, charset: str) -> None:
    content = "<title>Чай</title><p>Урожай чая никогда не был так велик.".encode("windows-1251")
    (item,) = read(
        archive, "c.warc.gz", warc(("response", "https://x.example/1", f"text/html; charset={charset}", content))
    )
    assert isinstance(item, Article)
    assert item.title == "Чай"


def test_pages_of_local_files_and_pages_without_a_type_are_read(archive: Archive) -> None:
    page = b"<!doctype html><title>Tea</title><p>Tea of the hills"
    crawl = warc(
        ("resource", "https://a.example/1", "text/html", page), ("resource", "https://a.example/2", "image/png", page)
    )
    bare = warc_record("response", "https://a.example/3", "application/octet-stream", page)
    items = read(archive, "a.warc.gz", crawl + gzip.compress(bare))
    assert [isinstance(item, Article) and item.url for item in items] == ["https://a.example/1", "https://a.example/3"]


def arc(*pages: tuple[str, bytes]) -> list[bytes]:
    """Return the records of a crawl in the format that preceded WARC."""
    version = b"1 0 Archive\nURL IP-address Archive-date Content-type Archive-length\n"
    records = [b"filedesc://a.arc 0.0.0.0 20060102030405 text/plain %d\n" % len(version) + version + b"\n"]
    for url, page in pages:
        answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page
        records.append(b"%s 127.0.0.1 20060102030405 text/html %d\n" % (url.encode(), len(answer)) + answer + b"\n")
    return records


ARC = arc(*((f"https://a.example/{number}", b"<title>Page %d</title><p>Tea" % number) for number in range(3)))


@pytest.mark.parametrize("name", ["a.arc", "a.arc.gz", "crawl"])
def test_arc_files_are_read(archive: Archive, name: str) -> None:
    items = read(archive, name, b"".join(map(gzip.compress, ARC) if name.endswith(".gz") else ARC))
    assert [isinstance(item, Article) and (item.url, item.title, item.extra) for item in items] == [
        (f"https://a.example/{number}", f"Page {number}", {"crawled": ("2006-01-02T03:04:05Z",)}) for number in range(3)
    ]


@pytest.mark.parametrize(
    "content", [b"no crawl", gzip.compress(b"".join(ARC), mtime=0), b"".join(ARC).replace(b"/1 127.0.0.1", b"/1")]
)
def test_a_damaged_arc_file_says_so(archive: Archive, content: bytes) -> None:
    failure = read(archive, "a.arc", content)[-1]
    assert isinstance(failure, ReadFailure)
    assert failure.reason.startswith("is not an ARC file, or is damaged")
