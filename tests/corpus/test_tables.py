"""CSV and TSV as spreadsheets, databases and programs write them."""

import datetime as dt
from collections.abc import Callable
from io import BytesIO
from time import process_time
from typing import Any

import pytest

from searchsvc.corpus import ReadFailure, Record
from searchsvc.corpus.formats.tables import Records, read_csv, read_tsv
from searchsvc.errors import UserError
from searchsvc.model.article import Article
from tests.conftest import Archive
from tests.corpus.reading import read

FRENCH = "Les élèves ont déjà dîné à l’hôtel, où l’on fête Noël. " * 5
UNCLOSED = ReadFailure("is not well formed: a quotation mark in this row is not closed")
X1 = {"title": "x", "n": "1"}


def rows_of(table: str, reader: Callable[[BytesIO], Records] = read_csv) -> list[Any]:
    return [row.fields if isinstance(row, Record) else row for row in reader(BytesIO(table.encode()))]


@pytest.mark.parametrize(
    ("table", "records"),
    [
        ("title,n\nx,1\ny,\n", [X1, {"title": "y", "n": ""}]),
        ("title;n\nx;1,5\n", [{"title": "x", "n": "1,5"}]),
        ("title|n\nx|1\n", [X1]),
        ("title\tn\nx\t1\n", [X1]),
        (" title \n\"x\ny\"\n''\n\n", [{"title": "x\ny"}, {"title": "''"}]),
        ("title,n\nx\n,\n", [{"title": "x"}]),
        ("title\r\nx, y, z\r\n", [{"title": "x, y, z"}]),
        ("title\rx\ry\r", [{"title": "x"}, {"title": "y"}]),
        ("\n\ntitle,n\nx,1\n", [X1]),
        (",,\ntitle,n,\nx,1,\n", [X1 | {"": ""}]),
        ("sep=;\ntitle;n\nx;1\n", [X1]),
        ('"sep=|"\r\ntitle|n\r\nx|1\r\n', [X1]),
        ("SEP=\t\ntitle\tn\nx\t1\n", [X1]),
        ("sep=,\ntitle,n\nx;y,1\n", [{"title": "x;y", "n": "1"}]),
        ("title,n\nx,1,\ny,2,,,,\n", [X1, {"title": "y", "n": "2"}]),
        ('"title";"names (last, first, other)";n\nx;a;1\n', [{"title": "x", "names (last, first, other)": "a", "n": "1"}]),
        ("title;names (last, first, other);n\nx;a;1\ny;a, b;2\n", 2),
        ('"title","a|b|c|d"\nx,1\n', [{"title": "x", "a|b|c|d": "1"}]),
        ('"a\nb";n\nx;1\n', [{"a\nb": "x", "n": "1"}]),
        (",title\n0,x\n1,y\n", [{"title": "x"}, {"title": "y"}]),
        ("Unnamed: 0,title\n7,x\n", [{"title": "x"}]),
        (",title\nnote,x\n", [{"": "note", "title": "x"}]),
        ('"title","n"\n"1","x",1\n"2","y",2\n', [X1, {"title": "y", "n": "2"}]),
        ("All articles\nof 2021,,\ntitle,n,b\nx,1,c\ny,2,d\n", [X1 | {"b": "c"}, {"title": "y", "n": "2", "b": "d"}]),
        ('title,n\n"He said \\"no\\", then",1\n', [{"title": 'He said "no", then', "n": "1"}]),
        ('title,n\n"C:\\folder\\",1\n', [{"title": "C:\\folder\\", "n": "1"}]),
        ('title,n\n"He said ""no""",1\n', [{"title": 'He said "no"', "n": "1"}]),
        ('title,n\nA 5" nail,1\n', [{"title": 'A 5" nail', "n": "1"}]),
        ('title,n\n"A" nail,1\n', [{"title": "A nail", "n": "1"}]),
        ("title,n\nx\0y,1\n", [{"title": "x\0y", "n": "1"}]),
    ],
)
def test_tables(table: str, records: Any) -> None:
    found = rows_of(table)
    assert found == records if isinstance(records, list) else len(found) == records


