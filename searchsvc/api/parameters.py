"""Addresses of searches: the same parameters on page, API and command line, read into a Question and written again.

q         the query                    from, to   first and last day: 2022, 2022-12 or 2022-12-23
match     all | any                    date       a year, month or day of the date facet (repeat for any of them)
sort      relevance | newest | oldest  page, per_page
cursor    where the page before ended, or * for the first; instead of page, and however deep
prefix    in a list of values: those with a word that begins so          order      there: count | value
hit       on an article's page: which hit of the search it is, counted from 1
FIELD     an exact value of a metadata field (repeat for any of them); `x.FIELD` where the name is one of these
"""

import difflib
from collections.abc import Collection, Iterable
from typing import NamedTuple, TypeVar, get_args

from searchsvc.api.cursors import _CURSOR, FIRST, _decoded
from searchsvc.errors import UserError
from searchsvc.model.article import METADATA
from searchsvc.model.cursors import After
from searchsvc.model.periods import Period, canonical, period
from searchsvc.query.parser import parse
from searchsvc.query.request import MAX_DEPTH, MAX_PER_PAGE, MAX_QUERY, PER_PAGE, Match, SearchRequest, Sort
from searchsvc.search.facet_values import Order
from searchsvc.search.question import Question

MAX_FILTERS = 100
MAX_VALUE_BYTES = 1_000
MAX_FACETS = 20
LIST_LENGTH = 5
"""Suggestions of each kind, and similar articles, where no number is asked for."""
PARAMETERS = ("q", "match", "sort", "from", "to", "date", "page", "per_page", "cursor")
LISTING = ("prefix", "order")
"""Parameters of lists of values alone."""
RESERVED = (*PARAMETERS, *LISTING, "facet", "hit")
"""What no metadata field is addressed by without `x.`."""
Pairs = Iterable[tuple[str, str]]
_T = TypeVar("_T")


def parameter(name: str) -> str:
    """The parameter that filters by a metadata field."""
    return f"x.{name}" if name in RESERVED or name.startswith("x.") else name


def read_question(pairs: Pairs, fields: Collection[str], *, strict: bool = True, choose_facets: bool = False) -> Question:
    """The question that parameters ask of an archive with these metadata fields.

    Raises UserError, naming the parameter, for a value that cannot be; unknown names raise it too if `strict`, and are
    passed over if not, since pages are reached by links that carry parameters of others.
    """
    given = _Given(pairs, {*fields, *METADATA}, strict=strict, choose_facets=choose_facets)
    text = given.one("q").replace("\x00", " ").strip()
    if len(text) > MAX_QUERY:
        detail = f"the query has {len(text):,} characters; the most is {MAX_QUERY:,}"
        raise UserError(detail, param="q", position=MAX_QUERY)
    match = given.choice("match", get_args(Match))
    parsed = parse(text, given.fields, match)
    start, end = given.day("from"), given.day("to")
    after, generation = given.cursor()
    request = SearchRequest(
        tree=parsed.tree,
        filters=given.filters,
        dates=given.dates(),
        start=start and start[0],
        end=end and end[1],
        sort=given.choice("sort", get_args(Sort)),
        page=given.number("page", 1, MAX_DEPTH),
        after=after,
        per_page=given.number("per_page", PER_PAGE, MAX_PER_PAGE),
        facets=given.facets,
    )
    _check(request)
    return Question(text, match, parsed.notes, request, bool(given.one("cursor")), generation)


class ValueListing(NamedTuple):
    """Which values of a field are listed, and in which order."""

    prefix: str
    order: Order

    def pairs(self) -> list[tuple[str, str]]:
        """The parameters that say so, without those that say what goes without saying."""
        return [pair for pair in zip(LISTING, self, strict=True) if pair[1] not in ("", get_args(Order)[0])]


def read_listing(pairs: Pairs) -> tuple[ValueListing, list[tuple[str, str]]]:
    """`prefix` and `order`, and the other parameters; raises UserError, naming the parameter, for what cannot be."""
    pairs = list(pairs)
    given = _Given((pair for pair in pairs if pair[0] in LISTING), (), strict=True, names=LISTING)
    listing = ValueListing(given.one("prefix")[:MAX_QUERY], given.choice("order", get_args(Order)))
    return listing, [pair for pair in pairs if pair[0] not in LISTING]


def read_full(pairs: Pairs) -> bool:
    """`full`, true or false; raises UserError, naming the parameter, for all that cannot be."""
    return _Given(pairs, (), strict=True, names=("full",)).choice("full", ("false", "true")) == "true"


class Listing(NamedTuple):
    """What a short list is asked for: the text that is being typed, if any, and the most entries of each kind."""

    text: str
    limit: int


def read_limit(pairs: Pairs, *, text: bool = False) -> Listing:
    """`limit`, and with `text` also `q`; raises UserError, naming the parameter, for all that cannot be."""
    given = _Given(pairs, (), strict=True, names=("q", "limit") if text else ("limit",))
    typed = given.one("q")
    if len(typed) > MAX_QUERY:
        raise UserError(f"q has {len(typed):,} characters; the most is {MAX_QUERY:,}", param="q", position=MAX_QUERY)
    return Listing(typed, given.number("limit", LIST_LENGTH, MAX_PER_PAGE))


