"""The page that checks a quotation."""

from playwright.sync_api import Page, expect


def test_a_quotation_is_checked(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Check a quotation").click()
    page.get_by_label("Quotation", exact=True).fill("held a working group\nmeeting")
    page.get_by_role("button", name="Check").click()
    assert "working" not in page.url
    expect(page.locator(".count")).to_have_text("Printed word for word in 1 article")
    expect(page.locator(".printed mark").first).to_have_text("held a working group meeting")
    page.get_by_role("link", name="Link to this check").click()
    assert "text=held+a+working+group" in page.url
    page.get_by_label("Quotation", exact=True).fill("they held a workinggroup meeting")
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".count")).to_have_text("Not printed word for word")
    expect(page.locator(".printed").first.locator("del")).to_have_text(["they", "workinggroup"])
    expect(page.locator(".printed").first.locator("ins")).to_have_text("working group")
    page.locator(".answer h3 a").first.click()
    expect(page.locator(".body mark").first).to_have_text("held a working group meeting")
