"""The whole site: below a path, private, and with a look of its own."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import request
from playwright.sync_api import Browser, Page, expect
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from searchsvc.config import Settings
from searchsvc.web.app import create_app
from tests.conftest import ROOT
from tests.serving import serving

TOKEN = "correct-horse-battery"
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


# Below a path


def mounted(app: Wsgi) -> Wsgi:
    """Mount an application in another one, which has nothing else."""
    return DispatcherMiddleware(NotFound(), {"/archive": app})


def behind_a_proxy(app: Wsgi) -> Wsgi:
    """Put a proxy in front that removes the prefix from the path, and names it in a header."""

    def proxy(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not path.startswith("/archive/"):
            return NotFound()(environ, start_response)
        prefix = {"PATH_INFO": path.removeprefix("/archive"), "HTTP_X_FORWARDED_PREFIX": "/archive"}
        return app(environ | prefix, start_response)

    return proxy


@contextmanager
def below_archive(sample: Settings, way: str) -> Iterator[str]:
    """Serve the sample archive, private, below /archive, and yield its address."""
    settings = {"read_token": TOKEN, "accent": "#27548a", "proxies": int(way == "behind a proxy")}
    app = create_app(Settings(corpus=sample.corpus, index=sample.index, **settings))  # type: ignore[arg-type]
    wrapped = (mounted if way == "mounted" else behind_a_proxy)(app.wsgi_app)
    app.wsgi_app = wrapped  # type: ignore[method-assign, assignment]  # Flask documents it so
    with serving(app) as address:
        yield f"{address}/archive/"


def own_addresses(page: Page) -> list[str]:
    """Return every address in a page, of this host, that a reader or a script could follow, without fragments."""
    found: list[str] = (
        page.evaluate("""() => [...document.querySelectorAll("*")].flatMap(element => [...element.attributes])
        .filter(each => /^(href|src|action|data-.*)$/.test(each.name) && /^(\\/|https?:\\/\\/127)/.test(each.value))
        .map(each => new URL(each.value, location.origin)).map(url => url.origin + url.pathname + url.search)""")
    )
    return sorted({each for each in found if each.startswith(page.evaluate("location.origin"))})


class Journey:
    """A visit to the archive, on which every address of every page is remembered."""

    def __init__(self, page: Page, root: str) -> None:
        self.page = page
        self.root = root
        self.seen: set[str] = set()

    def look_around(self) -> None:
        found = own_addresses(self.page)
        assert [each for each in found if not each.startswith(self.root)] == []
        self.seen.update(found)

    def follow(self, selector: str, address: str) -> None:
        """Click the first element that a selector finds, and wait for an address below the prefix."""
        self.page.locator(selector).first.click()
        self.page.wait_for_url(re.compile(re.escape(self.root) + address))
        self.look_around()


@pytest.mark.parametrize("way", ["mounted", "behind a proxy"])
def test_a_whole_visit_stays_below_a_path(browser: Browser, sample: Settings, way: str) -> None:
    with below_archive(sample, way) as root, browser.new_context(accept_downloads=True) as context:
        page = context.new_page()
        outside: list[str] = []
        page.on("request", lambda sent: outside.append(sent.url) if not sent.url.startswith(root) else None)
        page.on("response", lambda got: outside.append(f"{got.status} {got.url}") if got.status >= 400 else None)
        page.on("pageerror", lambda error: outside.append(str(error)))
        visit = Journey(page, root)
        page.goto(f"{root}search?q=the&per_page=5")
        page.get_by_label("Token").fill(TOKEN)
        visit.follow("button[type=submit]", r"search\?q=the&per_page=5$")
        assert {each["path"] for each in context.cookies()} == {"/archive"}
        visit.follow("a.home", "$")
        page.get_by_role("combobox").fill("tide")
        page.get_by_role("combobox").press("Enter")
        page.wait_for_url(f"{root}search?q=tide")
        page.goto(f"{root}search?q=the&per_page=5")
        visit.follow(".facet li a", r"search\?.*(place|source|section|filter)=")
        page.go_back()
        visit.follow("a[href*='/facets/']", "facets/")
        page.go_back()
        visit.follow("a[rel=next]", r"search\?.*page=2")
        visit.follow(".hits a[href*='/article/']", "article/.*hit=6")
        visit.follow("a[rel=next]", "article/.*hit=7")
        visit.follow("a[href*='/search?']", "search")
        page.get_by_role("combobox").fill("")
        page.get_by_role("combobox").press_sequentially("ledger")
        page.get_by_role("option").filter(has_text=re.compile("ledger", re.IGNORECASE)).last.click()
        page.wait_for_url(re.compile(re.escape(root)))
        page.goto(f"{root}quote")
        page.locator("textarea").fill("the tide tables of the port were printed by hand")
        visit.follow("main button[type=submit]", "quote$")
        page.goto(f"{root}api/docs")
        visit.look_around()
        assert f"GET {root.removeprefix(root.split('/archive')[0])}api/v1/search" in page.locator("main").inner_text()
        for each in sorted(visit.seen - {f"{root}logout", f"{root}login", f"{root}article/"}):
            answer = context.request.get(each)
            assert answer.ok, each
            assert answer.url.startswith(root)
        assert {kind for kind in ("atom", "csv", "jsonl", "ris") if any(f"search.{kind}" in each for each in visit.seen)}
        visit.follow(".leave button", "login$")
        assert {each["name"] for each in context.cookies()} <= {"searchsvc_lang"}  # the choice of a language stays
        assert outside == []


def test_a_reader_logs_in_and_out(browser: Browser, sample: Settings) -> None:
    private = create_app(Settings(corpus=sample.corpus, index=sample.index, read_token=TOKEN))
    with serving(private) as address, browser.new_context(base_url=address) as context:
        page = context.new_page()
        page.goto("/search?q=tide&sort=newest")
        page.get_by_label("Token").fill("wrong")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("alert")).to_contain_text("Wrong token")
        page.get_by_label("Token").fill(TOKEN)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/search?q=tide&sort=newest")
        assert Axe().run(page).violations_count == 0
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url("**/login")
        page.goto("/search?q=tide")
        page.wait_for_url("**/login?next=*")


# What the browser keeps


def test_a_browser_asks_for_static_files_once(browser: Browser, sample: Settings) -> None:
    app = create_app(sample)
    asked: list[str] = []
    app.before_request(lambda: asked.append(request.path))
    with serving(app) as address, browser.new_context(base_url=address) as context:
        page = context.new_page()
        for path in ("/", "/search?q=tide"):
            page.goto(path)
            page.wait_for_load_state("networkidle")
    own = [path for path in asked if path.startswith("/static/")]
    assert len(own) > 3
    assert len(own) == len(set(own))


# Errors keep the search


def test_a_mended_search_says_what_was_ignored(page: Page) -> None:
    page.goto("/search?q=tide&page=abc&from=2024&to=2019&plcae=x")
    notes = page.locator(".note")
    for text in ("“abc” is not a page number", "so they were swapped", "did you mean “place”?"):
        expect(notes.filter(has_text=text)).to_be_visible()
    expect(page.locator("#q")).to_have_value("tide")
    assert page.locator(".hits li").count() > 0
    assert page.title() == "tide – Archive"


# A look of one's own


@pytest.fixture
def documented(tmp_path: Path) -> dict[str, Path]:
    """The folders of the example in the documentation, as its reader would make them."""
    section = CONFIGURATION.partition("### A look of your own\n")[2].partition("\n## ")[0]
    toml, base, css = (re.findall(rf"```{kind}\n(.*?)```", section, re.DOTALL)[0] for kind in ("toml", "html", "css"))
    folders = {name: tmp_path / where for name, where in re.findall(r'^(\w+) = "(.*)"$', toml, re.MULTILINE)}
    for folder in folders.values():
        folder.mkdir(parents=True)
    (folders["templates"] / "base.html").write_text(base)
    (folders["static"] / "look.css").write_text(css)
    (folders["static"] / "logo.svg").write_text((ROOT / "searchsvc" / "web" / "static" / "icon.svg").read_text())
    return folders


def test_the_documented_look(browser: Browser, sample: Settings, documented: dict[str, Path]) -> None:
    app = create_app(Settings(corpus=sample.corpus, index=sample.index, title="The Harbour Gazette", **documented))  # type: ignore[arg-type]
    with serving(app) as address, browser.new_context(base_url=address) as context:
        page = context.new_page()
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        for path in ("/search?q=tide", "/article/g-2024-02", "/facets/tag", "/quote", "/api/docs"):
            page.goto(path)
            logo = page.get_by_role("link", name="The Harbour Gazette").get_by_role("img")
            assert logo.evaluate("image => image.complete && image.naturalWidth > 0")
            assert page.locator("body").evaluate("element => getComputedStyle(element).fontFamily") == "Georgia, serif"
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
        page.goto("/search?q=tide")
        expect(page.get_by_role("contentinfo")).to_contain_text("92 articles since 1919")
        page.get_by_role("link", name="Did we print it?").click()
        page.wait_for_url("**/quote")
        assert problems == []
