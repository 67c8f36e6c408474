"""Atom feeds and OpenSearch descriptions as golden outputs: always valid XML, with ids and times that last."""

import datetime as dt
import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from searchsvc.api import Addresses
from searchsvc.config import Settings
from searchsvc.indexer.reindex import reindex
from searchsvc.model.article import Article
from searchsvc.model.results import Hit, Snippet
from searchsvc.web.app import create_app
from searchsvc.web.syndication import Feed, opensearch_description, tags_of
from tests.api.test_exports import TEA, article
from tests.conftest import ENGINES, Archive

ROOT = "https://archive.example/"
ADDRESSES = Addresses(origin="https://archive.example")
HERE = "https://archive.example/search.atom?q=tea&sort=newest"
UPDATED = "2026-01-31T12:00:00+00:00"
EMPTY = Feed(
    *("tea – Archive", "tag:archive.example,2026:", "search?q=tea"),
    *(ADDRESSES, HERE, f"{ROOT}search?q=tea&sort=newest"),
    *((), {}, dt.datetime.fromisoformat(UPDATED)),
)
NAMES = {"a": "http://www.w3.org/2005/Atom"}


def feed(*hits: Hit | Article, title: str = "tea – Archive") -> Any:
    """Return the parsed feed of these hits."""
    found = [each if isinstance(each, Hit) else Hit(each, None, Snippet(each.title), ()) for each in hits]
    return etree.fromstring(replace(EMPTY, title=title, hits=found).xml())


def entry(**changed: Any) -> Any:
    """Return the only entry of a feed."""
    return feed(article(**changed)).find("a:entry", NAMES)


def test_a_feed_without_hits() -> None:
    assert EMPTY.xml().decode() == (
        "<?xml version='1.0' encoding='utf-8'?>\n"
        '<feed xmlns="http://www.w3.org/2005/Atom">\n'
        "  <title>tea – Archive</title>\n"
        "  <id>tag:archive.example,2026:search?q=tea</id>\n"
        f"  <updated>{UPDATED}</updated>\n"
        '  <link rel="self" href="https://archive.example/search.atom?q=tea&amp;sort=newest" '
        'type="application/atom+xml" />\n'
        '  <link rel="alternate" href="https://archive.example/search?q=tea&amp;sort=newest" type="text/html" />\n'
        "</feed>"
    )


def test_an_entry_in_full() -> None:
    hit = Hit(TEA, 4.2, Snippet(TEA.title, ((0, 3),)), (Snippet("Green tea.", ((6, 9),)), Snippet("Black tea.")))
    shown = replace(EMPTY, hits=[hit]).xml().decode()
    assert shown[shown.index("  <entry") :] == (
        '  <entry xml:lang="en">\n'
        "    <title>Tea &amp; &lt;cups&gt;</title>\n"
        "    <id>tag:archive.example,2026:article/a%2F1</id>\n"
        '    <link rel="alternate" href="https://archive.example/article/a%2F1" type="text/html" />\n'
        '    <link rel="via" href="https://a.example/1?x=1&amp;y=2" type="text/html" />\n'
        "    <updated>2022-12-23T10:00:00+05:30</updated>\n"
        "    <published>2022-12-23T10:00:00+05:30</published>\n"
        "    <author>\n      <name>Ann</name>\n    </author>\n"
        "    <author>\n      <name>Bo</name>\n    </author>\n"
        '    <category term="Food" />\n'
        '    <category term="tea" />\n'
        '    <category term="cups" />\n'
        "    <summary>Green tea. … Black tea.</summary>\n"
        "  </entry>\n"
        "</feed>"
    )


@pytest.mark.parametrize(
    ("fields", "updated", "published"),
    [
        pytest.param({}, UPDATED, None, id="an undated article has the time of the generation"),
        pytest.param({"date": dt.date(2022, 1, 2)}, "2022-01-02T00:00:00+00:00", "2022-01-02T00:00:00+00:00", id="a day"),
        pytest.param({"date": dt.date(5, 1, 2)}, "0005-01-02T00:00:00+00:00", "0005-01-02T00:00:00+00:00", id="antiquity"),
        pytest.param(
            {"published": TEA.published}, "2022-12-23T10:00:00+05:30", "2022-12-23T10:00:00+05:30", id="an instant"
        ),
    ],
)
def test_times_of_an_entry(fields: dict[str, Any], updated: str, published: str | None) -> None:
    found = entry(**fields)
    assert (found.findtext("a:updated", None, NAMES), found.findtext("a:published", None, NAMES)) == (updated, published)


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"author": ("Ann", "Bo"), "source": "ANI"}, ["Ann", "Bo"]),
        ({"source": "ANI"}, ["ANI"]),
        pytest.param({}, ["unknown"], id="an entry must have an author"),
        ({"author": ("<b>&",)}, ["<b>&"]),
    ],
)
def test_authors_of_an_entry(fields: dict[str, Any], names: list[str]) -> None:
    assert [each.text for each in entry(**fields).findall("a:author/a:name", NAMES)] == names


