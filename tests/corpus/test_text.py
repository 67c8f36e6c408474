"""Plain text and Markdown: header lines, front matter and headings."""

import datetime as dt
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from time import process_time
from typing import Any

import pytest

from searchsvc.corpus import FieldMapper, ReadNote, Record, read_file
from searchsvc.corpus.formats.front_matter import MAX_FRONT_MATTER
from searchsvc.corpus.formats.markdown import read_markdown
from searchsvc.corpus.formats.text import MAX_HEADERS, read_text
from searchsvc.corpus.metadata import DEFAULT_MAPPER
from searchsvc.indexer.reindex import reindex
from searchsvc.model.article import Article
from tests.conftest import Archive
from tests.corpus.reading import read_one


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("Title: Tea\nmood: calm\n\nOne.", {"Title": "Tea", "mood": "calm", "body": "\nOne."}),
        ("Remember: this is text.", {"body": "Remember: this is text."}),
        ("Title:no space", {"body": "Title:no space"}),
        ("One.\nTitle: Tea", {"body": "One.\nTitle: Tea"}),
        ("", {"body": ""}),
        ("Tag: tea\nTag: milk\nmood: a\nmood: b\n\nOne.", {"Tag": ["tea", "milk"], "mood": ["a", "b"], "body": "\nOne."}),
    ],
)
def test_header_lines(text: str, fields: dict[str, Any]) -> None:
    (record,) = read_text(BytesIO(text.encode()), DEFAULT_MAPPER.field)
    assert record.fields == fields


def test_an_article_of_header_lines(archive: Archive) -> None:
    text = "Title: Tea\r\nDate: December 3, 2021\r\nPlace: Paris; Lyon\r\nmood: calm\r\n\r\nOne.\r\n\r\nTwo."
    article = read_one(archive, "a.txt", text)
    assert (article.title, article.date, article.place) == ("Tea", dt.date(2021, 12, 3), ("Paris", "Lyon"))
    assert (article.body, article.extra) == ("One.\n\nTwo.", {"mood": ("calm",)})


@pytest.mark.parametrize("names", [("Schlagzeile", "Ressort"), ("शीर्षक", "अनुभाग"), ("כּוֹתֶרֶת", "मौसम")])
def test_header_lines_may_have_the_names_of_the_mapping(archive: Archive, names: tuple[str, str]) -> None:
    title, section = names
    archive.write({"a.txt": f"{title}: Nebel\n{section}: Wetter\n\nEs bleibt grau."})
    mapper = FieldMapper(((title, "title"), (section, "section")))
    (article,) = read_file(archive.corpus / "a.txt", "a.txt", mapper)
    assert isinstance(article, Article)
    assert (article.title, article.section, article.body) == ("Nebel", "Wetter", "Es bleibt grau.")


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("---\ntitle: 'Tea: a story'\n---\n# Part\n\nText.", {"title": "Tea: a story", "body": "Part\n\nText."}),
        ("---\nversion: 1.10\nno: no\n---\nText.", {"version": "1.10", "no": "no", "body": "Text."}),
        ("+++\ndate = 2022-12-01\n+++\n# Tea #\n\nText.", {"date": dt.date(2022, 12, 1), "title": "Tea", "body": "Text."}),
        ("Author: Jo\n\n# Tea\n\nText.", {"Author": "Jo", "title": "Tea", "body": "Text."}),
        ("Some *text*, [linked](http://x).", {"body": "Some text, linked."}),
        ("Text <script>alert(1)</script>here.", {"body": "Text here."}),
        ("| a | b |\n|---|---|\n| c | d |", {"body": "a\nb\n\nc\nd"}),
    ],
)
def test_markdown(text: str, fields: dict[str, object]) -> None:
    (record,) = read_markdown(BytesIO(text.encode()), DEFAULT_MAPPER.field)
    assert isinstance(record, Record)
    assert record.fields == fields


def test_an_article_of_markdown(archive: Archive) -> None:
    article = read_one(archive, "a.md", "---\ntags: [a, b]\ndate: 2022-12-01\n---\n# Tea\n\n## Part\n\nText.\n")
    assert (article.title, article.tag, article.date) == ("Tea", ("a", "b"), dt.date(2022, 12, 1))
    assert article.body == "Part\n\nText."


