"""Files into articles: every format, the usual names, wire copy, and files that cannot be read."""

import bz2
import datetime as dt
import gzip
import io
import json
import lzma
import os
import re
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.config import load_settings
from searchsvc.corpus import ExtractedArticle, FieldMapper, FileReader, ReadFailure, walk
from searchsvc.corpus.decoding import paragraphs
from searchsvc.corpus.formats.boilerplate import without_boilerplate
from searchsvc.corpus.metadata.datelines import dateline, first_sentence
from searchsvc.corpus.metadata.dates import parse_date
from searchsvc.corpus.metadata.field_mapping import FIELD_ALIASES, NoTextError, extract_article
from searchsvc.corpus.reader import SUFFIXES, Item
from searchsvc.errors import UserError
from searchsvc.indexer.reindex import reindex
from searchsvc.model.article import Article
from tests.conftest import Archive


def read(archive: Archive, name: str, content: str | bytes) -> list[Item]:
    archive.write({name: content})
    return list(FileReader(archive.corpus / name, name))


def one(archive: Archive, name: str, content: str | bytes) -> Article:
    (found,) = read(archive, name, content)
    assert isinstance(found, Article), found
    return found


WIRE = (
    " date 2022-12-23 New Delhi [India], December 23 (ANI): India and Russia held a meeting in the U.S. on Friday. "
    "Both were pleased.\n\n\n\nThe second paragraph."
)


def test_wire_copy(archive: Archive) -> None:
    article = one(archive, "wire.txt", WIRE)
    assert article.date == dt.date(2022, 12, 23)
    assert (article.place, article.source) == (("New Delhi", "India"), "ANI")
    assert article.title == "India and Russia held a meeting in the U.S. on Friday."
    assert article.body.startswith("New Delhi [India], December 23 (ANI): India")
    assert article.body.endswith("\n\nThe second paragraph.")
    assert article.id == article.path == "wire.txt"


def test_a_real_wire_article(data: Path) -> None:
    (name,) = [path.name for path in (data / "seed").iterdir()]
    (article,) = FileReader(data / "seed" / name, name)
    assert isinstance(article, Article)
    assert (article.date, article.place, article.source) == (dt.date(2022, 12, 23), ("New Delhi", "India"), "ANI")
    assert article.title.startswith("India and Russia held a working group meeting on modernization")


@pytest.mark.parametrize(
    ("text", "places", "agency"),
    [
        ("New Delhi [India], December 23 (ANI): India", ("New Delhi", "India"), "ANI"),
        ("LONDON (Reuters) - The pound", ("London",), "Reuters"),
        ("WASHINGTON, Feb 26 - The House", ("Washington",), ""),
        ("PARIS, 3 mars (AFP) - Le", ("Paris",), "AFP"),
        ("SAO PAULO, Brazil, March 3 (AP) -- A", ("Sao Paulo", "Brazil"), "AP"),
        ("RIO DE JANEIRO (AP) — Two", ("Rio de Janeiro",), "AP"),
        ("SAN MATEO, Calif., March 2 - The", ("San Mateo", "California"), ""),
        ("WASHINGTON, D.C., March 2 - The", ("Washington",), ""),
        ("CANTON, N.Y. (AP) — A", ("Canton", "New York"), "AP"),
        ("New Delhi, Dec 23 (PTI) The", ("New Delhi",), "PTI"),
        ("BEIJING, Dec. 23 (Xinhua) -- China", ("Beijing",), "Xinhua"),
        ("MOSCOW, December 23. /TASS/. Russia", ("Moscow",), "TASS"),
        ("MOSCOW. Dec 23 (Interfax) - Russia", ("Moscow",), "Interfax"),
        ("Madrid, 23 dic (EFE).- El", ("Madrid",), "EFE"),
        ("Berlin (dpa) - Der", ("Berlin",), "dpa"),
    ],
)
def test_datelines(text: str, places: tuple[str, ...], agency: str) -> None:
    found = dateline(text)
    assert found is not None
    assert (found.places, found.agency) == (places, agency)
    assert found.length == text.rindex(" ") + 1 or text[found.length :][:1].isupper()


