"""The command `stats`: what the live generation has, and which messages of alerts cannot be delivered."""

import sqlite3
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, NamedTuple

import click

from searchsvc.alerts.reading import State, read_state
from searchsvc.api import serialize
from searchsvc.cli.output import counted, describe_skipped, describe_unindexed, failing_lines, print_json, printable
from searchsvc.config import Settings
from searchsvc.errors import RECOVERY_ADVICE, ServiceError
from searchsvc.model.skipped import SkippedFiles
from searchsvc.search import SearchService
from searchsvc.search.searcher import Searcher


class _Files(NamedTuple):
    """What the manifest of a generation says of the corpus."""

    number: int
    failures: list[tuple[str, str]]
    skipped: list[SkippedFiles]


def show(settings: Settings, *, as_json: bool) -> None:
    """Print a description of the live generation."""
    service = SearchService(settings)
    searcher = service.acquire()
    files = _files(searcher)
    kept = [generation.name for generation in service.store.generations()]
    state = read_state(settings.index, settings.alerts)
    if as_json:
        print_json(_as_json(searcher, files, kept, state))
        return
    for line in _lines(searcher, files, kept, state):
        click.echo(printable(line))


def _files(searcher: Searcher) -> _Files:
    try:
        with searcher.generation.open_manifest() as manifest:
            return _Files(len(manifest.files()), list(manifest.failures()), list(manifest.skipped_files()))
    except sqlite3.Error as error:
        raise ServiceError(f"{searcher.generation.manifest} cannot be read ({error}): {RECOVERY_ADVICE}") from error


def _as_json(searcher: Searcher, files: _Files, kept: list[str], state: State) -> dict[str, Any]:
    info = searcher.info
    fields = {field: {"articles": articles, "values": values} for field, (articles, values) in info.fields.items()}
    details = {"languages": info.languages, "files": files.number, "generations": kept, "fields": fields}
    details |= {"unindexed_fields": info.unindexed_fields, "skipped_files": files.skipped}
    details["failures"] = [{"path": path, "reason": reason} for path, reason in files.failures]
    details["alerts"] = {"waiting": state.waiting, "failing": state.failing}
    return asdict(serialize.index(searcher.generation.name, info)) | details


def _lines(searcher: Searcher, files: _Files, kept: list[str], state: State) -> Iterator[str]:
    info = searcher.info
    archive = f"{counted(info.articles, 'article')} of {counted(files.number, 'file')}"
    yield f"{searcher.generation.name}: {archive}, {info.engine}, {', '.join(info.languages)}"
    yield f"created {info.created}; generations kept: {', '.join(kept)}"
    for field, (articles, values) in sorted(info.fields.items(), key=lambda item: -item[1][0]):
        yield f"  {field}: {counted(articles, 'article')}, about {counted(values, 'value')}"
    if info.unindexed_fields:
        yield describe_unindexed(info.unindexed_fields)
    yield from (f"not read: {path}: {reason}" for path, reason in files.failures)
    if files.skipped:
        yield describe_skipped(files.skipped)
    yield from failing_lines(state)
