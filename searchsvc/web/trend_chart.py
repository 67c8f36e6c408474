"""The chart of trends: lines of several searches, and below them the articles that there are of each period."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import compress

from flask_babel import gettext, ngettext

from searchsvc.api.addresses import Addresses
from searchsvc.api.bursts import within_period
from searchsvc.api.links import Links
from searchsvc.api.trend_parameters import TrendView
from searchsvc.api.trend_values import counts_of, drawn_value, highest, least_articles
from searchsvc.api.trends import PAGE, averages_of, shares_of
from searchsvc.search.question import Question
from searchsvc.search.smoothing import Window, windows
from searchsvc.search.trends import Trend, Trends, days_of
from searchsvc.web.chart import Column, Line, Point, Scale, Slot, columns, line, round_scale, rounded
from searchsvc.web.dates import format_number, spelled_period
from searchsvc.web.timeline import search_name, undated_link
from searchsvc.web.trend_axis import STEPS, label, number_of

HEIGHT, STRIP = 240, 44
"""Pixels of the lines, and of the bars of the articles below them."""
MAX_MARKS = 60
"""More periods than these have no marks on their lines, but where gaps are on both sides."""
_SEARCH = "/search"


@dataclass(frozen=True, slots=True)
class Cell:
    """The hits of a search in a period: their number, address, share of the articles, and averages of both."""

    count: int
    link: str | None
    share: float | None
    average: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """A period in the table. `explain` is the address of what explains its hits."""

    name: str
    articles: int
    cells: tuple[Cell, ...]
    explain: str | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A search on the chart: its line with marks, and the addresses of it alone and of the others without it.

    `peak` is the name of its highest period with its address, or None without hits, and `outside` has the texts and
    addresses of its hits that are in no period.
    """

    text: str
    total: int
    line: Line
    marks: tuple[Point, ...]
    link: str
    remove: str
    peak: tuple[str, str] | None
    outside: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TrendChart:
    """The chart and its table. `strip` has the height of each bar of articles, and `strip_scale` their scale."""

    scale: Scale
    columns: tuple[Column, ...]
    compared: tuple[Drawn, ...]
    strip: tuple[float, ...]
    strip_scale: Scale
    rows: tuple[Row, ...]

    @property
    def width(self) -> int:
        """The pixels that the numbers of both scales take."""
        return max(self.scale.width, self.strip_scale.width)


def trend_chart(found: Trends, view: TrendView, addresses: Addresses) -> TrendChart | None:
    """Return the chart of searches over time. Return None if there are no articles."""
    return _Builder(found, view, addresses).chart() if found.periods else None


def trend_link(questions: Sequence[Question], view: TrendView, addresses: Addresses) -> str:
    """Return the address of the page of trends for some searches, the filters of which are those of the first."""
    first, *others = questions
    return Links(addresses, PAGE, first, [*(("vs", each.text) for each in others), *view.pairs(None)]).here()


