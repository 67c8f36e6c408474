"""Exports as golden outputs: CSV that no spreadsheet executes, JSON Lines, and references in RIS."""

import csv
import datetime as dt
import io
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.api.exports import MAX_NAME_BYTES, csv_lines, export, file_name, json_lines, ris_records
from searchsvc.model.article import Article
from tests.api.example import question_of

INDIA = dt.timezone(dt.timedelta(hours=5, minutes=30))
TEA = Article(
    "a/1",
    "Tea & <cups>",
    "Green tea.\n\nBlack tea.",
    "a.jsonl",
    date=dt.date(2022, 12, 23),
    published=dt.datetime(2022, 12, 23, 10, tzinfo=INDIA),
    author=("Ann", "Bo"),
    source="ANI",
    section="Food",
    place=("India", "Peru"),
    tag=("tea", "cups"),
    language="en",
    url="https://a.example/1?x=1&y=2",
    extra={"mood": ("calm", "warm"), "page": ("7",)},
)
BARE = Article("b", "B", "", "b.txt")


def article(**changed: Any) -> Article:
    return Article(**{"id": "b", "title": "B", "body": "x", "path": "b.txt"} | changed)


# CSV

HEADER = "id,title,date,published,url,path,section,source,place,author,tag,language"


def test_csv_without_articles_is_a_header() -> None:
    assert list(csv_lines([], [])) == [f"{HEADER},body\r\n"]


def test_an_article_in_full_as_csv() -> None:
    assert list(csv_lines([TEA, BARE], ["mood", "page"])) == [
        f"{HEADER},mood,page,body\r\n",
        "a/1,Tea & <cups>,2022-12-23,2022-12-23 10:00:00+05:30,https://a.example/1?x=1&y=2,a.jsonl,Food,ANI,India; Peru,"
        'Ann; Bo,tea; cups,en,calm; warm,7,"Green tea.\n\nBlack tea."\r\n',
        "b,B,,,,b.txt,,,,,,,,,\r\n",
    ]


def test_a_byte_order_mark_comes_first_if_asked_for() -> None:
    plain, marked = (b"".join(export([BARE], "csv", [], bom=bom)) for bom in (False, True))
    assert plain.startswith(b"id,title")
    assert marked == b"\xef\xbb\xbf" + plain


CELLS = {
    "commas": ("a, b", '"a, b"'),
    "quotation marks": ('the "b"', '"the ""b"""'),
    "a line break": ("a\nb", '"a\nb"'),
    "a carriage return": ("a\rb", '"a\rb"'),
    "surrounding spaces": (" a ", " a "),
    "semicolons": ("a; b", "a; b"),
    "other scripts": ("तेल, 油", '"तेल, 油"'),
    "nothing": ("", ""),
    "a number": ("007", "007"),
    "a formula": ("=1+1", "'=1+1"),
    "a formula that begins with plus": ("+1", "'+1"),
    "a formula that begins with minus": ("-1", "'-1"),
    "a formula that begins with @": ("@SUM(A1)", "'@SUM(A1)"),
    "a formula after a tab": ("\t=1", "'\t=1"),
    "a formula after a carriage return": ("\r=1", '"\'\r=1"'),
    "a formula with quotation marks": ('=HYPERLINK("http://x")', '"\'=HYPERLINK(""http://x"")"'),
    "an apostrophe of its own": ("'=1", "'=1"),
    "signs inside a text": ("a=b+c-d@e", "a=b+c-d@e"),
}


@pytest.mark.parametrize(("text", "cell"), CELLS.values(), ids=CELLS)
def test_cells_are_quoted_and_never_a_formula(text: str, cell: str) -> None:
    (_, line) = csv_lines([article(title=text)], [])
    assert line == f"b,{cell},,,,b.txt,,,,,,,x\r\n"


@pytest.mark.parametrize(
    ("values", "cell"),
    [
        ((), ""),
        (("a",), "a"),
        (("a", "b"), "a; b"),
        (("=a", "b"), "'=a; b"),
        (("a", "=b"), "a; =b"),
        (("a;b", "c"), "a;b; c"),
    ],
)
def test_the_values_of_a_field_share_a_cell(values: tuple[str, ...], cell: str) -> None:
    assert [row["mood"] for row in _rows(article(extra={"mood": values}), extra=["mood"])] == [cell]


