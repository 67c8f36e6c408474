"""Pages of unusual archives: hostile, empty, tiny, and with extreme values."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from searchsvc.indexer.reindex import reindex
from searchsvc.web.app import create_app
from tests.conftest import Archive
from tests.serving import serving

pytestmark = pytest.mark.browser

ATTACKS = (
    "<script>window.hacked = 1</script>",
    "<img src=x onerror=window.hacked=1>",
    '"><svg onload=window.hacked=1>',
    "' autofocus onfocus=window.hacked=1 x='",
    "</mark></title></style></textarea><script>window.hacked=1</script>",
    "javascript:window.hacked=1",
    "&lt;script&gt;window.hacked=1&lt;/script&gt;",
    "{{ 7 * 7 }}{% raw %}${7*7}",
    "<mark>tea</mark> <b>tea</b> \x00 \u202e tea",
)
SERVED = Callable[[Archive], str]


@pytest.fixture
def served() -> Iterator[SERVED]:
    """Yield a function that indexes and serves an archive, and returns its address."""
    with ExitStack() as ending:

        def serve(archive: Archive) -> str:
            reindex(archive.settings)
            return ending.enter_context(serving(create_app(archive.settings)))

        yield serve


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Yield a page that fails the test on any error in the console, such as a violation of the security policy."""
    context = browser.new_context(viewport={"width": 360, "height": 800})
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("dialog", lambda dialog: problems.append(dialog.message))
    yield page
    context.close()
    assert [problem for problem in problems if "404" not in problem and "400" not in problem] == []


def is_harmless(page: Page) -> bool:
    """Return whether no script of an article has run, and no element could run one."""
    found = page.evaluate("""() => [
        window.hacked === undefined,
        document.querySelectorAll("script:not([src], [type='application/ld+json'])").length === 0,
        [...document.querySelectorAll("script[src]")].every(e => e.src.startsWith(location.origin + "/static/")),
        [...document.querySelectorAll("*")].every(e => [...e.attributes].every(a => !a.name.startsWith("on"))),
        [...document.querySelectorAll("a, form")].every(e => !/^javascript:/i.test(e.href || e.action || "")),
        document.querySelectorAll("img, iframe, object, embed, b, style").length === 0,
    ]""")
    return bool(found == [True] * len(found))


def test_nothing_from_an_article_runs_in_a_page(archive: Archive, served: SERVED, page: Page) -> None:
    names = ("title", "body", "author", "source", "section", "place", "tag", "language", "url")
    rows = [
        {"id": f"{number} {attack}", **dict.fromkeys(names, f"tea {attack}"), "url": attack, f"own {attack}": attack}
        for number, attack in enumerate(ATTACKS)
    ]
    archive.write({"a.jsonl": "".join(json.dumps(row) + "\n" for row in rows), "<svg onload=x>.txt": f"tea {ATTACKS[0]}"})
    archive.write({"b.txt": ATTACKS[1], "broken.txt": b"tea \xff\xfe<script>window.hacked=1</script>\xed\xa0\x80"})
    address = served(archive)
    paths = ["/", "/search?q=tea", "/facets/tag", f"/facets/{quote('own ' + ATTACKS[0], safe='')}"]
    paths += [f"/search?q={quote(attack)}&tag={quote(attack)}" for attack in ATTACKS[:8]]
    paths += [f"/facets/tag?prefix={quote(attack)}&q={quote(attack)}" for attack in ATTACKS[:8]]
    paths += [f"/article/{quote(attack, safe='')}" for attack in ATTACKS[:8]]
    paths += [f"/quote?text=some+tea+{quote(attack)}&tag={quote(attack)}&from={quote(attack)}" for attack in ATTACKS[:8]]
    paths += [f"/quote?text={quote(f'tea {attack} and {attack}')}" for attack in ATTACKS[:8]]
    for path in paths:
        page.goto(address + path)
        assert is_harmless(page), path
    page.goto(f"{address}/search?q=tea&per_page=50")
    links = [link.get_attribute("href") or "" for link in page.locator(".hits h2 a").all()]
    assert len(links) == len(ATTACKS) + 2
    for link in links:
        page.goto(address + link)
        assert page.locator("article h1").count() == 1
        assert is_harmless(page), link
    page.goto(address)
    page.get_by_role("combobox").press_sequentially("te")
    page.get_by_role("option").first.wait_for()
    assert is_harmless(page)


