"""What explains a peak, as JSON and as CSV, with a link to the articles that have each word and value."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from searchsvc.api import trend_schema
from searchsvc.api.addresses import Addresses
from searchsvc.api.exports import BYTE_ORDER_MARK, csv_line
from searchsvc.api.links import Links
from searchsvc.api.serialize import SEARCH
from searchsvc.api.trend_parameters import PEAK, TrendView
from searchsvc.api.trend_values import highest
from searchsvc.errors import UserError
from searchsvc.messages import Message
from searchsvc.query.ast import Or
from searchsvc.search.bursts import Burst
from searchsvc.search.keyness import KeyItem
from searchsvc.search.question import Question
from searchsvc.search.searcher import Searcher
from searchsvc.search.trends import Trends, days_of


class ExplainedPeak(NamedTuple):
    """A period, and what explains its hits."""

    period: str
    burst: Burst


def explain(searcher: Searcher, found: Trends, view: TrendView) -> ExplainedPeak | None:
    """Explain the period that was asked for. Return None if there is none, or no hit at all.

    Raise UserError if the period is none of those that were counted, or if too many others wait.
    """
    if not view.burst:
        return None
    period = highest(found, view) if view.burst == PEAK else view.burst
    if not period and view.burst == PEAK:
        return None
    if period not in found.periods:
        detail = Message(
            "burst is “%(value)s”; it must be peak, or one of the periods that are counted, such as %(example)s",
            value=view.burst[:60],
            example=found.periods[-1] if found.periods else "2022",
        )
        raise UserError(detail, param="burst", hint=PEAK)
    return ExplainedPeak(period, searcher.explain(found.trends[0].question, period))


def burst_json(question: Question, peak: ExplainedPeak, addresses: Addresses) -> trend_schema.Burst:
    """Return the JSON of what explains a peak of a search."""
    burst = peak.burst

    def counts(each: KeyItem) -> dict[str, Any]:
        link = item_link(question, peak.period, each, addresses, SEARCH)
        return {**each.counts._asdict(), "g2": round(each.counts.g2, 2), "link": link}

    return trend_schema.Burst(
        period=peak.period,
        **days_of(peak.period)._asdict(),
        articles=burst.articles,
        rest=burst.rest,
        words=tuple(trend_schema.KeyWord(text=each.text, **counts(each)) for each in burst.words),
        values=tuple(trend_schema.KeyValue(field=each.field, value=each.text, **counts(each)) for each in burst.values),
    )


def burst_csv(peak: ExplainedPeak | None) -> Iterator[str]:
    """Yield a header and a line for each word and value that explains a peak. Words have no field."""
    yield BYTE_ORDER_MARK + csv_line(["period", "field", "value", "a", "b", "c", "d", "g2"])
    for each in (*peak.burst.words, *peak.burst.values) if peak else ():
        yield csv_line([peak.period if peak else "", each.field, each.text, *each.counts, round(each.counts.g2, 2)])


def item_link(question: Question, period: str, item: KeyItem, addresses: Addresses, path: str) -> str:
    """Return the address of the hits in a period that have a word or a value."""
    narrow = within_period(question, period)
    if item.field:
        return Links(addresses, path, narrow).selecting(item.field, item.text, selected=False)
    return Links(addresses, path, replace(narrow, text=with_word(question, item.term))).here()


def with_word(question: Question, word: str) -> str:
    """Return the query for those hits of a question that have another word."""
    text = question.text
    if question.match == "any" and text:
        return f"({text}) AND {word}"
    return f"({text}) {word}" if isinstance(question.request.tree, Or) else f"{text} {word}".strip()


def within_period(question: Question, period: str) -> Question:
    """Return the question for the hits in a period, on those of its days that the question asks for."""
    request = question.request
    if "W" in period:
        days = days_of(period)
        start, end = max(request.start or days.first, days.first), min(request.end or days.last, days.last)
        return replace(question, request=replace(request, start=start, end=end))
    narrower = tuple(each for each in request.dates if each.startswith(period))
    return replace(question, request=replace(request, dates=narrower or (period,)))
