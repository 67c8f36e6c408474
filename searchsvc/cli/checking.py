"""The command `check`: compares files with their checksums, and answers with a plain scan."""

import secrets
import sys
from dataclasses import asdict

import click

from searchsvc.api import serialize
from searchsvc.cli.output import counted, print_json, printable
from searchsvc.cli.progress import show_scan
from searchsvc.config import Settings
from searchsvc.index.store import GenerationStore
from searchsvc.search.service import SearchService
from searchsvc.search.synonym_file import synonym_problems
from searchsvc.verify import Audit, audit
from searchsvc.verify.checks import check_counts


def check(settings: Settings, queries: int, seed: int | None, *, as_json: bool) -> None:
    """Check the live generation, and compare random queries with a scan. Exit with 1 if anything is wrong."""
    service = SearchService(settings)
    _refuse_damaged(service.store, as_json)
    searcher = service.acquire()
    seed = secrets.randbelow(2**31) if seed is None else seed
    problems = list(filter(None, [check_counts(searcher.engine, searcher.generation, searcher.info)]))
    notes = synonym_problems(settings.synonyms_file)
    with show_scan(searcher.info.articles, quiet=as_json or not queries) as progress:
        found = audit(searcher.engine, searcher.info, queries, seed, progress) if queries else Audit()
    if as_json:
        generation = asdict(serialize.index(searcher.generation.name, searcher.info))
        print_json({**generation, "damaged": problems, "notes": notes, "seed": seed, **asdict(found)})
    else:
        files, articles = len(searcher.info.files), searcher.info.articles
        click.echo(f"{searcher.generation.name}: {counted(files, 'file')}, {counted(articles, 'article')}")
        for line in (*problems, *found.differences):
            click.echo(printable(line))
        if queries:
            were = "was truncated, as its notes say" if found.cut == 1 else "were truncated, as their notes say"
            cut = f"; {found.cut} more {were}" if found.cut else ""
            queries_compared = f"{found.compared:,} random {'query' if found.compared == 1 else 'queries'}"
            click.echo(f"{queries_compared} compared with a scan{cut} (seed {seed})")
            click.echo(f"{found.share_with_hits:.0%} of them found something")
        for note in notes:
            click.echo(printable(f"note: {note}"), err=True)
        click.echo("all files are intact")
    if problems or found.differences:
        sys.exit(1)


def _refuse_damaged(store: GenerationStore, as_json: bool) -> None:
    """Print the damaged files of the live generation and how to repair it, and exit with 1. Return if there are none."""
    live = store.live()
    if live is None or not (problems := list(live.verify_checksums())):
        return
    intact = store.earlier()
    if as_json:
        print_json({"generation": live.name, "damaged": problems, "whole": intact.name if intact else None})
        sys.exit(1)
    for line in problems:
        click.echo(printable(line))
    click.echo(f"{live.name} is damaged in {len(problems)} of its files")
    back = f"{intact.name} is intact: `searchsvc rollback` makes it live again; " if intact else ""
    click.echo(f"{back}`searchsvc reindex --full` builds a new one from the corpus")
    sys.exit(1)
