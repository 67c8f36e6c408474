"""Which records are one article, and the ids of articles that share one: the same whatever happened before."""

import io
import json
import random
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from searchsvc.config import EMBEDDED, Settings
from searchsvc.corpus.uploads import put_path, tombstone_record
from searchsvc.errors import NotFoundError
from searchsvc.index import ArticleRow, read_words
from searchsvc.indexer import ReindexReport, ingest, reindex
from searchsvc.indexer.identity import assign_ids, is_global
from searchsvc.query.request import SearchRequest
from searchsvc.search.service import SearchService
from tests.conftest import ENGINES, Archive
from tests.corpus.test_warc import linking, warc

ROUNDS = {"tantivy": 25, "whoosh": 25, "opensearch": 8}
ADDRESS, UUID = "https://x.example/a", "9b2e1c3a-0c1d-4000-8000-1234567890ab"


@pytest.fixture(params=EMBEDDED)
def archive(request: pytest.FixtureRequest, archive_of: Callable[[str], Archive]) -> Archive:
    """An archive for one engine after the other. A cluster has only the random changes, since its indexes take long."""
    return archive_of(request.param)


def record(article_id: str | None, title: str, **fields: str) -> str:
    named = {} if article_id is None else {"id": article_id}
    return json.dumps({**named, "title": title, **fields}) + "\n"


def articles(settings: Settings) -> dict[str, str]:
    """Return the titles of all articles by id."""
    found = [(each.id, each.title) for each in SearchService(settings).acquire().engine.scan(SearchRequest())]
    assert len(dict(found)) == len(found)
    return dict(found)


def words(settings: Settings) -> dict[str, int] | None:
    """Return the words of the live generation, or None if its engine has no list of them."""
    live = SearchService(settings).store.live()
    return read_words(live) if live is not None else None


def afresh(archive: Archive) -> Settings:
    """Return the settings of a new index of the corpus."""
    name = f"{archive.settings.opensearch_index}-afresh"
    settings = replace(archive.settings, index=archive.corpus.parent / "afresh", opensearch_index=name)
    report = reindex(settings, full=True)
    assert (report.added, report.changed, report.removed) == (report.articles, 0, 0)
    return settings


def update(archive: Archive) -> ReindexReport:
    """Reindex, and require what a new index of the corpus would have."""
    report = reindex(archive.settings)
    new = afresh(archive)
    assert articles(archive.settings) == articles(new)
    assert words(archive.settings) == words(new)
    return report


# Ids and groups


@pytest.mark.parametrize(
    ("article_id", "expected"),
    [
        (ADDRESS, True),
        ("https://x.example/?p=1", True),
        (UUID, True),
        (UUID.upper(), True),
        (f"urn:uuid:{UUID}", True),
        (f"{{{UUID}}}", True),
        ("tag:x.example,2022:1", True),
        ("urn:isbn:9780141036144", True),
        ("10.1000/xyz123", True),
        ("5f1d7f3a2c4b5e0012345678", True),
        ("01ARZ3NDEKTSV4RRFFQ69G5FAV", True),
        ("d41d8cd98f00b204e9800998ecf8427e", True),
        ("https://x.example/", False),
        ("/a", False),
        ("1", False),
        ("a17", False),
        ("2022/feb.csv#17", False),
        ("2022-12-23-a-story-of-tea", False),
        ("article00000000000017", False),
        ("20221223000000000017", False),
        ("urn:x@b.jsonl", False),
        ("a story of tea and milk", False),
        ("", False),
    ],
)
def test_some_ids_are_those_of_one_article_wherever_they_occur(article_id: str, expected: bool) -> None:
    assert is_global(article_id) is expected


def rows(article_id: str, *described: str) -> list[ArticleRow]:
    """Return rows of a group, given as `path content`. Those in `api/` are uploads, and content `-` is a tombstone."""
    found = []
    for path, content in map(str.split, described):
        fingerprint, digest = (b"", b"") if content == "-" else (b"f", content.encode().strip(b"."))
        found.append(ArticleRow(int(path.startswith("api/")), path, 1, article_id, path, digest, fingerprint))
    return found


