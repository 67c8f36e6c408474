"""What a reindex remembers until it is done."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from searchsvc.index import Manifest, PreviousArticle
from searchsvc.index.changes import Changes


@pytest.fixture
def changes(tmp_path: Path) -> Iterator[Changes]:
    with Manifest(tmp_path / "manifest.sqlite", writing=True) as manifest:
        yield manifest.changes


def test_a_remembered_article_is_an_orphan_until_it_is_taken(changes: Changes) -> None:
    assert changes.take("x") is None
    changes.remember("x", PreviousArticle(b"1", b"0"))
    changes.remember("new", PreviousArticle(b"2", None))
    assert sorted(changes.orphans()) == [("new", False), ("x", True)]
    assert (changes.base("x"), changes.take("x"), changes.base("x")) == (None, PreviousArticle(b"1", b"0"), b"0")
    assert changes.take("x") is None
    assert list(changes.orphans()) == [("new", False)]
    changes.remember("x", PreviousArticle(b"3", b"0"))
    assert changes.take("x") == PreviousArticle(b"3", b"0")


def test_unsettled_ids_are_taken_once(changes: Changes) -> None:
    for article_id in ("b", "a", "b"):
        changes.unsettle(article_id)
    assert (sorted(changes.take_unsettled()), changes.take_unsettled()) == (["a", "b"], [])


def test_wanted_records_are_found_or_given_up(changes: Changes) -> None:
    changes.want("a", 1, "x")
    changes.want("a", 2, "y")
    changes.want("b", 1, "z")
    assert changes.wanted_files() == {"a", "b"}
    assert [changes.wanted("a", number) for number in (1, 2, 3)] == ["x", "y", None]
    changes.found("a", 1)
    assert sorted(changes.take_wanted()) == [("a", 2, "y"), ("b", 1, "z")]
    assert (changes.wanted_files(), changes.take_wanted()) == (set(), [])