@pytest.mark.parametrize(
    ("fields", "terms"),
    [
        ({}, []),
        ({"section": "Food"}, ["Food"]),
        ({"tag": ("a", "", "b")}, ["a", "b"]),
        ({"section": 'x"&<', "tag": ("y",)}, ['x"&<', "y"]),
    ],
)
def test_categories_of_an_entry(fields: dict[str, Any], terms: list[str]) -> None:
    assert [each.get("term") for each in entry(**fields).findall("a:category", NAMES)] == terms


@pytest.mark.parametrize(
    ("article_id", "path"),
    [
        ("a", "/article/a"),
        ("a b?c#d", "/article/a%20b%3Fc%23d"),
        ("https://a.example/1", "/article/https%3A%2F%2Fa.example%2F1"),
        ("../x", "/article/..%2Fx"),
        ("é", "/article/%C3%A9"),
        ("100%", "/article/100%25"),
    ],
)
def test_an_entry_leads_to_its_page(article_id: str, path: str) -> None:
    found = entry(id=article_id)
    assert found.find("a:link[@rel='alternate']", NAMES).get("href") == f"https://archive.example{path}"


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", "data:text/html,x", "ftp://a.example", "//a.example", "a.example"]
)
def test_only_web_addresses_are_linked(url: str) -> None:
    assert entry(url=url).find("a:link[@rel='via']", NAMES) is None


@pytest.mark.parametrize(
    ("snippets", "body", "summary"),
    [
        ((), "", None),
        ((), "The body.", "The body."),
        ((), "x" * 301, "x" * 300),
        ((Snippet("a"),), "The body.", "a"),
        ((Snippet("a"), Snippet("b")), "The body.", "a … b"),
        ((Snippet("<i>&amp;"),), "", "<i>&amp;"),
    ],
)
def test_the_summary_is_the_snippets_or_the_beginning(
    snippets: tuple[Snippet, ...], body: str, summary: str | None
) -> None:
    found = feed(Hit(article(body=body), None, Snippet("B"), snippets)).find("a:entry/a:summary", NAMES)
    assert found.text == summary


@pytest.mark.parametrize("text", ["]]>", "<!--", "&#0;", "\u2028", "🙂 तेल", "a\tb", "\ufdd0"])
def test_any_text_that_xml_can_hold_survives(text: str) -> None:
    found = feed(article(title=text), title=text)
    assert [each.text for each in found.iter(f"{{{NAMES['a']}}}title")] == [text, text]


ANY_TEXT = st.text(st.characters(exclude_categories=()) | st.sampled_from("\x00\x01\x1b\x85\ufffe\uffff\ud800\udfff<&]\r"))


@given(*[ANY_TEXT] * 9)
def test_a_feed_is_well_formed_whatever_the_query_and_the_articles_hold(
    title: str, body: str, author: str, source: str, section: str, tag: str, url: str, query: str, language: str
) -> None:
    fields = {"source": source, "section": section, "url": f"https://{url}", "author": (author,), "tag": (tag, tag)}
    found = feed(article(id=title, title=title, body=body, language=language, **fields), title=query)
    assert re.fullmatch(r"tag:archive\.example,2026:article/[!-~]*", found.findtext("a:entry/a:id", None, NAMES))
    assert len(found.findall("a:entry", NAMES)) == 1
    assert re.fullmatch(r"https://[!-~]*", found.find("a:entry/a:link[@rel='via']", NAMES).get("href"))


