"""`searchsvc search --batch`: a list of queries, answered as a table."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from searchsvc.cli import main
from searchsvc.cli.batch import MAX_LINE, Query, read_queries
from searchsvc.config import Settings
from searchsvc.errors import UserError


def run(settings: Settings, *arguments: str, given: str | bytes | None = None) -> Result:
    paths = {"SEARCHSVC_CORPUS": str(settings.corpus), "SEARCHSVC_INDEX": str(settings.index)}
    return CliRunner().invoke(main, ["search", *arguments], env=paths, input=given, catch_exceptions=False)


def rows(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.stderr
    return list(csv.DictReader(io.StringIO(result.stdout)))


def found(settings: Settings, query: str, *options: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run(settings, *options, "--json", "--", query).stdout)
    return answer


def written(folder: Path, name: str, content: str | bytes) -> str:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(folder / name)


def test_each_query_has_the_total_and_the_first_hit_of_its_search(sample: Settings, tmp_path: Path) -> None:
    queries = ['"working group"', "ferry -timetable", "source:HNA", "zyxwv", "tide, ferry"]
    options = ["--from", "2021", "--match", "any", "--sort", "newest"]
    table = rows(run(sample, "--batch", written(tmp_path, "names.txt", "\n".join(queries)), *options))
    assert [row["query"] for row in table] == queries
    for row in table:
        answer = found(sample, row["query"], *options)
        first = answer["results"][0] if answer["total"] else None
        assert (row["total"], row["id"]) == (str(answer["total"]), first["id"] if first else "")
        assert (row["hit"], row["date"]) == (("1", first["date"]) if first else ("", ""))
        assert row["error"] == ""


def test_json_has_a_line_for_each_query_and_the_hits_of_a_page(sample: Settings) -> None:
    done = run(sample, "--batch", "-", "--json", "--per-page", "2", "--page", "2", given="tide\n\nferry\n")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["line"], line["query"], line["first"]) for line in lines] == [(1, "tide", 3), (3, "ferry", 3)]
    answer = found(sample, "tide", "--per-page", "2", "--page", "2")
    assert [hit["id"] for hit in lines[0]["results"]] == [hit["id"] for hit in answer["results"]]
    assert lines[0]["total"] == answer["total"] == 9


def test_each_hit_of_several_has_a_row(sample: Settings) -> None:
    table = rows(run(sample, "--batch", "-", "--per-page", "3", given="tide\nzyxwv"))
    assert [(row["line"], row["hit"]) for row in table] == [("1", "1"), ("1", "2"), ("1", "3"), ("2", "")]


def test_a_query_with_an_error_costs_its_row_only_and_notes_are_told(sample: Settings) -> None:
    done = run(sample, "--batch", "-", given=f"tide\n{'x' * 1_200}\nplcae:x tide\n")
    first, wrong, noted = rows(done)
    assert (first["total"], first["error"]) == ("9", "")
    assert (wrong["total"], wrong["error"]) == ("", "the query has 1,200 characters; the limit is 1,000")
    assert "plcae" in noted["notes"]
    assert done.stderr == "searchsvc: 1 of the queries has an error: see the column error\n"


@pytest.mark.parametrize(
    ("name", "content", "column", "expected"),
    [
        ("a.txt", '"working group"\r\n  tide, ferry \n\nquery', None, ['"working group"', "tide, ferry", "query"]),
        ("a.csv", "tide\nferry", None, ["tide", "ferry"]),
        ("a.csv", '\ufeffid,Name\n1,"Byrne, Ann"\n2,"""working group"""\n3\n', None, ["Byrne, Ann", '"working group"']),
        ("a.csv", "name,query\nByrne,tide\nWren,ferry", None, ["tide", "ferry"]),
        ("a.CSV", "id;who\n1;tide\n2;ferry", "WHO", ["tide", "ferry"]),
        ("a.tsv", "1\ttide\n2\tferry", "2", ["tide", "ferry"]),
        ("a.txt", "id,q\n1,tide", "2", ["tide"]),
        ("a.csv", "M\xfcller\n\xc4rger".encode("cp1252"), None, ["Müller", "Ärger"]),
        ("a.csv", "", None, []),
        ("a.txt", "", None, []),
        ("a.csv", '"tide\nferry",x', None, ["tide\nferry"]),
    ],
)
def test_queries_are_lines_or_a_column(
    tmp_path: Path, name: str, content: str | bytes, column: str | None, expected: list[str]
) -> None:
    assert [query.text for query in read_queries(written(tmp_path, name, content), column)] == expected


def test_a_very_long_line_is_cut(tmp_path: Path) -> None:
    queries = list(read_queries(written(tmp_path, "a.txt", "x" * (3 * MAX_LINE + 5) + "\ntide")))
    assert [(query.line, len(query.text)) for query in queries] == [(1, MAX_LINE), (2, 4)]


def test_a_column_that_is_not_there_is_named_with_the_nearest(tmp_path: Path) -> None:
    file = written(tmp_path, "a.csv", "id,surname\n1,Byrne")
    with pytest.raises(UserError, match="the table has no column “surnam”; did you mean “surname”") as found:
        list(read_queries(file, "surnam"))
    assert (found.value.param, found.value.hint) == ("column", "surname")
    with pytest.raises(UserError, match="no column “3”; its columns are id, surname"):
        list(read_queries(file, "3"))
    assert list(read_queries(file, "2")) == [Query(1, "surname"), Query(2, "Byrne")]


def test_wrong_usage_is_one_line_and_no_table(sample: Settings, tmp_path: Path) -> None:
    for arguments, message in (
        (["--batch", str(tmp_path / "none")], f"--batch {tmp_path / 'none'} cannot be read: No such file or directory"),
        (["--batch", "-", "tide"], "--batch reads the queries from a file: leave out the words, or --batch"),
        (["--column", "q", "tide"], "--column names a column of the table that --batch reads: add --batch FILE"),
        (["--batch", "-", "--filter", "plcae:x"], "no article has the field “plcae”; did you mean “place”?"),
        (["--batch", "-", "--page", "9999999"], "page is “9999999”; it must be a whole number from 1 to 10,000"),
    ):
        refused = run(sample, *arguments, given="tide")
        assert (refused.exit_code, refused.stdout, refused.stderr) == (2, "", f"searchsvc: {message}\n")


def test_text_that_looks_like_a_formula_is_none_in_the_table(sample: Settings) -> None:
    assert rows(run(sample, "--batch", "-", given="=meeting"))[0]["query"] == "'=meeting"
