"""Output of the commands for people: golden text, without anything that controls a terminal."""

import datetime as dt
import json
from typing import Any

import pytest

from searchsvc.cli.output import (
    MAX_LINES,
    counted,
    describe_unindexed,
    field_lines,
    print_answer,
    print_json,
    print_part,
    print_queries,
    print_quotation,
    print_report,
    printable,
)
from searchsvc.cli.query_log import QueryReport, QuerySummary
from searchsvc.corpus import ReadFailure
from searchsvc.indexer import ReindexReport
from searchsvc.indexer.distributed import PartReport
from searchsvc.indexer.report import FormatCounts
from searchsvc.model.article import Article
from searchsvc.model.quotations import Difference, Printing
from searchsvc.model.results import DateFacet, FacetValue, FieldFacet, Hit, Results, Snippet
from searchsvc.model.skipped import SkippedFiles
from searchsvc.query.request import SearchRequest
from searchsvc.search.answer import Answer
from searchsvc.search.quotations import Quotation, QuotationCheck
from searchsvc.search.readings import Reading
from tests.api.example import INFO, question_of

Capture = pytest.CaptureFixture[str]

# Control characters


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("plain text", "plain text"),
        ("तेल 油 é", "तेल 油 é"),
        ("\x1b[31mred", " [31mred"),
        ("\x1b]0;title\x07", " ]0;title "),
        ("a\nb\tc\rd", "a b c d"),
        ("\x9b31m", " 31m"),
        ("\x00\x7f\x08", "   "),
        ("a\u202eb", "a b"),
        ("a\u2028b", "a b"),
        ("\ud800", " "),
        ("[bold]x[/bold]", "[bold]x[/bold]"),
    ],
)
def test_control_characters_are_spaces(text: str, shown: str) -> None:
    assert printable(text) == shown


# Answers

TEA = Article("t", "Green tea", "x", "p", date=dt.date(2022, 12, 23), source="ANI", place=("India", "Peru", "Fiji", "Mali"))
HITS = (
    Hit(TEA, 1.5, Snippet("Green tea", ((6, 9),)), (Snippet("A cup of tea.", ((9, 12),)), Snippet("More."))),
    Hit(Article("b", "B", "", "p"), None, Snippet("B"), ()),
)


def printed(capsys: Capture, query: str = "q=tea", **results: Any) -> str:
    """Return the printed answer of a search that took 1.2 ms."""
    given: dict[str, Any] = {"total": 0, "hits": ()} | results
    print_answer(Answer(question_of(query), Results(**given), "g000007", INFO, took_ms=1.24), {})
    return capsys.readouterr().out


def test_no_hits(capsys: Capture) -> None:
    assert printed(capsys) == "0 articles in 1.2 ms\n"


def test_hits_with_their_facts_and_snippets(capsys: Capture) -> None:
    assert printed(capsys, total=2, hits=HITS) == (
        "2 articles in 1.2 ms\n"
        "\n"
        "1. Green tea\n"
        "   2022-12-23 · ANI · India, Peru, Fiji · t\n"
        "   A cup of tea.\n"
        "   More.\n"
        "\n"
        "2. B\n"
        "   b\n"
    )


def test_hits_are_numbered_on_from_page_to_page(capsys: Capture) -> None:
    shown = printed(capsys, "q=tea&page=3&per_page=20", total=1_042, hits=HITS)
    assert shown.startswith("1,042 articles in 1.2 ms, page 3 of 53\n\n41. Green tea\n")
    assert "\n42. B\n" in shown


def test_facets_have_few_values_and_the_latest_dates(capsys: Capture) -> None:
    values = tuple(FacetValue(f"v{number}", 1_000 - number) for number in range(8))
    facets = (FieldFacet("place", (FacetValue("India", 1_234, selected=True), *values)), FieldFacet("mood", ()))
    years = DateFacet("year", tuple(FacetValue(str(year), 1) for year in range(2000, 2020)))
    shown = printed(capsys, facets=facets, dates=years).splitlines()
    assert shown[1:] == [
        "",
        "place: *India 1,234, v0 1,000, v1 999, v2 998, v3 997, v4 996",
        "date: " + ", ".join(f"{year} 1" for year in range(2008, 2020)),
    ]