@pytest.mark.parametrize(
    ("group", "assigned"),
    [
        ([], {}),
        (rows("1", "a x"), {"1": "a"}),
        (rows("1", "a x", "b y", "c z"), {"1": "a", "1@b": "b", "1@c": "c"}),
        (rows("1", "a x", "b y", "c x", "d y"), {"1": "c", "1@b": "d"}),
        (rows("1", "a x", "b y", "api/p z"), {"1": "api/p", "1@b": "b"}),
        (rows("1", "a x", "b y", "api/p -"), {"1": "api/p", "1@b": "b"}),
        (rows("1", "api/p z", "api/q -"), {"1": "api/q"}),
        (rows(ADDRESS, "a .", "b .", "c ."), {ADDRESS: "c"}),
        (rows(ADDRESS, "a .", "api/p ."), {ADDRESS: "api/p"}),
        (rows(ADDRESS, "a t", "b u"), {ADDRESS: "b"}),
        (rows(ADDRESS, "a t", "b u", "c ."), {ADDRESS: "c"}),
        (rows(ADDRESS, "a t", "b u", "c v"), {ADDRESS: "a", f"{ADDRESS}@b": "b", f"{ADDRESS}@c": "c"}),
        (
            rows(ADDRESS, "a t", "b u", "c v", "d t", "e ."),
            {ADDRESS: "d", f"{ADDRESS}@b": "b", f"{ADDRESS}@c": "c", f"{ADDRESS}@e": "e"},
        ),
        (rows(ADDRESS, "a t", "b u", "c v", "d t", "e t", "f t"), {ADDRESS: "f"}),
    ],
)
def test_the_first_article_of_a_group_keeps_the_id_and_its_last_record_is_indexed(
    group: list[ArticleRow], assigned: Mapping[str, str]
) -> None:
    assert {article_id: row.path for article_id, row in assign_ids(group).items()} == assigned


# In an archive


def test_ids_that_restart_in_each_file_lose_no_article(archive: Archive) -> None:
    archive.write({"jan.csv": "id,title\n1,Jan one\n2,Jan two\n", "mar.csv": "id,title\n1,Mar one\n3,Mar three\n"})
    report = reindex(archive.settings)
    assert articles(archive.settings) == {"1": "Jan one", "2": "Jan two", "1@mar.csv": "Mar one", "3": "Mar three"}
    assert (report.articles, report.added, report.duplicates) == (4, 4, ())
    assert report.aliases == (
        "mar.csv: 1 article has an id of other articles and another id in the index, such as 1@mar.csv",
    )
    assert not update(archive).published


def test_equal_texts_with_one_id_are_one_article(archive: Archive) -> None:
    archive.write({"a.jsonl": record("1", "T", mood="old"), "b.jsonl": record("1", "T", mood="new")})
    report = reindex(archive.settings)
    assert articles(archive.settings) == {"1": "T"}
    assert SearchService(archive.settings).acquire().article("1").extra == {"mood": ("new",)}
    assert report.duplicates == ("1: indexed from b.jsonl (the last one), ignored in a.jsonl",)


@pytest.mark.parametrize("article_id", [ADDRESS, UUID])
def test_the_last_article_with_an_address_or_a_global_id_wins(archive: Archive, article_id: str) -> None:
    archive.write(
        {"a.jsonl": record(article_id, "first") + record(article_id, "second"), "b.jsonl": record(article_id, "third")}
    )
    report = reindex(archive.settings)
    assert articles(archive.settings) == {article_id: "third"}
    assert report.duplicates == (f"{article_id}: indexed from b.jsonl (the last one), ignored in a.jsonl, a.jsonl",)
    archive.write({"a.jsonl": record(article_id, "changed")})
    update(archive)
    assert list(articles(archive.settings).values()) == ["third"]
    (archive.corpus / "b.jsonl").unlink()
    assert update(archive).changed == 1
    archive.write({"0.jsonl": record(article_id, "earlier")})
    update(archive)
    assert articles(archive.settings) == {article_id: "changed"}


def test_the_last_record_of_a_file_with_an_id_wins(archive: Archive) -> None:
    archive.write({"a.jsonl": "".join(record("1", f"t{number}") for number in range(300))})
    report = reindex(archive.settings)
    assert (report.added, articles(archive.settings)) == (1, {"1": "t299"})
    assert report.duplicates[0].startswith("1: indexed from a.jsonl (the last one), ignored in a.jsonl, a.jsonl")
    assert report.duplicates[0].endswith(" and 289 more")


def test_files_in_one_archive_are_as_distinct_as_others(archive: Archive) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as members:
        for name in ("jan.csv", "feb.csv"):
            members.writestr(name, f"id,title\n1,{name}\n")
    archive.write({"all.zip": packed.getvalue()})
    update(archive)
    assert articles(archive.settings) == {"1": "jan.csv", "1@all.zip/feb.csv": "feb.csv"}


