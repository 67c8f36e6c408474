"""Links: parameters to addresses and back, and the variations of a search."""

from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.api.addresses import Addresses, article_path, values_path
from searchsvc.api.cursors import encode
from searchsvc.api.filters import filter_pair
from searchsvc.api.links import (
    Links,
    active_filters,
    pairs,
    phrase_query,
    quotation_search,
    web_address,
)
from searchsvc.api.parameters import parse_question
from searchsvc.model.article import Article
from searchsvc.model.cursors import RankCursor
from searchsvc.model.number_ranges import NumberRange
from searchsvc.query import parse
from searchsvc.query.ast import Phrase
from searchsvc.query.request import MAX_QUERY, SearchRequest
from searchsvc.search.quotations import Quotation
from tests.api.example import FIELDS, Archive, pairs_of, question_of

CURSOR = encode(RankCursor(20), "g000001")
CANONICAL = {
    "": "",
    "q=tea+cup": "q=tea+cup",
    "match=all&sort=relevance&page=1&per_page=10": "",
    "page=2&q=tea&per_page=20": "q=tea&per_page=20&page=2",
    "to=2022&from=2021-3": "from=2021-03-01&to=2022-12-31",
    "date=2022-1&date=2021": "date=2022-01&date=2021",
    "place=b&filter=mood%3Ax&place=a": "filter=mood%3Ax&place=b&place=a",
    "filter=place%3Aa": "place=a",
    "filter=page%3A7&page=2": "filter=page%3A7&page=2",
    "filter=date%3Acirca+1900&date=1900": "date=1900&filter=date%3Acirca+1900",
    "filter=geo%5C%3Alat%3A5&filter=%5C-x%3A1&filter=a%5C%5Cb%3A%5C%5Cc": (
        "filter=%5C-x%3A1&filter=a%5C%5Cb%3A%5C%5Cc&filter=geo%5C%3Alat%3A5"
    ),
    "filter=page%3A7..12&filter=page%3A%5C7..12": "filter=page%3A%5C7..12&filter=page%3A7..12",
    "filter=page%3A7.50..&filter=page%3A..1e3": "filter=page%3A7.5..&filter=page%3A..1000",
    "filter=-place%3Aa&filter=-page%3A..9&filter=-mood%3Ax": "filter=-mood%3Ax&filter=-page%3A..9&filter=-place%3Aa",
    "sort=oldest&match=any&q=%C3%A9t%C3%A9+%26+%22a%3Db%22": "q=%C3%A9t%C3%A9+%26+%22a%3Db%22&match=any&sort=oldest",
    "cursor=*&per_page=5": "per_page=5&cursor=%2A",
    f"q=tea&cursor={CURSOR}": f"q=tea&cursor={CURSOR}",
}


@pytest.mark.parametrize("query", CANONICAL)
def test_links_have_the_parameters_in_canonical_order(query: str) -> None:
    question = question_of(query)
    address = Links(Addresses(), "/search", question).here()
    assert address == "/search" + (f"?{CANONICAL[query]}" if CANONICAL[query] else "")
    assert parse_question(pairs_of(address), Archive()) == question


_value = st.text(min_size=1, max_size=8).filter(lambda text: text.encode("utf-8", "replace").decode() == text)
_period = st.sampled_from(("2022", "2022-1", "2022-12-23", "1999"))
_parameters = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(("place", "author")), _value),
        st.builds(filter_pair, st.sampled_from(FIELDS), _value, excluded=st.booleans()),
        st.sampled_from((("filter", "page:8..11"), ("filter", "-page:..10"), ("filter", "page:0.5.."))),
        st.tuples(st.just("date"), _period),
    ),
    max_size=6,
)
_single: st.SearchStrategy[dict[str, str]] = st.fixed_dictionaries(
    {},
    optional={
        "q": st.text(max_size=12),
        "match": st.sampled_from(("all", "any")),
        "sort": st.sampled_from(("relevance", "newest", "oldest")),
        "from": st.sampled_from(("1999", "2020-2")),
        "to": st.sampled_from(("2021", "2022-12-23")),
        "per_page": st.integers(1, 100).map(str),
        "page": st.integers(1, 100).map(str),
    },
)


@given(_single, _parameters)
def test_every_question_survives_its_link(single: dict[str, str], filters: list[tuple[str, str]]) -> None:
    question = parse_question([*single.items(), *filters], Archive())
    assert parse_question(pairs(question), Archive()) == question
    assert parse_question(pairs_of(Links(Addresses(), "/search", question).here()), Archive()) == question


SEARCH = "q=tea&sort=newest&place=a&place=b&filter=date:circa+1900&filter=-mood:sad&per_page=20&page=3"
_DATE, _SAD = "&filter=date%3Acirca+1900", "&filter=-mood%3Asad"
FIRST = f"/search?q=tea&sort=newest{_DATE}&place=a&place=b{_SAD}&per_page=20"
VARIATIONS: dict[str, tuple[str, tuple[Any, ...]]] = {
    f"{FIRST}&page=3": ("here", ()),
    f"{FIRST}&page=4": ("page", (4,)),
    f"{FIRST}&cursor={CURSOR}": ("after", (RankCursor(20), "g000001")),
    f"{FIRST}&tag=new%20%26%20old": ("selecting", ("tag", "new & old", False)),
    f"{FIRST}&filter=x.y%3D%3Az": ("selecting", ("x.y=", "z", False)),
    f"{FIRST}&filter=-tag%3Anew": ("excluding", ("tag", "new", False)),
    FIRST.replace(_SAD, "") + "&filter=mood%3Asad": ("selecting", ("mood", "sad", False)),
    FIRST.replace(_SAD, ""): ("excluding", ("mood", "sad", True)),
    FIRST.replace("&place=b", "") + "&filter=-place%3Ab": ("excluding", ("place", "b", False, True)),
    f"{FIRST}&date=2022": ("replacing", ("date", "2022")),
    f"{FIRST}&match=any": ("replacing", ("match", "any")),
    FIRST: ("page", (1,)),
    FIRST.replace("&sort=newest", ""): ("replacing", ("sort",)),
    FIRST.replace("&sort=newest", "") + "&sort=oldest": ("replacing", ("sort", "oldest")),
    FIRST.replace("&place=a", ""): ("without", ("place", "a")),
    FIRST.replace("&place=b", ""): ("selecting", ("place", "b", True)),
    FIRST.replace(_DATE, ""): ("selecting", ("date", "circa 1900", True)),
    f"{FIRST}&date=2021": ("toggling", ("date", "2021", False)),
    FIRST.replace("&place=a&place=b", "") + "&place=c&place=d": ("replacing", ("place", "c", "d")),
}


