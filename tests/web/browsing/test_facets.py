"""Facets: values to select and to exclude, numbers, and the pages of all their values."""

import json
import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from searchsvc.web.app import create_app
from tests.conftest import Archive
from tests.serving import serving

AUTHORS = ("Ann Ode", "Amy Poe", "Čapek", "Дмитрий", "محمد علي", "42nd Street", *(f"Bo {number}" for number in range(120)))


@pytest.fixture
def numbers(archive: Archive) -> Iterator[str]:
    """Serve an archive with a field of numbers and many authors, and yield its address."""
    rows = [
        {"id": str(n), "title": f"Report {n}", "text": "Tea" if n % 2 else "Milk", "pages": n // 2, "author": author}
        for n, author in enumerate(AUTHORS * 2)
    ]
    archive.write({"a.jsonl": "".join(json.dumps(row) + "\n" for row in rows)}).service()
    with serving(create_app(archive.settings)) as address:
        yield address


def place(page: Page) -> Locator:
    return page.locator(".facet", has=page.get_by_role("heading", name="Place"))


def total(page: Page) -> int:
    return int(page.locator(".count").inner_text().split()[0].replace(",", ""))


def test_a_value_is_excluded_and_let_in_again(page: Page) -> None:
    page.goto("/search?q=the")
    everything = total(page)
    having = int(place(page).get_by_role("link", name="Saltmarsh").first.locator(".number").inner_text())
    place(page).get_by_role("link", name="Exclude Saltmarsh").click()
    assert "filter=-place%3ASaltmarsh" in page.url
    expect(page.locator(".chips")).to_contain_text("not Saltmarsh")
    assert total(page) == everything - having
    excluded = place(page).get_by_role("link", name="Saltmarsh")
    expect(excluded).to_have_accessible_name(f"Saltmarsh {having} excluded, remove filter")
    excluded.click()
    assert total(page) == everything


def test_links_say_what_a_click_does(page: Page) -> None:
    page.goto("/search?q=the&place=Oakmoor")
    expect(place(page).get_by_role("link", name="Vintry").first).to_have_accessible_name(
        re.compile(r"Vintry \d+ add filter")
    )
    expect(place(page).get_by_role("link", name="Oakmoor").first).to_have_accessible_name(
        re.compile(r"Oakmoor \d+ remove filter")
    )
    expect(place(page).get_by_role("link", name="Exclude Oakmoor")).to_have_count(0)


def test_values_of_a_facet_are_listed_found_and_ticked(page: Page) -> None:
    page.goto("/search?q=the")
    place(page).get_by_role("link", name="More").click()
    page.get_by_role("link", name="A to Z").click()
    values = page.locator(".all .value").all_inner_texts()
    assert values == sorted(values)
    page.get_by_label("Find values").fill("hill")
    page.get_by_role("button", name="Find").click()
    expect(page.locator(".all .value")).to_have_text(["Karst Hill"])
    page.get_by_role("checkbox", name="Karst Hill").check()
    page.get_by_label("Find values").fill("oak")
    page.get_by_role("button", name="Find").click()  # keeps the tick
    page.get_by_role("checkbox", name="Oakmoor").check()
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".chips")).to_contain_text("Karst Hill")
    assert page.url.endswith("/search?q=the&place=Karst+Hill&place=Oakmoor")
    assert "prefix" not in page.url
    assert page.get_by_label("Search the archive").input_value() == "the"


def test_several_values_are_excluded_on_their_page(page: Page) -> None:
    page.goto("/facets/place?q=the")
    for value in ("Saltmarsh", "Vintry"):
        page.get_by_role("link", name=f"Exclude {value}").click()
    expect(page.locator(".all .excluded .value")).to_have_text(["Saltmarsh", "Vintry"])
    page.locator(".all").get_by_role("link", name=re.compile("^⊘? ?Vintry")).click()
    expect(page.locator(".all .excluded .value")).to_have_text(["Saltmarsh"])
    page.get_by_role("button", name="Show").click()
    assert page.url.endswith("/search?q=the&filter=-place%3ASaltmarsh")


def test_what_no_value_matches_is_said(page: Page) -> None:
    page.goto("/facets/author?prefix=qqqq")
    expect(page.get_by_text("No author matches “qqqq”.")).to_be_visible()


