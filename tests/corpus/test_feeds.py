"""RSS and Atom feeds."""

import datetime as dt
from io import BytesIO

import pytest

from searchsvc.corpus.formats.feeds import read_feed
from searchsvc.corpus.record import Record
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
    feed = BytesIO(b"<rss><channel><title>S</title><item><title>a</title></item><item><title>b")
    assert [record.fields["title"] for record in read_feed(feed) if isinstance(record, Record)] == ["a", "b"]


@pytest.mark.parametrize("fault", ["R&D", "<p>", "&unknown;", "&#xFFFF;", "\x07", "</b>", "<a b=c>x</a>"])
@pytest.mark.parametrize("padding", [0, 32_700, 32_765])
def test_a_fault_costs_no_reference_behind_it(fault: str, padding: int) -> None:
    """The feed is read in pieces of 32,768 bytes, so that some references are cut."""
    item = "<item><title>a &lt; b &amp; caf&eacute; &#233; AT&T</title><link>https://c.example/?a=1&b=2</link></item>"
    feed = f"<rss><channel><description>{fault}</description>{' ' * padding}{item * 3}</channel></rss>"
    records = [record for record in read_feed(BytesIO(feed.encode())) if isinstance(record, Record)]
    assert [record.fields["title"] for record in records] == ["a < b & café é AT&T"] * 3
    assert {record.fields["url"] for record in records} == {"https://c.example/?a=1&b=2"}


def test_a_feed_in_which_no_entry_ends_is_read() -> None:
    (record,) = read_feed(BytesIO(b"<feed><entry><title>a"))
    assert isinstance(record, Record)
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
    assert isinstance(record, Record)
    assert record.fields["title"] == title


NAMESPACES = """xmlns:media="http://search.yahoo.com/mrss/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
 xmlns:a10="http://www.w3.org/2005/Atom" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" """


def rss_item(archive: Archive, item: str, channel: str = "") -> Article:
    return read_one(archive, "feed.xml", f"<rss {NAMESPACES}><channel>{channel}<item>{item}</item></channel></rss>")


def atom_entry(archive: Archive, entry: str, feed: str = "") -> Article:
    text = f'<feed xmlns="http://www.w3.org/2005/Atom" {NAMESPACES}>{feed}<entry>{entry}</entry></feed>'
    return read_one(archive, "feed.atom", text)


@pytest.mark.parametrize(
    ("item", "body"),
    [
        (
            "<media:content><media:description>A long caption of a picture.</media:description></media:content>"
            "<content:encoded>&lt;p&gt;Story.&lt;/p&gt;</content:encoded>",
            "Story.",
        ),
        (
            "<media:description>A long caption of a picture.</media:description><description>Teaser.</description>",
            "Teaser.",
        ),
        ("<media:group><media:description>What the film shows.</media:description></media:group>", "What the film shows."),
        ("<itunes:summary>What is heard.</itunes:summary><description> </description>", "What is heard."),
        ("<dc:description>Abstract.</dc:description>", "Abstract."),
        ("<a10:content type='html'>&lt;p&gt;Story.&lt;/p&gt;</a10:content>", "Story."),
        ("<description>R&amp;amp;D &amp;#8211; caf&eacute;</description>", "R&D – café"),
        ("<description><![CDATA[If a < b &amp; c]]></description>", "If a < b & c"),
        ("<description>&lt;time&gt;Now&lt;/time&gt; it &lt;del&gt;is&lt;/del&gt; done</description>", "Now it is done"),
    ],
)
def test_the_text_of_rss_is_told_from_captions_by_its_namespace(archive: Archive, item: str, body: str) -> None:
    assert rss_item(archive, f"<title>T</title>{item}").body == body


@pytest.mark.parametrize(
    ("content", "body"),
    [
        ('<content type="text">Use &lt;b&gt; for bold &amp;amp; more</content>', "Use <b> for bold &amp; more"),
        ("<content>&lt;p&gt;One.&lt;/p&gt;</content>", "One."),
        ("<content>Use &lt;b&gt; for bold</content>", "Use <b> for bold"),
        ('<content type="html">R&amp;amp;D</content>', "R&D"),
        ('<summary type="html">&lt;p&gt;S.&lt;/p&gt;</summary><content src="https://c.example/film.mp4"/>', "S."),
        (
            '<content type="xhtml"><h:div xmlns:h="http://www.w3.org/1999/xhtml">'
            "<h:p>A &lt; b.</h:p><h:p>C.</h:p></h:div></content>",
            "A < b.\n\nC.",
        ),
    ],
)
def test_the_text_of_atom_is_what_its_type_says(archive: Archive, content: str, body: str) -> None:
    assert atom_entry(archive, f"<title>T</title>{content}").body == body


@pytest.mark.parametrize(
    ("item", "title"),
    [
        ("<media:title>IMG_1</media:title><title>Tea</title>", "Tea"),
        ("<media:group><media:title>Film</media:title></media:group>", "Film"),
        ("<itunes:title>Talk</itunes:title><description>x</description>", "Talk"),
        ("<title>&lt;em&gt;Tea&lt;/em&gt; &amp;amp; milk</title>", "Tea & milk"),
        ("<title><![CDATA[<a href='x'>Tea</a>]]></title>", "Tea"),
        ("<title>The &lt;table&gt; element</title>", "The <table> element"),
        ("<title>a &lt; b</title>", "a < b"),
    ],
)
def test_the_title_is_the_entry_s_own_without_markup(archive: Archive, item: str, title: str) -> None:
    assert rss_item(archive, item).title == title