@pytest.mark.parametrize(
    "text",
    [
        "Update: the match is over",
        "Paris - a city",
        "He said (Smith): no",
        "Note, March 3: x",
        "",
        "IBM: shares fell",
        "NASA - x",
        "Photo (AP) - A dog",
        "Jane Smith (AP) - A dog",
        "NEW YORK (CBS) A man",
        "In Berlin, March 3 (Monday) the",
        "COCOA OPEN POSITION (REVISED) - APR",
    ],
)
def test_what_is_not_a_dateline_is_left_alone(text: str) -> None:
    assert dateline(text) is None


def test_header_lines_may_have_the_names_of_the_mapping(archive: Archive) -> None:
    archive.write({"a.txt": "Schlagzeile: Nebel\nRessort: Wetter\n\nEs bleibt grau."})
    names = FieldMapper((("Schlagzeile", "title"), ("Ressort", "section")))
    (article,) = FileReader(archive.corpus / "a.txt", "a.txt", names)
    assert isinstance(article, Article)
    assert (article.title, article.section, article.body) == ("Nebel", "Wetter", "Es bleibt grau.")


def test_the_credit_at_the_end_names_the_agency(archive: Archive) -> None:
    archive.write({"a.txt": "It rained in the hills.\n\nMore rain is expected. (ANI)", "b.txt": "He works there (NASA)"})
    articles = [*FileReader(archive.corpus / "a.txt", "a.txt"), *FileReader(archive.corpus / "b.txt", "b.txt")]
    assert [article.source for article in articles if isinstance(article, Article)] == ["ANI", ""]


def test_header_lines(archive: Archive) -> None:
    article = one(
        archive, "a.txt", "Title: Tea\r\nDate: December 3, 2021\r\nPlace: Paris; Lyon\r\nmood: calm\r\n\r\nOne.\r\n\r\nTwo."
    )
    assert (article.title, article.date, article.place) == ("Tea", dt.date(2021, 12, 3), ("Paris", "Lyon"))
    assert (article.body, article.extra) == ("One.\n\nTwo.", {"mood": ("calm",)})
    assert one(archive, "b.txt", "Remember: this is text.\n\nYes.").body.startswith("Remember:")


def test_markdown(archive: Archive) -> None:
    text = "---\ntitle: 'Tea: a story'\ndate: 2022-12-01\ntags: [a, b]\nversion: 1.10\n---\n## Part\n\nSome *text*, [linked](http://x).\n"
    article = one(archive, "a.md", text)
    assert (article.title, article.tag, article.extra) == ("Tea: a story", ("a", "b"), {"version": ("1.10",)})
    assert article.body == "Part\n\nSome text, linked."
    toml = one(archive, "b.md", "+++\ndate = 2022-12-01\n+++\n# Heading\n\nText <script>alert(1)</script>here.")
    assert (toml.title, toml.date, toml.body) == ("Heading", dt.date(2022, 12, 1), "Text here.")


HTML = """<html lang="en-GB"><head><title>Tea | Courier</title>
<link rel="canonical" href="https://courier.example/tea"><meta property="og:site_name" content="Courier">
<script type="application/ld+json">{"@graph": [{"@type": ["NewsArticle"], "headline": "Tea &amp; more",
"datePublished": "2022-12-23T23:30:00-05:00", "author": [{"name": "Jane Smith"}, {"name": "Bo Li"}], "keywords":
"tea, trade", "articleSection": "Business", "contentLocation": {"name": "Delhi"}}]}</script></head><body>
<nav><a href="/">Home</a> <a href="/s">Subscribe now</a></nav><article><h1>Tea &amp; more</h1>
<p>The harvest of the hills has never been larger, the growers said on Friday, and never later.</p>
<p>Buyers from nine countries had come to see it, and most of them stayed for a second cup of it.</p></article>
<footer>Cookies and imprint</footer></body></html>"""


