"""Totals in shared memory: of several processes, also of those that have ended, and never more than there is room for."""

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from searchsvc.web.totals import SharedTotals


def in_process(work: Callable[[], None], end: int = 0) -> int:
    """Fork a process that does some work, and return its id. It ends, or goes on until it gets a signal."""
    process = os.fork()
    if process == 0:
        work()
        if end:
            time.sleep(60)
        os._exit(0)
    return process


def wait(process: int) -> None:
    os.waitpid(process, 0)


def test_totals_start_empty_and_add_up() -> None:
    totals = SharedTotals(2)
    assert totals.totals() == {}
    totals.add({"a": 1, "b": 0.5})
    totals.add({"a": 2})
    assert totals.totals() == {"a": 3, "b": 0.5}


def test_the_totals_of_all_processes_are_summed_also_of_killed_ones() -> None:
    totals = SharedTotals(4)
    totals.add({"a": 1})
    for _ in range(3):
        wait(in_process(lambda: totals.add({"a": 1, "b": 1})))
    killed = in_process(lambda: totals.add({"a": 1, "c": 1}), end=signal.SIGKILL)
    until = time.monotonic() + 20
    while "c" not in totals.totals() and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(killed, signal.SIGKILL)
    wait(killed)
    assert totals.totals() == {"a": 5, "b": 3, "c": 1}


@pytest.mark.slow
def test_many_processes_one_after_the_other_share_a_few_rows() -> None:
    totals = SharedTotals(2)
    totals.add({"a": 1})
    for _ in range(20):
        wait(in_process(lambda: totals.add({"a": 1})))
    assert totals.totals() == {"a": 21}


def test_processes_beyond_the_rows_are_not_counted_and_do_not_fail() -> None:
    totals = SharedTotals(1)
    totals.add({"a": 1})
    wait(in_process(lambda: totals.add({"a": 1})))
    assert totals.totals() == {"a": 1}


def test_processes_and_threads_that_add_at_once_lose_nothing() -> None:
    totals = SharedTotals(4)

    def add() -> None:
        with ThreadPoolExecutor(4) as threads:
            for _ in range(2_000):
                threads.submit(totals.add, {"a": 1, "b": 0.25})

    processes = [in_process(add) for _ in range(3)]
    seen = [totals.totals().get("a", 0) for _ in range(200)]
    for process in processes:
        wait(process)
    assert seen == sorted(seen)  # a counter that goes down counts as a restart
    assert totals.totals() == {"a": 6_000, "b": 1_500}


@pytest.mark.parametrize("name", ["é", "/api/articles/<anything:id> 200", "x" * 120])
def test_names_are_kept_as_they_are(name: str) -> None:
    totals = SharedTotals(2)
    totals.add({"first": 1, name: 2})
    wait(in_process(lambda: totals.add({name: 3})))
    assert totals.totals() == {"first": 1, name: 5}


def test_names_beyond_the_room_are_not_counted_and_do_not_fail() -> None:
    totals = SharedTotals(1)
    totals.add({"x" * 121: 1})
    for number in range(3_000):
        totals.add({str(number): 1})
    assert set(totals.totals()) == {str(number) for number in range(2_048)}


def test_two_services_in_one_process_count_apart() -> None:
    first, second = SharedTotals(1), SharedTotals(1)
    first.add({"a": 1})
    second.add({"a": 2})
    assert (first.totals(), second.totals()) == ({"a": 1}, {"a": 2})


def test_no_descriptor_is_left_open() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        SharedTotals(1).add({"a": 1})
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1
