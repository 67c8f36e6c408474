"""The chart of hits over time."""

from collections.abc import Iterator
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from searchsvc.config import Settings
from searchsvc.indexer import reindex
from searchsvc.web.app import create_app
from tests.serving import serving
from tests.web.browsing.addresses import views

COMPARISON = "/search?q=tide&vs=ferry&vs=tea&vs=harbour&vs=%22working+group%22&chart=share"


def bar(page: Page, period: str) -> object:
    return page.locator(f'.timeline [data-key="{period}"]')


def test_the_timeline_drills_down_and_back(page: Page) -> None:
    page.goto("/search?q=the")
    page.locator('.timeline a[data-key="2022"]').click()
    expect(page.locator(".plot svg")).to_have_attribute("aria-label", "Articles by month")
    page.locator('.timeline a[data-key="2022-06"]').click()
    expect(page.locator(".plot svg [data-key]")).to_have_count(30)
    page.get_by_role("link", name="18 June 2022: 1 of 1 articles").click()
    expect(page.locator(".count")).to_have_text("1 article")
    page.get_by_role("link", name="All years").click()
    expect(page.locator(".chips")).to_have_count(0)


def test_bars_without_hits_are_no_links(page: Page) -> None:
    page.goto("/search?q=tide")
    expect(page.locator('.timeline g[data-key="2022"]')).to_have_attribute("aria-hidden", "true")
    expect(page.locator('.timeline a[data-key="2022"]')).to_have_count(0)
    expect(page.locator(".timeline a[data-key]")).to_have_count(5)


def test_articles_or_their_share_of_the_archive(page: Page) -> None:
    page.goto("/search?q=tide")
    expect(page.locator(".unit")).to_have_text("Articles by year")
    assert page.locator(".plot .value").all_text_contents() == ["2", "3", "1", "2", "1"]
    page.get_by_role("link", name="Share").click()
    expect(page.locator(".unit")).to_have_text("Per 1,000 articles, by year")
    page.get_by_text("Choose dates, see the figures").click()
    row = page.locator(".table tr", has=page.get_by_role("link", name="2021"))
    found, share, articles = row.locator("td").all_inner_texts()
    assert float(share) == pytest.approx(1_000 * int(found) / int(articles), abs=0.05)
    assert share in page.locator(".plot .value").all_text_contents()
    page.get_by_role("link", name="Newest").click()
    expect(page.locator(".unit")).to_have_text("Per 1,000 articles, by year")
    page.goto("/")
    expect(page.locator(".measures")).to_have_count(0)


def test_days_bound_the_chart(page: Page) -> None:
    page.goto("/search?q=tide")
    page.get_by_text("Choose dates, see the figures").click()
    page.get_by_label("From").fill("2020-01-01")
    page.get_by_label("to", exact=True).fill("2023-12-31")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".chips li")).to_have_count(3)
    expect(page.locator(".timeline [data-key]")).to_have_count(4)
    page.goto("/search?q=tide&from=2021-02&to=2021-07")
    expect(page.locator(".unit")).to_have_text("Articles by month")
    expect(page.locator(".timeline [data-key]")).to_have_count(6)


def drag(page: Page) -> None:
    """Press the pointer on 2019 and move it to 2022."""
    first, last = (page.locator(f'.timeline [data-key="{year}"] .room').bounding_box() for year in (2019, 2022))
    assert first is not None
    assert last is not None
    page.mouse.move(first["x"] + 5, first["y"] + 20)
    page.mouse.down()
    page.mouse.move(last["x"] + 5, last["y"] + 20, steps=8)
    expect(page.locator(".dragged")).to_have_count(4)


def test_dragging_over_the_timeline_selects_a_span(scripted: Page) -> None:
    page = scripted
    page.goto("/search?q=tide")
    drag(page)
    page.mouse.up()
    page.wait_for_url("**/search?**from=2019&to=2022")
    expect(page.locator(".timeline [data-key]")).to_have_count(4)


def test_dragging_leaves_the_fields_of_days_as_they_are(scripted: Page) -> None:
    """A browser that goes back shows the page as it was left."""
    page = scripted
    page.route("**/search?**from=2019**", lambda route: route.fulfill(status=204))  # the browser stays
    page.goto("/search?q=tide&sort=newest")
    drag(page)
    with page.expect_request("**/search?q=tide&sort=newest&from=2019&to=2022"):
        page.mouse.up()
    for name in ("from", "to"):
        expect(page.locator(f".span [name={name}]")).to_have_attribute("type", "date")
        expect(page.locator(f".span [name={name}]")).to_have_value("")


