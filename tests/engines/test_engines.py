"""What every engine answers to examples; test_contract.py has the random ones."""

import datetime as dt
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from searchsvc.config import EMBEDDED, Settings
from searchsvc.engines.protocol import Backend, Engine
from searchsvc.engines.registry import backend_for
from searchsvc.errors import EngineError, UserError
from searchsvc.model.article import Article, dump
from searchsvc.model.cursors import FutureCursor
from searchsvc.model.results import DateFacet
from searchsvc.query.parser import parse
from searchsvc.query.request import SearchRequest
from tests.conftest import ENGINES
from tests.strategies import article as _article

Make = Callable[[Iterable[Article]], Engine]
UNVERIFIED = '“"tea the green"~8” takes too long to verify: in some of these articles, its words may be farther apart'


@pytest.fixture(params=ENGINES)
def kind(request: pytest.FixtureRequest) -> Backend:
    """Every engine there is, one after the other."""
    settings = request.getfixturevalue("cluster") if request.param == "opensearch" else Settings()
    return backend_for(request.param, settings)


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
        assert [hit.article.id for results in found for hit in results.articles] == ids
        assert {results.total for results in found} == {len(ids)}


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ('"working groups"', "ce"),
        ('"Wörking GROUPS"', "ce"),
        ('"working groups"~', "abce"),
        ('"groups working"~2', "abcde"),
        ("=groups", "cde"),
        ("=group", "af"),
        ("group", "abcdef"),
        ("-=groups group", "abf"),
        ("title:=groups", "e"),
        ('title:"working groups"', "e"),
        ('body:"working groups"', "c"),
        ('"title working"', ""),
        ("=U.S.", "f"),
        ("=grouping", ""),
    ],
)
def test_phrases_are_as_written_and_with_a_tilde_in_any_form(engine_of: Make, query: str, ids: str) -> None:
    bodies = ["a working group", "works grouped", "working groups", "groups that work", "nothing", "U.S. group"]
    titles = {"e": "Working groups"}
    made = [Article(name, titles.get(name, "Title"), body, "p") for name, body in zip("abcdef", bodies, strict=True)]
    engine = engine_of(made)
    assert "".join(sorted(hit.article.id for hit in engine.search(SearchRequest(parse(query).tree)).articles)) == ids


def test_instants_order_articles_of_one_day(engine_of: Make) -> None:
    day = dt.date(2020, 1, 1)
    late = Article("late", "x", "", "p", date=day, published=dt.datetime(2020, 1, 1, 23, tzinfo=dt.UTC))
    other_zone = dt.timezone(dt.timedelta(hours=10))
    early = Article("early", "x", "", "p", date=day, published=dt.datetime(2020, 1, 1, 5, tzinfo=other_zone))
    engine = engine_of([late, early, Article("day", "x", "", "p", date=day)])
    hits = engine.search(SearchRequest(sort="oldest")).articles
    assert [hit.article.id for hit in hits] == ["early", "day", "late"]
    assert hits[0].article == early


def test_date_facet_drills_down_and_ignores_its_own_filter(engine_of: Make) -> None:
    days = [dt.date(2021, 12, 24), dt.date(2021, 12, 25), dt.date(2021, 3, 1), dt.date(2020, 1, 1)]
    engine = engine_of([_article(number, "x", "", day, ()) for number, day in enumerate(days)])

    def facet(*dates: str) -> tuple[str | None, dict[str, int]]:
        found = engine.search(SearchRequest(dates=dates, date_facet=True)).facets().dates
        assert found is not None
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
    before = engine.search(SearchRequest(facets=("place",))).facets().fields[0]
    after = engine.search(SearchRequest(facets=("place",), filters={"place": ("Paris", "Nowhere")})).facets().fields[0]
    assert [(v.value, v.count, v.selected) for v in before.values] == [("India", 3, False), ("Paris", 1, False)]
    assert [(v.value, v.count, v.selected) for v in after.values] == [
        ("India", 3, False),
        ("Paris", 1, True),
        ("Nowhere", 0, True),
    ]