@pytest.mark.parametrize(
    ("front_matter", "fields"),
    [
        ("---\ntitle: Tea: a story\ntags: [a, b]\n---", {"title": "Tea: a story", "tags": ["a", "b"]}),
        ("---\ntitle: {{title}}\ndate: {{date:YYYY-MM-DD}}\nmood: calm\n---", {"mood": "calm"}),
        ("---\ntitle: <% tp.file.title %>\nx: [\n---", {"x": "["}),
        ("---\ntitle: Tea\ntags:\n\t- a\n\t- b\n---", {"title": "Tea", "tags": ["a", "b"]}),
        ("---\ntitle: 'Tea\ntags:\n  - a\n - b\n---", {"title": "Tea", "tags": ["a", "b"]}),
        ("---\ntitle: @tea\nauthor: Jo\n---", {"title": "@tea", "author": "Jo"}),
        ('---\ntitle: "Tea" and more\nnote: a\nstray\n---', {"title": 'Tea" and more', "note": "a stray"}),
        ("---\na: &a x\nb: *a\n---", {"a": "x", "b": "*a"}),
        ("+++\ntitle = Tea\ndate = 2022-12-01\n+++", {"title": "Tea", "date": dt.date(2022, 12, 1)}),
        ('{\n  "title": "Tea",\n  mood: calm\n}', {}),
    ],
)
def test_broken_front_matter_costs_no_text_and_is_noted(front_matter: str, fields: dict[str, Any]) -> None:
    record, *notes = read_markdown(BytesIO(f"{front_matter}\nText.".encode()), DEFAULT_MAPPER.field)
    assert isinstance(record, Record)
    assert str(record.fields["body"]).endswith("Text.")
    if fields:
        assert record.fields == {**fields, "body": "Text."}
        (note,) = notes
        assert isinstance(note, ReadNote)
        assert "front matter that is not well formed, read line by line" in note.text


@pytest.mark.parametrize(
    "text", ["---\n- a\n---\nText.", "---\nOnly text\n---\nText.", "---\nOnly [text\nx: y\n---\nText."]
)
def test_text_between_two_lines_is_text(text: str) -> None:
    (record,) = read_markdown(BytesIO(text.encode()), DEFAULT_MAPPER.field)
    assert isinstance(record, Record)
    assert set(record.fields) == {"body"}
    assert len(str(record.fields["body"])) > len("Text.")


@pytest.mark.slow
@pytest.mark.parametrize(
    "front_matter",
    [
        "---\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n---",
        f"---\na: {'[' * 30_000}\n---",
        f"+++\na = {'[' * 30_000}\n+++",
        f"+++\n{'a.' * 20_000}b = 1\n+++",
        f"+++\n[{'a . ' * 10_000}b]\n+++",
        "+++\n" + "'a'." * 10_000 + '"a" = 1\n+++',
        f"---\na: {'x' * MAX_FRONT_MATTER}\n---",
        "---\n" + "a: [\n" * 10_000 + "---",
    ],
)
def test_front_matter_that_would_take_much_memory_costs_no_text(front_matter: str) -> None:
    seconds, fields = read_timed(front_matter)
    assert str(fields["body"]).endswith("Text.")
    assert seconds < 6 * usual_seconds()


@cache
def usual_seconds() -> float:
    """Return the processor time that usual front matter of nearly the greatest length takes."""
    usual = "\n".join(f"a{number}: x" for number in range(6_000))
    return read_timed(f"---\n{usual}\n---")[0]


def read_timed(front_matter: str) -> tuple[float, Mapping[str, object]]:
    """Return the processor time that Markdown with this front matter takes, and its fields."""
    begun = process_time()
    record, *_ = read_markdown(BytesIO(f"{front_matter}\nText.".encode()), DEFAULT_MAPPER.field)
    assert isinstance(record, Record)
    return process_time() - begun, record.fields


