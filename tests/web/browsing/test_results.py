"""The page of results."""

from playwright.sync_api import Page, expect


def test_a_search_is_narrowed_and_widened_by_clicking(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Search the archive").fill("the")
    page.get_by_role("button", name="Search").click()
    everything = page.locator(".count").inner_text()
    page.locator(".facet", has_text="place").get_by_role("link", name="Saltmarsh").first.click()
    assert page.locator(".count").inner_text() != everything
    page.locator(".facet", has_text="place").get_by_role("link", name="Oakmoor").first.click()
    expect(page.locator(".chips li")).to_have_count(3)
    expect(page.locator(".facet [aria-current]")).to_have_count(2)
    page.locator(".chips").get_by_role("link", name="place: Oakmoor").click()
    page.get_by_role("link", name="Clear filters").click()
    expect(page.locator(".count")).to_have_text(everything)
    page.go_back()
    expect(page.locator(".chips")).to_contain_text("Saltmarsh")


def test_paging_and_order(page: Page) -> None:
    page.goto("/search?q=the")
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".pages [aria-current]")).to_have_text("2")
    expect(page.locator("ol.hits")).to_have_attribute("start", "11")
    page.get_by_role("link", name="Oldest").click()
    assert "page=" not in page.url
    expect(page.locator(".hits time").first).to_have_text("17 January 2019")


def test_metadata_of_a_hit_links_to_filters(page: Page) -> None:
    page.goto("/search?q=tide")
    page.locator(".hits .meta a.section").first.click()
    expect(page.locator(".chips")).to_contain_text("section:")
    expect(page.locator(".hits .meta a.section[aria-current]").first).to_be_visible()


def test_every_example_of_the_help_finds_something(page: Page) -> None:
    page.goto("/")
    page.get_by_text("How to search").click()
    links = [link.get_attribute("href") or "" for link in page.locator(".help a").all()]
    assert len(links) >= 10
    for link in links:
        page.goto(link)
        assert page.locator(".hits li").count(), link
