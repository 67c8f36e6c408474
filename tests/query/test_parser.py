"""The query language: text to its canonical form, with notes on what was ignored, and properties of every text."""

from datetime import date
from typing import Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from searchsvc.model.number_ranges import MAX_RANGES, NumberRange
from searchsvc.query import Note, parse
from searchsvc.query.ast import And, Boost, DateRange, Field, Fuzzy, MatchAll, Node, Not, Or, Phrase, Term, Wildcard
from searchsvc.query.parser import MAX_CLAUSES, MAX_DEPTH, MAX_NOTES, MAX_PATTERNS

FIELDS = ("place", "author", "x.y", "लेखक")

WELL_FORMED = {
    # Words, in any script
    "": "",
    " \t\n\u3000": "",
    "india russia": "india russia",
    "C++ AT&T U.S. Russia's #RussiaIndia @handle": "C++ AT&T U.S. Russia's #RussiaIndia @handle",
    "boundary-layer well–known 10-20": "boundary-layer well–known 10-20",
    "e\u0301te\u0301": "été",
    "ﬀ Ｒｕｓｓｉａ 中国 मोदी مرحبا": "ﬀ Ｒｕｓｓｉａ 中国 मोदी مرحبا",
    "\ud800x": "\ufffdx",
    "\ufefftea \u200e-green \u200f\u202atitle:forum\u202c ha\u00advest": "tea -green title:forum havest",
    "\u061cقهوة \u061c-شاي \u2067نص\u2069": "قهوة -شاي نص",
    "می\u200cخواهم за́м* کتاب\u200cخا*": "می\u200cخواهم за́м* کتاب\u200cخا*",
    # Phrases
    '"working  group"': '"working  group"',
    "“curly” „low” «angle» ＂wide＂": '"curly" "low" "angle" "wide"',
    'a"b c"d': 'a "b c" d',
    '"(a OR b) -c*"': '"(a OR b) -c*"',
    '"a b"~3 "a b"~1 "a b"~ "a b"~0 "a b"': '"a b"~3 "a b"~1 "a b"~ "a b"~ "a b"',
    '=a ==b ="a b" title:=a -=a =a^2 =a=b a=b': '"a" "b" "a b" title:"a" -"a" "a"^2 "a=b" a=b',
    "=wor* =abc~": "wor* abc~1",
    '"a b"~x': '"a b" ~x',
    # AND, OR, NOT and groups
    "a OR b c": "a OR b c",
    "a b OR c d OR e": "a b OR c d OR e",
    "(a OR b) c": "(a OR b) c",
    "（a OR b）c": "(a OR b) c",
    "a OR (b OR (c))": "a OR b OR c",
    "a (b (c d))": "a b c d",
    "green AND NOT tea": "green -tea",
    "a AND b OR c": "a b OR c",
    "and or not Or": "and or not Or",
    "ANDROID NOTE ORB": "ANDROID NOTE ORB",
    'a OR"b"': 'a OR "b"',
    "title:OR": "title:OR",
    # Exclusion
    "NOT tea": "-tea",
    "-tea -(a OR b)": "-tea -(a OR b)",
    '-"green tea"': '-"green tea"',
    "--a ---b": "a -b",
    "-(-a)": "-(-a)",
    "tea-green a -b-c": "tea-green a -b-c",
    # Fields
    "place:India author:(a OR b)": "place:India author:(a OR b)",
    "http://example.org^2 a:b^3": "http://example.org^2 a:b^3",
    "place:10..20 place:1e3.. -place:..-2.50": "place:10..20 place:1000.. -place:..-2.5",
    "place:(10..20) place:(10..20 OR a) place:=10..20": 'place:10..20 place:(10..20 OR a) place:"10..20"',
    "place:10..20^3 title:10..20 10..20 place:a..b place:1...2": (
        "place:10..20 title:10..20 10..20 place:a..b place:1...2"
    ),
    'place:"New Delhi" x.y:z': 'place:"New Delhi" x.y:z',
    "लेखक:मोदी -लेखक:राम विषय:राम": "लेखक:मोदी -लेखक:राम विषय:राम",
    "Title:forum PLACE:India": "title:forum place:India",
    "title:-forum -title:forum": "-title:forum -title:forum",
    "title:(a place:b date:2022)": "title:(a place:b date:2022-01-01..2022-12-31)",
    "title:(place:b) title:body:x": "place:b body:x",
    "a:b:c http://example.org/x#y": "a:b:c http://example.org/x#y",
    "title: forum": "title: forum",
    # Wildcards and fuzzy words
    "moderni* mod?rn* ab**c": "moderni* mod?rn* ab*c",
    "été* मोदी*": "été* मोदी*",
    "who was it? really??": "who was it? really??",
    "wh?? wh??*": "wh?? wh??*",
    "wor* abc~ wor* tea tea abc~2 (wor* OR abc~ OR wor*)": "wor* abc~1 tea tea abc~2 (wor* OR abc~1)",
    "alipov~ alipov~2 title:alipov~": "alipov~1 alipov~2 title:alipov~1",
    # Boosts
    'forum^3 "a b"^0.5 (a OR b)^2 wor*^2 abc~^2': 'forum^3 "a b"^0.5 (a OR b)^2 wor*^2 abc~1^2',
    'title:"a b"~2^3': 'title:"a b"~2^3',
    "(title:a)^2 ((a^2)^3)": "(title:a)^2 a^3",
    "-tea^2 date:2022-12-23^2": "-tea^2 date:2022-12-23",
    "a^0 b^100 c^101": "a b^100 c",
    "a^ ^3 a^b a^1.234": "a^ ^3 a^b a^1.234",
    # Dates
    "date:2022": "date:2022-01-01..2022-12-31",
    "date:2022-2 date:2020-02": "date:2022-02-01..2022-02-28 date:2020-02-01..2020-02-29",
    "date:2022-12-01..2023-01": "date:2022-12-01..2023-01-31",
    "date:2022.. date:..2022": "date:2022-01-01.. date:..2022-12-31",
    "before:2023 after:2022-12-22": "date:..2022-12-31 date:2022-12-23..",
    "-date:2022-12-23": "-date:2022-12-23",
}


