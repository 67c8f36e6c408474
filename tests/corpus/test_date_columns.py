"""Columns of dates such as 05/04/2021, each of which is read one way throughout."""

import gzip
import io
import zipfile
from pathlib import Path
from time import process_time

import pytest

from searchsvc.corpus import ReadNote, inspect_file, read_file
from searchsvc.corpus.metadata.date_columns import ENOUGH_DATES
from searchsvc.corpus.reader import FileReader
from searchsvc.corpus.record import ExtractedArticle
from searchsvc.indexer.reindex import reindex
from searchsvc.model.article import Article
from tests.conftest import Archive
from tests.corpus.reading import read


def table(*dates: str, name: str = "date") -> str:
    return "".join(["title,body,", name, "\n", *(f"t{number},text,{date}\n" for number, date in enumerate(dates))])


def days(archive: Archive, name: str, content: str | bytes) -> list[str]:
    return [str(item.date) for item in read(archive, name, content) if isinstance(item, Article)]


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (["05/04/2021", "13/04/2021"], "2021-04-05"),
        (["05-04-2021 10:30", "13-04-2021 10:30"], "2021-04-05"),
        (["05/04/2021", "04/13/2021"], "2021-05-04"),
        (["05/04/2021", "13/04/2021", "04/14/2021", "15/04/2021"], "2021-04-05"),
        (["05/04/2021", "13/04/2021", "04/14/2021"], "2021-05-04"),
        (["05/04/2021", "06/04/2021"], "2021-05-04"),
        (["05/04/2021", "2021-04-13", "14.04.2021"], "2021-05-04"),
        (["5/4/21", "13/04/2021"], "2021-05-04"),
        (["5/4/21", "13/4/21"], "2021-04-05"),
    ],
)
def test_most_of_the_dates_that_leave_no_choice_decide(archive: Archive, dates: list[str], first: str) -> None:
    assert days(archive, "a.csv", table(*dates))[0] == first


def test_a_date_at_the_end_of_a_long_file_decides_its_first(archive: Archive) -> None:
    found = days(archive, "a.csv", table(*["05/04/2021"] * 5_000, "13/04/2021"))
    assert set(found[:-1]) == {"2021-04-05"}


@pytest.mark.slow
@pytest.mark.parametrize(("dates", "times"), [(["13/04/2021"], 1.2), (["04/13/2021", "13/04/2021"], 2)])
def test_a_long_file_is_not_read_twice_once_its_first_dates_agree(archive: Archive, dates: list[str], times: float) -> None:
    content = table("05/04/2021", *dates * ENOUGH_DATES, *["14/04/2021"] * 6_000).replace("text", "text " * 200)
    archive.write({"a.csv": content})
    unpacked: list[int] = []
    first, *_ = FileReader(archive.corpus / "a.csv", "a.csv", on_unpacked=unpacked.append)
    assert isinstance(first, Article)
    assert str(first.date) == "2021-04-05"
    assert times - 0.2 < sum(unpacked) / len(content) <= times


def test_each_column_is_decided_once(archive: Archive) -> None:
    first, second = ["13/04/2021"] * ENOUGH_DATES, ["04/13/2021"] * 5 * ENOUGH_DATES
    found = days(archive, "a.csv", table("05/04/2021", *first, *second, "05/04/2021"))
    assert (found[0], found[-1]) == ("2021-04-05", "2021-04-05")


def test_each_column_of_each_file_is_decided_by_itself(archive: Archive) -> None:
    lines = ['{"title": "a", "date": "05/04/2021"}', '{"title": "b", "created": "05/04/2021"}']
    lines.append('{"title": "c", "created": "13/04/2021"}')
    assert days(archive, "a.jsonl", "\n".join(lines)) == ["2021-05-04", "2021-04-05", "2021-04-13"]


def test_members_of_an_archive_are_decided_by_themselves(archive: Archive) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("a.csv", table("05/04/2021", "13/04/2021"))
        file.writestr("b.csv", table("05/04/2021", "04/13/2021"))
    assert days(archive, "all.zip", packed.getvalue()) == ["2021-04-05", "2021-04-13", "2021-05-04", "2021-04-13"]


def test_dates_in_lists_and_objects_decide_too(archive: Archive) -> None:
    records = '[{"title": "a", "date": ["05/04/2021"]}, {"title": "b", "date": {"value": "13/04/2021"}}]'
    assert days(archive, "a.json", records) == ["2021-04-05", "2021-04-13"]


def test_a_file_that_breaks_off_is_decided_by_what_it_has_and_reported_once(archive: Archive) -> None:
    whole = gzip.compress(b'{"title": "a", "date": "05/04/2021"}\n' * 8_000, 0)
    items = read(archive, "a.jsonl.gz", whole[: len(whole) // 2])
    (note,) = (item for item in items if isinstance(item, ReadNote))
    assert "can be read in two ways" in note.text
    assert sum(not isinstance(item, Article | ReadNote) for item in items) == 1


def test_a_reindex_says_which_columns_are_undecided(archive: Archive) -> None:
    archive.write({"a.csv": table("05/04/2021", "06/04/2021", "2021-04-13"), "b.csv": table("05/04/2021", "13/04/2021")})
    report = reindex(archive.settings)
    (note,) = report.notes
    assert note.startswith("a.csv: has 2 dates in “date” that can be read in two ways")
    assert not report.failures
    assert report.articles == 5


def test_inspection_says_why_a_date_is_read_so(archive: Archive) -> None:
    archive.write({"a.csv": table("05/04/2021", "13/04/2021", "14/04/2021", "04/15/2021", name="day published,date")})
    archive.write({"b.csv": table("05/04/2021")})
    for name, why in (("a.csv", "read day first, like 2 of 3 dates"), ("b.csv", "read month first, since nothing tells")):
        first = inspect_file(archive.corpus / name, (("day published", "date"),), 1).items[0]
        assert isinstance(first, ExtractedArticle)
        assert why in first.provenance["date"]


@pytest.mark.parametrize("date", ["05/04/2021", "5 April 2021"])
def test_a_file_of_one_article_is_read_once(archive: Archive, date: str) -> None:
    archive.write({"a.txt": f"Title: Tea\nDate: {date}\n\nText."})
    unpacked: list[int] = []
    items = list(FileReader(archive.corpus / "a.txt", "a.txt", on_unpacked=unpacked.append))
    assert sum(unpacked) == (archive.corpus / "a.txt").stat().st_size
    assert [type(item) for item in items] == [Article, *[ReadNote] * (date == "05/04/2021")]


def test_the_name_of_a_file_is_the_day_of_its_one_article_if_nothing_else_is(archive: Archive) -> None:
    assert days(archive, "2021-03-05-tea.md", "# Tea\n\nText.") == ["2021-03-05"]
    assert days(archive, "2021-03-05-tea.txt", "Date: 6 March 2021\nTitle: Tea\n\nText.") == ["2021-03-06"]
    assert days(archive, "2021-03-05.csv", table("soon")) == ["None"]


@pytest.mark.slow
def test_deciding_takes_no_more_time_than_reading_once_more(tmp_path: Path) -> None:
    def seconds(date: str) -> float:
        (tmp_path / "a.csv").write_text(table(*[date] * 20_000))
        begun = process_time()
        for _item in read_file(tmp_path / "a.csv", "a.csv"):
            pass
        return process_time() - begun

    assert min(seconds("05/04/2021") for _ in range(3)) < 2.5 * min(seconds("2021-04-05") for _ in range(3))
