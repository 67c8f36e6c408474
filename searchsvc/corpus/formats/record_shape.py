"""The shape of a record in JSON: what it is wrapped in, values with their types, and how much it is like an article."""

import datetime as dt
from collections.abc import Callable, Mapping, Set
from contextlib import suppress
from typing import Any

from searchsvc.corpus.formats.registry import FieldLookup
from searchsvc.corpus.metadata.field_names import summary_rank
from searchsvc.corpus.metadata.values import TEXT_KEYS

MAX_WRAPPINGS = 3
MAX_NESTING = 20
_CONTAINERS = (list, dict)  # a union would be made anew for each value
_PARTS = frozenset(("body", "summary", "title", "date", "url"))
_BODY, _SUMMARY = 4, 2  # how much they count; a title, a date and an address count 1 each
_DOUBT, _MOST_UNDATED = 0.5, 2.5  # a feed has a title, a summary and an address, too, but rarely a date
_ACTIONS = frozenset(("index", "create", "update", "delete"))  # of bulk files of Elasticsearch and OpenSearch
_OF_ACTIONS = frozenset(("routing", "pipeline", "version", "version_type", "require_alias", "retry_on_conflict"))
_RECORD_KEYS = frozenset(("title", "headline", "body"))  # of an object that is more than a text
_WRAPPERS = ("_source", "data")  # which mean a source and, in some languages, a date
_OF_OTHER_THINGS = frozenset(("author", "source", "section", "place", "tag", "language", "date", "url", "id", "title"))
"""Fields whose value, if it is an object, describes something else than the article."""


def _instant(value: Any, depth: int) -> Any:
    """Return the moment of milliseconds since 1970 as text. Leave other values as they are."""
    milliseconds = plain(value, depth)
    if isinstance(milliseconds, int) or (isinstance(milliseconds, str) and milliseconds.lstrip("-").isdigit()):
        with suppress(ValueError, OverflowError):  # a moment beyond the calendar stays a number
            return (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=int(milliseconds))).isoformat()
    return milliseconds


def _as_written(value: Any, _: int) -> Any:
    return value


def _nothing(_: Any, __: int) -> None:
    return None


def _number(value: Any, _: int) -> Any:
    with suppress(ValueError, TypeError):  # it is written as text, and may be NaN
        return int(value)
    return value


def _list(value: Any, depth: int) -> Any:
    return [plain(item, depth) for item in value] if isinstance(value, list) else value


def _object(value: Any, depth: int) -> Any:
    return {name: plain(inner, depth) for name, inner in value.items()} if isinstance(value, dict) else value


_TYPES: Mapping[str, Callable[[Any, int], Any]] = {
    # MongoDB's Extended JSON
    "$oid": _as_written,
    "$date": _instant,
    "$uuid": _as_written,
    "$symbol": _as_written,
    "$numberInt": _number,
    "$numberLong": _number,
    "$numberDouble": _number,
    "$numberDecimal": _as_written,
    "$undefined": _nothing,
    # exports of DynamoDB
    **dict.fromkeys(("S", "N", "BOOL", "SS", "NS"), _as_written),
    "NULL": _nothing,
    "L": _list,
    "M": _object,
    # Firestore
    **dict.fromkeys(("stringValue", "timestampValue", "integerValue", "doubleValue", "booleanValue"), _as_written),
    "nullValue": _nothing,
    "arrayValue": lambda value, depth: plain(value.get("values", []) if isinstance(value, dict) else value, depth),
    "mapValue": lambda value, depth: plain(value.get("fields", {}) if isinstance(value, dict) else value, depth),
}
"""Objects of one member by which exporters of databases write the type of a value, and the value that they stand for."""


