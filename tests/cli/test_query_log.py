"""The report of an access log: which lines count, which queries are the same, and how they are ranked."""

import json
from typing import Any

import pytest

from searchsvc.cli.query_log import QuerySummary, query_report


def line(q: Any, ms: Any = 1.0, total: Any = 1, **others: Any) -> bytes:
    return json.dumps({"q": q, "ms": ms, "total": total} | others).encode() + b"\n"


def frequent(*lines: bytes, top: int = 10) -> list[tuple[str, int]]:
    return [(each.text, each.times) for each in query_report(lines, top).frequent]


# Lines


def test_an_empty_log() -> None:
    found = query_report([], 10)
    assert (found.searches, found.unread, found.frequent, found.without_hits, found.slow) == (0, 0, (), (), ())


@pytest.mark.parametrize(
    ("entry", "searches", "unread"),
    [
        pytest.param(line("tea"), 1, 0, id="a search"),
        pytest.param(line("tea", route="/search", status=200, filters={"x": ["y"]}), 1, 0, id="with other members"),
        pytest.param(line("tea").rstrip(), 1, 0, id="without a line break"),
        pytest.param(line("tea").replace(b"\n", b"\r\n"), 1, 0, id="of Windows"),
        pytest.param(line("", 0, 0), 1, 0, id="all articles"),
        pytest.param(line("tea", "1.5", "3"), 1, 0, id="numbers as text"),
        pytest.param(b'{"route": "/", "status": 200}\n', 0, 0, id="a request without a query"),
        pytest.param(b"{}\n", 0, 0, id="an empty object"),
        pytest.param(line("tea")[:20], 0, 1, id="truncated"),
        pytest.param(b"\n", 0, 1, id="an empty line"),
        pytest.param(b'127.0.0.1 - - "GET / HTTP/1.1" 200\n', 0, 1, id="of another server"),
        pytest.param(b'"q"\n', 0, 1, id="text that contains q"),
        pytest.param(b'["q"]\n', 0, 1, id="a list with q"),
        pytest.param(b"7\n", 0, 1, id="a number"),
        pytest.param(b"null\n", 0, 1, id="null"),
        pytest.param(b'{"q": "tea"}\n', 0, 1, id="without a time"),
        pytest.param(line(None), 0, 1, id="null as a query"),
        pytest.param(line(7), 0, 1, id="a number as a query"),
        pytest.param(line("tea", None), 0, 1, id="null as a time"),
        pytest.param(line("tea", "soon"), 0, 1, id="text as a time"),
        pytest.param(line("tea", total=None), 0, 1, id="null as a total"),
        pytest.param(b'{"q": "\xff", "ms": 1, "total": 1}\n', 0, 1, id="no UTF-8"),
        pytest.param(b"\xef\xbb\xbf" + line("tea"), 0, 1, id="with a byte order mark"),
        pytest.param(line("tea") + line("tea"), 0, 1, id="two lines in one"),
        pytest.param(b"[" * 5_000, 0, 1, id="nested too deep"),
    ],
)
def test_lines_are_searches_other_requests_or_foreign(entry: bytes, searches: int, unread: int) -> None:
    found = query_report([entry], 10)
    assert (found.searches, found.unread) == (searches, unread)
    assert len(found.frequent) == searches


def test_foreign_lines_do_not_hide_the_others() -> None:
    assert frequent(b"no\n", line("tea"), b"\x00" * 1_000, line("tea"), line("tea")[:9]) == [("tea", 2)]


# Queries


@pytest.mark.parametrize(
    ("queries", "expected"),
    [
        (["tea", "Tea", " TEA\t"], [("tea", 3)]),
        (["green  tea", "green\u00a0tea", "green\ntea"], [("green tea", 3)]),
        (["straße", "STRASSE"], [("strasse", 2)]),
        (["ÉTÉ", "été"], [("été", 2)]),
        (["ete", "été"], [("été", 1), ("ete", 1)]),
        (["तेल", "तेल ", "油"], [("तेल", 2), ("油", 1)]),
        (["", "  "], [("", 2)]),
        (['"tea"', "tea", "tea*"], [("tea*", 1), ("tea", 1), ('"tea"', 1)]),
    ],
)
def test_case_and_spaces_make_no_difference(queries: list[str], expected: list[tuple[str, int]]) -> None:
    assert frequent(*map(line, queries)) == expected


def test_a_summary_has_median_slowest_and_the_last_total() -> None:
    found = query_report([line("tea", ms, total) for ms, total in ((4, 0), (1, 9), (100, 3), (2, 7))], 10)
    assert found.frequent == (QuerySummary("tea", times=4, median_ms=3.0, slowest_ms=100.0, total=7),)
    assert found.without_hits == ()


def test_a_query_that_finds_nothing_any_more_is_without_hits() -> None:
    found = query_report([line("tea", total=5), line("tea", total=0)], 10)
    assert [each.text for each in found.without_hits] == ["tea"]


# Ranking

LOG = [
    *(line("often", 1, 5) for _ in range(3)),
    *(line("never", 2, 0) for _ in range(2)),
    line("slow", 900, 5),
    line("zero", 3, 0),
]


@pytest.mark.parametrize(
    ("top", "most", "nothing", "slowest"),
    [
        (1, ["often"], ["never"], ["slow"]),
        (2, ["often", "never"], ["never", "zero"], ["slow", "zero"]),
        (10, ["often", "never", "zero", "slow"], ["never", "zero"], ["slow", "zero", "never", "often"]),
    ],
)
def test_the_top_queries_of_each_kind(top: int, most: list[str], nothing: list[str], slowest: list[str]) -> None:
    found = query_report(LOG, top)
    assert [[each.text for each in kind] for kind in (found.frequent, found.without_hits, found.slow)] == [
        *(most, nothing, slowest),
    ]


def test_ties_have_a_fixed_order() -> None:
    queries = [line(text) for text in ("b", "c", "a")]
    assert frequent(*queries) == frequent(*reversed(queries)) == [("c", 1), ("b", 1), ("a", 1)]


def test_more_queries_than_can_be_kept_still_count_as_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("searchsvc.cli.query_log.MAX_QUERIES", 2)
    found = query_report([line(text) for text in ("a", "b", "c", "a", "d")], 10)
    assert found.searches == 5
    assert {each.text: each.times for each in found.frequent} == {"a": 2, "b": 1}
