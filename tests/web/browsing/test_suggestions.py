"""Suggestions below the search box, and the keys that lead there."""

import json
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Route, expect

BOX = "Search the archive"


def options(page: Page, group: str = "") -> Locator:
    """Return the suggestions, or those of a group."""
    within = (
        page.get_by_role("listbox").get_by_role("group", name=group, exact=True) if group else page.get_by_role("listbox")
    )
    return within.get_by_role("option")


def test_suggestions_by_keyboard(scripted: Page) -> None:
    page = scripted
    page.goto("/article/g-2024-02")
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name=BOX)
    expect(box).to_be_focused()
    page.keyboard.type("the tid")
    expect(options(page).first).to_contain_text("tide")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "suggestion-0")
    expect(box).to_have_value("the tide")
    page.keyboard.press("ArrowUp")
    expect(box).to_have_value("the tid")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(options(page).first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=the+tide")


def test_the_caret_leaves_the_list_and_tab_closes_it(scripted: Page) -> None:
    page = scripted
    page.goto("/")
    box = page.get_by_role("combobox", name=BOX)
    box.press_sequentially("tid")
    expect(options(page).first).to_be_visible()
    for key, caret in (("Home", 0), ("End", 4)):
        page.keyboard.press("ArrowDown")
        expect(box).to_have_attribute("aria-activedescendant", "suggestion-0")
        page.keyboard.press(key)
        expect(box).not_to_have_attribute("aria-activedescendant", "suggestion-0")
        assert box.evaluate("box => box.selectionStart") == caret
        expect(options(page).first).to_be_visible()
    page.keyboard.press("Alt+ArrowUp")
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Alt+ArrowDown")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Tab")
    expect(box).to_have_attribute("aria-expanded", "false")


def test_suggestions_are_in_groups(scripted: Page) -> None:
    page = scripted
    page.goto("/")
    page.get_by_role("combobox", name=BOX).press_sequentially("sal")
    expect(options(page, "Words").first).to_be_visible()
    place = options(page, "Places").first
    expect(place).to_contain_text("Saltmarsh")
    assert options(page, "Articles").count() <= 4
    total = (place.locator("small").text_content() or "").strip()
    assert Axe().run(page).violations_count == 0
    place.click()
    expect(page.locator(".count")).to_contain_text(f"{total} articles")


def test_a_value_is_suggested_and_found_under_the_filters(scripted: Page) -> None:
    page = scripted
    page.goto("/search?q=tide&sort=newest&language=en")
    box = page.get_by_role("combobox", name=BOX)
    box.fill("")
    with page.expect_request("**/suggest?*") as asked:
        box.press_sequentially("author:")
    assert "language=en" in asked.value.url
    option = options(page, "Authors").first
    expect(option).to_be_visible()
    page.keyboard.press("ArrowDown")
    value = option.locator("span").text_content()
    expect(box).to_have_value(f'author:"{value}"')
    total = option.locator("small").text_content() or ""
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=author*language=en*")
    expect(page.locator(".count")).to_contain_text(total)


def test_suggestions_by_mouse(scripted: Page) -> None:
    page = scripted
    page.goto("/")
    page.get_by_role("combobox").press_sequentially("ledger")
    options(page, "Articles").first.click()
    page.wait_for_url("**/article/**")
    expect(page.locator("h1")).to_contain_text("ledger")


def answer(*words: str) -> str:
    return json.dumps({"text": "", "words": [{"text": each, "total": None} for each in words], "values": [], "titles": []})


def test_a_slow_answer_to_an_earlier_text_is_dropped(scripted: Page) -> None:
    """The first answer is held back until after the second."""
    page, held = scripted, []

    def reply(route: Route) -> None:
        if route.request.url.endswith("q=ti&limit=6"):
            held.append(route)
        else:
            route.fulfill(body=answer("tide"), content_type="application/json")

    page.route("**/suggest?*", reply)
    page.goto("/")
    box = page.get_by_role("combobox", name=BOX)
    with page.expect_event("requestfailed"):
        box.press_sequentially("ti")
        page.wait_for_timeout(300)
        box.press_sequentially("d")
    expect(options(page)).to_have_text(["tide"])
    assert len(held) == 1


def test_an_input_method_is_left_alone(scripted: Page) -> None:
    """Chromium composes a word as an input method for Japanese does: nothing is asked, and Enter is the method's own."""
    page = scripted
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url) if "suggest" in sent.url and "api" in sent.url else None)
    page.goto("/")
    box = page.get_by_role("combobox", name=BOX)
    box.focus()
    method: Any = page.context.new_cdp_session(page)
    for text in ("し", "しお", "潮汐"):
        method.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
    box.evaluate("box => box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))")
    page.wait_for_timeout(300)
    assert asked == []
    with page.expect_request("**/suggest?*"):
        method.send("Input.insertText", {"text": "潮汐"})
    expect(box).to_have_value("潮汐")


def test_titles_have_two_lines_on_a_phone(browser: Browser, address: str) -> None:
    page = browser.new_page(base_url=address, viewport={"width": 360, "height": 740})
    title = "The keeper of the ledger, who wrote down the tides of the harbour for forty years, and of the sea"
    found = {"text": "", "words": [], "values": [], "titles": [{"text": title, "id": "g-2024-02"}]}
    page.route("**/suggest?*", lambda route: route.fulfill(body=json.dumps(found), content_type="application/json"))
    page.goto("/")
    page.get_by_role("combobox", name=BOX).press_sequentially("ledger")
    shown = options(page, "Articles").locator(".title")
    height = shown.evaluate("shown => shown.clientHeight / parseFloat(getComputedStyle(shown).lineHeight)")
    assert height == pytest.approx(2, abs=0.1)
    page.close()


def test_keys_are_for_the_page_only_and_can_be_turned_off(scripted: Page) -> None:
    page = scripted
    page.goto("/article/g-2024-02?q=eels")
    box = page.get_by_role("combobox", name=BOX)
    page.keyboard.press("Control+/")
    expect(box).not_to_be_focused()
    for field in ("<select><option>a</option></select>", "<p contenteditable='true'>a</p>", "<textarea></textarea>"):
        page.evaluate("field => document.querySelector('main').insertAdjacentHTML('afterbegin', field)", field)
        page.locator("main > *").first.focus()
        page.keyboard.press("/")
        expect(box).not_to_be_focused()
    page.locator("h1").click()
    page.keyboard.press("/")
    expect(box).to_be_focused()
    page.get_by_role("checkbox", name="Keyboard shortcuts").uncheck()
    page.reload()
    expect(page.get_by_role("checkbox", name="Keyboard shortcuts")).not_to_be_checked()
    for key in ("/", "n"):
        page.keyboard.press(key)
    expect(box).not_to_be_focused()
    expect(page.locator(".body mark:focus")).to_have_count(0)
    page.get_by_role("checkbox", name="Keyboard shortcuts").check()
    page.locator("h1").click()
    page.keyboard.press("n")
    expect(page.locator(".body mark:focus, .body mark:target").first).to_be_visible()


def test_without_a_script_there_is_no_control_of_keys(browser: Browser, address: str) -> None:
    page = browser.new_page(base_url=address, java_script_enabled=False)
    page.goto("/")
    expect(page.get_by_role("checkbox", name="Keyboard shortcuts")).to_be_hidden()
    page.close()
