"""Each method of an engine on examples: similar articles, words, statistics, facets, scans and counts."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from searchsvc.config import Settings
from searchsvc.engines import Backend, Engine, backend_for
from searchsvc.model import Article, FieldFacet
from searchsvc.model.article import dump
from searchsvc.model.cursors import InstantCursor, RankCursor, UndatedCursor
from searchsvc.model.results import FacetValue, TermCount
from searchsvc.query import SearchRequest, parse
from searchsvc.query.ast import DateRange, Field, Fuzzy, MatchAll, Not, Phrase, Term, Wildcard, conjunction, disjunction
from tests.conftest import ENGINES

Make = Callable[..., Engine]


@pytest.fixture(params=ENGINES)
def backend(request: pytest.FixtureRequest) -> Backend:
    """Every engine there is, one after the other."""
    settings = request.getfixturevalue("cluster") if request.param == "opensearch" else Settings()
    return backend_for(request.param, settings)


def texts(*bodies: str) -> list[Article]:
    """Return articles with these bodies, numbered from 1."""
    return [Article(str(number), f"Title {number}", body, "p") for number, body in enumerate(bodies, start=1)]


def placed(*places: tuple[str, ...]) -> list[Article]:
    """Return articles with these places, numbered from 1."""
    return [Article(str(number), "x", "", "p", place=each) for number, each in enumerate(places, start=1)]


def ids(articles: Iterable[Article]) -> list[str]:
    return [article.id for article in articles]


# more_like


def test_similar_articles_share_rare_words_best_first_and_never_the_article_itself(engine_of: Make) -> None:
    first, *others = articles = texts(
        "tea harvest assam monsoon",
        "tea harvest assam rain",
        "tea harvest milk",
        "tea of the north",
        "coffee only",
        "the assam monsoon, the tea harvest: assam monsoon",
    )
    found = engine_of(articles).more_like(first, 10)
    assert ids(each.article for each in found)[:2] == ["6", "2"]
    assert set(ids(each.article for each in found)) == {"2", "3", "4", "6"}
    scores = [each.score for each in found]
    assert all(score is not None and score > 0 for score in scores)
    assert scores == sorted(scores, key=lambda score: -(score or 0.0))
    assert all(each.article in others for each in found)


@pytest.mark.parametrize(("limit", "number"), [(1, 1), (2, 2), (3, 3), (100, 3)])
def test_similar_articles_are_at_most_as_many_as_asked(engine_of: Make, limit: int, number: int) -> None:
    articles = texts("tea harvest", "tea harvest", "tea harvest", "tea harvest", "coffee")
    assert len(engine_of(articles).more_like(articles[0], limit)) == number


@pytest.mark.parametrize(
    "article",
    [
        Article("1", "—", "", "p"),  # without words
        Article("1", "—", "… !? 🙂", "p"),
        Article("1", "Unique", "words of nobody else", "p"),
        Article("1", "Shared", "shared", "p"),  # with words of every article only
        Article("1", "x" * 300, "y" * 300, "p"),  # too long for words
    ],
)
def test_an_article_without_characteristic_words_has_no_similar_ones(engine_of: Make, article: Article) -> None:
    engine = engine_of([article, Article("2", "Shared", "shared", "p"), Article("3", "Shared", "shared", "p")])
    assert engine.more_like(article, 5) == []


def test_an_article_that_is_alone_or_not_indexed_has_similar_ones_only_among_others(engine_of: Make) -> None:
    alone = Article("1", "Tea harvest", "tea", "p")
    assert engine_of([alone]).more_like(alone, 5) == []
    engine = engine_of(texts("tea harvest", "tea harvest", "coffee"))
    foreign = Article("foreign", "Tea", "harvest", "p")
    assert sorted(ids(each.article for each in engine.more_like(foreign, 5))) == ["1", "2"]


# terms


@pytest.mark.parametrize(
    ("prefix", "limit", "terms"),
    [
        ("te", 10, [("tea", 3), ("ten", 2), ("teas", 1)]),
        ("te", 2, [("tea", 3), ("ten", 2)]),
        ("tea", 10, [("tea", 3), ("teas", 1)]),
        ("teas", 10, [("teas", 1)]),
        ("teasel", 10, []),
        ("ete", 10, [("ete", 1)]),  # folded
        ("中", 10, [("中", 2)]),
        ("中国", 10, []),  # each character is a word
        ("title", 10, []),  # words of bodies only
        ("delhi", 10, []),
        ("te*", 10, []),
        ("t.", 10, []),
        (" ", 10, []),
    ],
)
def test_words_with_a_prefix_are_those_of_bodies_most_frequent_first(
    engine_of: Make, prefix: str, limit: int, terms: list[tuple[str, int]]
) -> None:
    articles = texts("tea tea tea Tea", "TEA teas ten", "tea ten 中", "l’été 中国")
    articles[0] = replace(articles[0], place=("delhi",))
    assert engine_of(articles).terms(prefix, limit) == [TermCount(*each) for each in terms]


def test_all_words_are_returned_for_no_prefix(engine_of: Make) -> None:
    engine = engine_of(texts("b b a", "a c", ""))
    assert engine.terms("", 1) == [("a", 2)]
    assert sorted(engine.terms("", 100)) == [("a", 2), ("b", 1), ("c", 1)]
    assert engine_of([]).terms("", 100) == []


def test_deleted_articles_have_no_words_values_or_statistics(tmp_path: Path, backend: Backend) -> None:
    kept, deleted = (
        Article("kept", "x", "tea milk", "p", place=("Delhi",)),
        Article("deleted", "x", "tea team", "p", place=("Paris", "Delhi"), extra={"mood": ("glad",)}),
    )
    write(backend, tmp_path / "engine", [kept, deleted], [])
    write(backend, tmp_path / "engine", [], ["deleted"])
    engine = backend.open(tmp_path / "engine", ("english",))
    assert engine.terms("tea", 5) == [("tea", 1)]
    assert engine.facet(SearchRequest(), "place").values == (FacetValue("Delhi", 1),)
    assert engine.field_stats(["mood"]) == {}
    assert engine.field_stats(["place"])["place"].articles == 1
    assert engine.more_like(deleted, 5) == []
    assert ids(engine.scan(SearchRequest())) == ["kept"]


def write(backend: Backend, folder: Path, added: Iterable[Article], deleted: Iterable[str]) -> None:
    writer = backend.writer(folder, ("english",), 0)
    for article_id in deleted:
        writer.delete(article_id)
    for article in added:
        writer.add(article, dump(article))
    writer.commit()
    writer.close()


# field_stats


def test_statistics_count_articles_and_distinct_values_of_the_fields_that_exist(engine_of: Make) -> None:
    engine = engine_of(
        [
            Article(
                "1", "x", "", "p", place=("Delhi", "Paris", "Delhi"), source="ANI", extra={"a.b\\c": ("1",), "": ("2",)}
            ),
            Article("2", "x", "", "p", dt.date(2022, 1, 1), place=("Delhi",), extra={"a.b\\c": ("1", "3"), "date": ("x",)}),
            Article("3", "x", "", "p", url="https://example.org", extra={"mood": ("",)}),
        ]
    )
    names = ["place", "source", "section", "a.b\\c", "a", "a.b", "date", "url", "title", "body", "mood", "no such"]
    assert engine.field_stats(names) == {"place": (2, 2), "source": (1, 1), "a.b\\c": (2, 2), "date": (1, 1)}
    assert engine.field_stats([]) == {}


def test_an_empty_index_has_no_statistics(engine_of: Make) -> None:
    assert engine_of([]).field_stats(["place", "source"]) == {}


# facets


def test_values_with_equal_counts_are_in_alphabetical_order(engine_of: Make) -> None:
    engine = engine_of(placed(("b", "a", "Z"), ("é", "b", "10"), ("9", "中")))
    expected = ["b", "10", "9", "Z", "a", "é", "中"]
    assert [value.value for value in engine.facet(SearchRequest(), "place").values] == expected
    page = engine.search(SearchRequest(facets=("place",)))
    assert [value.value for value in page.facets().fields[0].values] == expected


def test_values_beyond_those_that_a_search_counts_are_counted_together(engine_of: Make) -> None:
    engine = engine_of(placed(*(((f"p{n:03d}", "all") if n < 70 else ("all", "p000")) for n in range(75))))
    request = SearchRequest(facets=("place",), filters={"place": ("p069", "nowhere")}, per_page=1)
    (facet,) = engine.search(request).facets().fields
    selected = [value for value in facet.values if value.selected]
    assert facet.values[:2] == (FacetValue("all", 75), FacetValue("p000", 6))
    assert selected == [FacetValue("p069", 1, selected=True), FacetValue("nowhere", 0, selected=True)]
    assert len({value.value for value in facet.values}) == len(facet.values)  # p069 may be among the most frequent, too
    assert sum(value.count for value in facet.values) + facet.other == 75 + 75
    assert engine.facet(request, "place").other == 0
    assert len(engine.facet(request, "place").values) == 72


@pytest.mark.parametrize(
    ("request_", "values"),
    [
        (SearchRequest(), [("Delhi", 2), ("Paris", 1)]),
        (SearchRequest(Term("tea")), [("Delhi", 1)]),
        (SearchRequest(filters={"place": ("Paris",)}), [("Delhi", 2), ("Paris", 1)]),
        (SearchRequest(filters={"place": ("Rome",)}), [("Delhi", 2), ("Paris", 1), ("Rome", 0)]),
        (SearchRequest(filters={"source": ("ANI",)}), [("Delhi", 1)]),
        (SearchRequest(filters={"source": ("ANI",), "place": ("Paris",)}), [("Delhi", 1), ("Paris", 0)]),
        (SearchRequest(dates=("2022",)), [("Paris", 1)]),
        (SearchRequest(end=dt.date(2021, 1, 1)), [("Delhi", 1)]),
        (SearchRequest(Term("nothing")), []),
        (SearchRequest(Term("nothing"), filters={"place": ("Paris",)}), [("Paris", 0)]),
    ],
)
def test_a_facet_ignores_the_filter_of_its_own_field_alone(
    engine_of: Make, request_: SearchRequest, values: list[tuple[str, int]]
) -> None:
    engine = engine_of(
        [
            Article("1", "x", "tea", "p", dt.date(2021, 1, 1), place=("Delhi",), source="ANI"),
            Article("2", "x", "milk", "p", dt.date(2022, 1, 1), place=("Paris",)),
            Article("3", "x", "milk", "p", place=("Delhi",)),
        ]
    )
    listed = engine.facet(request_, "place")
    assert [(value.value, value.count) for value in listed.values] == values
    assert engine.search(replace(request_, facets=("place",))).facets().fields == (listed,)


def test_facets_of_fields_that_no_article_has_are_empty_and_keep_the_order_asked_for(engine_of: Make) -> None:
    engine = engine_of(placed(("Delhi",)))
    names = ("none", "place", "a.b\\c", "title", "date")
    facets = engine.search(SearchRequest(facets=names)).facets()
    assert [facet.field for facet in facets.fields] == list(names)
    assert [len(facet.values) for facet in facets.fields] == [0, 1, 0, 0, 0]
    assert facets.dates is None
    assert engine.facet(SearchRequest(), "none") == FieldFacet("none", ())


# A metadata field called date


def test_a_metadata_field_called_date_is_not_the_date_of_an_article(engine_of: Make) -> None:
    engine = engine_of(
        [
            Article("1", "x", "", "p", dt.date(2022, 1, 1), extra={"date": ("Friday", "2021")}),
            Article("2", "x", "", "p", dt.date(2021, 1, 1), extra={"date": ("Friday",)}),
            Article("3", "x", "", "p", extra={"date": ("2022",)}),
        ]
    )
    both = engine.search(SearchRequest(facets=("date",), date_facet=True)).facets()
    assert both.fields == (FieldFacet("date", (FacetValue("Friday", 2), FacetValue("2021", 1), FacetValue("2022", 1))),)
    assert both.dates is not None
    assert both.dates.values == (FacetValue("2021", 1), FacetValue("2022", 1))
    requests = {
        "filter": SearchRequest(filters={"date": ("Friday",)}),
        "filter like a year": SearchRequest(filters={"date": ("2022",)}),
        "period": SearchRequest(dates=("2022",)),
        "filter and period": SearchRequest(filters={"date": ("2021",)}, dates=("2022",)),
        "query": SearchRequest(Field("date", Term("friday"))),
        "range": SearchRequest(DateRange(dt.date(2021, 1, 1), dt.date(2021, 12, 31))),
    }
    found = {
        name: sorted(each.article.id for each in engine.search(request).articles) for name, request in requests.items()
    }
    assert found == {
        "filter": ["1", "2"],
        "filter like a year": ["3"],
        "period": ["1"],
        "filter and period": ["1"],
        "query": ["1", "2"],
        "range": ["2"],
    }
    chosen = engine.search(replace(requests["filter and period"], facets=("date",), date_facet=True)).facets()
    assert chosen.fields[0].values == (FacetValue("2021", 1, selected=True), FacetValue("Friday", 1))
    assert chosen.dates is not None
    assert (chosen.dates.unit, chosen.dates.values) == ("month", (FacetValue("2022-01", 1),))


# scan and cursors

DAYS = [dt.date(2020, 1, 1), None, dt.date(1, 1, 1), dt.date(2020, 1, 1), None, dt.date(9999, 12, 31)]
DATED = [Article(str(number), "x", "tea " * (number + 1), "p", day) for number, day in enumerate(DAYS)]


@pytest.mark.parametrize(
    ("request_", "order"),
    [
        (SearchRequest(sort="newest"), ["5", "3", "0", "2", "1", "4"]),
        (SearchRequest(sort="oldest"), ["2", "0", "3", "5", "1", "4"]),
        (SearchRequest(sort="relevance"), ["5", "3", "0", "2", "1", "4"]),  # without words there is no relevance
        (SearchRequest(Wildcard("te*")), ["5", "3", "0", "2", "1", "4"]),
        (SearchRequest(Term("tea"), sort="oldest"), ["2", "0", "3", "5", "1", "4"]),
        (SearchRequest(sort="oldest", page=2, per_page=3), ["2", "0", "3", "5", "1", "4"]),  # a scan has no pages
        (SearchRequest(dates=("2020",), sort="oldest"), ["0", "3"]),
        (SearchRequest(Term("nothing")), []),
    ],
)
@pytest.mark.parametrize("page", [2, 3, 500])
def test_a_scan_yields_every_hit_in_order(
    engine_of: Make, request_: SearchRequest, order: list[str], page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("searchsvc.engines.opensearch.engine._SCAN_PAGE", page)
    assert ids(engine_of(DATED).scan(replace(request_, today=dt.date.max))) == order


@pytest.mark.parametrize(
    ("request_", "after"),
    [
        (SearchRequest(sort="newest", per_page=2), InstantCursor(1_577_836_800, 1)),
        (SearchRequest(sort="newest", per_page=3), InstantCursor(1_577_836_800, 2)),
        (SearchRequest(sort="newest", per_page=4), InstantCursor(-62_135_596_800, 1)),
        (SearchRequest(sort="newest", per_page=5), UndatedCursor(1)),
        (SearchRequest(sort="oldest", per_page=2, page=2), InstantCursor(253_402_214_400, 1)),
        (SearchRequest(sort="newest", per_page=6), None),
        (SearchRequest(sort="newest", per_page=7), None),
        (SearchRequest(sort="newest", per_page=2, after=UndatedCursor(0)), None),
        (SearchRequest(sort="newest", per_page=1, after=UndatedCursor(0)), UndatedCursor(1)),
        (SearchRequest(sort="newest", after=UndatedCursor(9)), None),
        (SearchRequest(Term("tea"), per_page=4), RankCursor(4)),
        (SearchRequest(Term("tea"), per_page=2, after=RankCursor(3)), RankCursor(5)),
        (SearchRequest(Term("tea"), per_page=2, after=RankCursor(4)), None),
    ],
)
def test_a_page_says_where_the_next_one_begins(engine_of: Make, request_: SearchRequest, after: object) -> None:
    assert engine_of(DATED).search(replace(request_, today=dt.date.max)).next == after


# count

ARCHIVE = [
    Article("1", "Green tea", "of the north", "p", dt.date(2021, 12, 31), place=("New Delhi", "Paris"), source="ANI"),
    Article(
        "2", "Black tea", "in the working group", "p", dt.date(2022, 1, 1), place=("Paris",), extra={"mood": ("a.b\\c",)}
    ),
    Article("3", "Teas", "中国 works", "p", place=("2022-12-23T10:00:00Z",), extra={"mood": ("true", "A.B\\C")}),
]


@pytest.mark.parametrize(
    ("request_", "number"),
    [
        ({}, 3),
        ({"filters": {}}, 3),
        ({"filters": {"place": ("Paris",)}}, 2),
        ({"filters": {"place": ("paris",)}}, 0),  # exact, case and all
        ({"filters": {"place": ("Delhi",)}}, 0),  # whole values
        ({"filters": {"place": ("New Delhi", "Paris")}}, 2),  # any of them
        ({"filters": {"place": ("Paris",), "source": ("ANI",)}}, 1),  # all fields
        ({"filters": {"place": ("Paris",), "mood": ("true",)}}, 0),
        ({"filters": {"place": ("2022-12-23T10:00:00Z",)}}, 1),
        ({"filters": {"mood": ("true",)}}, 1),
        ({"filters": {"mood": ("a.b\\c",)}}, 1),
        ({"filters": {"no.such\\field": ("x",)}}, 0),
        ({"filters": {"place": ("",)}}, 0),
        ({"filters": {"place": ("x" * 2_000,)}}, 0),
        ({"filters": {"place": ("Paris' OR 1=1 --", "*", "Paris\x00")}}, 0),
        ({"dates": ("2021",)}, 1),
        ({"dates": ("2021", "2022-01-01")}, 2),
        ({"dates": ("2022-02",)}, 0),
        ({"dates": ("2022", "2022-01", "2022-01-01")}, 1),
        ({"start": dt.date(2022, 1, 1)}, 1),
        ({"end": dt.date(2021, 12, 31)}, 1),
        ({"start": dt.date(2021, 12, 31), "end": dt.date(2022, 1, 1)}, 2),
        ({"start": dt.date(2022, 1, 1), "end": dt.date(2021, 12, 31)}, 0),
        ({"start": dt.date.min, "end": dt.date.max}, 2),  # undated articles have no day
        ({"start": dt.date(2022, 1, 1), "dates": ("2021",)}, 0),
        ({"tree": Term("tea")}, 3),
        ({"tree": Term("tea"), "filters": {"place": ("Paris",)}, "dates": ("2022",)}, 1),
        ({"tree": Field("title", Term("north"))}, 0),
        ({"tree": Field("place", Term("delhi"))}, 1),
        ({"tree": Field("place", Phrase("new delhi"))}, 1),
        ({"tree": Field("place", Phrase("delhi paris"))}, 0),  # one value at a time
        ({"tree": Phrase("tea of")}, 0),  # one field at a time
        ({"tree": Phrase("group working", 2)}, 1),
        ({"tree": Phrase("group working", 1)}, 0),
        ({"tree": Wildcard("nor*")}, 1),
        ({"tree": Fuzzy("gropu", 1)}, 1),
        ({"tree": Term("中国")}, 1),
        ({"tree": Not(Term("green"))}, 2),
        ({"tree": conjunction([Term("tea"), Not(Field("place", Term("paris")))])}, 1),
        ({"tree": disjunction([Term("green"), Term("work")])}, 3),
        ({"tree": disjunction([Term("green"), Not(Term("work"))])}, 1),
        ({"tree": Not(DateRange(None, dt.date.max))}, 1),
        ({"tree": DateRange(dt.date.max, dt.date.min)}, 0),
        ({"tree": Term("—")}, 3),  # no words, so that it is ignored
        ({"tree": conjunction([Term("—"), Term("green")])}, 1),
        ({"page": 5, "per_page": 1, "sort": "oldest"}, 3),
        ({"after": RankCursor(2)}, 3),
    ],
)
def test_every_kind_of_request_is_counted_exactly(engine_of: Make, request_: Mapping[str, Any], number: int) -> None:
    engine, request = engine_of(ARCHIVE), SearchRequest(**request_)
    assert engine.count(request) == number
    assert engine.search(replace(request, after=None, page=1, per_page=10)).total == number


def test_an_empty_index_counts_and_finds_nothing(engine_of: Make) -> None:
    engine = engine_of([])
    for tree in (MatchAll(), Term("tea"), Not(Term("tea")), Wildcard("te*"), Fuzzy("team", 2), Phrase("a b", 3)):
        page = engine.search(SearchRequest(tree, facets=("place",), date_facet=True))
        assert (page.total, page.articles, page.next, engine.count(SearchRequest(tree))) == (0, (), None, 0)
        assert page.facets().fields == (FieldFacet("place", ()),)
    assert engine.get("1") is None


@pytest.mark.parametrize(
    "text",
    [
        "*" * 500,
        "((((((" * 100,
        "te*" + " OR te*" * 100,
        '"' + "tea " * 200 + '"~10',
        "NOT " * 200 + "tea",
        "tea^99999999999999999999",
        "x" * 1_000,
        "\x00\x01 tea \ufffd",
        "\ud800 tea",
        "+title:{tea} [a TO b] /te.*/ {!func} $where;",
        "date:0001..9999 before:0001 after:9999",
        "中" * 1_000,
    ],
)
def test_hostile_queries_are_answered(engine_of: Make, text: str) -> None:
    engine = engine_of(ARCHIVE)
    request = SearchRequest(parse(text, ["place"]).tree, facets=("place",), date_facet=True)
    page = engine.search(request)
    assert page.total == engine.count(request) == len(page.articles)
    assert sum(value.count for value in page.facets().fields[0].values) == sum(
        len(hit.article.place) for hit in page.articles
    )
