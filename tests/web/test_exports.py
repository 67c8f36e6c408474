"""Exports as golden outputs: CSV that no spreadsheet executes, JSON Lines, and Atom feeds that are always valid XML."""

import csv
import datetime as dt
import io
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from searchsvc.api.exports import csv_lines, json_lines
from searchsvc.model.article import Article
from searchsvc.model.results import Hit, Snippet
from searchsvc.web.exports import atom_feed, opensearch_description

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
        f"{HEADER},mood,x.page,body\r\n",
        "a/1,Tea & <cups>,2022-12-23,2022-12-23 10:00:00+05:30,https://a.example/1?x=1&y=2,a.jsonl,Food,ANI,India; Peru,"
        'Ann; Bo,tea; cups,en,calm; warm,7,"Green tea.\n\nBlack tea."\r\n',
        "b,B,,,,b.txt,,,,,,,,,\r\n",
    ]


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
    ("field", "column"), [("mood", "mood"), ("q", "x.q"), ("date", "x.date"), ("x.y", "x.x.y"), ("=a", "'=a")]
)
def test_columns_are_named_like_the_parameters(field: str, column: str) -> None:
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


# Atom

ROOT = "https://archive.example/"
HERE = "https://archive.example/search.atom?q=tea&sort=newest"
UPDATED = "2026-01-31T12:00:00+00:00"
NAMES = {"a": "http://www.w3.org/2005/Atom"}


def feed(*hits: Hit | Article, title: str = "tea – Archive") -> Any:
    """Return the parsed feed of these hits."""
    found = [each if isinstance(each, Hit) else Hit(each, None, Snippet(each.title), ()) for each in hits]
    return etree.fromstring(atom_feed(title, found, ROOT, HERE, UPDATED))


def entry(**changed: Any) -> Any:
    """Return the only entry of a feed."""
    return feed(article(**changed)).find("a:entry", NAMES)


def test_a_feed_without_hits() -> None:
    assert atom_feed("tea – Archive", [], ROOT, HERE, UPDATED).decode() == (
        "<?xml version='1.0' encoding='utf-8'?>\n"
        '<feed xmlns="http://www.w3.org/2005/Atom">\n'
        "  <title>tea – Archive</title>\n"
        "  <id>https://archive.example/search.atom?q=tea&amp;sort=newest</id>\n"
        f"  <updated>{UPDATED}</updated>\n"
        '  <link rel="self" href="https://archive.example/search.atom?q=tea&amp;sort=newest" '
        'type="application/atom+xml" />\n'
        "</feed>"
    )


def test_an_entry_in_full() -> None:
    hit = Hit(TEA, 4.2, Snippet(TEA.title, ((0, 3),)), (Snippet("Green tea.", ((6, 9),)), Snippet("Black tea.")))
    shown = atom_feed("tea", [hit], ROOT, HERE, UPDATED).decode()
    assert shown[shown.index("  <entry>") :] == (
        "  <entry>\n"
        "    <title>Tea &amp; &lt;cups&gt;</title>\n"
        "    <id>https://archive.example/article/a%2F1</id>\n"
        '    <link rel="alternate" href="https://archive.example/article/a%2F1" type="text/html" />\n'
        '    <link rel="via" href="https://a.example/1?x=1&amp;y=2" type="text/html" />\n'
        "    <updated>2022-12-23T10:00:00+05:30</updated>\n"
        "    <published>2022-12-23T10:00:00+05:30</published>\n"
        "    <author>\n      <name>Ann</name>\n    </author>\n"
        "    <author>\n      <name>Bo</name>\n    </author>\n"
        '    <category term="Food" />\n'
        '    <category term="tea" />\n'
        '    <category term="cups" />\n'
        "    <summary>Green tea. … Black tea.</summary>\n"
        "  </entry>\n"
        "</feed>"
    )


@pytest.mark.parametrize(
    ("fields", "updated", "published"),
    [
        pytest.param({}, UPDATED, None, id="an undated article has the time of the generation"),
        pytest.param({"date": dt.date(2022, 1, 2)}, "2022-01-02T00:00:00+00:00", "2022-01-02T00:00:00+00:00", id="a day"),
        pytest.param({"date": dt.date(5, 1, 2)}, "0005-01-02T00:00:00+00:00", "0005-01-02T00:00:00+00:00", id="antiquity"),
        pytest.param(
            {"published": TEA.published}, "2022-12-23T10:00:00+05:30", "2022-12-23T10:00:00+05:30", id="an instant"
        ),
    ],
)
def test_times_of_an_entry(fields: dict[str, Any], updated: str, published: str | None) -> None:
    found = entry(**fields)
    assert (found.findtext("a:updated", None, NAMES), found.findtext("a:published", None, NAMES)) == (updated, published)


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"author": ("Ann", "Bo"), "source": "ANI"}, ["Ann", "Bo"]),
        ({"source": "ANI"}, ["ANI"]),
        pytest.param({}, ["unknown"], id="an entry must have an author"),
        ({"author": ("<b>&",)}, ["<b>&"]),
    ],
)
def test_authors_of_an_entry(fields: dict[str, Any], names: list[str]) -> None:
    assert [each.text for each in entry(**fields).findall("a:author/a:name", NAMES)] == names


