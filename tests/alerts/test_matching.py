"""An alert finds exactly what a search finds among the new articles, whatever the engine of the archive."""

from collections.abc import Callable
from pathlib import Path

import pytest

from searchsvc.alerts.alerting import alerting
from searchsvc.alerts.questions import parse_alert
from searchsvc.alerts.reading import read_reported
from searchsvc.indexer import reindex
from searchsvc.model.alerts import Alert
from searchsvc.query.request import SearchRequest
from searchsvc.search import SearchService
from tests.conftest import ENGINES, ROOT, Archive

QUERIES = (
    "",
    "ferry",
    "ferries sailing",
    '"working group"',
    '"group meeting"~3',
    "=meeting",
    "ferry OR tea -tunnel",
    "harb* moderni*",
    "tunel~",
    "title:tide",
    "author:byrne",
    "source:HNA date:2022",
    "before:2023 after:2020",
    "marée OR pêche OR Hafen",
    "茶 OR 渡轮",
    "naïve",
    "language:french",
    "zyxwv",
)


@pytest.mark.parametrize("engine", ENGINES)
def test_alerts_find_what_searches_find_among_new_articles(archive_of: Callable[[str], Archive], engine: str) -> None:
    archive = archive_of(engine)
    files = {str(path.relative_to(ROOT / "corpus")): path.read_bytes() for path in _files()}
    names = sorted(files)
    archive.write({name: files[name] for name in names[::2]})
    alerts = [Alert(query or "all", query) for query in QUERIES]
    alerts += [Alert("any", "tide ferry tea", match="any"), Alert("filtered", "tide", ("-source:HNA", "language:en"))]
    settings = archive.with_settings(alerts=tuple(alerts))
    reindex(settings)
    former = {each.id for each in SearchService(settings).acquire().engine.scan(SearchRequest())}
    with alerting(settings) as first:
        assert first is not None
        first.update()
    archive.write({name: files[name] for name in names[1::2]})
    reindex(settings)
    with alerting(settings) as second:
        assert second is not None
        second.update()
    searcher = SearchService(settings).acquire()
    found = {}
    for alert in alerts:
        question = parse_alert(alert, searcher).question
        assert question is not None
        found[alert.name] = {each.id for each in searcher.engine.scan(question.request)} - former
        assert {each.id for each in read_reported(settings.index, alert.name, 1_000)} == found[alert.name], alert
    assert sum(map(bool, found.values())) > len(alerts) / 2


def _files() -> list[Path]:
    return [path for path in sorted((ROOT / "corpus").rglob("*")) if path.is_file()]
