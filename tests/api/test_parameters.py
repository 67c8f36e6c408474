"""Parameters as they are parsed: the request of each, the defaults, and the error of each invalid value."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from searchsvc.api.cursors import encode
from searchsvc.api.listing_parameters import ValueListing, parse_choice, parse_listing, parse_page_listing
from searchsvc.api.parameter_reader import MAX_UNKNOWN
from searchsvc.api.parameters import (
    parse_completion,
    parse_full,
    parse_limit,
    parse_quotation,
    parse_search,
)
from searchsvc.errors import UserError
from searchsvc.model.article import METADATA
from searchsvc.model.cursors import InstantCursor
from searchsvc.model.number_ranges import NumberRange
from searchsvc.query.ast import And, Or, Term
from searchsvc.query.request import SearchRequest
from searchsvc.search.question import Question
from tests.api.example import Archive, pairs_of, question_of

DEFAULT = SearchRequest(facets=("place", "mood"), date_facet=True)
CURSOR = encode(InstantCursor(1_671_753_600, 2), "g000007")

REQUESTS: dict[str, dict[str, Any]] = {
    "": {},
    "q=": {},
    "sort=newest": {"sort": "newest"},
    "page=3&per_page=100": {"page": 3, "per_page": 100},
    "page=1000": {"page": 1000},
    "from=2022&to=2022": {"start": date(2022, 1, 1), "end": date(2022, 12, 31)},
    "from=2024-2&to=2024-02": {"start": date(2024, 2, 1), "end": date(2024, 2, 29)},
    "from=+2022-12-23+": {"start": date(2022, 12, 23)},
    "date=2022&date=2021-3&date=2022": {"dates": ("2022", "2021-03")},
    "place=India&place=Peru&place=India": {"filters": {"place": ("India", "Peru")}},
    "author=Ann": {"filters": {"author": ("Ann",)}},
    "filter=place:India&place=Peru": {"filters": {"place": ("India", "Peru")}},
    "filter=page:7&page=2": {"filters": {"page": ("7",)}, "page": 2},
    "filter=date:circa+1900&date=1900": {"filters": {"date": ("circa 1900",)}, "dates": ("1900",)},
    "filter=mood:a:b&filter=filter:x": {"filters": {"mood": ("a:b",), "filter": ("x",)}},
    "filter=geo%5C:lat:5&filter=%5C-x:1&filter=a%5C%5Cb:2": {"filters": {"geo:lat": ("5",), "-x": ("1",), "a\\b": ("2",)}},
    "filter=-mood:sad&filter=-place:Peru": {"excluded": {"mood": ("sad",), "place": ("Peru",)}},
    "filter=page:7..10": {"ranges": {"page": (NumberRange(7, 10, ("7", "07", "10")),)}},
    "filter=page:..9.5": {"ranges": {"page": (NumberRange(None, 9.5, ("7", "07")),)}},
    "filter=-page:11..": {"excluded": {"page": (NumberRange(11, None, ("12",)),)}},
    "filter=page:13..14": {"ranges": {"page": (NumberRange(13, 14),)}},
    "filter=page:%5C7..10&place=7..10": {"filters": {"page": ("7..10",), "place": ("7..10",)}},
    "filter=page:7...10": {"filters": {"page": ("7...10",)}},
    "place=+a+": {"filters": {"place": (" a ",)}},
    "cursor=*": {},
    f"cursor={CURSOR}": {"after": InstantCursor(1_671_753_600, 2)},
}


@pytest.mark.parametrize("query", REQUESTS)
def test_parameters_become_a_request(query: str) -> None:
    assert question_of(query).request == replace(DEFAULT, **REQUESTS[query])


QUESTIONS = {
    "": Question(request=DEFAULT),
    "q=++tea+": Question("tea", request=replace(DEFAULT, tree=Term("tea"))),
    "q=tea%00cup": Question("tea cup", request=replace(DEFAULT, tree=And((Term("tea"), Term("cup"))))),
    "q=tea+cup&match=any": Question("tea cup", "any", request=replace(DEFAULT, tree=Or((Term("tea"), Term("cup"))))),
    "cursor=*": Question(request=DEFAULT, by_cursor=True),
    f"cursor={CURSOR}": Question(
        request=replace(DEFAULT, after=InstantCursor(1_671_753_600, 2)), by_cursor=True, generation="g000007"
    ),
}


@pytest.mark.parametrize("query", QUESTIONS)
def test_parameters_become_a_question(query: str) -> None:
    assert question_of(query) == QUESTIONS[query]


def test_the_notes_of_the_query_are_kept() -> None:
    question = question_of("q=%22tea")
    assert question.request.tree == Term("tea")
    assert [note.position for note in question.notes] == [0]


FACETS: dict[str, tuple[tuple[str, ...], bool]] = {
    "facet=none": ((), False),
    "": (("mood",), True),
    "facet=tag": (("tag",), False),
    "facet=date": ((), True),
    "facet=mood&facet=date&facet=tag&facet=mood": (("mood", "tag"), True),
    "facet=%5Cdate&facet=page&facet=%5Cnone": (("date", "page", "none"), False),
}


@pytest.mark.parametrize("query", FACETS)
def test_facets_replace_those_of_the_archive(query: str) -> None:
    request = question_of(query, choose_facets=True).request
    assert (request.facets, request.date_facet) == FACETS[query]


KNOWN = (
    "q, match, sort, from, to, date, section, source, place, author, tag, language, filter, versions, page, per_page, "
    "cursor, lang"
)
ERRORS = {
    "match=some": ("match", "match is “some”; it must be one of all, any", None),
    "sort=newst": ("sort", "sort is “newst”; it must be one of relevance, newest, oldest", "newest"),
    "page=0": ("page", "page is “0”; it must be a whole number from 1 to 10,000", None),
    "page=%C2%B2": ("page", "page is “²”; it must be a whole number from 1 to 10,000", None),
    "page=1&page=2": ("page", "page was given 2 times; give it once", None),
    "page=101&per_page=100": (
        *("page", "page 101 is beyond the first 10,000 hits: narrow the search, or continue by cursor"),
        None,
    ),
    "per_page=101": ("per_page", "per_page is “101”; it must be a whole number from 1 to 100", None),
    "from=soon": ("from", "from is “soon”; it must be a date such as 2022, 2022-12 or 2022-12-23", None),
    "to=2022-02-31": ("to", "to is “2022-02-31”; it must be a date such as 2022, 2022-12 or 2022-12-23", None),
    "date=2022-13": ("date", "date is “2022-13”; it must be a date such as 2022, 2022-12 or 2022-12-23", None),
    "&".join(f"date={year}" for year in range(1900, 2001)): ("date", "there are 101 dates; the limit is 100", None),
    f"place={'x' * 1_001}": ("place", "the value of place is longer than 1,000 bytes", None),
    "&".join(f"place={n}" for n in range(101)): ("place", "place has more than 100 values", None),
    "cursor=x": ("cursor", "cursor is “x”; it must be *, or the cursor of an answer", None),
    "sort=oldest&cursor=future.1.0.g000001": (
        *("cursor", "cursor is “future.1.0.g000001”; it must be the cursor of an answer in this order"),
        None,
    ),
    f"q=tea&cursor={CURSOR}": ("cursor", f"cursor is “{CURSOR}”; it must be the cursor of an answer in this order", None),
    "sort=": ("sort", "sort is empty: leave it out, or give it a value", None),
    "place=": ("place", "place is empty: leave it out, or give it a value", None),
    "filter=mood:": ("filter", "filter has the field “mood” without a value", None),
    "filter=mood:%5C": ("filter", "filter has the field “mood” without a value", None),
    "plcae=India": ("plcae", "there is no parameter “plcae”; did you mean “place”?", "place"),
    "mood=calm": ("mood", "there is no parameter “mood”; did you mean “filter=mood:VALUE”?", "filter=mood:"),
    "x.page=7": ("x.page", "there is no parameter “x.page”; did you mean “page”?", "page"),
    "filter=moood:x": ("filter", "no article has the field “moood”; did you mean “mood”?", "mood"),
    "filter=place": ("filter", "“place” is not a filter: write FIELD:VALUE, such as place:India", None),
    "filter=page:9..8": ("filter", "the range 9..8 ends before it begins", None),
    "filter=-page:9..-8": ("filter", "the range 9..-8 ends before it begins", None),
    "&".join(f"filter=page:{n}.." for n in range(11)): ("filter", "there are more than 10 ranges of numbers", None),
    f"filter=mood:{'x' * 1_001}": ("filter", "the value of filter is longer than 1,000 bytes", None),
    "zzzz=1": ("zzzz", f"there is no parameter “zzzz”: the parameters are {KNOWN}", None),
    "facet=place": ("facet", "there is no parameter “facet”; did you mean “place”?", "place"),
}


def error_of(query: str, **options: bool) -> UserError:
    with pytest.raises(UserError) as raised:
        question_of(query, **options)
    return raised.value


@pytest.mark.parametrize("query", ERRORS)
def test_invalid_parameters_are_named_with_a_hint(query: str) -> None:
    error = error_of(query)
    assert (error.param, str(error), error.hint) == ERRORS[query]
    assert error.position is None


def test_a_query_that_is_too_long_has_the_position_of_its_limit() -> None:
    error = error_of(f"q={'x' * 1_001}")
    assert (str(error), error.position) == ("the query has 1,001 characters; the limit is 1,000", 1_000)
    assert len(question_of(f"q={'x' * 1_000}").text) == 1_000


def test_long_values_are_shortened_in_messages() -> None:
    assert str(error_of(f"sort={'x' * 100}")).startswith(f"sort is “{'x' * 60}…”; it must be")


def test_facets_that_do_not_exist_are_errors() -> None:
    error = error_of("facet=plce", choose_facets=True)
    assert (error.param, str(error), error.hint) == (
        "facet",
        "no article has the field “plce”; did you mean “place”?",
        "place",
    )


@pytest.mark.parametrize(
    ("facet", "hint"), [("nonexist", None), ("nones", "none"), ("noe", "none"), ("dates", "date"), ("plaec", "place")]
)
def test_facets_that_are_no_fields_are_suggested_only_if_near(facet: str, hint: str | None) -> None:
    with pytest.raises(UserError) as raised:
        parse_search([("facet", facet)], Archive(fields=frozenset(METADATA)))
    assert raised.value.hint == hint


@pytest.mark.parametrize(
    ("field", "advice", "hint"),
    [
        *((each, "use the parameter date, or from and to", "date") for each in ("date", "from", "to")),
        *((each, f"search {each}:… in q instead", "q") for each in ("title", "body")),
    ],
)
@pytest.mark.parametrize("sign", ["", "-"])
def test_filters_say_what_to_do_for_what_is_no_metadata(sign: str, field: str, advice: str, hint: str) -> None:
    pairs = [("filter", f"{sign}{field}:2023")]
    with pytest.raises(UserError) as raised:
        parse_search(pairs, Archive(fields=frozenset(METADATA)))
    assert (str(raised.value), raised.value.hint) == (f"{field} is not a field of metadata: {advice}", hint)
    assert parse_search(pairs, Archive(fields=frozenset((*METADATA, field))))[0].request.filtered_fields


def test_parameters_of_other_sites_are_ignored_on_pages_only() -> None:
    assert question_of("utm_source=x&fbclid=y&gclid=&q=tea", strict=False) == question_of("q=tea")


LONG = "q=tea+" + "x" * 900 + "+" + "y" * 200
MENDED = {
    "page=abc&q=tea": ("q=tea", "“abc” is not a page number, so this is the first page"),
    "page=0": ("", "“0” is not a page number, so this is the first page"),
    "per_page=101": ("", "“101” was ignored: a page shows 1 to 100 articles"),
    "sort=newst&q=tea": ("q=tea", "articles cannot be sorted by “newst”, so they are in the usual order"),
    "match=some": ("", "“some” was ignored: articles can match all of the words, or any of them"),
    "from=soon&to=2022": ("to=2022", "“soon” is not a date and was ignored: write 2022, 2022-12 or 2022-12-23"),
    "date=20x&date=2021": ("date=2021", "“20x” is not a date and was ignored: write 2022, 2022-12 or 2022-12-23"),
    "from=2023&to=2022-06": (
        "from=2022-06&to=2023",
        "“From” was after “To”, so they were swapped: 2022-06-01 to 2023-12-31",
    ),
    "cursor=x&page=2": ("page=2", "“x” was ignored: it does not say where to continue the list"),
    "cursor=*&page=2": (
        "cursor=*",
        "the page number was ignored, because the address says where to continue the list",
    ),
    "lang=xx": ("", "there are no pages in the language “xx”"),
    "q=tea&q=cup": ("q=tea", "the address has “q” 2 times: only the first one counts"),
    "plcae=India": ("", "“plcae” in the address was ignored, because it means nothing here; did you mean “place”?"),
    "mood=calm": ("", "“mood” in the address was ignored, because it means nothing here; did you mean “filter=mood:”?"),
    "qwxyz=1&qwxyz=2": ("", "“qwxyz” in the address was ignored, because it means nothing here"),
    LONG: (LONG[:906], "the query was cut after its first 1,000 characters"),
}


@pytest.mark.parametrize("query", MENDED)
def test_pages_mend_parameters_and_note_what_they_ignore(query: str) -> None:
    meant, note = MENDED[query]
    question = question_of(query, strict=False)
    assert replace(question, notes=()) == question_of(meant)
    assert [each.message for each in question.notes] == [note]


def test_pages_name_a_few_unknown_parameters_only() -> None:
    notes = question_of("&".join(f"qwxyz{number}=1" for number in range(1_000)), strict=False).notes
    assert [note.message[:8] for note in notes] == [f"“qwxyz{number}”" for number in range(MAX_UNKNOWN)]


def test_pages_ignore_empty_parameters() -> None:
    query = "q=&sort=&from=&date=&page=&per_page=&place=&cursor=&filter=&filter=mood:&filter=mood:%5C"
    assert question_of(query, strict=False) == Question(request=DEFAULT)


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("from=2023&to=2022", "from (2023-01-01) is after to (2022-12-31), so no article can match"),
        ("cursor=*&page=1", "page was ignored, because the cursor says where the page begins"),
    ],
)
def test_parameters_that_do_not_go_together_are_noted(query: str, note: str) -> None:
    assert [each.message for each in question_of(query).notes] == [note]


def test_wrong_filters_of_pages_are_noted() -> None:
    question = question_of("filter=place&filter=moood:x&q=tea", strict=False)
    assert question.request == question_of("q=tea").request
    assert [note.message for note in question.notes] == [
        "a filter was ignored: “place” is not a filter: write FIELD:VALUE, such as place:India",
        "a filter was ignored: no article has the field “moood”; did you mean “mood”?",
    ]


def test_a_list_of_values_has_parameters_of_its_own() -> None:
    listing, others = parse_listing(pairs_of("?prefix=ti&q=tea&order=value&nonsense=1"))
    assert (listing, others) == (ValueListing("ti", "value"), [("q", "tea"), ("nonsense", "1")])
    assert listing.pairs() == [("prefix", "ti"), ("order", "value")]
    assert parse_listing([]) == (ValueListing("", "count"), [])
    assert parse_listing([])[0].pairs() == []
    for given, letter in (("č", "C"), ("0-9", "0-9"), ("7", "0-9"), ("ㄱ", "ㄱ"), ("д", "Д"), ("!", "!"), ("", "")):
        assert parse_listing([("letter", given)] if given else [])[0] == ValueListing("", "count", letter)
    with pytest.raises(UserError, match="one letter"):
        parse_listing([("letter", "ab")])
    with pytest.raises(UserError, match="order is “up”; it must be one of count, value"):
        parse_listing([("order", "up")])


def test_pages_mend_listings_with_a_note() -> None:
    listing, others, notes = parse_page_listing(pairs_of("?order=up&letter=ab&prefix=ti&q=tea"))
    assert (listing, others) == (ValueListing("ti", "count"), [("q", "tea")])
    assert [note.message for note in notes] == [
        "values cannot be sorted by “up”, so the most frequent come first",
        "“ab” is not a first letter, so all values are shown",
    ]


def test_short_lists_have_a_limit() -> None:
    assert (parse_limit([("limit", "9")]), parse_limit([])) == (9, 5)
    with pytest.raises(UserError, match="there is no parameter “q”"):
        parse_limit([("q", "the ti")])
    with pytest.raises(UserError, match="limit is “101”"):
        parse_limit([("limit", "101")])


def test_a_partly_typed_search_has_filters_and_a_limit() -> None:
    question, limit = parse_completion(pairs_of("?q=+the+ti&limit=9&place=Delhi&match=any"), Archive())
    assert (question.text, question.match, question.request.filters, limit) == ("the ti", "any", {"place": ("Delhi",)}, 9)
    with pytest.raises(UserError, match="there is no parameter “facet”"):
        parse_completion(pairs_of("?q=the+ti&facet=place"), Archive())


def test_a_quotation_has_the_filters_of_a_search() -> None:
    pairs = pairs_of(
        "?text=+a%0D%0Ae%CC%81+b%00c+&limit=3&from=2021&to=2021-03&date=2021-2&place=India&filter=page:7&filter=page:2"
    )
    quotation = parse_quotation(pairs, Archive())
    assert quotation.text == "a\né b c"
    assert quotation.request == SearchRequest(
        filters={"place": ("India",), "page": ("7", "2")},
        dates=("2021-02",),
        start=date(2021, 1, 1),
        end=date(2021, 3, 31),
        per_page=3,
    )
    assert parse_quotation([], Archive()).request == SearchRequest()
    assert parse_quotation([("utm_source", "x")], Archive(), strict=False).text == ""


@pytest.mark.parametrize(
    ("query", "param", "detail"),
    [
        (f"text={'x' * 5_001}", "text", "the passage has 5,001 characters; the limit is 5,000: check it in parts"),
        ("text=a&text=b", "text", "text was given 2 times; give it once"),
        ("limit=101", "limit", "limit is “101”; it must be a whole number from 1 to 100"),
        ("filter=x:1", "filter", "no article has the field “x”"),
        ("from=2022&to=2021", "from", "from (2022-01-01) is after to (2021-12-31), so no article can match"),
        ("zzzz=1", "zzzz", "there is no parameter “zzzz”: the parameters are text, limit, from, to, date, section"),
    ],
)
def test_wrong_parameters_of_a_quotation(query: str, param: str, detail: str) -> None:
    with pytest.raises(UserError) as raised:
        parse_quotation(pairs_of(f"?{query}"), Archive())
    assert raised.value.param == param
    assert str(raised.value).startswith(detail)


def test_full_is_true_or_false() -> None:
    assert [parse_full(pairs_of(f"?{query}")) for query in ("full=true", "full=false", "")] == [*(True, False, False)]
    with pytest.raises(UserError, match="full is “1”; it must be one of false, true"):
        parse_full([("full", "1")])


@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        ("least=10&most=20", NumberRange(10, 20)),
        ("least=20&most=10", NumberRange(10, 20)),  # turned around
        ("least=10&most=", NumberRange(10, None)),
        ("most=2.5", NumberRange(None, 2.5)),
        ("least=ten&most=+20", NumberRange(None, 20)),
        ("least=&most=", None),
        ("show=results", None),
    ],
)
def test_the_choice_on_a_page_of_values(given: str, numbers: NumberRange | None) -> None:
    choice, others = parse_choice(pairs_of(f"?q=tea&{given}&author=a"))
    assert (choice.numbers, choice.is_final, others) == (numbers, True, [("q", "tea"), ("author", "a")])
    assert not parse_choice(others)[0].is_final
