"""The chart of hits over time."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browsing.addresses import views


def test_the_timeline_drills_down_and_back(page: Page) -> None:
    page.goto("/search?q=the")
    page.locator('.timeline a[data-period="2022"]').click()
    expect(page.locator(".timeline svg")).to_have_attribute("aria-label", "Articles by month")
    page.locator('.timeline a[data-period="2022-06"]').click()
    expect(page.locator(".timeline svg a")).to_have_count(30)
    page.get_by_role("link", name="18 June 2022: 1 of 1 articles").click()
    expect(page.locator(".count")).to_have_text("1 article")
    page.get_by_role("link", name="All years").click()
    expect(page.locator(".chips")).to_have_count(0)


def test_the_timeline_compares_hits_with_the_archive(page: Page) -> None:
    page.goto("/search?q=tide")
    page.get_by_text("Dates and numbers").click()
    row = page.locator(".table tr", has=page.get_by_role("link", name="2022"))
    found, articles, share = row.locator("td").all_inner_texts()
    assert float(share) == pytest.approx(1_000 * int(found) / int(articles), abs=0.05)
    page.get_by_label("From").fill("2021-01-01")
    page.get_by_label("to", exact=True).fill("2022-12-31")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".chips li")).to_have_count(3)
    expect(page.locator(".timeline a[data-period]")).to_have_count(2)
    page.goto("/")
    expect(page.locator(".timeline .share")).to_have_count(0)


def test_dragging_over_the_timeline_selects_a_span(scripted: Page) -> None:
    page = scripted
    page.goto("/search?q=the")
    first, last = (page.locator(f'.timeline a[data-period="{year}"] .room').bounding_box() for year in (2020, 2022))
    assert first is not None
    assert last is not None
    page.mouse.move(first["x"] + 5, first["y"] + 20)
    page.mouse.down()
    page.mouse.move(last["x"] + 5, last["y"] + 20, steps=8)
    page.mouse.up()
    page.wait_for_url("**/search?**from=2020&to=2022")
    expect(page.locator(".timeline a[data-period]")).to_have_count(3)


BOTTOMS = """[...document.querySelectorAll(".legend .key")].map(key => {
    const words = document.createRange();
    words.selectNode(key.nextSibling);
    return [key, words].flatMap(each => [...each.getClientRects()].map(line => line.bottom));
})"""
"""The lower edges of each swatch of the legend, and of each line of the words beside it."""


def test_no_line_of_the_legend_breaks_behind_a_swatch(browser: Browser, address: str) -> None:
    for view, context in views(browser, address):
        page = context.new_page()
        page.goto("/search?q=tide")
        for details in page.locator("details").all():
            details.evaluate("element => element.open = true")
        found = page.evaluate(BOTTOMS)
        assert len(found) == 3, view
        assert all(max(each) - min(each) < 8 for each in found), (view, found)
