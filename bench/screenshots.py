"""Screenshots of every page type, on a desk, on a phone and in the dark, of the sample archive.

    python -m bench.screenshots [--into FOLDER] [--readme]     (or `make screenshots`)

`--readme` writes those of the README to docs/images as well.
"""

import argparse
import logging
import shutil
import sys
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from bench.real import ROOT
from searchsvc.config import Settings
from searchsvc.indexer.reindex import reindex
from searchsvc.web.app import create_app

PAGES = {
    "home": "/",
    "search": "/search?q=tide+OR+ferry&section=Environment&section=Science",
    "drilled": "/search?q=the&date=2022-06",
    "article": "/article/wire%2F2022-12-23-08.txt?q=%22working+group%22+modernization",
    "values": "/facets/place?q=the&order=value",
    "quote": "/quote?text=Auland+and+Merrow+held+their+workinggroup+meeting+on+tides",
    "nothing": "/search?q=harbur+ferrry&section=Science",
    "wrong": "/search?page=abc",
    "missing": "/article/none",
}
DEVICES = {
    "desk": (1200, 860, "light"),
    "phone": (390, 844, "light"),
    "desk-dark": (1200, 860, "dark"),
    "phone-dark": (390, 844, "dark"),
}
README = {"search.png": "desk-search.png", "article.png": "desk-article.png", "phone.png": "phone-dark-search.png"}


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--into", type=Path, default=Path(tempfile.gettempdir()) / "searchsvc-screenshots")
    options.add_argument("--readme", action="store_true")
    given = options.parse_args()
    chromium = shutil.which("chromium") or sys.exit("Chromium is not installed")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    given.into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(corpus=ROOT / "corpus", index=Path(folder))
        reindex(settings)
        server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        _shoot(f"http://127.0.0.1:{server.server_port}", chromium, given.into)
        server.shutdown()
    if given.readme:
        for name, source in README.items():
            shutil.copyfile(given.into / source, ROOT / "docs" / "images" / name)
    print(f"{len(PAGES) * len(DEVICES)} screenshots in {given.into}")


def _shoot(address: str, chromium: str, into: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        for device, (width, height, scheme) in DEVICES.items():
            size = {"width": width, "height": height}
            page = browser.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]  # one of the two
            for name, path in PAGES.items():
                page.goto(address + path)
                page.screenshot(path=into / f"{device}-{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
