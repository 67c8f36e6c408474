"""The service: it follows the index and hands out a searcher to each request."""

import logging
import threading
from collections.abc import Callable

from searchsvc.config import Settings
from searchsvc.engines.registry import backend_for
from searchsvc.errors import DAMAGED, OTHER_VERSION, RECOVERY_ADVICE, EngineError, NoIndexError, SearchsvcError
from searchsvc.index.generation import Generation
from searchsvc.index.store import GenerationStore
from searchsvc.messages import Message
from searchsvc.search.searcher import Searcher
from searchsvc.search.synonym_file import SynonymFile

# Seconds. A generation that is replaced sooner is not worth prewarming: articles are being added one by one.
_PREWARM_DELAY = 1.0

_log = logging.getLogger(__name__)


class SearchService:
    """Follows the index of one archive. One for each process; thread-safe.

    With `prewarm`, each new generation is prewarmed in the background, and `on_prewarmed` is called afterwards.
    """

    def __init__(
        self, settings: Settings, *, prewarm: bool = False, on_prewarmed: Callable[[], object] | None = None
    ) -> None:
        self.settings = settings
        self.store = GenerationStore(settings.index)
        self._synonyms = SynonymFile(settings.synonyms_file)
        self.on_prewarmed = on_prewarmed
        self._prewarms = prewarm
        self._lock = threading.Lock()
        self._version: tuple[int, int] | None = None
        self._current: Searcher | None = None
        self._problem = ""

    def acquire(self) -> Searcher:
        """Return a searcher of the live generation, opening it first if it is new. Raise NoIndexError if there is none.

        Acquire one searcher for each request and keep it: everything that it answers comes from one generation.
        """
        try:
            version = self.store.version()
            self._problem = ""
        except NoIndexError as error:
            return self._current_despite(error)
        current = self._current
        if current is None or version != self._version:
            with self._lock:
                if self._current is None or version != self._version:
                    self._refresh(version)
                current = self._current
        if current is None:
            raise NoIndexError(
                f"there is no index in {self.settings.index} yet: run `searchsvc reindex` to build one from "
                f"{self.settings.corpus}",
                public=Message("there is no index yet: run `searchsvc reindex` to build one"),
            )
        return current

    def rollback(self) -> Generation:
        """Make the last undamaged generation before the live one live again. Raise UserError if there is none."""
        with self.store.write_lock():
            generation = self.store.rollback()
            backend = backend_for(generation.info().engine, self.settings)
            backend.on_publish(generation.engine, [each.engine for each in self.store.generations()])
        return generation

    def _current_despite(self, error: NoIndexError) -> Searcher:
        """Return the current searcher although the index folder cannot be read. Raise the error if there is none."""
        if self._current is None:
            raise error
        if str(error) != self._problem:
            self._problem = str(error)
            _log.error("%s; still serving %s", error, self._current.generation.name)
        return self._current

    def _refresh(self, version: tuple[int, int] | None) -> None:
        """Open the live generation. If it cannot be opened, keep the current searcher."""
        try:
            generation = self.store.live()
            opened = self.open(generation) if generation is not None else None
        except SearchsvcError:
            if self._current is None:
                raise
            _log.exception("the new generation cannot be opened; still serving %s", self._current.generation.name)
            opened = self._current
        before, self._current, self._version = self._current, opened, version
        if self._prewarms and opened is not None and opened is not before:
            timer = threading.Timer(_PREWARM_DELAY if before else 0, self._prewarm, [opened])
            timer.daemon = True
            timer.start()

    def open(self, generation: Generation) -> Searcher:
        """Return a searcher of a generation, live or not. Raise NoIndexError if this version cannot read it."""
        info = generation.info()
        backend = backend_for(info.engine, self.settings)
        if info.schema != backend.schema_version:
            raise NoIndexError(
                f"the index {generation.folder} was made by another version of searchsvc (schema {info.schema}; this one "
                f"reads {backend.schema_version}): run `searchsvc reindex` to rebuild it",
                public=OTHER_VERSION,
            )
        try:
            engine = backend.open(generation.engine, info.languages)
        except EngineError as error:
            raise NoIndexError(
                f"the index {generation.folder} cannot be opened ({error}): {RECOVERY_ADVICE}", public=DAMAGED
            ) from error
        return Searcher(generation, info, engine, self.settings.facets, self._synonyms)

    def _prewarm(self, searcher: Searcher) -> None:
        if self._current is not searcher:
            return
        try:
            searcher.prewarm()
        except SearchsvcError:  # requests that need the same data report the error
            _log.warning("%s cannot be prewarmed", searcher.generation.name, exc_info=True)
        if self.on_prewarmed is not None:
            self.on_prewarmed()
