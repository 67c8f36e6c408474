"""Turns at work that takes long: a process does a few pieces of it at a time, and others wait for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from searchsvc.errors import OverloadError
from searchsvc.messages import Message

AT_ONCE = 2  # pieces of one kind
PATIENCE = 5.0  # seconds that others wait


class Turns:
    """Turns at one kind of work. `refusal` is what those are told who have waited in vain. Thread-safe."""

    def __init__(self, refusal: Message) -> None:
        self._refusal = refusal
        self._free = BoundedSemaphore(AT_ONCE)

    @contextmanager
    def take(self) -> Iterator[None]:
        """Work within this. Raise OverloadError if others take too long."""
        if not self._free.acquire(timeout=PATIENCE):
            raise OverloadError(self._refusal)
        try:
            yield
        finally:
            self._free.release()
