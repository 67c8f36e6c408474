"""Wire copy: date lines, datelines, agency credits and first sentences."""

import datetime as dt

import pytest

from searchsvc.corpus.metadata.datelines import agency_credit, first_sentence, parse_dateline, split_date_line
from tests.conftest import Archive
from tests.corpus.reading import read_one
from tests.corpus.test_reader import WIRE


def test_an_article_of_wire_copy(archive: Archive) -> None:
    article = read_one(archive, "wire.txt", WIRE)
    assert article.date == dt.date(2022, 12, 23)
    assert (article.place, article.source) == (("New Delhi", "India"), "ANI")
    assert article.title == "India and Russia held a meeting in the U.S. on Friday."
    assert article.body.startswith("New Delhi [India], December 23 (ANI): India")
    assert article.body.endswith("\n\nThe second paragraph.")
    assert article.id == article.path == "wire.txt"


@pytest.mark.parametrize(
    ("text", "places", "agency"),
    [
        ("New Delhi [India], December 23 (ANI): India", ("New Delhi", "India"), "ANI"),
        ("LONDON (Reuters) - The pound", ("London",), "Reuters"),
        ("WASHINGTON, Feb 26 - The House", ("Washington",), ""),
        ("PARIS, 3 mars (AFP) - Le", ("Paris",), "AFP"),
        ("SAO PAULO, Brazil, March 3 (AP) -- A", ("Sao Paulo", "Brazil"), "AP"),
        ("RIO DE JANEIRO (AP) — Two", ("Rio de Janeiro",), "AP"),
        ("SAN MATEO, Calif., March 2 - The", ("San Mateo", "California"), ""),
        ("WASHINGTON, D.C., March 2 - The", ("Washington",), ""),
        ("CANTON, N.Y. (AP) — A", ("Canton", "New York"), "AP"),
        ("New Delhi, Dec 23 (PTI) The", ("New Delhi",), "PTI"),
        ("BEIJING, Dec. 23 (Xinhua) -- China", ("Beijing",), "Xinhua"),
        ("MOSCOW, December 23. /TASS/. Russia", ("Moscow",), "TASS"),
        ("MOSCOW. Dec 23 (Interfax) - Russia", ("Moscow",), "Interfax"),
        ("Madrid, 23 dic (EFE).- El", ("Madrid",), "EFE"),
        ("Berlin (dpa) - Der", ("Berlin",), "dpa"),
    ],
)
def test_datelines(text: str, places: tuple[str, ...], agency: str) -> None:
    line = parse_dateline(text)
    assert line is not None
    assert (line.places, line.agency) == (places, agency)
    assert line.length == text.rindex(" ") + 1 or text[line.length :][:1].isupper()


@pytest.mark.parametrize(
    "text",
    [
        "Update: the match is over",
        "Paris - a city",
        "He said (Smith): no",
        "Note, March 3: x",
        "",
        "IBM: shares fell",
        "NASA - x",
        "Photo (AP) - A dog",
        "Jane Smith (AP) - A dog",
        "NEW YORK (CBS) A man",
        "In Berlin, March 3 (Monday) the",
        "COCOA OPEN POSITION (REVISED) - APR",
    ],
)
def test_doubtful_datelines_are_left_alone(text: str) -> None:
    assert parse_dateline(text) is None


@pytest.mark.parametrize(
    ("text", "day", "rest"),
    [
        (" date 2022-12-23 Tea", "2022-12-23", "Tea"),
        ("Date: 2022-12-23\n\nTea", "2022-12-23", "Tea"),
        ("Up to date 2022-12-23 Tea", "", "Up to date 2022-12-23 Tea"),
        ("", "", ""),
    ],
)
def test_date_lines(text: str, day: str, rest: str) -> None:
    assert split_date_line(text) == (day, rest)


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("It rained.\n\nMore rain is expected. (ANI)", "ANI"),
        ("It rained. (Reuters).\n", "Reuters"),
        ("He works there (NASA)", ""),
        ("(ANI) said so", ""),
        ("", ""),
    ],
)
def test_agency_credits(text: str, agency: str) -> None:
    assert agency_credit(text) == agency


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("It rained in the U.S. on Friday. It stopped.", "It rained in the U.S. on Friday."),
        ("“Go!” he said. Then", "“Go!” he said."),
        ("One\nline. two", "One line. two"),
        ("No end", "No end"),
        ("Heading\n\nText.", "Heading"),
        ("盐沼的电站开始发电。鱼", "盐沼的电站开始发电。"),
        ("word " * 500, "word " * 59 + "word …"),
        ("x" * 400, "x" * 300 + " …"),
        ("  ", ""),
    ],
)
def test_first_sentences(text: str, sentence: str) -> None:
    assert first_sentence(text) == sentence
