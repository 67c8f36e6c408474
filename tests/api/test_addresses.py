"""Addresses: with a prefix and an origin, or without."""

import pytest

from searchsvc.api.addresses import Addresses, article_path, values_path


@pytest.mark.parametrize(
    ("addresses", "path", "whole"),
    [
        (Addresses(), "/search?q=tea", "/search?q=tea"),
        (Addresses("/archive"), "/archive/search?q=tea", "/archive/search?q=tea"),
        (Addresses("/a%20b", "https://news.example"), "/a%20b/search?q=tea", "https://news.example/a%20b/search?q=tea"),
        (Addresses(origin="http://localhost:8000"), "/search?q=tea", "http://localhost:8000/search?q=tea"),
    ],
)
def test_addresses_have_the_prefix_and_whole_ones_the_origin(addresses: Addresses, path: str, whole: str) -> None:
    assert addresses.to("/search?q=tea") == path
    assert addresses.absolute(path) == whole


def test_names_are_quoted_in_paths() -> None:
    assert article_path("http://a//b?c#d é\ud800") == "/article/http%3A%2F%2Fa%2F%2Fb%3Fc%23d%20%C3%A9%3F"
    assert values_path("own/field ü") == "/facets/own%2Ffield%20%C3%BC"
