"""Decisions about a whole file, such as its encoding, for a person who wants to know how the file is read.

Readers record them wherever they decide. Nobody listens except `searchsvc inspect`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_LISTENER: ContextVar[dict[str, str] | None] = ContextVar("decisions", default=None)


def decide(subject: str, decision: str) -> None:
    """Record a decision and its reason. A later one about the same subject replaces it."""
    decisions = _LISTENER.get()
    if decisions is not None:
        decisions[subject] = decision


@contextmanager
def listening() -> Iterator[dict[str, str]]:
    """Collect the decisions by subject while the block runs."""
    decisions: dict[str, str] = {}
    token = _LISTENER.set(decisions)
    try:
        yield decisions
    finally:
        _LISTENER.reset(token)
