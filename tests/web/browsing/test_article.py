"""Articles, and the way from one to the next."""

import pytest
from playwright.sync_api import Browser, Page, expect

from searchsvc.indexer.reindex import reindex
from searchsvc.web.app import create_app
from tests.conftest import Archive
from tests.web.browsing.addresses import ADDRESSES


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
    total = page.locator(".around .place").inner_text().removeprefix("2 of ")
    page.get_by_role("link", name="Next result").click()
    expect(page.locator("h1")).to_have_text(titles[2])
    expect(page.locator(".around .place")).to_have_text(f"3 of {total}")
    page.get_by_role("link", name="Previous result").click()
    page.get_by_role("link", name="Previous result").click()
    expect(page.locator("h1")).to_have_text(titles[0])
    expect(page.get_by_role("link", name="Previous result")).to_have_count(0)


def test_the_way_back_leads_to_the_hit(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 600})
    page.goto("/search?q=the&per_page=10&page=2")
    title = page.locator(".hits h2").nth(7).inner_text()
    page.locator(".hits h2 a").nth(7).click()
    page.get_by_role("link", name="Back to the results").click()
    assert page.url.endswith("page=2#hit-18")
    expect(page.locator(".hits li:target h2")).to_have_text(title)
    expect(page.locator(".hits li:target h2")).to_be_in_viewport()


def test_similar_articles_have_source_and_date_and_keep_the_search(page: Page) -> None:
    page.goto("/article/g-2024-02?q=eels&sort=oldest")
    similar = page.locator(".similar li").first
    expect(similar.locator("time")).not_to_be_empty()
    name = similar.get_by_role("link").inner_text()
    similar.get_by_role("link").click()
    expect(page.locator("h1")).to_have_text(name)
    assert page.url.endswith("?q=eels&sort=oldest")


def test_hits_with_any_of_the_words_are_read_one_after_the_other(page: Page) -> None:
    page.goto("/search?q=ledger+whales+zebra&match=any")
    expect(page.locator(".count")).to_contain_text("with any of the words")
    page.locator(".hits h2 a").first.click()
    page.get_by_role("link", name="Next result").click()
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


def at_match(page: Page, number: int, total: int) -> None:
    """Check that the address, the focus and the bar agree on the match, and that it is in view."""
    page.wait_for_url(f"**#match-{number}")
    match = page.locator(f"#match-{number}")
    expect(match).to_be_focused()
    expect(match).to_be_in_viewport()
    expect(page.locator(".jumps")).to_contain_text(f"Match {number} of {total}")
    bar, box = page.locator(".jumps").bounding_box(), match.bounding_box()
    assert bar is not None
    assert box is not None
    assert box["y"] >= bar["y"] + bar["height"]


def test_keys_go_from_match_to_match(scripted: Page) -> None:
    page = scripted
    page.set_viewport_size({"width": 800, "height": 300})
    page.goto("/search?q=the")
    page.goto("/article/g-2024-02?q=the")
    total = page.locator(".body mark").count()
    page.keyboard.press("n")
    at_match(page, 1, total)
    page.get_by_role("button", name="Next match").click()
    page.wait_for_url("**#match-2")
    page.keyboard.press("n")
    at_match(page, 3, total)
    page.keyboard.press("p")
    at_match(page, 2, total)
    page.get_by_role("button", name="Previous match").click()
    page.keyboard.press("p")
    at_match(page, total, total)
    page.go_back()
    page.wait_for_url("**/search?*")  # the matches have left nothing behind


def test_the_address_says_which_match_is_next(scripted: Page) -> None:
    page = scripted
    page.goto("/article/g-2024-02?q=the#match-2")
    total = page.locator(".body mark").count()
    page.keyboard.press("n")
    at_match(page, 3, total)
    page.get_by_role("searchbox").or_(page.get_by_role("combobox")).first.press("n")
    page.wait_for_url("**#match-3")


def test_a_hit_opens_at_its_first_match_in_the_text(page: Page) -> None:
    page.set_viewport_size({"width": 800, "height": 300})
    page.goto("/search?q=body:group")
    page.locator(".hits h2 a").first.click()
    assert page.url.endswith("#match-1")
    expect(page.locator("#match-1")).to_be_in_viewport()
    page.goto("/search?q=title:ledger")
    page.locator(".hits h2 a").first.click()
    assert "#" not in page.url


def test_an_article_is_cited(page: Page) -> None:
    page.goto("/article/g-2024-02?q=eels")
    page.get_by_role("link", name="Cite", exact=True).click()
    expect(page.locator("#cite-1")).to_be_visible()
    expect(page.locator("#cite-1 i")).to_have_count(1)
    for form in ("BibTeX", "RIS", "CSL-JSON"):
        page.locator(".cite section").filter(has_text=form).locator("summary").click()
    expect(page.locator("#cite-file-1")).to_contain_text("@article{")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download RIS").click()
    assert download.value.suggested_filename.endswith(".ris")


def test_an_article_is_printed_with_its_address_and_without_controls(page: Page, address: str) -> None:
    page.goto("/article/g-2024-02?q=eels&hit=1")
    page.emulate_media(media="print")
    expect(page.locator("p.on-paper")).to_have_text(f"{address}/article/g-2024-02")
    expect(page.locator("p.on-paper")).to_be_visible()
    for controls in (".top", ".around", ".jumps", ".cite", ".similar", "button"):
        for each in page.locator(controls).all():
            expect(each).to_be_hidden()


LONG = "the+of+and+eels+river+water+people+harbour+every+night"
SHIFTS = """window.moved = 0
    new PerformanceObserver(list => list.getEntries().forEach(entry => window.moved += entry.value))
        .observe({type: "layout-shift", buffered: true})"""


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_nothing_moves_while_a_page_loads(browser: Browser, address: str, width: int) -> None:
    articles = (
        "the&hit=1",
        "the&hit=1#match-3",
        LONG,
        f"{LONG}&hit=1#match-2",
        "eels&lang=es#match-1",
        "eels&lang=ar#match-1",
    )
    with browser.new_context(base_url=address, viewport={"width": width, "height": 740}) as context:
        page = context.new_page()
        page.add_init_script(SHIFTS)
        for path in (*(f"/article/g-2024-02?q={each}" for each in articles), "/search?q=the", *ADDRESSES):
            page.goto(path)
            page.wait_for_timeout(200)
            assert page.evaluate("window.moved") == 0, path
