"""Monitoring of requests: a structured log, slow requests with the time of each step, and Prometheus metrics."""

import datetime as dt
import logging
import os
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import suppress
from time import perf_counter
from typing import Any

import orjson
from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from searchsvc.config import METRICS_FOLDER
from searchsvc.errors import SearchsvcError
from searchsvc.search.answer import Answer
from searchsvc.search.service import SearchService

_log = logging.getLogger(__name__)
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

REQUESTS = Counter("searchsvc_requests", "Requests answered.", ("route", "status"))
REQUEST_SECONDS = Histogram("searchsvc_request_seconds", "Duration of requests.", ("route",), buckets=_SECONDS)
SEARCH_SECONDS = Histogram("searchsvc_search_seconds", "Duration of the parts of searches.", ("part",), buckets=_SECONDS)
WITHOUT_HITS = Counter("searchsvc_searches_without_hits", "Searches that found nothing.")


def record_answer(answer: Answer) -> Answer:
    """Keep the answer of the current request for the log and the metrics, and return it."""
    g.answer = answer
    return answer


class RequestMetrics:
    """Metrics and access log of requests."""

    def __init__(self, service: SearchService) -> None:
        self._service = service
        self._log = _open_log(service.settings.access_log)

    def install(self, app: Flask) -> None:
        """Observe every request of an application, and serve the metrics."""
        app.before_request(self._begin)
        app.after_request(self._end)
        routes = Blueprint("operations", __name__)

        @routes.get("/metrics")
        def metrics() -> Response:
            return Response(generate_latest(self._registry()), content_type=CONTENT_TYPE_LATEST)

        app.register_blueprint(routes)

    def _begin(self) -> None:
        g.begun = perf_counter()
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if _ID.fullmatch(given) else secrets.token_hex(8)

    def _end(self, response: Response) -> Response:
        seconds = perf_counter() - g.get("begun", perf_counter())
        response.headers["X-Request-ID"] = g.get("request_id", "")
        route = str(request.url_rule) if request.url_rule else "none"
        REQUESTS.labels(route, response.status_code).inc()
        REQUEST_SECONDS.labels(route).observe(seconds)
        answer: Answer | None = g.get("answer")
        if answer is not None:
            for part, milliseconds in answer.timings.items():
                SEARCH_SECONDS.labels(part).observe(milliseconds / 1000)
            if not answer.results.total or answer.any_words:
                WITHOUT_HITS.inc()
        slow = seconds * 1000 >= self._service.settings.slow_ms
        if slow or self._log is not None:
            self._write(_line(response.status_code, route, seconds * 1000, answer), slow)
        return response

    def _write(self, line: dict[str, Any], slow: bool) -> None:
        if self._log is not None:
            # One system call for each line, so that lines of several processes do not mix.
            os.write(self._log, orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z))
        if slow:
            _log.warning("slow: %s", orjson.dumps(line, option=orjson.OPT_UTC_Z).decode())

    def _registry(self) -> CollectorRegistry:
        registry = CollectorRegistry()
        if os.environ.get(METRICS_FOLDER):
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library has no types there
        else:
            for metric in (REQUESTS, REQUEST_SECONDS, SEARCH_SECONDS, WITHOUT_HITS):
                registry.register(metric)
        registry.register(_Archive(self._service))
        return registry


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


def _open_log(where: str) -> int | None:
    """Return the file descriptor of the access log, opened for appending. Return None if no log is configured."""
    if where == "-":
        return sys.stdout.fileno()
    return os.open(where, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644) if where else None


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
            "filters": answer.question.request.filters,
            "total": 0 if answer.any_words else answer.results.total,
            "generation": answer.generation,
            "parts": {part: round(each, 2) for part, each in answer.timings.items()},
        }
    return line
