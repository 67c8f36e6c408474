"""The pages in a real browser: by mouse, without JavaScript, narrow and dark."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from searchsvc.config import Settings
from searchsvc.indexer.reindex import reindex
from searchsvc.web.app import create_app
from tests.conftest import Archive
from tests.serving import serving

pytestmark = pytest.mark.browser
MISQUOTED = "the tide tables of the port were printed by hand"
ADDRESSES = (
    "/",
    "/search?q=tide+OR+tea&place=Saltmarsh",
    "/search?q=zebra",
    "/search?q=harbur+ferrry&section=Science",
    "/facets/tag?q=the&order=value",
    "/facets/place?prefix=zzz",
    "/search?page=x",
    "/article/g-2024-02?q=eels",
    "/quote",
    f"/quote?text={MISQUOTED}&place=Saltmarsh&from=2020",
    "/quote?text=two+words",
    "/none",
)


@pytest.fixture(scope="module")
def address(sample: Settings) -> Iterator[str]:
    with serving(create_app(sample)) as address:
        yield address


@pytest.fixture(params=[True, False], ids=["with-js", "without-js"])
def page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    """Yield a page that fails the test on any error in the console and on any request to another origin."""
    context = browser.new_context(base_url=address, java_script_enabled=request.param)
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("request", lambda sent: problems.append(sent.url) if not sent.url.startswith(address) else None)
    yield page
    context.close()
    assert problems == []


def test_a_search_is_narrowed_and_widened_by_clicking(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Search the archive").fill("the")
    page.get_by_role("button", name="Search").click()
    everything = page.locator(".count").inner_text()
    page.locator(".facet", has_text="place").get_by_role("link", name="Saltmarsh").click()
    assert page.locator(".count").inner_text() != everything
    page.locator(".facet", has_text="place").get_by_role("link", name="Oakmoor").click()
    expect(page.locator(".chips li")).to_have_count(3)
    expect(page.locator(".facet [aria-current]")).to_have_count(2)
    page.locator(".chips").get_by_role("link", name="place: Oakmoor").click()
    page.get_by_role("link", name="Clear filters").click()
    expect(page.locator(".count")).to_have_text(everything)
    page.go_back()
    expect(page.locator(".chips")).to_contain_text("Saltmarsh")


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


def test_an_article_is_read_and_left(page: Page) -> None:
    page.goto('/search?q="fish+pass"')
    page.locator(".hits h2 a").first.click()
    expect(page.locator(".body mark").first).to_have_text("fish pass")
    page.locator(".metadata").get_by_role("link", name="Saltmarsh").click()
    expect(page.locator(".chips")).to_contain_text("place: Saltmarsh")
    page.go_back()
    page.get_by_role("link", name="Back to the results").click()
    assert page.get_by_label("Search the archive").input_value() == '"fish pass"'


def test_a_quotation_is_checked(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Check a quotation").click()
    page.get_by_label("Passage").fill("held a working group\nmeeting")
    page.get_by_role("button", name="Check").click()
    assert "working" not in page.url
    expect(page.locator(".count")).to_have_text("Printed word for word in 1 article")
    expect(page.locator(".printed mark").first).to_have_text("held a working group meeting")
    page.get_by_role("link", name="Link to this check").click()
    assert "text=held+a+working+group" in page.url
    page.get_by_label("Passage").fill("they held a workinggroup meeting")
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".count")).to_have_text("Not printed word for word")
    expect(page.locator(".printed").first.locator("del")).to_have_text(["they", "workinggroup"])
    expect(page.locator(".printed").first.locator("ins")).to_have_text("working group")
    page.locator(".answer h3 a").first.click()
    expect(page.locator(".body mark").first).to_have_text("held a working group meeting")


def test_paging_and_order(page: Page) -> None:
    page.goto("/search?q=the")
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".pages [aria-current]")).to_have_text("2")
    expect(page.locator("ol.hits")).to_have_attribute("start", "11")
    page.get_by_role("link", name="Oldest").click()
    assert "page=" not in page.url
    expect(page.locator(".hits time").first).to_have_text("17 January 2019")


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


def test_values_of_a_facet_are_listed_found_and_selected(page: Page) -> None:
    page.goto("/search?q=the")
    page.locator(".facet", has_text="place").get_by_role("link", name="More").click()
    page.get_by_role("link", name="A to Z").click()
    values = page.locator(".all .value").all_inner_texts()
    assert values == sorted(values)
    page.get_by_label("Find values").fill("hill")
    page.get_by_role("button", name="Find").click()
    expect(page.locator(".all .value")).to_have_text(["Karst Hill"])
    page.get_by_role("link", name="Karst Hill").click()
    expect(page.locator(".chips")).to_contain_text("place: Karst Hill")
    assert page.get_by_label("Search the archive").input_value() == "the"


def test_reading_on_within_the_results(page: Page) -> None:
    page.goto("/search?q=tide&sort=oldest")
    titles = page.locator(".hits h2").all_inner_texts()
    page.locator(".hits h2 a").nth(1).click()
    expect(page.locator("h1")).to_have_text(titles[1])
    page.get_by_role("link", name="Next", exact=True).click()
    expect(page.locator("h1")).to_have_text(titles[2])
    page.get_by_role("link", name="Previous", exact=True).click()
    page.get_by_role("link", name="Previous", exact=True).click()
    expect(page.locator("h1")).to_have_text(titles[0])
    expect(page.get_by_role("link", name="Previous", exact=True)).to_have_count(0)
    similar = page.locator(".similar a").first
    name = similar.inner_text()
    similar.click()
    expect(page.locator("h1")).to_have_text(name)


def test_hits_with_any_of_the_words_are_read_one_after_the_other(page: Page) -> None:
    page.goto("/search?q=ledger+whales+zebra&match=any")
    expect(page.locator(".count")).to_contain_text("with any of the words")
    page.locator(".hits h2 a").first.click()
    page.get_by_role("link", name="Next", exact=True).click()
    page.get_by_role("link", name="Back to the results").click()
    expect(page.locator(".count")).to_contain_text("with any of the words")


def test_articles_have_the_direction_of_their_script(browser: Browser, archive: Archive) -> None:
    archive.write({"a.jsonl": '{"title": "الشاي الأخضر", "text": "نشرب الشاي كل صباح", "language": "ar", "tag": "شاي"}\n'})
    reindex(archive.settings)
    page = create_app(archive.settings).test_client().get("/search?q=الشاي").text
    assert '<article lang="ar">' in page
    context = browser.new_context()
    shown = context.new_page()
    shown.set_content(page)
    direction = "element => getComputedStyle(element).direction"
    assert [shown.locator(each).evaluate(direction) for each in (".hits h2", ".snippet", ".status")] == [
        "rtl",
        "rtl",
        "ltr",
    ]
    context.close()


def test_metadata_of_a_hit_links_to_filters(page: Page) -> None:
    page.goto("/search?q=tide")
    page.locator(".hits .meta a.section").first.click()
    expect(page.locator(".chips")).to_contain_text("section:")
    expect(page.locator(".hits .meta a.section[aria-current]").first).to_be_visible()


def test_every_example_of_the_help_finds_something(page: Page) -> None:
    page.goto("/")
    page.get_by_text("How to search").click()
    links = [link.get_attribute("href") or "" for link in page.locator(".help a").all()]
    assert len(links) >= 10
    for link in links:
        page.goto(link)
        assert page.locator(".hits li").count(), link


def test_without_scripts_matches_are_reached_by_links(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/article/wire%2F2022-12-23-08.txt?q=group")
    page.locator(".jumps").get_by_role("link", name="2").click()
    assert page.url.endswith("#match-2")
    context.close()


@pytest.fixture
def scripted(browser: Browser, address: str) -> Iterator[Page]:
    """Yield a page with JavaScript that fails the test on any error."""
    context = browser.new_context(base_url=address)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert problems == []


def test_suggestions_by_keyboard(scripted: Page) -> None:
    page = scripted
    page.goto("/article/g-2024-02")
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="Search the archive")
    expect(box).to_be_focused()
    page.keyboard.type("the tid")
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options.first).to_contain_text("tide")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "suggestion-0")
    expect(box).to_have_value("the tide")
    page.keyboard.press("ArrowUp")
    expect(box).to_have_value("the tid")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(options.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=the+tide")


def test_a_value_is_suggested_and_found_under_the_filters(scripted: Page) -> None:
    page = scripted
    page.goto("/search?q=tide&sort=newest&language=en")
    box = page.get_by_role("combobox", name="Search the archive")
    box.fill("")
    with page.expect_request("**/api/suggest?*") as asked:
        box.press_sequentially("author:")
    assert "language=en" in asked.value.url
    option = page.get_by_role("option").first
    expect(option).to_contain_text("author · ")
    page.keyboard.press("ArrowDown")
    value = option.locator("span").text_content()
    expect(box).to_have_value(f'author:"{value}"')
    total = (option.locator("small").text_content() or "").removeprefix("author · ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=author*language=en*")
    expect(page.locator("h1, .summary, main").first).to_contain_text(total)


def test_suggestions_by_mouse(scripted: Page) -> None:
    page = scripted
    page.goto("/")
    page.get_by_role("combobox").press_sequentially("ledger")
    title = page.get_by_role("option").filter(has_text="article")
    title.first.click()
    page.wait_for_url("**/article/**")
    expect(page.locator("h1")).to_contain_text("ledger")


def test_scripts_stay_below_a_prefix(browser: Browser, sample: Settings) -> None:
    app = create_app(sample)
    app.wsgi_app = DispatcherMiddleware(NotFound(), {"/archive": app.wsgi_app})  # type: ignore[method-assign]  # Flask documents it so
    with serving(app) as address, browser.new_context(base_url=f"{address}/archive/") as context:
        page = context.new_page()
        page.goto("search?q=tide")
        page.get_by_role("combobox").fill("")
        page.get_by_role("combobox").press_sequentially("ledger")
        page.get_by_role("option").filter(has_text="article").first.click()
        page.wait_for_url("**/archive/article/**")
        expect(page.locator("h1")).to_contain_text("ledger")
        page.locator(".metadata a").first.click()
        page.wait_for_url("**/archive/search?**")


def test_a_reader_logs_in_and_out(browser: Browser, sample: Settings) -> None:
    private = create_app(Settings(corpus=sample.corpus, index=sample.index, read_token="correct-horse-battery"))
    with serving(private) as address, browser.new_context(base_url=address) as context:
        page = context.new_page()
        page.goto("/search?q=tide&sort=newest")
        page.get_by_label("Token").fill("wrong")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("alert")).to_contain_text("Wrong token")
        page.get_by_label("Token").fill("correct-horse-battery")
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/search?q=tide&sort=newest")
        assert Axe().run(page).violations_count == 0
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url("**/login")
        page.goto("/search?q=tide")
        page.wait_for_url("**/login?next=*")


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


def test_keys_go_from_match_to_match(scripted: Page) -> None:
    page = scripted
    page.goto("/article/wire%2F2022-12-23-08.txt?q=group")
    page.keyboard.press("n")
    expect(page.locator(".body mark").first).to_be_focused()
    page.get_by_role("button", name="Next match").click()
    expect(page.locator(".body mark").nth(1)).to_be_focused()
    page.keyboard.press("p")
    expect(page.locator(".jumps")).to_contain_text("1 of ")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_fault_of_accessibility(browser: Browser, address: str, scheme: str) -> None:
    for width in (360, 1280):
        size = {"width": width, "height": 900}
        context = browser.new_context(base_url=address, viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        for path in ADDRESSES:
            page.goto(path)
            for details in page.locator("details").all():
                details.evaluate("element => element.open = true")
            found = Axe().run(page)
            assert found.violations_count == 0, (path, scheme, width, found.generate_report())
        context.close()


def _views(browser: Browser, address: str) -> Iterator[tuple[str, BrowserContext]]:
    for width in (320, 375, 1280):
        for scheme in ("light", "dark"):
            size = {"width": width, "height": 800}
            context = browser.new_context(base_url=address, viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
            yield f"{width} {scheme}", context
            context.close()


def test_no_page_is_wider_than_its_window(browser: Browser, address: str) -> None:
    for view, context in _views(browser, address):
        page = context.new_page()
        for path in ADDRESSES:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (view, path)


BOTTOMS = """[...document.querySelectorAll(".legend .key")].map(key => {
    const words = document.createRange();
    words.selectNode(key.nextSibling);
    return [key, words].flatMap(each => [...each.getClientRects()].map(line => line.bottom));
})"""
"""The lower edges of each swatch of the legend, and of each line of the words beside it."""


def test_no_line_of_the_legend_breaks_behind_a_swatch(browser: Browser, address: str) -> None:
    for view, context in _views(browser, address):
        page = context.new_page()
        page.goto("/search?q=tide")
        for details in page.locator("details").all():
            details.evaluate("element => element.open = true")
        found = page.evaluate(BOTTOMS)
        assert len(found) == 3, view
        assert all(max(each) - min(each) < 8 for each in found), (view, found)


def test_the_keyboard_reaches_the_content(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to content")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("eels")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=eels")
    context.close()
