"""How far a reindex or a check has come: a bar in a terminal, a plain line every few seconds elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Protocol

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

_SECONDS_BETWEEN_LINES = 5.0


class Counts(Protocol):
    """What is shown; bytes are those of the files that have to be read."""

    total_bytes: int
    done_bytes: int
    articles: int
    failures: int


@contextmanager
def shown_progress(*, quiet: bool) -> Iterator[Callable[[Counts], None]]:
    """A function to call with every step; on standard error, so that output can be piped."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        with _bar() as show:
            yield show
    else:
        yield _Lines().show


@contextmanager
def shown_scan(articles: int, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """A function to tell how many of these articles were scanned; a bar in a terminal, nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    columns = (TextColumn("scanning"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("scanning", total=articles)
        yield lambda number: bar.update(task, completed=number)


@contextmanager
def _bar() -> Iterator[Callable[[Counts], None]]:
    columns = (
        TextColumn("reading"),
        BarColumn(),
        TaskProgressColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[rate]} articles/s, {task.fields[failures]} failures"),
        TimeRemainingColumn(),
    )
    begun = monotonic()
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None, rate="0", failures=0)

        def show(counts: Counts) -> None:
            rate = f"{counts.articles / max(0.001, monotonic() - begun):,.0f}"
            done, total = counts.done_bytes, counts.total_bytes
            bar.update(task, completed=done, total=total, rate=rate, failures=counts.failures)

        yield show


class _Lines:
    def __init__(self) -> None:
        self._begun = self._last = monotonic()

    def show(self, counts: Counts) -> None:
        now = monotonic()
        if now - self._last < _SECONDS_BETWEEN_LINES:
            return
        self._last = now
        seconds = now - self._begun
        share = counts.done_bytes / counts.total_bytes if counts.total_bytes else 1.0
        left = f", about {seconds / share - seconds:,.0f} s left" if share > 0.01 else ""
        click.echo(
            f"{share:.0%}: {counts.articles:,} articles, {counts.articles / seconds:,.0f} a second, "
            f"{counts.failures:,} failures{left}",
            err=True,
        )
