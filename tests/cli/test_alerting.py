"""`searchsvc alerts`, and what `reindex` and `stats` say of alerts."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from searchsvc.alerts.alerting import alerting
from searchsvc.cli import main
from searchsvc.model.alerts import Alert
from tests.alerts.conftest import AlertArchive, damage_pages, watched, webhook  # noqa: F401  fixtures
from tests.alerts.receiving import Webhook
from tests.conftest import Archive


class Commands:
    """The commands with a settings file of alerts."""

    def __init__(self, archive: AlertArchive, file: Path, address: str) -> None:
        self.archive = archive
        self._file = file
        file.write_text(
            f'[[alert]]\nname = "Ferries"\nquery = "ferry"\nwebhook = "{address}"\n'
            '[[alert]]\nname = "Tea"\nquery = "tea plcae:x"\nfilter = "mood:calm"\n'
        )

    def run(self, *arguments: str) -> Result:
        settings = self.archive.settings
        environ = {"SEARCHSVC_CORPUS": str(settings.corpus), "SEARCHSVC_INDEX": str(settings.index)}
        environ["SEARCHSVC_CONFIG"] = str(self._file)
        return CliRunner().invoke(main, list(arguments), env=environ, catch_exceptions=False)

    def write(self, name: str, text: str) -> None:
        self.archive.archive.write({name: text})


@pytest.fixture
def commands(watched: AlertArchive, webhook: Webhook, tmp_path: Path) -> Commands:  # noqa: F811
    return Commands(watched, tmp_path / "searchsvc.toml", webhook.address)


def test_a_reindex_reports_and_the_list_shows_it(commands: Commands, webhook: Webhook) -> None:  # noqa: F811
    commands.write("new.txt", "The ferry sails.")
    done = commands.run("reindex")
    assert done.exit_code == 0
    assert "alerts: 1 new hit for 1 alert\nalerts: 1 message sent, 0 failed\n" in done.stderr
    assert webhook.titles() == [["The ferry sails."]]
    shown = commands.run("alerts").stdout.splitlines()
    assert shown[0].startswith("Ferries: ferry; reported 1 article, the last on ")
    assert shown[0].endswith("; feed, webhook at 127.0.0.1")
    assert shown[1:] == ["Tea: tea plcae:x mood:calm; reported 0 articles; feed", "  note: no article has the field “mood”"]
    listed = json.loads(commands.run("alerts", "--json").stdout)
    assert [each["reported"] for each in listed["alerts"]] == [1, 0]
    assert listed["alerts"][1]["problem"] == "no article has the field “mood”"


def test_a_target_that_fails_is_listed_by_stats_and_can_be_retried(commands: Commands, webhook: Webhook) -> None:  # noqa: F811
    webhook.status = 503
    commands.write("new.txt", "The ferry sails.")
    assert "alerts: 0 messages sent, 1 failed, 1 message waiting" in commands.run("reindex").stderr
    for command in ("stats", "alerts"):
        lines = commands.run(command).stdout.splitlines()[-2:]
        assert lines[0] == "alerts: 1 message waiting"
        assert lines[1].startswith("webhook at 127.0.0.1 (alert “Ferries”): failed 1 time since ")
        assert lines[1].endswith("UTC: it answered with status 503")
    assert json.loads(commands.run("stats", "--json").stdout)["alerts"]["waiting"] == 1
    assert commands.run("alerts", "--retry").exit_code == 1
    webhook.status = 200
    assert commands.run("alerts", "--retry").stdout == "alerts: 1 message sent, 0 failed\n"
    assert commands.run("alerts", "--send").stdout.endswith("nothing new\n")
    assert json.loads(commands.run("alerts", "--send", "--json").stdout)["sent"] == 0


def test_a_test_is_sent(commands: Commands, webhook: Webhook) -> None:  # noqa: F811
    assert commands.run("alerts", "--test", "Ferries").stdout == "webhook at 127.0.0.1: sent\n"
    assert webhook.messages()[0]["test"] is True
    webhook.status = 410
    failed = commands.run("alerts", "--test", "Ferries", "--json")
    assert (failed.exit_code, json.loads(failed.stdout)[0]["error"]) == (1, "it answered with status 410")


def test_wrong_usage_is_one_line(commands: Commands, archive: Archive) -> None:
    for arguments, message in (
        (["--test", "Ferry"], "there is no alert “Ferry”; did you mean “Ferries”?"),
        (["--test", "Tea"], "the alert “Tea” has no webhook and no mail, only its feed"),
        (["--send", "--watch"], "choose one of --send, --retry, --watch and --test"),
    ):
        refused = commands.run("alerts", *arguments)
        assert (refused.exit_code, refused.stderr) == (2, f"searchsvc: {message}\n")
    environ = {"SEARCHSVC_INDEX": str(archive.settings.index)}
    none = CliRunner().invoke(main, ["alerts"], env=environ)
    assert none.stderr == "searchsvc: there are no alerts: add tables [[alert]] to the settings file\n"


def test_a_wrong_alert_stops_a_reindex_before_it_begins(commands: Commands) -> None:
    commands._file.write_text('[[alert]]\nname = "Tea"\nfilter = "mood"\n')
    refused = commands.run("reindex", "--full")
    assert (refused.exit_code, "searchsvc: the alert “Tea”: “mood” is not a filter" in refused.stderr) == (2, True)


@pytest.mark.parametrize("inside", [True, False])
def test_a_state_that_cannot_be_used_stops_no_reindex(commands: Commands, *, inside: bool) -> None:
    state = commands.archive.settings.index / "alerts.sqlite"
    commands.run("alerts", "--send")
    if inside:
        damage_pages(state)
    else:
        state.write_bytes(b"no database" * 1_000)
    commands.write("new.txt", "The ferry sails.")
    done = commands.run("reindex")
    assert "published g000002" in done.stdout
    assert (done.exit_code, "cannot be used" in done.stderr) == (1, True)


def test_another_process_that_sends_is_left_alone(commands: Commands) -> None:
    settings = commands.archive.follow(Alert("Ferries", "ferry")).settings
    with alerting(settings):
        commands.write("new.txt", "The ferry sails.")
        assert commands.run("reindex").exit_code == 0
        busy = commands.run("alerts", "--send")
    assert (busy.exit_code, "another process tries and sends the alerts" in busy.stderr) == (1, True)
