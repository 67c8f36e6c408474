"""The pictures of the documentation: pages of the sample archive, on a desk and on a phone, in the light and the dark.

    python -m bench.screenshots [--into FOLDER]     (or `make screenshots`)

They are written to docs/images, or to another folder to look at.
"""

import argparse
import logging
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from bench.real import ROOT
from searchsvc.config import Settings
from searchsvc.indexer.reindex import reindex
from searchsvc.web.app import create_app

DESK, PHONE = (1280, 860), (390, 780)
MAX_BYTES = 200_000
"""Of a picture, since each clone of the repository has them."""
_TITLE = "The Saltmarsh archive"
_INTRO = "News, letters and reports from a coast that does not exist, in every format that archives come in."


class Picture(NamedTuple):
    """A page, the window to look at it, and the texts that are pressed before."""

    path: str
    size: tuple[int, int] = DESK
    scheme: str = "light"
    pressed: tuple[str, ...] = ()


_SEARCH = "/search?q=tide+OR+ferry&section=Environment&section=Science"
PICTURES = {
    "home": Picture("/"),
    "search": Picture(_SEARCH),
    "dark": Picture(_SEARCH, scheme="dark"),
    "phone": Picture(_SEARCH, PHONE, "dark"),
    "phone-filters": Picture(_SEARCH, PHONE, pressed=("Filters (2)",)),
    "article": Picture("/article/wire%2F2022-12-23-08.txt?q=%22working+group%22+modernization&hit=1"),
    "values": Picture("/facets/place?q=the&order=value"),
    "compare": Picture("/search?q=tide&vs=ferry&vs=harbour"),
    "trends": Picture("/trends?unit=month&burst=2022-04", (1280, 1250)),
    "concordance": Picture("/concordance?q=tide"),
    "versions": Picture("/compare?a=bees-1&b=bees-5"),
    "quote": Picture("/quote?text=Auland+and+Merrow+held+their+workinggroup+meeting+on+tides"),
    "nothing": Picture("/search?q=%22working+groups+meeting%22"),
}
"""By the name of the file."""


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--into", type=Path, default=ROOT / "docs" / "images")
    into = options.parse_args().into
    chromium = shutil.which("chromium") or sys.exit("Chromium is not installed")
    into.mkdir(parents=True, exist_ok=True)
    with _sample_archive() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        for name, picture in PICTURES.items():
            _take(browser, address, picture, into / f"{name}.png")
        browser.close()
    print(f"{len(PICTURES)} pictures in {into}")


@contextmanager
def _sample_archive() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(corpus=ROOT / "corpus", index=Path(folder), title=_TITLE, intro=_INTRO)
        reindex(settings)
        server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _take(browser: Browser, address: str, picture: Picture, file: Path) -> None:
    width, height = picture.size
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=picture.scheme)  # type: ignore[arg-type]  # one of the two
    response = page.goto(address + picture.path)
    if response is None or not response.ok:
        sys.exit(f"{picture.path} cannot be shown")
    for text in picture.pressed:
        page.get_by_text(text, exact=True).click()
    page.mouse.move(0, 0)
    page.screenshot(path=file)
    page.close()
    if file.stat().st_size > MAX_BYTES:
        sys.exit(f"{file} has more than {MAX_BYTES:,} bytes")


if __name__ == "__main__":
    main()
