"""The command `alerts`, and what a reindex does for alerts."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict

import click

from searchsvc.alerts.alerting import AlertReport, alerting
from searchsvc.alerts.follower import follow_forever
from searchsvc.alerts.questions import AlertQuestion, check_alerts, parse_alert
from searchsvc.alerts.reading import State, read_state
from searchsvc.alerts.testing import alert_named, send_test
from searchsvc.cli.options import show_error
from searchsvc.cli.output import counted, failing_lines, print_json, printable
from searchsvc.config import Settings
from searchsvc.errors import BusyError, NoIndexError, ServiceError, UserError
from searchsvc.model.alerts import Alert
from searchsvc.search import SearchService


def prepare(settings: Settings) -> None:
    """Check the alerts before a reindex, and follow those that are new, so that they report what it publishes."""
    check_alerts(settings)
    try:
        with alerting(settings) as alerts:
            if alerts is not None:
                alerts.update()
    except ServiceError as error:
        show_error(error)  # no reason to leave the index as it is


def report_new(settings: Settings, *, as_json: bool) -> None:
    """Try the articles that a reindex has published, and send what is due. Print what was done on standard error."""
    with alerting(settings) as alerts:
        report = alerts.run() if alerts is not None else AlertReport()
    if not as_json:
        for line in _report_lines(report):
            click.echo(printable(line), err=True)


def send(settings: Settings, *, now: bool, as_json: bool) -> None:
    """Try the new articles and send what is due, or all messages `now`. Exit with 1 if a message fails."""
    _require_alerts(settings)
    with alerting(settings) as alerts:
        if alerts is None:
            raise BusyError("another process tries and sends the alerts, such as `searchsvc serve`: leave it to that")
        report = alerts.run(now=now)
    if as_json:
        print_json(report)
    else:
        for line in _report_lines(report) or ["nothing new"]:
            click.echo(printable(line))
    if report.failed:
        sys.exit(1)


def watch(settings: Settings) -> None:
    """Follow the index until ctrl-C."""
    _require_alerts(settings)
    click.echo(f"following {settings.index} for {counted(len(settings.alerts), 'alert')}; press ctrl-C to stop", err=True)
    with suppress(KeyboardInterrupt):
        follow_forever(settings)


def test(settings: Settings, name: str, *, as_json: bool) -> None:
    """Send a test message to the targets of an alert. Exit with 1 if one does not take it."""
    alert = alert_named(name, settings)
    if not alert.targets:
        raise UserError(f"the alert “{alert.name}” has no webhook and no mail, only its feed", param="test")
    check_alerts(settings)
    outcomes = send_test(alert, settings)
    if as_json:
        print_json([{"target": str(target), "error": error or None} for target, error in outcomes.items()])
    else:
        for target, error in outcomes.items():
            click.echo(printable(f"{target}: {error or 'sent'}"))
    if any(outcomes.values()):
        sys.exit(1)


def show(settings: Settings, *, as_json: bool) -> None:
    """List the alerts, what they have reported, what is wrong with their searches, and the targets that fail."""
    _require_alerts(settings)
    state = read_state(settings.index, settings.alerts)
    parsed = list(_parsed(settings))
    if as_json:
        print_json({"alerts": [_alert_json(each, state) for each in parsed], **_targets_json(state)})
        return
    for each in parsed:
        click.echo(printable(_alert_line(each.alert, state)))
        for note in filter(None, (each.problem, *each.notes)):
            click.echo(printable(f"  note: {note}"))
    for line in failing_lines(state):
        click.echo(printable(line))


def _require_alerts(settings: Settings) -> None:
    if not settings.alerts:
        raise UserError("there are no alerts: add tables [[alert]] to the settings file", param="alert")
    check_alerts(settings)


def _parsed(settings: Settings) -> Iterator[AlertQuestion]:
    """Yield the search of each alert in the live archive, or without an archive, each alert without notes."""
    try:
        searcher = SearchService(settings).acquire()
    except NoIndexError:
        yield from (AlertQuestion(alert, None) for alert in settings.alerts)
        return
    yield from (parse_alert(alert, searcher) for alert in settings.alerts)


def _alert_line(alert: Alert, state: State) -> str:
    found = next((each for each in state.alerts if each.name == alert.name), None)
    reported = f"reported {counted(found.reported, 'article')}" if found is not None else "begins with the next articles"
    last = f", the last on {found.last:%Y-%m-%d %H:%M} UTC" if found is not None and found.last else ""
    return f"{alert.name}: {alert.shown}; {reported}{last}; {', '.join(['feed', *map(str, alert.targets)])}"


def _alert_json(parsed: AlertQuestion, state: State) -> dict[str, object]:
    alert = parsed.alert
    found = next((each for each in state.alerts if each.name == alert.name), None)
    return {
        "name": alert.name,
        "query": alert.query,
        "filters": alert.filters,
        "targets": [str(target) for target in alert.targets],
        "reported": found.reported if found else 0,
        "last": found.last if found else None,
        "problem": parsed.problem or None,
        "notes": parsed.notes,
    }


def _targets_json(state: State) -> dict[str, object]:
    return {"waiting": state.waiting, "failing": [asdict(each) for each in state.failing]}


def _report_lines(report: AlertReport) -> list[str]:
    lines = list(report.problems)
    if report.reported:
        hits = counted(sum(report.reported.values()), "new hit")
        lines.append(f"alerts: {hits} for {counted(len(report.reported), 'alert')}")
    if report.sent or report.failed:
        waiting = f", {counted(report.waiting, 'message')} waiting" if report.waiting else ""
        lines.append(f"alerts: {counted(report.sent, 'message')} sent, {report.failed:,} failed{waiting}")
    return lines