def test_html_pages(archive: Archive) -> None:
    article = one(archive, "page.html", HTML)
    assert (article.title, article.author, article.source) == ("Tea & more", ("Jane Smith", "Bo Li"), "Courier")
    assert (article.section, article.tag, article.place, article.language) == (
        "Business",
        ("tea", "trade"),
        ("Delhi",),
        "en",
    )
    assert article.date == dt.date(2022, 12, 23), "the day as the publisher wrote it"
    assert article.published == dt.datetime(2022, 12, 24, 4, 30, tzinfo=dt.UTC)
    assert article.body.startswith("The harvest")
    assert "Subscribe" not in article.body
    assert "Cookies" not in article.body
    assert article.id == "https://courier.example/tea"


def test_json_csv_and_jsonl(archive: Archive) -> None:
    rows = [{"headline": "H", "content": "<p>B &amp; b</p><p>c</p>", "geo": {"lat": 1.5}, "n": [1, True, None], "": "e"}]
    (listed,) = read(archive, "a.json", json.dumps({"articles": rows, "total": 1}))
    assert isinstance(listed, Article)
    assert (listed.title, listed.body, listed.id) == ("H", "B & b\n\nc", "a.json#1")
    assert listed.extra == {"geo.lat": ("1.5",), "n": ("1", "true"), "_": ("e",)}
    found = read(archive, "b.csv", "Title;Text;Pub Date\n'A';\"x; y\nz\";24 Dec 2021\n;;\nB\n1;2;3;4\n")
    assert [(a.title, a.date) for a in found if isinstance(a, Article)] == [("'A'", dt.date(2021, 12, 24)), ("B", None)]
    assert found[-1] == ReadFailure("b.csv#3", "has 4 values for 3 columns")
    assert [type(a).__name__ for a in read(archive, "c.jsonl", '{"title":"x"}\n\n{bad\n[1]\n{"y":1}\n')] == ["Article"] + [
        "ReadFailure"
    ] * 3


@pytest.mark.parametrize(("suffix", "compress"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)])
def test_compressed_files(archive: Archive, suffix: str, compress: "type[bytes]") -> None:
    packed = compress(b'{"title": "x"}\n' * 3)
    assert len(read(archive, f"a.jsonl{suffix}", packed)) == 3
    assert isinstance(read(archive, f"b.jsonl{suffix}", packed[:-6])[-1], ReadFailure)


@pytest.mark.parametrize("field", FIELD_ALIASES)
def test_usual_names_are_found_however_they_are_written(field: str) -> None:
    for name in FIELD_ALIASES[field]:
        for written in (name, name.upper(), name.replace("_", " ").title(), name.replace("_", "-")):
            other = {"body": "text"} if field == "title" else {"headline": "t"}
            article = extract_article(other | {written: "2022-12-23"}, "p", "p").article
            assert str(getattr(article, field)).strip("(',)") == "2022-12-23", written
            assert not article.extra


def test_nothing_is_thrown_away() -> None:
    record = {
        "title": "t",
        "text": "b",
        "date": "soon",
        "published": "2022-01-02",
        "topics": ["x"],
        "section": {"a": {"b": 1}},
    }
    article = extract_article(record, "p", "p").article
    assert article.date == dt.date(2022, 1, 2)
    assert article.extra == {"date": ("soon",), "topics": ("x",), "x_section.a.b": ("1",)}


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("By Jane Smith and Bo Li", ("Jane Smith", "Bo Li")),
        ("Jane Smith, Bo Li", ("Jane Smith", "Bo Li")),
        ("Smith, Jane", ("Smith, Jane",)),
        ([{"name": "A"}, "B"], ("A", "B")),
        ("", ()),
    ],
)
def test_authors(value: object, names: tuple[str, ...]) -> None:
    assert extract_article({"title": "t", "author": value}, "p", "p").article.author == names


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2022-12-23", "2022-12-23"),
        ("2022-12-23T23:30:00-05:00", "2022-12-23"),
        ("Fri, 23 Dec 2022 23:30:00 -0500", "2022-12-23"),
        ("December 23, 2022", "2022-12-23"),
        ("23.12.2022", "2022-12-23"),
        ("9/6/17", "2017-09-06"),
        ("20221223", "2022-12-23"),
        (1671800000, "2022-12-23"),
        (1671800000000, "2022-12-23"),
        ("0001-01-01", None),
        ("31 February", None),
        ("2022-02-31", None),
        ("soon", None),
        ("10", None),
        ("March", None),
        (2022, None),
        (float("nan"), None),
        (True, None),
        ("9" * 90, None),
    ],
)
def test_dates(value: object, date: str | None) -> None:
    when = parse_date(value)
    assert (str(when.date) if when else None) == date


