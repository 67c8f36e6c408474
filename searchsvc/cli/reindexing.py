"""The command `reindex`: once, for one part of the corpus, or continuously with `--watch`."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click
from watchfiles import watch

from searchsvc.cli.options import show_error
from searchsvc.cli.output import print_json, print_part, print_report
from searchsvc.cli.progress import show_progress
from searchsvc.config import Settings
from searchsvc.errors import SearchsvcError
from searchsvc.indexer import reindex
from searchsvc.indexer.distributed import parse_part, reindex_part

if TYPE_CHECKING:
    from searchsvc.alerts.follower import Follower


def run(settings: Settings, *, full: bool, as_json: bool, only_changes: bool = False) -> None:
    """Update the index and print the report. With `only_changes`, print nothing if nothing was published."""
    with _reporting_alerts(settings, as_json=as_json):
        with show_progress(quiet=as_json) as progress:
            report = reindex(settings, full=full, on_progress=progress)
        if only_changes and not report.published:
            return
        if as_json:
            print_json(report)
        else:
            print_report(report, table=not only_changes)


def run_part(settings: Settings, part: str, *, as_json: bool) -> None:
    """Read one part of the corpus and print the report."""
    with _reporting_alerts(settings, as_json=as_json):
        with show_progress(quiet=as_json) as progress:
            report = reindex_part(settings, parse_part(part), progress)
        if as_json:
            print_json(report)
        else:
            print_part(report)


@contextmanager
def _reporting_alerts(settings: Settings, *, as_json: bool) -> Iterator[None]:
    """Prepare the alerts before the block runs, and report afterwards what it has published."""
    if not settings.alerts:
        yield
        return
    from searchsvc.cli import alerting

    alerting.prepare(settings)
    yield
    alerting.report_new(settings, as_json=as_json)


def follow(settings: Settings, *, as_json: bool) -> None:
    """Update the index after each change of the folder, once it has settled, until ctrl-C."""
    click.echo(f"following {settings.corpus}; press ctrl-C to stop", err=True)
    # Wait for 2 s without changes, so that copying many files causes only one reindex, but 60 s at most.
    changes = watch(
        settings.corpus,
        watch_filter=None,
        step=2_000,
        debounce=60_000,
        yield_on_timeout=True,
        raise_interrupt=False,
        ignore_permission_denied=True,
    )
    first, sender = True, _alert_follower(settings)
    with suppress(KeyboardInterrupt):
        for changed in changes:
            # The first round also finds changes made between the initial reindex and the start of watching.
            if changed or first:
                try:
                    run(settings, full=False, as_json=as_json, only_changes=True)
                except SearchsvcError as error:
                    show_error(error)  # the next change may resolve it
            if sender is not None:
                sender.safe_step()  # messages that failed are due again, even if nothing changes
            first = False


def _alert_follower(settings: Settings) -> "Follower | None":
    if not settings.alerts:
        return None
    from searchsvc.alerts.follower import Follower

    return Follower(settings)