def test_letters_lead_to_values_of_every_script(browser: Browser, numbers: str) -> None:
    page = browser.new_page(base_url=numbers)
    page.goto("/facets/author?q=tea&order=value")
    letters = page.get_by_role("navigation", name="First letter").get_by_role("link")
    expect(letters).to_have_text(["All", "0–9", "A", "B", "Д"])
    letters.get_by_text("0–9").click()
    expect(page.locator(".all .value")).to_have_text(["42nd Street"])
    letters.get_by_text("A", exact=True).click()
    expect(page.locator(".all .value")).to_have_text(["Amy Poe"])
    letters.get_by_text("B", exact=True).click()
    expect(page.locator(".meta")).to_contain_text("60 values")
    assert Axe().run(page).violations_count == 0
    page.close()


def test_the_button_counts_what_the_ticks_find_and_links_keep_them(browser: Browser, numbers: str) -> None:
    page = browser.new_page(base_url=numbers)
    page.goto("/facets/author?vs=milk")
    button = page.get_by_role("button", name="Show")
    expect(button).to_have_text("Show 252 articles")
    page.get_by_role("link", name="A", exact=True).click()
    page.get_by_role("checkbox", name="Ann Ode").check()
    expect(button).to_have_text("Show 2 articles")
    page.get_by_role("link", name="B", exact=True).click()
    page.get_by_role("checkbox", name="Bo 7", exact=False).first.check()
    expect(button).to_have_text("Show 4 articles")
    page.get_by_role("link", name="Next").click()
    page.go_back()
    expect(button).to_have_text("Show 4 articles")
    button.click()
    expect(page.locator(".count")).to_have_text("4 articles")
    page.close()


def test_changes_of_the_list_are_told_to_screen_readers(browser: Browser, numbers: str) -> None:
    page = browser.new_page(base_url=numbers)
    page.goto("/facets/author")
    heard = page.locator(".done .hidden[role=status]")
    expect(heard).to_be_empty()
    page.get_by_label("Find values").fill("bo 7")
    page.get_by_role("button", name="Find").click()
    expect(heard).to_have_text("11 values with a word that starts with “bo 7”")
    group = page.get_by_role("group", name="Author")
    group.get_by_role("checkbox", name="Bo 7").first.check()
    expect(heard).to_have_text("Show 2 articles")
    page.close()


def test_numbers_are_narrowed_by_a_bar_and_by_two_ends(browser: Browser, numbers: str) -> None:
    for script in (True, False):
        context = browser.new_context(base_url=numbers, java_script_enabled=script)
        page = context.new_page()
        page.goto("/search?q=tea")
        pages = page.locator(".facet", has=page.get_by_role("heading", name="Pages"))
        bar = pages.get_by_role("link", name="20 to 39")
        expect(bar).to_have_accessible_name("20 to 39: 20 articles, add filter")
        bar.click()
        assert "filter=pages%3A20..39" in page.url
        expect(page.locator(".count")).to_have_text("20 articles")
        expect(bar).to_have_accessible_name("20 to 39: 20 articles, remove filter")
        expect(pages.get_by_label("From")).to_have_value("20")
        pages.get_by_label("From").fill("31")
        pages.get_by_label("to", exact=True).fill("30")
        pages.get_by_role("button", name="Show").click()
        page.wait_for_url("**/search?q=tea&filter=pages%3A30..31")
        expect(page.locator(".count")).to_have_text("2 articles")
        expect(bar).to_have_accessible_name("20 to 39: 20 articles, add filter")
        pages.get_by_role("link", name="More").click()
        expect(page.get_by_label("From")).to_have_value("30")
        assert page.locator(".all input[type=checkbox]").count() == 100
        context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_facets_have_no_fault_of_accessibility(browser: Browser, numbers: str, width: int) -> None:
    page = browser.new_page(base_url=numbers, viewport={"width": width, "height": 900})
    for path in ("/search?q=tea&filter=-author:Bo+1", "/facets/pages?q=tea", "/facets/author?author=Bo+1"):
        page.goto(path)
        found = Axe().run(page, options={"rules": {"target-size": {"enabled": True}}})
        assert found.violations_count == 0, (path, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.close()
