"""What alerts report: each new hit once, whatever happens to the index or to the process."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import replace

import pytest

from searchsvc.alerts.alerting import alerting
from searchsvc.alerts.reading import read_reported
from searchsvc.errors import ServiceError
from searchsvc.index import GenerationStore
from searchsvc.indexer import publication, reindex
from searchsvc.model.alerts import Alert
from searchsvc.search import SearchService
from tests.alerts.conftest import AlertArchive, damage_pages
from tests.alerts.receiving import Webhook
from tests.conftest import ROOT

FERRY = Alert("Ferries", "ferry")


@pytest.fixture
def ferries(watched: AlertArchive) -> AlertArchive:
    """An archive with an alert that has been followed from its first article on."""
    watched.follow(FERRY)
    assert watched.reported() == {}
    return watched


def test_new_articles_are_reported_once(ferries: AlertArchive) -> None:
    ferries.put("new", "Ferries sail at dawn.").put("other", "A tunnel.").publish()
    report = ferries.run()
    assert (report.tried, report.reported) == (2, {"Ferries": 1})
    assert [each.id for each in read_reported(ferries.settings.index, "Ferries", 9)] == ["new"]
    assert ferries.run().tried == 0


def test_a_changed_article_is_reported_when_it_is_found_and_not_again(ferries: AlertArchive) -> None:
    ferries.put("other", "A tunnel.").publish()
    assert ferries.reported() == {}
    ferries.put("other", "A tunnel instead of the ferry.").publish()
    assert ferries.reported() == {"Ferries": 1}
    ferries.put("other", "A tunnel instead of the old ferry.").publish()
    assert (ferries.run().tried, ferries.reported()) == (1, {})


def test_full_reindexes_moved_files_and_rollbacks_report_nothing_again(ferries: AlertArchive) -> None:
    ferries.put("new", "Ferries sail.").publish()
    assert ferries.reported() == {"Ferries": 1}
    ferries.publish(full=True)
    assert ferries.run().tried == 0
    shutil.move(ferries.settings.corpus / "a.jsonl", ferries.settings.corpus / "b.jsonl")
    reindex(ferries.settings)
    assert ferries.run().tried == 0
    SearchService(ferries.settings).rollback()
    assert ferries.run().tried == 0
    ferries.put("newest", "The ferry is full.").publish("b.jsonl")
    assert ferries.reported() == {"Ferries": 1}


def test_a_moved_file_without_ids_of_its_own_has_no_new_articles(ferries: AlertArchive) -> None:
    ferries.archive.write({"a.txt": "The ferry of the harbour."})
    reindex(ferries.settings)
    assert ferries.reported() == {"Ferries": 1}
    shutil.move(ferries.settings.corpus / "a.txt", ferries.settings.corpus / "renamed.txt")
    ferries.archive.write({"b.txt": "Another ferry."})
    reindex(ferries.settings)
    assert (ferries.run().tried, len(read_reported(ferries.settings.index, "Ferries", 9))) == (1, 2)
    assert {each.id for each in read_reported(ferries.settings.index, "Ferries", 9)} == {"renamed.txt", "b.txt"}


def test_another_version_that_reads_files_otherwise_reports_new_articles_only(
    ferries: AlertArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication, "READER_VERSION", 10_000)
    ferries.put("old", "The old ferry sails, read better.").put("new", "A ferry.").publish(full=True)
    assert (ferries.run().reported, ferries.state().alerts[0].reported) == ({"Ferries": 1}, 1)


def test_an_alert_begins_with_what_is_published_after_it_was_added(ferries: AlertArchive) -> None:
    ferries.put("new", "Ferries sail.").publish()
    ferries.follow(FERRY, Alert("All"))
    assert ferries.reported() == {"Ferries": 1}
    ferries.put("newer", "Tea.").publish()
    assert ferries.reported() == {"All": 1}


def test_several_generations_at_once_are_tried_even_if_the_first_is_gone(ferries: AlertArchive) -> None:
    for number in range(5):
        ferries.put(f"n{number}", f"Ferry {number} sails.").publish()
    assert "g000001" not in [each.name for each in GenerationStore(ferries.settings.index).generations()]
    assert ferries.reported() == {"Ferries": 5}


def test_filters_and_any_word_narrow_an_alert_and_a_wrong_search_costs_itself_only(ferries: AlertArchive) -> None:
    narrow = Alert("Narrow", "ferry tunnel", ("place:Lanthorn", "-source:HNA"), "any")
    ferries.follow(FERRY, narrow, Alert("Wrong", filters=("plcae:Lanthorn",)))
    ferries.run()
    ferries.put("a", "The ferry.", place="Lanthorn").put("b", "A tunnel.", place="Lanthorn", source="HNA")
    ferries.put("c", "A tunnel.", place="Lanthorn").publish()
    report = ferries.run()
    assert report.reported == {"Ferries": 1, "Narrow": 2}
    assert report.problems == ("the alert “Wrong”: no article has the field “plcae”; did you mean “place”?",)


def test_articles_are_tried_in_batches(ferries: AlertArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("searchsvc.alerts.alerting.MAX_BATCH", 3)
    for number in range(8):
        ferries.put(f"n{number}", f"Ferry {number} sails.")
    ferries.publish()
    assert (ferries.run().reported, ferries.state().alerts[0].reported) == ({"Ferries": 8}, 8)


def test_messages_list_the_newest_articles_and_count_all(
    ferries: AlertArchive, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("searchsvc.alerts.matching.MAX_HITS", 2)
    alert = replace(FERRY, webhook=(webhook.address,))
    ferries.follow(alert, public_url="https://paper.example/archive").put("a", "Ferry A", date="2020-01-01")
    ferries.put("b", "Ferry & Co", date="2022-01-01").put("c", "Ferry C").put("d", "Ferry D", date="2021-01-01").publish()
    ferries.run()
    (message,) = webhook.messages()
    assert [each["id"] for each in message["results"]] == ["b", "d"]
    assert (message["alert"], message["query"], message["total"], message["test"]) == ("Ferries", "ferry", 4, False)
    assert message["results"][0]["title_html"] == "<mark>Ferry</mark> &amp; Co"
    assert message["results"][0]["link"] == "https://paper.example/archive/article/b"
    assert message["link"] == "https://paper.example/archive/search?q=ferry&sort=newest"


def test_one_process_at_a_time_sends(ferries: AlertArchive) -> None:
    with alerting(ferries.settings), alerting(ferries.settings) as second:
        assert second is None


def test_without_alerts_or_an_index_nothing_happens(ferries: AlertArchive) -> None:
    with alerting(replace(ferries.settings, alerts=())) as none:
        assert none is None
    with alerting(replace(ferries.settings, index=ferries.settings.corpus / "none")) as none:
        assert none is None


def test_a_damaged_state_is_an_error_that_says_what_to_do(ferries: AlertArchive) -> None:
    (ferries.settings.index / "alerts.sqlite").write_bytes(b"no database" * 1_000)
    with pytest.raises(ServiceError, match="delete the file, and the alerts begin anew"), alerting(ferries.settings):
        pass


def test_a_state_that_is_damaged_inside_is_such_an_error_too(ferries: AlertArchive) -> None:
    damage_pages(ferries.settings.index / "alerts.sqlite")
    with pytest.raises(ServiceError, match="delete the file, and the alerts begin anew"):
        ferries.run()


@pytest.mark.parametrize("temporary", [True, False], ids=["temporary folder", "manifest"])
def test_articles_that_cannot_be_tried_are_tried_later(
    ferries: AlertArchive, monkeypatch: pytest.MonkeyPatch, *, temporary: bool
) -> None:
    base = ferries.settings.index / "alerts-g000001.sqlite"
    content = base.read_bytes()
    ferries.put("new", "Ferries sail.").publish()
    with monkeypatch.context() as patch:
        if temporary:
            patch.setattr(tempfile, "tempdir", str(ferries.settings.corpus / "none"))
        else:
            base.unlink()
            base.write_bytes(content)
            damage_pages(base)
        with pytest.raises(ServiceError, match="the new articles of g000002 cannot be tried for alerts"):
            ferries.run()
    base.unlink()
    base.write_bytes(content)
    assert ferries.reported() == {"Ferries": 1}


def test_alerts_begin_anew_without_their_manifest_and_when_another_version_wrote_it(
    ferries: AlertArchive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ferries.put("a", "Ferry A.").publish()
    (ferries.settings.index / "alerts-g000001.sqlite").unlink()
    assert ferries.reported() == {}
    assert "alerts-g000001.sqlite is missing" in caplog.text
    ferries.put("b", "Ferry B.").publish()
    monkeypatch.setattr("searchsvc.alerts.alerting.MANIFEST_VERSION", 10_000)
    assert ferries.reported() == {}
    assert "begin anew with g000003: another version" in caplog.text
    monkeypatch.undo()
    ferries.put("c", "Ferry C.").publish()
    assert ferries.reported() == {"Ferries": 1}


def test_a_state_that_was_deleted_begins_with_a_manifest_of_its_own(ferries: AlertArchive) -> None:
    base = ferries.settings.index / "alerts-g000001.sqlite"
    base.unlink()
    base.write_bytes(b"damaged")
    (ferries.settings.index / "alerts.sqlite").unlink()
    assert ferries.reported() == {}
    ferries.put("new", "Ferries sail.").publish()
    assert ferries.reported() == {"Ferries": 1}


def test_nothing_is_kept_of_an_alert_that_was_removed(ferries: AlertArchive) -> None:
    ferries.follow(FERRY, replace(FERRY, name="Gone", mail=("a@paper.example",)), smtp_host="127.0.0.1", smtp_port=1)
    ferries.run()
    ferries.put("new", "Ferries sail.").publish()
    assert (ferries.reported(), ferries.state().waiting) == ({"Ferries": 1, "Gone": 1}, 1)
    ferries.follow(FERRY)
    ferries.run()
    assert ([each.name for each in ferries.state().alerts], ferries.state().waiting) == (["Ferries"], 0)
    with closing(sqlite3.connect(ferries.settings.index / "alerts.sqlite")) as database:
        assert database.execute("SELECT count(*) FROM reported").fetchone() == (1,)
        assert database.execute("SELECT count(*) FROM messages").fetchone() == (0,)


# Crashes

_KILLED = """
import os, sys, signal
from pathlib import Path
from searchsvc.alerts import alerting, state, targets, delivery
from searchsvc.config import Settings
from searchsvc.model.alerts import Alert
def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
place, index, corpus, address = sys.argv[1:]
if place == "before": state.AlertStore.record = die
if place == "recorded": state.AlertStore.finish = die
if place == "finished": alerting.deliver = die
if place == "sent": state.AlertStore.delivered = die
settings = Settings(index=Path(index), corpus=Path(corpus), alerts=(Alert("Ferries", "ferry", webhook=(address,)),))
with alerting.alerting(settings) as alerts:
    alerts.run()
"""


@pytest.mark.slow
@pytest.mark.parametrize("place", ["before", "recorded", "finished", "sent"])
def test_a_process_that_is_killed_loses_nothing_and_repeats_with_the_same_id(
    ferries: AlertArchive, webhook: Webhook, place: str
) -> None:
    ferries.follow(replace(FERRY, webhook=(webhook.address,)))
    ferries.run()
    ferries.put("new", "The ferry sails.").publish()
    paths = [str(ferries.settings.index), str(ferries.settings.corpus), webhook.address]
    killed = subprocess.run([sys.executable, "-c", _KILLED, place, *paths], cwd=ROOT, env=os.environ, check=False)
    assert killed.returncode == -signal.SIGKILL
    ferries.run()
    ferries.run()
    assert webhook.titles() == [["The ferry sails."]] * (2 if place == "sent" else 1)
    assert len({head["webhook-id"] for head, _ in webhook.received}) == 1
    assert (ferries.state().waiting, ferries.state().alerts[0].reported) == (0, 1)
