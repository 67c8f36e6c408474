"""What is wrong with the arguments of a tool, in the words in which the API tells of parameters."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ValidationError

from searchsvc.errors import SearchsvcError, UserError
from searchsvc.messages import Message
from searchsvc.query.nearest import nearest_name

Schema = Mapping[str, Any]
_NAMES = {"from": "date_from", "to": "date_to", "filter": "filters"}
"""The arguments for parameters of the API that errors name."""
_ELSEWHERE = {
    "date": "%(field)s is not a field of metadata: use date_from and date_to",
    "q": "%(field)s is not a field of metadata: search %(field)s:… in the query instead",
}
"""Errors of filters that say what to use instead, by their hint."""
_SIMILARITY = 60  # percent, from which on an unknown name or value gets a hint
_MAX_SHOWN = 60  # characters of a name or a value


def unknown_argument(given: Collection[str], known: Collection[str]) -> str | None:
    """Return what to tell of the first argument that a tool does not have. Return None if it has all of them."""
    name = next((name for name in given if name not in known), None)
    if name is None:
        return None
    hint = nearest_name(name, [*known], _SIMILARITY)
    advice = f"; did you mean “{hint}”?" if hint else f": the arguments are {', '.join(known)}"
    return f"there is no argument “{_short(name)}”{advice}"


def invalid_argument(error: ValidationError, given: Mapping[str, Any], schemas: Mapping[str, Schema]) -> str:
    """Return what to tell of the first argument that is missing, or not as its schema says."""
    name = str(error.errors(include_url=False)[0]["loc"][0])
    if name not in given:
        return f"{name} is missing: give {_rule(schemas[name])}"
    value = given[name] if isinstance(given[name], str) else json.dumps(given[name], ensure_ascii=False)
    return f"{name} is “{_short(value)}”; it must be {_rule(schemas[name])}"


def message_for_tools(error: SearchsvcError) -> str:
    """Return the message of an error, with the names of arguments where the API has other ones."""
    message = error.public
    if not isinstance(error, UserError) or not isinstance(message, Message):
        return message
    if error.param == "filter" and error.hint in _ELSEWHERE and "field" in message.values:
        return Message(_ELSEWHERE[error.hint], **message.values)
    name = message.values.get("name")
    if name != error.param or name not in _NAMES:
        return message
    return Message(message.template, message.singular, **{**message.values, "name": _NAMES[name]})


def _rule(schema: Schema) -> str:
    match schema:
        case {"enum": choices}:
            return f"one of {', '.join(choices)}"
        case {"type": "integer", "minimum": least, "maximum": most}:
            return f"a whole number from {least:,} to {most:,}"
        case {"type": "integer", "minimum": least}:
            return f"a whole number from {least:,}"
        case {"type": "integer"}:
            return "a whole number"
        case {"type": "array"}:
            return "a list of strings"
    return "a string"


def _short(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
