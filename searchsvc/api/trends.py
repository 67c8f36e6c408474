"""Several searches over time, as JSON and as CSV."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from searchsvc.api import schema, trend_schema
from searchsvc.api.addresses import Addresses
from searchsvc.api.bursts import ExplainedPeak, burst_json
from searchsvc.api.exports import BYTE_ORDER_MARK, csv_line, file_stem
from searchsvc.api.links import Links
from searchsvc.api.serialize import API, SEARCH, index
from searchsvc.api.trend_parameters import TrendView
from searchsvc.api.trend_values import counts_of
from searchsvc.index.generation import GenerationInfo
from searchsvc.search.smoothing import windows
from searchsvc.search.trends import Trend, Trends, days_of

TRENDS, CSV, PAGE = f"{API}/trends", "/trends.csv", "/trends"


class ShownTrends(NamedTuple):
    """Several searches over time, how they are shown, and what explains a peak of the first, if that was asked for."""

    found: Trends
    view: TrendView
    peak: ExplainedPeak | None


def trends_json(shown: ShownTrends, generation: str, info: GenerationInfo, addresses: Addresses) -> trend_schema.Trends:
    """Return the JSON of several searches over time."""
    found, view, peak = shown
    question, base = found.trends[0].question, found.base
    return trend_schema.Trends(
        unit=found.unit,
        match=question.match,
        per=found.per,
        smooth=view.smooth,
        periods=tuple(_periods(found)),
        searches=tuple(_search(each, found, view.smooth, addresses) for each in found.trends),
        earlier=base.earlier,
        later=base.later,
        undated=base.undated,
        burst=burst_json(question, peak, addresses) if peak else None,
        took_ms=round(found.took_ms, 2),
        index=index(generation, info),
        links=_links(found, view, addresses),
    )


def trends_csv(found: Trends, smooth: int = 1) -> Iterator[str]:
    """Yield a header and a line for each period: its days, the articles, the hits, their shares, and averages of both."""
    texts = [each.question.text or "*" for each in found.trends]
    names = [found.unit, "first", "last", "articles", *texts, *(f"{text} (per 1000)" for text in texts)]
    if smooth > 1:
        names += [f"{text} (average of {smooth})" for text in texts]
        names += [f"{text} (per 1000, average of {smooth})" for text in texts]
    yield BYTE_ORDER_MARK + csv_line(names)
    columns = list(_columns(found, smooth))
    for at, period in enumerate(found.periods):
        yield csv_line([period, *days_of(period), *(each[at] for each in columns)])


def _columns(found: Trends, smooth: int) -> Iterator[Sequence[float | None]]:
    yield counts_of(found.base, found)
    yield from (counts_of(each, found) for each in found.trends)
    yield from (shares_of(each, found) for each in found.trends)
    if smooth > 1:
        averages = [averages_of(each, found, smooth) for each in found.trends]
        yield from (each.counts for each in averages)
        yield from (each.shares for each in averages)


def trends_file(found: Trends, title: str, burst: str = "") -> str:
    """Return a name for the file of several searches: as exports have it, with the words of all of them and the unit.

    That of a peak has its period too.
    """
    texts = filter(None, (each.question.text for each in found.trends))
    stem = file_stem(replace(found.trends[0].question, text=" ".join(texts)), title)
    return f"{stem}-peak-{burst}.csv" if burst else f"{stem}-by-{found.unit}.csv"


def trend_pairs(found: Trends, view: TrendView) -> list[tuple[str, str]]:
    """Return the parameters besides those of the first search."""
    return [*(("vs", each.question.text) for each in found.trends[1:]), *view._replace(unit=found.unit).pairs()]


def shares_of(trend: Trend, found: Trends) -> list[float | None]:
    """Return the hits of a search per 1,000 articles in each period, or None without any article."""
    return [share(*each) for each in zip(counts_of(trend, found), counts_of(found.base, found), strict=True)]


def share(number: int, articles: int) -> float | None:
    """Return how many of each 1,000 articles a number is, or None without any article."""
    return round(1_000 * number / articles, 4) if articles else None


class Averages(NamedTuple):
    """The average hits of the periods around each, and their share of the articles. Periods without articles have None."""

    counts: tuple[float | None, ...]
    shares: tuple[float | None, ...]


def averages_of(trend: Trend, found: Trends, smooth: int) -> Averages:
    """Return the averages of a search over windows of some periods."""
    around = windows(counts_of(trend, found), counts_of(found.base, found), smooth)
    counts = tuple(each and round(each.average, 4) for each in around)
    shares = tuple(each and round(each.share, 4) for each in around)
    return Averages(counts, shares)


def _periods(found: Trends) -> Iterator[trend_schema.TrendPeriod]:
    for value, articles in zip(found.periods, counts_of(found.base, found), strict=True):
        yield trend_schema.TrendPeriod(value, *days_of(value), articles)


def _search(trend: Trend, found: Trends, smooth: int, addresses: Addresses) -> trend_schema.TrendSearch:
    question, averages = trend.question, averages_of(trend, found, smooth) if smooth > 1 else None
    return trend_schema.TrendSearch(
        text=question.text,
        parsed=str(question.request.tree),
        notes=tuple(schema.Note(note.message, note.position) for note in question.notes),
        total=trend.total,
        counts=tuple(counts_of(trend, found)),
        shares=tuple(shares_of(trend, found)),
        smoothed_counts=averages and averages.counts,
        smoothed_shares=averages and averages.shares,
        earlier=trend.earlier,
        later=trend.later,
        undated=trend.undated,
        link=Links(addresses, SEARCH, question).here(),
    )


def _links(found: Trends, view: TrendView, addresses: Addresses) -> trend_schema.TrendLinks:
    question, extra = found.trends[0].question, trend_pairs(found, view)
    versus = [pair for pair in extra if pair[0] == "vs"]
    page = [*versus, *view._replace(unit=found.unit).pairs(default=None)]
    return trend_schema.TrendLinks(
        self=Links(addresses, TRENDS, question, extra).here(),
        html=Links(addresses, PAGE, question, page).here(),
        csv=Links(addresses, CSV, question, extra).here(),
    )
