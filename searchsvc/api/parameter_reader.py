"""Validated access to the parameters of one request."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import filterfalse, islice
from typing import TypeVar

from searchsvc.api import cursors, mending
from searchsvc.api.filters import FieldFilter, parse_filter, parse_name, spell_name
from searchsvc.errors import UserError
from searchsvc.messages import Message
from searchsvc.model.article import MAX_VALUE_BYTES, METADATA
from searchsvc.model.cursors import Cursor
from searchsvc.model.languages import PAGE_LANGUAGES
from searchsvc.model.number_ranges import MAX_RANGES, NumberRange
from searchsvc.model.periods import Period, canonical
from searchsvc.query import Note
from searchsvc.query.ast import TEXT_FIELDS, Node
from searchsvc.query.nearest import nearest_name
from searchsvc.query.request import Sort

MAX_FILTERS = 100
MAX_FACETS = 20
DATES, NONE = "date", "none"
"""Values of `facet` that are no fields. With a backslash in front, they are."""
FILTERS = (*METADATA, "filter")
"""Parameters of filters, which can be repeated."""
LANG = "lang"
"""The language of messages, which pages choose for themselves."""
PARAMETERS = ("q", "match", "sort", "from", "to", "date", *FILTERS, "versions", "page", "per_page", "cursor", LANG)
MAY_BE_EMPTY = ("q", "prefix", "text")
LISTING = ("prefix", "order", "letter")
"""Parameters of lists of values."""
CHOOSING = ("least", "most", "show")
"""Parameters of the page with a list of values: a range of numbers, and whether the results are wanted."""
CHART = ("vs", "chart")
"""Parameters that pages of hits have besides those of a search: what their chart shows."""
TRENDS = ("q", "vs", "unit", "per", "smooth", "burst", "match", "from", "to", "date", *FILTERS, LANG)
"""Parameters of several searches over time."""
CONCORDANCE = ("q", "sort", "left", "right", "page", "match", "from", "to", "date", *FILTERS, LANG)
"""Parameters of a concordance."""
QUOTATION = ("text", "limit", "from", "to", "date", *FILTERS, LANG)
"""Parameters of the check of a quotation."""
COMPARED = ("a", "b")
"""Parameters of a comparison of two articles."""
REPEATED = ("date", *FILTERS, "facet", "fields", "vs")
"""Parameters that can be given several times."""
NUMBERS = ("page", "per_page", "limit", "snippets")
_ELSEWHERE = ("date", "from", "to", *TEXT_FIELDS)
"""What `filter` does not know, but a search does."""
MAX_UNKNOWN = 5
"""Unknown parameters of a page that are named in notes."""
_OF_OTHER_SITES = re.compile(r"utm_.*|mc_[ce]id|mtm_.*|pk_.*|[a-z]{0,6}clid|igshid|ref|source_id", re.DOTALL)
"""Parameters that newsletters and social networks add to links, which a reader has not written."""
_A_DATE = Message("a date such as 2022, 2022-12 or 2022-12-23")
_SIMILARITY = 60  # percent, from which on an unknown name or value gets a hint
_NEAR = 80  # percent, from which on that is a word with a meaning of its own, such as none
Pairs = Iterable[tuple[str, str]]
_T = TypeVar("_T")


class ParameterReader:
    """The parameters of a request. It raises UserError, naming the parameter, for invalid names and values.

    Without `strict`, it ignores unknown parameters, and filters that are none, with a note for each of these. If it is to
    `mend` the request, for people, it also notes unknown parameters, and ignores invalid values with a note.
    """

    def __init__(
        self,
        pairs: Pairs,
        fields: Collection[str],
        names: Collection[str],
        *,
        strict: bool = True,
        mend: bool = False,
    ) -> None:
        self.mends = mend
        self._fields = fields
        self.filters: dict[str, tuple[str, ...]] = {}
        self.ranges: dict[str, tuple[NumberRange, ...]] = {}
        self.excluded: dict[str, tuple[str | NumberRange, ...]] = {}
        self.notes: list[Note] = []
        self._values: Counter[str] = Counter()
        self.facets: tuple[str | None, ...] | None = None
        """The facets in order, with None for that of dates. None if the request does not choose."""
        self._names = names
        self._strict = strict
        self._plain: dict[str, list[str]] = {}
        unknown: dict[str, None] = {}
        for name, given in pairs:
            value = given.encode("utf-8", "replace").decode()  # a terminal may send surrogates
            if strict and not value and name in names and name not in MAY_BE_EMPTY:
                detail = Message("%(name)s is empty: leave it out, or give it a value", name=name)
                raise UserError(detail, param=name)
            if name not in names:
                if strict:
                    raise self._unknown(name)
                unknown[name] = None
            elif name == "facet":
                self._add_facet(value)
            elif name == "filter":
                self._add_filter(value)
            elif name in METADATA:
                self._add(FieldFilter(name, value), name)
            else:
                self._plain.setdefault(name, []).append(value)
        if mend:
            self._note_unknown(unknown)

    def one(self, name: str) -> str:
        """Return the value of a parameter that may be given once, or "" if it is missing."""
        values = self._plain.get(name, [""])
        if len(values) > 1:
            if not self.mends:
                counts = {"name": name, "number": len(values)}
                raise UserError(Message("%(name)s was given %(number)s times; give it once", **counts), param=name)
            self.notes.append(Note(mending.repeated(name, len(values))))
            del values[1:]
        return values[0]

    def several(self, name: str, most: int) -> list[str]:
        """Return the values of a parameter that can be repeated. Raise UserError if there are too many."""
        values = self._plain.get(name, [])
        if len(values) > most:
            counts = {"number": len(values), "limit": most}
            detail = Message("%(name)s was given %(number)s times; the limit is %(limit)s", name=name, **counts)
            raise UserError(detail, param=name)
        return values

    def choice(self, name: str, choices: tuple[_T, ...]) -> _T:
        """Return one of the choices, or the first if the parameter is missing."""
        text, known = self.one(name), list(map(str, choices))
        if not text or text in known:
            return choices[known.index(text) if text else 0]
        self.refuse(name, text, _one_of(known), _nearest(text, known))
        return choices[0]

    def choices(self, name: str, choices: Sequence[str]) -> tuple[str, ...]:
        """Return the choices that were given, each once, or () if the parameter is missing."""
        values = [value for value in self._plain.get(name, ()) if value]
        if wrong := next((value for value in values if value not in choices), None):
            raise _wrong(name, wrong, _one_of(choices), _nearest(wrong, choices))
        return tuple(dict.fromkeys(values))

    def number(self, name: str, default: int, most: int, least: int = 1) -> int:
        """Return a whole number from `least` to `most`, or `default` if the parameter is missing."""
        text = self.one(name) or str(default)
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
        if least <= number <= most:
            return number
        self.refuse(name, text, Message("a whole number from %(least)s to %(most)s", least=least, most=most))
        return default

    def cursor(self, sort: Sort, tree: Node) -> tuple[Cursor | None, str]:
        """Return the cursor and the generation that made it. The first page has no cursor, and "" as generation."""
        text = self.one("cursor")
        found = cursors.decode(text or cursors.FIRST)
        if found is None or (found[0] is not None and not cursors.is_in_order(found[0], sort, tree)):
            rule = (
                Message("*, or the cursor of an answer")
                if found is None
                else Message("the cursor of an answer in this order")
            )
            self.refuse("cursor", text, rule)
            del self._plain["cursor"]
            return None, ""
        if text and self.one("page"):
            detail = Message("page was ignored, because the cursor says where the page begins")
            of_page = Message("the page number was ignored, because the address says where to continue the list")
            self.notes.append(Note(of_page if self.mends else detail))
        return found

    def language(self) -> str:
        """Return the language of messages that a program chooses, or "". Pages get a note if there is no such language."""
        if not self.one(LANG):
            return ""
        try:
            chosen = self.choice(LANG, PAGE_LANGUAGES)
        except UserError:
            if self._strict:
                raise
            return ""
        return chosen if self._strict else ""

    def period(self, name: str) -> Period | None:
        """Return the days of a year, a month or a day, or None if the parameter is missing."""
        text = self.one(name).strip()
        period = Period.parse(text) if text else None
        if text and period is None:
            self.refuse(name, text, _A_DATE)
        return period

    def dates(self) -> tuple[str, ...]:
        """Return the selected periods of the date facet, without duplicates."""
        values = [value.strip() for value in self._plain.get("date", ()) if value.strip()]
        if len(values) > MAX_FILTERS:
            counts = {"number": len(values), "limit": MAX_FILTERS}
            raise UserError(Message("there are %(number)s dates; the limit is %(limit)s", **counts), param="date")
        found: dict[str, None] = {}
        for value in values:
            date = canonical(value)
            if date is None:
                self.refuse("date", value, _A_DATE)
            else:
                found[date] = None
        return tuple(found)

    def refuse(self, name: str, text: str, rule: Message, hint: str | None = None) -> None:
        """Raise UserError, because a value does not follow a rule. If the request is mended, note that it is ignored."""
        if not self.mends:
            raise _wrong(name, text, rule, hint)
        self.note_ignored(name, text)

    def note_ignored(self, name: str, text: str) -> None:
        """Note that a value is ignored, in words for people."""
        self.notes.append(Note(mending.ignored(name, _short(text))))

    def _note_unknown(self, names: Iterable[str]) -> None:
        """Note the first unknown parameters, without those that other sites add to links."""
        for name in islice(filterfalse(_OF_OTHER_SITES.fullmatch, names), MAX_UNKNOWN):
            self.notes.append(Note(_with_hint(mending.unknown(_short(name)), self._unknown(name).hint)))

    def _add_filter(self, text: str) -> None:
        """Add `FIELD:VALUE`. Raise UserError if it is not a filter, or note that it is ignored."""
        given = parse_filter(text)
        if given is not None and given.field in self._fields:
            self._add(given, "filter")
        elif text:
            error = self._no_filter(text) if given is None else self._unfiltered(given.field)
            if self._strict:
                raise error
            self.notes.append(Note(Message("a filter was ignored: %(reason)s", reason=error.public)))

    def _add(self, given: FieldFilter, name: str) -> None:
        field, value, excluded = given
        if not value and self._strict:
            detail = Message("%(name)s has the field “%(field)s” without a value", name=name, field=_short(field))
            raise UserError(detail, param=name)
        if not value:
            return
        if isinstance(value, str) and len(value.encode()) > MAX_VALUE_BYTES:
            detail = Message("the value of %(name)s is longer than %(limit)s bytes", name=name, limit=MAX_VALUE_BYTES)
            raise UserError(detail, param=name)
        if isinstance(value, NumberRange) and value.is_empty:
            if self._strict:
                raise UserError(Message("the range %(range)s ends before it begins", range=value), param=name)
            note = Message("the range %(range)s ends before it begins, so no number is in it", range=value)
            self.notes.append(Note(note))
        if excluded:
            self.excluded[field] = tuple(dict.fromkeys((*self.excluded.get(field, ()), value)))
        elif isinstance(value, NumberRange):
            self.ranges[field] = tuple(dict.fromkeys((*self.ranges.get(field, ()), value)))
        else:
            self.filters[field] = tuple(dict.fromkeys((*self.filters.get(field, ()), value)))
        self._check_number(name)

    def _check_number(self, name: str) -> None:
        self._values[name] += 1
        if self._values[name] > MAX_FILTERS:
            detail = Message("%(name)s has more than %(limit)s values", name=name, limit=MAX_FILTERS)
            raise UserError(detail, param=name)
        every = [each for of in (self.ranges, self.excluded) for values in of.values() for each in values]
        if sum(isinstance(each, NumberRange) for each in every) > MAX_RANGES:
            detail = Message("there are more than %(limit)s ranges of numbers", limit=MAX_RANGES)
            raise UserError(detail, param=name)

    def _unfiltered(self, field: str) -> UserError:
        if field not in _ELSEWHERE:
            return self._unknown_field(field, "filter")
        return _filtered_elsewhere(field)

    def _no_filter(self, text: str) -> UserError:
        detail = Message("“%(text)s” is not a filter: write FIELD:VALUE, such as place:India", text=_short(text))
        return UserError(detail, param="filter")

    def _add_facet(self, text: str) -> None:
        field = None if text == DATES else parse_name(text)
        if text == NONE:
            self.facets = self.facets or ()  # which adds nothing to others
        elif field is None or field in self._fields:
            self.facets = tuple(dict.fromkeys((*(self.facets or ()), field)))
        else:
            raise self._unknown_field(field, "facet", DATES, NONE)
        self._values["facet"] += 1
        if self._values["facet"] > MAX_FACETS:
            raise UserError(Message("there are more than %(limit)s facets", limit=MAX_FACETS), param="facet")

    def _unknown_field(self, field: str, name: str, *others: str) -> UserError:
        hint = nearest_name(field, others, _NEAR) or _nearest(field, [*map(spell_name, sorted(self._fields))])
        unknown = Message("no article has the field “%(field)s”", field=_short(field))
        return UserError(_with_hint(unknown, hint), param=name, hint=hint)

    def _unknown(self, name: str) -> UserError:
        short = _short(name)
        unknown = Message("there is no parameter “%(name)s”", name=short)
        if name in self._fields and "filter" in self._names:
            hint = f"filter={_short(spell_name(name))}:"
            return UserError(_with_hint(unknown, f"{hint}VALUE"), param=short, hint=hint)
        if hint_name := _nearest(name, [*self._names]):
            return UserError(_with_hint(unknown, hint_name), param=short, hint=hint_name)
        if not self._names:
            return UserError(Message("there is no parameter “%(name)s”: there are none here", name=short), param=short)
        known = ", ".join(self._names)
        detail = Message("there is no parameter “%(name)s”: the parameters are %(known)s", name=short, known=known)
        return UserError(detail, param=short)


def _nearest(text: str, known: Sequence[str]) -> str | None:
    return nearest_name(text, known, _SIMILARITY)


def _one_of(choices: Sequence[str]) -> Message:
    return Message("one of %(choices)s", choices=", ".join(choices))


def _wrong(name: str, text: str, rule: Message, hint: str | None = None) -> UserError:
    detail = Message("%(name)s is “%(value)s”; it must be %(rule)s", name=name, value=_short(text), rule=rule)
    return UserError(detail, param=name, hint=hint)


def _filtered_elsewhere(field: str) -> UserError:
    """Return the error for what `filter` does not know, but a search does: what to do instead."""
    if field in TEXT_FIELDS:
        detail = Message("%(field)s is not a field of metadata: search %(field)s:… in q instead", field=field)
        return UserError(detail, param="filter", hint="q")
    detail = Message("%(field)s is not a field of metadata: use the parameter date, or from and to", field=field)
    return UserError(detail, param="filter", hint="date")


def _with_hint(problem: Message, hint: str | None) -> Message:
    return Message("%(problem)s; did you mean “%(hint)s”?", problem=problem, hint=hint) if hint else problem


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"
