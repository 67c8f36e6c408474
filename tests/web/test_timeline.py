"""The chart of a search: which periods it shows, what they say, and where they lead."""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta
from typing import cast

import pytest
from flask import Flask

from searchsvc.api.addresses import Addresses
from searchsvc.api.parameters import ChartView, versus
from searchsvc.api.trend_values import FEW
from searchsvc.config import Settings
from searchsvc.model.periods import Unit
from searchsvc.web.app import create_app
from searchsvc.web.chart import HEIGHT, Bar
from searchsvc.web.dates import spelled_period
from searchsvc.web.periods import MAX_PERIODS, chart_unit
from searchsvc.web.timeline import Found, Timeline, timeline
from tests.api.example import Archive, question_of
from tests.conftest import Archive as Files

TODAY = date.today()


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app(Settings())


@pytest.fixture(autouse=True)
def _request(app: Flask) -> Iterator[None]:
    """Provide what texts need: the language and the form of numbers."""
    with app.test_request_context():
        yield


def chart_of(
    hits: dict[str, int],
    archive: dict[str, int] | None = None,
    query: str = "q=tea",
    view: ChartView | None = None,
    others: dict[str, dict[str, int]] | None = None,
    undated: int = 0,
) -> Timeline | None:
    """Return the chart of a search with these hits in an archive with these articles, by period."""
    question, view = question_of(query), view or ChartView(tuple(others or ()))
    found = [Found(question, hits, sum(hits.values()) + undated)]
    for text, counts in (others or {}).items():
        found.append(Found(versus(question, text, Archive()), counts, sum(counts.values())))
    whole = archive or hits
    years: dict[str, int] = {}
    for name, number in whole.items():
        years[name[:4]] = years.get(name[:4], 0) + number
    return timeline(found, whole, years, view, Addresses())


def drawn(
    hits: dict[str, int],
    archive: dict[str, int] | None = None,
    query: str = "q=tea",
    view: ChartView | None = None,
    others: dict[str, dict[str, int]] | None = None,
    undated: int = 0,
) -> Timeline:
    return cast(Timeline, chart_of(hits, archive, query, view, others, undated))


def bars(found: Timeline) -> tuple[Bar, ...]:
    assert found.bars is not None
    return found.bars.bars


def counts(found: Timeline) -> dict[str, float]:
    return {bar.column.slot.key: bar.value for bar in bars(found)}


SHARES = ChartView(shows_shares=True)


# Periods


def test_without_a_dated_hit_there_is_no_timeline() -> None:
    assert chart_of({}, {"2022": 5}) is None
    assert chart_of({"2022": 0}, {"2022": 5}, "q=tea&date=2022") is None


