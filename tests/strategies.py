"""Random articles and requests, small enough to meet each other often."""

import datetime as dt

from hypothesis import strategies as st

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.engines.stored import metadata
from searchsvc.model.article import Article
from searchsvc.query.ast import And, Boost, DateRange, Field, Fuzzy, Node, Not, Or, Phrase, Term, Wildcard
from searchsvc.query.request import SearchRequest
from searchsvc.verify.reference import Scanned

ENGLISH = Analyzer("english")
WORDS = ("tea", "teas", "green", "working", "work", "group", "delhi", "été", "中国", "the", "U.S.", "Russia's")
PLACES = ("New Delhi", "India", "Paris", "2022", "true", "2022-12-23T10:00:00Z", "a.b\\c", "delhi the new")
FIELDS = ("place", "odd.name\\x", "source")


def article(number: int, title: str, body: str, date: dt.date | None, places: tuple[str, ...]) -> Article:
    extra = {"odd.name\\x": places[:1]} if places else {}
    source = ("ANI", "Reuters")[number % 2]
    return Article(f"id{number}", title, body, "p", date=date, place=places, source=source, extra=extra)


def scanned(some: list[Article]) -> list[Scanned]:
    return [Scanned(each, metadata(each), ENGLISH) for each in some]


_text = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
_day = st.dates(dt.date(2021, 11, 1), dt.date(2022, 2, 28))
_places = st.lists(st.sampled_from(PLACES), max_size=3, unique=True).map(tuple)
articles = st.lists(st.tuples(_text, _text, st.none() | _day, _places), min_size=1, max_size=40).map(
    lambda rows: [article(number, row[0] or "Untitled", *row[1:]) for number, row in enumerate(rows)]
)
_slop = st.one_of(st.just(0), st.integers(1, 10))
_phrases = st.builds(Phrase, st.lists(st.sampled_from(WORDS), min_size=2, max_size=4).map(" ".join), _slop)
_forms = st.sampled_from(
    (
        Wildcard("te*"),
        Wildcard("wo?k*"),
        Wildcard("gr*n"),
        Fuzzy("tea", 1),
        Fuzzy("group", 2),
        Fuzzy("wrok", 1),
        Wildcard("ru*"),
    )
)
_metadata = st.sampled_from(
    (
        Term("Delhi"),
        Term("new"),
        Phrase("new delhi"),
        Phrase("new delhi", 2),
        Term("2022"),
        Wildcard("in*"),
        Fuzzy("ani", 1),
    )
)
_word = st.sampled_from(WORDS).map(Term)
_leaf = st.one_of(
    _word,
    _phrases,
    _forms,
    st.builds(Field, st.sampled_from(("title", "body")), _word | _phrases | _forms),
    st.builds(Field, st.sampled_from(FIELDS), _metadata),
    st.builds(DateRange, st.none() | _day, _day),
    st.builds(Boost, _word | _phrases, st.sampled_from((0.5, 3.0))),
)
trees: st.SearchStrategy[Node] = st.recursive(
    _leaf,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(And),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(Or),
        st.builds(Field, st.sampled_from(("title", "body", "place")), inner),
    ),
    max_leaves=6,
)
requests = st.builds(
    SearchRequest,
    tree=trees,
    filters=st.dictionaries(
        st.sampled_from(FIELDS[:2]), st.lists(st.sampled_from(PLACES), min_size=1).map(tuple), max_size=2
    ),
    dates=st.lists(st.sampled_from(("2021", "2022-01", "2021-12-24")), max_size=2, unique=True).map(tuple),
    start=st.none() | _day,
    end=st.none() | _day,
    sort=st.sampled_from(("relevance", "newest", "oldest")),
    per_page=st.just(100),
    facets=st.just((*FIELDS, "date")),
)
