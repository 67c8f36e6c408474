"""Words that some write in one piece and others in two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis.characters import encode
from searchsvc.analysis.joined_words import MAX_JOINED_WORDS, distinct_joined_words, joined_word, joined_words
from searchsvc.verify import reference


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("an e-mail, an E-Mail", ["email", "EMail"]),
        ("COVID-19, F-16 and 3-D", ["COVID19", "F16", "3D"]),
        ("re-election of the co-author", ["reelection", "coauthor"]),
        ("1,000 or 1.000 or 1 000", ["1000"]),
        ("12,345,678.90", ["12345678"]),
        ("COVID-19는", ["COVID19"]),
        ("E‑mail É-mail", ["Email", "Émail"]),
        ("al-Qaeda's (e-mail)", ["alQaeda", "email"]),
        ("up-to-date year-on-year 10-year-old", []),  # of more than two parts
        ("well-known, 9-11, 2020-01-01, 3,14, 1,0000", []),
        ("don't U.S. a - b -c d- e--f", []),
        ("e-ma\u0301il e\u0301-mail", []),  # whose marks are characters of their own
        ("北-京 a-京", []),
        (f"e-{'x' * 39}", []),
    ],
)
def test_joined_words(text: str, words: list[str]) -> None:
    assert distinct_joined_words(encode(text)) == words
    assert all("".join(filter(str.isalnum, text[start:end])) == word for start, end, word in joined_words(text))


@pytest.mark.parametrize(
    ("text", "word"), [("e-mail", "email"), ("(COVID-19)?", "COVID19"), ("e-mail x", ""), ("mail", ""), ("", "")]
)
def test_one_joined_word(text: str, word: str) -> None:
    assert joined_word(text) == word


@given(st.text("ab1923-‐,. \u00a0é\u0301中한_'“x\u00adÅ⅓\n", max_size=14))
def test_they_are_those_of_the_reference(text: str) -> None:
    assert sorted(distinct_joined_words(encode(text))) == sorted(reference.joined_words(text))


def test_a_text_has_so_many_joined_words_at_most() -> None:
    text = " ".join(f"e-{number:x}z" for number in range(MAX_JOINED_WORDS + 9))
    assert distinct_joined_words(encode(text)) == reference.joined_words(text)
    assert len(reference.joined_words(text)) == MAX_JOINED_WORDS


@pytest.mark.parametrize("part", [",123", "1-", "a1-", "b-1\u2010"])
def test_very_many_parts_are_looked_at_once(part: str) -> None:
    assert distinct_joined_words(encode("0000" + part * 200_000)) == []