def test_empty_facets_leave_no_blank_line(capsys: Capture) -> None:
    assert printed(capsys, facets=(FieldFacet("mood", ()),), dates=DateFacet("year", ())) == "0 articles in 1.2 ms\n"


def test_readings_follow_the_number_of_hits(capsys: Capture) -> None:
    readings = (Reading(question_of('q="green+teas"~'), "in other forms", 1_200),)
    print_answer(
        Answer(question_of('q="green+teas"'), Results(0, ()), "g000007", INFO, took_ms=1.24, readings=readings), {}
    )
    assert capsys.readouterr().out.splitlines() == ["0 articles in 1.2 ms", 'in other forms: "green teas"~ (1,200)']


def test_notes_come_first(capsys: Capture) -> None:
    assert printed(capsys, 'q="tea', notes=("a word is too long",)).splitlines()[-2:] == [
        "note: a word is too long",
        "0 articles in 1.2 ms",
    ]


def test_long_lines_are_whole_for_other_programs(capsys: Capture) -> None:
    text = "word " * 100
    assert f"   {text.strip()}" in printed(capsys, total=1, hits=(Hit(TEA, 1, Snippet("T"), (Snippet(text.strip()),)),))


@pytest.mark.parametrize("hostile", ["\x1b[31m", "\x1b]8;;http://x\x07", "[red]x[/red]", "\r", "[/]"])
def test_nothing_in_an_archive_controls_the_terminal_or_the_style(capsys: Capture, hostile: str) -> None:
    bad = Article(f"i{hostile}", "", "", "p", source=f"s{hostile}", place=(f"p{hostile}",))
    hits = (Hit(bad, 1, Snippet(f"t{hostile}", ((0, 1),)), (Snippet(f"b{hostile}"),)),)
    facets = (FieldFacet("mood", (FacetValue(f"v{hostile}", 1),)),)
    shown = printed(capsys, total=1, hits=hits, facets=facets, notes=(f"n{hostile}",))
    for letter in "tspibvn":
        assert f"{letter}{printable(hostile)}".rstrip() in shown
    assert all(char.isprintable() or char == "\n" for char in shown)


# Fields of a file


@pytest.mark.parametrize(
    ("found", "line"),
    [
        ({"value": "Tea", "from": "“headline”"}, "       title  Tea   [“headline”]"),
        ({"value": "Tea", "from": None}, "       title  Tea"),
        ({"value": ("a", "b"), "from": None}, "       title  a, b"),
        ({"value": dt.date(2022, 1, 2), "from": "the name"}, "       title  2022-01-02   [the name]"),
        ({"value": "a\n\n b\tc", "from": None}, "       title  a b c"),
        ({"value": "x" * 100, "from": None}, f"       title  {'x' * 100}"),
        ({"value": "x" * 1_234, "from": None}, f"       title  {'x' * 100}… (1,234 characters)"),
    ],
)
def test_lines_of_fields(found: dict[str, Any], line: str) -> None:
    assert list(field_lines({"title": found})) == [line]


def test_names_of_fields_are_aligned_and_never_cut() -> None:
    fields = {name: {"value": "v", "from": None} for name in ("id", "x.a_long_field_name")}
    assert list(field_lines(fields)) == ["          id  v", "x.a_long_field_name  v"]


# Reports of a reindex

REPORT = ReindexReport("g000002", None, True, 1_200, 30, 4, 5, 6, 7, seconds=1.25)


def reported(capsys: Capture, report: ReindexReport, *, table: bool = True) -> tuple[str, str]:
    print_report(report, table=table)
    out, err = capsys.readouterr()
    return out, err


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (ReindexReport("g000001", articles=1_200), "nothing changed: g000001 has 1,200 articles\n"),
        (
            REPORT,
            "published g000002: 1,200 articles; 5 added, 6 changed, 7 removed; 4 of 30 files read, 0 failures, 1.2 s\n",
        ),
        (
            ReindexReport("g000001", "the first time", True, articles=1, files=1, read=1, added=1),
            "published g000001 (all files, the first time): 1 article; 1 added, 0 changed, 0 removed; "
            "1 of 1 file read, 0 failures, 0.0 s\n",
        ),
    ],
)
def test_reports_of_a_reindex(capsys: Capture, report: ReindexReport, expected: str) -> None:
    assert reported(capsys, report) == (expected, "")


