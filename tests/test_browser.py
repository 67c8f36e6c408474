"""The pages in a real browser: by mouse, without JavaScript, narrow and dark."""

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import make_server

from searchsvc.config import Settings
from searchsvc.web import create_app
from tests.conftest import CHROMIUM

pytestmark = pytest.mark.browser
ADDRESSES = (
    "/",
    "/search?q=tide+OR+tea&place=Saltmarsh",
    "/search?q=zebra",
    "/search?page=x",
    "/article/g-2024-02?q=eels",
    "/none",
)


@pytest.fixture(scope="module")
def address(sample: Settings) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_app(sample), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    quiet = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=quiet)
        yield browser
        browser.close()


@pytest.fixture(params=[True, False], ids=["with-js", "without-js"])
def page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    """A page that fails the test on any error in the console and on any request to another origin."""
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
    page.get_by_role("link", name="Remove all").click()
    expect(page.locator(".count")).to_have_text(everything)
    page.go_back()
    expect(page.locator(".chips")).to_contain_text("Saltmarsh")


def test_the_timeline_drills_down_and_back(page: Page) -> None:
    page.goto("/search?q=the")
    page.locator(".timeline a", has=page.locator("text=2022")).click()
    expect(page.locator(".timeline svg")).to_have_attribute("aria-label", "Articles by month")
    page.get_by_role("link", name="June 2022").click()
    expect(page.locator(".timeline svg a")).to_have_count(30)
    page.get_by_role("link", name="18 June 2022: 1").click()
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


def test_paging_and_order(page: Page) -> None:
    page.goto("/search?q=the")
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".pages [aria-current]")).to_have_text("2")
    expect(page.locator("ol.hits")).to_have_attribute("start", "11")
    page.get_by_role("link", name="Oldest").click()
    assert "page=" not in page.url
    expect(page.locator(".hits time").first).to_have_text("17 January 2019")


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
