"""The file reader: compression, provenance, progress, and failures instead of errors, whatever a file holds."""

import bz2
import gzip
import json
import lzma
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.corpus import SUFFIXES, ExtractedArticle, FileReader, ReadFailure, read_file
from searchsvc.model.article import Article
from tests.conftest import Archive
from tests.corpus.reading import PAGE, read, read_one

WIRE = (
    " date 2022-12-23 New Delhi [India], December 23 (ANI): India and Russia held a meeting in the U.S. on Friday. "
    "Both were pleased.\n\n\n\nThe second paragraph."
)
BROKEN = {
    "empty.txt": (b"", "is empty"),
    "empty.warc.gz": (b"", "is empty"),
    "blank.txt": (b" \n\n", "has no text"),
    "binary.txt": (b"\x00\x01\x02", "NUL bytes"),
    "not.gz.txt.gz": (b"no", "cannot be read"),
    "bad.json": (b'{"a": ', "is not JSON"),
    "deep.json": (b"[" * 10_000, "is not JSON"),
    "scalar.json": (b"3", "is not a JSON object, nor a list"),
    "columns.csv": (b"", "is empty"),
    "huge.txt": (b"a " * 6_000_000, "larger than 10 MiB"),
    "bomb.txt.gz": (gzip.compress(b"a" * 50_000_000), "larger than 10 MiB"),
}


@pytest.mark.parametrize(("suffix", "compress"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)])
def test_compressed_files(archive: Archive, suffix: str, compress: Callable[[bytes], bytes]) -> None:
    packed = compress(b'{"title": "x"}\n' * 3)
    assert len(read(archive, f"a.jsonl{suffix}", packed)) == 3
    assert isinstance(read(archive, f"b.jsonl{suffix}", packed[:-6])[-1], ReadFailure)


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_say_why(archive: Archive, name: str) -> None:
    content, reason = BROKEN[name]
    (failure,) = read(archive, name, content)
    assert isinstance(failure, ReadFailure)
    assert reason in failure.reason
    assert failure.path == name
    assert not failure.transient


def test_failures_of_the_system_are_transient(tmp_path: Path) -> None:
    (failure,) = read_file(tmp_path / "gone.txt", "gone.txt")
    assert failure == ReadFailure("cannot be read: No such file or directory", "gone.txt", transient=True)


@given(st.binary(max_size=300) | st.integers(0, len(PAGE)).map(lambda end: PAGE[:end].encode()), st.sampled_from(SUFFIXES))
def test_reading_never_raises(content: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"x{suffix}"
        file.write_bytes(content)
        assert all(isinstance(item, Article | ReadFailure) for item in read_file(file, file.name))


@pytest.mark.timeout(20)
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("deep.html", "<html><body>" + "<div>" * 100_000 + "tea" + "</div>" * 100_000),
        ("tables.html", "<table><tr><td>" * 20_000 + "tea"),
        ("attributes.html", "<p " + " ".join(f"a{n}=1" for n in range(200_000)) + ">tea of the hills"),
        ("links.html", "<p>" + "<a href=x>tea</a>" * 200_000),
        ("scripts.html", "<p>tea</p>" + "<script" * 500_000),
        ("open.json", json.dumps({"title": "tea", "text": "<p " * 1_000_000})),
        ("feed.xml", f"<rss><item><title>tea</title><description>{'&lt;div&gt;' * 100_000}</description></item></rss>"),
        ("json-ld.html", '<script type="application/ld+json">' + "[" * 100_000 + "</script><p>tea of the hills"),
    ],
)
def test_monstrous_files_take_no_minutes(archive: Archive, name: str, content: str) -> None:
    article = read_one(archive, name, content)
    assert "tea" in f"{article.title} {article.body}"


def test_progress_is_counted_in_compressed_bytes(archive: Archive) -> None:
    packed = gzip.compress(b'{"title": "x"}\n' * 3)
    archive.write({"a.jsonl.gz": packed})
    reader = FileReader(archive.corpus / "a.jsonl.gz", "a.jsonl.gz")
    assert reader.bytes_read == 0
    items = iter(reader)
    assert next(items)
    assert reader.bytes_read == len(packed)


def test_each_field_has_its_provenance(archive: Archive) -> None:
    archive.write({"page.html": PAGE, "wire.txt": WIRE})
    (page,) = FileReader(archive.corpus / "page.html", "page.html").extracted()
    assert isinstance(page, ExtractedArticle)
    expected = (
        "JSON-LD headline",
        "<link rel=canonical>",
        "<meta og:site_name>",
        "<html lang>",
        "the main text of the page",
    )
    assert tuple(page.provenance[name] for name in ("title", "url", "source", "language", "body")) == expected
    (wire,) = FileReader(archive.corpus / "wire.txt", "wire.txt").extracted()
    assert isinstance(wire, ExtractedArticle)
    assert wire.provenance == {
        "id": "its path",
        "title": "the first sentence",
        "body": "“body”",
        "date": "a date line at the head of the text",
        "place": "the dateline",
        "source": "the dateline",
        "language": "the words of the text",
    }


def test_a_real_wire_article(data: Path) -> None:
    (file,) = (data / "seed").iterdir()
    (article,) = read_file(file, file.name)
    assert isinstance(article, Article)
    assert (str(article.date), article.place, article.source) == ("2022-12-23", ("New Delhi", "India"), "ANI")
    assert article.title.startswith("India and Russia held a working group meeting on modernization")


@pytest.mark.slow
@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("encoding", ["ascii", "utf-8", "cp1252", "utf-16"])
@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.csv"])
def test_records_in_front_of_damage_are_read(
    archive: Archive, name: str, encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    """Texts differ, so that they are not compressed into a single block, which cannot be unpacked in part."""
    chance = random.Random(3)
    titles = [f"{number} {chance.randbytes(30).hex()} {'Café' if encoding != 'ascii' else ''}" for number in range(20_000)]
    rows = [title if name == "a.csv" else f'{{"title": "{title}"}}' for title in titles]
    data = compress("\n".join([*(["title"] if name == "a.csv" else []), *rows]).encode(encoding))
    suffix = {gzip.compress: ".gz", bz2.compress: ".bz2", lzma.compress: ".xz"}[compress]
    items = read(archive, f"{name}{suffix}", data[: len(data) * 3 // 4])
    articles = [item for item in items if isinstance(item, Article)]
    assert [each.title for each in articles[:-1]] == [title.strip() for title in titles[: len(articles) - 1]]
    assert len(articles) > 5_000
    assert sum(isinstance(item, ReadFailure) for item in items) == 1