@given(st.text(max_size=60) | st.floats() | st.integers() | st.none() | st.lists(st.integers()))
def test_no_value_breaks_the_reading_of_dates(value: object) -> None:
    when = parse_date(value)
    assert when is None or when.published is None or when.published.tzinfo is not None


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "title", "x", ""]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*FIELD_ALIASES, "headline", "x", "x.y", ""]), _json, max_size=8))
def test_any_record_gives_an_article_or_has_no_text(record: dict[str, object]) -> None:
    try:
        article = extract_article(record, "p", "p").article
    except NoTextError:
        return
    assert article.title
    assert article.id
    assert all(all(values) for values in article.extra.values())


def test_paragraphs() -> None:
    assert paragraphs("a \r\n\r\n\r\nb") == "a\n\nb"
    assert paragraphs("One line\nwrapped.\n    Next one\nwrapped.") == "One line\nwrapped.\n\nNext one\nwrapped."
    assert paragraphs(f"{'x' * 300}\n{'y' * 300}").count("\n\n") == 1


def test_first_sentence() -> None:
    assert first_sentence("Mr. Smith went. Home") == "Mr. Smith went." or first_sentence("Mr. Smith went. Home") == "Mr."
    assert first_sentence("盐沼的电站开始发电。鱼") == "盐沼的电站开始发电。"
    assert len(first_sentence("word " * 500)) <= 303
    assert first_sentence("  ") == ""


