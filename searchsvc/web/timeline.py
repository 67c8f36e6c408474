"""The chart of a search: its hits by year, month or day, as bars, or those of several searches as lines."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import NamedTuple

from flask_babel import gettext, ngettext

from searchsvc.api.addresses import Addresses
from searchsvc.api.links import Links, for_counting
from searchsvc.api.parameters import ChartView, versus
from searchsvc.api.trend_values import FEW
from searchsvc.api.trends import CSV, PAGE, share
from searchsvc.messages import Message
from searchsvc.model.periods import Period, Unit, canonical, facet_scope
from searchsvc.query import Note
from searchsvc.query.ast import Or
from searchsvc.query.request import MAX_QUERY, SearchRequest
from searchsvc.search.answer import Answer
from searchsvc.search.question import Question
from searchsvc.search.searcher import Searcher
from searchsvc.search.trends import MAX_SEARCHES
from searchsvc.web.chart import BarChart, Column, Line, Scale, Slot, bar_chart, columns, line, round_scale, rounded
from searchsvc.web.dates import format_number, spelled_period
from searchsvc.web.labels import language
from searchsvc.web.periods import STEPS, axis, has_several_scopes, label, number_of

UNDATED = "-date:1000..9999"
"""The clause of a query for articles without a date."""
MAX_NOTED = 60
"""Characters of a search that a note on it repeats."""


@dataclass(frozen=True, slots=True)
class Found:
    """A search and its hits by period."""

    question: Question
    counts: Mapping[str, int]
    total: int


class Row(NamedTuple):
    """A period in the table. `cells` are the hits of each search, and their share, which is None without any article."""

    name: str
    link: str | None
    articles: int
    cells: tuple[tuple[int, float | None], ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """A search in a comparison: its line, and the addresses of it alone and of the others without it."""

    text: str
    total: int
    line: Line
    link: str
    remove: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The chart of a search with all that is around it.

    `bars` are those of one search, and `compared` the lines of several, over `columns`. `crumbs` are the names and
    addresses of the enclosing periods, `outside` the texts and addresses of the hits that are not on the chart, and
    `measures` the addresses for articles and for shares, if these differ.
    """

    unit: Unit
    shows_shares: bool
    scale: Scale
    columns: tuple[Column, ...]
    bars: BarChart | None
    compared: tuple[Compared, ...]
    rows: tuple[Row, ...]
    crumbs: tuple[tuple[str, str], ...]
    outside: tuple[tuple[str, str], ...]
    measures: tuple[str, str] | None
    csv: str
    trends: str
    kept: tuple[tuple[str, str], ...]

    @property
    def has_room(self) -> bool:
        """True if another search can be compared."""
        return len(self.compared) < MAX_SEARCHES


def compared_searches(searcher: Searcher, question: Question, view: ChartView) -> list[Question]:
    """Return the searches that the chart of a page compares with its own."""
    return [versus(question, text, searcher) for text in view.versus]


def compared_notes(others: Iterable[Question]) -> Iterator[Note]:
    """Yield the notes on searches of a comparison, each with the search that it is on."""
    for other in others:
        search = f"{other.text[:MAX_NOTED]}…" if len(other.text) > MAX_NOTED else other.text
        for note in other.notes:
            yield Note(Message("in the comparison with “%(search)s”, %(note)s", search=search, note=note.message))


def search_chart(
    searcher: Searcher, answer: Answer, others: Iterable[Question], view: ChartView, addresses: Addresses
) -> "Timeline | None":
    """Return the chart of an answer and of other searches, or None if there is none."""
    dates, question = answer.results.dates, answer.question
    if dates is None:
        return None
    counts = {value.value: value.count for value in dates.values}
    found = [Found(question, counts, answer.results.total)]
    for other in others:
        found.append(Found(other, searcher.period_counts(other.request), searcher.count(other.request)))
    request = question.request
    archive = searcher.periods(facet_scope(request.dates), request.date_unit, request.start, request.end)
    return timeline(found, archive, searcher.periods(""), view, addresses)


def timeline(
    found: Sequence[Found], archive: Mapping[str, int], years: Mapping[str, int], view: ChartView, addresses: Addresses
) -> Timeline | None:
    """Return the chart of one search or several. Return None if no hit of the only one has a date, or no article at all.

    `archive` counts all articles on the requested days by the unit of the chart, and `years` all articles by year.
    """
    hits = {name for each in found for name, number in each.counts.items() if number}
    if not hits and len(found) == 1:
        return None
    request = found[0].question.request
    names = axis(request.facet_unit, request, years, archive.keys(), hits)
    return _Builder(found, archive, view, addresses, names).timeline() if names else None


class _Texts(NamedTuple):
    """What bars say. Translating it for each of them would take longer than drawing them."""

    of_one: str
    of_several: str
    each: str
    per_thousand: str


