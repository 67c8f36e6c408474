"""Tables in JSON, as programs for statistics and databases write them: column by column, or rows below their names."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from searchsvc.corpus.formats.registry import FieldLookup
from searchsvc.corpus.metadata.field_names import summary_rank
from searchsvc.corpus.metadata.values import TEXT_KEYS
from searchsvc.corpus.record import ReadFailure

_TEXTS = ("title", "body")
_LABELS = "index"  # of the rows, as pandas names them
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][a-z]{2,4})*", re.IGNORECASE)


class Table(NamedTuple):
    """The names of the columns, the rows, and the labels of the rows, which are their numbers if they have no others."""

    names: Sequence[str]
    rows: Sequence[list[Any]]
    labels: Sequence[Any]

    def records(self, *, are_labels_ids: bool) -> Iterator[dict[str, Any] | ReadFailure]:
        """Yield the record of each row, and a failure for a row that does not fit to the names."""
        for label, row in zip(self.labels, self.rows, strict=False):
            if len(row) == len(self.names):
                record = dict(zip(self.names, row, strict=True))
                yield with_id(record, label) if are_labels_ids else record
            else:
                yield ReadFailure(f"has {len(row)} values for {len(self.names)} columns")


def with_id(record: dict[str, Any], name: Any) -> dict[str, Any]:
    """Return a record with the name under which it stands as its id, unless that is only a number."""
    return {"_id": name, **record} if isinstance(name, str) and not name.isdigit() else record


def find_table(fields: Mapping[str, Any], field_of: FieldLookup) -> Table | None:
    """Return the table that an object is. Return None if it is none, or has no column of titles or texts."""
    kinds = {type(value) for value in fields.values()}
    if kinds == {dict}:
        return _find_columns(fields, field_of)
    return _find_rows(fields, field_of) if list in kinds else None


def _find_columns(fields: Mapping[str, Any], field_of: FieldLookup) -> Table | None:
    """Return the table of an object like `{"title": {"0": "Tea"}, "body": {"0": "…"}}`, or None."""
    columns = list(fields.values())
    if not all(columns) or not _have_text(fields, field_of):
        return None
    labels = list(columns[0])
    if any(each.keys() != columns[0].keys() for each in columns) or not _are_labels(labels, field_of):
        return None
    rows = [[column[label] for column in columns] for label in labels]
    # Languages of one text, as in `{"title": {"en": "Tea", "de": "Tee"}}`, are those of many texts.
    return Table(list(fields), rows, range(len(rows)) if all(map(_LANGUAGE.fullmatch, labels)) else labels)


def _are_labels(names: Sequence[str], field_of: FieldLookup) -> bool:
    """Return whether names are those of rows, and not of parts of a text, as in `{"title": {"rendered": "Tea"}}`."""
    if all(map(str.isdigit, names)):
        return True
    return len(names) > 1 and not any(name in TEXT_KEYS or field_of(name) for name in names)


def _find_rows(fields: Mapping[str, Any], field_of: FieldLookup) -> Table | None:
    """Return the table of an object like `{"columns": ["title", "body"], "data": [["Tea", "…"]]}`, or None."""
    lists = {name: value for name, value in fields.items() if isinstance(value, list) and value}
    tables = [lists[name] for name in lists if name != _LABELS and _are_rows(lists[name])]
    if not tables or any(field_of(name) in _TEXTS for name in fields):
        return None
    headers = (names for each in lists.values() if _have_text(names := _column_names(each), field_of))
    found = next(((names, rows) for names in headers for rows in tables if len(rows[0]) == len(names)), None)
    if found is None:
        return None
    labels = lists.get(_LABELS, [])
    return Table(*found, labels if len(labels) == len(found[1]) else range(len(found[1])))


def _are_rows(values: Sequence[Any]) -> bool:
    return isinstance(values[0], list) and all(isinstance(row, list) for row in values)


def _column_names(values: Sequence[Any]) -> list[str]:
    """Return the names of columns, which are texts or objects with a `name`, or none if the values are something else."""
    texts = (value.get("name") if isinstance(value, dict) else value for value in values)
    names = [*dict.fromkeys(text for text in texts if isinstance(text, str))]
    return names if len(names) == len(values) else []


def _have_text(names: Mapping[str, Any] | Sequence[str], field_of: FieldLookup) -> bool:
    return any(field_of(name) in _TEXTS or summary_rank(name) is not None for name in names)