@pytest.mark.parametrize(("text", "canonical"), WELL_FORMED.items())
def test_canonical_form(text: str, canonical: str) -> None:
    query = parse(text, FIELDS)
    assert str(query.tree) == canonical
    assert query.notes == ()


BAD_DATE = "use a date such as 2022, 2022-12 or 2022-12-23"
BAD_PATTERN = "* and ? need 2 letters before them, ~ needs 3, and punctuation is not allowed"
MALFORMED = [
    ('tea "green', "tea green", 4, "an unmatched quotation mark was ignored"),
    ("a )b", "a b", 2, "an unmatched closing parenthesis was ignored"),
    ("a )^2 b", "a b", 2, "an unmatched closing parenthesis was ignored"),
    ("tea OR", "tea", 4, "OR was ignored: it needs a search term on both sides"),
    ("AND tea", "tea", 0, "AND was ignored: it needs a search term on both sides"),
    ("a OR AND b", "a b", 2, "OR was ignored: it needs a search term on both sides"),
    ("(tea OR) green", "tea green", 5, "OR was ignored: it needs a search term on both sides"),
    ("tea NOT", "tea", 7, "a search term is missing at the end of the query"),
    ("(a OR b NOT) c", "(a OR b) c", 11, "a search term is missing before a closing parenthesis"),
    ("- a", "a", 0, "“-” was ignored: it has no letters or digits"),
    ("a AND 🙂", "a", 6, "“🙂” was ignored: it has no letters or digits"),
    ('"..."~3 a', "a", 1, "“...” was ignored: it has no letters or digits"),
    ("title:🙂 a", "a", 6, "“🙂” was ignored: it has no letters or digits"),
    ("e\u0301 +", "é", 2, "“+” was ignored: it has no letters or digits"),
    ("plce:x", "plce:x", 0, "“plce” is not a field and was searched for as a word; the nearest field is “place”"),
    ("tea a*", "tea a*", 4, f"“a*” was searched for as a plain word: {BAD_PATTERN}"),
    ("*tea", "*tea", 0, f"“*tea” was searched for as a plain word: {BAD_PATTERN}"),
    ("ab~", "ab~", 0, f"“ab~” was searched for as a plain word: {BAD_PATTERN}"),
    ("U.S.*", "U.S.*", 0, f"“U.S.*” was searched for as a plain word: {BAD_PATTERN}"),
    ("tea date:soon", "tea", 9, f"“date:soon” was ignored: {BAD_DATE}"),
    ("date:2022-02-30", "", 5, f"“date:2022-02-30” was ignored: {BAD_DATE}"),
    ("after:2021..2022", "", 6, f"“after:2021..2022” was ignored: {BAD_DATE}"),
    ("date:.. tea", "tea", 5, f"“date:..” was ignored: {BAD_DATE}"),
    ("before:(a b) tea", "tea", 7, f"“before:(” was ignored: {BAD_DATE}"),
    ("place:20..10", "place:20..10", 6, "the range 20..10 ends before it begins, so no number is in it"),
    (
        *("tea date:2023..2022", "tea date:2023-01-01..2022-12-31", 9),
        "the dates 2023..2022 end before they begin, so no article is dated within them",
    ),
    ('"a b"~99', '"a b"~10', 5, "~99 was lowered to ~10, the maximum"),
]


