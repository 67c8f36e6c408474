"""The page of trends: a form for up to five searches, their chart, and what explains a peak."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template

from searchsvc.api.bursts import ExplainedPeak, explain, item_link, within_period
from searchsvc.api.links import Links, active_filters, pairs
from searchsvc.api.trend_parameters import TrendQuestions, TrendView, parse_trends_page
from searchsvc.api.trends import CSV, PAGE, TRENDS, trend_pairs
from searchsvc.errors import OverloadError, UserError
from searchsvc.messages import Message
from searchsvc.query import Note
from searchsvc.search.burst_words import MAX_ARTICLES
from searchsvc.search.keyness import KeyItem
from searchsvc.search.question import Question
from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService
from searchsvc.search.trends import MAX_SEARCHES, TREND_UNITS, Trends
from searchsvc.web.bodies import Pairs, address_pairs
from searchsvc.web.caching import request_searcher
from searchsvc.web.dates import spelled_period
from searchsvc.web.target import request_addresses
from searchsvc.web.trend_axis import default_unit
from searchsvc.web.trend_chart import trend_chart

MAX_DRAWN = 1_000
"""Periods on the page. More of them are drawn by a longer unit."""
WINDOWS = (3, 5, 7, 13, 31)
"""Periods of an average that the form offers."""
_LEAST_BOXES = 2
_IN_FORM = ("from", "to")


@dataclass(frozen=True, slots=True)
class PeakView:
    """What explains a peak of a search, with its addresses."""

    name: str
    peak: ExplainedPeak
    hits: str
    words: tuple[tuple[KeyItem, str], ...]
    values: tuple[tuple[KeyItem, str], ...]
    csv: str
    close: str


def add_page(routes: Blueprint, service: SearchService) -> None:
    """Add the page of trends to routes."""

    @routes.get(PAGE)
    def page() -> str | Response:
        given = address_pairs()
        if any(not value.strip() for _, value in given):
            return _to_short_address(given)
        searcher = request_searcher(service)
        asked = parse_trends_page(given, searcher)
        found, notes = _trends(searcher, asked)
        view = asked.view._replace(unit=found.unit)
        try:
            peak = explain(searcher, found, view)
        except OverloadError:
            raise
        except UserError as error:
            peak, notes = None, [*notes, Note(error.public)]
        return render_template("trends.html", **_page(found, view, peak, [*asked.notes, *notes]))


def _to_short_address(given: Pairs) -> Response:
    """Lead to the page without what a form leaves empty. The first search that is left becomes `q`."""
    kept = [(name, value) for name, value in given if value.strip()]
    texts = [value for name, value in kept if name in ("q", "vs")]
    searches = [("vs" if at else "q", text) for at, text in enumerate(texts)]
    query = urlencode([*searches, *(each for each in kept if each[0] not in ("q", "vs"))])
    address = request_addresses().to(PAGE)
    return Response(status=303, headers={"Location": f"{address}?{query}" if query else address})


def _trends(searcher: Searcher, asked: TrendQuestions) -> tuple[Trends, list[Note]]:
    """Count the hits by the unit that was asked for, or by a longer one, with a note, if there are too many periods."""
    per, unit = asked.view.per or "archive", asked.view.unit or default_unit(searcher, asked.questions[0].request)
    for longer in reversed(TREND_UNITS[: TREND_UNITS.index(unit) + 1]):
        try:
            found = searcher.trends(asked.questions, longer, per)
        except UserError:  # there are far too many periods
            continue
        if len(found.periods) <= MAX_DRAWN:
            break
    detail = Message("there are more than %(limit)s periods, so a longer unit is shown", limit=MAX_DRAWN)
    return found, [Note(detail)] if longer != unit else []


def _page(found: Trends, view: TrendView, peak: ExplainedPeak | None, notes: Sequence[Note]) -> dict[str, object]:
    question, addresses = found.trends[0].question, request_addresses()
    extra, texts = trend_pairs(found, view._replace(burst="")), [each.question.text for each in found.trends]
    plain = Links(addresses, PAGE, question, [*(pair for pair in extra if pair[0] != "unit"), ("unit", found.unit)])
    return {
        "question": question,
        "canonical": plain.here(),
        "found": found,
        "view": view,
        "notes": [*(note for each in found.trends for note in each.question.notes), *notes],
        "here": addresses.to(PAGE),
        "boxes": _boxes([text for text in texts if text]),
        "hidden_pairs": [pair for pair in pairs(question) if pair[0] not in ("q", *_IN_FORM)],
        "chips": [
            (each, plain.without(each.name, each.value)) for each in active_filters(question) if each.name not in _IN_FORM
        ],
        "windows": sorted({*WINDOWS, view.smooth} - {1}),
        "chart": trend_chart(found, view, addresses),
        "peak": _peak_view(peak, question, plain.here(), extra) if peak else None,
        "sampled": MAX_ARTICLES,
        "csv": Links(addresses, CSV, question, extra).here(),
        "json": Links(addresses, TRENDS, question, extra).here(),
    }


def _boxes(texts: list[str]) -> list[tuple[str, str]]:
    """Return the name and the text of each box of the form, with one box to add another search."""
    number = min(MAX_SEARCHES, max(_LEAST_BOXES, len(texts) + 1))
    texts = [*texts, *[""] * (number - len(texts))]
    return [("vs" if at else "q", text) for at, text in enumerate(texts)]


def _peak_view(peak: ExplainedPeak, question: Question, close: str, extra: Pairs) -> PeakView:
    addresses = request_addresses()

    def linked(items: Sequence[KeyItem]) -> tuple[tuple[KeyItem, str], ...]:
        return tuple((each, item_link(question, peak.period, each, addresses, "/search")) for each in items)

    return PeakView(
        name=spelled_period(peak.period),
        peak=peak,
        hits=Links(addresses, "/search", within_period(question, peak.period)).here(),
        words=linked(peak.burst.words),
        values=linked(peak.burst.values),
        csv=Links(addresses, CSV, question, [*extra, ("burst", peak.period)]).here(),
        close=close,
    )
