"""Addresses of every kind of page, and the windows to look at them."""

from collections.abc import Iterator

from playwright.sync_api import Browser, BrowserContext

MISQUOTED = "the tide tables of the port were printed by hand"
ADDRESSES = (
    "/",
    "/search?q=tide+OR+tea&place=Saltmarsh",
    "/search?q=zebra",
    "/search?q=harbur+ferrry&section=Science",
    "/facets/tag?q=the&order=value",
    "/facets/place?prefix=zzz",
    "/search?page=x",
    "/article/g-2024-02?q=eels",
    "/quote",
    f"/quote?text={MISQUOTED}&place=Saltmarsh&from=2020",
    "/quote?text=two+words",
    "/none",
    "/help",
    "/api/docs",
)


def views(browser: Browser, address: str) -> Iterator[tuple[str, BrowserContext]]:
    """Yield narrow and wide windows, light and dark, each with its name."""
    for width in (320, 375, 1280):
        for scheme in ("light", "dark"):
            size = {"width": width, "height": 800}
            context = browser.new_context(base_url=address, viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
            yield f"{width} {scheme}", context
            context.close()