@pytest.mark.parametrize(
    ("field", "column"),
    [("mood", "mood"), ("q", "q"), ("date", "extra.date"), ("body", "extra.body"), ("x.y", "x.y"), ("=a", "'=a")],
)
def test_columns_are_named_like_the_fields(field: str, column: str) -> None:
    assert _rows(article(extra={field: ("v",)}), extra=[field])[0][column] == "v"


def test_articles_without_a_field_have_an_empty_cell() -> None:
    rows = _rows(article(), article(extra={"mood": ("calm",), "unlisted": ("x",)}), extra=["mood"])
    assert [row["mood"] for row in rows] == ["", "calm"]
    assert {len(row) for row in rows} == {14}


def _rows(*articles: Article, extra: list[str]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(csv_lines(articles, extra)), newline="")))


# JSON Lines


def test_without_articles_there_are_no_lines() -> None:
    assert list(json_lines([])) == []


def test_each_article_is_a_line_of_json() -> None:
    first, second = json_lines([TEA, BARE])
    assert first.endswith(b"\n")
    assert first.count(b"\n") == 1
    assert json.loads(first) == {
        **{"id": "a/1", "title": "Tea & <cups>", "body": "Green tea.\n\nBlack tea.", "path": "a.jsonl"},
        **{"date": "2022-12-23", "published": "2022-12-23T10:00:00+05:30", "url": "https://a.example/1?x=1&y=2"},
        **{"source": "ANI", "section": "Food", "language": "en", "author": ["Ann", "Bo"], "place": ["India", "Peru"]},
        **{"tag": ["tea", "cups"], "extra": {"mood": ["calm", "warm"], "page": ["7"]}},
    }
    assert {name for name, value in json.loads(second).items() if value} == {"id", "title", "path"}


@pytest.mark.parametrize("text", ["a\nb\r\nc", "\u2028", '"\\', "\x00\x1b", "तेल 🙂", "</script>"])
def test_any_text_survives_a_line(text: str) -> None:
    (line,) = json_lines([article(body=text)])
    assert line.count(b"\n") == 1
    assert json.loads(line)["body"] == text


# RIS


def test_an_article_in_full_as_a_reference() -> None:
    full, bare = ris_records([TEA, BARE])
    assert full.split("\r\n") == [
        *("TY  - NEWS", "ID  - a/1", "TI  - Tea & <cups>", "AU  - Ann", "AU  - Bo", "T2  - ANI", "PY  - 2022"),
        *("DA  - 2022/12/23/", "SE  - Food", "CY  - India", "CY  - Peru", "KW  - tea", "KW  - cups", "LA  - en"),
        *("UR  - https://a.example/1?x=1&y=2", "ER  - ", "", ""),
    ]
    assert bare == "TY  - NEWS\r\nID  - b\r\nTI  - B\r\nER  - \r\n\r\n"


def test_an_article_without_an_address_is_found_where_the_archive_has_it() -> None:
    full, bare = ris_records([TEA, BARE], lambda article: f"http://archive.example/{article.id}")
    assert "UR  - https://a.example/1?x=1&y=2\r\n" in full
    assert "UR  - http://archive.example/b\r\n" in bare


@given(st.text(), st.lists(st.text(), max_size=3), st.text())
def test_no_text_adds_a_line_to_a_reference(title: str, authors: list[str], url: str) -> None:
    (record,) = ris_records([Article("b", title, "x", "b.txt", author=tuple(authors), url=url)])
    lines = record.removesuffix("\r\n\r\n").split("\r\n")
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - .*", line) for line in lines)
    assert [line[:2] for line in lines].count("ER") == 1
    assert len(record.splitlines()) <= len(lines) + 1


# Names of files


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("q=tide+ferry", "tide-ferry.csv"),
        ("q=%22Green+Tea%22+-milk%2F..%2F", "green-tea-milk.csv"),
        ("q=%E6%BD%AE%E6%B1%90", "潮汐.csv"),
        ("place=New+Delhi&from=2022", "2022-01-01-new-delhi.csv"),
        ("", "harbour-archive.csv"),
        ("q=...", "harbour-archive.csv"),
    ],
)
def test_files_are_named_like_their_search(query: str, name: str) -> None:
    assert file_name(question_of(query), "Harbour Archive", "csv") == name


@given(st.text(max_size=300))
def test_names_of_files_are_short_and_plain_whatever_was_searched_for(text: str) -> None:
    name = file_name(replace(question_of(""), text=text), "", "ris")
    assert re.fullmatch(r"[^\W_]+(-[^\W_]+)*\.ris", name)
    assert len(name.encode()) <= MAX_NAME_BYTES + len(".ris")
