"""Addresses of every kind of page, and the windows to look at them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

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
    "/trends?q=pianos&vs=sea&unit=month&per=archive&smooth=3&burst=2022-04&from=2019&place=Lanthorn",
    "/trends?unit=week",
    "/concordance",
    "/concordance?q=tide&place=Saltmarsh",
    "/concordance?q=the&left=of&page=9",
    "/search?q=bees",
    "/article/bees-4",
    "/versions/bees-4",
    "/compare?a=bees-1&b=bees-5",
    "/none",
    "/help",
    "/api/docs",
)
DESK, PHONE = (1280, 900), (360, 740)
"""Windows in which the first hit has to be above the fold."""


@contextmanager
def window(browser: Browser, address: str, size: tuple[int, int], **options: Any) -> Iterator[BrowserContext]:
    """Open a window of the site."""
    context = browser.new_context(base_url=address, viewport={"width": size[0], "height": size[1]}, **options)
    yield context
    context.close()


def views(browser: Browser, address: str) -> Iterator[tuple[str, BrowserContext]]:
    """Yield narrow and wide windows, light and dark, each with its name."""
    for width in (320, 375, 1280):
        for scheme in ("light", "dark"):
            size = {"width": width, "height": 800}
            context = browser.new_context(base_url=address, viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
            yield f"{width} {scheme}", context
            context.close()
