"""JSON of one record or many: lists, wrapped lists, JSON Lines, values one after the other, bulk files, and faults."""

import json
from io import BytesIO
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.corpus import ReadFailure, Record, inspect_file
from searchsvc.corpus.formats import records as records_module
from searchsvc.corpus.formats.json_stream import MAX_CHARACTERS
from searchsvc.corpus.formats.records import HEAD_CHARACTERS, read_json
from searchsvc.corpus.metadata import DEFAULT_MAPPER
from searchsvc.corpus.metadata.field_mapping import FieldMapper
from searchsvc.errors import UserError
from searchsvc.model.article import Article
from tests.conftest import Archive
from tests.corpus.reading import read

X, Y = {"title": "x"}, {"title": "y"}
MILL = {"title": "Mill restored", "body": "The mill by the river grinds again.", "date": "2019-05-06"}
WEIR = {"title": "Weir breached", "body": "Water took the weir.", "date": "2019-05-07"}
LARGE = "[{" * (HEAD_CHARACTERS // 4)


def records_of(content: str | bytes) -> list[Record | ReadFailure]:
    data = content if isinstance(content, bytes) else content.encode()
    return list(read_json(BytesIO(data), DEFAULT_MAPPER.field))


def fields_of(content: str) -> list[Any]:
    return [record.fields if isinstance(record, Record) else record.reason for record in records_of(content)]


@pytest.mark.parametrize(
    ("value", "records"),
    [
        (X, [X]),
        ([X, Y], [X, Y]),
        ({"articles": [X, Y], "total": 2}, [X, Y]),
        ({"status": "ok", "results": []}, []),
        ([], []),
        ({"title": "x", "data": [1]}, [{"title": "x", "data": [1]}]),
        ({"a": {"b": {"c": [MILL, WEIR]}}}, [MILL, WEIR]),
        ({"zeilen": [MILL], "seite": 1}, [MILL]),
        ([{"inhalt": {"beiträge": [MILL, WEIR]}}], [MILL, WEIR]),
        ({"m1": MILL, "w1": WEIR}, [{"_id": "m1", **MILL}, {"_id": "w1", **WEIR}]),
        ({"list": {"11": MILL, "12": WEIR}, "status": 1}, [MILL, WEIR]),
        ({"data": {"article": MILL}}, [MILL]),
        ({"n": [{"title": "x"}], "rows": [{"title_s": "T", "abstract_txt": "A"}]}, [{"title_s": "T", "abstract_txt": "A"}]),
        ({"aktiv": [{**MILL, "id": 1}], "papierkorb": [{**WEIR, "id": 2}]}, [{**MILL, "id": 1}, {**WEIR, "id": 2}]),
        (
            {"title": "Log", "description": "All entries.", "home": "https://x.example", "entries": [MILL, WEIR]},
            [MILL, WEIR],
        ),
    ],
)
def test_records_are_found_by_their_shape(value: object, records: list[dict[str, Any]]) -> None:
    assert records_of(json.dumps(value)) == [Record(fields) for fields in records]


COLUMNS = ["title", "body", "date", "tags"]
ROWS: list[list[Any]] = [[*MILL.values(), []], [*WEIR.values(), [{"title": "a", "body": "b"}]]]
TAGGED = [dict(zip(COLUMNS, row, strict=True)) for row in ROWS]


@pytest.mark.parametrize("labels", [["0", "1"], ["1614902400000", "1614988800000"], ["m-1", "w-1"]])
def test_a_table_that_is_written_by_column_is_read_by_row(labels: list[str]) -> None:
    table = {name: {label: row[name] for label, row in zip(labels, TAGGED, strict=True)} for name in COLUMNS}
    ids = [{} if label.isdigit() else {"_id": label} for label in labels]
    assert fields_of(json.dumps(table)) == [{**each, **row} for each, row in zip(ids, TAGGED, strict=True)]


@pytest.mark.parametrize(
    "table",
    [
        {"columns": COLUMNS, "index": [0, 1], "data": ROWS},
        {"columns": COLUMNS, "index": [["title", 1, 2, 3], ["body", 1, 2, 3]], "data": ROWS},
        {"columns": COLUMNS, "rows": ROWS, "truncated": False},
        {"fields": [{"name": name, "type": "text"} for name in COLUMNS], "values": ROWS, "description": "All."},
    ],
)
def test_a_table_of_rows_below_their_names_is_read_by_row(table: dict[str, Any]) -> None:
    assert fields_of(json.dumps(table)) == TAGGED
    assert fields_of(json.dumps(table) * 2) == TAGGED * 2


def test_rows_of_a_table_have_their_labels_for_ids_and_bad_ones_cost_themselves_only() -> None:
    table = {"columns": ["title"], "index": ["a", "b", "c"], "data": [["x"], ["y", 1], ["z"]]}
    bad = "has 2 values for 1 columns"
    assert fields_of(json.dumps(table)) == [{"_id": "a", "title": "x"}, bad, {"_id": "c", "title": "z"}]


def test_tables_with_the_same_labels_lose_no_rows() -> None:
    tables = [{"title": {"first": f"x{number}", "second": f"y{number}"}} for number in range(2)]
    expected = [{"_id": "first", "title": "x0"}, {"_id": "second", "title": "y0"}, {"title": "x1"}, {"title": "y1"}]
    assert fields_of("\n".join(map(json.dumps, tables))) == expected
    assert fields_of(json.dumps({"title": {"en": "x", "pt-BR": "y"}})) == [{"title": "x"}, {"title": "y"}]


@pytest.mark.parametrize(
    "table", [{"columns": COLUMNS, "data": ROWS * 9}, {"tags": {"0": [], "1": []}, "title": {"0": "x", "1": "y"}}]
)
def test_a_table_that_is_longer_than_the_head_is_read(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = fields_of(json.dumps(table))
    monkeypatch.setattr(records_module, "HEAD_CHARACTERS", 30)
    assert fields_of(json.dumps(table)) == expected
    assert len(expected) > 1


@pytest.mark.parametrize(
    "record",
    [
        {"title": {"rendered": "T", "raw": "T"}, "content": {"rendered": "B", "raw": "B"}},
        {"title": {"type": "text", "data": "T"}, "content": {"type": "text", "data": "B"}},
        {"title": {"en": "T"}, "body": {"en": "B"}},
        {"title": "T", "tags": ["text", "news"], "route": [[9.1, 5.2], [9.2, 5.3]]},
        {"columns": ["x", "y"], "data": [[1, 2]]},
        {"columns": ["title", "title"], "data": [["a", "b"]]},
    ],
)
def test_other_objects_are_no_tables(record: dict[str, Any]) -> None:
    assert fields_of(json.dumps(record)) == [record]


def test_inspection_says_that_records_are_the_rows_of_a_table(archive: Archive) -> None:
    archive.write({"a.json": json.dumps({"title": {"0": "x", "1": "y"}, "n": {"0": 1, "1": 2}})})
    assert inspect_file(archive.corpus / "a.json", (), 3).decisions["records"] == "the rows of a table of 2 columns"


@pytest.mark.parametrize(
    "record",
    [
        {**MILL, "comments": [{"text": "Fine!", "author": "a", "date": "2020-01-01", "title": "c", "url": "https://x/1"}]},
        {**MILL, "authors": [{"name": "A", "url": "https://x.example/a"}], "tags": [{"name": "a"}, {"name": "b"}]},
        {"title": "T", "description": "D", "date": "2020-01-01", "related": [{"title": "a", "url": "https://x/a"}] * 3},
        {"title": "T", "description": "D", "url": "https://x/1", "images": [{"title": "a", "url": "https://x/a.jpg"}] * 3},
        {
            "title": "T",
            "date": "2020-01-01",
            "content": [{"type": "paragraph", "text": "One."}, {"type": "quote", "text": "2"}],
        },
        {"headline": "T", "blocks": [{"type": "p", "data": {"text": "One."}}, {"type": "p", "data": {"text": "Two."}}]},
    ],
)
@pytest.mark.parametrize("wrap", [lambda record: record, lambda record: [record] * 2])
def test_lists_within_a_record_are_not_mistaken_for_records(record: dict[str, Any], wrap: Any) -> None:
    found = records_of(json.dumps(wrap(record)))
    assert found == [Record(record)] * len(found)


def test_a_summary_that_is_mapped_to_the_body_counts_as_one() -> None:
    record = {"title": "T", "abstract": "A", "related": [{"title": "x", "summary": "s"}] * 2}
    mapper = FieldMapper((("abstract", "body"),))
    assert list(read_json(BytesIO(json.dumps(record).encode()), mapper.field)) == [Record(record)]


@pytest.mark.parametrize(
    "content",
    [
        '{"title": "x"}\n{"title": "y"}\n',
        '{"title": "x"}\r\n\r\n{"title": "y"}',
        '{\n  "title": "x"\n}\n{\n  "title": "y"\n}',
        '{"title": "x"}{"title": "y"}',
        '{"title": "x"},\n{"title": "y"},\n',
        '\x1e{"title": "x"}\n\x1e{"title": "y"}\n',
        '\ufeff{"title": "x"}\n\ufeff{"title": "y"}',
        '[{"title": "x"}]\n[{"title": "y"}]',
        '[{"title": "x"},\n{"title": "y"},\n]',
        '[{"title": "x",}, {"title": "y",},]',
        '{"rows": [{"title": "x"}]}\n{"rows": [{"title": "y"}]}',
    ],
)
def test_values_may_follow_each_other_and_commas_be_left(content: str) -> None:
    assert fields_of(content) == [X, Y]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_json_may_be_in_any_encoding(encoding: str) -> None:
    content = '[{"title": "Brücke über den Fluß gesperrt – „für immer“"}]'
    assert records_of(content.encode(encoding)) == [Record(json.loads(content)[0])]


def test_what_the_standard_does_not_allow_in_values_is_read() -> None:
    content = '[{"title": "a\tb\nc", "n": NaN, "i": -Infinity, "s": "x\\ud83d"}]'
    assert fields_of(content) == [{"title": "a\tb\nc", "n": None, "i": None, "s": "x\ud83d"}]


@pytest.mark.parametrize(
    ("faulty", "reason"),
    [
        ('{"title": "b" "body": "c"}', "is not JSON: Expecting ',' delimiter"),
        ('{"title": "b", "body": "no end}', "is not JSON: Expecting "),
        ('{"title": "b", "body": "no end', "is not JSON: "),
        ('{"title": "b", "body": tru}', "is not JSON: Expecting value"),
        ('{"title": "b", "body": "A 5" nail"}', "is not JSON: Expecting ',' delimiter"),
        ('{"title": "b", "body": {"x": 1', "is not JSON: "),
        ('{"title": "b", "n": ' + "9" * 5_000 + "}", "is not read: Exceeds the limit"),
        ('{"title": ' + "[" * 20_000 + "}", "is not JSON: it is nested too deeply"),
    ],
)
@pytest.mark.parametrize(
    "layout", ["[\n%s,\n%s,\n%s\n]", "%s\n%s\n%s\n", "[%s, %s, %s]", '{"n": 3, "rows": [\n  %s,\n  %s,\n  %s\n]}']
)
@pytest.mark.parametrize("number", [3, 40])
def test_a_faulty_record_costs_itself_only(faulty: str, reason: str, layout: str, number: int) -> None:
    first, *others = (json.dumps(MILL | {"n": each}) for each in range(number))
    separator = layout.split("%s")[1]
    failures = [each for each in fields_of(layout % (first, faulty, separator.join(others))) if isinstance(each, str)]
    articles = [each for each in fields_of(layout % (first, faulty, separator.join(others))) if not isinstance(each, str)]
    assert [each["n"] for each in articles] == [*range(number)]
    assert len(failures) == 1
    assert failures[0].startswith(reason)


@pytest.mark.parametrize(
    "line", ["# Export of 6 May", "Warning: 2 entries", "12", '"x"', "}", ")]}',", '"open', "it's [so"]
)
@pytest.mark.parametrize(
    "records",
    [
        '{"title": "x"}\n{"title": "y"}\n',
        '[\n{"title": "x"},\n{"title": "y"}]',
        '{"rows": [{"title": "x"}, {"title": "y"}]}',
    ],
)
def test_a_line_of_something_else_before_the_records_costs_itself_only(line: str, records: str) -> None:
    *others, x, y = fields_of(f"{line}\n{records}")
    assert (x, y) == (X, Y)
    assert others
    assert all(isinstance(each, str) for each in others)


@pytest.mark.parametrize(
    "faulty", ["tru", "undefined", 'ISODate("2019-05-06")', '{"x": {"y": nil}}', "[1, {a: 2}]", r'"\q"']
)
@pytest.mark.parametrize(
    "layout",
    ['{"meta": %s, "rows": [%s]}', '{\n "meta": %s,\n "x": {"rows": [%s]}\n}', '{"n": {"meta": %s}, "rows": [%s]}'],
)
def test_a_faulty_value_beside_the_list_of_records_costs_itself_only(faulty: str, layout: str) -> None:
    fault, *records = fields_of(layout % (faulty, ",\n".join(map(json.dumps, (MILL, WEIR)))))
    assert records == [MILL, WEIR]
    assert fault.startswith("is not JSON: ")


def test_a_faulty_value_behind_the_list_of_records_is_reported() -> None:
    assert fields_of('{"rows": [{"title": "x"}], "meta": tru, "n": 1}') == [X, "is not JSON: Expecting value"]


@pytest.mark.parametrize("text", ['[{"title": "x"}, {"title": "y"', '[{"title": "x"}', '{"rows": [{"title": "x"}, {'])
def test_records_before_a_cut_are_read(text: str) -> None:
    assert fields_of(text) == [X, "is not JSON: it is truncated"]


def test_json_of_other_kinds() -> None:
    assert fields_of('[{"title": "x"}, 1]') == [X, "is not a JSON object"]
    assert fields_of('{"title":"x"}\n\n{bad\n[1]\n{"title":"y"}')[2:] == ["is not a JSON object", Y]
    for content in ("3", '"text"', "null", "", "title,body\nx,y\n"):
        with pytest.raises(UserError, match="is not a JSON object, nor a list of objects"):
            records_of(content)


@pytest.mark.parametrize(
    "wrapped", ["[%s]", '{"total": 2, "articles": [%s]}', '{"data": {"x": [1]}, "items": [%s], "y": []}', "%s"]
)
def test_large_json_is_read_record_by_record(wrapped: str) -> None:
    large = {"title": "x", "body": LARGE}
    texts = [json.dumps(Y), json.dumps(large), '{"title": tru}', *[json.dumps(Y)] * 3, json.dumps(large)]
    records = records_of(wrapped % ", ".join(texts))
    assert records[1] == records[-1] == Record(large)
    assert isinstance(records[2], ReadFailure)
    assert records[3:-1] == [Record(Y)] * 3


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["[%s]", "%s\n", '{"x": {"y": [%s]}}'])
def test_a_record_that_is_too_long_is_reported_and_skipped(layout: str) -> None:
    too_long = '{"title":"' + "a" * (2 * MAX_CHARACTERS) + '"}'
    content = layout % f'{{"title":"x"}},\n{too_long},\n{{"title":"y"}}'
    assert fields_of(content) == [X, "is a record of more than 20 MiB", Y]


def test_bulk_files_are_read_with_their_ids() -> None:
    lines = [{"index": {"_index": "n", "_id": "a"}}, MILL, {"create": {}}, WEIR, {"delete": {"_id": "b"}}]
    lines += [{"update": {"_id": "c"}}, {"doc": MILL}]
    assert fields_of("\n".join(map(json.dumps, lines))) == [{"_id": "a", **MILL}, WEIR, {"_id": "c", **MILL}]
    assert fields_of('{"index": {"title": "x"}}') == [X]


WRAPPED: dict[str, Any] = {
    "elasticsearch": {"took": 1, "hits": {"total": 1, "hits": [{"_index": "n", "_id": "e1", "_source": MILL}]}},
    "elasticdump": {"_index": "n", "_type": "_doc", "_id": "e1", "_score": 1, "_source": MILL},
    "solr": {
        "responseHeader": {"status": 0},
        "response": {"numFound": 1, "docs": [{**MILL, "title": [MILL["title"]], "body": [MILL["body"]]}]},
    },
    "solr, dynamic fields": {
        "response": {"docs": [{"title_txt_de": [MILL["title"]], "body_t": MILL["body"], "date_dt": MILL["date"]}]}
    },
    "couchdb": {"total_rows": 1, "rows": [{"id": "e1", "key": "e1", "value": {"rev": "1-a"}, "doc": MILL}]},
    "json:api": {"data": [{"type": "articles", "id": "e1", "attributes": MILL, "links": {"self": "/a"}}], "meta": {"n": 1}},
    "graphql": {"data": {"allArticles": {"edges": [{"cursor": "x", "node": MILL}], "pageInfo": {"hasNextPage": False}}}},
    "contentful": {"sys": {"type": "Array"}, "items": [{"sys": {"id": "e1", "type": "Entry"}, "fields": MILL}]},
    "activitypub": {
        "type": "OrderedCollection",
        "orderedItems": [
            {"type": "Create", "object": {"name": MILL["title"], "content": MILL["body"], "published": MILL["date"]}}
        ],
    },
    "reddit": {
        "kind": "Listing",
        "data": {
            "children": [
                {"kind": "t3", "data": {"title": MILL["title"], "selftext": MILL["body"], "created_utc": 1557136800}}
            ]
        },
    },
    "rss as json": {
        "rss": {
            "channel": {
                "title": "N",
                "link": "https://n.example",
                "description": "All.",
                "item": [{"title": MILL["title"], "description": MILL["body"], "pubDate": "Mon, 06 May 2019 10:00:00 GMT"}],
            }
        }
    },
    "spring": {"content": [MILL, WEIR], "pageable": {"pageNumber": 0}, "totalElements": 2},
    "crossref": {
        "status": "ok",
        "message": {
            "items": [
                {
                    "title": [MILL["title"]],
                    "abstract": f"<jats:p>{MILL['body']}</jats:p>",
                    "publisher": "P",
                    "created": MILL["date"],
                }
            ]
        },
    },
    "gdata": {
        "feed": {
            "title": {"$t": "B"},
            "entry": [
                {"title": {"$t": MILL["title"]}, "content": {"type": "html", "$t": MILL["body"]}, "published": MILL["date"]}
            ],
        }
    },
    "google reader": {
        "id": "feed/x",
        "title": "Starred",
        "author": "A",
        "items": [
            {"title": MILL["title"], "published": 1557136800, "content": {"direction": "ltr", "content": MILL["body"]}}
        ],
    },
    "drupal": [
        {
            "nid": [{"value": 7}],
            "title": [{"value": MILL["title"]}],
            "body": [{"value": f"<p>{MILL['body']}</p>", "format": "html"}],
            "created": MILL["date"],
        }
    ],
    "phpmyadmin": [
        {"type": "header", "version": "5"},
        {"type": "database", "name": "db"},
        {"type": "table", "name": "posts", "data": [MILL, WEIR]},
    ],
    "ghost": {
        "db": [
            {
                "meta": {"version": "5"},
                "data": {
                    "posts": [
                        {
                            "id": "e1",
                            "title": MILL["title"],
                            "html": "<p>x</p>",
                            "plaintext": MILL["body"],
                            "published_at": MILL["date"],
                        }
                    ],
                    "users": [{"id": "1", "name": "V", "email": "v@x.example"}],
                    "tags": [{"id": "2", "name": "n"}],
                },
            }
        ]
    },
    "dynamodb": {"Item": {"title": {"S": MILL["title"]}, "body": {"S": MILL["body"]}, "date": {"S": MILL["date"]}}},
    "firestore": {
        "documents": [
            {
                "name": "projects/p/1",
                "fields": {
                    "title": {"stringValue": MILL["title"]},
                    "body": {"stringValue": MILL["body"]},
                    "date": {"timestampValue": "2019-05-06T10:00:00Z"},
                },
            }
        ]
    },
    "mongodb": {
        "_id": {"$oid": "e1"},
        "title": MILL["title"],
        "body": MILL["body"],
        "date": {"$date": {"$numberLong": "1557136800000"}},
    },
    "messages": {
        "name": "Channel",
        "type": "public_channel",
        "id": 1,
        "messages": [
            {
                "id": 5,
                "type": "message",
                "date": "2019-05-06T10:00:00",
                "text": [MILL["title"] + ". ", {"type": "bold", "text": "The mill by the river"}, " grinds again."],
            }
        ],
    },
}


@pytest.mark.parametrize("service", WRAPPED)
def test_answers_and_exports_of_many_programs_are_read(archive: Archive, service: str) -> None:
    article = next(item for item in read(archive, "export.json", json.dumps(WRAPPED[service])) if isinstance(item, Article))
    assert article.title.rstrip(".") == "Mill restored"
    assert "The mill by the river grinds again." in article.body
    assert str(article.date) == "2019-05-06"


def repeated(value: Any, number: int) -> Any:
    """Return an answer with the list that holds the records repeated so often."""
    if isinstance(value, list) and "Mill restored" in str(value[0]) and "posts" not in str(value):
        return value * number
    if isinstance(value, list):
        return [repeated(each, number) for each in value]
    return {name: repeated(each, number) for name, each in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize("service", ["elasticsearch", "solr", "graphql", "json:api", "crossref", "firestore"])
def test_large_answers_are_read_like_small_ones(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records_module, "HEAD_CHARACTERS", 5_000)
    content = json.dumps(repeated(WRAPPED[service], 300))
    assert records_of(content) == records_of(json.dumps(WRAPPED[service])) * 300


_text = st.text(st.sampled_from('a"\\[]{}:, \n'), max_size=8)
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | _text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    max_leaves=8,
)
_articles = st.dictionaries(_text, _values, max_size=4).map(lambda fields: {"title": "t", "body": "b", **fields})


@settings(max_examples=40)
@given(
    st.lists(_articles, min_size=2, max_size=5), st.sampled_from([None, 1]), st.sampled_from(["list", "wrapped", "lines"])
)
def test_whatever_records_hold_they_are_read(records: list[dict[str, Any]], indent: int | None, layout: str) -> None:
    texts = {
        "list": json.dumps(records, indent=indent),
        "wrapped": json.dumps({"n": {"a": 1}, "x": {"rows": records}, "z": [1]}, indent=indent),
        "lines": "\n".join(json.dumps(record, indent=indent) for record in records),
    }
    assert [{**fields} for fields in fields_of(texts[layout])] == records


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["[%s]", '{"a": {"rows": [%s]}}'])
def test_a_list_in_one_line_takes_time_in_proportion_to_its_length(layout: str) -> None:
    def seconds(number: int) -> float:
        begun = process_time()
        assert len(records_of(layout % ", ".join([json.dumps(MILL)] * number))) == number
        return process_time() - begun

    assert min(seconds(80_000) for _ in range(2)) < 3 * max(seconds(40_000) for _ in range(2)) + 0.1