@pytest.mark.parametrize(("text", "canonical", "position", "message"), MALFORMED)
def test_notes_say_what_was_ignored_and_where(text: str, canonical: str, position: int, message: str) -> None:
    query = parse(text, FIELDS)
    assert str(query.tree) == canonical
    assert query.notes == (Note(message, position),)


def test_unclosed_groups_end_with_the_query() -> None:
    assert parse("((a OR b) c").tree == parse("(a OR b) c").tree
    assert parse("a )b(").tree == parse("a b").tree


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("wor*", Wildcard("wor*")),
        ("wh?*", Wildcard("wh?*")),
        ("what?", Term("what?")),
        ("wh??", Term("wh??")),
        ("a*", Term("a*")),
        ("word~", Fuzzy("word", 1)),
        ("word~3", Term("word~3")),
        ("word^2", Boost(Term("word"), 2)),
        ("word^101", Term("word")),
        ('"wor*"', Phrase("wor*")),
        ('"a b"~', Phrase("a b", 0)),
        ("title:word", Field("title", Term("word"))),
        ("x:word", Term("x:word")),
        ("date:2022-12-23", DateRange(date(2022, 12, 23), date(2022, 12, 23))),
    ],
)
def test_leaves(text: str, node: Node) -> None:
    assert parse(text, FIELDS).tree == node


def test_tree() -> None:
    tree = parse('a "b c" OR -place:x date:2022-12-23', FIELDS).tree
    day = date(2022, 12, 23)
    assert tree == Or((And((Term("a"), Phrase("b c"))), And((Not(Field("place", Term("x"))), DateRange(day, day)))))


@pytest.mark.parametrize(
    ("text", "canonical"),
    {
        "india russia": "india OR russia",
        "india russia -tea place:x date:2022": "(india OR russia) -tea place:x date:2022-01-01..2022-12-31",
        "a AND b c": "a b OR c",
        "(a b) title:c": "a OR b OR title:c",
        "boundary-layer": "boundary-layer^0.3 OR boundary OR layer",
        "a-priori tea": "a-priori^0.3 OR priori OR tea",
        "हिन्दी-भाषा": "हिन्दी-भाषा^0.3 OR हिन्दी OR भाषा",  # marks are no `\\w`
        "за́мок/му́зей": "за́мок/му́зей^0.3 OR за́мок OR му́зей",
        "می\u200cخواهم–کتاب": "می\u200cخواهم–کتاب^0.3 OR می\u200cخواهم OR کتاب",
        "snake_case-name п-\u093f\u093f": "snake_case-name^0.3 OR snake_case OR name OR п-\u093f\u093f",
        "don't-know a--b -": "don't-know OR a--b",
        '-well-known title:well-known U.S. http://a-b.org "a-b"': (
            '(title:well-known OR U.S. OR http://a-b.org OR "a-b") -well-known'
        ),
    }.items(),
)
def test_any_makes_words_alternatives_but_keeps_exclusions_and_fields(text: str, canonical: str) -> None:
    assert str(parse(text, FIELDS, "any").tree) == canonical


