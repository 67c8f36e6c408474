"""Corrections of misspelt words by the company that the archive has them in."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchsvc.engines.wrapped import WrappedEngine
from searchsvc.model import Article
from searchsvc.model.results import TermCount
from searchsvc.query import SearchRequest, parse
from searchsvc.search import Question, Searcher
from searchsvc.search.corrections import correct

Make = Callable[..., Searcher]
TEXTS = {
    "Condoleezza Rice spoke": 8,
    "a race for the senate": 60,
    "Condoleezza was in the race": 1,
    "muhammad ali won": 9,
    "mohammed attended": 30,
    "the supreme court decided": 9,
    "a rein on Tobias": 1,
    "reins and a rein": 40,
    "Alinsky wrote": 9,
    "the eighth boat": 9,
    "a lighthouse": 9,
}
WORDS = ("Condoleeza", "rice", "RACE", "the", "“", "-race", "(cuort", "title:cuort", "suprem*", "zzzz")
ARCHIVE = [Article(f"{text} {n}", "Report", text, "p") for text, number in TEXTS.items() for n in range(number)]


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a busy machine the time that it needs."""
    monkeypatch.setattr("searchsvc.search.corrections.MAX_SECONDS", 60.0)


def question(text: str, **fields: Any) -> Question:
    return Question(text, request=SearchRequest(parse(text).tree, **fields))


def corrected(searcher: Searcher, text: str) -> tuple[str, int] | None:
    asked = question(text)
    found = correct(searcher, asked, searcher.count(asked.request))
    return (found.question.text, found.total) if found else None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Condoleeza Rice", ("Condoleezza Rice", 8)),  # not race, which is more frequent
        ("condoleeza rice", ("condoleezza rice", 8)),
        ("CONDOLEEZA RICE", ("CONDOLEEZZA RICE", 8)),
        ("Muhammed Ali", ("Muhammad Ali", 9)),  # not mohammed, which is more frequent
        ("supreem cuort", ("supreme court", 9)),
        ("suprem race", ("supreme race", 0)),  # the archive lacks the word, and no article has both
        ("Tobias Rehn", None),  # a name that is next to no such word
        ("Kolinsky", None),  # a name alone, which differs in two letters
        ("Alinsku", ("Alinsky", 9)),
        ("lourt", ("court", 9)),
        ("lighth", None),  # rather the beginning of a word than another one with a wrong first letter
        ("senat -supreem", None),
        ("Rice", None),
        ("supreme court", None),
        ("zzzz", None),
        ("", None),
    ],
)
def test_words_are_corrected_to_those_that_stand_in_their_company(
    searcher_of: Make, text: str, meant: tuple[str, int] | None
) -> None:
    assert corrected(searcher_of(ARCHIVE), text) == meant


class FewWords(WrappedEngine):
    """An engine whose dictionary lacks the words of a single article."""

    def terms(self, prefix: str, limit: int) -> list[TermCount]:
        return [each for each in super().terms(prefix, limit) if each.articles > 1]


def test_words_that_are_too_rare_for_the_dictionary_are_known(searcher_of: Make) -> None:
    debras = [Article(f"d{n}", "Report", "Debra stood", "p") for n in range(20)]
    searcher = searcher_of([*ARCHIVE, *debras, Article("z", "Report", "a zebra crossing", "p")])
    rare = Searcher(searcher.generation, searcher.info, FewWords(searcher.engine))
    assert (rare.dictionary.count("zebra"), rare.dictionary.count("debra")) == (0, 20)
    assert corrected(rare, "zebra court") is None


def test_a_correction_takes_no_longer_than_its_time(searcher_of: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    searcher = searcher_of(ARCHIVE)
    monkeypatch.setattr("searchsvc.search.corrections.MAX_SECONDS", -1.0)
    counted: list[SearchRequest] = []

    def count(request: SearchRequest) -> int:
        counted.append(request)
        return 0

    monkeypatch.setattr(searcher, "count", count)
    correct(searcher, question("Condoleeza Rice " * 30), 0)
    assert len(counted) <= 1  # the corrected query alone


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(["Condoleeza", "rice", "RACE", "the", "“", "-race", "(cuort", "title:cuort", "suprem*", "zzzz"]),
        max_size=30,
    )
)
def test_every_query_has_a_correction_or_none(shared_archive: Searcher, words: list[str]) -> None:
    asked = question(" ".join(words))
    found = correct(shared_archive, asked, shared_archive.count(asked.request))
    assert found is None or found.total == shared_archive.count(found.question.request)


@pytest.fixture
def shared_archive(searcher_of: Make) -> Searcher:
    return searcher_of(ARCHIVE)
