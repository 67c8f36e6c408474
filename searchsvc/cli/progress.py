"""Progress of a reindex or a check: a bar in a terminal, or a line of text every few seconds elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

if TYPE_CHECKING:
    from searchsvc.indexer import Progress  # with the readers of files, which take a third of a second to load

_SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def show_progress(*, quiet: bool) -> Iterator[Callable[["Progress"], None]]:
    """Show the progress of a reindex on standard error. Yield a function to call with the current counts."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        with _bar() as show:
            yield show
    else:
        yield _Lines().show


@contextmanager
def show_scan(articles: int, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show the progress of a scan, in a terminal only. Yield a function to call with the number of articles scanned."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    columns = (TextColumn("scanning"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("scanning", total=articles)
        yield lambda number: bar.update(task, completed=number)


@contextmanager
def _bar() -> Iterator[Callable[["Progress"], None]]:
    columns = (
        TextColumn("reading"),
        BarColumn(),
        TaskProgressColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[rate]} articles/s, {task.fields[failures]} failures"),
        TimeRemainingColumn(),
    )
    start = monotonic()
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None, rate="0", failures=0)

        def show(counts: "Progress") -> None:
            rate = f"{counts.articles / max(0.001, monotonic() - start):,.0f}"
            done, total = counts.done_bytes, counts.total_bytes
            bar.update(task, completed=done, total=total, rate=rate, failures=counts.failures)

        yield show


class _Lines:
    def __init__(self) -> None:
        self._start = self._last = monotonic()

    def show(self, counts: "Progress") -> None:
        now = monotonic()
        if now - self._last < _SECONDS_BETWEEN_LINES:
            return
        self._last = now
        seconds = now - self._start
        share = counts.done_bytes / counts.total_bytes if counts.total_bytes else 1.0
        left = f", about {seconds / share - seconds:,.0f} s left" if share > 0.01 else ""
        click.echo(
            f"{share:.0%}: {counts.articles:,} articles, {counts.articles / seconds:,.0f} per second, "
            f"{counts.failures:,} failures{left}",
            err=True,
        )