@pytest.mark.slow
@pytest.mark.parametrize("canonical", ["https://x.example/", "/story", "https://x.example/news"])
def test_pages_that_declare_one_address_are_all_kept(archive: Archive, canonical: str) -> None:
    pages: dict[str, str | bytes] = {f"{n}.html": linking("", f"Story {n}", canonical)[3] for n in range(5)}
    archive.write(dict(list(pages.items())[:3]))
    update(archive)
    archive.write(pages)
    update(archive)
    assert sorted(articles(archive.settings).values()) == [f"Story {number}" for number in range(5)]
    for name in list(pages)[1:3]:
        (archive.corpus / name).unlink()
        update(archive)


@pytest.mark.slow
def test_two_pages_or_more_with_few_titles_that_declare_one_address_are_versions_of_it(archive: Archive) -> None:
    titles = ["Tea", "Tea and milk", "Tea", "Tea and milk"]
    archive.write({f"{number}.html": linking("", title, ADDRESS)[3] for number, title in enumerate(titles)})
    update(archive)
    assert articles(archive.settings) == {ADDRESS: "Tea and milk"}


@pytest.mark.slow
def test_pages_of_several_crawls_that_declare_one_address_are_all_kept(archive: Archive) -> None:
    for number in range(3):
        page = linking(f"https://x.example/news/{number}", f"Story {number}", "https://x.example/news")
        archive.write({f"{number}.warc.gz": warc(page)})
    update(archive)
    assert sorted(articles(archive.settings).values()) == ["Story 0", "Story 1", "Story 2"]


# Stability


@pytest.mark.slow
def test_ids_depend_neither_on_the_order_in_which_files_appear_nor_on_the_number_of_processes(archive: Archive) -> None:
    files = {name: record("1", name) + record("2", name) for name in ("a.jsonl", "b.jsonl", "c.jsonl", "sub/a.jsonl")}
    pages = {f"{name}.md": f"---\nid: 1\ntitle: {name}\n---\n{'Some words. ' * 5}" for name in "xy"}
    expected = None
    for seed in range(4):
        names = sorted(files | pages)
        random.Random(seed).shuffle(names)
        for path in archive.corpus.rglob("*.*"):
            path.unlink()
        for name in names:
            archive.write({name: (files | pages)[name]})
            reindex(replace(archive.settings, reading_processes=1 + seed))
        found = articles(archive.settings)
        expected = expected or found
        assert found == expected
    assert expected is not None
    assert {expected["1"], expected["1@b.jsonl"], expected["1@sub/a.jsonl"], expected["1@y.md"]} == {
        "a.jsonl",
        "b.jsonl",
        "sub/a.jsonl",
        "y",
    }


def test_links_keep_working_while_files_come_change_and_go(archive: Archive) -> None:
    archive.write({"a.jsonl": record("1", "A")})
    service = archive.service()

    def titles(*links: str) -> list[str]:
        update(archive)
        return [service.acquire().article(link).title for link in links]

    archive.write({"b.jsonl": record("1", "B"), "c.jsonl": record("1", "C")})
    assert titles("1", "1@b.jsonl", "1@c.jsonl") == ["A", "B", "C"]
    archive.write({"b.jsonl": record("1", "B2")})
    assert titles("1", "1@b.jsonl", "1@c.jsonl") == ["A", "B2", "C"]
    (archive.corpus / "c.jsonl").rename(archive.corpus / "d.jsonl")
    assert titles("1", "1@b.jsonl", "1@d.jsonl") == ["A", "B2", "C"]
    (archive.corpus / "a.jsonl").unlink()
    assert titles("1", "1@b.jsonl", "1@d.jsonl") == ["B2", "B2", "C"]
    (archive.corpus / "d.jsonl").unlink()
    assert titles("1", "1@b.jsonl") == ["B2", "B2"]
    for link in ("1@c.jsonl", "1@", "@b.jsonl", "@", "1@@b.jsonl"):
        with pytest.raises(NotFoundError):
            service.acquire().article(link)


