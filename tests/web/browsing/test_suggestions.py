"""Suggestions below the search box."""

from playwright.sync_api import Page, expect


def test_suggestions_by_keyboard(scripted: Page) -> None:
    page = scripted
    page.goto("/article/g-2024-02")
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="Search the archive")
    expect(box).to_be_focused()
    page.keyboard.type("the tid")
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options.first).to_contain_text("tide")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "suggestion-0")
    expect(box).to_have_value("the tide")
    page.keyboard.press("ArrowUp")
    expect(box).to_have_value("the tid")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(options.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=the+tide")


def test_a_value_is_suggested_and_found_under_the_filters(scripted: Page) -> None:
    page = scripted
    page.goto("/search?q=tide&sort=newest&language=en")
    box = page.get_by_role("combobox", name="Search the archive")
    box.fill("")
    with page.expect_request("**/api/v1/suggest?*") as asked:
        box.press_sequentially("author:")
    assert "language=en" in asked.value.url
    option = page.get_by_role("option").first
    expect(option).to_contain_text("author · ")
    page.keyboard.press("ArrowDown")
    value = option.locator("span").text_content()
    expect(box).to_have_value(f'author:"{value}"')
    total = (option.locator("small").text_content() or "").removeprefix("author · ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=author*language=en*")
    expect(page.locator("h1, .summary, main").first).to_contain_text(total)


def test_suggestions_by_mouse(scripted: Page) -> None:
    page = scripted
    page.goto("/")
    page.get_by_role("combobox").press_sequentially("ledger")
    title = page.get_by_role("option").filter(has_text="article")
    title.first.click()
    page.wait_for_url("**/article/**")
    expect(page.locator("h1")).to_contain_text("ledger")
