"""The alerts of the settings file: its tables `[[alert]]`."""

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

from searchsvc.errors import UserError
from searchsvc.model.alerts import MAX_ALERTS, MAX_NAME, MAX_TARGETS, Alert, host_of
from searchsvc.model.limits import Match

_KEYS = {"name": "name", "query": "query", "filter": "filters", "match": "match", "webhook": "webhook", "mail": "mail"}
"""The keys of a table, and the attributes that they set."""
_LISTS = ("filter", "webhook", "mail")
_MAX_TEXT = 1_000  # characters of a value
_URL = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+(?:[/?][!-~]*)?")
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


def parse_alerts(tables: Any, file: Path) -> tuple[Alert, ...]:
    """Return the alerts of a settings file. Raise UserError, naming the alert, for an unknown key or an invalid value."""
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise UserError(f'alert in {file} must be tables: a line [[alert]], then lines such as name = "Ferries"')
    if len(tables) > MAX_ALERTS:
        raise UserError(f"{file} has {len(tables):,} alerts; the limit is {MAX_ALERTS:,}", param="alert")
    alerts = tuple(_parse(table, number, file) for number, table in enumerate(tables, start=1))
    names = [alert.name for alert in alerts]
    if twice := next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None:
        raise UserError(f"{file} has two alerts with the name “{twice}”: each needs a name of its own", param="alert")
    return alerts


def _parse(table: Mapping[str, Any], number: int, file: Path) -> Alert:
    name = table.get("name", "")
    if not isinstance(name, str) or not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise UserError(
            f"alert {number} in {file} needs a name of at most {MAX_NAME} characters, in one line", param="alert"
        )
    where = f"the alert “{name}” in {file}"
    for key in table:
        if key not in _KEYS:
            hint = next(iter(difflib.get_close_matches(key, _KEYS, 1)), None)
            advice = f"did you mean “{hint}”?" if hint else f"the keys are {', '.join(_KEYS)}"
            raise UserError(f"{where} has the unknown key “{key}”; {advice}", param=key, hint=hint)
    values: dict[str, Any] = {_KEYS[key]: _value(key, value, where) for key, value in table.items()}
    alert = Alert(**values)
    _check(alert, where)
    return alert


def _value(key: str, value: Any, where: str) -> str | tuple[str, ...]:
    """Return the value of a key: a text, or a tuple of texts for a key that may have several."""
    values = value if isinstance(value, list) and key in _LISTS else [value]
    if not all(isinstance(each, str) and len(each) <= _MAX_TEXT for each in values):
        what = "a text or a list of texts" if key in _LISTS else "a text"
        raise UserError(f"{key} of {where} must be {what} of at most {_MAX_TEXT:,} characters", param=key)
    return tuple(values) if key in _LISTS else values[0].strip()


def _check(alert: Alert, where: str) -> None:
    """Raise UserError if a value is not of its form."""
    if alert.match not in get_args(Match):
        hint = next(iter(difflib.get_close_matches(alert.match, get_args(Match), 1)), None)
        raise UserError(f"match of {where} must be one of {', '.join(get_args(Match))}", param="match", hint=hint)
    _check_addresses(
        "webhook",
        alert.webhook,
        _URL,
        "addresses that begin with https:// or http://, without a name and a password",
        where,
    )
    _check_addresses("mail", alert.mail, _MAIL, "addresses such as desk@paper.example", where)


def _check_addresses(key: str, values: Iterable[str], form: re.Pattern[str], expected: str, where: str) -> None:
    """Raise UserError if a value is none of an address. The message does not show webhooks, which are often secret."""
    values = list(values)
    if len(values) > MAX_TARGETS:
        raise UserError(f"{key} of {where} has {len(values)} addresses; the limit is {MAX_TARGETS}", param=key)
    if not all(map(form.fullmatch, values)):
        raise UserError(f"{key} of {where} must be {expected}", param=key)
    if key == "webhook" and not all(map(host_of, values)):
        raise UserError(
            f"webhook of {where} has an address without a host, or with a wrong port or IPv6 address", param=key
        )