@given(ANY_TEXT)
def test_a_description_is_well_formed_whatever_the_archive_is_called(title: str) -> None:
    found = etree.fromstring(opensearch_description(title, ADDRESSES, "/icon.svg"))
    templates = [each.get("template") for each in found.iter("{*}Url")]
    paths = ("search", "search.atom", "opensearch/suggest")
    assert templates == [*(f"{ROOT}{path}?q={{searchTerms}}" for path in paths), f"{ROOT}opensearch.xml"]
    assert len(found.findtext("{*}ShortName")) <= 16
    assert len(found.findtext("{*}LongName")) <= 48


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("Archive", "Archive"),
        ("Sixteen letters!", "Sixteen letters!"),
        ("The Harbour Gazette", "The Harbour"),
        ("The Saltmarsh & Tidewater Herald", "The Saltmarsh"),
        ("Exactly sixteen, more", "Exactly sixteen"),
        ("Donaudampfschifffahrtszeitung", "Donaudampfschiff"),
    ],
)
def test_the_short_name_has_whole_words(title: str, short: str) -> None:
    assert etree.fromstring(opensearch_description(title, ADDRESSES, "")).findtext("{*}ShortName") == short


@pytest.mark.parametrize("char", ["\x00", "\x01", "\x0b", "\x1b", "\ufffe", "\uffff", "\ud800", "\udfff"])
def test_what_xml_cannot_hold_becomes_a_space(char: str) -> None:
    found = feed(article(title=f"tea{char}cups", tag=(f"tea{char}cups",)), title=f"tea{char}cups")
    assert [each.text for each in found.iter("{*}title")] == ["tea cups", "tea cups"]
    assert found.find("a:entry/a:category", NAMES).get("term") == "tea cups"
    assert (
        entry(url=f"https://a.example/{char}")
        .find("a:link[@rel='via']", NAMES)
        .get("href")
        .startswith("https://a.example/")
    )


# Ids


def test_ids_name_the_domain_that_is_set_or_the_archive() -> None:
    assert tags_of(Settings(feed_id="archive.example,2026")) == "tag:archive.example,2026:"
    assert tags_of(Settings(title="The Tide & Co")) == "tag:searchsvc.invalid,2026:The%20Tide%20&%20Co/"
    assert tags_of(Settings(title="Sea/Land?")) == "tag:searchsvc.invalid,2026:Sea%2FLand?/"


@given(ANY_TEXT, ANY_TEXT)
def test_different_articles_have_different_tags(one: str, other: str) -> None:
    """RFC 4151 allows few characters in a tag. Nothing but lone surrogates, which no index has, is lost."""
    tags = [entry(id=each).findtext("a:id", None, NAMES) for each in (one, other)]
    assert all(
        re.fullmatch(r"tag:archive\.example,2026:article/(?:[A-Za-z0-9._~!$&'()*+,;=:@?-]|%[0-9A-F]{2})*", each)
        for each in tags
    )
    names = [unquote(tag.removeprefix("tag:archive.example,2026:article/")) for tag in tags]
    assert names == [re.sub("[\ud800-\udfff]", "?", each) for each in (one, other)]


# Languages


@pytest.mark.parametrize(
    ("language", "tag"),
    [
        *(("en", "en"), ("en_GB", "en-GB"), ("zh-Hant-TW", "zh-Hant-TW"), ("hrv", "hrv"), ("German", "de")),
        *(("", None), ("Klingon", None), ("en_US.UTF-8", None), ("<x>", None), ("e", None)),
    ],
)
def test_an_entry_has_the_language_of_its_article(language: str, tag: str | None) -> None:
    assert entry(language=language).get("{http://www.w3.org/XML/1998/namespace}lang") == tag


# Times


def fetch(archive: Archive, path: str = "/search.atom", root: str = "http://localhost") -> bytes:
    answer = create_app(archive.settings).test_client().get(path, base_url=root)
    assert answer.status_code == 200
    return answer.get_data()


def times(archive: Archive) -> dict[str, str]:
    """Return the times of the feed and its entries, by title."""
    found = etree.fromstring(fetch(archive))
    return {
        each.findtext("a:title", None, NAMES): each.findtext("a:updated", None, NAMES)
        for each in (found, *found.iter("{*}entry"))
    }