@lru_cache(maxsize=50)
def _texts(_language: str) -> _Texts:
    return _Texts(
        of_one=gettext("%(period)s: %(number)s of %(articles)s articles"),
        of_several=gettext("%(period)s: %(searches)s; all articles: %(articles)s"),
        each=gettext("%(search)s %(number)s (%(share)s)"),
        per_thousand=gettext("%(share)s per 1,000"),
    )


class _Builder:
    """Builds the chart of searches over some periods."""

    def __init__(
        self, found: Sequence[Found], archive: Mapping[str, int], view: ChartView, addresses: Addresses, names: list[str]
    ) -> None:
        self._found, self._archive, self._view, self._addresses, self._names = found, archive, view, addresses, names
        self._question = found[0].question
        self._links = Links(addresses, "/search", self._question, view.pairs())
        self._request = self._question.request
        self._unit = self._request.facet_unit
        # If the hits are the whole archive, all shares are equal.
        has_shares = len(found) > 1 or any(found[0].counts.get(name, 0) != archive.get(name, 0) for name in names)
        self._shows_shares = view.shows_shares and has_shares
        self._has_shares = has_shares
        self._names_scopes = has_several_scopes(names)
        self._texts = _texts(language())

    def timeline(self) -> Timeline:
        slots = [self._slot(name) for name in self._names]
        values = [[self._value(each, name) for name in self._names] for each in self._found]
        scale = round_scale(self._most(values))
        is_single, steps = len(self._found) == 1, STEPS[self._unit]
        return Timeline(
            unit=self._unit,
            shows_shares=self._shows_shares,
            scale=scale,
            columns=() if is_single else columns(slots, steps),
            bars=bar_chart(slots, [each or 0 for each in values[0]], most=scale.top, steps=steps) if is_single else None,
            compared=() if is_single else tuple(self._compared(scale, values)),
            rows=tuple(self._rows(slots)),
            crumbs=self._crumbs(),
            outside=tuple(self._outside()),
            measures=self._measures() if self._has_shares else None,
            csv=self._numbers(CSV, "year"),
            trends=self._numbers(PAGE, None, [("per", "archive")] if self._shows_shares else []),
            kept=tuple(self._links.first_pairs),
        )

    def _value(self, found: Found, name: str) -> float | None:
        """Return the value of a search in a period: its hits or their share. Return None if the archive has no articles."""
        number, articles = found.counts.get(name, 0), self._archive.get(name, 0)
        return share(number, articles) if self._shows_shares else number if articles or number else None

    def _most(self, values: Sequence[Sequence[float | None]]) -> float:
        """Return the highest value. Shares in periods with few articles do not count, unless there are no others."""
        pairs = [(name, value) for of in values for name, value in zip(self._names, of, strict=True) if value is not None]
        reliable = [value for name, value in pairs if not self._is_faint(name)]
        return max(reliable or [value for _, value in pairs], default=0)

    def _is_faint(self, name: str) -> bool:
        return self._shows_shares and self._archive.get(name, 0) < FEW

    def _slot(self, name: str) -> Slot:
        has_hits = name in self._request.dates or any(each.counts.get(name) for each in self._found)
        return Slot(
            key=name,
            number=number_of(name),
            label=label(name, names_scope=self._names_scopes),
            said=self._said(name),
            link=self._toggle(name) if has_hits else None,
            selected=name in self._request.dates,
            faint=self._is_faint(name),
        )

    def _said(self, name: str) -> str:
        """Return the numbers of a period in words."""
        period, articles = spelled_period(name), self._archive.get(name, 0)
        if len(self._found) == 1:
            number = format_number(self._found[0].counts.get(name, 0))
            text = self._texts.of_one % {"period": period, "number": number, "articles": format_number(articles)}
            return f"{text} ({self._per_thousand(self._found[0], name)})" if articles else text
        parts = [
            self._texts.each
            % {"search": search_name(found.question), "number": number, "share": self._per_thousand(found, name)}
            for found in self._found
            if (number := format_number(found.counts.get(name, 0))) and articles
        ]
        searches = "; ".join(parts) or "–"
        return self._texts.of_several % {"period": period, "articles": format_number(articles), "searches": searches}

    def _per_thousand(self, found: Found, name: str) -> str:
        value = share(found.counts.get(name, 0), self._archive.get(name, 0)) or 0.0
        return self._texts.per_thousand % {"share": format_number(rounded(value))}

    def _toggle(self, name: str) -> str:
        """Return the address with a period selected, or deselected if it is selected."""
        dates = self._request.dates
        if name not in dates:
            return self._links.replacing("date", name)
        others = [each for each in dates if each != name]
        return self._links.replacing("date", *(others or filter(None, [canonical(name.rpartition("-")[0])])))

    def _rows(self, slots: Iterable[Slot]) -> Iterator[Row]:
        for slot in slots:
            name, articles = slot.key, self._archive.get(slot.key, 0)
            cells = tuple((number := each.counts.get(name, 0), share(number, articles)) for each in self._found)
            has_hits = any(number for number, _ in cells)
            if articles or has_hits:
                yield Row(spelled_period(name), slot.link if has_hits else None, articles, cells)

    def _compared(self, scale: Scale, values: Sequence[Sequence[float | None]]) -> Iterator[Compared]:
        for at, (found, own) in enumerate(zip(self._found, values, strict=True)):
            alone = Links(
                self._addresses, "/search", found.question.on_page(1), self._view._replace(versus=()).pairs()
            ).here()
            yield Compared(search_name(found.question), found.total, line(own, scale), alone, self._without(at))

    def _without(self, at: int) -> str:
        """Return the address without one of the searches. Without the first, the next one takes its place."""
        others = [each.question for number, each in enumerate(self._found) if number != at]
        view = self._view._replace(versus=tuple(each.text for each in others[1:]))
        return Links(self._addresses, "/search", others[0].on_page(1), view.pairs()).here()

    def _crumbs(self) -> tuple[tuple[str, str], ...]:
        scope = facet_scope(self._request.dates)
        if not scope:
            return ()
        enclosing = dict.fromkeys((scope[:4], scope))
        crumbs = ((spelled_period(name), self._links.replacing("date", name)) for name in enclosing)
        return (gettext("All years"), self._links.replacing("date")), *crumbs

    def _measures(self) -> tuple[str, str]:
        other = self._view._replace(shows_shares=not self._view.shows_shares)
        here, there = self._links.here(), Links(self._addresses, "/search", self._question, other.pairs()).here()
        return (there, here) if self._view.shows_shares else (here, there)

    def _numbers(self, path: str, default: str | None, others: Sequence[tuple[str, str]] = ()) -> str:
        """Return the address of the numbers elsewhere: as a file, or on the page of trends."""
        plain, scope = for_counting(self._question), facet_scope(self._request.dates)
        question = replace(plain, request=replace(plain.request, dates=(scope,) if scope else ()))
        extra = [("vs", text) for text in self._view.versus] + ([("unit", self._unit)] if self._unit != default else [])
        return Links(self._addresses, path, question.on_page(1), [*extra, *others]).here()

    def _outside(self) -> Iterator[tuple[str, str]]:
        """Yield texts and addresses of the hits of the search that are not on the chart: too early, too late, undated.

        The address is "" if its query would be too long.
        """
        if facet_scope(self._request.dates):
            return
        counts, dated = self._found[0].counts, partial(_dated, self._links)
        yield from dated(sorted(name for name in counts if counts[name] and name < self._names[0]), counts, "to")
        yield from dated(sorted(name for name in counts if counts[name] and name > self._names[-1]), counts, "from")
        number = self._found[0].total - sum(counts.values())
        if number > 0 and not (self._request.dates or self._request.start or self._request.end):
            text = ngettext(
                "%(number)s article without a date",
                "%(number)s articles without a date",
                number,
                number=format_number(number),
            )
            yield text, undated_link(self._links, self._question, self._request)


