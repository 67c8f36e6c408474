"""The whole site: below a path, and private."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from searchsvc.config import Settings
from searchsvc.web.app import create_app
from tests.serving import serving


def test_scripts_stay_below_a_prefix(browser: Browser, sample: Settings) -> None:
    app = create_app(sample)
    app.wsgi_app = DispatcherMiddleware(NotFound(), {"/archive": app.wsgi_app})  # type: ignore[method-assign]  # Flask documents it so
    with serving(app) as address, browser.new_context(base_url=f"{address}/archive/") as context:
        page = context.new_page()
        page.goto("search?q=tide")
        page.get_by_role("combobox").fill("")
        page.get_by_role("combobox").press_sequentially("ledger")
        page.get_by_role("group", name="Articles").get_by_role("option").first.click()
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
