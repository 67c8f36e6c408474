"""Exports of blogs: published posts and pages of WordPress and Blogger, and nothing else."""

import datetime as dt

from searchsvc.corpus import ReadNote
from searchsvc.indexer.reindex import reindex
from searchsvc.model.article import Article
from tests.conftest import Archive
from tests.corpus.reading import read

EXPORT = """<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.1/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.1/"><channel><title>Hills</title><link>https://hills.example</link>
<wp:author><wp:author_login>jsmith</wp:author_login><wp:author_email>jane@hills.example</wp:author_email>
<wp:author_display_name><![CDATA[Jane Smith]]></wp:author_display_name></wp:author>{items}</channel></rss>"""
POST = """<item><title>Tea</title><link>https://hills.example/tea</link><pubDate>Fri, 23 Dec 2022 23:30:00 +0000</pubDate>
<dc:creator>jsmith</dc:creator><content:encoded><![CDATA[<!-- wp:paragraph -->It grew.

[caption id="a1" width="3"]<img src="x"> A leaf.[/caption]

<em>And</em> was cut.]]></content:encoded><excerpt:encoded>Short.</excerpt:encoded><wp:post_id>5</wp:post_id>
<wp:post_date>2022-12-24 00:30:00</wp:post_date><wp:post_date_gmt>2022-12-23 23:30:00</wp:post_date_gmt>
<wp:status>{status}</wp:status><wp:post_type>{kind}</wp:post_type><wp:post_password>{password}</wp:post_password>
<category domain="category" nicename="uncategorized">Uncategorized</category>
<category domain="category" nicename="trade">Trade</category><category domain="post_tag" nicename="leaf">leaf</category>
<wp:postmeta><wp:meta_key>mail</wp:meta_key><wp:meta_value>bo@mail.example</wp:meta_value></wp:postmeta>
<wp:comment><wp:comment_author>Bo Li</wp:comment_author><wp:comment_author_email>bo@mail.example</wp:comment_author_email>
<wp:comment_author_IP>192.0.2.7</wp:comment_author_IP><wp:comment_content>Nice!</wp:comment_content></wp:comment></item>"""
BLOGGER = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:app="http://purl.org/atom/app#"><title>Hills</title>{entries}</feed>"""
ENTRY = """<entry><id>tag:b,{kind}</id><category scheme="http://schemas.google.com/g/2005#kind"
term="http://schemas.google.com/blogger/2008/kind#{kind}"/><category term="tea"/><title>Tea</title>{more}
<published>2022-12-23T10:00:00Z</published><content type="html">&lt;p&gt;It grew.&lt;/p&gt;</content></entry>"""


def post(status: str = "publish", kind: str = "post", password: str = "") -> str:
    return POST.format(status=status, kind=kind, password=password)


def test_a_post_of_wordpress_has_its_text_and_what_the_blog_says_of_it(archive: Archive) -> None:
    (article,) = read(archive, "wordpress.xml", EXPORT.format(items=post()))
    assert isinstance(article, Article)
    assert article.body == "It grew.\n\nA leaf.\n\nAnd was cut."
    assert (article.title, article.author, article.source) == ("Tea", ("Jane Smith",), "Hills")
    assert (article.section, article.tag, article.url) == ("Trade", ("Trade", "leaf"), "https://hills.example/tea")
    assert (article.date, article.published) == (dt.date(2022, 12, 24), dt.datetime(2022, 12, 23, 23, 30, tzinfo=dt.UTC))
    assert not article.extra


def test_only_published_posts_and_pages_are_articles_and_the_others_are_counted(archive: Archive) -> None:
    others = [post("draft"), post("draft"), post("private"), post("inherit", "attachment"), post(kind="nav_menu_item")]
    items = "".join([post(), post(kind="page"), *others, post(password="secret")])
    archive.write({"wordpress.xml": EXPORT.format(items=items)})
    report = reindex(archive.settings)
    assert not report.failures
    (note,) = report.notes
    assert "has 6 entries that are no published post or page" in note
    assert all(kind in note for kind in ("draft 2", "private 1", "attachment 1", "nav_menu_item 1", "protected 1"))
    found = read(archive, "wordpress.xml", EXPORT.format(items=items))
    assert [type(item) for item in found] == [Article, Article, ReadNote]


def test_a_draft_has_no_date_of_zeros(archive: Archive) -> None:
    item = post().replace("2022-12-24 00:30:00", "0000-00-00 00:00:00").replace("Fri, 23 Dec 2022", "Mon, 30 Nov -0001")
    (article,) = read(archive, "wordpress.xml", EXPORT.format(items=item))
    assert isinstance(article, Article)
    assert article.date is None


def test_comments_templates_and_drafts_of_blogger_are_no_articles(archive: Archive) -> None:
    draft = "<app:control><app:draft>yes</app:draft></app:control>"
    kinds = [("post", ""), ("comment", ""), ("template", ""), ("settings", ""), ("page", draft)]
    entries = "".join(ENTRY.format(kind=kind, more=more) for kind, more in kinds)
    article, note = read(archive, "blog.xml", BLOGGER.format(entries=entries))
    assert isinstance(article, Article)
    assert (article.title, article.tag, article.body) == ("Tea", ("tea",), "It grew.")
    assert isinstance(note, ReadNote)
    assert "has 4 entries" in note.text
