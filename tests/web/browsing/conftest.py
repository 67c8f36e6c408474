"""Pages of the sample archive in a browser, which fail a test on any error."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from searchsvc.config import Settings
from searchsvc.web.app import create_app
from tests.serving import serving


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