def test_an_id_that_looks_like_an_alias_takes_precedence_over_it(archive: Archive) -> None:
    archive.write({"a.jsonl": record("1", "A"), "b.jsonl": record("1", "B")})
    update(archive)
    archive.write({"c.jsonl": record("1@b.jsonl", "C")})
    update(archive)
    assert articles(archive.settings) == {"1": "A", "1@b.jsonl": "C"}
    (archive.corpus / "c.jsonl").unlink()
    update(archive)
    assert articles(archive.settings) == {"1": "A", "1@b.jsonl": "B"}


def test_uploads_replace_and_delete_the_article_that_has_the_id(archive: Archive) -> None:
    archive.write({"a.jsonl": record("1", "A"), "b.jsonl": record("1", "B"), put_path("1"): record("1", "put")})
    update(archive)
    assert articles(archive.settings) == {"1": "put", "1@b.jsonl": "B"}
    archive.write({put_path("1@b.jsonl"): json.dumps(tombstone_record("1@b.jsonl"))})
    assert update(archive).removed == 1
    assert articles(archive.settings) == {"1": "put"}
    archive.write({put_path("1"): json.dumps(tombstone_record("1")), put_path("1@b.jsonl"): record("1@b.jsonl", "put too")})
    update(archive)
    assert articles(archive.settings) == {"1@b.jsonl": "put too"}
    for article_id in ("1", "1@b.jsonl"):
        (archive.corpus / put_path(article_id)).unlink()
    update(archive)
    assert articles(archive.settings) == {"1": "A", "1@b.jsonl": "B"}


@pytest.mark.slow
def test_ids_of_very_many_files_are_decided_in_the_end(archive: Archive) -> None:
    names = [f"{number:03}.jsonl" for number in range(ingest.MAX_GROUP + 20)]
    archive.write({name: record("1", name) + record(ADDRESS, name) for name in names})
    update(archive)
    expected = {"1": names[0], ADDRESS: names[-1], **{f"1@{name}": name for name in names[1:]}}
    assert articles(archive.settings) == expected
    (archive.corpus / names[0]).unlink()
    (archive.corpus / names[-1]).unlink()
    update(archive)
    assert len(articles(archive.settings)) == len(names) - 1


@pytest.mark.slow
@pytest.mark.parametrize("archive", ENGINES, indirect=True)
def test_random_changes_one_by_one_give_what_a_full_reindex_gives(archive: Archive) -> None:
    chance = random.Random(7)
    count = 0
    for _ in range(ROUNDS[archive.settings.engine]):
        for _ in range(chance.choice((1, 1, 2, 3))):
            change(archive, chance)
        report = update(archive)
        if report.published:
            assert report.articles == count + report.added - report.removed
        count = report.articles


IDS = ("1", "2", "1@b.jsonl", "2@z.zip/m.jsonl", "1@b.jsonl@c.jsonl", ADDRESS, UUID)


def change(archive: Archive, chance: random.Random) -> None:
    """Write, rename or delete a file, or put or withdraw an article."""
    files = sorted(path for path in archive.corpus.rglob("*") if path.is_file())
    kind = chance.random()
    if kind < 0.2 and files:
        chance.choice(files).unlink()
    elif kind < 0.3 and files:
        file = chance.choice(files)
        if file.parent.name != "api":
            file.rename(archive.corpus / f"r{chance.randrange(3)}{file.suffix}")
    elif kind < 0.45:
        article_id = chance.choice(IDS)
        withdrawn = json.dumps(tombstone_record(article_id))
        archive.write({put_path(article_id): chance.choice([withdrawn, record(article_id, f"put{chance.randrange(2)}")])})
    else:
        archive.write(random_file(chance))


def random_file(chance: random.Random) -> dict[str, str | bytes]:
    name = chance.choice(["a.jsonl", "b.jsonl", "c.jsonl", "sub/a.jsonl", "z.zip", "p1.html", "p2.html", "p3.html"])
    if name.endswith(".html"):
        return {name: linking("", f"t{chance.randrange(5)}", f"https://x.example/{chance.choice('ab')}")[3]}
    if name.endswith(".jsonl"):
        return {name: random_records(chance)}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as members:
        for member in ("m.jsonl", "n.jsonl"):
            members.writestr(member, random_records(chance))
    return {name: packed.getvalue()}


def random_records(chance: random.Random) -> str:
    return "".join(random_record(chance) for _ in range(chance.randrange(5)))


def random_record(chance: random.Random) -> str:
    text = " ".join(chance.choices(("tea", "e-mail", "har-\nvest", "Été", "1,000"), k=3))
    return record(chance.choice([*IDS, None]), f"t{chance.randrange(3)}", text=text)
