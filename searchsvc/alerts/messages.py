"""The messages of alerts: JSON for webhooks, and mails that are made of it."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from searchsvc.alerts.questions import AlertQuestion
from searchsvc.api import Addresses, Links, serialize
from searchsvc.api.addresses import article_path
from searchsvc.api.alert_schema import AlertHit, AlertMessage
from searchsvc.config import Settings
from searchsvc.model.results import Hit
from searchsvc.search.question import Question


def message(found: AlertQuestion, hits: Iterable[Hit], total: int, settings: Settings, generation: str) -> AlertMessage:
    """Return the message about hits. `total` is their number, of which `hits` may be a part."""
    alert = found.alert
    return AlertMessage(
        type="alert",
        alert=alert.name,
        query=alert.query,
        filters=alert.filters,
        test=False,
        created=dt.datetime.now(dt.UTC).replace(microsecond=0),
        generation=generation,
        total=total,
        results=tuple(AlertHit(**vars(serialize.hit(each)), link=_article_link(each, settings)) for each in hits),
        link=_search_link(found.question, settings),
    )


def _article_link(hit: Hit, settings: Settings) -> str | None:
    if not settings.public_url:
        return None
    addresses = _addresses(settings)
    return addresses.absolute(addresses.to(article_path(hit.article.id)))


def _search_link(question: Question | None, settings: Settings) -> str | None:
    if question is None or not settings.public_url:
        return None
    newest = replace(question, request=replace(question.request, sort="newest", page=1, after=None))
    addresses = _addresses(settings)
    return addresses.absolute(Links(addresses, "/search", newest).here())


def _addresses(settings: Settings) -> Addresses:
    parts = urlsplit(settings.public_url)
    return Addresses(parts.path, f"{parts.scheme}://{parts.netloc}")


def mail(content: Mapping[str, Any], key: str, recipient: str, settings: Settings) -> EmailMessage:
    """Return the mail for the JSON of a message. Only the settings and the name of the alert are in its head.

    Each attempt has the same id, by which mail systems recognise a repetition.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = settings.smtp_from, recipient
    mail["Subject"] = _subject(content, settings)
    mail["Date"] = format_datetime(dt.datetime.fromisoformat(content["created"]))
    mail["Message-ID"] = f"<{key}@{settings.smtp_from.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer of an absent reader comes back
    mail.set_content("\n".join(_lines(content)))
    return mail


def _subject(content: Mapping[str, Any], settings: Settings) -> str:
    test = "Test: " if content["test"] else ""
    return f"[{settings.title}] {test}{content['alert']}: {_counted(content['total'])}"


def _counted(total: int) -> str:
    return "1 new article" if total == 1 else f"{total:,} new articles"


def _lines(content: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a mail."""
    if content["test"]:
        yield "This is a test. The articles are the newest that the alert finds."
        yield ""
    what = " ".join((content["query"], *content["filters"])).strip() or "all articles"
    yield f"{_counted(content['total'])} for the alert “{content['alert']}” ({_line(what)}):"
    for number, each in enumerate(content["results"], start=1):
        yield ""
        yield from _article_lines(number, each)
    yield ""
    if (more := content["total"] - len(content["results"])) > 0:
        yield f"… and {more:,} more"
    if content["link"]:
        yield f"All articles, the newest first: {content['link']}"


def _article_lines(number: int, found: Mapping[str, Any]) -> Iterator[str]:
    yield f"{number}. {_line(found['title'])}"
    about = filter(None, (found["date"], found["source"], ", ".join(found["author"])))
    yield f"   {_line(' · '.join(about)) or found['id']}"
    yield from (f"   {_line(snippet['text'])}" for snippet in found["snippets"])
    if link := found["link"] or found["url"]:
        yield f"   {_line(link)}"


def _line(text: str) -> str:
    """Return a text as one line without control characters."""
    return "".join(char if char.isprintable() else " " for char in " ".join(text.split()))
