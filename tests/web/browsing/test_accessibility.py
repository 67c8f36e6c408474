"""Every kind of page for every reader: by keyboard, narrow, dark, in colours of their own, and by axe's rules."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from searchsvc.config import Settings
from searchsvc.web.app import create_app
from tests.serving import serving
from tests.web.browsing.addresses import ADDRESSES, DESK, PHONE, views, window

WITH_TARGETS = {"rules": {"target-size": {"enabled": True}}}
"""All of axe's rules but experimental ones, among them those of best practice. Those of WCAG 2.2 are off by default."""


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("look", ["light", "dark", "forced"])
def test_no_fault_of_accessibility(browser: Browser, address: str, look: str, width: int) -> None:
    options = {"forced_colors": "active"} if look == "forced" else {"color_scheme": look}
    with window(browser, address, (width, 900), **options) as context:
        page = context.new_page()
        for path in ADDRESSES:
            page.goto(path)
            for details in page.locator("details").all():
                details.evaluate("element => element.open = true")
            found = Axe().run(page, options=WITH_TARGETS)
            assert found.violations_count == 0, (path, found.generate_report())


SMALL = """[...document.querySelectorAll("a, button, input:not([type=hidden]), summary, textarea")]
    .filter(element => !element.closest("svg, .skip"))
    .map(element => [element.outerHTML, (element.closest("label") ?? element).getBoundingClientRect()])
    .filter(([, { width, height }]) => width > 0 && Math.min(width, height) < 24)
    .map(([html]) => html)"""
"""What is pressed, and is less than 24 pixels wide or high, with its label. Bars are as wide as there is room for."""


@pytest.mark.parametrize("width", [360, 1280])
def test_what_is_pressed_is_large_enough(browser: Browser, address: str, width: int) -> None:
    with window(browser, address, (width, 900)) as context:
        page = context.new_page()
        for path in ADDRESSES:
            page.goto(path)
            for details in page.locator("details").all():
                details.evaluate("element => element.open = true")
            assert page.evaluate(SMALL) == [], path


def test_no_page_is_wider_than_its_window(browser: Browser, address: str) -> None:
    for view, context in views(browser, address):
        page = context.new_page()
        for path in ADDRESSES:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (view, path)


def test_the_keyboard_reaches_the_box(browser: Browser, address: str) -> None:
    with window(browser, address, DESK) as context:
        page = context.new_page()
        page.goto("/article/g-2024-02")
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text("Skip to content")
        page.goto("/")
        for _ in range(5):
            page.keyboard.press("Tab")
        page.keyboard.type("eels")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?q=eels")


@pytest.mark.parametrize(
    ("presses", "name", "within"), [(1, "Skip to results", ".results"), (2, "Skip to filters", ".side")]
)
def test_skip_links_lead_on_and_move_nothing(browser: Browser, address: str, presses: int, name: str, within: str) -> None:
    with window(browser, address, DESK) as context:
        page = context.new_page()
        page.goto("/search?q=tide")
        before = page.locator("main").bounding_box()
        for _ in range(presses):
            page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text(name)
        assert page.locator("main").bounding_box() == before
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.locator(f"{within} :focus")).to_have_count(1)


FIVE = "vs=ferry&vs=tea&vs=harbour&vs=the"
FAR = (
    "/",
    "/search?q=the",
    "/search?q=tide+OR+tea&place=Saltmarsh&section=Science&from=2019",
    f"/search?q=tide&{FIVE}",
    f"/search?q=tide&{FIVE}&chart=share&place=Saltmarsh&from=2019",
)


@pytest.mark.parametrize("path", FAR)
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("script", [True, False], ids=["with-js", "without-js"])
def test_the_first_hit_is_few_stops_away(
    browser: Browser, address: str, path: str, size: tuple[int, int], script: bool
) -> None:
    with window(browser, address, size, java_script_enabled=script) as context:
        page = context.new_page()
        page.goto(path)
        assert stops_to(page, ".hits") <= 25
        page.goto(path)
        for fold in page.locator(".results .fold").all():  # on a phone, open filters take the place of the hits
            fold.evaluate("element => element.open = true")
        assert stops_to(page, ".hits") <= 25


def stops_to(page: Page, place: str) -> int:
    """Return how often Tab has to be pressed to come to a place."""
    for number in range(1, 200):
        page.keyboard.press("Tab")
        if page.evaluate("place => document.activeElement.closest(place) !== null", place):
            return number
    return 200


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("accent", ["", "#27548a", "#7a1f4b", "#102040", "#767600"])
def test_bars_and_edges_stand_out(browser: Browser, sample: Settings, accent: str, scheme: str) -> None:
    settings = Settings(corpus=sample.corpus, index=sample.index, accent=accent)
    with serving(create_app(settings)) as address, window(browser, address, DESK, color_scheme=scheme) as context:
        page = context.new_page()
        page.goto("/")
        for name in ("--bar", "--edge", "--mark-line"):
            for ground in ("--paper", "--card"):
                assert contrast(colour(page, name), colour(page, ground)) >= 3, (name, ground)
        for name in ("--ink", "--quiet", "--accent", "--visited"):
            assert contrast(colour(page, name), colour(page, "--paper")) >= 4.5, name


COLOUR = """name => {
    const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
    const probe = document.body.appendChild(document.createElement("div"));
    probe.style.color = `var(${name})`;
    context.fillStyle = getComputedStyle(probe).color;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
}"""
"""Red, green and blue of a variable."""


def colour(page: Page, name: str) -> tuple[float, ...]:
    return tuple(page.evaluate(COLOUR, name))


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Return the contrast of two colours, as WCAG defines it."""
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: tuple[float, ...]) -> float:
    parts = (part / 255 for part in colour)
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
