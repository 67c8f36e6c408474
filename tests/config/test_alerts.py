"""The tables [[alert]] of the settings file."""

from pathlib import Path

import pytest

from searchsvc.alerts.questions import check_alerts
from searchsvc.config import Settings, load_settings
from searchsvc.errors import UserError
from searchsvc.model.alerts import MAX_ALERTS, Alert


def settings_in(tmp_path: Path, text: str) -> Settings:
    (tmp_path / "searchsvc.toml").write_text(text)
    return load_settings({}, tmp_path / "searchsvc.toml")


def test_alerts_are_read(tmp_path: Path) -> None:
    text = """
    smtp_host = "smtp.paper.example"
    smtp_from = "archive@paper.example"
    [[alert]]
    name = "Ferries"
    query = "ferry OR tunnel"
    filter = ["place:Lanthorn", "-source:HNA"]
    match = "any"
    webhook = ["https://hooks.example/a?b=c", "http://[::1]:8080/x"]
    mail = ["desk@paper.example"]
    [[alert]]
    name = "Everything"
    """
    settings = settings_in(tmp_path, text)
    webhook, mail = ("https://hooks.example/a?b=c", "http://[::1]:8080/x"), ("desk@paper.example",)
    filters = ("place:Lanthorn", "-source:HNA")
    ferries = Alert("Ferries", "ferry OR tunnel", filters, "any", webhook, mail)
    assert settings.alerts == (ferries, Alert("Everything"))
    targets = ["webhook at hooks.example", "webhook at ::1", "mail to desk@paper.example"]
    assert [str(target) for target in ferries.targets] == targets
    check_alerts(settings)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('[[alert]]\nquery = "x"', "alert 1 in .* needs a name of at most 100 characters"),
        ('[[alert]]\nname = "a\\nb"', "alert 1 in .* needs a name"),
        ('[alert]\nname = "a"', r"alert in .* must be tables: a line \[\[alert\]\]"),
        ('[[alert]]\nname = "a"\n[[alert]]\nname = "a"', "two alerts with the name “a”"),
        ('[[alert]]\nname = "a"\nqeury = "x"', "the alert “a” in .* has the unknown key “qeury”; did you mean “query”"),
        ('[[alert]]\nname = "a"\nzzz = "x"', "the keys are name, query, filter, match, webhook, mail"),
        ('[[alert]]\nname = "a"\nquery = ["x"]', "query of the alert “a” in .* must be a text"),
        ('[[alert]]\nname = "a"\nmatch = "anny"', "match of the alert “a” in .* must be one of all, any"),
        ('[[alert]]\nname = "a"\nwebhook = "ftp://x"', "webhook of the alert “a” in .* must be addresses that begin with"),
        ('[[alert]]\nname = "a"\nwebhook = "https://x/\\nHost: y"', "must be addresses that begin with https://"),
        *(
            (
                f'[[alert]]\nname = "a"\nwebhook = "{address}"',
                "webhook of the alert “a” in .* has an address without",
            )
            for address in ("http://[::1/x", "http://[/x", "http://]/", "http://:80/", "http://a:99999/", "http://a:b/")
        ),
        ('[[alert]]\nname = "a"\nmail = "desk"', "mail of the alert “a” in .* must be addresses such as"),
        ('[[alert]]\nname = "a"\nmail = "a@b.example\\nBcc: c@d.example"', "must be addresses such as"),
        ("[[alert]]\nname = 'a'\n" * (MAX_ALERTS + 1), "has 10,001 alerts; the limit is 10,000"),
        ('[[allert]]\nname = "a"', "did you mean “alert”"),
        ('public_url = "https://paper.example/"', "public_url .* must be an address such as"),
        ('smtp_host = "smtp.example:25"', "smtp_host .* must be the name of a mail server"),
        ('smtp_from = "archive"', "smtp_from .* must be an address such as"),
        ('smtp_tls = "ssl"', "smtp_tls .* must be one of starttls, tls, none"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, lines: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        settings_in(tmp_path, lines)


@pytest.mark.parametrize(
    ("alert", "message"),
    [
        (Alert("a", "x" * 1_001), "the alert “a”: the query has 1,001 characters; the limit is 1,000"),
        (Alert("a", "((("), "the alert “a”: nothing in the query can be searched for: leave it out, or write \\*"),
        (Alert("a", filters=("place",)), "the alert “a”: “place” is not a filter"),
        (Alert("a", mail=("a@b.example",)), "the alert “a” sends mails: set smtp_host and smtp_from"),
    ],
)
def test_wrong_searches_and_missing_settings_are_told_with_the_name(alert: Alert, message: str) -> None:
    check_alerts(Settings(alerts=(Alert("good", "pages:1..3 plcae:x", ("anything:x", "pages:1..2")),)))
    check_alerts(Settings(alerts=(Alert("all"), Alert("all of a place", "*", ("place:Oakmoor",)))))
    with pytest.raises(UserError, match=message):
        check_alerts(Settings(alerts=(alert,)))
