"""The share of the contract's random requests that find something: it is printed, and must be high enough."""

from collections.abc import Iterator

import pytest

LEAST_SHARE = 0.6
"""Requests that find nothing say little about an engine."""
_shares = pytest.StashKey[dict[str, str]]()


@pytest.fixture
def has_hits(request: pytest.FixtureRequest) -> Iterator[list[bool]]:
    """Record for each random request of a test whether it has hits."""
    found: list[bool] = []
    yield found
    share = sum(found) / max(1, len(found))
    shares = request.config.stash.setdefault(_shares, {})
    shares[request.node.name] = f"{share:.0%} of {len(found):,} random requests found something"
    assert share >= LEAST_SHARE


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for name, share in config.stash.get(_shares, {}).items():
        terminalreporter.write_line(f"{name}: {share}")
