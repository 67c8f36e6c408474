"""The contract that every engine passes, against a brute-force oracle of what the language means."""

import datetime as dt
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.engines import Engine, engine_kind
from searchsvc.engines.stored import dump
from searchsvc.errors import EngineError, UserError
from searchsvc.model import Article, SearchRequest
from searchsvc.query import parse
from searchsvc.tree import And, Boost, Dates, Field, Fuzzy, Node, Not, Or, Pattern, Phrase, Word
from tests import oracle

Make = Callable[[Iterable[Article]], Engine]
WORDS = ("tea", "teas", "green", "working", "work", "group", "delhi", "été", "中国", "the", "U.S.")
PLACES = ("New Delhi", "India", "Paris", "2022", "true", "2022-12-23T10:00:00Z", "a.b\\c")
FIELDS = ("place", "odd.name\\x", "source")


def _article(number: int, title: str, body: str, date: dt.date | None, places: tuple[str, ...]) -> Article:
    extra = {"odd.name\\x": places[:1]} if places else {}
    source = ("ANI", "Reuters")[number % 2]
    return Article(f"id{number}", title, body, "p", date=date, place=places, source=source, extra=extra)


_text = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
_day = st.dates(dt.date(2021, 11, 1), dt.date(2022, 2, 28))
_places = st.lists(st.sampled_from(PLACES), max_size=3, unique=True).map(tuple)
_articles = st.lists(st.tuples(_text, _text, st.none() | _day, _places), min_size=1, max_size=25).map(
    lambda rows: [_article(number, row[0] or "Untitled", *row[1:]) for number, row in enumerate(rows)]
)
_METADATA = (Word("Delhi"), Phrase("new delhi"), Word("2022"), Pattern("in*"), Fuzzy("ani", 1))
_FORMS = (Pattern("te*"), Pattern("wo?k*"), Pattern("gr*n"), Fuzzy("tea", 1), Fuzzy("group", 2), Fuzzy("wrok", 1))
_word = st.sampled_from(WORDS).map(Word)
_leaf = st.one_of(
    _word,
    st.lists(st.sampled_from(WORDS), min_size=2, max_size=3).map(" ".join).map(Phrase),
    st.builds(Field, st.sampled_from(("title", "body")), _word | st.sampled_from((Phrase("working group"), *_FORMS))),
    st.builds(
        Field,
        st.sampled_from(FIELDS),
        st.sampled_from(_METADATA),
    ),
    st.builds(Dates, st.none() | _day, _day),
    st.sampled_from(
        (Pattern("te*"), Pattern("wo?k*"), Pattern("gr*n"), Fuzzy("tea", 1), Fuzzy("group", 2), Fuzzy("wrok", 1))
    ),
    st.builds(Boost, _word, st.sampled_from((0.5, 3.0))),
)
_trees: st.SearchStrategy[Node] = st.recursive(
    _leaf,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(And),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(Or),
        st.builds(Field, st.sampled_from(("title", "body", "place")), inner),
    ),
    max_leaves=6,
)
_requests = st.builds(
    SearchRequest,
    tree=_trees,
    filters=st.dictionaries(
        st.sampled_from(FIELDS[:2]), st.lists(st.sampled_from(PLACES), min_size=1).map(tuple), max_size=2
    ),
    dates=st.lists(st.sampled_from(("2021", "2022-01", "2021-12-24")), max_size=2, unique=True).map(tuple),
    start=st.none() | _day,
    end=st.none() | _day,
    sort=st.sampled_from(("relevance", "newest", "oldest")),
    per_page=st.just(100),
    facets=st.just(FIELDS),
)
_few = settings(max_examples=150)


@_few
@given(articles=_articles, requests=st.lists(_requests, min_size=8, max_size=8))
def test_hits_totals_and_counts_are_those_of_the_oracle(
    articles: list[Article], requests: list[SearchRequest], tmp_path_factory: pytest.TempPathFactory
) -> None:
    kind = engine_kind("tantivy")
    folder = tmp_path_factory.mktemp("engine")
    writer = kind.write(folder, "english", 0)
    for article in articles:
        writer.add(article, dump(article))
    writer.commit()
    engine = kind.open(folder, "english")
    for request in requests:
        results = engine.search(request)
        expected = oracle.found(request, articles)
        assert {hit.article.id for hit in results.hits} == {article.id for article in expected}, str(request.tree)
        assert results.total == len(expected)
        for facet in results.facets:
            counted = {value.value: value.count for value in facet.values if value.count}
            assert counted == oracle.counts(request, articles, facet.field)


