"""Several searches over time, as JSON and as CSV."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from searchsvc.api import schema, trend_schema
from searchsvc.api.addresses import Addresses
from searchsvc.api.exports import BYTE_ORDER_MARK, csv_line, file_stem
from searchsvc.api.links import Links
from searchsvc.api.serialize import API, SEARCH, index
from searchsvc.index.generation import GenerationInfo
from searchsvc.search.trends import Trend, Trends, days_of

TRENDS, CSV = f"{API}/trends", "/trends.csv"


def trends_json(found: Trends, generation: str, info: GenerationInfo, addresses: Addresses) -> trend_schema.Trends:
    """Return the JSON of several searches over time."""
    question, archive = found.trends[0].question, found.archive
    return trend_schema.Trends(
        unit=found.unit,
        match=question.match,
        periods=tuple(_periods(found)),
        searches=tuple(_search(each, found, addresses) for each in found.trends),
        earlier=archive.earlier,
        later=archive.later,
        undated=archive.undated,
        took_ms=round(found.took_ms, 2),
        index=index(generation, info),
        links=_links(found, addresses),
    )


def trends_csv(found: Trends) -> Iterator[str]:
    """Yield a header and a line for each period: its days, the articles of the archive, the hits, and their shares."""
    texts = [each.question.text or "*" for each in found.trends]
    names = [found.unit, "first", "last", "articles", *texts, *(f"{text} (per 1000)" for text in texts)]
    yield BYTE_ORDER_MARK + csv_line(names)
    shares = [_shares(each, found) for each in found.trends]
    for at, period in enumerate(found.periods):
        counts = [each.counts.get(period, 0) for each in found.trends]
        days, articles = days_of(period), found.archive.counts.get(period, 0)
        yield csv_line([period, *days, articles, *counts, *(each[at] for each in shares)])


def trends_file(found: Trends, title: str) -> str:
    """Return a name for the file of several searches: as exports have it, with the words of all of them and the unit."""
    texts = filter(None, (each.question.text for each in found.trends))
    return f"{file_stem(replace(found.trends[0].question, text=' '.join(texts)), title)}-by-{found.unit}.csv"


def trend_pairs(found: Trends) -> list[tuple[str, str]]:
    """Return the parameters besides those of the first search."""
    versus = [("vs", each.question.text) for each in found.trends[1:]]
    return [*versus, *([("unit", found.unit)] if found.unit != "year" else [])]


def _periods(found: Trends) -> Iterator[trend_schema.TrendPeriod]:
    for value in found.periods:
        yield trend_schema.TrendPeriod(value, *days_of(value), found.archive.counts.get(value, 0))


def _search(trend: Trend, found: Trends, addresses: Addresses) -> trend_schema.TrendSearch:
    question = trend.question
    return trend_schema.TrendSearch(
        text=question.text,
        parsed=str(question.request.tree),
        notes=tuple(schema.Note(note.message, note.position) for note in question.notes),
        total=trend.total,
        counts=tuple(trend.counts.get(period, 0) for period in found.periods),
        shares=tuple(_shares(trend, found)),
        earlier=trend.earlier,
        later=trend.later,
        undated=trend.undated,
        link=Links(addresses, SEARCH, question).here(),
    )


def _shares(trend: Trend, found: Trends) -> Sequence[float | None]:
    return [share(trend.counts.get(period, 0), found.archive.counts.get(period, 0)) for period in found.periods]


def share(number: int, articles: int) -> float | None:
    """Return how many of each 1,000 articles a number is, or None without any article."""
    return round(1_000 * number / articles, 4) if articles else None


def _links(found: Trends, addresses: Addresses) -> trend_schema.TrendLinks:
    question, extra = found.trends[0].question, trend_pairs(found)
    versus = [pair for pair in extra if pair[0] == "vs"]
    return trend_schema.TrendLinks(
        self=Links(addresses, TRENDS, question, extra).here(),
        html=Links(addresses, "/search", question, versus).here(),
        csv=Links(addresses, CSV, question, extra).here(),
    )