def test_titles_of_xhtml_and_of_the_feed_lose_their_markup(archive: Archive) -> None:
    entry = '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Tea <em>or</em> &lt;milk&gt;</div></title>'
    article = atom_entry(archive, entry, '<title type="html">&lt;i&gt;Courier&lt;/i&gt;</title>')
    assert (article.title, article.source) == ("Tea or <milk>", "Courier")


@pytest.mark.parametrize(
    ("item", "date"),
    [
        ("<pubDate>Fri, 23 Dec 2022 10:00:00 GMT</pubDate><dc:date>2022-12-23T10:00:00Z</dc:date>", "2022-12-23"),
        ("<pubDate>soon</pubDate><dc:date>2022-12-23</dc:date>", "2022-12-23"),
        ("<pubDate>ven., 23 déc. 2022 10:00:00 +0100</pubDate>", "2022-12-23"),
        ("<a10:updated>2022-12-23T10:00:00Z</a10:updated>", "2022-12-23"),
        ("<pubDate>Mon, 30 Nov -0001 00:00:00 +0000</pubDate>", "None"),
    ],
)
def test_the_date_is_the_first_that_is_one(archive: Archive, item: str, date: str) -> None:
    assert str(rss_item(archive, f"<title>T</title>{item}").date) == date


def test_an_entry_that_has_only_been_updated_is_of_that_day(archive: Archive) -> None:
    feed = "<updated>2023-01-01T00:00:00Z</updated>"
    assert atom_entry(archive, "<title>T</title><updated>2022-12-23T10:00:00Z</updated>", feed).date == dt.date(
        2022, 12, 23
    )


@pytest.mark.parametrize(
    ("item", "channel", "url"),
    [
        ("<link>/a</link>", "<link>https://c.example/</link>", "https://c.example/a"),
        ("<link>a</link>", '<a10:link rel="self" href="https://c.example/feeds/rss"/>', "https://c.example/feeds/a"),
        ('<link xml:base="https://d.example/x/">a</link>', "<link>https://c.example/</link>", "https://d.example/x/a"),
        (
            "<link>https://proxy.example/~r/1</link><feedburner:origLink>https://c.example/a</feedburner:origLink>",
            "",
            "https://c.example/a",
        ),
    ],
)
def test_links_are_resolved_and_lead_to_the_article_itself(archive: Archive, item: str, channel: str, url: str) -> None:
    assert rss_item(archive, f"<title>T</title>{item}", channel).url == url


@pytest.mark.parametrize(
    ("item", "author"),
    [
        ("<author>jane@c.example (Jane Smith)</author>", ("Jane Smith",)),
        ("<author>jane@c.example</author><dc:creator>Jane Smith</dc:creator>", ("Jane Smith",)),
        ("<itunes:author>Bo Li</itunes:author>", ("Bo Li",)),
        ("<a10:author><a10:name>Jo</a10:name><a10:email>jo@c.example</a10:email></a10:author>", ("Jo",)),
        ("<dc:creator>Jo</dc:creator><dc:creator>Bo Li</dc:creator>", ("Jo", "Bo Li")),
    ],
)
def test_authors_are_names(archive: Archive, item: str, author: tuple[str, ...]) -> None:
    assert rss_item(archive, f"<title>T</title>{item}").author == author


def test_an_entry_without_author_has_that_of_the_feed(archive: Archive) -> None:
    assert atom_entry(archive, "<title>T</title>", "<author><name>Ève</name></author>").author == ("Ève",)


def test_prefixes_may_be_other_ones_or_not_declared(archive: Archive) -> None:
    other = '<m:title xmlns:m="http://search.yahoo.com/mrss/">IMG_1</m:title><title>Tea</title>'
    assert rss_item(archive, other).title == "Tea"
    bare = "<media:title>IMG_1</media:title><title>Tea</title><dc:creator>Jo</dc:creator>"
    article = read_one(archive, "bare.xml", f"<rss><channel><item>{bare}</item></channel></rss>")
    assert (article.title, article.author) == ("Tea", ("Jo",))


def test_elements_that_mean_no_field_are_kept_and_captions_named_as_such(archive: Archive) -> None:
    media = "<media:content><media:title>IMG_1</media:title><media:credit>Bo Li</media:credit></media:content>"
    article = rss_item(
        archive, f"<title>T</title>{media}<georss:point>1 2</georss:point><comments>https://c.example/c</comments>"
    )
    assert article.extra == {"media_content": ("IMG_1", "Bo Li"), "point": ("1 2",), "comments": ("https://c.example/c",)}


def test_the_source_of_an_entry_is_the_feed_that_it_is_from(archive: Archive) -> None:
    assert atom_entry(archive, "<title>T</title><source><title>Wire</title><id>x</id></source>").source == "Wire"


def test_rss_1_has_its_entries_beside_the_channel(archive: Archive) -> None:
    rdf = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Wire</title><link>https://c.example/</link>
<dc:language>fr</dc:language></channel><item><title>Thé</title><link>a</link><dc:date>2022-12-23T23:00+09:00</dc:date>
<dc:subject>port</dc:subject><description>Texte.</description></item></rdf:RDF>"""
    article = read_one(archive, "feed.rss", rdf)
    assert (article.title, article.source, article.language, article.tag) == ("Thé", "Wire", "fr", ("port",))
    assert (article.url, article.date, article.body) == ("https://c.example/a", dt.date(2022, 12, 23), "Texte.")
