"""Random articles and requests, small enough to meet each other often."""

import datetime as dt
from dataclasses import replace
from typing import get_args

from hypothesis import strategies as st

from searchsvc.model.article import Article, number_of
from searchsvc.model.number_ranges import NumberRange
from searchsvc.model.periods import Unit, latest_day
from searchsvc.query.ast import And, Boost, DateRange, Field, Fuzzy, Node, Not, Or, Phrase, Term, Wildcard
from searchsvc.query.request import SearchRequest
from searchsvc.verify.sample_queries import RequestSampler

FAMILIES = ("tea", "teas", "team", "teams", "green", "greens", "group", "groups", "work", "works", "working", "workings")
"""Words that inflections, wildcards and mistakes tell apart only if they are understood."""
MARKED = (
    *("за́мок", "замок", "ёлка", "елка", "Αθήνας", "ΑΘΗΝΑΣ", "שָׁלוֹם", "שלום", "كِتَابٌ", "كتاب", "العـربية", "العربيه"),
    *("می\u200cشود", "میشود", "ज़मीन", "जमीन", "नमस्ते", "ha\u00adven", "haven", "ﾃﾞｰﾀ", "データ", "ʿAlī", "٢٠٢٢", "2022"),
    *("teamof-\nfice", "teamoffice", "well-\nknown", "known", "well"),
)
"""Words that readers write and type in several ways: with marks or without, and parted at the ends of lines."""
JOINED = ("e-mail", "email", "e-mails", "COVID-19", "Covid19", "1,000", "1000", "up-to-date", "re-elect", "reelect")
"""Words that are written in two parts or in one piece."""
OF_LANGUAGES = ("Haus", "Häuser", "häusern", "maison", "maisons", "книга", "книги", "talo", "talossa", "दिन", "दिनों")
"""Words whose forms belong together in one language, and not in others."""
LANGUAGES = ("en", "en", "de", "fr-CA", "Russian", "fi", "hin", "zh", "")
WORDS = (*FAMILIES, *MARKED, *JOINED, "delhi", "the", "été", "中国", "서울", "서울에서", "U.S.")
POSSESSIVES = ("Russia", "Russia's", "group’s")
PLACES = (
    "New Delhi",
    "Росси́я",
    "ﺑﻴﺮﻭﺕ الجديدة",
    "India",
    "Paris",
    "2022",
    "true",
    "2022-12-23T10:00:00Z",
    "a.b\\c",
    "delhi the new",
)
NUMBERS = ("7", "10", "07", "-3.5", "1e2", "ten", "10..20", "20")
"""Values of a field of numbers, not all of which are some."""
FIELDS = ("place", "odd.name\\x", "source", "pages")
Archive = tuple[list[Article], list[SearchRequest]]
"""Articles, and requests made from them."""


def article(
    number: int, title: str, body: str, date: dt.date | None, places: tuple[str, ...], time: dt.time | None = None
) -> Article:
    extra = {"odd.name\\x": places[:2]} if places else {}
    extra |= {"pages": (NUMBERS[number % len(NUMBERS)],)}
    source = ("ANI", "Reuters")[number % 2]
    published = dt.datetime.combine(date, time) if date and time else None
    return Article(f"id{number}", title, body, "p", date, published, place=places, source=source, extra=extra)


_text = st.lists(st.sampled_from(WORDS + POSSESSIVES), max_size=8).map(" ".join)
_units: st.SearchStrategy[Unit | None] = st.none() | st.sampled_from(get_args(Unit))
_day = st.dates(dt.date(2021, 11, 1), dt.date(2022, 2, 28))
_time = st.sampled_from((dt.time(0, 30, tzinfo=dt.timezone(dt.timedelta(hours=5))), dt.time(18, tzinfo=dt.UTC)))
_places = st.lists(st.sampled_from(PLACES), max_size=3, unique=True).map(tuple)
articles = st.lists(st.tuples(_text, _text, st.none() | _day, _places, st.none() | _time), min_size=10, max_size=40).map(
    lambda rows: [article(number, row[0] or "tea", *row[1:]) for number, row in enumerate(rows)]
)

