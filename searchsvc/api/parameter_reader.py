"""Validated access to the parameters of one request."""

from collections.abc import Collection, Iterable, Sequence
from typing import TypeVar

from searchsvc.api import cursors
from searchsvc.errors import UserError
from searchsvc.model.article import MAX_VALUE_BYTES
from searchsvc.model.cursors import Cursor
from searchsvc.model.periods import Period, canonical
from searchsvc.query.nearest import nearest_name

MAX_FILTERS = 100
MAX_FACETS = 20
PARAMETERS = ("q", "match", "sort", "from", "to", "date", "page", "per_page", "cursor")
LISTING = ("prefix", "order")
"""Parameters of lists of values."""
QUOTATION = ("text", "limit", "from", "to", "date")
"""Parameters of the check of a quotation."""
RESERVED = tuple(dict.fromkeys((*PARAMETERS, *LISTING, *QUOTATION, "facet", "hit", "limit")))
"""Names of parameters. A metadata field with such a name is addressed with the prefix `x.`."""
_SIMILARITY = 60  # percent, from which on an unknown name or value gets a hint
Pairs = Iterable[tuple[str, str]]
_T = TypeVar("_T")


def parameter(field: str) -> str:
    """Return the parameter that filters by a metadata field."""
    return f"x.{field}" if field in RESERVED or field.startswith("x.") else field


class ParameterReader:
    """The parameters of a request. It raises UserError, naming the parameter, for invalid names and values."""

    def __init__(self, pairs: Pairs, fields: Collection[str], names: Collection[str], *, strict: bool = True) -> None:
        self._fields = fields
        self.filters: dict[str, tuple[str, ...]] = {}
        self.facets: tuple[str, ...] = ()
        self.date_facet = False
        self._names = names
        self._plain: dict[str, list[str]] = {}
        for name, given in pairs:
            value = given.encode("utf-8", "replace").decode()  # a terminal may send surrogates
            if name == "facet" and name in names:
                self._add_facet(value)
            elif name in names:
                self._plain.setdefault(name, []).append(value)
            elif (field := self._field(name)) is not None:
                self._add_filter(field, name, value)
            elif strict:
                raise self._unknown(name)

    def one(self, name: str) -> str:
        """Return the value of a parameter that may be given once, or "" if it is missing."""
        values = self._plain.get(name, [""])
        if len(values) > 1:
            raise UserError(f"{name} was given {len(values)} times; give it once", param=name)
        return values[0]

    def choice(self, name: str, choices: tuple[_T, ...]) -> _T:
        """Return one of the choices, or the first if the parameter is missing."""
        text, known = self.one(name), list(map(str, choices))
        if not text or text in known:
            return choices[known.index(text) if text else 0]
        detail = f"{name} is “{_short(text)}”; it must be one of {', '.join(known)}"
        raise UserError(detail, param=name, hint=_nearest(text, known))

    def number(self, name: str, default: int, most: int) -> int:
        """Return a whole number from 1 to `most`, or `default` if the parameter is missing."""
        text = self.one(name) or str(default)
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
        if not 1 <= number <= most:
            raise UserError(f"{name} is “{_short(text)}”; it must be a whole number from 1 to {most:,}", param=name)
        return number

    def cursor(self) -> tuple[Cursor | None, str]:
        """Return the cursor and the generation that made it. The first page has no cursor, and "" as generation."""
        text = self.one("cursor")
        if text and self.one("page"):
            raise UserError("page and cursor were both given; use only one of them", param="cursor")
        found = cursors.decode(text or cursors.FIRST)
        if found is None:
            detail = f"cursor is “{_short(text)}”; it must be {cursors.FIRST}, or the cursor of an answer"
            raise UserError(detail, param="cursor")
        return found

    def period(self, name: str) -> Period | None:
        """Return the days of a year, a month or a day, or None if the parameter is missing."""
        text = self.one(name).strip()
        period = Period.parse(text) if text else None
        if text and period is None:
            raise _no_date(name, text)
        return period

    def dates(self) -> tuple[str, ...]:
        """Return the selected periods of the date facet, without duplicates."""
        values = [value.strip() for value in self._plain.get("date", ()) if value.strip()]
        if len(values) > MAX_FILTERS:
            raise UserError(f"there are {len(values)} dates; the limit is {MAX_FILTERS}", param="date")
        found: dict[str, None] = {}
        for value in values:
            date = canonical(value)
            if date is None:
                raise _no_date("date", value)
            found[date] = None
        return tuple(found)

    def _field(self, name: str) -> str | None:
        own = name.removeprefix("x.")
        return own if own in self._fields else None

    def _add_filter(self, field: str, name: str, value: str) -> None:
        if len(value.encode()) > MAX_VALUE_BYTES:
            raise UserError(f"the value of {name} is longer than {MAX_VALUE_BYTES:,} bytes", param=name)
        if value:
            self.filters[field] = tuple(dict.fromkeys((*self.filters.get(field, ()), value)))
        if sum(map(len, self.filters.values())) > MAX_FILTERS:
            raise UserError(f"there are more than {MAX_FILTERS} filter values", param=name)

    def _add_facet(self, value: str) -> None:
        if value == "date":
            self.date_facet = True
        elif (field := self._field(value)) is not None:
            self.facets = tuple(dict.fromkeys((*self.facets, field)))
        else:
            hint = _nearest(value, [*sorted(self._fields), "date"])
            raise UserError(f"there is no field “{_short(value)}” to count", param="facet", hint=hint)
        if len(self.facets) > MAX_FACETS:
            raise UserError(f"there are more than {MAX_FACETS} facets", param="facet")

    def _unknown(self, name: str) -> UserError:
        hint = _nearest(name, [*self._names, *map(parameter, sorted(self._fields))])
        known = f"{', '.join(self._names)}{' and the metadata fields' if self._fields else ''}"
        advice = f"; did you mean “{hint}”?" if hint else f": the parameters are {known}"
        return UserError(f"there is no parameter “{_short(name)}”{advice}", param=_short(name), hint=hint)


def _nearest(text: str, known: Sequence[str]) -> str | None:
    return nearest_name(text, known, _SIMILARITY)


def _no_date(name: str, text: str) -> UserError:
    return UserError(f"{name} is “{_short(text)}”; it must be a date such as 2022, 2022-12 or 2022-12-23", param=name)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"
