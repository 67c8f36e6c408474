"""Zip and tar archives."""

import gzip
import io
import tarfile
from collections.abc import Callable

import pytest

from searchsvc.corpus import ReadFailure
from searchsvc.corpus.formats.archives import tar_members, zip_members
from searchsvc.errors import UserError
from searchsvc.model.article import Article
from searchsvc.model.skipped import SkippedFiles
from tests.conftest import Archive
from tests.corpus.documents import odt, pdf, zipped
from tests.corpus.reading import read
from tests.corpus.test_warc import warc


def tarred(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as file:
        link = tarfile.TarInfo("link.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        file.addfile(link)
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            file.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def test_members_cannot_leave_the_archive() -> None:
    names = {"../../out.txt": "out.txt", "/etc/x.txt": "etc/x.txt", "a\\..\\b.txt": "a/b.txt", "./c.txt": "c.txt"}
    members = dict.fromkeys(names, b"x")
    assert [member.path for member in zip_members(io.BytesIO(zipped(members)))] == [*names.values()]
    assert [member.path for member in tar_members(io.BytesIO(gzip.decompress(tarred(members))))] == [*names.values()]


@pytest.mark.parametrize(("name", "pack"), [("news.zip", zipped), ("news.tar.gz", tarred), ("news.tgz", tarred)])
def test_files_of_an_archive_are_read(archive: Archive, name: str, pack: Callable[[dict[str, bytes]], bytes]) -> None:
    members = {
        "a/one.txt": b"Title: One\n\nx",
        "../../out.txt": b"Title: Out\n\nx",
        "two.jsonl.gz": gzip.compress(b'{"id": "2", "title": "Two"}\n{"title": ""}\n'),
        ".hidden/x.txt": b"x",
        "photo.jpg": b"x",
        "inner.zip": zipped({}),
        "bad.json": b"{",
    }
    items = read(archive, name, pack(members))
    articles = [(item.id, item.title) for item in items if isinstance(item, Article)]
    assert articles == [(f"{name}/a/one.txt", "One"), (f"{name}/out.txt", "Out"), ("2", "Two")]
    assert {item for item in items if isinstance(item, SkippedFiles)} == {
        SkippedFiles("hidden", "", 1),
        SkippedFiles("unknown format", ".jpg", 1),
    }
    failures = {item.path: item.reason for item in items if isinstance(item, ReadFailure)}
    assert failures.keys() == {f"{name}/two.jsonl.gz#2", f"{name}/inner.zip", f"{name}/bad.json"}
    assert failures[f"{name}/inner.zip"] == "is an archive inside an archive: unpack it"


def test_an_encrypted_archive_is_rejected() -> None:
    content = bytearray(zipped({"a.txt": b"x"}))
    content[content.index(b"PK\x01\x02") + 8] |= 1  # the flag of encryption in the central directory
    with pytest.raises(UserError, match="is encrypted"):
        next(zip_members(io.BytesIO(content)))


TWO_FILES = zipped({"a.txt": b"Title: One\n\nx", "b.txt": b"0" * 11 * 2**20})


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.zip", TWO_FILES[:60], "not well formed: BadZipFile"),
        ("b.zip", TWO_FILES, "is larger than 10 MiB"),
        ("c.tar", b"no tar", "not well formed: ReadError"),
        ("d.tgz", tarred({"a.txt": b"x" * 10_000})[:80], "cannot be read"),
    ],
    ids=["truncated", "large", "no archive", "truncated tar"],  # without the times of the members
)
def test_broken_archives_say_why(archive: Archive, name: str, content: bytes, reason: str) -> None:
    assert any(isinstance(item, ReadFailure) and reason in item.reason for item in read(archive, name, content))


@pytest.mark.parametrize(("name", "pack"), [("site.zip", zipped), ("site.tar.gz", tarred)])
def test_members_are_told_by_their_content_where_the_name_says_nothing(
    archive: Archive, name: str, pack: Callable[[dict[str, bytes]], bytes]
) -> None:
    page = b"<!doctype html><title>Tea</title><p>" + b"Tea of the hills. " * 100
    members = {
        "a.php?id=5": page,
        "story": page,
        "notes": b"Only text",
        "b.php": b"<?php",
        "c.html.gz": gzip.compress(page),
    }
    *articles, no_suffix, php = read(archive, name, pack(members))
    assert [isinstance(item, Article) and (item.path, item.title) for item in articles] == [
        (f"{name}/a.php?id=5", "Tea"),
        (f"{name}/story", "Tea"),
        (f"{name}/c.html.gz", "Tea"),
    ]
    assert (no_suffix, php) == (SkippedFiles("unknown format", "", 1), SkippedFiles("unknown format", ".php", 1))


def test_documents_in_archives_are_read(archive: Archive) -> None:
    members = {"a.pdf": pdf([[("Tea of the hills", 0, 0)]]), "b.odt": odt("<text:p>Tea of the plain</text:p>")}
    for name, pack in (("a.zip", zipped), ("b.tgz", tarred)):
        titles = [isinstance(item, Article) and item.title for item in read(archive, name, pack(members))]
        assert titles == ["Tea of the hills", "Tea of the plain"]


def test_a_wacz_file_is_read_without_its_indexes(archive: Archive) -> None:
    crawl = warc(("response", "https://a.example/tea", "text/html", b"<title>Tea</title><p>Tea of the hills"))
    members = {
        "archive/data.warc.gz": crawl,
        "pages/pages.jsonl": b'{"title": "Tea", "text": "x"}',
        "datapackage.json": b"{}",
    }
    (article,) = read(archive, "a.wacz", zipped(members))
    assert isinstance(article, Article)
    assert (article.title, article.url) == ("Tea", "https://a.example/tea")