@pytest.mark.parametrize("address", VARIATIONS)
def test_variations_of_a_search(address: str) -> None:
    method, arguments = VARIATIONS[address]
    assert getattr(Links(Addresses(), "/search", question_of(SEARCH)), method)(*arguments) == address


def test_toggling_twice_is_the_same_search() -> None:
    links = Links(Addresses(), "/search", question_of("q=tea"))
    selected = links.selecting("date", "circa 1900", False)
    assert selected == "/search?q=tea&filter=date%3Acirca%201900"
    again = Links(Addresses(), "/search", question_of(selected.partition("?")[2]))
    assert again.selecting("date", "circa 1900", True) == links.here()
    assert Links(Addresses(), "/search", question_of("")).selecting("mood", "x", False) == "/search?filter=mood%3Ax"


def test_links_can_carry_further_parameters() -> None:
    links = Links(Addresses(), "/article/a", question_of("q=tea"), [("hit", "3")])
    assert links.here() == "/article/a?q=tea&hit=3"
    assert Links(Addresses(), "/article/a", question_of(""), [("hit", "3")]).here() == "/article/a?hit=3"


def test_variations_of_a_cursor_begin_at_the_first_page() -> None:
    links = Links(Addresses(), "/search", question_of(f"q=tea&cursor={CURSOR}"))
    assert links.here() == f"/search?q=tea&cursor={CURSOR}"
    assert links.page(2) == "/search?q=tea&page=2"
    assert links.replacing("sort", "oldest") == "/search?q=tea&sort=oldest"


def test_active_filters() -> None:
    query = "from=2021&to=2021-06-30&date=2021-3&date=2021-05&filter=date:circa+1900&place=b&place=a"
    query += "&filter=page:7&filter=page:8..&filter=-mood:sad&q=tea&sort=newest"
    assert list(active_filters(question_of(query))) == [
        ("from", "2021-01-01", "", "", False),
        ("to", "2021-06-30", "", "", False),
        ("date", "2021-03", "", "", False),
        ("date", "2021-05", "", "", False),
        ("filter", "date:circa 1900", "date", "circa 1900", False),
        ("filter", "page:7", "page", "7", False),
        ("place", "b", "place", "b", False),
        ("place", "a", "place", "a", False),
        ("filter", "page:8..", "page", NumberRange(8, None), False),
        ("filter", "-mood:sad", "mood", "sad", True),
    ]
    assert list(active_filters(question_of("q=tea"))) == []


def test_removing_every_active_filter_leaves_the_query() -> None:
    question = question_of("q=tea&from=2021&date=2021-3&filter=date:circa+1900&filter=page:7..&filter=-mood:x&place=a")
    for name, value, *_ in active_filters(question):
        question = question_of(Links(Addresses(), "/search", question).without(name, value).partition("?")[2])
    assert question == question_of("q=tea")


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("place", "/facets/place"),
        ("page", "/facets/page"),
        ("x.y", "/facets/x.y"),
        ("a/b?", "/facets/a%2Fb%3F"),
    ],
)
def test_paths_of_lists_of_values(field: str, path: str) -> None:
    assert values_path(field) == path


def test_articles_have_a_path_whatever_their_id() -> None:
    assert article_path("http://a//b?c#d é") == f"/article/{quote('http://a//b?c#d é', safe='')}"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "ftp://a/b", "//a/b", ""])
def test_only_web_addresses_are_linked(url: str) -> None:
    article = Article("1", "A", "x", "a.txt", url="https://a.example/b")
    assert web_address(article) == "https://a.example/b"
    assert web_address(replace(article, url=url)) is None


PHRASES = {
    "the old port": '"the old port"',
    "“The” old\n\n  port.": '"The old port."',
    "word " * 300: '"' + "word " * 198 + 'word"',
    "x" * 2_000: '"' + "x" * 998 + '"',
}


@pytest.mark.parametrize("text", PHRASES)
def test_a_text_becomes_a_phrase(text: str) -> None:
    assert phrase_query(text) == PHRASES[text]


@given(st.text(max_size=40).filter(lambda text: any(map(str.isalnum, text))))
def test_any_text_becomes_one_phrase(text: str) -> None:
    query = phrase_query(text)
    (tree, notes) = parse(query, ("place",))
    assert isinstance(tree, Phrase)
    assert notes == ()
    assert len(query) <= MAX_QUERY


def test_a_quotation_is_searched_for_with_its_filters() -> None:
    quotation = Quotation("the old “port”", SearchRequest(filters={"text": ("a",)}, dates=("2021",), per_page=3))
    expected = "/search?q=%22the+old+port%22&sort=oldest&date=2021&filter=text%3Aa"
    assert quotation_search(Addresses(), "/search", quotation) == expected
    assert quotation_search(Addresses(), "/search", replace(quotation, text="word " * 300)) is None
