"""What explains a peak, on every engine: words and values with their counts, compared with counts of the articles."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from threading import BoundedSemaphore

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchsvc.errors import OverloadError
from searchsvc.model.article import Article
from searchsvc.query.request import SearchRequest
from searchsvc.search import burst_words, turns
from searchsvc.search.bursts import Burst
from searchsvc.search.keyness import LEAST_G2, KeyItem
from searchsvc.search.question import Question
from searchsvc.search.searcher import Searcher

Make = Callable[[Iterable[Article]], Searcher]
TODAY = dt.date(2024, 1, 1)
_few = settings(
    max_examples=settings().max_examples // 8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def articles(*, peak: int = 8, rest: int = 40) -> list[Article]:
    """Return articles on tea: some of May 2023 about a strike of pickers at Ålund, and others, of which one has no date."""
    found = [
        article(f"p{at}", dt.date(2023, 5, 1 + at), f"Tea {'picker' if at % 3 else 'pickers'} of Ålund strike", "Ann Lee")
        for at in range(peak)
    ]
    days = [*(dt.date(2022, 1, 1) + dt.timedelta(days=7 * at) for at in range(rest - 1)), None]
    return found + [article(f"r{at}", day, f"Tea in cup {at}", "Bo Ray") for at, day in enumerate(days)]


def article(name: str, day: dt.date | None, title: str, author: str) -> Article:
    return Article(name, title, f"The {title}. It was {name} 2023.", "p", day, author=(author,), section="News")


def explained(searcher: Searcher, text: str, period: str = "2023-05", **changed: object) -> Burst:
    request = replace(SearchRequest(searcher.parse(text).tree, today=TODAY), **changed)  # type: ignore[arg-type]
    return searcher.explain(Question(text, request=request), period)


def shown(items: Iterable[KeyItem]) -> dict[str, tuple[int, ...]]:
    return {each.text: tuple(each.counts) for each in items}


def test_words_and_values_explain_a_peak(searcher_of: Make) -> None:
    found = explained(searcher_of(articles()), "tea")
    assert (found.articles, found.rest) == (8, 40)
    assert shown(found.words) == dict.fromkeys(("Ålund", "picker", "strike"), (8, 0, 8, 40))
    assert shown(found.values) == {"Ann Lee": (8, 0, 8, 40)}
    assert [each.field for each in found.values] == ["author"]
    assert [each.term for each in found.words] == ["alund", "picker", "strike"]


@pytest.mark.parametrize("text", ["picker", "pickers strike", "pick*", "pickr~", '"picker"', "title:picker"])
def test_forms_of_the_words_that_were_searched_for_are_left_out(searcher_of: Make, text: str) -> None:
    searcher = searcher_of([*articles(), *(article(f"x{at}", None, "A picker of pickers strike", "C") for at in range(30))])
    assert "Ålund" in shown(explained(searcher, text).words)
    assert not {"picker", "pickers"} & shown(explained(searcher, text).words).keys()


def test_an_empty_search_compares_with_the_archive(searcher_of: Make) -> None:
    others = [article(f"o{at}", dt.date(2021, 1, 1), f"Coffee {at}", "Bo Ray") for at in range(20)]
    found = explained(searcher_of([*articles(), *others]), "")
    assert (found.articles, found.rest) == (8, 60)
    assert shown(found.words)["strike"] == (8, 0, 8, 60)


def test_filters_and_weeks_bound_the_articles(searcher_of: Make) -> None:
    searcher = searcher_of(articles())
    found = explained(searcher, "tea", filters={"author": ("Ann Lee",)}, start=dt.date(2023, 5, 2))
    assert (found.articles, found.rest, found.values) == (7, 0, ())
    found = explained(searcher, "tea", "2023-W18")
    assert (found.articles, found.rest) == (7, 41)
    assert explained(searcher, "zebra") == Burst(0, 0)


def test_few_articles_and_function_words_explain_nothing(searcher_of: Make) -> None:
    found = explained(searcher_of(articles(peak=2)), "tea")
    assert (found.words, found.values) == ((), ())
    long = [replace(each, body=f"{each.body} with 17 x") if each.id[0] == "p" else each for each in articles()]
    assert not {"with", "17", "x", "2023", "The", "It"} & shown(explained(searcher_of(long), "tea").words).keys()


def test_words_of_many_articles_are_read_in_a_fair_sample(searcher_of: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(burst_words, "MAX_ARTICLES", 60)
    monkeypatch.setattr(burst_words, "_SAMPLE", 54)
    rest = [
        article(f"m{at}", dt.date(2021, 1 + at % 12, 1), "Tea old" if at % 2 else "Tea cold", "Bo Ray") for at in range(900)
    ]
    found = explained(searcher_of([*articles(peak=28, rest=10), *rest]), "tea")
    counts = next(each.counts for each in found.words if each.term == "strike")
    assert (counts.a, counts.b, counts.c) == (28, 0, 28)
    assert 30 <= counts.d <= 60
    assert shown(found.values)["Ann Lee"] == (28, 0, 28, 910)


def test_explanations_wait_for_each_other_only_so_long(searcher_of: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_working", BoundedSemaphore(0))
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    with pytest.raises(OverloadError, match="peaks take long to read"):
        explained(searcher_of(articles()), "tea")


WORDS = ("pear", "plum", "quince", "sloe", "medlar")
MADE = st.lists(
    st.tuples(st.sets(st.sampled_from(WORDS)), st.sampled_from(("X", "Y", "")), st.booleans()), min_size=8, max_size=60
)


@_few
@given(made=MADE)
def test_counts_are_those_of_the_articles(made: list[tuple[set[str], str, bool]], searcher_of: Make) -> None:
    days = (dt.date(2023, 5, 5), dt.date(2022, 2, 2))
    found = explained(
        searcher_of(
            Article(f"i{at}", "Tea", " ".join(sorted(words)), "p", days[not is_peak], place=tuple(filter(None, [place])))
            for at, (words, place, is_peak) in enumerate(made)
        ),
        "tea",
    )
    peak, rest = ([each for each in made if each[2] == side] for side in (True, False))
    words = [Counter(word for each in side for word in each[0]) for side in (peak, rest)]
    places = [Counter(each[1] for each in side) for side in (peak, rest)]
    for items, counted in ((found.words, words), (found.values, places)):
        for each in items:
            assert each.counts[:2] == (counted[0][each.term], counted[1][each.term])
            assert each.counts[2:] == (len(peak), len(rest))
            assert each.counts.g2 >= LEAST_G2