BROKEN = {
    "empty.txt": (b"", "is empty"),
    "empty.warc.gz": (b"", "is empty"),
    "blank.txt": (b" \n\n", "has no text"),
    "binary.txt": (b"\x00\x01\x02", "NUL bytes"),
    "not.gz.txt.gz": (b"no", "cannot be read"),
    "bad.json": (b'{"a": ', "is not JSON"),
    "deep.json": (b"[" * 10_000, "is not JSON"),
    "scalar.json": (b"3", "neither an object nor a list"),
    "front.md": (b"---\na: [\n---\nx", "front matter"),
    "list.md": (b"---\n- a\n---\nx", "front matter"),
    "columns.csv": (b"", "is empty"),
    "huge.txt": (b"a " * 6_000_000, "larger than 10 MiB"),
    "bomb.txt.gz": (gzip.compress(b"a" * 50_000_000), "larger than 10 MiB"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_say_why(archive: Archive, name: str) -> None:
    content, reason = BROKEN[name]
    (failure,) = read(archive, name, content)
    assert isinstance(failure, ReadFailure)
    assert reason in failure.reason


def test_encodings(archive: Archive) -> None:
    text = "Les élèves ont déjà dîné à l’hôtel, où l’on fête Noël. " * 5
    for number, encoding in enumerate(["utf-8", "utf-8-sig", "utf-16", "cp1252"]):
        assert one(archive, f"{number}.txt", text.encode(encoding)).body == text.strip(), encoding
    lone = one(archive, "lone.jsonl", b'{"title": "a\\u0000b", "text": "x\\u200by"}')
    assert lone.title == "a b"


def test_walk_leaves_out_what_is_not_to_be_read(archive: Archive, tmp_path: Path) -> None:
    archive.write({"b/x.txt": "x", "a.txt": "x", ".hidden.txt": "x", ".git/x.txt": "x", "x.exe": "x", "x.csv.xz": "x"})
    (tmp_path / "secret.txt").write_text("x")
    (archive.corpus / "out.txt").symlink_to(tmp_path / "secret.txt")
    (archive.corpus / "in.txt").symlink_to(archive.corpus / "a.txt")
    (archive.corpus / "loop").symlink_to(archive.corpus)
    (archive.corpus / "dead.txt").symlink_to("nowhere")
    os.mkfifo(archive.corpus / "pipe.txt")
    assert [source.path for source in walk(archive.corpus)] == ["a.txt", "in.txt", "x.csv.xz", "b/x.txt"]


def test_names_that_are_no_text_are_read_and_shown_escaped(archive: Archive) -> None:
    for name in (b"bad\xff.txt", b"two\nlines.txt", "ünïcode.txt".encode()):
        (Path(os.fsdecode(os.fsencode(archive.corpus) + b"/" + name))).write_text("Title: x\n\ny")
    sources = list(walk(archive.corpus))
    assert {source.path for source in sources} == {"bad%FF.txt", "two%0Alines.txt", "ünïcode.txt"}
    assert all(isinstance(article, Article) for source in sources for article in FileReader(source.file, source.path))
    assert archive.service().live().info.articles == 3


@given(st.binary(max_size=300) | st.integers(0, len(HTML)).map(lambda end: HTML[:end].encode()), st.sampled_from(SUFFIXES))
def test_whatever_a_file_holds_reading_it_never_raises(content: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"x{suffix}"
        file.write_bytes(content)
        assert all(isinstance(item, Article | ReadFailure) for item in FileReader(file, file.name))


def test_a_missing_corpus_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist: make it, or name another with --corpus"):
        list(walk(tmp_path / "none"))


RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>The Courier</title><language>en-gb</language>
<item><title>Tea &amp;amp; milk</title><link>https://courier.example/1</link><guid>g1</guid>
<dc:creator>Jane Smith</dc:creator>
<pubDate>Fri, 23 Dec 2022 23:30:00 -0500</pubDate><category>Trade</category><category>Tea</category>
<description>Short.</description>
<content:encoded><![CDATA[<p>The whole <b>story</b>.</p><p>Its end.</p>]]></content:encoded></item>
<item><title>Second</title><link>https://courier.example/2</link></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title>Le Courrier</title>
<entry><id>tag:x,1</id><title type="html">Thé</title><published>2022-12-01T10:00:00Z</published>
<updated>2023-01-01T00:00:00Z</updated>
<link rel="self" href="https://c.example/self"/><link href="https://c.example/1"/><author><name>Ève</name></author>
<category term="thé"/><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Un.</p><p>Deux.</p></div></content></entry></feed>"""


def test_feeds(archive: Archive) -> None:
    first, second = read(archive, "feed.xml", RSS)
    assert isinstance(first, Article)
    assert (first.id, first.title, first.url) == ("g1", "Tea & milk", "https://courier.example/1")
    assert (first.date, first.author, first.tag) == (dt.date(2022, 12, 23), ("Jane Smith",), ("Trade", "Tea"))
    assert (first.source, first.language, first.body) == ("The Courier", "en", "The whole story.\n\nIts end.")
    assert isinstance(second, Article)
    assert second.id == "https://courier.example/2"
    atom = one(archive, "feed.atom", ATOM)
    assert (atom.id, atom.title, atom.url, atom.author) == ("tag:x,1", "Thé", "https://c.example/1", ("Ève",))
    assert (atom.body, atom.date, atom.tag, atom.language) == ("Un.\n\nDeux.", dt.date(2022, 12, 1), ("thé",), "fr")
    assert atom.extra == {"updated": ("2023-01-01T00:00:00Z",)}


def test_feeds_that_are_none(archive: Archive) -> None:
    for content, reason in {
        "<urlset><url/></urlset>": "is XML, but neither an RSS nor an Atom feed",
        " ": "not well formed",
    }.items():
        (found,) = read(archive, "feed.xml", content)
        assert isinstance(found, ReadFailure)
        assert reason in found.reason, found.reason


def test_entities_of_feeds_stay_what_they_are(archive: Archive) -> None:
    ten = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    file = '<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    for head, name in ((f'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{ten}]>', "j"), (file, "f")):
        article = one(archive, "feed.xml", f"{head}<rss><channel><item><title>T &{name};</title></item></channel></rss>")
        assert article.title in ("T", f"T &{name};")


def _warc(*records: tuple[str, str, str, bytes]) -> bytes:
    """A crawl: kind, address, type and content of each record."""
    return b"".join(gzip.compress(_record(*record)) for record in records)


def _record(kind: str, url: str, content_type: str, content: bytes) -> bytes:
    if kind == "response":
        content = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n\r\n".encode() + content
        content_type = "application/http; msgtype=response"
    head = {"WARC-Type": kind, "WARC-Target-URI": url, "WARC-Date": "2023-01-01T00:00:00Z", "Content-Type": content_type}
    lines = [f"{name}: {value}" for name, value in (head | {"Content-Length": str(len(content))}).items()]
    return "\r\n".join(["WARC/1.0", *lines, "", ""]).encode() + content + b"\r\n\r\n"


def test_web_crawls(archive: Archive) -> None:
    content = _warc(
        ("response", "https://courier.example/x.png", "image/png", b"\x89PNG"),
        ("response", "https://courier.example/tea?from=crawl", "text/html; charset=utf-8", HTML.encode()),
        (
            "response",
            "https://courier.example/plain",
            "text/html",
            b"<p>Plain page about a harvest of tea and of milk.</p>",
        ),
        ("conversion", "https://courier.example/text", "text/plain", b"Text of a page." * 20),
    )
    first, second, third = read(archive, "crawl.warc.gz", content)
    assert isinstance(first, Article)
    assert (first.id, first.title, first.date) == ("https://courier.example/tea", "Tea & more", dt.date(2022, 12, 23))
    assert list(first.extra) == ["crawled"]
    item = next(FileReader(archive.corpus / "crawl.warc.gz", "crawl.warc.gz").extracted())
    assert isinstance(item, ExtractedArticle)
    assert item.reasons["title"] == "JSON-LD headline"
    assert isinstance(second, Article)
    assert (second.url, second.date) == ("https://courier.example/plain", None)
    assert isinstance(third, Article)
    assert third.body == "Text of a page." * 20
    *whole, broken = read(archive, "broken.warc.gz", content[:-15])
    assert whole == [replace(first, path="broken.warc.gz"), replace(second, path="broken.warc.gz")]
    assert isinstance(broken, ReadFailure)
    assert "breaks off" in broken.reason
    (none,) = read(archive, "none.warc", b"no crawl at all")
    assert isinstance(none, ReadFailure)
    assert "is not a WARC file" in none.reason


def _zip(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return stream.getvalue()


def _tar(members: dict[str, bytes]) -> bytes:
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


@pytest.mark.parametrize(("name", "packed"), [("news.zip", _zip), ("news.tar.gz", _tar), ("news.tgz", _tar)])
def test_archives_of_many_files(archive: Archive, name: str, packed: Callable[[dict[str, bytes]], bytes]) -> None:
    members = {
        "a/one.txt": b"Title: One\n\nx",
        "../../out.txt": b"Title: Out\n\nx",
        "two.jsonl.gz": gzip.compress(b'{"id": "2", "title": "Two"}\n{"title": ""}\n'),
        ".hidden/x.txt": b"x",
        "photo.jpg": b"x",
        "inner.zip": _zip({}),
        "bad.json": b"{",
    }
    found = read(archive, name, packed(members))
    articles = [(each.id, each.title) for each in found if isinstance(each, Article)]
    assert articles == [(f"{name}/a/one.txt", "One"), (f"{name}/out.txt", "Out"), ("2", "Two")]
    failures = {each.path: each.reason for each in found if isinstance(each, ReadFailure)}
    assert failures.keys() == {f"{name}/two.jsonl.gz#2", f"{name}/inner.zip", f"{name}/bad.json"}
    assert "archive inside an archive" in failures[f"{name}/inner.zip"]


def test_broken_archives_say_why(archive: Archive) -> None:
    whole = _zip({"a.txt": b"Title: One\n\nx", "b.txt": b"0" * 11 * 2**20})
    for name, content, reason in (
        ("a.zip", whole[:60], "not well formed: BadZipFile"),
        ("b.zip", whole, "is larger than 10 MiB"),
        ("c.tar", b"no tar", "not well formed: ReadError"),
        ("d.tgz", _tar({"a.txt": b"x" * 10_000})[:80], "cannot be read"),
    ):
        assert any(isinstance(each, ReadFailure) and reason in each.reason for each in read(archive, name, content)), name


def test_a_mapping_goes_before_the_usual_names(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "searchsvc.toml").write_text(
        '[mapping]\ntitle = "Überschrift"\ndate = ["erschienen", "day"]\nbody = "alt text"\n'
    )
    settings = load_settings({}, tmp_path / "searchsvc.toml")
    archive.write(
        {"a.json": '{"title": "No", "überschrift": "Yes", "day": "2020-01-02", "date": "2021-01-02", "Alt-Text": "t"}'}
    )
    (article,) = FileReader(archive.corpus / "a.json", "a.json", FieldMapper(settings.mapping))
    assert isinstance(article, Article)
    assert (article.title, article.date, article.body) == ("Yes", dt.date(2020, 1, 2), "t")
    assert article.extra == {"title": ("No",), "date": ("2021-01-02",)}


def test_another_mapping_reads_everything_anew(archive: Archive) -> None:
    archive.write({"a.csv": "Titel,x\nOne,1\n"})
    assert len(reindex(archive.settings).failures) == 1
    mapped = replace(archive.settings, mapping=(("Titel", "title"),))
    report = reindex(mapped)
    assert (report.full, report.articles) == ("the mapping has changed", 1)
    assert not reindex(mapped).published


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        ("mapping = 1", "has to be a table"),
        ("[mapping]\ntitel = 'x'", "has no field “titel”"),
        ("[mapping]\ntitle = [1]", "has to be a name"),
    ],
)
def test_mappings_that_cannot_be(tmp_path: Path, toml: str, reason: str) -> None:
    (tmp_path / "searchsvc.toml").write_text(toml)
    with pytest.raises(UserError, match=re.escape(reason)):
        load_settings({}, tmp_path / "searchsvc.toml")


def test_each_field_says_where_it_was_found(archive: Archive) -> None:
    archive.write({"page.html": HTML, "wire.txt": WIRE})
    (page,) = FileReader(archive.corpus / "page.html", "page.html").extracted()
    assert isinstance(page, ExtractedArticle)
    found = ("JSON-LD headline", "<link rel=canonical>", "<meta og:site_name>", "<html lang>", "the main text of the page")
    assert tuple(page.reasons[name] for name in ("title", "url", "source", "language", "body")) == found
    (wire,) = FileReader(archive.corpus / "wire.txt", "wire.txt").extracted()
    assert isinstance(wire, ExtractedArticle)
    assert (wire.reasons["place"], wire.reasons["title"]) == ("the dateline", "the first sentence")
    assert wire.reasons["date"] == "a date line at the head of the text"


def test_names_of_a_mapping_may_be_of_any_script(archive: Archive) -> None:
    archive.write({"a.json": '{"标题": "T", "正文": "B"}'})
    (article,) = FileReader(archive.corpus / "a.json", "a.json", FieldMapper((("标题", "title"), ("正文", "body"))))
    assert isinstance(article, Article)
    assert (article.title, article.body, article.extra) == ("T", "B", {})


BOILERPLATE = (
    "Subscribe to the Morning Review newsletter",
    "Follow us on Twitter and Facebook.",
    "Get the day's top headlines delivered to your inbox every morning.",
    "Related: The 15 Weirdest Galaxies in Our Universe",
    "Have a tip? Amy may be reached at amy@courier.example.",
    "Tempo de leitura: 1 minuto",
    "Read more...",
    "CLICK HERE TO GET THE COURIER APP",
    "___",
    "https://courier.example/2019/11/tea",
)
PROSE = (
    "Follow the river on its way to the sea and you will find the village where she was born.",
    "More than nine hundred people came.",
    "Related species live in the hills to the north of it, and the growers know them all by name.",
    "Also on the table was a second treaty.",
    "Subscribers of the library paid four crowns a year, which was more than most of them earned in a week at the harbour, "
    "and so the reading room stayed empty until the war, when it became the warmest place in town and was full.",
    "FRANCE WINS",
    "“Sign the treaty,” he said.",
)


def test_what_sites_put_around_articles_is_left_out_and_prose_is_not() -> None:
    assert list(without_boilerplate(list(BOILERPLATE), "Tea")) == []
    assert list(without_boilerplate(list(PROSE), "Tea")) == list(PROSE)


def test_lists_of_other_articles_end_where_prose_goes_on() -> None:
    lines = [
        "Text.",
        "You may also like...",
        "Who will win?",
        "Nine things about tea",
        "The text goes on. It does.",
        "End.",
    ]
    assert list(without_boilerplate(lines, "Tea")) == ["Text.", "The text goes on. It does.", "End."]
    assert list(without_boilerplate(["A story of tea.", "Text.", "A story of tea."], "A Story of Tea")) == [
        "Text.",
        "A story of tea.",
    ]


@pytest.mark.parametrize(
    ("published", "address", "day"),
    [
        ("2023-11-09T01:12:00Z", "https://x.example/2023/11/08/mayor/", "2023-11-08"),
        ("2023-11-08T18:00:00+00:00", "https://x.example/2023/11/09/mayor/", "2023-11-09"),
        ("2023-11-09T15:00:00Z", "https://x.example/2023/11/08/mayor/", "2023-11-09"),
        ("2023-11-09T01:12:00+01:00", "https://x.example/2023/11/08/mayor/", "2023-11-09"),
        ("2023-11-09T01:12:00Z", "https://x.example/2023/11/05/mayor/", "2023-11-09"),
        ("2023-11-09", "https://x.example/2023/11/08/mayor/", "2023-11-09"),
        ("2023-11-09T01:12:00Z", "https://x.example/2023/99/08/", "2023-11-09"),
    ],
)
def test_an_instant_in_utc_is_of_the_day_in_the_address(archive: Archive, published: str, address: str, day: str) -> None:
    html = HTML.replace("2022-12-23T23:30:00-05:00", published).replace("https://courier.example/tea", address)
    article = one(archive, "page.html", html)
    assert article.date == dt.date.fromisoformat(day)
    if "T" in published:
        assert article.published is not None
        assert article.published.isoformat() == dt.datetime.fromisoformat(published).isoformat()


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("deep.html", "<html><body>" + "<div>" * 100_000 + "tea" + "</div>" * 100_000),
        ("tables.html", "<table><tr><td>" * 20_000 + "tea"),
        ("attributes.html", "<p " + " ".join(f"a{n}=1" for n in range(200_000)) + ">tea of the hills"),
        ("links.html", "<p>" + "<a href=x>tea</a>" * 200_000),
        ("scripts.html", "<p>tea</p>" + "<script" * 500_000),
        ("open.json", json.dumps({"title": "tea", "text": "<p " * 1_000_000})),
        (
            "feed.xml",
            f"<rss><item><title>tea</title><description>{'&lt;div&gt;' * 100_000}</description></item></rss>",
        ),
        ("json-ld.html", '<script type="application/ld+json">' + "[" * 100_000 + "</script><p>tea of the hills"),
    ],
)
def test_monstrous_files_take_no_minutes(archive: Archive, name: str, content: str) -> None:
    article = one(archive, name, content)
    assert "tea" in f"{article.title} {article.body}"