def test_formats_are_a_table_in_order_of_their_names(capsys: Capture) -> None:
    formats = {".txt": FormatCounts(1_000, 2_500_000, 999, 1), ".csv": FormatCounts(1, 10, 20, 0)}
    report = ReindexReport("g000002", published=True, formats=formats)
    rows = [line.split() for line in reported(capsys, report)[0].splitlines()[1:]]
    assert rows == [
        ["format", "files", "size", "articles", "failures"],
        [".csv", "1", "10", "bytes", "20", "0"],
        [".txt", "1,000", "2.5", "MB", "999", "1"],
    ]
    assert len(reported(capsys, report, table=False)[0].splitlines()) == 1


@pytest.mark.parametrize(("number", "listed"), [(1, 1), (MAX_LINES, MAX_LINES), (MAX_LINES + 1_000, MAX_LINES)])
def test_the_first_failures_are_listed(capsys: Capture, number: int, listed: int) -> None:
    failures = tuple(ReadFailure(f"is not JSON: {each}", f"{each}.json") for each in range(number))
    lines = reported(capsys, ReindexReport("g000001", failures=failures))[1].splitlines()
    assert lines[:listed] == [f"{each}.json: is not JSON: {each}" for each in range(listed)]
    assert lines[listed:] == (
        ["… and 1,000 more; --json lists all", "most frequent reasons: is not JSON (1,020)"] if number > listed else []
    )


def test_duplicate_and_shared_ids_are_listed_without_control_characters(capsys: Capture) -> None:
    lines = ("a\x1b[31m in a.txt and b.txt",)
    report = ReindexReport("g000001", duplicates=lines, aliases=("b\x07",), failures=(ReadFailure("x\x07", "y"),))
    assert reported(capsys, report)[1] == "y: x \nduplicate id: a [31m in a.txt and b.txt\nshared id: b \n"


def test_skipped_files_are_counted_by_reason_and_suffix(capsys: Capture) -> None:
    pictures = [SkippedFiles("unknown format", f".{number}", 1) for number in range(12)]
    skipped = (
        SkippedFiles("unknown format", ".png", 2_000),
        SkippedFiles("unknown format", "", 3),
        SkippedFiles("hidden", "", 2),
        *pictures,
        SkippedFiles("needs a_library: pip install it", ".pdf", 1),
    )
    shown = reported(capsys, ReindexReport("g000001", articles=1, skipped=2_018, skipped_files=skipped))[1]
    assert shown == (
        "skipped 2,018 files: 2,015 unknown format (.png 2,000, no suffix 3, .0 1, .1 1, .2 1, .3 1, .4 1, .5 1, .6 1, "
        ".7 1 and 4 other suffixes); 2 hidden; 1 needs a_library: pip install it (.pdf 1)\n"
    )
    one = ReindexReport("g000001", articles=1, skipped=1, skipped_files=(SkippedFiles("hidden", "", 1),))
    assert reported(capsys, one)[1] == "skipped 1 file: 1 hidden\n"


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (ReindexReport("g000001"), "no articles: the corpus is empty; known formats are .txt,"),
        (
            ReindexReport("g000001", skipped=1, skipped_files=(SkippedFiles("unknown format", ".exe", 1),)),
            "skipped 1 file: 1 unknown format (.exe 1)\nno articles: the corpus has no file of a known format; known",
        ),
        (ReindexReport("g000001", files=3), "no articles: none of the 3 files has any; `searchsvc stats` says"),
    ],
)
def test_an_archive_without_articles_says_why(capsys: Capture, report: ReindexReport, said: str) -> None:
    assert reported(capsys, report)[1].startswith(said)


def test_fields_that_are_not_indexed_are_counted(capsys: Capture) -> None:
    shown = reported(capsys, ReindexReport("g000001", articles=1, unindexed_fields=59_003))[1]
    assert shown.startswith("59,003 further metadata fields are kept with their articles, but not indexed")


