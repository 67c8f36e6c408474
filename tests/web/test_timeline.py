"""The timeline of a search: which periods are drawn, how high, and where they lead."""

import calendar
from typing import cast

import pytest

from searchsvc.api.addresses import Addresses
from searchsvc.api.links import Links
from searchsvc.model.periods import Unit, unit_of
from searchsvc.model.results import DateFacet, FacetValue
from searchsvc.web.dates import spelled_period
from searchsvc.web.timeline import FEW, HEIGHT, SHARE_HEIGHT, Timeline, timeline
from tests.api.example import question_of


def drawn(
    hits: dict[str, int], archive: dict[str, int] | None = None, query: str = "q=tea", unit: Unit | None = None
) -> Timeline:
    """Return the timeline of a search with these hits in an archive with these articles, by period."""
    question = question_of(query)
    values = tuple(FacetValue(name, count) for name, count in hits.items())
    facet = DateFacet(unit or unit_of(min(hits)), values)
    return cast(Timeline, timeline(facet, question.request, Links(Addresses(), "/search", question), archive or hits))


def counts(found: Timeline) -> dict[str, int]:
    return {bar.value: bar.count for bar in found.bars}


# Periods


@pytest.mark.parametrize("unit", ["year", "month", "day"])
def test_without_a_dated_hit_there_is_no_timeline(unit: Unit) -> None:
    question = question_of("q=tea")
    assert timeline(DateFacet(unit, ()), question.request, Links(Addresses(), "/search", question), {"2022": 5}) is None


YEARS: dict[str, tuple[dict[str, int], dict[str, int], str, dict[str, int]]] = {
    "one year": ({"2022": 3}, {"2022": 3}, "", {"2022": 3}),
    "years without hits between": ({"2019": 1, "2022": 2}, {}, "", {"2019": 1, "2020": 0, "2021": 0, "2022": 2}),
    "the whole archive": ({"2021": 1}, {"2019": 5, "2022": 5}, "", {"2019": 0, "2020": 0, "2021": 1, "2022": 0}),
    "from cuts the archive": ({"2022": 1}, {"2019": 5, "2022": 5, "2023": 5}, "from=2022-06", {"2022": 1, "2023": 0}),
    "to cuts the archive": ({"2021": 1}, {"2020": 5, "2021": 5, "2023": 5}, "to=2021-01-01", {"2020": 0, "2021": 1}),
    "both cut the archive": ({"2021": 1}, {"1990": 5, "2021": 5, "2023": 5}, "from=2021&to=2021", {"2021": 1}),
    "years before 1000": ({"0998": 1, "1001": 1}, {}, "", {"0998": 1, "0999": 0, "1000": 0, "1001": 1}),
    "the last year": ({"9998": 1, "9999": 1}, {}, "", {"9998": 1, "9999": 1}),
}


@pytest.mark.parametrize(("hits", "archive", "query", "expected"), YEARS.values(), ids=YEARS)
def test_years_span_the_archive_or_the_requested_days(
    hits: dict[str, int], archive: dict[str, int], query: str, expected: dict[str, int]
) -> None:
    assert counts(drawn(hits, archive or hits, query)) == expected


@pytest.mark.parametrize(
    ("first", "last", "bars"),
    [
        pytest.param("1901", "2100", 200, id="200 years have a bar each"),
        pytest.param("1900", "2100", 2, id="years without articles are left out of a longer span"),
        pytest.param("0001", "9999", 2, id="a wrong date does not draw ten thousand bars"),
    ],
)
def test_a_span_of_very_many_years_has_only_those_with_articles(first: str, last: str, bars: int) -> None:
    assert len(drawn({first: 1, last: 1}).bars) == bars


def test_a_year_has_twelve_months() -> None:
    found = drawn({"2022-02": 3, "2022-11": 1})
    assert list(counts(found)) == [f"2022-{month:02d}" for month in range(1, 13)]
    assert [bar.label for bar in found.bars] == [*calendar.month_abbr[1:]]
    assert counts(found)["2022-02"] == 3


@pytest.mark.parametrize(
    ("month", "days"), [("2022-02", 28), ("2024-02", 29), ("1900-02", 28), ("2022-04", 30), ("2022-12", 31)]
)
def test_a_month_has_its_days(month: str, days: int) -> None:
    found = drawn({f"{month}-07": 2})
    assert list(counts(found)) == [f"{month}-{day:02d}" for day in range(1, days + 1)]
    assert sum(bar.count for bar in found.bars) == 2


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
    "another year replaces it": ("q=tea&date=2021", "2022", "/search?q=tea&date=2022"),
    "a selected year is deselected": ("q=tea&date=2022", "2022", "/search?q=tea"),
    "one of several is deselected": ("q=tea&date=2021&date=2022", "2022", "/search?q=tea&date=2021"),
    "a month selects itself within its year": ("q=tea&date=2022", "2022-05", "/search?q=tea&date=2022-05"),
    "the year takes the place of a deselected month": ("q=tea&date=2022-05", "2022-05", "/search?q=tea&date=2022"),
    "the month takes the place of a deselected day": ("q=tea&date=2022-05-07", "2022-05-07", "/search?q=tea&date=2022-05"),
    "other parameters stay, and the page is the first": (
        *("q=tea&sort=newest&place=India&page=3", "2022"),
        "/search?q=tea&sort=newest&place=India&date=2022",
    ),
    "queries are quoted": ("q=%22a%26b%22+%C3%A9", "2022", "/search?q=%22a%26b%22+%C3%A9&date=2022"),
}


