"""References in the format RIS, as golden outputs."""

import datetime as dt
import re

from hypothesis import given
from hypothesis import strategies as st

from searchsvc.api.exports import ris_records
from searchsvc.model.article import Article

FULL = Article(
    "a/1",
    "Tea & <cups>",
    "Green tea.\n\nBlack tea.",
    "a.jsonl",
    date=dt.date(2022, 12, 23),
    author=("Ann", "Bo"),
    source="ANI",
    section="Food",
    place=("India", "Peru"),
    tag=("tea", "cups"),
    language="en",
    url="https://a.example/1?x=1&y=2",
    extra={"mood": ("calm",)},
)
BARE = Article("b", "B", "", "b.txt")


def test_an_article_in_full_as_a_reference() -> None:
    full, bare = ris_records([FULL, BARE])
    assert full.split("\r\n") == [
        *("TY  - NEWS", "ID  - a/1", "TI  - Tea & <cups>", "AU  - Ann", "AU  - Bo", "T2  - ANI", "PY  - 2022"),
        *("DA  - 2022/12/23/", "SE  - Food", "CY  - India", "CY  - Peru", "KW  - tea", "KW  - cups", "LA  - en"),
        *("UR  - https://a.example/1?x=1&y=2", "ER  - ", "", ""),
    ]
    assert bare == "TY  - NEWS\r\nID  - b\r\nTI  - B\r\nER  - \r\n\r\n"


@given(st.text(), st.lists(st.text(), max_size=3), st.text())
def test_no_text_adds_a_line_to_a_reference(title: str, authors: list[str], url: str) -> None:
    (record,) = ris_records([Article("b", title, "x", "b.txt", author=tuple(authors), url=url)])
    lines = record.removesuffix("\r\n\r\n").split("\r\n")
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - .*", line) for line in lines)
    assert [line[:2] for line in lines].count("ER") == 1
    assert len(record.splitlines()) <= len(lines) + 1
