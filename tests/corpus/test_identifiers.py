"""Identifiers and addresses: what they identify, and relative ones."""

import pytest

from searchsvc.corpus.metadata.identifiers import MAX_ID, bounded, names_article, resolve


@pytest.mark.parametrize(
    ("address", "is_of_article"),
    [
        ("https://x.example/a", True),
        ("http://x.example/2022/12/a.html", True),
        ("https://x.example/?p=12", True),
        ("https://x.example/index.php?id=6", True),
        ("https://x.example", False),
        ("https://x.example/", False),
        ("https://x.example//", False),
        ("https://x.example/#top", False),
        ("https://x.example/index.html", False),
        ("/a", False),
        ("a.html", False),
        ("//x.example/a", False),
        ("mailto:a@x.example", False),
        ("urn:a:b", False),
        ("https:///a", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_only_an_absolute_address_below_the_root_names_an_article(address: str, is_of_article: bool) -> None:
    assert names_article(address) is is_of_article


@pytest.mark.parametrize(
    ("address", "base", "resolved"),
    [
        ("/b", "https://x.example/a", "https://x.example/b"),
        ("b", "https://x.example/a/", "https://x.example/a/b"),
        ("//y.example/b", "https://x.example/a", "https://y.example/b"),
        ("https://y.example/b?a=1&copy=2", "https://x.example/a", "https://y.example/b?a=1&copy=2"),
        ("/b", "", "/b"),
        ("/b", "/a", "/b"),
        ("//[", "https://x.example/a", "//["),
    ],
)
def test_relative_addresses_are_resolved_against_absolute_ones(address: str, base: str, resolved: str) -> None:
    assert resolve(address, base) == resolved


def test_ids_that_are_cut_stay_distinct() -> None:
    long = "x" * MAX_ID
    assert bounded(long) == long
    one, other = bounded(f"{long}1"), bounded(f"{long}2")
    assert len(one) == len(other) == MAX_ID
    assert one != other