FEATURE = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [9, 5]}}
FAULTY = json.dumps(MILL | {"标": 1})[:-1] + ",}"


@pytest.mark.slow
@pytest.mark.parametrize("record", [json.dumps(FEATURE), FAULTY, FAULTY.replace('{"title', '{"标": 2, "title')])
def test_neither_foreign_nor_faulty_records_take_more_than_linear_time(record: str) -> None:
    def seconds(number: int) -> float:
        begun = process_time()
        assert len(records_of(f"[{','.join([record] * number)}]")) == number
        return process_time() - begun

    assert min(seconds(16_000) for _ in range(2)) < 3 * max(seconds(8_000) for _ in range(2)) + 0.1


@pytest.mark.slow
@pytest.mark.parametrize("other", ["{n: 1}", "[tru", "tru", "[", '{"a": ', '"'])
def test_faults_beside_records_take_no_more_than_linear_time(other: str) -> None:
    def seconds(number: int) -> float:
        begun = process_time()
        assert len(records_of(f'{{"rows": [{json.dumps(MILL)}]}}\n' + f'{{"meta": {other}, "rows": []}}\n' * number)) > 1
        return process_time() - begun

    assert min(seconds(16_000) for _ in range(2)) < 3 * max(seconds(8_000) for _ in range(2)) + 0.1