@pytest.mark.parametrize(("query", "period", "link"), SELECTIONS.values(), ids=SELECTIONS)
def test_a_bar_toggles_its_period(query: str, period: str, link: str) -> None:
    (bar,) = (bar for bar in drawn({period: 1}, query=query).bars if bar.value == period)
    assert bar.link == link
    assert bar.selected == (f"date={period}" in query.split("&"))


# Heights and shares


def test_the_highest_bar_is_the_period_with_most_hits() -> None:
    found = drawn({"2019": 1_000, "2020": 500, "2021": 1})
    assert [bar.height for bar in found.bars] == [HEIGHT, HEIGHT // 2, 2]


def test_periods_without_hits_have_no_bar() -> None:
    (_, empty, _) = drawn({"2019": 1, "2021": 1}, {"2019": 50, "2020": 25, "2021": 50}).bars
    assert (empty.height, empty.share_height, empty.archive_height) == (0, 0, SHARE_HEIGHT // 2)


@pytest.mark.parametrize(("hits", "articles", "share"), [(1, 1, 1_000), (1, 1_000, 1), (30, 40, 750), (2, 3, 2_000 / 3)])
def test_a_share_is_per_thousand_articles_of_the_period(hits: int, articles: int, share: float) -> None:
    (bar,) = drawn({"2022": hits}, {"2022": articles}).bars
    assert bar.share == pytest.approx(share)


def test_a_period_without_articles_has_no_share() -> None:
    assert [bar.share for bar in drawn({"2019": 1, "2021": 1}).bars] == [1_000, None, 1_000]


@pytest.mark.parametrize(("articles", "thin"), [(0, False), (1, True), (FEW - 1, True), (FEW, False)])
def test_a_share_of_few_articles_is_thin(articles: int, thin: bool) -> None:
    assert [bar.is_thin for bar in drawn({"2021": 30, "2022": 0}, {"2021": 30, "2022": articles}).bars] == [False, thin]


def test_thin_periods_do_not_set_the_scale_of_the_shares() -> None:
    thin, usual, half = drawn({"2019": 1, "2020": 40, "2021": 20}, {"2019": 1, "2020": 100, "2021": 100}).bars
    assert (thin.share, usual.share) == (1_000, 400)
    assert [bar.share_height for bar in (thin, usual, half)] == [SHARE_HEIGHT, SHARE_HEIGHT, SHARE_HEIGHT // 2]


def test_shares_are_scaled_even_if_all_periods_are_thin() -> None:
    assert [bar.share_height for bar in drawn({"2020": 1, "2021": 1}, {"2020": 4, "2021": 2}).bars] == [18, 36]


def test_shares_are_not_drawn_if_the_hits_are_the_whole_archive() -> None:
    everything, some = drawn({"2022": 3}), drawn({"2022": 3}, {"2022": 4})
    assert (everything.has_shares, some.has_shares) == (False, True)
    assert everything.height < some.height


def test_the_archive_is_scaled_by_its_own_fullest_period() -> None:
    archive = {"2020": 100, "2021": 50, "2022": 200}
    found = drawn({"2021": 50}, archive, "from=2020&to=2021")
    assert [bar.archive_height for bar in found.bars] == [SHARE_HEIGHT // 2, SHARE_HEIGHT // 4]


# The drawing


@pytest.mark.parametrize(
    ("years", "step", "labels"),
    [
        pytest.param(1, 40, ["2000"], id="one year has the widest bar"),
        pytest.param(12, 40, [str(year) for year in range(2000, 2012)], id="a dozen fit with a label each"),
        pytest.param(20, 24, [str(year) for year in range(2000, 2020, 2)], id="twenty have every second label"),
        pytest.param(100, 14, [str(year) for year in range(2000, 2100, 3)], id="a century has the narrowest bars"),
    ],
)
def test_bars_are_narrower_the_more_years_there_are(years: int, step: int, labels: list[str]) -> None:
    found = drawn({str(year): 1 for year in range(2000, 2000 + years)})
    assert (found.step, found.width) == (step, years * step)
    assert [bar.x for bar in found.bars] == [number * step for number in range(years)]
    assert [bar.label for bar in found.bars if bar.label] == labels


def test_days_have_a_label_each_third_day() -> None:
    found = drawn({"2022-12-23": 1})
    assert [bar.label for bar in found.bars if bar.label] == [str(day) for day in range(1, 32, 3)]
    assert found.bars[22].name == "23 December 2022"