def test_tabs_come_first_in_tsv() -> None:
    assert rows_of("title\tn\nx, y\t1\n", read_tsv) == [{"title": "x, y", "n": "1"}]
    assert rows_of("title,a,b\tn\nx,a,b\t1\n", read_tsv) == [{"title,a,b": "x,a,b", "n": "1"}]
    assert rows_of("title,n\nx,1\n", read_tsv) == [X1]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_excel_writes_tables_in_several_encodings(encoding: str, delimiter: str) -> None:
    table = ("Titel;Text\r\nMühle;„Über den Fluß“\r\n" + "Wehr;Fünf Boote\r\n" * 100).replace(";", delimiter)
    first, *others = read_csv(BytesIO(table.encode(encoding)))
    assert first == Record({"Titel": "Mühle", "Text": "„Über den Fluß“"})
    assert len(others) == 100


def test_values_of_columns_with_one_name_are_all_kept() -> None:
    rows = rows_of("title,tag,tag,text,text\nx,a,b,first,\ny,,,,second\n")
    assert rows == [
        {"title": "x", "tag": ["a", "b"], "text": "first"},
        {"title": "y", "tag": "", "text": "second"},
    ]


@pytest.mark.parametrize("following", ["z,3\n", 'z,"3"\n', '"z",3\n', "z,3\n" * 1_000, 'z,"a ""3"""\n'])
def test_a_quotation_mark_that_is_not_closed_costs_its_row_only(following: str) -> None:
    rows = rows_of(f'title,n\nx,1\n"y,2\n{following}')
    assert rows[:2] == [X1, UNCLOSED]
    assert [row["title"] for row in rows[2:]] == ["z"] * following.count("z")


def test_a_row_with_too_many_values_is_a_failure() -> None:
    assert rows_of("title,n\nx,1,2\ny,1\n") == [ReadFailure("has 3 values for 2 columns"), {"title": "y", "n": "1"}]


def test_a_table_without_names_is_rejected() -> None:
    for table in ("\n", ",,\n", "sep=;\n"):
        with pytest.raises(UserError, match="its first line should name the columns"):
            rows_of(table)


@pytest.mark.slow
def test_the_encoding_of_a_table_may_show_late() -> None:
    rows = [f"{number};plain" for number in range(200_000)]
    table = "\n".join(["n;title", *rows, f"last;{FRENCH}"])
    last = list(read_csv(BytesIO(table.encode("cp1252"))))[-1]
    assert last == Record({"n": "last", "title": FRENCH})


def test_articles_of_tables(archive: Archive) -> None:
    items = read(archive, "b.csv", "Title;Text;Pub Date\n'A';\"x; y\nz\";24 Dec 2021\n;;\nB\n1;2;3;4\n")
    dates = [(item.title, item.date) for item in items if isinstance(item, Article)]
    assert dates == [("'A'", dt.date(2021, 12, 24)), ("B", None)]
    assert items[-1] == ReadFailure("has 4 values for 3 columns", "b.csv#3")


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        ("Überschrift;Artikeltext;Autor;Rubrik;Schlagwörter", "title body author section tag"),
        ("Titre;Texte;Auteur;Rubrique;Mots-clés", "title body author section tag"),
        ("TITULO;Contenido;Autor;Sección;Etiquetas", "title body author section tag"),
        ("Заголовок;Текст;Автор;Рубрика;Теги", "title body author section tag"),
        ("标题;正文;作者;栏目;标签", "title body author section tag"),
        ("dc.title[de];dc.description.abstract;dc:creator;dc.publisher;dc.subject", "title body author source tag"),
        ("Title;Abstract Note;Author;Publication Title;Manual Tags", "title body author source tag"),
    ],
)
def test_columns_are_known_in_other_languages_and_programs(archive: Archive, header: str, fields: str) -> None:
    (article,) = read(archive, "a.csv", f"{header}\nVT;VB;VA;VS;VG\n")
    assert isinstance(article, Article)
    expected = dict(zip(fields.split(), ("VT", "VB", "VA", "VS", "VG"), strict=True))
    found = {field: getattr(article, field) for field in expected}
    assert {field: value if isinstance(value, str) else value[0] for field, value in found.items()} == expected


@pytest.mark.slow
def test_very_many_rows_with_open_quotation_marks_take_linear_time() -> None:
    def seconds(number: int) -> float:
        begun = process_time()
        rows = rows_of("a,b,c\n" + 'b","c","d\n' * number)
        assert len(rows) == number
        assert UNCLOSED in rows
        return process_time() - begun

    assert seconds(40_000) < 3 * seconds(20_000) + 0.1
