"""Every kind of page for every reader: by keyboard, narrow, dark, and by axe's rules."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.web.browsing.addresses import ADDRESSES, views


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


def test_no_page_is_wider_than_its_window(browser: Browser, address: str) -> None:
    for view, context in views(browser, address):
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
