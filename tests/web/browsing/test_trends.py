"""The page of trends: searches are added and removed, points lead to hits, and peaks are explained."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browsing.addresses import DESK, PHONE, views, window

COMPARISON = "/trends?q=sea&vs=pianos&vs=lighthouse&vs=music&vs=bees&unit=month&per=archive&smooth=3"


def test_searches_are_added_and_removed(page: Page) -> None:
    page.goto("/search?q=village&place=Lanthorn")
    page.get_by_role("link", name="Open in Trends").click()
    boxes, names = page.locator(".boxes input"), page.locator(".searches li > a:not(.remove)")
    expect(boxes).to_have_count(2)
    for number, text in ((2, "pianos"), (3, "lighthouse")):
        page.get_by_label(f"Search {number}").fill(text)
        page.get_by_role("button", name="Show").click()
    expect(names).to_have_text(["village", "pianos", "lighthouse"])
    assert page.url.endswith("/trends?q=village&vs=pianos&vs=lighthouse&place=Lanthorn&unit=year")
    page.get_by_role("link", name="Remove village from the chart").click()
    expect(names).to_have_text(["pianos", "lighthouse"])
    page.get_by_label("Search 1").fill("")
    page.get_by_role("button", name="Show").click()
    expect(names).to_have_text(["lighthouse"])
    page.get_by_role("link", name="Remove filter: Place: Lanthorn").click()
    expect(page.locator(".chips")).to_have_count(0)
    page.get_by_role("link", name="Remove lighthouse from the chart").click()
    expect(names).to_have_text(["All articles"])


def test_units_measures_and_averages_are_chosen(page: Page) -> None:
    page.goto("/trends?q=pianos&from=2022&to=2022")
    expect(page.locator(".unit")).to_have_text("Articles by month")
    page.get_by_label("Periods").select_option("weeks")
    page.get_by_label("Measure").select_option("Per 1,000 articles of the archive")
    page.get_by_label("Smoothing").select_option("3")
    page.get_by_label("From", exact=True).fill("2022-04")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".unit")).to_have_text("Per 1,000 articles, by week, average of 3 weeks")
    page.get_by_text("Figures", exact=True).click()
    heads = page.locator(".table thead th").all_inner_texts()
    assert heads == ["Week", "pianos", "Per 1,000", "Average per 1,000", "Articles of the archive", "Peak"]
    row = page.locator(".table tr", has_text="Week 15 of 2022").locator("td").all_inner_texts()
    assert row[:4] == ["2", "1,000", "1,000", "2"]


def test_a_point_leads_to_its_hits_and_its_explanation(page: Page) -> None:
    page.goto("/trends?q=place:Lanthorn&unit=month")
    page.get_by_role("link", name="place:Lanthorn: April 2022").click()
    expect(page.locator(".peak h2")).to_have_text("What is special about place:Lanthorn, April 2022")
    expect(page.locator(".key tbody tr").first).to_contain_text("pianos")
    page.locator(".key th a").first.click()
    expect(page.locator(".count")).to_have_text("6 articles")
    page.go_back()
    page.get_by_role("link", name="Close").click()
    expect(page.locator(".peak")).to_have_count(0)
    page.locator('.timeline a[data-key="2022-04"]').click()
    expect(page.locator(".count")).to_have_text("6 articles")
    expect(page.locator(".chips li").first).to_contain_text("April 2022")


def test_the_chart_is_one_stop_and_dragging_bounds_it(scripted: Page) -> None:
    page = scripted
    page.goto("/trends?q=pianos&unit=week&from=2022-03&to=2022-05")
    expect(page.locator('.timeline a[data-key]:not([tabindex="-1"])')).to_have_count(1)
    page.locator('.timeline a[data-key="2022-W14"]').focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(":focus")).to_have_attribute("data-key", "2022-W15")
    first, last = (page.locator(f'.timeline [data-key="2022-W{week}"] .room').bounding_box() for week in (14, 16))
    assert first is not None
    assert last is not None
    page.mouse.move(first["x"] + 5, first["y"] + 20)
    page.mouse.down()
    page.mouse.move(last["x"] + 5, last["y"] + 20, steps=8)
    page.mouse.up()
    page.wait_for_url("**from=2022-04-04&to=2022-04-24**")
    expect(page.locator(".timeline [data-key]")).to_have_count(3)


def test_the_tab_key_goes_through_the_form_to_the_chart(browser: Browser, address: str) -> None:
    with window(browser, address, DESK) as context:
        page = context.new_page()
        page.goto("/trends?q=pianos&vs=sea&unit=month")
        page.get_by_label("Search 1").focus()
        for name in ("vs", "vs", "unit", "per", "smooth", "from", "to"):
            page.keyboard.press("Tab")
            expect(page.locator(":focus")).to_have_attribute("name", name)
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Show")).to_be_focused()
        page.keyboard.press("Tab")
        expect(page.locator(".plot a:focus")).to_have_count(1)


OVERLAPS = """[...document.querySelectorAll(".plot .label, .plot .of")]
    .filter(text => getComputedStyle(text).display !== "none")
    .map(text => text.getBoundingClientRect())
    .flatMap((one, at, all) => all.slice(at + 1).filter(other => one.left < other.right && other.left < one.right
        && one.top < other.bottom - 1 && other.top < one.bottom - 1)).length"""
"""The number of texts of the chart that lie upon each other."""


@pytest.mark.parametrize(
    "path", [COMPARISON, "/trends?unit=week", "/trends?unit=day&from=2022&to=2023", "/trends?unit=year"]
)
def test_the_texts_of_the_chart_have_room(browser: Browser, address: str, path: str) -> None:
    for view, context in views(browser, address):
        page = context.new_page()
        page.goto(path)
        assert page.evaluate(OVERLAPS) == 0, view
        labels = page.locator(".plot .label").evaluate_all("all => all.filter(each => each.checkVisibility()).length")
        assert labels >= 2, view
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view


def test_forced_colours_reach_the_lines_and_the_articles(browser: Browser, address: str) -> None:
    with window(browser, address, DESK, forced_colors="active") as context:
        page = context.new_page()
        page.goto(COMPARISON)
        ink = page.evaluate("getComputedStyle(document.body).color")
        strokes = page.locator(".lines polyline").evaluate_all("all => all.map(each => getComputedStyle(each).stroke)")
        fills = page.locator(".strip .bar").evaluate_all("all => all.map(each => getComputedStyle(each).fill)")
        assert {*strokes, *fills} == {ink}


def test_opened_figures_scroll_within_their_box(browser: Browser, address: str) -> None:
    for size, query in (
        (PHONE, "q=tide&vs=ferry&unit=month&smooth=3"),
        (DESK, f"q={'w' * 80}&vs=tide&unit=month&smooth=3"),
    ):
        with window(browser, address, size) as context:
            page = context.new_page()
            page.goto(f"/trends?{query}")
            page.get_by_text("Figures", exact=True).click()
            expect(page.locator(".table")).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], query


def test_versions_are_links_that_look_like_links_and_have_their_number_beside_the_first_line(
    browser: Browser, address: str
) -> None:
    with window(browser, address, PHONE) as context:
        page = context.new_page()
        page.goto("/article/bees-4")
        color = "each => getComputedStyle(each).color"
        accent = page.locator("summary").first.evaluate(color)
        for link in (page.locator(".to-versions"), page.get_by_role("link", name="Compare").first):
            assert link.evaluate(color) == accent
        assert page.locator("#versions li > a").first.evaluate("each => getComputedStyle(each).display") == "block"
