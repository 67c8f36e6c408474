"""A stopwatch for the steps of a search."""

from time import perf_counter


class Stopwatch:
    """Measures consecutive steps of work."""

    def __init__(self) -> None:
        self._last = perf_counter()

    def lap(self) -> float:
        """Return the milliseconds since the last lap, or since the start."""
        before, self._last = self._last, perf_counter()
        return (self._last - before) * 1000
