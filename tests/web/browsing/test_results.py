"""The page of results."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.browsing.addresses import DESK, PHONE, window


def test_a_search_is_narrowed_and_widened_by_clicking(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Search the archive").fill("the")
    page.get_by_role("button", name="Search").click()
    everything = page.locator(".count").inner_text()
    page.locator(".facet", has_text="place").get_by_role("link", name="Saltmarsh").first.click()
    assert page.locator(".count").inner_text() != everything
    page.locator(".facet", has_text="place").get_by_role("link", name="Oakmoor").first.click()
    expect(page.locator(".chips li")).to_have_count(3)
    expect(page.locator(".facet [aria-current]")).to_have_count(2)
    page.locator(".chips").get_by_role("link", name="place: Oakmoor").click()
    page.get_by_role("link", name="Clear filters").click()
    expect(page.locator(".count")).to_have_text(everything)
    page.go_back()
    expect(page.locator(".chips")).to_contain_text("Saltmarsh")


def test_paging_and_order(page: Page) -> None:
    page.goto("/search?q=the")
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".pages [aria-current]")).to_have_text("2")
    expect(page.locator("ol.hits")).to_have_attribute("start", "11")
    page.get_by_role("link", name="Oldest").click()
    assert "page=" not in page.url
    expect(page.locator(".hits time").first).to_have_text("17 January 2019")


def test_metadata_of_a_hit_links_to_filters(page: Page) -> None:
    page.goto("/search?q=tide")
    page.locator(".hits .meta a.section").first.click()
    expect(page.locator(".chips")).to_contain_text("Section:")
    expect(page.locator(".hits .meta a.section[aria-current]").first).to_be_visible()


# The layout


def box_of(locator: Locator) -> dict[str, float]:
    box = locator.bounding_box()
    assert box is not None, locator
    return {name: float(value) for name, value in box.items()}  # type: ignore[arg-type]  # numbers all


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("path", ["/", "/search?q=tide+OR+tea", "/search?q=the&place=Saltmarsh&section=Science&from=2019"])
def test_the_first_hit_is_above_the_fold(browser: Browser, address: str, size: tuple[int, int], path: str) -> None:
    with window(browser, address, size) as context:
        page = context.new_page()
        page.goto(path)
        first = box_of(page.locator(".hits h2").first)
        assert first["y"] + first["height"] <= size[1]


def test_head_and_content_share_a_grid(browser: Browser, address: str) -> None:
    with window(browser, address, DESK) as context:
        page = context.new_page()
        page.goto("/search?q=tide+OR+tea")
        home, search, facets, results, foot = (
            box_of(page.locator(each)) for each in (".home", ".box", ".filters", ".results", ".foot > div")
        )
        assert home["x"] == facets["x"] < results["x"] == search["x"] == foot["x"]
        assert search["width"] == results["width"] == foot["width"]
        assert facets["width"] == 17 * 16
        assert abs(facets["y"] - box_of(page.locator(".head"))["y"]) < 1


def test_snippets_are_short_enough_to_read(browser: Browser, address: str) -> None:
    with window(browser, address, (1900, 900)) as context:
        page = context.new_page()
        page.goto("/search?q=tide+OR+tea+OR+harbour")
        snippets = page.locator(".snippet")
        assert snippets.count()
        for snippet in snippets.all():
            padding = snippet.evaluate("element => parseFloat(getComputedStyle(element).paddingInlineEnd)")
            assert box_of(snippet)["width"] - padding <= 42 * 16
            assert snippet.locator("> span:not(.gap)").count() <= 2


def test_a_line_of_metadata_begins_with_the_source_and_is_copied_without_dots(page: Page) -> None:
    page.goto("/search?q=title:ledger")
    line = page.locator(".hits .meta").first
    expect(line.locator("> *").first).to_have_class("from")
    text = line.evaluate("""element => {
        getSelection().selectAllChildren(element);
        return getSelection().toString();
    }""")
    assert "·" not in text
    assert "12 November 2024 By " in text
    dot = line.locator("> *").first.evaluate("element => getComputedStyle(element, '::after').content")
    assert dot == '" ·" / ""'


def test_filters_and_chart_are_folded_on_a_phone(browser: Browser, address: str) -> None:
    for scripts in (True, False):
        context = browser.new_context(
            base_url=address, viewport={"width": PHONE[0], "height": PHONE[1]}, java_script_enabled=scripts
        )
        page = context.new_page()
        page.goto("/search?q=the&place=Saltmarsh&section=Science")
        facets, chart = page.locator(".filters"), page.locator(".timeline")
        expect(facets).to_be_hidden()
        expect(chart).to_be_hidden()
        page.get_by_text("Filters (2)").click()
        expect(facets).to_be_visible()
        expect(page.locator(".results")).to_be_hidden()
        page.get_by_text("Filters (2)").click()
        page.get_by_text("Chart", exact=True).click()
        expect(chart).to_be_visible()
        page.get_by_text("Filters (2)").click()
        page.locator(".facet", has_text="place").get_by_role("link", name="Oakmoor").first.click()
        expect(page.get_by_text("Filters (3)")).to_be_visible()
        context.close()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_keyboard_goes_where_the_eye_goes(browser: Browser, address: str, size: tuple[int, int]) -> None:
    """Beside the list, which comes first, filters are a column of their own."""
    with window(browser, address, size) as context:
        page = context.new_page()
        page.goto("/search?q=the&place=Saltmarsh")
        parts: list[str] = []
        while not parts or parts[-1] != "foot":
            page.keyboard.press("Tab")
            part = page.evaluate(
                "document.activeElement.closest('.top, .head, .side, .results, .foot')?.classList[0] ?? ''"
            )
            parts += [part] if part and part not in parts[-1:] else []
        beside = ["results", "side"] if size == DESK else ["side", "results"]
        assert parts == ["top", "head", *beside, "foot"]


def test_filters_and_chart_are_open_on_a_desk(page: Page) -> None:
    page.goto("/search?q=the")
    expect(page.locator(".filters")).to_be_visible()
    expect(page.locator(".timeline")).to_be_visible()
    expect(page.locator(".fold").first).to_be_hidden()


def test_a_visited_headline_has_another_colour(browser: Browser, address: str) -> None:
    with window(browser, address, DESK) as context:
        page = context.new_page()
        page.goto("/search?q=tide")
        rule = page.evaluate("""[...document.styleSheets].flatMap(sheet => [...sheet.cssRules])
            .find(rule => rule.selectorText?.includes(".hits h2 a:visited"))?.style.color""")
        assert rule == "var(--visited)"  # a browser does not tell what was visited


# Little found


def test_without_a_hit_there_is_a_ladder(page: Page) -> None:
    page.goto("/search?q=tide+zebra&section=Science")
    expect(page.locator("h1")).to_have_text("No articles match with these filters")
    totals = [int(each.strip("()").split()[0]) for each in page.locator(".readings .number").all_inner_texts()]
    assert totals
    page.locator(".readings a").first.click()
    expect(page.locator("h1")).to_have_text(f"{totals[0]} article{'s' if totals[0] > 1 else ''}")


def test_a_filter_that_hides_everything_can_be_removed(page: Page) -> None:
    page.goto("/search?q=eels&section=Nowhere")
    page.locator(".readings").get_by_role("link", name="Remove section: Nowhere").click()
    expect(page.locator(".chips")).to_have_count(0)
    expect(page.locator(".hits li").first).to_be_visible()


def test_values_that_match_the_box_are_offered(page: Page) -> None:
    page.goto("/search?q=saltmarsh")
    offer = page.locator(".named a").first
    expect(offer).to_contain_text("Saltmarsh is a place: ")
    number = offer.inner_text().rpartition(": ")[2].rstrip(" ›")
    offer.click()
    expect(page.locator("h1")).to_have_text(number)


# What a page weighs, and how it settles


def test_a_page_of_results_is_light(browser: Browser, address: str) -> None:
    with window(browser, address, DESK) as context:
        page = context.new_page()
        page.goto("/search?q=the", wait_until="networkidle")
        sizes = page.evaluate("""["navigation", "resource"].flatMap(type => performance.getEntriesByType(type))
            .map(each => [each.name, each.encodedBodySize])""")
        assert len(sizes) > 2
        assert 10_000 < sum(size for _, size in sizes) <= 30_000, sizes


SHIFT = """new Promise(done => {
    let sum = 0;
    new PerformanceObserver(list => list.getEntries().forEach(each => sum += each.value))
        .observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done(sum), 300);
})"""


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_moves_while_a_page_loads(browser: Browser, address: str, size: tuple[int, int]) -> None:
    with window(browser, address, size) as context:
        page = context.new_page()
        for path in ("/", "/search?q=tide+OR+tea&place=Saltmarsh", "/search?q=zebra+tide"):
            page.goto(path, wait_until="networkidle")
            assert page.evaluate(SHIFT) == 0, path


def test_the_list_leaves_room_for_filters_that_have_not_arrived(browser: Browser, address: str) -> None:
    with window(browser, address, PHONE) as context:
        page = context.new_page()
        for path in ("/", "/search?q=tide+OR+tea&place=Saltmarsh"):
            page.goto(path)
            there, without = page.evaluate("""() => {
                const list = document.querySelector(".results"), top = list.getBoundingClientRect().y;
                document.querySelector(".side").remove();
                return [top, list.getBoundingClientRect().y];
            }""")
            assert abs(there - without) < 0.5


# On paper


def test_printed_results_have_the_query_the_address_and_no_controls(browser: Browser, address: str) -> None:
    with window(browser, address, (794, 1123)) as context:  # of a sheet of A4
        page = context.new_page()
        page.emulate_media(media="print")
        page.goto("/search?q=tide&place=Saltmarsh")
        shown = page.locator("body").inner_text()
        assert "Search: tide" in shown
        assert f"{address}/search?q=tide&place=Saltmarsh" in shown
        assert "searched on " in shown
        assert "Place: Saltmarsh" in shown
        for figures in ("h1", ".plot svg", ".table"):
            expect(page.locator(figures)).to_be_visible()
        assert controls(page) == []


def controls(page: Page) -> list[str]:
    """Return what only a screen can use, if it is on paper."""
    kinds = "input, button, summary, .sort, .toolbar, .filters, .pages, .match, header, footer"
    return [each.evaluate("element => element.outerHTML") for each in page.locator(kinds).all() if each.is_visible()]