def _check(request: SearchRequest) -> None:
    if request.page * request.per_page > MAX_DEPTH:
        raise UserError(
            f"page {request.page} lies beyond the first {MAX_DEPTH:,} hits: narrow the search, or go on by cursor",
            param="page",
        )
    if request.start and request.end and request.start > request.end:
        raise UserError(f"from ({request.start}) lies after to ({request.end})", param="from")


class _Given:
    """Parameters by name, checked as they are taken."""

    def __init__(
        self,
        pairs: Pairs,
        fields: Collection[str],
        *,
        strict: bool,
        choose_facets: bool = False,
        names: Collection[str] = PARAMETERS,
    ) -> None:
        self.fields = fields
        self._names = (*names, "facet") if choose_facets else tuple(names)
        self.filters: dict[str, tuple[str, ...]] = {}
        self.facets: tuple[str, ...] = ()
        self._plain: dict[str, list[str]] = {}
        for name, given in pairs:
            value = given.encode("utf-8", "replace").decode()  # a terminal may send what is no text
            if name in names:
                self._plain.setdefault(name, []).append(value)
            elif name == "facet" and choose_facets:
                self._add_facet(value)
            elif (known := self._field(name)) is not None:
                self._add_filter(known, name, value)
            elif strict:
                raise self._unknown(name)

    def one(self, name: str) -> str:
        """The value of a parameter that may be given once; "" where it is not."""
        values = self._plain.get(name, [""])
        if len(values) > 1:
            raise UserError(f"{name} was given {len(values)} times; once is what it takes", param=name)
        return values[0]

    def choice(self, name: str, choices: tuple[_T, ...]) -> _T:
        """One of the choices; the first where the parameter is not given."""
        text = self.one(name)
        for choice in choices:
            if text == choice:
                return choice
        if not text:
            return choices[0]
        hint = next(iter(difflib.get_close_matches(text, map(str, choices), 1)), None)
        raise UserError(
            f"{name} is “{_short(text)}”; it has to be one of {', '.join(map(str, choices))}", param=name, hint=hint
        )

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number from 1 to `most`."""
        text = self.one(name)
        if not text:
            return default
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
        if not 1 <= number <= most:
            raise UserError(f"{name} is “{_short(text)}”; it has to be a whole number from 1 to {most:,}", param=name)
        return number

    def cursor(self) -> tuple[After | None, str]:
        """Where the page before ended, None for the first page, and in which generation that was."""
        text = self.one("cursor")
        if text and self.one("page"):
            raise UserError("page and cursor were both given; each says where to begin", param="cursor")
        if text in ("", FIRST):
            return None, ""
        found = _CURSOR.fullmatch(_decoded(text))
        if found is None:
            raise UserError(f"cursor is “{_short(text)}”; it has to be {FIRST}, or what an answer gave", param="cursor")
        kind, number, instant, generation = found.groups()
        return After(kind, int(number), int(instant)), generation  # type: ignore[arg-type]  # one of the pattern's three

    def day(self, name: str) -> Period | None:
        text = self.one(name).strip()
        days = period(text) if text else None
        if text and days is None:
            raise _no_date(name, text)
        return days

    def dates(self) -> tuple[str, ...]:
        values = [value.strip() for value in self._plain.get("date", ()) if value.strip()]
        if len(values) > MAX_FILTERS:
            raise UserError(f"there are {len(values)} dates; the most is {MAX_FILTERS}", param="date")
        found = []
        for value in values:
            days = canonical(value)
            if days is None:
                raise _no_date("date", value)
            found.append(days)
        return tuple(dict.fromkeys(found))

    def _field(self, name: str) -> str | None:
        own = name.removeprefix("x.")
        return own if own in self.fields else None

    def _add_filter(self, known: str, name: str, value: str) -> None:
        if len(value.encode()) > MAX_VALUE_BYTES:
            raise UserError(
                f"the value of {name} has more than {MAX_VALUE_BYTES:,} bytes, the most that one has", param=name
            )
        if value:
            self.filters[known] = tuple(dict.fromkeys((*self.filters.get(known, ()), value)))
        if sum(map(len, self.filters.values())) > MAX_FILTERS:
            raise UserError(f"there are more than {MAX_FILTERS} values to filter by", param=name)

    def _add_facet(self, value: str) -> None:
        known = "date" if value == "date" else self._field(value)
        if known is None:
            near = difflib.get_close_matches(value, [*self.fields, "date"], 1)
            raise UserError(f"there is no field “{_short(value)}” to count", param="facet", hint=next(iter(near), None))
        self.facets = tuple(dict.fromkeys((*self.facets, known)))
        if len(self.facets) > MAX_FACETS:
            raise UserError(f"there are more than {MAX_FACETS} facets", param="facet")

    def _unknown(self, name: str) -> UserError:
        names = [*self._names, *map(parameter, self.fields)]
        hint = next(iter(difflib.get_close_matches(name, names, 1)), None)
        known = f"{', '.join(self._names)}{' and the metadata fields' if self.fields else ''}"
        advice = f"; did you mean “{hint}”?" if hint else f": known are {known}"
        return UserError(f"there is no parameter “{_short(name)}”{advice}", param=_short(name), hint=hint)


def _no_date(name: str, text: str) -> UserError:
    return UserError(f"{name} is “{_short(text)}”; it has to be a date such as 2022, 2022-12 or 2022-12-23", param=name)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"