_end = st.none() | st.sampled_from((-3.5, 7.0, 10.0, 100.0))
_number_ranges = st.builds(NumberRange, _end, _end)

# Trees of any shape, whether or not people would write them.
_word = st.sampled_from(WORDS + POSSESSIVES).map(Term)
_slop = st.one_of(st.none(), st.just(0), st.integers(1, 10))
_phrases = st.builds(Phrase, st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join), _slop)
_forms = st.sampled_from(
    (
        *(Wildcard("te*"), Wildcard("wo?k*"), Wildcard("gr*n"), Wildcard("за́м*к"), Wildcard("te*fi?e"), Wildcard("नम*")),
        *(Fuzzy("group", 2), Fuzzy("wrok", 1), Fuzzy("елка", 1), Fuzzy("שלןם", 1)),
    )
)
_metadata = st.sampled_from(
    (Term("new"), Term("россия"), Term("بيروت"), Phrase("new delhi", 2), Term("-"), Wildcard("in*"), Fuzzy("ani", 1))
)
_leaf = st.one_of(
    _word,
    _phrases,
    _forms,
    st.builds(Field, st.sampled_from(("title", "body")), _word | _phrases | _forms),
    st.builds(Field, st.sampled_from(FIELDS), _metadata),
    st.builds(DateRange, st.none() | _day, _day),
    st.builds(Field, st.just("pages"), _number_ranges),
    st.builds(Boost, _word | _phrases, st.sampled_from((0.5, 3.0))),
)
_trees: st.SearchStrategy[Node] = st.recursive(
    _leaf,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(And),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(Or),
        st.builds(Field, st.sampled_from(("title", "body", "place")), inner),
    ),
    max_leaves=5,
)
_values = st.lists(st.sampled_from(PLACES), min_size=1).map(tuple)
_without_range = st.dictionaries(st.just("pages"), st.tuples(_number_ranges), max_size=1)
_shapes = st.builds(
    SearchRequest,
    tree=_trees,
    filters=st.just({}) | st.dictionaries(st.sampled_from(FIELDS[:2]), _values, max_size=2),
    ranges=st.just({}) | st.dictionaries(st.just("pages"), st.tuples(_number_ranges), max_size=1),
    excluded=st.just({}) | st.dictionaries(st.sampled_from(FIELDS[:2]), _values, max_size=1) | _without_range,
    dates=st.just(()) | st.lists(st.sampled_from(("2021", "2022-01", "2021-12-24")), max_size=2, unique=True).map(tuple),
    start=st.none() | _day,
    end=st.none() | _day,
    sort=st.sampled_from(("relevance", "newest", "oldest")),
    per_page=st.just(100),
    facets=st.just(FIELDS),
    share=st.sampled_from([1.0, 1.0, 1.0, 0.3, 0.7]),
    without=st.just(()) | st.lists(st.integers(0, 9).map(lambda number: number_of(f"id{number}"))).map(tuple),
    date_facet=st.just(True),
)


@st.composite
def archives(draw: st.DrawFn, requests: int = 1, *, in_languages: bool = False) -> Archive:
    """Articles, and requests of which five in six are made from them. Articles are in several languages, or do not tell."""
    some = draw(articles)
    if in_languages:
        words = st.lists(st.sampled_from(OF_LANGUAGES + FAMILIES), min_size=1, max_size=5).map(" ".join)
        languages = draw(st.lists(st.sampled_from(LANGUAGES), min_size=1, max_size=4))
        some = [
            replace(each, language=draw(st.sampled_from(languages)), body=f"{each.body} {draw(words)}") for each in some
        ]
    sampler = RequestSampler(some, draw(st.randoms(use_true_random=True)))
    found = [draw(_shapes) if number % 6 == 5 else sampler.request() for number in range(requests)]
    # Sorted newest first, articles after this day come last.
    return some, [replace(each, today=draw(st.just(latest_day()) | _day), date_unit=draw(_units)) for each in found]
