"""Parameters in the body of a request: those of its address, as JSON or as a form."""

from collections.abc import Iterator
from typing import Any

import orjson
from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from searchsvc.api.parameter_reader import LANG, NUMBERS, REPEATED
from searchsvc.errors import UserError
from searchsvc.web.languages import use_language

Pairs = list[tuple[str, str]]
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def address_pairs() -> Pairs:
    """Return the parameters in the address."""
    return list(request.args.items(multi=True))


def json_pairs() -> Pairs:
    """Return the parameters in the address and in the JSON of the body. Raise UserError if that has none."""
    if not request.is_json:
        raise UnsupportedMediaType("the body must be application/json")
    pairs = [*address_pairs(), *_members(request.get_data())]
    use_language(dict(pairs).get(LANG, ""))
    return pairs


def given_pairs() -> Pairs:
    """Return the parameters in the address and in the body, if there is one. Raise UserError for JSON that has none."""
    if request.method != "POST":
        return address_pairs()
    if request.is_json:
        return json_pairs()
    if request.mimetype not in ("", *_FORMS):
        raise UnsupportedMediaType("the body must be application/json or application/x-www-form-urlencoded")
    return [*address_pairs(), *request.form.items(multi=True)]


def _members(body: bytes) -> Iterator[tuple[str, str]]:
    """Yield the parameters in a JSON object."""
    try:
        members = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise UserError(f"the body is not valid JSON: {error}") from None
    if not isinstance(members, dict):
        raise UserError("the body must be a JSON object of parameters")
    for name, value in members.items():
        if name in REPEATED:
            yield from ((name, text) for text in _texts(name, value))
        else:
            yield name, _number(name, value) if name in NUMBERS else _text(name, value)


def _texts(name: str, value: Any) -> Iterator[str]:
    if not isinstance(value, list):
        raise UserError(f"{name} must be a list of strings", param=name)
    return (_text(name, each) for each in value)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        kind = "a list of strings" if name in REPEATED else "a string"
        raise UserError(f"{name} must be {kind}", param=name[:200])
    return value


def _number(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise UserError(f"{name} must be a whole number", param=name)
    return str(int(value))