def too_wide(page: Page) -> list[str]:
    """Return the elements that extend beyond the window."""
    found: list[str] = page.evaluate("""() => document.documentElement.scrollWidth <= innerWidth ? [] :
        [...document.querySelectorAll("main *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
        .map(e => e.outerHTML.slice(0, 80)).slice(0, 5)""")
    return found


def test_an_empty_archive(archive: Archive, served: SERVED, page: Page) -> None:
    address = served(archive.write({"empty.txt": ""}))
    for path in ("/", "/search?q=tea&sort=newest", "/search.atom", "/search.csv", "/search.jsonl", "/opensearch.xml"):
        response = page.request.get(address + path)
        assert response.ok, path
    page.goto(address)
    assert page.get_by_role("heading", name="This archive is empty").is_visible()


def test_one_article_without_anything(archive: Archive, served: SERVED, page: Page) -> None:
    address = served(archive.write({"a.txt": "tea"}))
    page.goto(address)
    assert page.locator(".count").inner_text() == "1 article"
    page.locator(".hits a").first.click()
    assert page.locator("h1").inner_text() == "tea"
    assert page.locator(".similar").count() == 0


def test_extremes_fit_and_are_quick(archive: Archive, served: SERVED, page: Page) -> None:
    tags = [f"value {n}" for n in range(1_000)]
    rows: list[dict[str, Any]] = [{"title": "T" * 2_000, "body": "tea" + "x" * 100_000, "tag": tags, "date": "2020"}]
    rows += [
        {"title": "tea " * 400, "body": "tea " * 20_000, "author": "A" * 900, "date": f"{1800 + n}"} for n in range(99)
    ]
    rows += [{"title": f"tea {n}", "body": "y", "kind": f"kind {n}"} for n in range(10_000)]
    address = served(archive.write({"a.jsonl": "".join(json.dumps(row) + "\n" for row in rows)}))
    for path in ("/search?q=tea", "/search?q=title:tea&sort=oldest&per_page=100", "/facets/kind?q=tea", "/facets/author"):
        page.goto(address + path)
        assert too_wide(page) == [], path
    assert page.request.get(f"{address}/facets/kind?order=value&page=100").ok
    page.goto(f"{address}/search?q={'T' * 900}")
    page.goto(f"{address}/article/{quote('a.jsonl#2', safe='')}?q=tea")
    assert too_wide(page) == []
    assert page.locator(".jumps .matches").inner_text() == "20,000 matches"


def test_a_customised_site(archive: Archive, served: SERVED, page: Page) -> None:
    own = archive.corpus.parent / "templates"
    own.mkdir()
    (own / "message.html").write_text("{% extends 'base.html' %}{% block main %}<h1>Nothing here</h1>{% endblock %}")
    rows = [{"title": f"tea {n}", "tag": f"t{n % 3}", "mood": f"m{n % 2}"} for n in range(6)]
    archive.write({"a.jsonl": "".join(json.dumps(row) + "\n" for row in rows)})
    archive.settings = archive.with_settings(
        title="The <Harbour> Archive", intro="All we & they wrote.", accent="#7a1f4b", facets=("mood", "tag"), templates=own
    )
    address = served(archive)
    page.goto(address)
    assert page.title() == "The <Harbour> Archive"
    assert page.locator(".intro").inner_text() == "All we & they wrote."
    assert page.locator(".facet h2").all_inner_texts() == ["Mood", "Tag"]
    colour = page.locator("button[type=submit]").first.evaluate("element => getComputedStyle(element).backgroundColor")
    assert colour == "rgb(122, 31, 75)"
    page.goto(f"{address}/article/none")
    assert page.locator("h1").inner_text() == "Nothing here"