def test_front_matter_without_an_end_is_read_as_header_lines() -> None:
    text = b"---\ntitle: Tea\ndate: 2021-03-05\n\nText."
    record, note = read_markdown(BytesIO(text), DEFAULT_MAPPER.field)
    assert isinstance(record, Record)
    assert record.fields == {"title": "Tea", "date": "2021-03-05", "body": "Text."}
    assert note == ReadNote("has front matter without an end, read as header lines")


def test_a_reindex_notes_broken_front_matter_and_keeps_the_note(archive: Archive) -> None:
    archive.write({"a.md": "---\ntitle: Tea: a story\n---\nIt grew."})
    report = reindex(archive.settings)
    assert (report.articles, report.failures) == (1, ())
    assert report.notes[0].startswith("a.md: has front matter that is not well formed")


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("---\ntitle: Tea\n...\n\nText.", {"title": "Tea"}),
        ("---\n---\nText.", {}),
        ("---\n# only a comment\n---\nText.", {}),
        ('{\n  "title": "Tea",\n  "tags": ["a"]\n}\n\nText.', {"title": "Tea", "tags": ["a"]}),
        ("title:: Tea\ntags:: a, b\n\nText.", {"title": "Tea", "tags": "a, b"}),
        ('---\ntitle: "{{title}}"\n---\nText.', {}),
        ('---\nauthor: "[[People/Jo|Jo]]"\nup: ["[[Tea]]"]\n---\nText.', {"author": "Jo", "up": ["Tea"]}),
        ("---\nlayout: post\ntags: tea hills\n---\nText.", {"layout": "post", "tags": ["tea", "hills"]}),
        ("---\ntags: tea hills\n---\nText.", {"tags": "tea hills"}),
        ("---\ntags: #tea #hills/high\n---\nText.", {"tags": ["tea", "hills/high"]}),
        ('---\ntags: ["#tea", hills]\n---\nText.', {"tags": ["tea", "hills"]}),
        ("---\ncolor: #fff\nnone: # a comment\n---\nText.", {"color": "#fff", "none": ""}),
        (
            "tags:: [[tea]], #hills, C#\ndate:: [[Mar 5th, 2021]]\n\nText.",
            {"tags": "tea, hills, C#", "date": "Mar 5th, 2021"},
        ),
        (
            "% Tea\n% Jane Smith; Bo Li\n% 5 March 2021\n\nText.",
            {"title": "Tea", "author": "Jane Smith; Bo Li", "date": "5 March 2021"},
        ),
        ("% Tea\n\nText.", {"title": "Tea"}),
    ],
)
def test_front_matter_as_programs_write_it(text: str, fields: dict[str, Any]) -> None:
    (record,) = read_markdown(BytesIO(text.encode()), DEFAULT_MAPPER.field)
    assert isinstance(record, Record)
    assert record.fields == {**fields, "body": "Text."}


def test_front_matter_may_have_anchors_and_dotted_keys() -> None:
    for text in ("---\ntitle: &t Tea\n---\nText.", "+++\ntitle = 'Tea'\na.b.c = 'a. b. c.'\n+++\nText."):
        (record,) = read_markdown(BytesIO(text.encode()), DEFAULT_MAPPER.field)
        assert isinstance(record, Record)
        assert record.fields["title"] == "Tea"


def test_further_header_lines_of_one_name_are_text() -> None:
    text = "Title: Tea\n" + "Note: v\n" * (MAX_HEADERS + 1)
    (record,) = read_text(BytesIO(text.encode()), DEFAULT_MAPPER.field)
    assert record.fields == {"Title": "Tea", "Note": ["v"] * (MAX_HEADERS - 1), "body": "Note: v\n" * 2}


def test_further_header_lines_are_text() -> None:
    lines = [f"k{number}: v" for number in range(MAX_HEADERS + 1)]
    (record,) = read_text(BytesIO("\n".join(["Title: Tea", *lines]).encode()), DEFAULT_MAPPER.field)
    assert len(record.fields) == MAX_HEADERS + 1
    assert record.fields["body"] == f"k{MAX_HEADERS - 1}: v\nk{MAX_HEADERS}: v"
