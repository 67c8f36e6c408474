"""Turns at work that takes long: few pieces at a time, and few that wait."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from time import perf_counter

import pytest

from searchsvc.errors import OverloadError
from searchsvc.search.turns import AT_ONCE, WAITING, taking_turns


def test_if_one_waits_others_are_refused_at_once() -> None:
    begun, free = Barrier(AT_ONCE + 1, timeout=20), Event()

    def work() -> None:
        with taking_turns():
            begun.wait()
            free.wait(20)

    def wait() -> bool:
        with taking_turns():
            return True

    with ThreadPoolExecutor() as pool:
        working = [pool.submit(work) for _ in range(AT_ONCE)]
        begun.wait()
        waiting = [pool.submit(wait) for _ in range(WAITING + 3)]
        try:
            start = perf_counter()
            while sum(each.done() for each in waiting) < 3 and perf_counter() - start < 4:
                pass
            refused = [each for each in waiting if each.done()]
            assert len(refused) == 3, "one waits"
        finally:
            free.set()
        for each in refused:
            with pytest.raises(OverloadError, match="try again in a moment"):
                each.result()
        assert [each.result() for each in waiting if each not in refused] == [True] * WAITING
        assert [each.result() for each in working] == [None] * AT_ONCE
    assert wait(), "whoever was refused holds nothing"
