"""Follows an index for its alerts: tries the articles of each publication, and sends messages when they are due.

`searchsvc serve` starts this module as a process of its own, so that no request waits for it. It ends with the service,
whose end closes its standard input.
"""

import logging
import os
import select
import sys
from collections.abc import Callable
from time import sleep, time

from searchsvc.alerts.alerting import AlertReport, alerting
from searchsvc.config import Settings, settings_of
from searchsvc.errors import SearchsvcError
from searchsvc.index import GenerationStore
from searchsvc.logs import configure_logging

INTERVAL = 1.0
"""Seconds between two looks at the index."""
_PAUSE = 60.0  # seconds after a failure of our own
_log = logging.getLogger(__name__)


class Follower:
    """What has been seen of an index, and when there is something to do next."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._store = GenerationStore(settings.index)
        self._version: tuple[int, int] | None = (0, 0)
        self._next = 0.0

    def step(self) -> AlertReport | None:
        """Do what there is to do, and return it. Return None if there is nothing, or another process does it."""
        version = self._store.version()
        if version == self._version and time() < self._next:
            return None
        with alerting(self._settings) as alerts:
            if alerts is None:
                return None
            report = alerts.run()
            self._version, self._next = version, alerts.store.next_time() or float("inf")
        return report

    def safe_step(self) -> AlertReport | None:
        """Do the same. Log a failure, and pause after it."""
        try:
            return self.step()
        except SearchsvcError as error:
            _log.error("alerts: %s; tried again in %d s", error, _PAUSE)
        except Exception:  # noqa: BLE001  it has to go on, whatever fails once
            _log.exception("alerts failed; tried again in %d s", _PAUSE)
        self._version, self._next = self._safe_version(), time() + _PAUSE
        return None

    def _safe_version(self) -> tuple[int, int] | None:
        try:
            return self._store.version()
        except SearchsvcError:
            return None


def follow(settings: Settings, has_ended: Callable[[float], bool]) -> None:
    """Follow an index until `has_ended`, which waits for as many seconds as it is given."""
    follower = Follower(settings)
    while True:
        follower.safe_step()
        if has_ended(INTERVAL):
            return


def _input_has_ended(seconds: float) -> bool:
    return bool(select.select([sys.stdin], [], [], seconds)[0]) and not os.read(sys.stdin.fileno(), 1)


def _sleep(seconds: float) -> bool:
    sleep(seconds)
    return False


def follow_forever(settings: Settings) -> None:
    """Follow an index until ctrl-C."""
    follow(settings, _sleep)


def main() -> None:
    """Run the process that `searchsvc serve` starts."""
    try:
        settings = settings_of(os.environ)
    except SearchsvcError as error:  # the settings have changed since the service was started
        sys.exit(f"searchsvc: alerts: {error}")
    configure_logging(settings.log_format)
    follow(settings, _input_has_ended)


if __name__ == "__main__":
    main()
