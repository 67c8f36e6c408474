"""Monitoring of requests: the access log, slow requests with the time of each step, and Prometheus metrics."""

import datetime as dt
import logging
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import accumulate
from time import perf_counter
from typing import Any

import orjson
from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from searchsvc.alerts.reading import read_backlog
from searchsvc.api.parameters import parse_nothing
from searchsvc.errors import SearchsvcError
from searchsvc.logs import REQUEST_ID, request_id
from searchsvc.query.request import SearchRequest
from searchsvc.search.answer import Answer
from searchsvc.search.service import SearchService
from searchsvc.web.access_log import AccessLog
from searchsvc.web.bodies import address_pairs
from searchsvc.web.totals import SharedTotals

_log = logging.getLogger(__name__)
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_BOUNDS = (*map(str, map(float, _SECONDS)), "+Inf")
_COUNTERS = {
    "searchsvc_requests": ("Requests answered.", ("route", "status")),
    "searchsvc_searches_without_hits": ("Searches that found nothing.", ()),
}
_HISTOGRAMS = {
    "searchsvc_request_seconds": ("Duration of requests.", "route"),
    "searchsvc_search_seconds": ("Duration of the parts of searches.", "part"),
}


def record_answer(answer: Answer) -> Answer:
    """Keep the answer of the current request for the log and the metrics, and return it."""
    g.answer = answer
    return answer


class RequestMetrics:
    """Metrics and access log of requests. The processes of a service share the metrics if they are forked from this one."""

    def __init__(self, service: SearchService) -> None:
        self._service = service
        self._totals = SharedTotals(2 * service.settings.worker_count + 64)
        self._access_log = AccessLog(service.settings.access_log) if service.settings.access_log else None

    def install(self, app: Flask) -> None:
        """Observe every request of an application, and serve the metrics."""
        app.extensions["metrics"] = self  # the server counts what it refuses
        app.before_request(self._begin)
        app.after_request(self._end)
        app.teardown_request(self._forget_id)
        routes = Blueprint("operations", __name__)

        @routes.get("/metrics")
        def metrics() -> Response:
            parse_nothing(address_pairs())
            registry = CollectorRegistry()
            registry.register(_Requests(self._totals))
            registry.register(_Archive(self._service))
            return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

        app.register_blueprint(routes)

    def record_refusal(self, status: int) -> None:
        """Count a request that the server has refused."""
        self._totals.add({_key("searchsvc_requests", "none", status): 1.0})

    def _begin(self) -> None:
        g.begun = perf_counter()
        g.request_id = request_id(request.headers.get("X-Request-ID", ""))
        g.id_before = REQUEST_ID.get()  # that of our own server, which sets it for the answer's body too
        REQUEST_ID.set(g.request_id)

    def _forget_id(self, _error: BaseException | None) -> None:
        REQUEST_ID.set(g.get("id_before", "-"))

    def _end(self, response: Response) -> Response:
        seconds = perf_counter() - g.get("begun", perf_counter())
        response.headers["X-Request-ID"] = g.get("request_id", "")
        route = str(request.url_rule) if request.url_rule else "none"
        answer: Answer | None = g.get("answer")
        self._totals.add(_amounts(route, response.status_code, seconds, answer))
        slow = seconds * 1000 >= self._service.settings.slow_ms
        if slow or self._access_log is not None:
            line = _line(response.status_code, route, seconds * 1000, answer)
            if self._access_log is not None:
                self._access_log.write(line)
            if slow:
                _log.warning("slow: %s", orjson.dumps(line, option=orjson.OPT_UTC_Z).decode())
        return response


def _amounts(route: str, status: int, seconds: float, answer: Answer | None) -> dict[str, float]:
    """Return what a request adds to each total, by the name of its metric and its labels."""
    amounts = {_key("searchsvc_requests", route, status): 1.0} | _observed("searchsvc_request_seconds", route, seconds)
    if answer is not None:
        for part, milliseconds in answer.timings.items():
            amounts |= _observed("searchsvc_search_seconds", part, milliseconds / 1000)
        if not answer.results.total:
            amounts["searchsvc_searches_without_hits"] = 1.0
    return amounts