def test_what_is_nested_too_deeply_in_typed_values_costs_itself_only() -> None:
    deep = '{"title": "x", "v": ' + '{"L": [' * 400 + "]}" * 400 + "}"
    assert [type(each) for each in records_of("\n".join([json.dumps(X), deep, json.dumps(Y)]))] == [Record] * 3


def test_failures_of_records_have_their_number(archive: Archive) -> None:
    items = read(archive, "c.jsonl", '{"title":"x"}\n\n{bad\n[1]\n{"y":1}\n')
    assert [type(item) for item in items] == [Article, ReadFailure, ReadFailure, ReadFailure]
    assert [item.path for item in items if isinstance(item, ReadFailure)] == ["c.jsonl#2", "c.jsonl#3", "c.jsonl#4"]


def test_articles_of_records(archive: Archive) -> None:
    rows = [{"headline": "H", "content": "<p>B &amp; b</p><p>c</p>", "geo": {"lat": 1.5}, "n": [1, True, None], "": "e"}]
    (article,) = read(archive, "a.json", json.dumps({"articles": rows, "total": 1}))
    assert isinstance(article, Article)
    assert (article.title, article.body, article.id) == ("H", "B & b\n\nc", "a.json#1")
    assert article.extra == {"geo.lat": ("1.5",), "n": ("1", "true"), "_": ("e",)}