def test_a_drag_that_the_browser_takes_over_ends(scripted: Page) -> None:
    page = scripted
    page.goto("/search?q=tide")
    drag(page)
    page.locator(".plot").dispatch_event("pointercancel")
    expect(page.locator(".dragged")).to_have_count(0)
    page.mouse.up()
    page.wait_for_timeout(200)
    assert page.url.endswith("/search?q=tide")


def test_the_chart_is_one_stop_of_the_keyboard(scripted: Page) -> None:
    page = scripted
    page.goto("/search?q=tide")
    stops = page.locator('.timeline a[data-key]:not([tabindex="-1"])')
    expect(stops).to_have_count(1)
    page.get_by_role("link", name="Share").focus()
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("data-key", "2019")
    for key, year in (
        ("ArrowRight", "2020"),
        ("End", "2024"),
        ("ArrowLeft", "2023"),
        ("ArrowLeft", "2021"),
        ("Home", "2019"),
    ):
        page.keyboard.press(key)
        expect(page.locator(":focus")).to_have_attribute("data-key", year)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    expect(page.locator(":focus")).to_have_attribute("data-key", "2020")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Choose dates, see the figures")
    page.keyboard.press("Shift+Tab")
    expect(page.locator(":focus")).to_have_attribute("data-key", "2020")
    page.keyboard.press("Enter")
    page.wait_for_url("**date=2020")


def test_searches_are_added_to_the_chart_and_removed(page: Page) -> None:
    page.goto("/search?q=tide&from=2019")
    for text in ("ferry", '"working group"'):
        page.get_by_text("Compare with another search").or_(page.get_by_text("Change the comparison")).click()
        page.get_by_label("Another search").fill(text)
        page.get_by_role("button", name="Add to the chart").click()
        page.wait_for_url("**vs=**")
    names = page.locator(".searches span[dir]")
    expect(names).to_have_text(["tide", "ferry", '"working group"'])
    expect(page.locator(".chips li")).to_have_count(2)
    page.get_by_text("Choose dates, see the figures").click()
    assert page.locator(".table thead th").all_inner_texts()[1::2] == ["tide", "ferry", '"working group"', "In the archive"]
    page.get_by_text("Change the comparison").click()
    page.get_by_role("link", name="Remove tide from the chart").click()
    expect(names).to_have_text(["ferry", '"working group"'])
    expect(page.locator("#q")).to_have_value("ferry")
    page.locator(".timeline a[data-key]").first.click()
    expect(names).to_have_text(["ferry", '"working group"'])


def test_lines_differ_without_colour_and_end_within_the_chart(scripted: Page) -> None:
    page = scripted
    page.goto(COMPARISON)
    dashes = [
        page.locator(f".lines .line{number} polyline").first.evaluate("each => getComputedStyle(each).strokeDasharray")
        for number in range(1, 6)
    ]
    assert len(set(dashes)) == 5
    assert len({page.locator(f".lines g.line{number} use").first.get_attribute("href") for number in range(1, 6)}) == 5
    plot = page.locator(".plot > svg").bounding_box()
    for line in page.locator(".lines svg").all():
        box = line.bounding_box()
        assert plot is not None
        assert box is not None
        assert plot["x"] - 5 <= box["x"] <= box["x"] + box["width"] <= plot["x"] + plot["width"] + 5
    page.get_by_text("Change the comparison").click()
    expect(page.get_by_label("Another search")).to_have_count(0)


def test_six_searches_are_too_many(page: Page) -> None:
    page.goto(f"{COMPARISON}&vs=eels")
    expect(page.locator(".note").first).to_have_text("The chart compares 5 searches at most: the first of them are shown.")
    expect(page.locator(".searches li")).to_have_count(5)


def test_the_comparison_stays_on_the_way_to_an_article_and_to_all_values(page: Page) -> None:
    page.goto("/search?q=tide&vs=ferry&chart=share")
    page.locator(".hits h2 a").first.click()
    page.locator("a.back").click()
    expect(page.locator(".searches li")).to_have_count(2)
    page.goto("/facets/tag?q=tide&vs=ferry&chart=share")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".searches li")).to_have_count(2)
    expect(page.locator(".unit")).to_have_text("Per 1,000 articles, by year")


OVERLAPS = """[...document.querySelectorAll(".plot .label, .plot .value")]
    .filter(text => getComputedStyle(text).display !== "none")
    .map(text => text.getBoundingClientRect())
    .flatMap((one, at, all) => all.slice(at + 1).filter(other => one.left < other.right && other.left < one.right
        && one.top < other.bottom && other.top < one.bottom)).length"""
"""The number of texts of the chart that lie upon each other."""