def _observed(metric: str, label: str, seconds: float) -> dict[str, float]:
    bound = _BOUNDS[bisect_left(_SECONDS, seconds)]
    return {_key(metric, label, "sum"): seconds, _key(metric, label, bound): 1.0}


def _key(*parts: object) -> str:
    return " ".join(map(str, parts))


class _Requests(Collector):
    """Counters and histograms of requests."""

    def __init__(self, totals: SharedTotals) -> None:
        self._totals = totals

    def collect(self) -> Iterator[Metric]:
        found: dict[str, dict[tuple[str, ...], float]] = defaultdict(dict)
        for key, total in self._totals.totals().items():
            metric, *labels = key.split(" ")
            found[metric][tuple(labels)] = total
        found["searchsvc_searches_without_hits"].setdefault((), 0.0)
        for name, (text, names) in _COUNTERS.items():
            counter = CounterMetricFamily(name, text, labels=names)
            for values, total in found[name].items():
                counter.add_metric(values, total)
            yield counter
        for name, (text, label) in _HISTOGRAMS.items():
            yield _histogram(HistogramMetricFamily(name, text, labels=(label,)), found[name])


def _histogram(family: HistogramMetricFamily, totals: Mapping[tuple[str, ...], float]) -> HistogramMetricFamily:
    for label in dict.fromkeys(label for label, _ in totals):
        counts = accumulate(totals.get((label, bound), 0.0) for bound in _BOUNDS)
        family.add_metric([label], list(zip(_BOUNDS, counts, strict=True)), totals.get((label, "sum"), 0.0))
    return family


class _Archive(Collector):
    """Gauges of the live generation. There are none if there is no index."""

    def __init__(self, service: SearchService) -> None:
        self._service = service

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with suppress(SearchsvcError):
            live = self._service.acquire()
            created = dt.datetime.fromisoformat(live.info.created).timestamp()
            yield GaugeMetricFamily("searchsvc_generation", "The live generation.", int(live.generation.name[1:]))
            yield GaugeMetricFamily("searchsvc_articles", "Articles in the live generation.", live.info.articles)
            yield GaugeMetricFamily("searchsvc_generation_created_seconds", "When it was created (Unix time).", created)
            yield GaugeMetricFamily("searchsvc_unread", "Files and records that could not be read.", live.info.failures)
        if self._service.settings.alerts:
            yield from self._alerts()

    def _alerts(self) -> Iterator[GaugeMetricFamily]:
        with suppress(SearchsvcError):
            waiting, failing = read_backlog(self._service.settings.index)
            yield GaugeMetricFamily("searchsvc_alert_messages_waiting", "Messages of alerts to be sent.", waiting)
            yield GaugeMetricFamily("searchsvc_alert_targets_failing", "Targets of alerts that fail.", failing)


def _filters(request: SearchRequest) -> dict[str, list[str]]:
    """Return the filters of fields as text. Those that exclude begin with a minus."""
    filters: dict[str, list[str]] = {}
    for name, value, excluded in request.field_filters():
        filters.setdefault(name, []).append(f"{'-' if excluded else ''}{value}")
    return filters


def _line(status: int, route: str, milliseconds: float, answer: Answer | None) -> dict[str, Any]:
    """Return a line of the access log. It contains nothing that identifies the client."""
    line: dict[str, Any] = {
        "time": dt.datetime.now(dt.UTC),
        "id": g.get("request_id", ""),
        "method": request.method,
        "route": route,
        "status": status,
        "ms": round(milliseconds, 2),
    }
    if answer is not None:
        line |= {
            "q": answer.question.text,
            "filters": _filters(answer.question.request),
            "total": answer.results.total,
            "generation": answer.generation,
            "parts": {part: round(each, 2) for part, each in answer.timings.items()},
        }
    return line
