"""Messages of newsgroups and e-mails that were saved as text."""

import datetime as dt
from typing import Any

import pytest

from searchsvc.corpus.formats.message_head import split_message_head
from tests.conftest import Archive
from tests.corpus.reading import read_one

NEWS = """Path: news.example!not-for-mail
From: bo@hills.example (Bo Li)
Newsgroups: rec.tea
Subject: Leaves,
  and more of them
Message-ID: <1@hills.example>
Date: 7 Oct 91 10:30:00 GMT
Organization: Tea Univ.
X-Reader: tin
Lines: 2

Who has leaves?

Bo
"""


def test_a_message_of_a_newsgroup_has_its_subject_day_and_author(archive: Archive) -> None:
    article = read_one(archive, "51123.txt", NEWS)
    assert (article.title, article.author) == ("Leaves, and more of them", ("Bo Li",))
    assert (article.date, article.body) == (dt.date(1991, 10, 7), "Who has leaves?\n\nBo")
    assert article.extra == {"Newsgroups": ("rec.tea",), "Organization": ("Tea Univ.",)}


@pytest.mark.parametrize(
    ("head", "fields"),
    [
        ("From: Jane Smith <jane@c.example>\nSubject: Tea", {"author": "Jane Smith", "title": "Tea"}),
        ('From: "Smith, Jane" <jane@c.example>\nSubject: Tea', {"author": "Smith, Jane", "title": "Tea"}),
        ("From: jane at c.example (Jane Smith)\nDate: 2022-12-23", {"author": "Jane Smith", "date": "2022-12-23"}),
        ("From: jane@c.example\nSubject: Tea", {"author": "jane@c.example", "title": "Tea"}),
        ("From jane Fri Dec 23 10:00:00 2022\nFrom: Jo\nSubject: Tea", {"author": "Jo", "title": "Tea"}),
        ("Subject: =?utf-8?Q?Th=C3=A9?=\nFrom: =?iso-8859-1?Q?=C8ve?= <e@c.example>", {"title": "Thé", "author": "Ève"}),
        ("Subject: =?x-none?Q?T=C3=A9?=\nFrom: Jo", {"title": "Té", "author": "Jo"}),
        ("Subject: =?iso-8859-1?Q?a=96b?=\nFrom: Jo", {"title": "a–b", "author": "Jo"}),
        ("Subject: =?utf-8?B?x?=\nFrom: Jo", {"title": "=?utf-8?B?x?=", "author": "Jo"}),
        (
            "Von: Jo\nGesendet: Freitag, 23. Dezember 2022 10:00\nAn: Bo\nBetreff: Tee",
            {"author": "Jo", "date": "Freitag, 23. Dezember 2022 10:00", "title": "Tee"},
        ),
        (
            "De\xa0: Jo\nEnvoyé\xa0: 23 décembre 2022\nObjet\xa0: Thé",
            {"author": "Jo", "date": "23 décembre 2022", "title": "Thé"},
        ),
        (
            "From:\tJo\nSent:\t23 Dec 2022\nTo:\tBo\nCc:\nSubject:\tTea",
            {"author": "Jo", "date": "23 Dec 2022", "title": "Tea"},
        ),
        (
            "From: Jo\nKeywords: tea\nSubject: Tea\nKeywords: hills,\n  rain\nmood: calm\nmood: bo@c.example\nmood: glad",
            {"author": "Jo", "title": "Tea", "tag": ["tea", "hills, rain"], "mood": ["calm", "glad"]},
        ),
        ("From: Jo\nSubject: Tea\nmood: calm\nseen-by: bo@c.example", {"author": "Jo", "title": "Tea", "mood": "calm"}),
    ],
)
def test_heads_as_programs_write_them(head: str, fields: dict[str, Any]) -> None:
    assert split_message_head(f"{head}\n\nText.") == (fields, "Text.")


@pytest.mark.parametrize(
    "text",
    [
        "From: here to there\n\nText.",
        "From: here\nto there\nSubject: Tea\n\nText.",
        "A letter.\n\nFrom: Jo\nSubject: Tea\n\nText.",
        "Title: Tea\nDate: 2022-12-23\n\nText.",
        "".join(f"Subject: {number}\nFrom: Jo\n" for number in range(200)),
        "",
    ],
)
def test_other_texts_are_no_messages(text: str) -> None:
    assert split_message_head(text) is None