@pytest.mark.parametrize(
    ("missing", "end"),
    [
        ((2,), "waiting for part 2\n"),
        ((2, 3, 10), "waiting for part 2, 3, 10\n"),
        ((), "None has been published by the last part to finish\n"),
    ],
)
def test_reports_of_a_part(capsys: Capture, missing: tuple[int, ...], end: str) -> None:
    print_part(PartReport(part="1/4", missing=missing, added=5, read=2, files=3, seconds=1.0))
    assert capsys.readouterr().out == f"part 1/4 is done: 5 articles, 2 of 3 files read, 0 failures, 1.0 s; {end}"


# Queries of a log and JSON


def test_queries_of_a_log_are_tables_of_those_that_there_are(capsys: Capture) -> None:
    tea = QuerySummary("tea \x1b", 1_000, 1.25, 900.0, 5)
    print_queries(QueryReport(1_003, 2, (tea, QuerySummary("", 3, 1.0, 1.0, 74)), (), (tea,)))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "1,003 searches; 2 lines are not from an access log"
    assert [line.split() for line in lines[2:5]] == [
        ["most", "frequent", "times", "median", "ms", "slowest", "ms", "found"],
        ["tea", "1,000", "1.2", "900.0", "5"],
        ["(all", "articles)", "3", "1.0", "1.0", "74"],
    ]
    assert [line.split()[0] for line in lines[5:] if line] == ["slowest", "tea"]


def test_an_empty_log(capsys: Capture) -> None:
    print_queries(QueryReport(0, 0, (), (), ()))
    assert capsys.readouterr().out == "0 searches\n"


def test_json_is_indented_and_keeps_unicode(capsys: Capture) -> None:
    data = {"title": "तेल \x1b", "none": None}
    print_json(data)
    shown = capsys.readouterr().out
    assert shown == '{\n  "title": "तेल \\u001b",\n  "none": null\n}\n'
    assert json.loads(shown) == data


# Quotations


def test_a_quotation_shows_what_differs(capsys: Capture) -> None:
    text = "the green tea was served hot"
    quoted = "so green coffee was then served"
    differences = (
        Difference("added", (0, 2), (4, 4)),
        Difference("changed", (9, 15), (10, 13)),
        Difference("added", (20, 24), (17, 17)),
        Difference("missing", (31, 31), (25, 28)),
    )
    printing = Printing(
        Article("t", "T\x1b", text, "p", date=dt.date(2022, 12, 23)), "body", (4, 28), 3, 0.5, differences, 1_200
    )
    print_quotation(QuotationCheck(Quotation(quoted, SearchRequest()), 6, 0, (printing,), "g000001", INFO, 1.24))
    assert capsys.readouterr().out == (
        "not printed word for word, 1.2 ms\n"
        "\n"
        "1. T \n"
        "   2022-12-23 · t · 3 of 6 words · the earliest of 1,200 articles\n"
        "   [-so-] green [-coffee-] {+tea+} was [-then-] served {+hot+}\n"
    )


def test_a_quotation_that_was_printed(capsys: Capture) -> None:
    printings = (
        Printing(TEA, "title", (0, 9), 2, articles=2),
        Printing(Article("b", "B", "green tea", "p"), "body", (0, 9), 2),
    )
    print_quotation(QuotationCheck(Quotation("green tea", SearchRequest()), 2, 2, printings, "g000001", INFO, 1.24))
    assert capsys.readouterr().out == (
        "printed word for word in 2 articles, 1.2 ms\n"
        "\n"
        "1. Green tea\n"
        "   2022-12-23 · ANI · t\n"
        "   Green tea\n"
        "\n"
        "2. B\n"
        "   undated · b\n"
        "   green tea\n"
    )


def test_one_of_anything_is_in_the_singular(capsys: pytest.CaptureFixture[str]) -> None:
    assert [counted(number, "article") for number in (0, 1, 2, 1_000)] == [
        "0 articles",
        "1 article",
        "2 articles",
        "1,000 articles",
    ]
    assert describe_unindexed(1).startswith("1 further metadata field is kept with its articles")
    print_report(ReindexReport(generation="g000001", articles=1))
    print_queries(QueryReport(1, 1, (), (), ()))
    out = capsys.readouterr().out
    assert out == "nothing changed: g000001 has 1 article\n1 search; 1 line is not from an access log\n"
