"""The page of a concordance in a browser: aligned on a desk, flowing on a phone, in both directions."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from searchsvc.web.app import create_app
from tests.conftest import Archive
from tests.serving import serving
from tests.web.browsing.addresses import DESK, PHONE, window
from tests.web.browsing.test_accessibility import stops_to


def test_a_search_is_shown_in_context_sorted_narrowed_and_read(page: Page) -> None:
    page.goto("/search?q=tide&place=Saltmarsh")
    page.get_by_role("link", name="Concordance").click()
    lines = page.locator(".kwic li")
    total = lines.count()
    expect(page.locator(".count")).to_have_text(f"{total} lines")
    page.get_by_role("navigation", name="Sort by the words before").get_by_role("link", name="First word").click()
    before = [text.lower().split()[-1:] for text in page.locator(".before").all_inner_texts() if text.split()]
    assert before == sorted(before)
    page.get_by_role("navigation", name="Word before").get_by_role("link", name=re.compile(r"^the ")).click()
    expect(page.locator(".count")).to_have_text(f"{lines.count()} of {total} lines")
    assert all(text.split()[-1].lower() == "the" for text in page.locator(".before").all_inner_texts())
    lines.first.get_by_role("link").click()
    expect(page.locator(".body mark:target")).to_have_text("tide")
    page.go_back()
    page.get_by_role("link", name="Remove filter: Word before: the").click()
    expect(page.locator(".count")).to_have_text(f"{total} lines")


def test_a_line_is_read_as_a_sentence(page: Page) -> None:
    page.goto("/concordance?q=barrage&right=is")
    name = "The fish pass of the Saltmarsh tide barrage is a staircase of water, forty-one steps high"
    expect(page.get_by_role("listitem").get_by_role("link", name=name)).to_have_count(1)


def test_all_lines_are_saved(page: Page) -> None:
    page.goto("/concordance?q=tide")
    with page.expect_download() as download:
        page.get_by_role("link", name="All lines as CSV").click()
    assert download.value.suggested_filename == "concordance-tide.csv"
    assert download.value.path().read_bytes().startswith(b"\xef\xbb\xbfleft,match,right")


def test_matches_begin_below_each_other(browser: Browser, address: str) -> None:
    with window(browser, address, DESK) as context:
        page = context.new_page()
        page.goto("/concordance?q=tide+OR+ferr*")
        boxes = [mark.bounding_box() for mark in page.locator(".kwic mark").all()]
        assert len({round(box["x"]) for box in boxes if box}) == 1
        heights = {round(box["height"]) for line in page.locator(".kwic li").all() if (box := line.bounding_box())}
        assert max(heights) < 40


def test_the_first_line_is_few_stops_away(browser: Browser, address: str) -> None:
    with window(browser, address, DESK) as context:
        page = context.new_page()
        page.goto("/concordance?q=tide")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text("Skip to the lines")
        page.keyboard.press("Enter")
        assert stops_to(page, ".kwic") == 1


def test_on_a_phone_a_line_flows_and_the_orders_are_folded(browser: Browser, address: str) -> None:
    with window(browser, address, PHONE) as context:
        page = context.new_page()
        page.goto("/concordance?q=tide")
        line = page.locator(".kwic a").first
        assert (line.bounding_box() or {"height": 0})["height"] > 40
        assert (page.locator(".kwic li").first.bounding_box() or {"y": 999})["y"] < PHONE[1]
        expect(page.get_by_role("link", name="Second word").first).to_be_hidden()
        page.get_by_text("Sort and group").click()
        expect(page.get_by_role("link", name="Second word").first).to_be_visible()


@pytest.fixture
def arabic(archive: Archive) -> Iterator[str]:
    archive.write(
        {"a.txt": "Title: أخبار\n\nشرب الناس الشاي في الصباح.", "b.txt": "Title: News\n\nThe tea called الشاي is black."}
    )
    archive.service()
    with serving(create_app(archive.settings)) as address:
        yield address


def test_lines_from_right_to_left_are_mirrored(browser: Browser, arabic: str) -> None:
    with window(browser, arabic, DESK) as context:
        page = context.new_page()
        page.goto("/concordance?q=الشاي")
        places = {}
        for line in page.locator(".kwic li").all():
            before, after = (line.locator(f".{name}").bounding_box() for name in ("before", "after"))
            assert before
            assert after
            places[line.locator("a").evaluate("line => getComputedStyle(line).direction")] = before["x"] > after["x"]
        assert places == {"rtl": True, "ltr": False}
