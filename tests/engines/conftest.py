"""The share of the contract's random requests that find something: it is printed, and must be high enough."""

from collections.abc import Callable, Iterator

import pytest

LEAST_SHARE = 0.6
"""Requests that find nothing say little about an engine."""


@pytest.fixture
def has_hits(record_property: Callable[[str, object], None]) -> Iterator[list[bool]]:
    """Record for each random request of a test whether it has hits."""
    found: list[bool] = []
    yield found
    share = sum(found) / max(1, len(found))
    record_property("requests that find something", f"{share:.0%} of {len(found):,}")
    assert share >= LEAST_SHARE