YEARS: dict[str, tuple[dict[str, int], dict[str, int], str, dict[str, int]]] = {
    "one year": ({"2022": 3}, {"2022": 3}, "", {"2022": 3}),
    "years without hits between": ({"2019": 1, "2022": 2}, {}, "", {"2019": 1, "2020": 0, "2021": 0, "2022": 2}),
    "the whole archive": ({"2021": 1}, {"2019": 5, "2022": 5}, "", {"2019": 0, "2020": 0, "2021": 1, "2022": 0}),
    "from cuts the archive": ({"2022": 1}, {"2019": 5, "2022": 5, "2023": 5}, "from=2022-06", {"2022": 1, "2023": 0}),
    "to cuts the archive": ({"2021": 1}, {"2020": 5, "2021": 5, "2023": 5}, "to=2021-01-01", {"2020": 0, "2021": 1}),
    "both cut the archive": ({"2021": 1}, {"1990": 5, "2021": 5, "2023": 5}, "from=2021&to=2021", {"2021": 1}),
    "years before 1000": ({"0998": 1, "1001": 1}, {}, "", {"0998": 1, "0999": 0, "1000": 0, "1001": 1}),
    "hits of the future only": ({"2150": 2}, {"2021": 5, "2150": 2}, "", {"2150": 2}),
    "a first day in the future": ({"2150": 2}, {"2021": 5, "2150": 2}, "from=2150", {"2150": 2}),
    "the future is left out": ({"2021": 3, "2150": 2}, {"2021": 5, "2150": 2}, "", {"2021": 3}),
    "a selected year of the future is not": (
        *({"2148": 1, "2150": 2}, {"2148": 5, "2150": 2}, "date=2148&date=2150"),
        {"2148": 1, "2149": 0, "2150": 2},
    ),
    "a few scattered years before the bulk are left out": (
        *({"1970": 1, "2020": 3}, {"1970": 2, "1999": 1, "2019": 100, "2020": 90}, ""),
        {"2019": 0, "2020": 3},
    ),
    "one wrong date in a small archive": ({"2021": 2}, {"1900": 1, "2019": 4, "2020": 3, "2021": 2}, "", {
        "2019": 0, "2020": 0, "2021": 2,
    }),
    "an archive that grows slowly is whole": (
        *({"2019": 1}, {"2015": 1, "2016": 4, "2017": 20, "2018": 90, "2019": 200}, ""),
        {"2015": 0, "2016": 0, "2017": 0, "2018": 0, "2019": 1},
    ),
    "what is asked for is no mistake": (
        *({"1999": 1}, {"1999": 1, "2001": 100, "2002": 90}, "from=1999"),
        {"1999": 1, "2000": 0, "2001": 0, "2002": 0},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("hits", "archive", "query", "expected"), YEARS.values(), ids=YEARS)
def test_years_span_the_plausible_archive_or_the_requested_days(
    hits: dict[str, int], archive: dict[str, int], query: str, expected: dict[str, int]
) -> None:
    assert counts(drawn(hits, archive or hits, f"q=tea&{query}")) == expected


@pytest.mark.parametrize(
    ("first", "last", "number"),
    [
        pytest.param("1801", "2000", MAX_PERIODS, id="200 years have a bar each"),
        pytest.param("1800", "2000", 2, id="years without articles are left out of a longer span"),
        pytest.param("0001", "1999", 2, id="a wrong date does not draw two thousand bars"),
    ],
)
def test_a_span_of_very_many_years_has_only_those_with_articles(first: str, last: str, number: int) -> None:
    assert len(bars(drawn({first: 1, last: 1}))) == number


def test_a_year_has_twelve_months() -> None:
    found = drawn({"2022-02": 3, "2022-11": 1}, query="q=tea&date=2022")
    assert list(counts(found)) == [f"2022-{month:02d}" for month in range(1, 13)]
    assert [bar.column.slot.label for bar in bars(found)] == [*calendar.month_abbr[1:]]
    assert counts(found)["2022-02"] == 3


@pytest.mark.parametrize(
    ("month", "days"), [("2022-02", 28), ("2024-02", 29), ("1900-02", 28), ("2022-04", 30), ("2022-12", 31)]
)
def test_a_month_has_its_days(month: str, days: int) -> None:
    found = drawn({f"{month}-07": 2}, query=f"q=tea&date={month}")
    assert list(counts(found)) == [f"{month}-{day:02d}" for day in range(1, days + 1)]
    assert sum(bar.value for bar in bars(found)) == 2


def test_the_requested_days_bound_a_month() -> None:
    found = drawn({"2022-12-07": 2}, query="q=tea&date=2022-12&from=2022-12-05&to=2022-12-08")
    assert list(counts(found)) == [f"2022-12-0{day}" for day in (5, 6, 7, 8)]


UNITS: dict[str, tuple[str, Unit | None]] = {
    "many years": ("", None),
    "three years": ("from=2018&to=2020", "month"),
    "four years": ("from=2017&to=2020", None),
    "a season": ("from=2018-03&to=2018-05", "month"),
    "two months": ("from=2018-03-01&to=2018-05-01", "day"),
    "a selected year chooses by itself": ("date=2018&from=2018-03-01&to=2018-03-05", None),
    "from the last year on": (f"from={TODAY.year - 1}", "month"),
}


@pytest.mark.parametrize("name", UNITS)
def test_few_days_are_shown_by_a_shorter_unit(name: str) -> None:
    query, unit = UNITS[name]
    years = {str(year): 10 for year in range(2000, TODAY.year + 1)}
    assert chart_unit(years, question_of(query).request) == unit


@pytest.mark.parametrize(
    ("period", "name"),
    [("2022", "2022"), ("0998", "998"), ("2022-12", "December 2022"), ("2022-01-03", "3 January 2022")],
)
def test_periods_are_spelled_as_people_write_them(period: str, name: str) -> None:
    assert spelled_period(period) == name


# Links


@pytest.mark.parametrize(
    ("hit", "query", "crumbs"),
    [
        ("2022", "q=tea", ()),
        ("2022-12", "q=tea&date=2022", (("All years", "/search?q=tea"), ("2022", "/search?q=tea&date=2022"))),
        (
            "2022-12-23",
            "q=tea&date=2022-12",
            (
                ("All years", "/search?q=tea"),
                ("2022", "/search?q=tea&date=2022"),
                ("December 2022", "/search?q=tea&date=2022-12"),
            ),
        ),
    ],
)
def test_crumbs_lead_to_the_enclosing_periods(hit: str, query: str, crumbs: tuple[tuple[str, str], ...]) -> None:
    assert drawn({hit: 1}, query=query).crumbs == crumbs


SELECTIONS = {
    "a year selects itself": ("q=tea", "2022", "/search?q=tea&date=2022"),
    "one of several is deselected": ("q=tea&date=2021&date=2022", "2022", "/search?q=tea&date=2021"),
    "a month selects itself within its year": ("q=tea&date=2022", "2022-05", "/search?q=tea&date=2022-05"),
    "the month takes the place of a deselected day": ("q=tea&date=2022-05-07", "2022-05-07", "/search?q=tea&date=2022-05"),
    "other parameters stay, and the page is the first": (
        *("q=tea&sort=newest&place=India&page=3", "2022"),
        "/search?q=tea&sort=newest&place=India&date=2022",
    ),
    "queries are quoted": ("q=%22a%26b%22+%C3%A9", "2022", "/search?q=%22a%26b%22+%C3%A9&date=2022"),
}


@pytest.mark.parametrize(("query", "period", "link"), SELECTIONS.values(), ids=SELECTIONS)
def test_a_bar_toggles_its_period(query: str, period: str, link: str) -> None:
    (slot,) = (bar.column.slot for bar in bars(drawn({period: 1}, query=query)) if bar.column.slot.key == period)
    assert slot.link == link
    assert slot.selected == (f"date={period}" in query.split("&"))


def test_bars_without_hits_are_no_links_unless_they_are_selected() -> None:
    found = drawn({"2019": 1, "2021": 1}, {"2019": 5, "2020": 5, "2021": 5, "2022": 5}, "q=tea&date=2021&date=2022")
    assert [bool(bar.column.slot.link) for bar in bars(found)] == [True, False, True, True]
    assert [row.link is None for row in found.rows] == [False, True, False, True]


def test_hits_that_are_not_on_the_chart_are_named_with_links_to_them() -> None:
    archive = {"1970": 1, "1971": 2, "2019": 400, "2020": 300, "2150": 1}
    found = drawn({"1970": 1, "1971": 2, "2020": 30, "2150": 1}, archive, undated=322)
    assert found.outside == (
        ("3 articles dated 1970 to 1971", "/search?q=tea&to=1971-12-31"),
        ("1 article dated 2150", "/search?q=tea&from=2150-01-01"),
        ("322 articles without a date", "/search?q=tea%20-date%3A1000..9999"),
    )


def test_what_has_no_date_is_no_link_if_its_query_would_be_too_long() -> None:
    for length, has_link in ((980, True), (985, False)):
        ((text, link),) = drawn({"2020": 3}, query=f"q={'t' * length}", undated=2).outside
        assert (text, bool(link)) == ("2 articles without a date", has_link)


def test_between_days_nothing_is_outside() -> None:
    assert drawn({"2020": 30}, {"2019": 400, "2020": 300}, "q=tea&from=2020", undated=5).outside == ()
    assert drawn({"2020-05": 30}, query="q=tea&date=2020", undated=5).outside == ()


def test_alternatives_are_in_parentheses_before_what_all_must_have() -> None:
    ((_, link),) = drawn({"2020": 3}, {"2020": 300}, "q=tea+OR+coffee", undated=1).outside
    assert link == "/search?q=%28tea%20OR%20coffee%29%20-date%3A1000..9999"


def test_the_file_of_figures_has_the_filters_and_the_unit_but_no_order() -> None:
    found = drawn({"2022-05": 3}, query="q=tea&place=India&date=2022-05&sort=newest&page=2&per_page=20")
    assert found.csv == "/trends.csv?q=tea&date=2022-05&place=India&unit=day"


# Articles and shares


def test_articles_and_shares_lead_to_each_other_on_the_same_page() -> None:
    found = drawn({"2022": 3}, {"2022": 9}, "q=tea&page=2", SHARES)
    assert found.measures == ("/search?q=tea&page=2", "/search?q=tea&page=2&chart=share")
    assert bars(found)[0].column.slot.link == "/search?q=tea&chart=share&date=2022"


def test_shares_of_the_whole_archive_are_not_offered() -> None:
    found = drawn({"2021": 3, "2022": 4}, view=SHARES)
    assert (found.measures, found.shows_shares) == (None, False)


@pytest.mark.parametrize(("hits", "articles", "share"), [(1, 2, 500), (1, 1_000, 1), (30, 40, 750), (2, 3, 666.6667)])
def test_a_share_is_per_thousand_articles_of_the_period(hits: int, articles: int, share: float) -> None:
    found = drawn({"2022": hits}, {"2022": articles}, view=SHARES)
    assert counts(found) == {"2022": share}
    assert found.rows[0].cells == ((hits, share),)


def test_a_period_without_articles_has_no_share() -> None:
    found = drawn({"2019": 1, "2021": 1}, {"2019": 2, "2021": 1}, view=SHARES)
    assert counts(found) == {"2019": 500, "2020": 0, "2021": 1_000}
    assert [row.name for row in found.rows] == ["2019", "2021"]


@pytest.mark.parametrize(("articles", "faint"), [(1, True), (FEW - 1, True), (FEW, False)])
def test_a_share_of_few_articles_is_faint(articles: int, faint: bool) -> None:
    found = drawn({"2021": 30, "2022": 0}, {"2021": 31, "2022": articles}, view=SHARES)
    assert [bar.column.slot.faint for bar in bars(found)] == [False, faint]


def test_faint_periods_do_not_set_the_scale_of_the_shares() -> None:
    few, usual, half = bars(drawn({"2019": 9, "2020": 40, "2021": 20}, {"2019": 9, "2020": 100, "2021": 100}, view=SHARES))
    assert (few.value, usual.value) == (1_000, 400)
    assert [bar.height for bar in (few, usual, half)] == [HEIGHT, HEIGHT, HEIGHT / 2]


def test_every_bar_says_its_numbers() -> None:
    found = drawn({"2020": 1_234, "2021": 1}, {"2020": 2_468, "2021": 7, "2022": 3})
    assert [bar.column.slot.said for bar in bars(found)] == [
        "2020: 1,234 of 2,468 articles (500 per 1,000)",
        "2021: 1 of 7 articles (143 per 1,000)",
        "2022: 0 of 3 articles (0 per 1,000)",
    ]


# Comparing


def test_several_searches_are_lines_over_the_same_periods() -> None:
    found = drawn({"2020": 2}, {"2020": 40, "2021": 0, "2022": 20}, others={"coffee": {"2020": 1, "2022": 4}, "rum": {}})
    assert found.bars is None
    assert [(each.text, each.total) for each in found.compared] == [("tea", 2), ("coffee", 5), ("rum", 0)]
    assert [len(each.line.points) for each in found.compared] == [2, 2, 2]
    assert [len(each.line.pieces) for each in found.compared] == [2, 2, 2], "a year without articles is a gap"
    assert found.columns[0].slot.said == (
        "2020: tea 2 (50 per 1,000); coffee 1 (25 per 1,000); rum 0 (0 per 1,000); all articles: 40"
    )
    assert [bool(column.slot.link) for column in found.columns] == [True, False, True]


def test_each_search_can_be_removed_and_be_seen_alone() -> None:
    found = drawn({"2020": 2}, query="q=tea&place=India", others={"coffee": {"2020": 1}, "rum": {"2020": 1}})
    assert [each.remove for each in found.compared] == [
        "/search?q=coffee&place=India&vs=rum",
        "/search?q=tea&place=India&vs=rum",
        "/search?q=tea&place=India&vs=coffee",
    ]
    assert [each.link for each in found.compared] == [f"/search?q={each}&place=India" for each in ("tea", "coffee", "rum")]
    assert found.kept == (("q", "tea"), ("place", "India"), ("vs", "coffee"), ("vs", "rum"))
    assert found.csv == "/trends.csv?q=tea&place=India&vs=coffee&vs=rum"


def test_the_chart_shows_what_any_of_the_searches_finds() -> None:
    found = drawn({}, {"2020": 5, "2021": 5}, others={"coffee": {"2021": 1}})
    assert [column.slot.key for column in found.columns] == ["2020", "2021"]


def test_searches_that_find_nothing_can_still_be_removed() -> None:
    found = drawn({}, {"2020": 5}, others={"coffee": {}})
    assert [each.remove for each in found.compared] == ["/search?q=coffee", "/search?q=tea"]
    assert [column.slot.link for column in found.columns] == [None]
    assert chart_of({}, {}, others={"coffee": {}}) is None


def test_five_searches_leave_no_room() -> None:
    others = {text: {"2020": 1} for text in "abcd"}
    assert not drawn({"2020": 1}, others=others).has_room
    assert drawn({"2020": 1}).has_room


def test_outliers_far_apart_make_a_small_chart(archive: Files) -> None:
    days = [date(2024, 1, 1) + timedelta(days=4 * number) for number in range(220)]
    files = {f"{number}.txt": f"Title: T\nDate: {day}\n\ntea" for number, day in enumerate(days)}
    outliers = {f"{year}.txt": f"Title: T\nDate: {year}-01-15\n\nzebra" for year in (1200, 1890)}
    client = archive.write({**files, **outliers}).client()
    for path in ("/?to=1890-01-31", "/?to=1889-12-31", "/?q=zebra", "/?q=zebra&vs=tea", "/?to=1890-01-31&chart=share"):
        page = client.get(path)
        assert page.status_code == 200, path
        assert page.text.count("data-key=") <= MAX_PERIODS, path
