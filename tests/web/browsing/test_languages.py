"""The pages in other languages, and the page of help."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from searchsvc.model.languages import PAGE_LANGUAGES
from tests.web.browsing.addresses import ADDRESSES


@pytest.fixture
def arabic(browser: Browser, address: str) -> Iterator[Page]:
    """Yield a page of a reader of Arabic."""
    context = browser.new_context(base_url=address, locale="ar")
    yield context.new_page()
    context.close()


def test_every_example_of_the_help_finds_something(page: Page) -> None:
    page.goto("/")
    page.locator(".foot").get_by_role("link", name="Help").click()
    expect(page.locator("h1")).to_have_text("How to search")
    links = [link.get_attribute("href") or "" for link in page.locator('.examples a[href^="/search?"]').all()]
    assert len(links) >= 14
    for link in links:
        page.goto(link)
        assert page.locator(".hits li").count(), link


def test_a_language_is_chosen_and_remembered(page: Page) -> None:
    page.goto("/search?q=tide")
    page.get_by_role("link", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    assert "q=tide" in page.url
    expect(page.locator(".languages [aria-current]")).to_have_text("Deutsch")
    page.goto("/help")
    expect(page.locator("h1")).to_have_text("So suchen Sie")
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_have_text("How to search")


def test_a_reader_of_arabic_reads_from_right_to_left(arabic: Page) -> None:
    arabic.goto("/search?q=tide")
    html = arabic.locator("html")
    assert (html.get_attribute("dir"), html.get_attribute("lang")) == ("rtl", "ar-u-nu-latn")
    home, box = (arabic.locator(part).bounding_box() for part in (".home", ".box"))
    assert home and box
    assert home["x"] > box["x"]
    # English articles are read from left to right, and say so.
    title = arabic.locator(".hits h2").first
    assert title.evaluate("element => getComputedStyle(element).direction") == "ltr"
    assert arabic.locator(".hits article").first.get_attribute("lang") == "en"
    assert arabic.locator(".hits .meta").first.get_attribute("lang") == "ar-u-nu-latn"


def test_queries_are_shown_as_they_are_typed(arabic: Page) -> None:
    arabic.goto("/help")
    for query in arabic.locator(".examples dt a").all():
        assert query.evaluate("element => getComputedStyle(element).direction") == "ltr"
    expect(arabic.locator("h1")).to_have_text("كيف تبحث")


def test_scripts_write_numbers_as_the_page_does(arabic: Page) -> None:
    arabic.goto("/help")
    assert arabic.evaluate("(1234).toLocaleString(document.documentElement.lang)") == "1,234"


@pytest.mark.parametrize("width", [360, 1280])
def test_pages_in_arabic_have_no_fault_of_accessibility(browser: Browser, address: str, width: int) -> None:
    context = browser.new_context(base_url=address, locale="ar", viewport={"width": width, "height": 900})
    page = context.new_page()
    for path in ADDRESSES:
        page.goto(path)
        found = Axe().run(page)
        assert found.violations_count == 0, (path, width, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    context.close()


@pytest.mark.parametrize("code", PAGE_LANGUAGES)
def test_texts_fit_a_phone_in_every_language(browser: Browser, address: str, code: str) -> None:
    context = browser.new_context(base_url=address, viewport={"width": 360, "height": 740})
    page = context.new_page()
    for path in ("/help", "/search?q=tide", "/quote", "/none"):
        page.goto(f"{path}{'&' if '?' in path else '?'}lang={code}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    context.close()
