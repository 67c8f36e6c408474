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

from searchsvc.cli.output import counted

if TYPE_CHECKING:
    from searchsvc.indexer import Progress  # with the readers of files, which take a third of a second to load


@contextmanager
def show_progress(*, quiet: bool) -> Iterator[Callable[["Progress"], None]]:
    """Show the progress of a reindex on standard error. Yield a function to call with the current counts."""
    if quiet or not sys.stderr.isatty():
        yield (lambda _: None) if quiet else _lines()
        return
    counted = TextColumn("{task.fields[rate]} articles/s, {task.fields[failures]} failures")
    columns = (TextColumn("reading"), BarColumn(), TaskProgressColumn(), DownloadColumn(), counted, TimeRemainingColumn())
    start = monotonic()
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None, rate="0", failures=0)

        def show(counts: "Progress") -> None:
            rate = f"{counts.articles / max(0.001, monotonic() - start):,.0f}"
            bar.update(task, completed=counts.done_bytes, total=counts.total_bytes, rate=rate, failures=counts.failures)

        yield show


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


def _lines() -> Callable[["Progress"], None]:
    start = last = monotonic()

    def show(counts: "Progress") -> None:
        nonlocal last
        now = monotonic()
        if now - last < 5:  # seconds
            return
        last, seconds = now, now - start
        share = counts.done_bytes / counts.total_bytes if counts.total_bytes else 1.0
        left = f", about {seconds / share - seconds:,.0f} s left" if share > 0.01 else ""
        rate = f"{counted(counts.articles, 'article')}, {counts.articles / seconds:,.0f} per second"
        click.echo(f"{share:.0%}: {rate}, {counted(counts.failures, 'failure')}{left}", err=True)

    return show