def plain(value: Any, depth: int = 0) -> Any:
    """Return a value without the types that exporters of databases write around it, as in `{"$numberLong": "12"}`."""
    if depth > MAX_NESTING:
        return value
    if isinstance(value, list):
        return [plain(item, depth + 1) if item and isinstance(item, _CONTAINERS) else item for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((name, inner),) = value.items()
        if name in _TYPES:
            return _TYPES[name](inner, depth + 1)
    return {name: plain(inner, depth + 1) if isinstance(inner, _CONTAINERS) else inner for name, inner in value.items()}


def bulk_action(fields: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the metadata of a line of a bulk file that says what to do with the next. Return None for other records."""
    if len(fields) != 1:
        return None
    ((name, metadata),) = fields.items()
    if name not in _ACTIONS or not isinstance(metadata, dict):
        return None
    return metadata if all(each.startswith("_") or each in _OF_ACTIONS for each in metadata) else None


def unwrap(fields: Mapping[str, Any], field_of: FieldLookup) -> Mapping[str, Any]:
    """Return a record with the fields of the object in which its article is, such as `_source`, `attributes` or `node`.

    Fields around it are kept. One that both have is kept as `_NAME`.
    """
    for _ in range(MAX_WRAPPINGS):
        name = _article_within(fields, field_of)
        if name is None:
            break
        inner = fields[name]
        outer = {f"_{each}" if each in inner else each: value for each, value in fields.items() if each != name}
        fields = {**outer, **inner}
    return fields


def _article_within(fields: Mapping[str, Any], field_of: FieldLookup) -> str | None:
    """Return the name of the object that has the text which a record itself has not."""
    if not any(isinstance(value, dict) for value in fields.values()):
        return None
    own = _parts(fields, field_of)
    if "body" in own or {"title", "summary"} <= own:
        return None
    objects = _objects(fields, field_of)
    best = max(objects, key=lambda name: _depth_score(objects[name], field_of), default=None)
    if best is None or not _depth_score(objects[best], field_of):
        return None
    return best if "title" not in own or {"title", "body"} <= _parts(objects[best], field_of) else None


def _depth_score(fields: Mapping[str, Any], field_of: FieldLookup, depth: int = 1) -> int:
    """Return the score of an object, or of the best one within it if it has none."""
    score = _score(_parts(fields, field_of))
    if score or depth == MAX_WRAPPINGS:
        return score
    return max((_depth_score(each, field_of, depth + 1) for each in _objects(fields, field_of).values()), default=0)


def _objects(fields: Mapping[str, Any], field_of: FieldLookup) -> dict[str, dict[str, Any]]:
    """Return the objects in a record that may be its article."""
    found = {name: value for name, value in fields.items() if isinstance(value, dict)}
    return {name: found[name] for name in found if name in _WRAPPERS or field_of(name) not in _OF_OTHER_THINGS}


def article_score(fields: Mapping[str, Any], field_of: FieldLookup) -> int:
    """Return how much an object is like an article: 0 for one without title and text."""
    return _score(_parts(unwrap(fields, field_of), field_of))


def root_score(fields: Mapping[str, Any], field_of: FieldLookup) -> float:
    """Return how much the object that is a whole file is like an article, and not like the description of a list in it."""
    parts = _parts(fields, field_of)
    if "body" in parts:
        return _score(parts)
    if _score(parts):
        return _score(parts) - _DOUBT if "date" in parts else min(_score(parts), _MOST_UNDATED)
    unwrapped = _parts(unwrap(fields, field_of), field_of)
    return _score(unwrapped) - _DOUBT if "body" in unwrapped else min(_score(unwrapped), _DOUBT)


def has_body(fields: Mapping[str, Any], field_of: FieldLookup) -> bool:
    """Return whether an object itself has the text of an article."""
    return "body" in _parts(fields, field_of)


def _score(parts: Set[str]) -> int:
    text = _BODY if "body" in parts else _SUMMARY if "summary" in parts else 0
    others = len(parts & {"title", "date", "url"})
    if "title" in parts or (text and others):
        return text + others
    return 1 if text else 0  # a paragraph, perhaps


def _parts(fields: Mapping[str, Any], field_of: FieldLookup) -> frozenset[str]:
    """Return which parts of an article an object has: body, summary, title, date and url. A `name` is no title for sure."""
    named = ((_part(name, field_of), name, value) for name, value in fields.items())
    return frozenset(
        field
        for field, name, value in named
        if field in _PARTS and _is_text(value) and not (field == "title" and name.lower() == "name")
    )


def _part(name: str, field_of: FieldLookup) -> str:
    """Return the part of an article that a name means, or "" if it is unknown."""
    return field_of(name) or ("summary" if summary_rank(name) is not None else "")


def _is_text(value: Any) -> bool:
    """Return whether a value is text, or an object or list of it, and not of records."""
    if isinstance(value, dict):
        return not value.keys() & _RECORD_KEYS and any(_is_text(value.get(key)) for key in TEXT_KEYS)
    if isinstance(value, list):
        return bool(value) and _is_text(value[0])
    return bool(value) and not isinstance(value, bool)
