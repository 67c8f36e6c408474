"""Answers from one snapshot, the same from every engine that runs inside the service."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from searchsvc.config import Settings
from searchsvc.engines.wrapped import WrappedEngine
from searchsvc.errors import NotFoundError
from searchsvc.index import Generation, GenerationInfo
from searchsvc.model import Article, Hit, Snippet
from searchsvc.model.results import FacetValue, TermCount, Timings, TitleSuggestion, WordSuggestion
from searchsvc.query import SearchRequest, parse
from searchsvc.search import Question, Searcher, SearchService
from searchsvc.search.default_facets import MANY_VALUES

Make = Callable[..., Searcher]

NEWS = [
    Article("1", "Tea harvest in Assam", "The harvest of tea begins.", "p", dt.date(2021, 4, 1), place=("Assam",)),
    Article("2", "Tea exports", "Exports of tea to Russia grew.", "p", dt.date(2021, 12, 24), place=("Delhi", "Moscow")),
    Article("3", "Coffee prices", "The price of coffee fell.", "p", dt.date(2022, 1, 5), place=("Delhi",)),
    Article("4", "Teas of the north", "Green tea and black tea.", "p", dt.date(2022, 1, 7)),
    Article("5", "Undated note", "Nothing but a note on tea.", "p", place=("Assam", "Delhi")),
]


def question(text: str = "", *, match: Any = "all", fields: Iterable[str] = ("place",), **request: Any) -> Question:
    """Return a question as the parameters of a search make it."""
    parsed = parse(text, list(fields), match)
    return Question(text, match, parsed.notes, SearchRequest(parsed.tree, **request))


def ids(hits: Iterable[Hit]) -> list[str]:
    return [hit.article.id for hit in hits]


# Searching


@pytest.mark.parametrize(
    ("text", "request_", "found"),
    [
        ("", {}, ["4", "3", "2", "1", "5"]),
        ("", {"sort": "oldest"}, ["1", "2", "3", "4", "5"]),
        ("tea", {"sort": "newest"}, ["4", "2", "1", "5"]),
        ("coffee", {}, ["3"]),
        ("place:delhi", {"sort": "newest"}, ["3", "2", "5"]),
        ("tea", {"filters": {"place": ("Delhi",)}, "sort": "oldest"}, ["2", "5"]),
        ("", {"dates": ("2022-01",), "sort": "oldest"}, ["3", "4"]),
        ("", {"start": dt.date(2021, 12, 24), "end": dt.date(2022, 1, 5), "sort": "oldest"}, ["2", "3"]),
        ("", {"per_page": 2, "page": 2}, ["2", "1"]),
        ("", {"per_page": 2, "page": 4}, []),
        ("prices fell", {}, ["3"]),
    ],
)
def test_a_question_is_answered_with_its_hits(
    searcher_of: Make, text: str, request_: dict[str, Any], found: list[str]
) -> None:
    answer = searcher_of(NEWS).search(question(text, **request_))
    assert ids(answer.results.hits) == found


def test_an_answer_has_its_question_its_generation_snippets_and_facets(searcher_of: Make) -> None:
    searcher, asked = searcher_of(NEWS), question("coffee", facets=("place",), date_facet=True)
    answer = searcher.search(asked)
    assert (answer.question, answer.generation, answer.info) == (asked, "g000001", searcher.info)
    (hit,) = answer.results.hits
    assert hit.title == Snippet("Coffee prices", ((0, 6),))
    assert hit.snippets == (Snippet("The price of coffee fell.", ((13, 19),)),)
    assert answer.results.facets[0].values == (FacetValue("Delhi", 1),)
    assert answer.results.dates is not None
    assert answer.results.dates.values == (FacetValue("2022", 1),)
    assert answer.took_ms > 0


def test_an_empty_archive_answers_everything_with_nothing(searcher_of: Make) -> None:
    searcher = searcher_of([])
    answer = searcher.search(question("tea", facets=("place",), date_facet=True))
    assert (answer.results.total, answer.results.hits, answer.correction) == (0, (), None)
    assert (answer.readings, answer.partial) == ((), ())
    assert answer.results.facets[0].values == ()
    assert searcher.suggest("te", 5) == searcher.suggest("", 5)
    assert (searcher.examples, searcher.default_facets, searcher.own_fields()) == ((), (), [])
    assert searcher.periods("") == {}
    assert list(searcher.scan(question())) == []
    assert searcher.neighbours(question(), 1) == (None, None, 0)
    searcher.prewarm()


def test_a_question_without_text_gets_no_help(searcher_of: Make) -> None:
    answer = searcher_of(NEWS).search(question(filters={"place": ("Nowhere",)}))
    assert (answer.results.total, answer.readings, answer.correction, answer.partial) == (0, (), None, ())


def test_the_first_page_of_the_whole_archive_is_found_once(searcher_of: Make) -> None:
    searcher = searcher_of(NEWS)
    first = searcher.search(question(facets=("place",), date_facet=True)).results
    again = searcher.search(question(facets=("place",), date_facet=True)).results
    assert again.hits is first.hits
    assert again.facets is first.facets
    assert all(taken > 0 for taken in first.timings)
    assert again.timings == Timings()
    others = [
        question(),
        question(sort="oldest", facets=("place",), date_facet=True),
        question(facets=("place",), date_facet=True, per_page=2),
        question(facets=("place",), date_facet=True, filters={"place": ("Delhi",)}),
        question(facets=("place",), date_facet=True, page=2, per_page=1),
        question("harvest", facets=("place",), date_facet=True),
    ]
    assert not any(searcher.search(each).results.hits is first.hits for each in others)


def test_a_slow_search_gets_no_help(searcher_of: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    searcher = searcher_of(NEWS)
    monkeypatch.setattr("searchsvc.search.searcher.MAX_SECONDS", 0.0)  # which every search takes
    answer = searcher.search(question("harvest coffee"))
    assert (answer.results.total, answer.readings, answer.partial) == (0, (), ())


def test_a_misspelt_word_is_corrected_on_the_first_page(searcher_of: Make) -> None:
    searcher = searcher_of([Article(str(n), f"Report {n}", "The minister met.", "p") for n in range(6)])
    correction = searcher.search(question("Minsiter", page=3)).correction
    assert correction is not None
    assert (correction.question.text, correction.question.request.page, correction.total) == ("Minister", 1, 6)


# Articles, neighbours, scans


def test_an_article_is_found_by_its_id(searcher_of: Make) -> None:
    searcher = searcher_of(NEWS)
    assert searcher.article("3") == NEWS[2]


@pytest.mark.parametrize(
    ("article_id", "shown"),
    [
        ("", "“”"),
        ("none", "“none”"),
        ("3 ", "“3 ”"),
        ("中国", "“中国”"),
        ("x" * 201, f"“{'x' * 200}…”"),
        ("a\x00", "“a\x00”"),
    ],
)
def test_an_unknown_id_is_named_and_cut(searcher_of: Make, article_id: str, shown: str) -> None:
    with pytest.raises(NotFoundError) as error:
        searcher_of(NEWS).article(article_id)
    assert str(error.value) == f"there is no article with the id {shown}"


@pytest.mark.parametrize(
    ("number", "before", "after"), [(1, None, "3"), (2, "4", "2"), (5, "1", None), (6, "5", None), (7, None, None)]
)
def test_neighbours_are_the_hits_on_either_side(
    searcher_of: Make, number: int, before: str | None, after: str | None
) -> None:
    asked = question(sort="newest", page=9, per_page=50, facets=("place",), date_facet=True)
    found = searcher_of(NEWS).neighbours(asked, number)
    assert [article and article.id for article in (found.before, found.after)] == [before, after]
    assert found.total == 5


@pytest.mark.parametrize("number", [-1, 0, 10_001, 2**70])
def test_numbers_beyond_the_pages_have_no_neighbours(searcher_of: Make, number: int) -> None:
    assert searcher_of([]).neighbours(question(), number) == (None, None, 0)


@pytest.mark.parametrize("text", ["", "tea", "te*", "tea -place:delhi"])
@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_a_scan_yields_every_hit_in_the_order_of_the_pages(searcher_of: Make, text: str, sort: str) -> None:
    searcher, asked = searcher_of(NEWS), question(text, sort=sort, per_page=1)
    pages = [searcher.search(asked.on_page(number)).results.hits for number in range(1, 7)]
    assert [article.id for article in searcher.scan(asked)] == [hit.article.id for page in pages for hit in page]


# Values of a field


def test_values_of_a_field_are_counted_among_the_hits(searcher_of: Make) -> None:
    searcher = searcher_of(NEWS)
    page = searcher.facet_page("place", question("tea", filters={"place": ("Moscow",)}))
    assert page.values == (FacetValue("Assam", 2), FacetValue("Delhi", 2), FacetValue("Moscow", 1, selected=True))
    assert (page.total, page.page, page.pages, page.complete) == (3, 1, 1, True)
    assert searcher.facet_page("place", question(), "de").values == (FacetValue("Delhi", 3),)
    assert [each.value for each in searcher.facet_page("place", question(page=2)).values] == []


@pytest.mark.parametrize("field", ["", "mood", "title", "body", "date", "x" * 300])
def test_an_unknown_field_is_named(searcher_of: Make, field: str) -> None:
    with pytest.raises(NotFoundError) as error:
        searcher_of(NEWS).facet_page(field, question())
    assert str(error.value) == f"no article has the metadata field “{field[:200]}”"


# Suggestions

TITLES = [
    Article("1", "Émile Zola in Paris", "Zola wrote of Paris and of painters.", "p", dt.date(2020, 1, 1)),
    Article("2", "Paris in spring", "Paris, Paris and the parish.", "p", dt.date(2021, 1, 1)),
    Article("3", "Paris in spring", "The parade passed.", "p", dt.date(2022, 1, 1)),
    Article("4", "中国经济", "中国经济增长 and 中国 trade", "p", dt.date(2019, 1, 1)),
    Article("5", "A parade", "Émile saw the parade in Paris.", "p"),
]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("par", [("paris", 4), ("parade", 2), ("parish", 1)]),
        ("PARIS", [("paris", 4), ("parish", 1)]),
        ("emi", [("emile", 2)]),
        ("Émi", [("emile", 2)]),
        pytest.param("e\u0301mi", [("emile", 2)]),
        ("zola in par", [("zola in paris", 1)]),
        ("the-par!", [("the-parade", 2), ("the-parish", 1)]),
        ("中国", [("中国", 1)]),
        ("经", [("经", 1)]),
        ("par*", [("paris", 4), ("parade", 2), ("parish", 1)]),  # text, not a pattern
        ('"par', [('"paris"', 4), ('"parade"', 2), ('"parish"', 1)]),
        ("zzz", []),
        ("", []),
        (" ", []),
        ("!?", []),
        ("🙂", []),
        ("x" * 5_000, []),
    ],
)
def test_words_complete_the_last_one_typed(searcher_of: Make, typed: str, words: list[tuple[str, int]]) -> None:
    assert searcher_of(TITLES).suggest(typed, 5).words == tuple(WordSuggestion(*each) for each in words)


@pytest.mark.parametrize(
    ("typed", "titles"),
    [
        ("par", [("Paris in spring", "3"), ("Émile Zola in Paris", "1"), ("A parade", "5")]),
        ("p", []),  # one letter has too many titles
        ("in spr", [("Paris in spring", "3")]),
        ("spring par", [("Paris in spring", "3")]),  # in any order
        ("emile", [("Émile Zola in Paris", "1")]),
        ("pari spring", []),  # only the last word may be unfinished
        ("painters", []),  # not in a title
        ("title:par", []),  # no field, but a word that no title has
        ("zola OR par", []),
        ("-par", [("Paris in spring", "3"), ("Émile Zola in Paris", "1"), ("A parade", "5")]),
    ],
)
def test_titles_have_every_word_newest_first_and_each_once(
    searcher_of: Make, typed: str, titles: list[tuple[str, str]]
) -> None:
    assert searcher_of(TITLES).suggest(typed, 5).titles == tuple(TitleSuggestion(*each) for each in titles)


@pytest.mark.parametrize(("limit", "words", "titles"), [(1, ["paris"], ["3"]), (2, ["paris", "parade"], ["3"])])
def test_suggestions_are_at_most_as_many_as_asked(
    searcher_of: Make, limit: int, words: list[str], titles: list[str]
) -> None:
    suggestions = searcher_of(TITLES).suggest("par", limit)
    assert [each.text for each in suggestions.words] == words
    assert [each.id for each in suggestions.titles] == titles


def test_words_rarer_than_those_of_the_dictionary_are_completed_too(searcher_of: Make) -> None:
    searcher = searcher_of(TITLES)
    frequent = Searcher(searcher.generation, searcher.info, FewWords(searcher.engine))
    assert frequent.dictionary.complete("pari", 5) == [TermCount("paris", 3)]
    assert frequent.suggest("pari", 5).words == (WordSuggestion("paris", 4), WordSuggestion("parish", 1))
    assert frequent.suggest("pari", 1).words == (WordSuggestion("paris", 4),)


class FewWords(WrappedEngine):
    """An engine with more words than its dictionary keeps."""

    def terms(self, prefix: str, limit: int) -> list[TermCount]:
        return super().terms(prefix, limit if prefix else 6)


def test_the_dictionary_has_the_words_of_bodies_with_their_frequencies(searcher_of: Make) -> None:
    dictionary = searcher_of(TITLES).dictionary
    assert [dictionary.count(word) for word in ("paris", "parish", "spring", "emile", "Émile")] == [3, 1, 0, 1, 0]


# Similar articles and highlighting


ALIKE = [
    Article("1", "Frost in the tea gardens", "Night frost blackened the leaves of the tea gardens in the hills.", "p"),
    Article("2", "Tea gardens after the frost", "Growers prune the blackened bushes of their tea gardens.", "p"),
    Article("3", "Frost warning", "Another night of frost is coming to the tea gardens, say growers in the hills.", "p"),
    Article("4", "A chess final", "The final was played over tea in a quiet hotel, without any haste or drama.", "p"),
    Article("5", "Late trains", "A fallen tree stopped all trains between both harbours until the evening.", "p"),
    *(
        Article(
            f"x{n}", f"Note {n}", f"The number {n} was in a list without any words of its own, over and out: w{n}.", "p"
        )
        for n in range(20)
    ),
]


def test_similar_articles_have_their_score_and_are_not_highlighted(searcher_of: Make) -> None:
    hits = searcher_of(ALIKE).similar(ALIKE[0], 5)
    assert set(ids(hits)) == {"2", "3"}
    assert [hit.score for hit in hits] == sorted((hit.score or 0.0 for hit in hits), reverse=True)
    assert all(hit.title == Snippet(hit.article.title) for hit in hits)
    assert all(not snippet.spans for hit in hits for snippet in hit.snippets)


def test_an_article_that_shares_only_a_word_with_others_has_no_similar_ones(searcher_of: Make) -> None:
    searcher = searcher_of(ALIKE)
    assert [len(searcher.similar(article, 5)) for article in ALIKE[:5]] == [2, 2, 2, 0, 0]
    assert any(searcher.engine.more_like(ALIKE[3], 5))


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("", [], []),
        ("tea", ["Teas"], ["tea", "tea"]),
        ('"green tea"', [], ["Green tea"]),
        ("gre*", [], ["Green"]),
        ("blakc~", [], ["black"]),
        ("title:tea", ["Teas"], []),
        ("body:tea", [], ["tea", "tea"]),
        ("tea -north", ["Teas"], ["tea", "tea"]),
        ("place:north", [], []),
        ("coffee", [], []),
    ],
)
def test_the_whole_article_is_highlighted(searcher_of: Make, text: str, title: list[str], body: list[str]) -> None:
    snippets = searcher_of(NEWS).highlight(NEWS[3], question(text))
    assert [snippet.text for snippet in snippets] == [NEWS[3].title, NEWS[3].body]
    assert [[each.text[start:end] for start, end in each.spans] for each in snippets] == [title, body]


# Periods, facets and examples


@pytest.mark.parametrize(
    ("scope", "counts"),
    [
        ("", {"2021": 2, "2022": 2}),
        ("2021", {"2021-04": 1, "2021-12": 1}),
        ("2022-01", {"2022-01-05": 1, "2022-01-07": 1}),
        ("1999", {}),
    ],
)
def test_periods_of_the_whole_archive_are_counted(searcher_of: Make, scope: str, counts: dict[str, int]) -> None:
    assert searcher_of(NEWS).periods(scope) == counts


FREQUENT = {"author": (20_000, MANY_VALUES + 1), "source": (20_000, MANY_VALUES)}


def test_programs_get_facets_of_many_values_only_if_they_ask() -> None:
    info = GenerationInfo("any", 0, 0, ("english",), 20_000, 0, "2026-01-01T00:00:00Z", fields=FREQUENT)
    never_asked: Any = None
    generation = Generation("g000001", Settings().index)
    searcher = Searcher(generation, info, never_asked)
    assert (searcher.default_facets, searcher.quick_facets) == (("source", "author"), ("source",))
    assert Searcher(generation, info, never_asked, ("author",)).quick_facets == ("author",)


def facets_of(fields: dict[str, tuple[int, int]], chosen: tuple[str, ...] = ()) -> tuple[str, ...]:
    info = GenerationInfo("any", 0, 0, ("english",), 1_000, 0, "2026-01-01T00:00:00Z", fields=fields)
    never_asked: Any = None
    return Searcher(Generation("g000001", Settings().index), info, never_asked, chosen).default_facets


@pytest.mark.parametrize(
    ("fields", "facets"),
    [
        ({}, ()),
        ({"source": (1_000, 1)}, ()),  # one value divides nothing
        ({"source": (1_000, 2)}, ("source",)),
        ({"source": (1_000, 999)}, ("source",)),
        ({"source": (1_000, 1_000)}, ()),  # every article has its own
        ({"author": (3, 3)}, ("author",)),  # but a few values are worth a look
        ({"author": (49, 49)}, ("author",)),
        ({"author": (50, 50)}, ()),
        ({"mood": (1_000, 1)}, ()),
        ({"mood": (1_000, 500)}, ("mood",)),
        ({"mood": (1_000, 501)}, ()),
        ({"mood": (4, 2)}, ("mood",)),
        ({"mood": (3, 2)}, ()),
        ({"language": (9, 2), "tag": (9, 2), "section": (9, 2)}, ("section", "tag", "language")),
        ({"zeal": (100, 9), "awe": (100, 9), "mood": (200, 9)}, ("mood", "awe", "zeal")),
        ({"mood": (1_000, 9), "language": (9, 2)}, ("language", "mood")),  # known fields come first
        ({f"f{n}": (1_000, 9) for n in range(9)}, tuple(f"f{n}" for n in range(8))),
        ({"date": (1_000, 9)}, ("date",)),
    ],
)
def test_fields_that_narrow_a_search_are_facets(fields: dict[str, tuple[int, int]], facets: tuple[str, ...]) -> None:
    assert facets_of(fields) == facets


@pytest.mark.parametrize(
    ("chosen", "facets"),
    [
        (("mood",), ("mood",)),
        (("mood", "source"), ("mood", "source")),
        (("source", "none", "mood"), ("source", "mood")),
        (("none",), ("source",)),  # none of them exists
        ((), ("source",)),
    ],
)
def test_chosen_facets_replace_the_helpful_ones(chosen: tuple[str, ...], facets: tuple[str, ...]) -> None:
    assert facets_of({"source": (1_000, 2), "mood": (9, 1)}, chosen) == facets


def test_own_fields_are_those_that_no_other_archive_has(searcher_of: Make) -> None:
    article = replace(NEWS[0], source="ANI", extra={"zeal": ("1",), "awe": ("1",), "date": ("1",), "empty": ()})
    assert searcher_of([article]).own_fields() == ["awe", "date", "zeal"]


@pytest.mark.parametrize(
    ("titles", "number"),
    [
        (["Working group meets", "Working hours", "Group of seven"], 15),
        (["Teas from Assam", "Teas of Nepal"], 15),
        (["Émigré writers’ letters", "Émigré poets"], 15),
        (["Fluß ohne Wiederkehr", "Fluß nach Süden"], 15),
        (["हिन्दी भाषा के समाचार", "हिन्दी साहित्य"], 15),
        (["Working group"], 14),  # no article has the first word without the second
        (["中国经济发展 对外贸易增长", "中国经济发展"], 12),  # patterns find no words in unspaced scripts
    ],
)
def test_every_example_finds_something(searcher_of: Make, titles: list[str], number: int) -> None:
    articles = [
        Article(str(n), title, "", "p", dt.date(2020 + n, 1, 1), source='The "Times": A*B -c', section="News")
        for n, title in enumerate(titles)
    ]
    searcher = searcher_of(articles)
    assert len(searcher.examples) == number
    totals = {
        each.query: searcher.count(question(each.query, fields=searcher.info.fields).request) for each in searcher.examples
    }
    assert [query for query, total in totals.items() if not total] == []


def test_every_example_of_the_sample_archive_finds_something(sample: Settings) -> None:
    searcher = SearchService(sample).acquire()
    totals = [searcher.count(question(each.query, fields=searcher.info.fields).request) for each in searcher.examples]
    assert len(totals) == 17
    assert all(totals)


@pytest.mark.parametrize(
    ("author", "query"),
    [("Tobias Renn", "author:rnen~"), ("Renn, Tobias", "author:rnen~"), ("J. O’Hara-Lee 3", None), ("王小明", None)],
)
def test_a_name_that_may_be_misspelt_is_an_authors(searcher_of: Make, author: str, query: str | None) -> None:
    article = Article("1", "Barrage opens", "the barrage is open", "p", author=(author,))
    searcher = searcher_of([article])
    names = [each.query for each in searcher.examples if each.task == "name"]
    assert names == [f'author:"{author}"', *([query] if query else [])]
    assert all(searcher.count(question(name, fields=searcher.info.fields).request) for name in names)


@pytest.mark.parametrize("titles", [["Tea"], ["A B C", "Tea tea", "Tea, 2022"], ["…", "12 34 56"]])
def test_titles_without_two_adjacent_words_give_no_examples(searcher_of: Make, titles: list[str]) -> None:
    articles = [Article(str(n), title, "some body text", "p", dt.date(2020, 1, 1)) for n, title in enumerate(titles)]
    assert searcher_of(articles).examples == ()


def test_an_archive_without_dates_and_metadata_has_fewer_examples(searcher_of: Make) -> None:
    queries = [each.query for each in searcher_of([Article("1", "Working group", "", "p")]).examples]
    assert len(queries) == 11
    assert not any(name in query for query in queries for name in ("date:", "after:", "source:"))