def _some_articles() -> list[Article]:
    days = [None, dt.date(2020, 1, 1), dt.date(2020, 1, 1), dt.date(1850, 5, 5), None, dt.date(2021, 2, 3)]
    return [_article(number, f"Title {number}", "the same text", day, ()) for number, day in enumerate(days)]


@pytest.mark.parametrize(
    ("sort", "ids"),
    [("newest", ["id5", "id2", "id1", "id3", "id0", "id4"]), ("oldest", ["id3", "id1", "id2", "id5", "id0", "id4"])],
)
def test_orders_are_total_and_pages_neither_repeat_nor_skip(engine_of: Make, sort: str, ids: list[str]) -> None:
    engine = engine_of(_some_articles())
    for per_page in (1, 2, 4, 6):
        pages = range(1, 2 + len(ids) // per_page)
        request = [SearchRequest(sort=sort, page=page, per_page=per_page) for page in pages]  # type: ignore[arg-type]
        found = [engine.search(each) for each in request]
        assert [hit.article.id for results in found for hit in results.hits] == ids
        assert {results.total for results in found} == {len(ids)}


def test_instants_order_articles_of_one_day(engine_of: Make) -> None:
    day = dt.date(2020, 1, 1)
    late = Article("late", "x", "", "p", date=day, published=dt.datetime(2020, 1, 1, 23, tzinfo=dt.UTC))
    other_zone = dt.timezone(dt.timedelta(hours=10))
    early = Article("early", "x", "", "p", date=day, published=dt.datetime(2020, 1, 1, 5, tzinfo=other_zone))
    engine = engine_of([late, early, Article("day", "x", "", "p", date=day)])
    hits = engine.search(SearchRequest(sort="oldest")).hits
    assert [hit.article.id for hit in hits] == ["early", "day", "late"]
    assert hits[0].article == early


def test_date_facet_drills_down_and_ignores_its_own_filter(engine_of: Make) -> None:
    days = [dt.date(2021, 12, 24), dt.date(2021, 12, 25), dt.date(2021, 3, 1), dt.date(2020, 1, 1)]
    engine = engine_of([_article(number, "x", "", day, ()) for number, day in enumerate(days)])

    def facet(*dates: str) -> tuple[str | None, dict[str, int]]:
        found = engine.search(SearchRequest(dates=dates, facets=("date",))).facets[0]
        return found.unit, {value.value: value.count for value in found.values}

    assert facet() == ("year", {"2020": 1, "2021": 3})
    assert facet("2021") == ("month", {"2021-03": 1, "2021-12": 2})
    assert facet("2021-12") == ("day", {"2021-12-24": 1, "2021-12-25": 1})
    assert facet("2021-12-24") == ("day", {"2021-12-24": 1, "2021-12-25": 1})
    assert facet("2020", "2021-12") == ("year", {"2020": 1, "2021": 3})
    assert facet("2021-03", "2021-12") == ("month", {"2021-03": 1, "2021-12": 2})
    assert facet("1999") == ("month", {})


def test_ticking_a_value_keeps_its_neighbours_counts(engine_of: Make) -> None:
    engine = engine_of(
        [_article(n, "x", "", None, (place,)) for n, place in enumerate(["India", "India", "Paris", "India"])]
    )
    before = engine.search(SearchRequest(facets=("place",))).facets[0]
    after = engine.search(SearchRequest(facets=("place",), filters={"place": ("Paris", "Nowhere")})).facets[0]
    assert [(v.value, v.count, v.selected) for v in before.values] == [("India", 3, False), ("Paris", 1, False)]
    assert [(v.value, v.count, v.selected) for v in after.values] == [
        ("India", 3, False),
        ("Paris", 1, True),
        ("Nowhere", 0, True),
    ]


def test_a_title_counts_for_more_and_phrases_do_not_join_title_and_body(engine_of: Make) -> None:
    engine = engine_of([Article("b", "Milk", "a tea", "p"), Article("a", "Tea", "a milk", "p")])
    assert [hit.article.id for hit in engine.search(SearchRequest(parse("tea").tree)).hits] == ["a", "b"]
    assert engine.search(SearchRequest(parse('"milk a"').tree)).total == 0


def test_a_phrase_in_the_title_alone_is_not_in_the_body(engine_of: Make) -> None:
    scattered = Article("s", "Working group", "A group that is working", "p")
    together = Article("t", "Working group", "A working group", "p")
    engine = engine_of([scattered, together])
    found = engine.search(SearchRequest(parse('body:"working group"').tree))
    assert (found.total, found.hits[0].article) == (1, together)


def test_patterns_and_mistakes_find_words_as_written_with_accents_folded(engine_of: Make) -> None:
    texts = {
        "a": "Modernität",
        "b": "modernised",
        "c": "modernes",
        "d": "mo dern",
        "e": "Alípov",
        "f": "alpiov",
        "g": "中国人",
    }
    engine = engine_of([Article(name, "x", text, "p") for name, text in texts.items()])

    def found(query: str) -> str:
        return "".join(sorted(hit.article.id for hit in engine.search(SearchRequest(parse(query).tree)).hits))

    assert found("Modern*") == "abc"
    assert found("MODERNITÄT*") == "a"
    assert found("modern?s") == "c"
    assert found("mod*n*s*") == "bc"
    assert found("alipov~") == "ef"
    assert found("alopivs~2") == ""
    assert found("alipovs~2") == "ef"
    assert found("中国*") == ""


def test_what_only_patterns_find_is_ordered_by_date_and_weights_reorder(engine_of: Make) -> None:
    old = Article("old", "x", "tea tea tea milk", "p", date=dt.date(2000, 1, 1))
    new = Article("new", "x", "tea milk milk milk", "p", date=dt.date(2020, 1, 1))
    engine = engine_of([old, new])

    def first(query: str) -> str:
        return engine.search(SearchRequest(parse(query).tree)).hits[0].article.id

    assert [first("te*"), first("tea"), first("tea^9 milk"), first("tea milk^9")] == ["new", "old", "old", "new"]


def test_a_prefix_of_very_many_words_is_cut_and_said_so(engine_of: Make) -> None:
    rare = [Article(f"{number}", "x", f"word{number:04d}", "p") for number in range(1_100)]
    engine = engine_of([*rare, Article("y", "x", "wordy", "p"), Article("z", "x", "wordy", "p")])
    results = engine.search(SearchRequest(parse("word*").tree))
    assert results.notes == ("“word*” stands for 1,101 words; the 1,024 most frequent were looked for",)
    assert results.total == 1_025


def test_get_and_stored_articles_come_back_whole(engine_of: Make) -> None:
    whole = Article(
        id="https://example.org/a?b=1#c",
        title="Ünïcode 🙂",
        body="one\n\ntwo",
        path="a/b.txt",
        date=dt.date(1, 1, 1),
        published=dt.datetime(1, 1, 1, 5, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30))),
        author=("A", "B"),
        source="S",
        section="X",
        place=("P",),
        tag=("t",),
        language="en",
        url="https://example.org",
        extra={"long": ("x" * 100_000,), "": ("empty name",)},
    )
    engine = engine_of([whole])
    assert engine.get(whole.id) == whole
    assert engine.get("no") is None
    assert engine.search(SearchRequest(filters={"long": ("x" * 1_000,)})).total == 1
    assert engine.coverage(["long", "author", "none"]) == {"long": (1, 1), "author": (1, 2)}


@pytest.mark.parametrize("request_", [SearchRequest(per_page=0), SearchRequest(per_page=2**62)])
def test_faults_of_the_library_are_errors_of_ours(engine_of: Make, request_: SearchRequest) -> None:
    engine = engine_of(_some_articles())
    with pytest.raises(EngineError):
        engine.search(request_)
    assert engine.search(SearchRequest()).total == 6


def test_unknown_engine() -> None:
    with pytest.raises(UserError, match=r"unknown engine “lucene”: known are tantivy"):
        engine_kind("lucene")
