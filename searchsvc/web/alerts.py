"""The feeds of the alerts, and the process that follows the index for the alerts of a service."""

import datetime as dt
import logging
import os
import subprocess
import sys
from time import monotonic
from urllib.parse import quote

from flask import Blueprint, Response, request, url_for

from searchsvc.alerts.questions import parse_alert
from searchsvc.alerts.reading import read_reported
from searchsvc.api.links import Links
from searchsvc.api.parameters import parse_nothing
from searchsvc.errors import NotFoundError
from searchsvc.model.alerts import Alert
from searchsvc.model.results import ScoredArticle
from searchsvc.query.ast import MatchAll
from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService
from searchsvc.web.bodies import address_pairs
from searchsvc.web.caching import request_searcher
from searchsvc.web.syndication import Feed, tags_of
from searchsvc.web.target import request_addresses

MAX_ENTRIES = 50
FIRST_PAUSE, LAST_PAUSE = 1.0, 60.0
"""Seconds before a process that has ended is started again: at first, and once it has ended several times in a row."""
_log = logging.getLogger(__name__)


def blueprint(service: SearchService) -> Blueprint:
    """Return the route of the feeds. Each has the articles that its alert has reported, the latest first."""
    routes = Blueprint("alerts", __name__)
    alerts = {alert.name: alert for alert in service.settings.alerts}

    @routes.get("/alerts/<anything:alert>.atom")
    def feed(alert: str) -> Response:
        parse_nothing(address_pairs())
        if alert not in alerts:
            raise NotFoundError(f"there is no alert with the name “{alert[:200]}”")
        found = _feed(alerts[alert], service, request_searcher(service))
        answer = Response(found.xml(), content_type="application/atom+xml; charset=utf-8")
        answer.add_etag(weak=True)  # it changes within a generation
        answer.headers["Cache-Control"] = "no-cache"
        answer.make_conditional(request)
        return answer

    return routes


def _feed(alert: Alert, service: SearchService, searcher: Searcher) -> Feed:
    settings, parsed = service.settings, parse_alert(alert, searcher)
    tree = parsed.question.request.tree if parsed.question else MatchAll()
    reported = read_reported(settings.index, alert.name, MAX_ENTRIES)
    articles = [(each, article) for each in reported if (article := searcher.engine.get(each.id)) is not None]
    hits = tuple(searcher.hits((ScoredArticle(article, None) for _, article in articles), tree))
    addresses = request_addresses()
    page = Links(addresses, "/search", parsed.question).here() if parsed.question else addresses.to("/")
    return Feed(
        title=f"{alert.name} – {settings.title}",
        tags=tags_of(settings),
        path=f"alert/{quote(alert.name, safe='')}",
        addresses=addresses,
        here=addresses.absolute(url_for("alerts.feed", alert=alert.name)),
        page=addresses.absolute(page),
        hits=hits,
        updates={article.id: each.time for each, article in articles},
        indexed=dt.datetime.fromisoformat(searcher.info.created),
    )


class FollowerProcess:
    """The process that follows the index for the alerts of a service. It is started again if it ends by itself."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._started = self._next = 0.0
        self._pause = FIRST_PAUSE

    def keep_running(self) -> None:
        """Start the process if it does not run. If it ends soon after its start, pause before the next one, ever longer."""
        if self._process is not None and self._process.poll() is not None:
            self.end()
            self._wait("the process that sends alerts has ended")
        if self._process is None and monotonic() >= self._next:
            self._start()

    def end(self) -> None:
        """Make the process end. A message that it sends at this moment is sent to the end."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        self._process = None

    def _start(self) -> None:
        self._started = monotonic()
        command = [sys.executable, "-m", "searchsvc.alerts.follower"]
        try:
            # In a session of its own, so that ctrl-C reaches the service only, which then ends it.
            self._process = subprocess.Popen(command, env=os.environ, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603
        except OSError as error:  # no memory, or too many processes
            self._wait(f"the process that sends alerts cannot be started ({error})")

    def _wait(self, problem: str) -> None:
        if monotonic() - self._started >= LAST_PAUSE:
            self._pause = FIRST_PAUSE
        _log.error("%s; it is started again in %d s", problem, self._pause)
        self._next = monotonic() + self._pause
        self._pause = min(2 * self._pause, LAST_PAUSE)
