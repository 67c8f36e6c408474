"""What is done with the results as a whole: following, exporting, copying and printing."""

from playwright.sync_api import Browser, Page, expect


def test_results_are_exported(page: Page) -> None:
    page.goto("/search?q=tide")
    total = page.locator(".count").inner_text().split()[0]
    page.get_by_text("Export", exact=True).click()
    expect(page.locator(".sheet:visible")).to_contain_text(f"All {total} articles")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "tide.csv"
    assert download.value.path().read_bytes().startswith(b"\xef\xbb\xbfid,title")


def test_results_are_followed(page: Page) -> None:
    page.goto("/search?q=tide&place=Saltmarsh")
    page.get_by_text("Follow", exact=True).click()
    link = page.get_by_role("link", name="Follow this search")
    expect(link).to_be_visible()
    assert page.request.get(link.get_attribute("href") or "").headers["content-type"].startswith("application/atom+xml")


def test_menus_close_by_escape_and_a_click_elsewhere(scripted: Page) -> None:
    page = scripted
    page.goto("/search?q=tide")
    export, sheet = page.get_by_text("Export", exact=True), page.locator(".sheet:visible")
    export.click()
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(export).to_be_focused()
    export.click()
    page.get_by_text("Follow", exact=True).click()
    expect(sheet).to_have_count(1)
    page.locator("h1").click()
    expect(sheet).to_have_count(0)


def test_a_link_is_copied_and_said_so(browser: Browser, address: str) -> None:
    with browser.new_context(base_url=address, permissions=["clipboard-read", "clipboard-write"]) as context:
        page = context.new_page()
        page.goto("/search?q=tide&place=Saltmarsh#hit-2")
        page.get_by_role("button", name="Copy link").click()
        expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
        assert page.evaluate("navigator.clipboard.readText()") == f"{address}/search?q=tide&place=Saltmarsh"
        expect(page.get_by_role("button", name="Copy link")).to_be_visible()


def test_without_a_clipboard_the_text_is_copied_as_by_hand(browser: Browser, address: str) -> None:
    with browser.new_context(base_url=address, permissions=["clipboard-read", "clipboard-write"]) as context:
        page = context.new_page()
        page.add_init_script("navigator.clipboard.writeText = () => Promise.reject()")
        page.goto("/article/g-2024-02")
        page.get_by_text("Cite this article").click()
        page.get_by_role("button", name="Copy BibTeX").click()
        expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
        assert page.evaluate("navigator.clipboard.readText()").startswith("@article{")
        expect(page.get_by_role("button", name="Copy BibTeX")).to_be_focused()


def test_there_is_nothing_to_copy_with_without_scripts(browser: Browser, address: str) -> None:
    with browser.new_context(base_url=address, java_script_enabled=False) as context:
        page = context.new_page()
        for path in ("/search?q=tide", "/article/g-2024-02"):
            page.goto(path)
            assert page.locator("button.copy:visible").count() == 0


def test_snippets_show_where_they_are_cut(page: Page) -> None:
    page.goto('/search?q="fish+pass"')
    assert any(text.startswith("…") for text in page.locator(".snippet").all_inner_texts())
    assert any(text.endswith("…") for text in page.locator(".snippet").all_inner_texts())
