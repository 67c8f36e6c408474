"""Facets, and the pages of all their values."""

from playwright.sync_api import Page, expect


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
    expect(page.locator(".chips")).to_contain_text("Place: Karst Hill")
    assert page.get_by_label("Search the archive").input_value() == "the"
