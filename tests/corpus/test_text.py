"""Plain text and Markdown: header lines, front matter and headings."""

import datetime as dt
from io import BytesIO

import pytest

from searchsvc.corpus import FieldMapper, read_file
from searchsvc.corpus.formats.front_matter import MAX_FRONT_MATTER
from searchsvc.corpus.formats.text import MAX_HEADERS, read_markdown, read_text
from searchsvc.corpus.metadata import DEFAULT_MAPPER
from searchsvc.errors import UserError
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
    ],
)
def test_header_lines(text: str, fields: dict[str, str]) -> None:
    (record,) = read_text(BytesIO(text.encode()), DEFAULT_MAPPER.field)
    assert record.fields == fields


def test_an_article_of_header_lines(archive: Archive) -> None:
    text = "Title: Tea\r\nDate: December 3, 2021\r\nPlace: Paris; Lyon\r\nmood: calm\r\n\r\nOne.\r\n\r\nTwo."
    article = read_one(archive, "a.txt", text)
    assert (article.title, article.date, article.place) == ("Tea", dt.date(2021, 12, 3), ("Paris", "Lyon"))
    assert (article.body, article.extra) == ("One.\n\nTwo.", {"mood": ("calm",)})


def test_header_lines_may_have_the_names_of_the_mapping(archive: Archive) -> None:
    archive.write({"a.txt": "Schlagzeile: Nebel\nRessort: Wetter\n\nEs bleibt grau."})
    mapper = FieldMapper((("Schlagzeile", "title"), ("Ressort", "section")))
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
    assert record.fields == fields


def test_an_article_of_markdown(archive: Archive) -> None:
    article = read_one(archive, "a.md", "---\ntags: [a, b]\ndate: 2022-12-01\n---\n# Tea\n\n## Part\n\nText.\n")
    assert (article.title, article.tag, article.date) == ("Tea", ("a", "b"), dt.date(2022, 12, 1))
    assert article.body == "Part\n\nText."


@pytest.mark.parametrize("front_matter", ["---\na: [\n---", "+++\na =\n+++", "---\n- a\n---"])
def test_broken_front_matter_is_rejected(front_matter: str) -> None:
    with pytest.raises(UserError, match="has front matter that is not"):
        list(read_markdown(BytesIO(f"{front_matter}\nText.".encode()), DEFAULT_MAPPER.field))


@pytest.mark.parametrize(
    ("front_matter", "reason"),
    [
        ("---\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n---", "aliases are not supported"),
        ("---\na: &a b\n? *a\n: c\n---", "aliases are not supported"),
        (f"---\na: {'[' * 30_000}\n---", "nested too deeply"),
        (f"+++\na = {'[' * 30_000}\n+++", "nested too deeply"),
        (f"+++\n{'a.' * 20_000}b = 1\n+++", "a key of more than 100 parts"),
        (f"+++\n[{'a . ' * 10_000}b]\n+++", "a key of more than 100 parts"),
        ("+++\n" + "'a'." * 10_000 + '"a" = 1\n+++', "a key of more than 100 parts"),
        (f"---\na: {'x' * MAX_FRONT_MATTER}\n---", "more than 64 KiB"),
    ],
)
def test_front_matter_that_would_take_much_memory_is_rejected(front_matter: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        list(read_markdown(BytesIO(f"{front_matter}\nText.".encode()), DEFAULT_MAPPER.field))


def test_front_matter_may_have_anchors_and_dotted_keys() -> None:
    for text in ("---\ntitle: &t Tea\n---\nText.", "+++\ntitle = 'Tea'\na.b.c = 'a. b. c.'\n+++\nText."):
        (record,) = read_markdown(BytesIO(text.encode()), DEFAULT_MAPPER.field)
        assert record.fields["title"] == "Tea"


def test_further_header_lines_are_text() -> None:
    lines = [f"k{number}: v" for number in range(MAX_HEADERS + 1)]
    (record,) = read_text(BytesIO("\n".join(["Title: Tea", *lines]).encode()), DEFAULT_MAPPER.field)
    assert len(record.fields) == MAX_HEADERS + 1
    assert record.fields["body"] == f"k{MAX_HEADERS - 1}: v\nk{MAX_HEADERS}: v"