def test_a_title_counts_for_more_and_phrases_do_not_join_title_and_body(engine_of: Make) -> None:
    engine = engine_of([Article("b", "Milk", "a tea", "p"), Article("a", "Tea", "a milk", "p")])
    assert [hit.article.id for hit in engine.search(SearchRequest(parse("tea").tree)).articles] == ["a", "b"]
    assert engine.search(SearchRequest(parse('"milk a"').tree)).total == 0


def test_a_phrase_in_the_title_alone_is_not_in_the_body(engine_of: Make) -> None:
    scattered = Article("s", "Working group", "A group that is working", "p")
    together = Article("t", "Working group", "A working group", "p")
    engine = engine_of([scattered, together])
    found = engine.search(SearchRequest(parse('body:"working group"').tree))
    assert (found.total, found.articles[0].article) == (1, together)


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
        return "".join(sorted(hit.article.id for hit in engine.search(SearchRequest(parse(query).tree)).articles))

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
        return engine.search(SearchRequest(parse(query).tree)).articles[0].article.id

    assert [first("te*"), first("tea"), first("tea^9 milk"), first("tea milk^9")] == ["new", "old", "old", "new"]


@pytest.mark.parametrize(
    ("engine_of", "notes", "total"),
    [
        *((name, ("“word*” matches 1,101 words; the 1,024 most frequent were used",), 1_025) for name in EMBEDDED),
        pytest.param("opensearch", (), 1_102, marks=pytest.mark.cluster),  # a cluster expands every word
    ],
    indirect=["engine_of"],
)
def test_a_prefix_of_very_many_words_is_cut_and_noted(engine_of: Make, notes: tuple[str, ...], total: int) -> None:
    rare = [Article(f"{number}", "x", f"word{number:04d}", "p") for number in range(1_100)]
    engine = engine_of([*rare, Article("y", "x", "wordy", "p"), Article("z", "x", "wordy", "p")])
    results = engine.search(SearchRequest(parse("word*").tree))
    assert (results.notes, results.total) == (notes, total)


@pytest.mark.parametrize(
    ("engine_of", "notes", "total"),
    [
        ("tantivy", (UNVERIFIED,), 1_200),
        ("whoosh", (), 1_100),
        pytest.param("opensearch", (UNVERIFIED,), 1_100, marks=pytest.mark.cluster),
    ],
    indirect=["engine_of"],
)
def test_a_sloppy_phrase_that_takes_long_is_not_verified_and_noted(
    engine_of: Make, notes: tuple[str, ...], total: int
) -> None:
    texts = ["green of the tea", "green tea x x x x x x x the x x x x x x x green tea x x x x x x x the"]
    engine = engine_of([Article(f"{number:04}", "x", texts[number >= 1_100], "p") for number in range(1_200)])
    results = engine.search(SearchRequest(parse('"tea the green"~8').tree))
    assert (results.notes, results.total) == (notes, total)


