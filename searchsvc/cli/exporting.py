"""The command `export`: the articles that a search finds, written to a file or to standard output while they are read."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from secrets import token_hex
from shutil import copymode
from typing import IO, get_args

import click

from searchsvc.api import parse_question
from searchsvc.api.exports import export
from searchsvc.cli.output import counted, print_json, printable
from searchsvc.config import Settings
from searchsvc.errors import ServiceError, UserError
from searchsvc.model.article import ExportFormat
from searchsvc.search import SearchService

STDOUT = Path("-")


def run(settings: Settings, pairs: Iterable[tuple[str, str]], form: ExportFormat, output: Path, *, as_json: bool) -> None:
    """Write the articles that a search finds. Report their number, unless standard output has the articles."""
    given = list(pairs)
    searcher = SearchService(settings).acquire()
    question = parse_question(given, searcher)
    if "sort" not in dict(given):
        # By relevance, an export would end after 100,000 articles.
        question = replace(question, request=replace(question.request, sort="newest"))
    numbers = count()
    articles = (article for article, _ in zip(searcher.scan(question), numbers, strict=False))
    _write(export(articles, form, searcher.own_fields()), output)
    written = next(numbers)
    if output != STDOUT and as_json:
        print_json({"articles": written, "format": form, "output": str(output)})
    elif output != STDOUT:
        click.echo(printable(f"{counted(written, 'article')} written to {output}"))


def format_of(output: Path) -> ExportFormat:
    """Return the format that the suffix of a file names, or JSON Lines if it has none. Raise UserError for any other."""
    forms: tuple[ExportFormat, ...] = get_args(ExportFormat)
    for form in forms:
        if output.suffix.lower() in ("", f".{form}"):
            return form
    choices = ", ".join(forms)
    raise UserError(
        f"--output {output}: {output.suffix} is no format of exports: choose {choices} with --format", param="output"
    )


def _write(lines: Iterable[bytes], output: Path) -> None:
    """Write lines to standard output, or to a file, which is replaced when all of them are written."""
    if output == STDOUT:
        with click.open_file("-", "wb") as stream:
            stream.writelines(lines)
            stream.flush()
        return
    try:
        with _replacing(output) if output.is_file() or not output.exists() else output.open("wb") as stream:
            stream.writelines(lines)
    except OSError as error:
        raise ServiceError(f"{output} cannot be written: {error.strerror}") from error


@contextmanager
def _replacing(output: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file that replaces a file, with the same mode, unless writing it is broken off."""
    target = output.resolve()  # a link stays one
    draft = target.with_name(f".export-{token_hex(8)}")
    try:
        with draft.open("xb") as stream:
            yield stream
        if target.exists():
            copymode(target, draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
