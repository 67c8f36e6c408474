"""What the tests of the readers share: reading one file, and a page with metadata of every kind."""

from searchsvc.corpus import Item, ReaderPool, read_file, walk
from searchsvc.model.article import Article
from tests.conftest import Archive

PAGE = """<html lang="en-GB"><head><title>Tea | Courier</title>
<link rel="canonical" href="https://courier.example/tea"><meta property="og:site_name" content="Courier">
<script type="application/ld+json">{"@graph": [{"@type": ["NewsArticle"], "headline": "Tea &amp; more",
"datePublished": "2022-12-23T23:30:00-05:00", "author": [{"name": "Jane Smith"}, {"name": "Bo Li"}], "keywords":
"tea, trade", "articleSection": "Business", "contentLocation": {"name": "Delhi"}}]}</script></head><body>
<nav><a href="/">Home</a> <a href="/s">Subscribe now</a></nav><article><h1>Tea &amp; more</h1>
<p>The harvest of the hills has never been larger, the growers said on Friday, and never later.</p>
<p>Buyers from nine countries had come to see it, and most of them stayed for a second cup of it.</p></article>
<footer>Cookies and imprint</footer></body></html>"""


def read(archive: Archive, name: str, content: str | bytes) -> list[Item]:
    """Return the items of a file with this content."""
    archive.write({name: content})
    return list(read_file(archive.corpus / name, name))


def read_one(archive: Archive, name: str, content: str | bytes) -> Article:
    """Return the only article of a file with this content."""
    (item,) = read(archive, name, content)
    assert isinstance(item, Article), item
    return item


def read_in_processes(archive: Archive, processes: int) -> dict[str, list[Item]]:
    """Return the items of each file, as processes of their own read them in batches."""
    found: dict[str, list[Item]] = {}
    with ReaderPool(walk(archive.corpus), (), processes) as readers:
        for batch in readers.batches():
            items = found.setdefault(batch.source.path, [])
            assert batch.first == len(items)
            items.extend(batch.items)
    return found


def json_ld(*blocks: str) -> str:
    """Return scripts with these blocks of JSON-LD."""
    return "".join(f'<script type="application/ld+json">{block}</script>' for block in blocks)
