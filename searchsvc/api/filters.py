r"""The text of a filter: `FIELD:VALUE`, `-FIELD:VALUE` for articles without it, or `FIELD:10..20` for numbers.

A backslash escapes a character of the name: `geo\:lat:54` is the value 54 of the field `geo:lat`, and `\-x:1` is one of the
field `-x`. A backslash in front of the value says that it is no range: `pages:\10..20`.
"""

import re
from typing import NamedTuple

from searchsvc.model.article import METADATA
from searchsvc.model.number_ranges import NumberRange

_FILTER = re.compile(r"(-?)((?:[^\\:]|\\.)+):(.*)", re.DOTALL)


class FieldFilter(NamedTuple):
    """A value or a range of a field that articles must have, or must not have if it is `excluded`."""

    field: str
    value: str | NumberRange
    excluded: bool = False


def parse_filter(text: str) -> FieldFilter | None:
    """Return the filter, whose value may be empty. Return None if the text has no name or no value."""
    found = _FILTER.fullmatch(text)
    if found is None:
        return None
    minus, name, value = found.groups()
    literal = value[1:] if value.startswith("\\") else None
    return FieldFilter(parse_name(name), literal if literal is not None else NumberRange.parse(value) or value, bool(minus))


def parse_name(text: str) -> str:
    """Return the name of a field without the backslashes that escape its characters."""
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL) if "\\" in text else text


def spell_name(field: str) -> str:
    """Return the name of a field with its colons, its backslashes and a minus in front of it escaped."""
    escaped = re.sub(r"[\\:]", r"\\\g<0>", field)
    return f"\\{escaped}" if escaped.startswith("-") else escaped


def spell_value(value: str | NumberRange) -> str:
    """Return a value as a filter writes it."""
    if isinstance(value, NumberRange):
        return str(value)
    return f"\\{value}" if needs_escape(value) else value


def needs_escape(value: str) -> bool:
    """Return whether a filter would not take a value for itself: it looks like a range, or begins with a backslash."""
    return value.startswith("\\") or (".." in value and NumberRange.parse(value) is not None)


def filter_pair(field: str, value: str | NumberRange, *, excluded: bool = False) -> tuple[str, str]:
    """Return the parameter that filters by a value of a field. The core fields have parameters of their own."""
    if field in METADATA and isinstance(value, str) and not excluded:
        return field, value
    return "filter", f"{'-' if excluded else ''}{spell_name(field)}:{spell_value(value)}"
