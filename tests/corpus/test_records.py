"""Files of many records: JSON, JSON Lines, CSV and TSV."""

import datetime as dt
import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from searchsvc.corpus import ReadFailure, Record
from searchsvc.corpus.formats.records import (
    MAX_LINE_BYTES,
    MAX_WHOLE_BYTES,
    Records,
    read_csv,
    read_json,
    read_jsonl,
    read_tsv,
)
from searchsvc.errors import UserError
from searchsvc.model.article import Article
from tests.conftest import Archive
from tests.corpus.reading import read

FRENCH = "Les élèves ont déjà dîné à l’hôtel, où l’on fête Noël. " * 5
X, Y = {"title": "x"}, {"title": "y"}


@pytest.mark.parametrize(
    ("value", "records"),
    [
        (X, [X]),
        ([X, Y], [X, Y]),
        ({"articles": [X, Y], "total": 2}, [X, Y]),
        ({"title": "x", "items": []}, []),
        ({"title": "x", "data": [1]}, [{"title": "x", "data": [1]}]),
    ],
)
def test_json(value: object, records: list[dict[str, Any]]) -> None:
    assert list(read_json(BytesIO(json.dumps(value).encode()))) == [Record(fields) for fields in records]


def test_json_of_other_kinds() -> None:
    assert list(read_json(BytesIO(b'\xef\xbb\xbf[{"title": "x"}, 1]'))) == [Record(X), ReadFailure("is not a JSON object")]
    for content in (b"3", b'"text"', b"null"):
        with pytest.raises(UserError, match="is neither an object nor a list of objects"):
            list(read_json(BytesIO(content)))


@pytest.mark.parametrize(
    "wrapped", ["[%s]", '{"total": 2, "articles": [%s]}', '{"data": {"x": [1]}, "items": [%s], "y": []}']
)
def test_large_json_is_read_record_by_record(wrapped: str) -> None:
    large = {"title": "x", "body": "[{" * (MAX_WHOLE_BYTES // 4)}
    texts = [json.dumps(large), "[1]", '{"a": tru}', *[json.dumps(Y)] * 3, json.dumps(large)]
    records = list(read_json(BytesIO((wrapped % ", ".join(texts)).encode())))
    assert records[0] == records[-1] == Record(large)
    assert records[1] == ReadFailure("is not a JSON object")
    assert isinstance(records[2], ReadFailure)
    assert records[3:-1] == [Record(Y)] * 3


def test_large_json_without_records_is_rejected() -> None:
    for content in (b"[" + b"1," * MAX_WHOLE_BYTES + b"1]", b" " * (MAX_WHOLE_BYTES + 1)):
        with pytest.raises(UserError, match="is neither an object nor a list of objects"):
            list(read_json(BytesIO(content)))


def test_json_lines() -> None:
    first, failure, other, last = read_jsonl(BytesIO(b'{"title":"x"}\n\n{bad\n[1]\n{"title":"y"}'))
    assert (first, other, last) == (Record(X), ReadFailure("is not a JSON object"), Record(Y))
    assert isinstance(failure, ReadFailure)
    assert failure.reason.startswith("is not JSON: ")


def test_a_line_that_is_too_long_is_skipped() -> None:
    lines = b'{"title":"' + b"a" * (2 * MAX_LINE_BYTES) + b'"}\n{"title":"y"}\n'
    assert list(read_jsonl(BytesIO(lines))) == [ReadFailure("is a line longer than 20 MiB"), Record(Y)]


@pytest.mark.parametrize(
    ("reader", "table", "records"),
    [
        (read_csv, "title,n\nx,1\ny,\n", [{"title": "x", "n": "1"}, {"title": "y", "n": ""}]),
        (read_csv, "title;n\nx;1,5\n", [{"title": "x", "n": "1,5"}]),
        (read_csv, "title|n\nx|1\n", [{"title": "x", "n": "1"}]),
        (read_csv, " title \n\"x\ny\"\n''\n\n", [{"title": "x\ny"}, {"title": "''"}]),
        (read_csv, "title,n\nx\n,\n", [{"title": "x"}]),
        (read_tsv, "title\tn\nx, y\t1\n", [{"title": "x, y", "n": "1"}]),
    ],
)
def test_tables(reader: Callable[[BytesIO], Records], table: str, records: list[dict[str, str]]) -> None:
    assert list(reader(BytesIO(table.encode()))) == [Record(fields) for fields in records]


def test_the_encoding_of_a_table_may_show_late() -> None:
    rows = [f"{number};plain" for number in range(200_000)]
    table = "\n".join(["n;title", *rows, f"last;{FRENCH}"])
    last = list(read_csv(BytesIO(table.encode("cp1252"))))[-1]
    assert last == Record({"n": "last", "title": FRENCH})


def test_a_row_with_too_many_values_is_a_failure() -> None:
    rows = list(read_csv(BytesIO(b"title,n\nx,1,2\ny,1\n")))
    assert rows == [ReadFailure("has 3 values for 2 columns"), Record({"title": "y", "n": "1"})]


def test_articles_of_records(archive: Archive) -> None:
    rows = [{"headline": "H", "content": "<p>B &amp; b</p><p>c</p>", "geo": {"lat": 1.5}, "n": [1, True, None], "": "e"}]
    (article,) = read(archive, "a.json", json.dumps({"articles": rows, "total": 1}))
    assert isinstance(article, Article)
    assert (article.title, article.body, article.id) == ("H", "B & b\n\nc", "a.json#1")
    assert article.extra == {"geo.lat": ("1.5",), "n": ("1", "true"), "_": ("e",)}
    items = read(archive, "b.csv", "Title;Text;Pub Date\n'A';\"x; y\nz\";24 Dec 2021\n;;\nB\n1;2;3;4\n")
    dates = [(item.title, item.date) for item in items if isinstance(item, Article)]
    assert dates == [("'A'", dt.date(2021, 12, 24)), ("B", None)]
    assert items[-1] == ReadFailure("has 4 values for 3 columns", "b.csv#3")


def test_failures_of_records_have_their_number(archive: Archive) -> None:
    items = read(archive, "c.jsonl", '{"title":"x"}\n\n{bad\n[1]\n{"y":1}\n')
    assert [type(item) for item in items] == [Article, ReadFailure, ReadFailure, ReadFailure]
    assert [item.path for item in items if isinstance(item, ReadFailure)] == ["c.jsonl#2", "c.jsonl#3", "c.jsonl#4"]