class _Builder:
    def __init__(self, found: Trends, view: TrendView, addresses: Addresses) -> None:
        self._found, self._view, self._addresses = found, view, addresses
        self._questions = [each.question for each in found.trends]
        self._articles = counts_of(found.base, found)
        self._counts = [counts_of(each, found) for each in found.trends]
        self._of_period: str = gettext("%(period)s, %(articles)s articles: %(searches)s")
        self._of_search: str = gettext("%(search)s %(number)s (%(share)s)")
        self._per_thousand: str = gettext("%(share)s per 1,000")

    def chart(self) -> TrendChart:
        around = [windows(each, self._articles, self._view.smooth) for each in self._counts]
        values = [[self._value(each) for each in of] for of in around]
        scale, strip = round_scale(self._most(around), HEIGHT), round_scale(max(self._articles), STRIP)
        slots = [self._slot(at, name) for at, name in enumerate(self._found.periods)]
        return TrendChart(
            scale=scale,
            columns=columns(slots, STEPS[self._found.unit]),
            compared=tuple(self._drawn(at, own, line(own, scale)) for at, own in enumerate(values)),
            strip=tuple(strip.y(each) for each in self._articles),
            strip_scale=strip,
            rows=tuple(self._rows()),
        )

    def _value(self, window: Window | None) -> float | None:
        return None if window is None else drawn_value(window, self._view)

    def _most(self, around: Sequence[Sequence[Window | None]]) -> float:
        """Return the highest value. Shares of few articles do not count, unless there are no others."""
        every = [each for of in around for each in of if each]
        least = least_articles(every, self._view)
        return max((drawn_value(each, self._view) for each in every if each.articles >= least), default=0)

    def _slot(self, at: int, name: str) -> Slot:
        days = days_of(name) if self._found.unit == "week" else ()
        first, last = (each.isoformat() for each in days) if days else ("", "")
        has_hits = any(each[at] for each in self._counts)
        return Slot(
            key=name,
            number=number_of(name),
            label=label(name),
            said=self._said(at, name),
            link=self._hits(name) if has_hits else None,
            selected=name == self._view.burst,
            first=first,
            last=last,
        )

    def _said(self, at: int, name: str) -> str:
        """Return the numbers of a period in words."""
        articles = self._articles[at]
        parts = (
            self._of_search
            % {
                "search": search_name(question),
                "number": format_number(counts[at]),
                "share": self._per_thousand % {"share": format_number(rounded(1_000 * counts[at] / articles))},
            }
            for question, counts in zip(self._questions, self._counts, strict=True)
            if articles
        )
        shown = {"period": spelled_period(name), "articles": format_number(articles)}
        return self._of_period % {**shown, "searches": "; ".join(parts) or "–"}

    def _hits(self, name: str) -> str:
        """Return the address of the hits of all searches in a period, compared."""
        first, *others = self._questions
        return Links(self._addresses, _SEARCH, within_period(first, name), [("vs", each.text) for each in others]).here()

    def _drawn(self, at: int, values: Sequence[float | None], own: Line) -> Drawn:
        trend, peak = self._found.trends[at], highest(self._found, self._view, at)
        others = [each for number, each in enumerate(self._questions) if number != at]
        remaining = others or [replace(trend.question, text="")]
        return Drawn(
            text=search_name(trend.question),
            total=trend.total,
            line=own,
            marks=_marks(values, own),
            link=Links(self._addresses, _SEARCH, trend.question).here(),
            remove=trend_link(remaining, self._view._replace(burst=""), self._addresses),
            peak=(spelled_period(peak), self._explained(at, peak)) if peak else None,
            outside=tuple(self._outside(trend)),
        )

    def _explained(self, at: int, period: str) -> str:
        """Return the address of what explains a period of a search, which comes first there."""
        ordered = [self._questions[at], *(each for number, each in enumerate(self._questions) if number != at)]
        return f"{trend_link(ordered, self._view._replace(burst=period), self._addresses)}#peak"

    def _rows(self) -> Iterator[Row]:
        found, smooth = self._found, self._view.smooth
        shares = [shares_of(each, found) for each in found.trends]
        averages = [averages_of(each, found, smooth) for each in found.trends] if smooth > 1 else []
        smoothed = [each.shares if self._view.per else each.counts for each in averages]
        for at, name in enumerate(found.periods):
            cells = (
                Cell(
                    counts[at],
                    Links(self._addresses, _SEARCH, within_period(question, name)).here() if counts[at] else None,
                    shares[number][at],
                    smoothed[number][at] if smoothed else None,
                )
                for number, (question, counts) in enumerate(zip(self._questions, self._counts, strict=True))
            )
            explain = self._explained(0, name) if self._counts[0][at] else None
            yield Row(spelled_period(name), self._articles[at], tuple(cells), explain)

    def _outside(self, trend: Trend) -> Iterator[tuple[str, str]]:
        """Yield texts and addresses of hits in no period: those dated earlier or later, and undated ones."""
        links = Links(self._addresses, _SEARCH, trend.question)
        first, last = days_of(self._found.periods[0]).first, days_of(self._found.periods[-1]).last
        number = trend.earlier
        if number:
            text = ngettext(
                "%(number)s article dated earlier", "%(number)s articles dated earlier", number, **_said(number)
            )
            yield text, links.replacing("to", (first - timedelta(days=1)).isoformat())
        number = trend.later
        if number:
            text = ngettext("%(number)s article dated later", "%(number)s articles dated later", number, **_said(number))
            yield text, links.replacing("from", (last + timedelta(days=1)).isoformat())
        number = trend.undated
        if number:
            text = ngettext(
                "%(number)s article without a date", "%(number)s articles without a date", number, **_said(number)
            )
            yield text, undated_link(links, trend.question, trend.question.request)


def _said(number: int) -> dict[str, str]:
    return {"number": format_number(number)}


def _marks(values: Sequence[float | None], drawn: Line) -> tuple[Point, ...]:
    """Return the points of a line that have a mark: all if they are few, else those with a gap on both sides."""
    if len(values) <= MAX_MARKS:
        return drawn.points
    around = zip((None, *values), values, (*values[1:], None), strict=False)
    is_alone = [before is None and after is None for before, value, after in around if value is not None]
    return tuple(compress(drawn.points, is_alone))
