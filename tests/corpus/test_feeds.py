"""RSS and Atom feeds."""

import datetime as dt
from io import BytesIO

import pytest

from searchsvc.corpus.formats.feeds import read_feed
from searchsvc.errors import UserError
from searchsvc.model.article import Article
from tests.conftest import Archive
from tests.corpus.reading import read, read_one

RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>The Courier</title><language>en-gb</language>
<item><title>Tea &amp;amp; milk</title><link>https://courier.example/1</link><guid>g1</guid>
<dc:creator>Jane Smith</dc:creator>
<pubDate>Fri, 23 Dec 2022 23:30:00 -0500</pubDate><category>Trade</category><category>Tea</category>
<description>Short.</description>
<content:encoded><![CDATA[<p>The whole <b>story</b>.</p><p>Its end.</p>]]></content:encoded></item>
<item><title>Second</title><link>https://courier.example/2</link></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title>Le Courrier</title>
<entry><id>tag:x,1</id><title type="html">Thé</title><published>2022-12-01T10:00:00Z</published>
<updated>2023-01-01T00:00:00Z</updated>
<link rel="self" href="https://c.example/self"/><link href="https://c.example/1"/><author><name>Ève</name></author>
<category term="thé"/><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Un.</p><p>Deux.</p></div></content></entry></feed>"""


def test_rss(archive: Archive) -> None:
    first, second = read(archive, "feed.xml", RSS)
    assert isinstance(first, Article)
    assert (first.id, first.title, first.url) == ("g1", "Tea & milk", "https://courier.example/1")
    assert (first.date, first.author, first.tag) == (dt.date(2022, 12, 23), ("Jane Smith",), ("Trade", "Tea"))
    assert (first.source, first.language, first.body) == ("The Courier", "en", "The whole story.\n\nIts end.")
    assert isinstance(second, Article)
    assert second.id == "https://courier.example/2"


def test_atom(archive: Archive) -> None:
    atom = read_one(archive, "feed.atom", ATOM)
    assert (atom.id, atom.title, atom.url, atom.author) == ("tag:x,1", "Thé", "https://c.example/1", ("Ève",))
    assert (atom.body, atom.date, atom.tag, atom.language) == ("Un.\n\nDeux.", dt.date(2022, 12, 1), ("thé",), "fr")
    assert atom.extra == {"updated": ("2023-01-01T00:00:00Z",)}


@pytest.mark.parametrize(
    ("element", "title"),
    [
        ("<title>&amp;lt;b&amp;gt; and &amp;amp;</title>", "&lt;b&gt; and &amp;"),
        ('<title type="text">&amp;amp;</title>', "&amp;"),
        ('<title type="html">AT&amp;amp;T</title>', "AT&T"),
        ('<title type="html">&amp;amp;amp;</title>', "&amp;"),
    ],
)
def test_titles_of_atom_are_decoded_as_their_type_says(archive: Archive, element: str, title: str) -> None:
    atom = ATOM.replace('<title type="html">Thé</title>', element)
    assert read_one(archive, "feed.atom", atom).title == title


def test_ids_and_addresses_are_taken_as_written(archive: Archive) -> None:
    address = "https://c.example/?a=1&amp;copy=2"
    item = f"<item><title>T</title><guid>a&amp;amp;b</guid><link>{address}</link><category>A&amp;copyB</category></item>"
    article = read_one(archive, "feed.xml", f"<rss><channel>{item}</channel></rss>")
    assert (article.id, article.url, article.tag) == ("a&amp;b", "https://c.example/?a=1&copy=2", ("A&copyB",))


@pytest.mark.parametrize("link", ["<link>/2021/rel</link>", '<link href="/2021/rel"/>'])
def test_relative_links_are_resolved_where_the_feed_names_its_address(archive: Archive, link: str) -> None:
    feed = f"<rss{{}}><channel><item><title>T</title>{link}</item></channel></rss>"
    resolved = read_one(archive, "feed.xml", feed.format(' xml:base="https://c.example/feed"'))
    assert resolved.id == resolved.url == "https://c.example/2021/rel"
    relative = read_one(archive, "feed.xml", feed.format(""))
    assert (relative.id, relative.url) == ("feed.xml#1", "/2021/rel")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<urlset><url/></urlset>", "is XML, but neither an RSS nor an Atom feed"),
        (" ", "is not well formed: it contains no XML"),
        ("no XML", "is not well formed: it contains no XML"),
    ],
)
def test_other_files_are_rejected(content: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        list(read_feed(BytesIO(content.encode())))


def test_a_truncated_feed_keeps_its_entries() -> None:
    first, second = read_feed(BytesIO(b"<rss><channel><title>S</title><item><title>a</title></item><item><title>b"))
    assert (first.fields["title"], second.fields["title"]) == ("a", "b")


def test_a_feed_in_which_no_entry_ends_is_read() -> None:
    (record,) = read_feed(BytesIO(b"<feed><entry><title>a"))
    assert record.fields["title"] == "a"


TEN_TIMES_EACH = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))


@pytest.mark.parametrize(
    ("doctype", "entity", "title"),
    [
        (f'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{TEN_TIMES_EACH}]>', "j", "T"),
        ('<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]>', "f", "T &f;"),
    ],
)
def test_entities_are_not_resolved(doctype: str, entity: str, title: str) -> None:
    feed = f"{doctype}<rss><channel><item><title>T &{entity};</title></item></channel></rss>"
    (record,) = read_feed(BytesIO(feed.encode()))
    assert record.fields["title"] == title
