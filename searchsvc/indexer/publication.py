"""The last steps of every reindex: carry over times of changes, verify the draft, publish it, delete old generations."""

import datetime as dt
import logging
import sqlite3
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from time import time

from searchsvc.config import Settings
from searchsvc.corpus import READER_VERSION, installed_extras, reader_versions
from searchsvc.engines.protocol import Backend, Engine
from searchsvc.errors import NoIndexError, ServiceError
from searchsvc.index import MANIFEST_VERSION, Generation, GenerationInfo, GenerationStore, Manifest
from searchsvc.indexer.field_names import most_frequent
from searchsvc.model.languages import DEFAULT_LANGUAGE, language_of
from searchsvc.query.request import SearchRequest
from searchsvc.verify import check

_log = logging.getLogger(__name__)


def carry_over_updates(live: Generation | None, manifest: Manifest) -> None:
    """Record in a draft that was built anew when its articles changed since the live generation, unless that is damaged."""
    if live is not None:
        with suppress(NoIndexError, sqlite3.Error), live.open_manifest() as former:
            manifest.carry_over_updates(former.fingerprinted_updates(), int(time()))


def verify_draft(
    draft: Generation, manifest: Manifest, backend: Backend, settings: Settings, changed: Collection[str] = ()
) -> GenerationInfo:
    """Search a draft for some of its articles, and describe it. Raise ServiceError if an article is missing or garbled.

    `changed` are the ids of the articles that differ from the generation before, if they are few.
    """
    engine = backend.open(draft.engine, settings.language)
    articles = engine.count(SearchRequest())
    languages = archive_languages(engine, articles, backend.language_share, settings.language)
    engine = backend.open(draft.engine, languages)
    if problem := check(engine, manifest, languages, changed):
        raise ServiceError(
            f"nothing was published, because the new index is wrong ({problem}): try `searchsvc reindex --full`"
        )
    counts = manifest.fields()
    fields = most_frequent(counts)
    stats = engine.field_stats(fields)
    manifest.keep_fields({name: field.articles for name, field in stats.items()})
    return GenerationInfo(
        engine=backend.name,
        schema=backend.schema_version,
        reader=READER_VERSION,
        readers=reader_versions(),
        extras=installed_extras(),
        manifest=MANIFEST_VERSION,
        languages=languages,
        language=settings.language,
        mapping=settings.mapping,
        articles=articles,  # as many as the manifest has
        failures=sum(1 for _ in manifest.failures()),
        created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        fields={name: (field.articles, field.values) for name, field in stats.items()},
        unindexed_fields=len(counts) - len(fields),
    )


def archive_languages(engine: Engine, articles: int, share: float, chosen: tuple[str, ...]) -> tuple[str, ...]:
    """Return the languages by whose rules articles are searched, the most frequent first, at most those that are chosen.

    A language has its own rules if at least this share of the articles is in it.
    """
    facet = engine.facet(SearchRequest(), "language")
    of_language = Counter({language_of("", chosen): articles - sum(value.count for value in facet.values)})
    for value in facet.values:
        of_language[language_of(value.value, chosen)] += value.count
    least = max(1, share * articles)
    frequent = [language for language, number in sorted(of_language.items(), key=_by_frequency) if number >= least]
    return tuple(frequent) or chosen or (DEFAULT_LANGUAGE,)


def _by_frequency(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def delete_old_generations(store: GenerationStore, backend: Backend, keep: int) -> None:
    """Keep the newest `keep` generations, and tell the backend which are left. Log those that cannot be deleted."""
    try:
        store.prune(keep)
        live, kept = store.live(), [generation.engine for generation in store.generations()]
    except OSError as error:  # what was published is live, and the next reindex tries again
        _log.warning("old generations in %s cannot be deleted: %s", store.folder, error)
        return
    if live is not None:
        backend.on_publish(live.engine, kept)
