"""A test of an alert: a message with the newest articles that it finds, sent at once and not recorded."""

import json
from dataclasses import replace
from itertools import islice
from secrets import token_hex

from searchsvc.alerts.messages import mail, message
from searchsvc.alerts.questions import parse_alert
from searchsvc.alerts.targets import DeliveryError, mail_server, post
from searchsvc.api.serialize import to_json
from searchsvc.config import Settings
from searchsvc.errors import UserError
from searchsvc.model.alerts import Alert, Target
from searchsvc.query.nearest import nearest_name
from searchsvc.search import SearchService

HITS = 3
_NEAR = 60  # percent


def alert_named(name: str, settings: Settings) -> Alert:
    """Return the alert with a name. Raise UserError if there is none, naming the nearest."""
    names = [alert.name for alert in settings.alerts]
    if name in names:
        return settings.alerts[names.index(name)]
    hint = nearest_name(name, names, _NEAR)
    advice = f"; did you mean “{hint}”?" if hint else ""
    raise UserError(f"there is no alert “{name[:200]}”{advice}", param="test", hint=hint)


def send_test(alert: Alert, settings: Settings) -> dict[Target, str]:
    """Send a test message to each target of an alert. Return why each has not taken it, or "" if it has."""
    searcher = SearchService(settings).acquire()
    found = parse_alert(alert, searcher)
    if found.question is None:
        raise UserError(f"the alert “{alert.name}”: {found.problem}", param="test")
    request = replace(found.question.request, versions="all", per_page=HITS, snippets=1)
    results = searcher.search(replace(found.question, request=request), with_help=False).results
    hits = tuple(islice(results.hits, HITS))
    content = to_json(replace(message(found, hits, len(hits), settings, searcher.generation.name), test=True))
    return {target: _send(target, content, settings) for target in alert.targets}


def _send(target: Target, content: bytes, settings: Settings) -> str:
    key = f"msg_{token_hex(16)}"
    try:
        if target.kind == "webhook":
            post(target.address, content, key, settings.webhook_secret)
        else:
            with mail_server(settings) as mailer:
                mailer.send(mail(json.loads(content), key, target.address, settings))
    except DeliveryError as error:
        return str(error)
    return ""
