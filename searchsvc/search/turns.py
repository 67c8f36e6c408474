"""Turns at work that takes long: a process does a few pieces of it at a time, and one more waits for a while.

Whoever works or waits holds a thread of the process. Others are refused at once, so that a thread stays free for searches.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from searchsvc.errors import OverloadError
from searchsvc.messages import Message

AT_ONCE = 2
"""Pieces of work, of any kind, that a process does at a time."""
WAITING = 1
"""Further ones that wait. A process has four threads by default."""
PATIENCE = 5.0
"""Seconds that they wait."""
_BUSY = Message("concordances and peaks take long to read, and others came first: try again in a moment")
_working = BoundedSemaphore(AT_ONCE)
_inside = BoundedSemaphore(AT_ONCE + WAITING)


@contextmanager
def taking_turns() -> Iterator[None]:
    """Work within this. Raise OverloadError if others take too long, or at once if too many wait. Thread-safe."""
    if not _inside.acquire(blocking=False):
        raise OverloadError(_BUSY)
    try:
        if not _working.acquire(timeout=PATIENCE):
            raise OverloadError(_BUSY)
        try:
            yield
        finally:
            _working.release()
    finally:
        _inside.release()