def _dated(links: Links, names: Sequence[str], counts: Mapping[str, int], side: str) -> Iterator[tuple[str, str]]:
    """Yield the text and the address of hits before or after a chart, if there are any."""
    if not names:
        return
    number = sum(counts[name] for name in names)
    shown = {"number": format_number(number), "first": spelled_period(names[0])}
    if len(names) == 1:
        text = ngettext("%(number)s article dated %(first)s", "%(number)s articles dated %(first)s", number, **shown)
    else:
        shown["last"] = spelled_period(names[-1])
        text = ngettext(
            "%(number)s article dated %(first)s to %(last)s",
            "%(number)s articles dated %(first)s to %(last)s",
            number,
            **shown,
        )
    nearest = Period.parse(names[-1] if side == "to" else names[0])
    assert nearest is not None, "counts have well-formed periods"  # noqa: S101
    yield text, links.replacing(side, (nearest.last if side == "to" else nearest.first).isoformat())


def undated_link(links: Links, question: Question, request: SearchRequest) -> str:
    """Return the address of those hits that have no date, or "" if its query would be too long."""
    is_loose = isinstance(request.tree, Or) and question.match == "all"
    query = f"({question.text}) {UNDATED}" if is_loose else f"{question.text} {UNDATED}".strip()
    return links.replacing("q", query) if len(query) <= MAX_QUERY else ""


def search_name(question: Question) -> str:
    """Return what charts call a search."""
    return question.text or gettext("All articles")