@pytest.mark.parametrize("path", ["/search?q=tide", "/search?q=the&date=2022", "/search?q=the&date=2024-03", COMPARISON])
def test_the_chart_is_as_wide_as_its_column_and_its_texts_have_room(browser: Browser, address: str, path: str) -> None:
    for view, context in views(browser, address):
        page = context.new_page()
        page.goto(path)
        page.locator(".fold").first.evaluate("fold => fold.open = true")  # on a phone
        column, chart = (page.locator(each).first.bounding_box() for each in (".timeline", ".chart"))
        assert column is not None
        assert chart is not None
        assert (chart["x"], chart["width"]) == pytest.approx((column["x"], column["width"]), abs=1), view
        assert chart["height"] < 130, view
        assert page.evaluate(OVERLAPS) == 0, view
        labels = page.locator(".plot .label").evaluate_all("all => all.filter(each => each.checkVisibility()).length")
        assert labels >= 3, view


def test_the_chart_has_no_fault_of_accessibility(browser: Browser, address: str) -> None:
    for view, context in views(browser, address):
        page = context.new_page()
        page.goto(COMPARISON)
        for details in page.locator("details").all():
            details.evaluate("element => element.open = true")
        rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag22aa"]}}
        found = Axe().run(page, context=".timeline", options=rules)
        assert found.violations_count == 0, (view, found.generate_report())


CONTRASTS = """(selectors) => {
    const parts = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
    const light = (text) => parts(text).map(each => each / 255)
        .map(each => each <= .03928 ? each / 12.92 : ((each + .055) / 1.055) ** 2.4)
        .reduce((sum, each, at) => sum + each * [.2126, .7152, .0722][at], 0);
    const paper = light(getComputedStyle(document.body).backgroundColor);
    return selectors.map(([selector, property]) => {
        const ink = light(getComputedStyle(document.querySelector(selector))[property]);
        return (Math.max(ink, paper) + .05) / (Math.min(ink, paper) + .05);
    });
}"""
"""The contrasts of elements with the page."""


def test_bars_and_lines_stand_out(browser: Browser, address: str) -> None:
    for view, context in views(browser, address):
        page = context.new_page()
        page.goto("/search?q=tide&date=2021")
        found = page.evaluate(CONTRASTS, [[".bar", "fill"]])
        page.goto(COMPARISON)
        found += page.evaluate(CONTRASTS, [[f".lines .line{number} polyline", "stroke"] for number in range(1, 6)])
        assert min(found) >= 3, (view, found)


def test_forced_colours_reach_the_chart(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, forced_colors="active")
    page = context.new_page()
    page.goto(COMPARISON)
    ink = page.evaluate("getComputedStyle(document.body).color")
    strokes = page.locator(".lines polyline").evaluate_all("all => all.map(each => getComputedStyle(each).stroke)")
    assert set(strokes) == {ink}
    context.close()


@pytest.fixture(scope="module")
def odd_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve an archive in which one date is in the future, one long before all others, and one missing."""
    folder = tmp_path_factory.mktemp("odd")
    (folder / "corpus").mkdir()
    days = [f"{year}-05-{day:02d}" for year in range(2015, 2022) for day in range(1, 11)]
    for number, day in enumerate([*days, f"{date.today().year + 1}-12-30", "1901-01-01", ""]):
        (folder / "corpus" / f"{number}.txt").write_text(f"title: Tea {number}\ndate: {day}\n\nTea.", encoding="utf-8")
    settings = Settings(corpus=folder / "corpus", index=folder / "index")
    reindex(settings)
    with serving(create_app(settings)) as address:
        yield address


def test_odd_dates_are_named_and_neither_stretch_the_chart_nor_lead(browser: Browser, odd_address: str) -> None:
    context = browser.new_context(base_url=odd_address)
    page = context.new_page()
    page.goto("/search?q=tea")
    expect(page.locator(".timeline [data-key]")).to_have_count(7)
    year = date.today().year + 1
    expect(page.locator(".outside")).to_have_text(
        f"Not on the chart: 1 article dated 1901, 1 article dated {year}, 1 article without a date"
    )
    for name, title in (("dated 1901", "Tea 71"), (f"dated {year}", "Tea 70"), ("without a date", "Tea 72")):
        page.goto("/search?q=tea")
        page.get_by_role("link", name=name).click()
        expect(page.locator(".hits h2")).to_have_text([title])
    for path in ("/", "/search?q=tea&sort=newest"):
        page.goto(path)
        expect(page.locator(".hits h2").first).to_have_text("Tea 69")
    page.goto("/search?q=tea&sort=newest&page=8")
    expect(page.locator(".hits h2").last).to_have_text("Tea 70")
    context.close()