@pytest.mark.parametrize(
    ("engine_of", "notes"),
    [
        ("tantivy", ['“"tea the green"~5” is one sloppy phrase too many: its words may be anywhere in these articles']),
        ("whoosh", []),
        pytest.param("opensearch", [], marks=pytest.mark.cluster),
    ],
    indirect=["engine_of"],
)
def test_very_many_sloppy_phrases_are_cut_and_noted(
    engine_of: Make, notes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("searchsvc.engines.tantivy.compiler.MAX_NEAR", 3)
    apart = " ".join(["green", *["x"] * 9, "tea", *["x"] * 9, "north the"])
    bodies = ["green tea of the north", "tea", apart]
    engine = engine_of([Article(str(number), "x", body, "p") for number, body in enumerate(bodies, start=1)])
    results = engine.search(SearchRequest(parse('"tea north green"~5 "tea the green"~5').tree))
    assert [hit.article.id for hit in results.articles] == ["1"]  # the first phrase is verified whatever pairs it lacks
    assert list(results.notes) == notes


@pytest.mark.parametrize("query", ['"tea green"~5', '"tea green north"~5'])
def test_the_first_sloppy_phrase_is_exact_in_title_and_body_however_frequent_its_words(
    engine_of: Make, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("searchsvc.engines.tantivy.compiler.MAX_NEAR", 1)
    near, apart = "green tea north", " ".join(["green", *["x"] * 9, "tea", *["x"] * 9, "north"])
    texts = [(near, apart), (apart, near), (apart, apart), (apart, "")]
    engine = engine_of([Article(str(number), title, body, "p") for number, (title, body) in enumerate(texts, start=1)])
    results = engine.search(SearchRequest(parse(query).tree))
    assert sorted(hit.article.id for hit in results.articles) == ["1", "2"]
    assert results.notes == ()


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
    assert engine.field_stats(["long", "author", "none"]) == {"long": (1, 1), "author": (1, 2)}


@pytest.mark.parametrize("request_", [SearchRequest(per_page=0), SearchRequest(per_page=2**62)])
def test_faults_of_the_library_are_errors_of_ours(engine_of: Make, request_: SearchRequest) -> None:
    engine = engine_of(_some_articles())
    with pytest.raises(EngineError):
        engine.search(request_)
    assert engine.search(SearchRequest()).total == 6


def test_unknown_engine() -> None:
    with pytest.raises(UserError, match=r"unknown engine “lucene”; choose from tantivy"):
        backend_for("lucene", Settings())


def test_an_engine_goes_on_answering_when_its_folder_is_removed(tmp_path: Path, engine_of: Make) -> None:
    articles = _some_articles()
    engine = engine_of(articles)
    # Tantivy watches a folder that is open, and would create a file for its lock in the meantime: the store moves it too.
    shutil.rmtree((tmp_path / "engine0").rename(tmp_path / "removed"))
    found = engine.search(SearchRequest(parse("same te* txt~").tree, facets=("source",), date_facet=True))
    assert (found.total, found.facets().fields[0].values[0].count) == (6, 3)
    assert len(engine.search(SearchRequest(sort="oldest")).articles) == 6
    assert engine.terms("sam", 3) == [("same", 6)]
    assert len(list(engine.scan(SearchRequest()))) == 6
    assert engine.get("id3") == articles[3]


def test_what_is_deleted_is_gone_from_everything_that_is_answered(tmp_path: Path, kind: Backend) -> None:
    folder = tmp_path / "engine"
    written = [_article(number, f"word{number} shared", "text", None, (f"place{number}",)) for number in range(3)]
    _write(kind, folder, written, [])
    _write(kind, folder, [_article(3, "other", "text word1", None, ())], ["id1", "none"])
    engine = kind.open(folder, ("english",))
    assert engine.count(SearchRequest()) == engine.search(SearchRequest()).total == 3
    assert engine.search(SearchRequest(parse("shared wor* -place:place1").tree)).total == 2
    assert [value.value for value in engine.search(SearchRequest(facets=("place",))).facets().fields[0].values] == [
        "place0",
        "place2",
    ]
    assert [each.term for each in engine.terms("wor", 5)] == ["word1"]
    assert engine.field_stats(["place"]) == {"place": (2, 2)}
    assert engine.get("id1") is None


def test_one_id_written_twice_and_deleted_in_between_is_there_once(tmp_path: Path, kind: Backend) -> None:
    folder = tmp_path / "engine"
    first, second = _article(1, "first", "", None, ()), _article(1, "second", "", None, ())
    writer = kind.writer(folder, ("english",), 0)
    for each in (first, second):
        writer.delete(each.id)
        writer.add(each, dump(each))
    writer.commit()
    engine = kind.open(folder, ("english",))
    assert (engine.count(SearchRequest()), engine.get("id1")) == (1, second)
    assert engine.search(SearchRequest(parse("first").tree)).total == 0


def test_engines_rank_alike(tmp_path: Path) -> None:
    bodies = ["tea", "tea tea milk", "a green tea", "tea for a green day", "milk " * 8 + "green tea"]
    articles = [_article(number, f"Title {number}", body, None, ()) for number, body in enumerate([*bodies, "green"])]
    orders = []
    for name in EMBEDDED:
        _write(backend_for(name, Settings()), tmp_path / name, articles, [])
        engine = backend_for(name, Settings()).open(tmp_path / name, ("english",))
        orders.append(engine.search(SearchRequest(parse("green tea", match="any").tree)).articles)
    assert [hit.article for hit in orders[0]] == [hit.article for hit in orders[1]]
    # Tantivy scores the forms of a word in title and body apart, and Whoosh the word in both as one text.
    assert [hit.score for hit in orders[0]] == pytest.approx([hit.score for hit in orders[1]], rel=0.2)


def _write(kind: Backend, folder: Path, articles: list[Article], deleted: list[str]) -> None:
    writer = kind.writer(folder, ("english",), 0)
    for article_id in deleted:
        writer.delete(article_id)
    for article in articles:
        writer.add(article, dump(article))
    writer.commit()
    writer.close()


PASTED = {
    "https://example.org/a/b?x=1": "See https://example.org/a/b?x=1 for more.",
    "a:b:c": "The ratio a:b:c holds.",
    "C++": "Written in C++ and Rust.",
    "AT&T": "AT&T said so.",
    "U.S.": "The U.S. said so.",
    "Russia's": "What Russia wants.",
    "russia’s": "Russia's wants.",
    "jane.smith@example.org": "Mail jane.smith@example.org today.",
    "#RussiaIndia": "Tagged #RussiaIndia today.",
    "@handle": "By @handle today.",
    "green AND NOT tea": "A green leaf.",
    "“curly quotes”": "The curly quotes stay.",
    '"unbalanced quote': "An unbalanced quote here.",
    "\uff32\uff55\uff53\uff53\uff49\uff41": "\uff32\uff55\uff53\uff53\uff49\uff41 wide.",
    "tea 🙂": "Some tea 🙂 for you.",
    "مرحبا": "قال مرحبا بكم",
    "नमस्ते": "उसने नमस्ते कहा",
    "東京": "昨日東京で会議",
    "cafe": "Un café noir.",
}


@pytest.mark.parametrize(("pasted", "text"), PASTED.items())
def test_what_people_paste_just_works(engine_of: Make, pasted: str, text: str) -> None:
    engine = engine_of([Article("it", "x", text, "p"), Article("other", "x", "nothing of the kind", "p")])
    hits = engine.search(SearchRequest(parse(pasted).tree)).articles
    assert [hit.article.id for hit in hits] == ["it"]


def _dated(*days: str | None) -> list[Article]:
    return [
        Article(f"id{at}", f"tea {at}", "", "p", dt.date.fromisoformat(day) if day else None) for at, day in enumerate(days)
    ]


def test_articles_of_the_future_come_last_if_the_newest_come_first(engine_of: Make) -> None:
    engine = engine_of(_dated("2022-05-01", "2050-01-01", None, "2022-05-02", "2022-05-03", "2049-01-01"))
    newest = SearchRequest(sort="newest", today=dt.date(2022, 5, 2), date_facet=True)
    ids = ["id3", "id0", "id2", "id1", "id5", "id4"]
    for request in (newest, replace(newest, sort="relevance")):
        page = engine.search(request)
        assert [hit.article.id for hit in page.articles] == ids
        assert page.total == 6
        assert sum(value.count for value in (page.facets().dates or DateFacet("year", ())).values) == 5
    assert [each.id for each in engine.scan(newest)] == ids
    oldest = engine.search(replace(newest, sort="oldest")).articles
    assert [hit.article.id for hit in oldest] == ["id0", "id3", "id4", "id5", "id1", "id2"]


def test_a_cursor_of_the_future_stays_there_when_the_day_has_come(engine_of: Make) -> None:
    engine = engine_of(_dated("2022-05-01", "2022-05-03", "2050-01-01"))
    request = SearchRequest(sort="newest", per_page=2, today=dt.date(2022, 5, 1))
    page = engine.search(request)
    assert [hit.article.id for hit in page.articles] == ["id0", "id2"]
    assert page.next == FutureCursor(1)
    rest = engine.search(replace(request, after=page.next, today=dt.date(2060, 1, 1)))
    assert (rest.total, rest.articles, rest.next) == (3, (), None)