def lines(*rows: dict[str, str]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


DATED = {"id": "d", "title": "dated", "text": "tea", "date": "2020-05-01"}
UNDATED = {"id": "u", "title": "undated", "text": "tea"}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that sets the time of the next reindex to a day of 2026."""
    return lambda day: monkeypatch.setattr(
        "searchsvc.indexer.ingest.time", dt.datetime(2026, 1, day, tzinfo=dt.UTC).timestamp
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_an_entry_is_updated_when_its_article_changes_and_only_then(archive_of: Any, clock: Any, engine: str) -> None:
    archive: Archive = archive_of(engine)
    day = "2026-01-{:02}T00:00:00+00:00".format
    clock(1)
    archive.write({"a.jsonl": lines(DATED, UNDATED)}).service()
    first = {"Archive": day(1), "dated": "2020-05-01T00:00:00+00:00", "undated": day(1)}
    assert times(archive) == first
    clock(2)
    archive.write({"b.jsonl": lines({"id": "n", "title": "new", "date": "2021-01-01"})}).service()
    assert times(archive) == first | {"new": "2021-01-01T00:00:00+00:00"}
    clock(3)
    archive.write({"a.jsonl": lines(DATED | {"text": "coffee"}, UNDATED)}).service()
    third = {"Archive": day(3), "dated": day(3), "undated": day(1), "new": "2021-01-01T00:00:00+00:00"}
    assert times(archive) == third
    clock(4)
    reindex(archive.settings, full=True)
    assert times(archive) == third


def test_a_deleted_article_comes_back_as_a_new_one(archive: Archive, clock: Any) -> None:
    for day, rows in ((1, (UNDATED, DATED)), (2, (DATED,)), (3, (DATED, UNDATED))):
        clock(day)
        archive.write({"a.jsonl": lines(*rows)}).service()
    assert times(archive)["undated"] == "2026-01-03T00:00:00+00:00"


def test_a_full_reindex_despite_a_damaged_generation_works(archive: Archive, clock: Any) -> None:
    clock(1)
    archive.write({"a.jsonl": lines(UNDATED)}).service()
    (manifest,) = archive.settings.index.glob("g*/manifest.sqlite")
    manifest.write_bytes(b"nonsense" * 1_000)
    clock(2)
    reindex(archive.settings, full=True)
    assert times(archive)["undated"] == "2026-01-02T00:00:00+00:00"


# Feeds over HTTP


def test_ids_and_times_are_the_same_on_every_host(archive: Archive) -> None:
    archive.write({"a.jsonl": lines(DATED, UNDATED)}).service()
    roots = ("http://localhost", "http://127.0.0.1:8000", "http://localhost/archive")
    feeds = [etree.fromstring(fetch(archive, "/search.atom?q=tea&per_page=7", root)) for root in roots]
    for name in ("id", "updated"):
        found = [[each.text for each in feed.iter(f"{{*}}{name}")] for feed in feeds]
        assert len(found[0]) == 3
        assert found[0] == found[1] == found[2]
    assert feeds[0].findtext("a:id", None, NAMES) == "tag:searchsvc.invalid,2026:Archive/search?q=tea"
    for feed, root in zip(feeds, roots, strict=True):
        assert feed.find("a:link[@rel='alternate']", NAMES).get("href") == f"{root}/search?q=tea&per_page=7"
        assert feed.find("a:link[@rel='self']", NAMES).get("href") == f"{root}/search.atom?q=tea&per_page=7"


def test_feed_readers_read_what_was_written(archive: Archive) -> None:
    feedparser = pytest.importorskip("feedparser")
    hostile = {
        "id": "h/é?",
        "title": "tea \ufffe\x01 <b>&amp;]]>",
        "text": "tea",
        "date": "2020-01-01T10:00:00+05:30",
        "language": "de",
    }
    archive.write({"a.jsonl": lines(DATED, UNDATED, hostile)}).service()
    read = feedparser.parse(fetch(archive, "/search.atom?q=tea"))
    assert (read.bozo, read.version) == (False, "atom10")
    assert (read.feed.title, read.feed.link) == ("tea – Archive", "http://localhost/search?q=tea")
    entries = {each.id.rpartition("/")[2]: each for each in read.entries}
    assert set(entries) == {"d", "u", "h%2F%C3%A9?"}
    odd = entries["h%2F%C3%A9?"]
    assert (odd.title_detail.language, odd.updated_parsed[:4]) == ("de", (2020, 1, 1, 4))
    assert odd.link == "http://localhost/article/h%2F%C3%A9%3F"