@pytest.mark.parametrize(
    ("fields", "terms"),
    [
        ({}, []),
        ({"section": "Food"}, ["Food"]),
        ({"tag": ("a", "", "b")}, ["a", "b"]),
        ({"section": 'x"&<', "tag": ("y",)}, ['x"&<', "y"]),
    ],
)
def test_categories_of_an_entry(fields: dict[str, Any], terms: list[str]) -> None:
    assert [each.get("term") for each in entry(**fields).findall("a:category", NAMES)] == terms


@pytest.mark.parametrize(
    ("article_id", "path"),
    [
        ("a", "/article/a"),
        ("a b?c#d", "/article/a%20b%3Fc%23d"),
        ("https://a.example/1", "/article/https%3A%2F%2Fa.example%2F1"),
        ("../x", "/article/..%2Fx"),
        ("é", "/article/%C3%A9"),
        ("100%", "/article/100%25"),
    ],
)
def test_the_id_of_an_entry_is_the_address_of_its_page(article_id: str, path: str) -> None:
    found = entry(id=article_id)
    assert found.findtext("a:id", None, NAMES) == f"https://archive.example{path}"
    assert found.find("a:link[@rel='alternate']", NAMES).get("href") == f"https://archive.example{path}"


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", "data:text/html,x", "ftp://a.example", "//a.example", "a.example"]
)
def test_only_web_addresses_are_linked(url: str) -> None:
    assert entry(url=url).find("a:link[@rel='via']", NAMES) is None


@pytest.mark.parametrize(
    ("snippets", "body", "summary"),
    [
        ((), "", None),
        ((), "The body.", "The body."),
        ((), "x" * 301, "x" * 300),
        ((Snippet("a"),), "The body.", "a"),
        ((Snippet("a"), Snippet("b")), "The body.", "a … b"),
        ((Snippet("<i>&amp;"),), "", "<i>&amp;"),
    ],
)
def test_the_summary_is_the_snippets_or_the_beginning(
    snippets: tuple[Snippet, ...], body: str, summary: str | None
) -> None:
    found = feed(Hit(article(body=body), None, Snippet("B"), snippets)).find("a:entry/a:summary", NAMES)
    assert found.text == summary


@pytest.mark.parametrize("text", ["]]>", "<!--", "&#0;", "\u2028", "🙂 तेल", "a\tb", "\ufdd0"])
def test_any_text_that_xml_can_hold_survives(text: str) -> None:
    found = feed(article(title=text), title=text)
    assert [each.text for each in found.iter(f"{{{NAMES['a']}}}title")] == [text, text]


ANY_TEXT = st.text(st.characters(exclude_categories=()) | st.sampled_from("\x00\x01\x1b\x85\ufffe\uffff\ud800\udfff<&]\r"))


@given(*[ANY_TEXT] * 8)
def test_a_feed_is_well_formed_whatever_the_query_and_the_articles_hold(
    title: str, body: str, author: str, source: str, section: str, tag: str, url: str, query: str
) -> None:
    fields = {"source": source, "section": section, "url": f"https://{url}", "author": (author,), "tag": (tag, tag)}
    found = feed(article(title=title, body=body, **fields), title=query)
    assert len(found.findall("a:entry", NAMES)) == 1
    assert re.fullmatch(r"https://[!-~]*", found.find("a:entry/a:link[@rel='via']", NAMES).get("href"))


@given(ANY_TEXT)
def test_a_description_is_well_formed_whatever_the_archive_is_called(title: str) -> None:
    found = etree.fromstring(opensearch_description(title, ROOT, f"{ROOT}icon.svg"))
    templates = [each.get("template") for each in found.iter("{*}Url")]
    paths = ("search", "search.atom", "opensearch/suggest")
    assert templates == [f"{ROOT}{path}?q={{searchTerms}}" for path in paths]


@pytest.mark.parametrize("char", ["\x00", "\x01", "\x0b", "\x1b", "\ufffe", "\uffff", "\ud800", "\udfff"])
def test_what_xml_cannot_hold_becomes_a_space(char: str) -> None:
    found = feed(article(title=f"tea{char}cups", tag=(f"tea{char}cups",)), title=f"tea{char}cups")
    assert [each.text for each in found.iter("{*}title")] == ["tea cups", "tea cups"]
    assert found.find("a:entry/a:category", NAMES).get("term") == "tea cups"
    assert (
        entry(url=f"https://a.example/{char}")
        .find("a:link[@rel='via']", NAMES)
        .get("href")
        .startswith("https://a.example/")
    )
