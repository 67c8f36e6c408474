"""Articles, and the way from one to the next."""

from playwright.sync_api import Browser, Page, expect

from searchsvc.indexer.reindex import reindex
from searchsvc.web.app import create_app
from tests.conftest import Archive


def test_an_article_is_read_and_left(page: Page) -> None:
    page.goto('/search?q="fish+pass"')
    page.locator(".hits h2 a").first.click()
    expect(page.locator(".body mark").first).to_have_text("fish pass")
    page.locator(".metadata").get_by_role("link", name="Saltmarsh").click()
    expect(page.locator(".chips")).to_contain_text("Place: Saltmarsh")
    page.go_back()
    page.get_by_role("link", name="Back to the results").click()
    assert page.get_by_label("Search the archive").input_value() == '"fish pass"'


def test_reading_on_within_the_results(page: Page) -> None:
    page.goto("/search?q=tide&sort=oldest")
    titles = page.locator(".hits h2").all_inner_texts()
    page.locator(".hits h2 a").nth(1).click()
    expect(page.locator("h1")).to_have_text(titles[1])
    page.get_by_role("link", name="Next", exact=True).click()
    expect(page.locator("h1")).to_have_text(titles[2])
    page.get_by_role("link", name="Previous", exact=True).click()
    page.get_by_role("link", name="Previous", exact=True).click()
    expect(page.locator("h1")).to_have_text(titles[0])
    expect(page.get_by_role("link", name="Previous", exact=True)).to_have_count(0)
    similar = page.locator(".similar a").first
    name = similar.inner_text()
    similar.click()
    expect(page.locator("h1")).to_have_text(name)


def test_hits_with_any_of_the_words_are_read_one_after_the_other(page: Page) -> None:
    page.goto("/search?q=ledger+whales+zebra&match=any")
    expect(page.locator(".count")).to_contain_text("with any of the words")
    page.locator(".hits h2 a").first.click()
    page.get_by_role("link", name="Next", exact=True).click()
    page.get_by_role("link", name="Back to the results").click()
    expect(page.locator(".count")).to_contain_text("with any of the words")


def test_articles_have_the_direction_of_their_script(browser: Browser, archive: Archive) -> None:
    archive.write({"a.jsonl": '{"title": "الشاي الأخضر", "text": "نشرب الشاي كل صباح", "language": "ar", "tag": "شاي"}\n'})
    reindex(archive.settings)
    page = create_app(archive.settings).test_client().get("/search?q=الشاي").text
    assert '<article lang="ar">' in page
    context = browser.new_context()
    shown = context.new_page()
    shown.set_content(page)
    direction = "element => getComputedStyle(element).direction"
    assert [shown.locator(each).evaluate(direction) for each in (".hits h2", ".snippet", ".status")] == [
        "rtl",
        "rtl",
        "ltr",
    ]
    context.close()


def test_without_scripts_matches_are_reached_by_links(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/article/wire%2F2022-12-23-08.txt?q=group")
    page.locator(".jumps").get_by_role("link", name="2").click()
    assert page.url.endswith("#match-2")
    context.close()


def test_keys_go_from_match_to_match(scripted: Page) -> None:
    page = scripted
    page.goto("/article/wire%2F2022-12-23-08.txt?q=group")
    page.keyboard.press("n")
    expect(page.locator(".body mark").first).to_be_focused()
    page.get_by_role("button", name="Next match").click()
    expect(page.locator(".body mark").nth(1)).to_be_focused()
    page.keyboard.press("p")
    expect(page.locator(".jumps")).to_contain_text("1 of ")
