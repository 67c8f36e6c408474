"""The commands search, stats, inspect, report and rollback."""

from collections.abc import Iterable
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import IO

import click

from searchsvc.api import serialize
from searchsvc.api.parameters import parse_question
from searchsvc.cli.output import field_lines, print_answer, print_json, print_queries, printable
from searchsvc.cli.query_log import query_report
from searchsvc.config import Settings
from searchsvc.errors import UserError
from searchsvc.index.manifest import Manifest
from searchsvc.search.service import SearchService


def search(settings: Settings, pairs: Iterable[tuple[str, str]], *, as_json: bool) -> None:
    """Print the answer to a search. Raise UserError for an invalid parameter."""
    searcher = SearchService(settings).acquire()
    answer = searcher.search(parse_question(pairs, searcher))
    if as_json:
        print_json(serialize.search_answer(answer))
    else:
        print_answer(answer)


def stats(settings: Settings, *, as_json: bool) -> None:
    """Print the articles, files, failures and fields of the live generation."""
    service = SearchService(settings)
    searcher = service.acquire()
    name, info = searcher.generation.name, searcher.info
    with Manifest(searcher.generation.manifest) as manifest:
        files, failures = len(manifest.files()), list(manifest.failures())
    kept = [generation.name for generation in service.store.generations()]
    if as_json:
        fields = {field: {"articles": articles, "values": values} for field, (articles, values) in info.fields.items()}
        details = {"language": info.language, "files": files, "generations": kept, "fields": fields}
        broken = [{"path": path, "reason": reason} for path, reason in failures]
        print_json({**asdict(serialize.index(name, info)), **details, "failures": broken})
        return
    click.echo(f"{name}: {info.articles:,} articles of {files:,} files, {info.engine}, {info.language}")
    click.echo(f"created {info.created}; generations kept: {', '.join(kept)}")
    for field, (articles, values) in sorted(info.fields.items(), key=lambda item: -item[1][0]):
        click.echo(f"  {field}: {articles:,} articles, about {values:,} values")
    for path, reason in failures:
        click.echo(printable(f"not read: {path}: {reason}"))


def inspect(settings: Settings, path: Path, limit: int, *, as_json: bool) -> None:
    """Print the fields extracted from a file. Raise UserError if it is missing or its format is not supported."""
    from searchsvc.corpus import SUFFIXES, ExtractedArticle, FieldMapper, FileReader, ReadFailure, is_readable

    if not path.is_file():
        raise UserError(f"{path} is not a file", param="path")
    if not is_readable(path.name):
        raise UserError(f"{path} has no supported suffix; supported are {', '.join(SUFFIXES)}", param="path")
    reader = FileReader(path, path.name, FieldMapper(settings.mapping))
    found = list(islice(reader.extracted(), limit))
    failures = [{"path": item.path, "reason": item.reason} for item in found if isinstance(item, ReadFailure)]
    articles = [serialize.provenance(item.article, item.provenance) for item in found if isinstance(item, ExtractedArticle)]
    if as_json:
        print_json({"articles": articles, "failures": failures})
        return
    for article in articles:
        click.echo("\n".join(map(printable, field_lines(article["fields"]))) + "\n")
    for failure in failures:
        click.echo(printable(f"{failure['path']}: {failure['reason']}"), err=True)


def queries(log: IO[bytes], top: int, *, as_json: bool) -> None:
    """Print a summary of the queries in an access log."""
    found = query_report(log, top)
    if as_json:
        print_json(asdict(found))
    else:
        print_queries(found)


def rollback(settings: Settings, *, as_json: bool) -> None:
    """Make an earlier generation live again and print its name. Raise UserError if there is none."""
    generation = SearchService(settings).rollback()
    if as_json:
        print_json({"generation": generation.name})
    else:
        click.echo(f"{generation.name} is live again")