def test_limits() -> None:
    many = parse(" ".join(["word"] * 1_000))
    assert many.tree == And((Term("word"),) * MAX_CLAUSES)
    assert many.notes == (Note("everything after the first 256 words and phrases was ignored", 5 * MAX_CLAUSES),)
    words = [f"word{number:02}*" for number in range(MAX_PATTERNS + 1)]
    patterns = parse(" ".join(words))
    assert patterns.tree == And((*map(Wildcard, words[:-1]), Term("word32*")))
    advice = "a query can have at most 32 words with *, ? or ~"
    assert patterns.notes == (Note(f"“word32*” was searched for as a plain word: {advice}", 8 * MAX_PATTERNS),)
    assert parse("wo*r" + "?" * 6 + "d?").tree == Wildcard("wo*r??????d")
    complex_ = parse("wo???????r wo*r???????d")
    assert complex_.tree == And((Wildcard("wo???????r"), Term("wo*r???????d")))
    advice = "at most 50 characters can follow a *, and 6 ? among them"
    assert complex_.notes == (Note(f"“wo*r???????d” was searched for as a plain word: {advice}", 11),)
    assert [type(parse(f"wo*{'r' * letters}").tree) for letters in (50, 51)] == [Wildcard, Term]
    ranges = parse(" ".join(["place:1..2"] * (MAX_RANGES + 1)), FIELDS)
    assert ranges.tree == And((*[Field("place", NumberRange(1, 2))] * MAX_RANGES, Field("place", Term("1..2"))))
    advice = "a query can have at most 10 ranges of numbers"
    assert ranges.notes == (Note(f"“1..2” was searched for as words: {advice}", 11 * MAX_RANGES + 6),)
    deep = parse("(" * 20_000 + "a" + ")" * 20_000 + " b")
    assert deep.tree == Term("b")
    assert deep.notes == (Note("parentheses nested more than 32 deep were ignored, with everything in them", MAX_DEPTH),)
    assert parse("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH).tree == Term("a")
    assert parse("-" * 100_001 + "a").tree == Not(Term("a"))
    assert parse("title:" * 50_000 + "a").tree == Field("title", Term("a"))
    assert len(parse(") " * 100).notes) == MAX_NOTES


@pytest.mark.parametrize("word", ["tea", "中", "ไ", "क्षेत्र", "मोदी", "U.", "don't"])
def test_sloppy_phrases_have_at_most_32_words(word: str) -> None:
    words_of = {"don't": 2}.get(word, 1)
    longest = " ".join([word] * (32 // words_of))
    assert parse(f'"{longest}"~3').tree == Phrase(longest, 3)
    longer = f"{longest} {word}"
    query = parse(f'"{longer}"~3')
    assert query.tree == Phrase(longer)
    assert query.notes == (Note("~3 was ignored: it applies to phrases of at most 32 words", len(longer) + 2),)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("today", "2022-03-02", "2022-03-02"),
        ("yesterday", "2022-03-01", "2022-03-01"),
        ("this week", "2022-02-28", "2022-03-06"),
        ("last week", "2022-02-21", "2022-02-27"),
        ("this month", "2022-03-01", "2022-03-31"),
        ("Last  Month", "2022-02-01", "2022-02-28"),
        ("this year", "2022-01-01", "2022-12-31"),
        ("last year", "2021-01-01", "2021-12-31"),
        ("last 7 days", "2022-02-24", "2022-03-02"),
    ],
)
def test_natural_dates(text: str, first: str, last: str) -> None:
    tree = parse(f'date:"{text}"', today=date(2022, 3, 2)).tree
    assert tree == DateRange(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("text", ["before:0001-01-01", "after:9999-12-31", "after:9999"])
def test_no_day_is_outside_the_calendar(text: str) -> None:
    assert parse(text).tree == DateRange(date.max, date.min)


@pytest.mark.parametrize(
    ("text", "canonical"),
    {
        'date:"circa 1900"': 'date:"circa 1900"',
        "date:circa": "date:circa",
        "date:circ*": "date:circ*",
        "date:(circa 1900)": "date:(circa 1900)",
        "date:1900": "date:1900-01-01..1900-12-31",
        "date:(1900)^2": "date:1900-01-01..1900-12-31",
        "date:(1900..1901)": "date:1900-01-01..1901-12-31",
        "-date:circa": "-date:circa",
    }.items(),
)
def test_a_metadata_field_called_date_is_searched_for_all_but_dates(text: str, canonical: str) -> None:
    found = parse(text, ["date"])
    assert (str(found.tree), found.notes) == (canonical, ())
    assert parse(canonical, ["date"]).tree == found.tree


_PIECES = (
    *("1..2", "3..", "..-4"),
    *("a", "the", "word", "U.S.", "é", "ß", "中国", "मोदी", "Russia's", "boundary-layer", "x:y", "\x00", "🙂", "'", "+"),
    *("(", ")", '"', "“", "”", "-", " ", " ", "OR", "AND", "NOT", "title:", "place:", "date:", "before:", "लेखक:"),
    *("2022", "2022-12", "..", "last week", "~", "~2", '"~', '"a b"~3', "*", "?", "wor*", "^", "^3", "हिन्दी-भाषा"),
)
_pieces = st.lists(st.sampled_from(_PIECES), max_size=40).map("".join)


@given(st.text(max_size=60) | _pieces, st.sampled_from(["all", "any"]), st.sampled_from([FIELDS, (*FIELDS, "date")]))
@example("title:(date:2022)", "all", FIELDS)
@example("\ud800 x", "all", FIELDS)
@example("AND/OR", "any", FIELDS)
def test_every_text_has_a_tree_that_prints_and_parses_back(
    text: str, match: Literal["all", "any"], fields: tuple[str, ...]
) -> None:
    tree = parse(text, fields, match).tree
    assert parse(str(tree), fields).tree == tree
    assert _is_normal(tree)


def _is_normal(node: Node) -> bool:
    match node:
        case And(nodes) | Or(nodes):
            flat = not any(isinstance(inner, type(node) | MatchAll) for inner in nodes)
            return len(nodes) > 1 and flat and all(map(_is_normal, nodes))
        case Not(inner) | Field(_, inner) | Boost(inner):
            return not isinstance(inner, MatchAll) and _is_normal(inner)
        case _:
            return True
