"""Sending: signed webhooks, mails, and targets that fail."""

import base64
import hashlib
import hmac
import json
import socket
from dataclasses import replace
from time import monotonic
from typing import Any

import pytest

from searchsvc.alerts import state
from searchsvc.alerts.alerting import alerting
from searchsvc.alerts.state import MAX_AGE, PAUSES
from searchsvc.alerts.targets import DeliveryError, post, sign
from searchsvc.alerts.testing import alert_named, send_test
from searchsvc.errors import UserError
from searchsvc.model.alerts import Alert
from tests.alerts.conftest import AlertArchive
from tests.alerts.receiving import DrippingServer, MailServer, Webhook, receiving
from tests.serving import free_port

FERRY = Alert("Ferries", "ferry")
SECRET = "a-secret-of-20-chars"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that alerts see, which tests change."""
    now = [1_800_000_000.0]
    for module in ("state", "alerting", "delivery"):
        monkeypatch.setattr(f"searchsvc.alerts.{module}.time", lambda: now[0])
    return now


def followed(watched: AlertArchive, *alerts: Alert, **settings: Any) -> AlertArchive:
    watched.follow(*alerts, **settings).run()
    return watched.put("new", "The ferry sails.")


def test_requests_are_signed_as_standard_webhooks(watched: AlertArchive, webhook: Webhook) -> None:
    archive = followed(watched, replace(FERRY, webhook=(webhook.address,)), webhook_secret=SECRET)
    archive.publish()
    assert archive.run().sent == 1
    ((head, body),) = webhook.received
    signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert (head["webhook-signature"], head["content-type"]) == (f"v1,{expected}", "application/json")
    assert head.keys().isdisjoint({"authorization", "cookie"})


def test_the_signature_is_that_of_the_specification() -> None:
    # The example of https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    body, key = b'{"test": 2432232314}', "msg_p5jXN8AQM9LWM0D4loKWxJek"
    signature = sign(body, key, 1614265330, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert sign(body, key, 1, "whsec_no base64!") != signature


def test_a_target_that_fails_is_tried_again_with_growing_pauses(
    watched: AlertArchive, webhook: Webhook, clock: list[float]
) -> None:
    webhook.status = 500
    archive = followed(watched, replace(FERRY, webhook=(webhook.address,)))
    archive.publish()
    for number, pause in enumerate((*PAUSES, PAUSES[-1]), start=1):
        assert (archive.run().failed, len(webhook.received)) == (1, number)
        clock[0] += pause - 1
        assert archive.run().failed == 0
        clock[0] += 1
    (failing,) = archive.state().failing
    assert (failing.failures, failing.waiting, failing.reason) == (7, 1, "it answered with status 500")
    assert failing.target == "webhook at 127.0.0.1 (alert “Ferries”)"
    webhook.status = 200
    assert archive.run().sent == 1
    assert (archive.state().failing, archive.state().waiting) == ((), 0)
    assert len({head["webhook-id"] for head, _ in webhook.received}) == 1


def test_messages_wait_behind_one_that_fails_and_a_poisonous_one_stops_no_other(
    watched: AlertArchive, webhook: Webhook, clock: list[float]
) -> None:
    webhook.status = 400
    archive = followed(watched, replace(FERRY, webhook=(webhook.address,)))
    archive.publish()
    archive.run()
    archive.put("second", "Another ferry.").publish()
    assert (archive.run().failed, archive.state().waiting, len(webhook.received)) == (0, 2, 1)
    webhook.status = 204
    clock[0] += PAUSES[0]
    archive.run()
    assert webhook.titles() == [["The ferry sails."], ["Another ferry."], ["The ferry sails."]]


def test_one_target_that_fails_holds_up_no_other(watched: AlertArchive, webhook: Webhook) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/"
    archive = followed(watched, replace(FERRY, webhook=(nobody, webhook.address)), Alert("All", webhook=(nobody,)))
    archive.publish()
    report = archive.run()
    assert (report.sent, report.failed, report.waiting) == (1, 1, 2)
    assert archive.state().failing[0].reason == "Connection refused"


def test_redirects_and_servers_that_are_silent_are_failures(
    watched: AlertArchive, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("searchsvc.alerts.targets.TIMEOUT", 0.3)
    webhook.status = 302
    with socket.create_server(("127.0.0.1", 0)) as silent:
        addresses = (webhook.address, f"http://127.0.0.1:{silent.getsockname()[1]}/")
        archive = followed(watched, *(Alert(f"{n}", webhook=(each,)) for n, each in enumerate(addresses)))
        archive.publish()
        archive.run()
    reasons = {each.reason for each in archive.state().failing}
    assert reasons == {"it answered with status 302", "no answer within 0 seconds"}
    assert len(webhook.received) == 1


@pytest.mark.parametrize("address", ["http://[::1/secret", "http://a..b/secret", "http://a:99999/secret", "nothing:secret"])
def test_an_address_that_cannot_be_used_is_a_failure(watched: AlertArchive, webhook: Webhook, address: str) -> None:
    archive = followed(watched, replace(FERRY, webhook=(address, webhook.address)))
    archive.publish()
    report = archive.run()
    assert (report.sent, report.failed) == (1, 1)
    (failing,) = archive.state().failing
    assert "secret" not in str(failing)
    assert archive.run().failed == 0  # it waits


def test_a_server_that_drips_is_a_failure(watched: AlertArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("searchsvc.alerts.targets.TOTAL_TIMEOUT", 0.5)
    web, post = DrippingServer(b"HTTP/1.1 200 OK\r\nX: "), DrippingServer(b"220 ")
    with receiving(web), receiving(post):
        alert, settings = mailing(post, "desk@paper.example")
        archive = followed(watched, replace(alert, webhook=(f"http://127.0.0.1:{web.server_address[1]}/",)), **settings)
        archive.publish()
        begun = monotonic()
        assert archive.run().failed == 2
        assert monotonic() - begun < 10
    reasons = {each.reason for each in archive.state().failing}
    slow = "no whole answer within 0 seconds"
    assert reasons == {slow, f"the mail server 127.0.0.1: {slow}"}


def test_a_host_with_many_addresses_that_do_not_answer_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("searchsvc.alerts.targets.TIMEOUT", 0.2)
    monkeypatch.setattr("searchsvc.alerts.targets.TOTAL_TIMEOUT", 0.5)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as busy:
        port = busy.getsockname()[1]
        resolve = socket.getaddrinfo
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda host, *a, **b: resolve("127.0.0.1", *a, **b) * (50 ** (host[0] == "m"))
        )
        with socket.create_connection(("127.0.0.1", port)):  # more do not fit into its queue
            begun = monotonic()
            with pytest.raises(DeliveryError, match="no whole answer within"):
                post(f"http://many.example:{port}/", b"{}", "key", "")
            assert monotonic() - begun < 5


def test_messages_that_are_too_old_or_of_targets_that_are_gone_are_dropped(
    watched: AlertArchive, webhook: Webhook, clock: list[float]
) -> None:
    webhook.status = 500
    archive = followed(watched, replace(FERRY, webhook=(webhook.address,)), Alert("All", webhook=(webhook.address,)))
    archive.publish()
    archive.run()
    archive.follow(replace(FERRY, webhook=(webhook.address,)), Alert("All"))
    assert archive.run().waiting == 1
    clock[0] += MAX_AGE + 1
    assert archive.run().waiting == 0


def test_nothing_secret_is_shown_or_kept(watched: AlertArchive, webhook: Webhook) -> None:
    webhook.status = 500
    archive = followed(watched, replace(FERRY, webhook=(webhook.address,)), webhook_secret=SECRET)
    archive.publish()
    archive.run()
    kept = (archive.settings.index / state.FILE).read_bytes()
    for shown in (str(archive.state()), repr(archive.settings), kept.decode("latin-1")):
        assert "secret-path" not in shown
        assert SECRET not in shown


# Mails


def mailing(server: MailServer | DrippingServer, *addresses: str, **others: Any) -> tuple[Alert, dict[str, Any]]:
    settings = {"smtp_host": "127.0.0.1", "smtp_port": server.server_address[1], "smtp_tls": "none"}
    return replace(FERRY, mail=addresses), settings | {"smtp_from": "archive@paper.example"} | others


def test_a_mail_lists_the_articles(watched: AlertArchive, mail_server: MailServer) -> None:
    alert, settings = mailing(mail_server, "desk@paper.example", public_url="https://paper.example")
    archive = followed(watched, alert, **settings)
    archive.put("new", "The ferry sails.\nBcc: all@paper.example", title="Ferry\r\nBcc: x@paper.example", source="HNA")
    archive.publish()
    assert archive.run().sent == 1
    (mail,) = mail_server.mails
    assert (mail["To"], mail["From"], mail["Bcc"]) == ("desk@paper.example", "archive@paper.example", None)
    assert mail["Subject"] == "[Archive] Ferries: 1 new article"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@paper.example>")
    text = mail.get_content().splitlines()
    assert text[0] == "1 new article for the alert “Ferries” (ferry):"
    assert text[2:4] == ["1. Ferry Bcc: x@paper.example", "   HNA"]
    assert "   https://paper.example/article/new" in text
    assert text[-1] == "All articles, the newest first: https://paper.example/search?q=ferry&sort=newest"


def test_an_address_that_is_refused_holds_up_no_other(watched: AlertArchive, mail_server: MailServer) -> None:
    mail_server.refused = {"gone@paper.example"}
    alert, settings = mailing(mail_server, "gone@paper.example", "desk@paper.example")
    archive = followed(watched, alert, **settings)
    archive.publish()
    report = archive.run()
    assert (report.sent, report.failed, len(mail_server.mails)) == (1, 1, 1)
    (failing,) = archive.state().failing
    assert failing.target == "mail to gone@paper.example (alert “Ferries”)"
    assert failing.reason == "it answered 550 nobody is called so"


def test_a_mail_server_without_tls_or_that_is_not_there_fails_for_all(
    watched: AlertArchive, mail_server: MailServer
) -> None:
    alert, settings = mailing(mail_server, "a@paper.example", "b@paper.example", smtp_tls="starttls")
    archive = followed(watched, alert, **settings)
    archive.publish()
    assert archive.run().failed == 2
    assert "127.0.0.1" in archive.state().failing[0].reason
    with alerting(replace(archive.settings, smtp_port=free_port())) as alerts:
        assert alerts is not None
        assert alerts.run(now=True).failed == 2
    assert archive.state().failing[0].reason == "the mail server 127.0.0.1: Connection refused"


def test_a_login_that_is_not_ascii_is_a_failure(watched: AlertArchive, mail_server: MailServer) -> None:
    alert, settings = mailing(mail_server, "desk@paper.example", smtp_user="archive", smtp_password="schlüssel-secret")
    archive = followed(watched, alert, **settings)
    archive.publish()
    assert archive.run().failed == 1
    (failing,) = archive.state().failing
    assert failing.reason.endswith("smtp_user and smtp_password can have ASCII characters only")
    with alerting(replace(archive.settings, smtp_password="password")) as alerts:
        assert alerts is not None
        assert alerts.run(now=True).sent == 1
    assert base64.b64decode(mail_server.logins[0].split()[1]) == b"\0archive\0password"


# Tests of alerts


def test_a_test_sends_the_newest_hits_and_records_nothing(
    watched: AlertArchive, webhook: Webhook, mail_server: MailServer
) -> None:
    alert, settings = mailing(mail_server, "desk@paper.example")
    archive = watched.follow(replace(alert, webhook=(webhook.address,)), **settings)
    outcomes = send_test(alert_named("Ferries", archive.settings), archive.settings)
    assert list(outcomes.values()) == ["", ""]
    assert json.loads(webhook.received[0][1])["test"] is True
    assert mail_server.mails[0]["Subject"] == "[Archive] Test: Ferries: 1 new article"
    assert archive.state().alerts == ()
    webhook.status = 404
    assert "it answered with status 404" in send_test(archive.settings.alerts[0], archive.settings).values()


def test_a_name_that_is_unknown_has_a_hint(watched: AlertArchive) -> None:
    watched.follow(FERRY)
    with pytest.raises(UserError, match="there is no alert “Ferry”; did you mean “Ferries”"):
        alert_named("Ferry", watched.settings)
